import { BaseColumn } from './base-column.js';
import { float64 } from './buffers.js';

/** The arrays that a numeric column can stand on. */
export type NumericArray = Float64Array | Float32Array | Int32Array;

/** Numbers in one typed array: `float64`, `float32` or `int32`. */
export class NumericColumn<A extends NumericArray = NumericArray> extends BaseColumn<number> {
  override readonly layout = 'numeric' as const;
  override readonly type: 'float64' | 'float32' | 'int32';
  /** The values, one a row. What stands at a null row has no meaning (Gyre writes NaN or 0). */
  readonly values: A;

  /** Takes the array as it is. Unchecked: use `Column.from`. */
  constructor(values: A, validity: Uint8Array | null = null) {
    super(values.length, validity);
    this.values = values;
    this.type =
      values instanceof Float64Array
        ? 'float64'
        : values instanceof Float32Array
          ? 'float32'
          : 'int32';
  }

  /** All values as doubles, NaN for null: `values` itself when it is that already. */
  toFloat64(): Float64Array {
    if (this.values instanceof Float64Array && this.nullCount === 0) return this.values;
    const doubles = float64(this.length);
    doubles.set(this.values);
    if (this.nullCount > 0) {
      for (let i = 0; i < this.length; i++) if (this.isNull(i)) doubles[i] = Number.NaN;
    }
    return doubles;
  }

  protected override value(i: number): number {
    return this.values[i]!;
  }

  protected override rows(start: number, end: number, validity: Uint8Array | null): this {
    return new NumericColumn(this.values.subarray(start, end), validity) as this;
  }
}
