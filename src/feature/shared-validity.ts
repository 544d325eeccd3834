/** Null in any of several columns. */
import { bitmapBytes } from '../table/bitmap.js';
import { uint8 } from '../table/buffers.js';
import type { Column } from '../table/column.js';

/** The rows that have a value in every column; null: all. */
export function sharedValidity(columns: readonly Column[]): Uint8Array | null {
  const bitmaps = columns.flatMap(({ validity }) => (validity === null ? [] : [validity]));
  const [first, ...others] = bitmaps;
  if (first === undefined || others.length === 0) return first ?? null;
  const shared = uint8(bitmapBytes(columns[0]!.length));
  for (let i = 0; i < shared.length; i++) {
    shared[i] = others.reduce((bits, other) => bits & other[i]!, first[i]!);
  }
  return shared;
}
