/** Linear predictors of many rows: one call a batch, where `dot` is one call a row. */
import { dot, spdot } from './blas1';

/** margins[r] ← x[r]·w. x: f64 rows × d; w: f64[d]; margins: f64[rows]. No bounds check. */
export function denseMargins(rows: i32, d: i32, x: usize, w: usize, margins: usize): void {
  const stride = usize(d) << 3;
  for (let row = 0; row < rows; ++row) {
    store<f64>(margins, dot(d, x, w));
    x += stride;
    margins += 8;
  }
}

/**
 * margins[r] ← Σ w[idx]·v over the entries of row r. CSR: offsets i32[rows + 1] into indices i32
 * and values f64; w: f64 with every index inside it; margins: f64[rows]. No bounds check.
 */
export function sparseMargins(
  rows: i32,
  offsets: usize,
  indices: usize,
  values: usize,
  w: usize,
  margins: usize,
): void {
  let start = load<i32>(offsets);
  for (let row = 0; row < rows; ++row) {
    offsets += 4;
    const end = load<i32>(offsets);
    const entries = usize(start);
    store<f64>(margins, spdot(end - start, indices + (entries << 2), values + (entries << 3), w));
    start = end;
    margins += 8;
  }
}
