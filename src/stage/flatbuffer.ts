/**
 * Reading of FlatBuffers whose bytes nobody vouches for: every offset is followed inside the bytes
 * alone, and no vector is longer than what is left of them, so that loops over it end.
 *
 * ```text
 * root: u32 offset -> table: i32 back to its vtable | fields ...
 *                     vtable: u16 its bytes | u16 bytes of the table | u16 offset of field 0 | ...
 * vector: u32 length | elements ...          a field or element that is a table: u32 offset to it
 * ```
 *
 * @see https://flatbuffers.dev/internals/
 */
import { DataError } from '../core/errors.js';

/** Where the elements of a vector are. */
export interface FlatVector {
  readonly at: number;
  readonly length: number;
}

/**
 * A table of a flatbuffer. Fields are named by their number in the schema. Reads beyond the bytes
 * throw a `RangeError`.
 */
export class FlatTable {
  readonly #view: DataView;
  readonly #at: number;
  readonly #vtable: number;
  readonly #vtableBytes: number;

  /** @param at Where the offset to the table stands. */
  constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at + view.getUint32(at, true);
    this.#vtable = this.#at - view.getInt32(this.#at, true);
    this.#vtableBytes = view.getUint16(this.#vtable, true);
  }

  bool(field: number): boolean {
    return this.uint8(field) !== 0;
  }

  uint8(field: number, fallback = 0): number {
    const at = this.#find(field);
    return at === null ? fallback : this.#view.getUint8(at);
  }

  int16(field: number, fallback = 0): number {
    const at = this.#find(field);
    return at === null ? fallback : this.#view.getInt16(at, true);
  }

  int32(field: number, fallback = 0): number {
    const at = this.#find(field);
    return at === null ? fallback : this.#view.getInt32(at, true);
  }

  /** A 64-bit integer that counts something: at least 0, and exact as a number. */
  count(field: number): number {
    const at = this.#find(field);
    return at === null ? 0 : countAt(this.#view, at);
  }

  table(field: number): FlatTable | null {
    const at = this.#find(field);
    return at === null ? null : new FlatTable(this.#view, at);
  }

  /** Tables of a vector of such. */
  tables(field: number): FlatTable[] {
    const { at, length } = this.vector(field, 4);
    return Array.from({ length }, (_, i) => new FlatTable(this.#view, at + 4 * i));
  }

  /** A vector of elements of so many bytes; of none where the field is missing. */
  vector(field: number, elementBytes: number): FlatVector {
    const from = this.#find(field);
    if (from === null) return { at: 0, length: 0 };
    const start = from + this.#view.getUint32(from, true);
    const length = this.#view.getUint32(start, true);
    const at = start + 4;
    if (at + length * elementBytes > this.#view.byteLength) {
      throw new DataError(`A vector of ${length} elements does not fit into the file.`);
    }
    return { at, length };
  }

  string(field: number): string {
    const { at, length } = this.vector(field, 1);
    const { buffer, byteOffset } = this.#view;
    return Buffer.from(buffer as ArrayBuffer, byteOffset + at, length).toString();
  }

  #find(field: number): number | null {
    const slot = 4 + 2 * field;
    if (slot + 2 > this.#vtableBytes) return null;
    const offset = this.#view.getUint16(this.#vtable + slot, true);
    return offset === 0 ? null : this.#at + offset;
  }
}

/** {@link FlatTable.count} of the 64-bit integer at an address. */
export function countAt(view: DataView, at: number): number {
  const value = Number(view.getBigInt64(at, true));
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new DataError(`A count must be an integer >= 0, got ${value}.`);
}
