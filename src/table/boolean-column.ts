import { BaseColumn } from './base-column.js';
import { getBit, sliceBits } from './bitmap.js';

/** Booleans as a bitmap. */
export class BooleanColumn extends BaseColumn<boolean> {
  override readonly layout = 'boolean' as const;
  override readonly type = 'boolean' as const;
  /** Bit `i` (Arrow's order, from bit 0) is the value of row `i`. */
  readonly values: Uint8Array;

  /** Takes the bitmap as it is. Unchecked: use `Column.from`. */
  constructor(values: Uint8Array, length: number, validity: Uint8Array | null = null) {
    super(length, validity);
    this.values = values;
  }

  protected override value(i: number): boolean {
    return getBit(this.values, i);
  }

  protected override rows(start: number, end: number, validity: Uint8Array | null): this {
    return new BooleanColumn(sliceBits(this.values, start, end), end - start, validity) as this;
  }
}
