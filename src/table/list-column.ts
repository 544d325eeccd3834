import { BaseColumn } from './base-column.js';
import type { Column } from './column.js';
import type { ElementType, ListType } from './schema.js';

/** Lists of scalars or vectors, of any length; row `i` is rows `offsets[i]` to `offsets[i + 1]` of `child`. */
export class ListColumn extends BaseColumn<unknown[]> {
  override readonly layout = 'list' as const;
  override readonly type: ListType;
  /** `length + 1` entries; the first may be > 0 in a slice. */
  readonly offsets: Int32Array;
  /** The elements of all lists, end to end. */
  readonly child: Column;

  /** Takes the arrays as they are. Unchecked: use `Column.list`. */
  constructor(offsets: Int32Array, child: Column, validity: Uint8Array | null = null) {
    super(offsets.length - 1, validity);
    this.offsets = offsets;
    this.child = child;
    this.type = `${child.type as ElementType}[]`;
  }

  protected override value(i: number): unknown[] {
    return this.child.slice(this.offsets[i]!, this.offsets[i + 1]!).toArray();
  }

  protected override rows(start: number, end: number, validity: Uint8Array | null): this {
    return new ListColumn(this.offsets.subarray(start, end + 1), this.child, validity) as this;
  }
}
