/**
 * Rows divided by their norm: dense rows of a matrix, or the stored entries of sparse ones. A row
 * whose norm is 0 stays as it is; NaN makes its row NaN. No bounds checks: the caller validates.
 */
import { asum, nrm2 } from './blas1';

/** 2⁻⁶⁴ and 2⁶⁰⁰: scaling by them is exact, and no norm of 2³¹ entries is at the ends after it. */
const SMALLER: f64 = reinterpret<f64>(u64(1023 - 64) << 52);
const LARGER: f64 = reinterpret<f64>(u64(1023 + 600) << 52);
/** 2⁻⁹⁶⁰: norms below it may be subnormal numbers, of few digits. */
const SMALLEST: f64 = reinterpret<f64>(u64(1023 - 960) << 52);

/** max |xᵢ|, 0 of none; NaN where there is one. x: f64[n]. */
function amax(n: i32, x: usize): f64 {
  let largest = f64x2.splat(0);
  const end = x + (usize(n) << 3);
  const pairs = x + (usize(n & ~1) << 3);
  for (; x < pairs; x += 16) largest = f64x2.max(largest, f64x2.abs(v128.load(x)));
  const all = max(f64x2.extract_lane(largest, 0), f64x2.extract_lane(largest, 1));
  return x < end ? max(all, abs(load<f64>(x))) : all;
}

function norm(n: i32, p: f64, x: usize): f64 {
  if (p == 1) return asum(n, x);
  return p == 2 ? nrm2(n, x) : amax(n, x);
}

function normalize(n: i32, p: f64, x: usize, out: usize): void {
  let by = norm(n, p, x);
  const end = x + (usize(n) << 3);
  const pairs = x + (usize(n & ~1) << 3);
  if ((by == Infinity && amax(n, x) < Infinity) || (by > 0 && by < SMALLEST)) {
    const scale = by == Infinity ? SMALLER : LARGER;
    let to = out;
    for (let from = x; from < end; from += 8) {
      store<f64>(to, load<f64>(from) * scale);
      to += 8;
    }
    by = norm(n, p, out);
    const divisor = f64x2.splat(by);
    for (; x < end; x += 8) {
      v128.store64_lane(out, f64x2.div(v128.load64_zero(out), divisor), 0);
      out += 8;
    }
    return;
  }
  // 0 / 0 is not what a vector of zeros becomes.
  const divisor = f64x2.splat(by == 0 ? 1 : by);
  for (; x < pairs; x += 16) {
    v128.store(out, f64x2.div(v128.load(x), divisor));
    out += 16;
  }
  if (x < end) v128.store64_lane(out, f64x2.div(v128.load64_zero(x), divisor), 0);
}

/**
 * out[i] ← x[i] / ‖x[i]‖ₚ. x, out: f64 n × d, not overlapping; p: 1, 2 or Infinity.
 */
export function normalizeRows(n: i32, d: i32, p: f64, x: usize, out: usize): void {
  const stride = usize(d) << 3;
  for (let row = 0; row < n; ++row) {
    normalize(d, p, x, out);
    x += stride;
    out += stride;
  }
}

/**
 * {@link normalizeRows} of sparse rows. offsets: i32[n + 1], from 0; values, out: f64 of all stored
 * entries, not overlapping.
 */
export function normalizeSparse(n: i32, offsets: usize, p: f64, values: usize, out: usize): void {
  for (let row = 0; row < n; ++row) {
    const start = load<i32>(offsets);
    const entries = load<i32>(offsets, 4) - start;
    const at = usize(start) << 3;
    normalize(entries, p, values + at, out + at);
    offsets += 4;
  }
}
