import { BaseColumn } from './base-column.js';
import { float64, words, wordsToNumber } from './buffers.js';

/** The unit of a timestamp column's integers. */
export type TimeUnit = 's' | 'ms' | 'us' | 'ns';

/** The units from coarse to fine; each is a thousand of the next. */
export const TIME_UNITS: readonly TimeUnit[] = ['s', 'ms', 'us', 'ns'];

const MS_PER_UNIT: Readonly<Record<TimeUnit, number>> = { s: 1e3, ms: 1, us: 1e-3, ns: 1e-6 };

/** Instants as 64-bit integers since the Unix epoch. Values are `Date`s, cut to milliseconds. */
export class TimestampColumn extends BaseColumn<Date> {
  override readonly layout = 'timestamp' as const;
  override readonly type = 'timestamp' as const;
  /** Units since the epoch, one a row. Reading one makes a bigint: see {@link epochMs}. */
  readonly values: BigInt64Array;
  readonly unit: TimeUnit;
  readonly #words: Int32Array;

  /** Takes the array as it is. Unchecked: use `Column.timestamp`. */
  constructor(values: BigInt64Array, unit: TimeUnit, validity: Uint8Array | null = null) {
    super(values.length, validity);
    this.values = values;
    this.unit = unit;
    this.#words = words(values);
  }

  /**
   * Row `i` in milliseconds since the epoch, with a fraction where the unit is finer; makes no
   * object. Null rows are not looked at. Exact to the unit, but for `ns`: to half a microsecond.
   */
  epochMs(i: number): number {
    const value = wordsToNumber(this.#words, i);
    // A division by 1000 is exact where a product with 0.001 is not.
    if (this.unit === 'us') return value / 1e3;
    if (this.unit === 'ns') return value / 1e6;
    return value * MS_PER_UNIT[this.unit];
  }

  /** All rows by {@link epochMs}, NaN for null. */
  toEpochMs(): Float64Array {
    const ms = float64(this.length);
    for (let i = 0; i < ms.length; i++) ms[i] = this.isNull(i) ? Number.NaN : this.epochMs(i);
    return ms;
  }

  protected override value(i: number): Date {
    const { unit } = this;
    if (unit === 's' || unit === 'ms') return new Date(this.epochMs(i));
    const units = this.values[i]!;
    const perMs = unit === 'us' ? 1000n : 1000000n;
    const cut = units / perMs - (units < 0n && units % perMs !== 0n ? 1n : 0n);
    return new Date(Number(cut));
  }

  protected override rows(start: number, end: number, validity: Uint8Array | null): this {
    return new TimestampColumn(this.values.subarray(start, end), this.unit, validity) as this;
  }
}
