import { BaseColumn } from './base-column.js';
import { SparseVector } from './vector.js';

/**
 * Sparse vectors of one size, as compressed sparse rows.
 *
 * ```text
 * offsets  | o0 | o1 | o2 |               n + 1 entries, o0 may be > 0 in a slice
 * indices  ....[ row 0 )[ row 1 )....     ascending within a row
 * values   ....[ row 0 )[ row 1 )....
 * ```
 */
export class SparseVectorColumn extends BaseColumn<SparseVector> {
  override readonly layout = 'sparse' as const;
  override readonly type = 'sparseVector' as const;
  /** The size of each vector. */
  readonly size: number;
  /** Row `i` is entries `offsets[i]` to `offsets[i + 1]` of `indices` and `values`. */
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float64Array;

  /** Takes the arrays as they are. Unchecked: use `Column.sparse`. */
  constructor(
    size: number,
    offsets: Int32Array,
    indices: Int32Array,
    values: Float64Array,
    validity: Uint8Array | null = null,
  ) {
    super(offsets.length - 1, validity);
    this.size = size;
    this.offsets = offsets;
    this.indices = indices;
    this.values = values;
  }

  /** A view of the column's memory. */
  protected override value(i: number): SparseVector {
    const [start, end] = [this.offsets[i]!, this.offsets[i + 1]!];
    return new SparseVector(
      this.size,
      this.indices.subarray(start, end),
      this.values.subarray(start, end),
    );
  }

  protected override rows(start: number, end: number, validity: Uint8Array | null): this {
    const offsets = this.offsets.subarray(start, end + 1);
    return new SparseVectorColumn(this.size, offsets, this.indices, this.values, validity) as this;
  }
}
