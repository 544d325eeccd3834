/** Checks of the arrays that a user makes columns of; one pass over each. */
import { DataError, DimensionMismatchError, InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { bitmapBytes, clearBit, filledBitmap, getBit } from './bitmap.js';
import { float64, int32, uint8 } from './buffers.js';
import { SparseVector } from './vector.js';

/** Offsets never fall and stay within the `limit` entries that they point into. */
export function checkOffsets(who: string, offsets: Int32Array, limit: number, what: string): void {
  if (!(offsets instanceof Int32Array) || offsets.length === 0) {
    throw new InvalidParamError(
      `${who}: offsets must be an Int32Array of one entry more than there are rows, got ${showValue(offsets)}.`,
    );
  }
  let last = 0;
  for (let i = 0; i < offsets.length; i++) {
    const offset = offsets[i]!;
    if (offset < last || offset > limit) {
      throw new DataError(
        `${who}: offsets must rise from 0 to at most ${limit}, the number of ${what}; offset ${i} is ${offset} after ${last}.`,
        { details: { who, index: i, got: offset, before: last, limit } },
      );
    }
    last = offset;
  }
}

/** A validity bitmap has a bit for every row. */
export function checkValidity(who: string, rows: number, validity: Uint8Array | null): void {
  if (validity === null || validity.length >= bitmapBytes(rows)) return;
  throw new DimensionMismatchError(
    `${who}: the validity of ${rows} rows needs ${bitmapBytes(rows)} bytes, got ${validity.length}.`,
    { details: { who, rows, got: validity.length, expected: bitmapBytes(rows) } },
  );
}

/**
 * Checks the codes of the rows that are not null, and returns the validity: the one given, or a
 * new one when there are codes of -1.
 */
export function markMissingCodes(
  codes: Int32Array,
  labels: number,
  given: Uint8Array | null,
): Uint8Array | null {
  let validity = given;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (code >= 0 && code < labels) continue;
    if (given !== null && !getBit(given, i)) continue;
    if (code !== -1) {
      throw new DataError(
        `Column.dictionary: codes must be in [0, ${labels}), or -1 for null; row ${i} is ${code}.`,
        { details: { row: i, got: code, labels } },
      );
    }
    // A bitmap that was given is the user's: it is copied before it changes.
    if (validity === given) validity = given === null ? filledBitmap(codes.length) : copyOf(given);
    clearBit(validity!, i);
  }
  return validity;
}

function copyOf(bits: Uint8Array): Uint8Array {
  const copy = uint8(bits.length);
  copy.set(bits);
  return copy;
}

/**
 * Checks every row as {@link SparseVector} does, and returns the arrays: those given, or sorted
 * copies when the indices of some row do not ascend.
 */
export function sortSparseRows(
  size: number,
  offsets: Int32Array,
  indices: Int32Array,
  values: Float64Array,
): { indices: Int32Array; values: Float64Array } {
  let sorted = { indices, values };
  // The size is checked here even when there are no rows.
  new SparseVector(size, new Int32Array(0), new Float64Array(0));
  for (let i = 0; i + 1 < offsets.length; i++) {
    const [start, end] = [offsets[i]!, offsets[i + 1]!];
    if (ascendsWithin(size, indices, start, end)) continue;
    const row = rowVector(i, size, indices.subarray(start, end), values.subarray(start, end));
    if (sorted.indices === indices) {
      sorted = { indices: int32(indices.length), values: float64(values.length) };
      sorted.indices.set(indices);
      sorted.values.set(values);
    }
    sorted.indices.set(row.indices, start);
    sorted.values.set(row.values, start);
  }
  return sorted;
}

function ascendsWithin(size: number, indices: Int32Array, start: number, end: number): boolean {
  let last = -1;
  for (let k = start; k < end; k++) {
    const index = indices[k]!;
    if (index <= last || index >= size) return false;
    last = index;
  }
  return true;
}

function rowVector(
  row: number,
  size: number,
  indices: Int32Array,
  values: Float64Array,
): SparseVector {
  try {
    return new SparseVector(size, indices, values);
  } catch (cause) {
    throw new DataError(`Column.sparse: row ${row}: ${(cause as Error).message}`, {
      details: { row },
      cause,
    });
  }
}
