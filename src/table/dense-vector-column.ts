import { BaseColumn } from './base-column.js';
import { DenseVector } from './vector.js';

/** Dense vectors of one dimension: a row-major matrix of `length × dim`. */
export class DenseVectorColumn extends BaseColumn<DenseVector> {
  override readonly layout = 'dense' as const;
  override readonly type = 'vector' as const;
  /** Entry `j` of row `i` is `values[i * dim + j]`. */
  readonly values: Float64Array | Float32Array;
  /** The number of entries of each vector. */
  readonly dim: number;

  /** Takes the array as it is. Unchecked: use `Column.dense`. */
  constructor(
    values: Float64Array | Float32Array,
    dim: number,
    length: number,
    validity: Uint8Array | null = null,
  ) {
    super(length, validity);
    this.values = values;
    this.dim = dim;
  }

  /** A view of the column's memory, or a copy where that is of 32-bit floats. */
  protected override value(i: number): DenseVector {
    const { values, dim } = this;
    const row = values.length === dim ? values : values.subarray(i * dim, (i + 1) * dim);
    return new DenseVector(row instanceof Float64Array ? row : Float64Array.from(row));
  }

  protected override rows(start: number, end: number, validity: Uint8Array | null): this {
    const rows = this.values.subarray(start * this.dim, end * this.dim);
    return new DenseVectorColumn(rows, this.dim, end - start, validity) as this;
  }
}
