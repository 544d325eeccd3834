import { int32 } from '../table/buffers.js';

/** Offsets of `rows` lists of one size. */
export function evenOffsets(rows: number, size: number): Int32Array {
  const offsets = int32(rows + 1);
  for (let i = 1; i <= rows; i++) offsets[i] = i * size;
  return offsets;
}
