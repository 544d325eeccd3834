/** Plain references of assembly/margins.ts. */
import { dot, spdot } from './blas1.js';

export function denseMargins(
  rows: number,
  d: number,
  x: Float64Array,
  w: Float64Array,
  margins: Float64Array,
): void {
  for (let row = 0; row < rows; row++) margins[row] = dot(d, x.subarray(row * d), w);
}

export function sparseMargins(
  rows: number,
  offsets: Int32Array,
  indices: Int32Array,
  values: Float64Array,
  w: Float64Array,
  margins: Float64Array,
): void {
  for (let row = 0; row < rows; row++) {
    const [start, end] = [offsets[row]!, offsets[row + 1]!];
    margins[row] = spdot(end - start, indices.subarray(start), values.subarray(start), w);
  }
}
