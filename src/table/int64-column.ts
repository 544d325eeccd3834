import { BaseColumn } from './base-column.js';
import { float64, words, wordsToNumber } from './buffers.js';

/** 64-bit integers. */
export class Int64Column extends BaseColumn<number | bigint> {
  override readonly layout = 'int64' as const;
  override readonly type = 'int64' as const;
  /** The values, one a row. Reading one makes a bigint: see {@link toFloat64}. */
  readonly values: BigInt64Array;
  #words: Int32Array | undefined;

  /** Takes the array as it is. Unchecked: use `Column.from`. */
  constructor(values: BigInt64Array, validity: Uint8Array | null = null) {
    super(values.length, validity);
    this.values = values;
  }

  /** All values as doubles, NaN for null; beyond 2^53 they are rounded. No bigint is made. */
  toFloat64(): Float64Array {
    const doubles = float64(this.length);
    const halves = this.#halves;
    for (let i = 0; i < doubles.length; i++) doubles[i] = wordsToNumber(halves, i);
    if (this.nullCount > 0) {
      for (let i = 0; i < this.length; i++) if (this.isNull(i)) doubles[i] = Number.NaN;
    }
    return doubles;
  }

  /** A number when it is exact, else a bigint. */
  protected override value(i: number): number | bigint {
    // A view of the halves is worth it for many rows, not for the one of a request.
    const number = this.length === 1 ? Number(this.values[i]) : wordsToNumber(this.#halves, i);
    return Number.isSafeInteger(number) ? number : this.values[i]!;
  }

  protected override rows(start: number, end: number, validity: Uint8Array | null): this {
    return new Int64Column(this.values.subarray(start, end), validity) as this;
  }

  get #halves(): Int32Array {
    this.#words ??= words(this.values);
    return this.#words;
  }
}
