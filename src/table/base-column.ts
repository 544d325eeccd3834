/** What all columns have in common. The layouts extend it, one file each. */
import { InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { countZeros, getBit, sliceBits } from './bitmap.js';
import type { ColumnType } from './schema.js';

/**
 * A column: an immutable run of values of one type in Arrow's layout, some of which may be null.
 *
 * @typeParam T The JavaScript type of a value that is not null.
 */
export abstract class BaseColumn<T> implements Iterable<T | null> {
  /** The type's name in a schema. */
  abstract readonly type: ColumnType;
  /** Which class this is, for `switch`: two layouts may have one type. */
  abstract readonly layout: string;
  /** The number of rows. */
  readonly length: number;
  /** Bit `i` (Arrow's order, from bit 0) is set when row `i` has a value; `null`: all have one. */
  readonly validity: Uint8Array | null;
  #nullCount: number;

  protected constructor(length: number, validity: Uint8Array | null) {
    this.length = length;
    this.validity = validity;
    this.#nullCount = validity === null ? 0 : -1;
  }

  /** The number of rows that are null. Counted once, when it is first asked for. */
  get nullCount(): number {
    if (this.#nullCount < 0) this.#nullCount = countZeros(this.validity!, this.length);
    return this.#nullCount;
  }

  /** Tells whether row `i` is null. */
  isNull(i: number): boolean {
    return this.validity !== null && !getBit(this.validity, i);
  }

  /**
   * The value of row `i` as a JavaScript value, or null.
   *
   * Makes an object per call where the type is not a number; loops over many rows should read the
   * typed arrays of the layout.
   *
   * @throws {@link InvalidParamError} `ERR_GYRE_INVALID_PARAM` when there is no such row.
   */
  get(i: number): T | null {
    if (!Number.isInteger(i) || i < 0 || i >= this.length) {
      throw new InvalidParamError(
        `Column.get: the row must be an integer in [0, ${this.length}), got ${showValue(i)}.`,
        { details: { length: this.length, got: i } },
      );
    }
    return this.isNull(i) ? null : this.value(i);
  }

  /**
   * Rows `start` to `end` (as in `Array.prototype.slice`) over the same memory.
   *
   * Zero-copy but for bitmaps (validity, booleans) of a slice that does not start at a multiple of
   * eight rows: those are shifted into new memory.
   */
  slice(start = 0, end: number = this.length): this {
    const n = this.length;
    const first = Math.min(Math.max(start < 0 ? start + n : start, 0), n);
    const last = Math.min(Math.max(end < 0 ? end + n : end, first), n);
    return this.rows(first, last, this.validity && sliceBits(this.validity, first, last));
  }

  /** All values as JavaScript values, in row order, with null where there is none. */
  toArray(): (T | null)[] {
    return Array.from({ length: this.length }, (_, i) => (this.isNull(i) ? null : this.value(i)));
  }

  *[Symbol.iterator](): Iterator<T | null> {
    for (let i = 0; i < this.length; i++) yield this.isNull(i) ? null : this.value(i);
  }

  /** The value of a row that exists and is not null. */
  protected abstract value(i: number): T;

  /** The column of rows `start` to `end`, which are in range, with their validity. */
  protected abstract rows(start: number, end: number, validity: Uint8Array | null): this;
}
