/**
 * Vectors: level-1 BLAS on dense and sparse operands, conversions, and the search for NaN.
 *
 * Reductions keep eight partial sums (four f64x2), element i in lane i mod 8, add them as
 * ((0,1) + (2,3)) + ((4,5) + (6,7)), then lane 0 + lane 1, then the tail of n mod 8 elements in
 * order. The order depends on n alone. No bounds checks anywhere: the caller validates.
 */
import { madd } from './fma';

function lanes(a: v128, b: v128, c: v128, d: v128): f64 {
  const s = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  return f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
}

/** Σ xᵢyᵢ. x, y: f64[n]. Partial sums as the head of the file says. */
export function dot(n: i32, x: usize, y: usize): f64 {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  const end = x + (usize(n) << 3);
  const blocks = x + (usize(n & ~7) << 3);
  while (x < blocks) {
    a = madd(v128.load(x), v128.load(y), a);
    b = madd(v128.load(x, 16), v128.load(y, 16), b);
    c = madd(v128.load(x, 32), v128.load(y, 32), c);
    d = madd(v128.load(x, 48), v128.load(y, 48), d);
    x += 64;
    y += 64;
  }
  let total = lanes(a, b, c, d);
  while (x < end) {
    total += load<f64>(x) * load<f64>(y);
    x += 8;
    y += 8;
  }
  return total;
}

/** y ← y + αx. x, y: f64[n]; the same vector is allowed, a partial overlap is not. */
export function axpy(n: i32, alpha: f64, x: usize, y: usize): void {
  const a = f64x2.splat(alpha);
  const end = x + (usize(n) << 3);
  const blocks = x + (usize(n & ~7) << 3);
  while (x < blocks) {
    v128.store(y, madd(a, v128.load(x), v128.load(y)));
    v128.store(y, madd(a, v128.load(x, 16), v128.load(y, 16)), 16);
    v128.store(y, madd(a, v128.load(x, 32), v128.load(y, 32)), 32);
    v128.store(y, madd(a, v128.load(x, 48), v128.load(y, 48)), 48);
    x += 64;
    y += 64;
  }
  while (x < end) {
    // Through a vector, so that an element's rounding does not depend on where it stands.
    const s = madd(a, v128.load64_zero(x), v128.load64_zero(y));
    store<f64>(y, f64x2.extract_lane(s, 0));
    x += 8;
    y += 8;
  }
}

/** x ← αx. x: f64[n]. */
export function scal(n: i32, alpha: f64, x: usize): void {
  const a = f64x2.splat(alpha);
  const end = x + (usize(n) << 3);
  const pairs = x + (usize(n & ~1) << 3);
  for (; x < pairs; x += 16) v128.store(x, f64x2.mul(a, v128.load(x)));
  if (x < end) store<f64>(x, alpha * load<f64>(x));
}

/** Σ |xᵢ|. x: f64[n]. */
export function asum(n: i32, x: usize): f64 {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  const end = x + (usize(n) << 3);
  const blocks = x + (usize(n & ~7) << 3);
  for (; x < blocks; x += 64) {
    a = f64x2.add(a, f64x2.abs(v128.load(x)));
    b = f64x2.add(b, f64x2.abs(v128.load(x, 16)));
    c = f64x2.add(c, f64x2.abs(v128.load(x, 32)));
    d = f64x2.add(d, f64x2.abs(v128.load(x, 48)));
  }
  let total = lanes(a, b, c, d);
  for (; x < end; x += 8) total += abs(load<f64>(x));
  return total;
}

/** Σ xᵢ. x: f64[n]. */
export function sum(n: i32, x: usize): f64 {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  const end = x + (usize(n) << 3);
  const blocks = x + (usize(n & ~7) << 3);
  for (; x < blocks; x += 64) {
    a = f64x2.add(a, v128.load(x));
    b = f64x2.add(b, v128.load(x, 16));
    c = f64x2.add(c, v128.load(x, 32));
    d = f64x2.add(d, v128.load(x, 48));
  }
  let total = lanes(a, b, c, d);
  for (; x < end; x += 8) total += load<f64>(x);
  return total;
}

/**
 * √Σ xᵢ². x: f64[n]. Where the squares overflow or all but vanish, a second pass scales by the
 * largest |xᵢ|, so vectors of 1e200 or 1e-200 keep their norm.
 */
export function nrm2(n: i32, x: usize): f64 {
  const squares = dot(n, x, x);
  // 1e-280: below it, squares that were flushed to subnormals cost precision. NaN fails both.
  if (squares != squares || (squares > 1e-280 && squares < Infinity)) return sqrt(squares);
  const end = x + (usize(n) << 3);
  let largest: f64 = 0;
  for (let p = x; p < end; p += 8) largest = max(largest, abs(load<f64>(p)));
  if (largest == 0 || largest == Infinity) return largest;
  let total: f64 = 0;
  for (let p = x; p < end; p += 8) {
    const v = load<f64>(p) / largest;
    total += v * v;
  }
  return largest * sqrt(total);
}

/**
 * Σ valuesₑ · y[indicesₑ], in entry order. indices: i32[nnz], values: f64[nnz]; y: f64 with every
 * index inside it.
 */
export function spdot(nnz: i32, indices: usize, values: usize, y: usize): f64 {
  let total: f64 = 0;
  const end = values + (usize(nnz) << 3);
  while (values < end) {
    total += load<f64>(values) * load<f64>(y + (usize(load<i32>(indices)) << 3));
    indices += 4;
    values += 8;
  }
  return total;
}

/** y[indicesₑ] ← y[indicesₑ] + α · valuesₑ, in entry order; an index may occur more than once. */
export function spaxpy(nnz: i32, alpha: f64, indices: usize, values: usize, y: usize): void {
  const end = values + (usize(nnz) << 3);
  while (values < end) {
    const at = y + (usize(load<i32>(indices)) << 3);
    store<f64>(at, load<f64>(at) + alpha * load<f64>(values));
    indices += 4;
    values += 8;
  }
}

/** dst ← src widened, exact. src: f32[n], dst: f64[n], apart. */
export function f32ToF64(n: i32, src: usize, dst: usize): void {
  const end = dst + (usize(n) << 3);
  const pairs = dst + (usize(n & ~1) << 3);
  while (dst < pairs) {
    v128.store(dst, f64x2.promote_low_f32x4(v128.load64_zero(src)));
    src += 8;
    dst += 16;
  }
  if (dst < end) store<f64>(dst, f64(load<f32>(src)));
}

/** dst ← src widened, exact. src: i32[n], dst: f64[n], apart. */
export function i32ToF64(n: i32, src: usize, dst: usize): void {
  const end = dst + (usize(n) << 3);
  const pairs = dst + (usize(n & ~1) << 3);
  while (dst < pairs) {
    v128.store(dst, f64x2.convert_low_i32x4_s(v128.load64_zero(src)));
    src += 8;
    dst += 16;
  }
  if (dst < end) store<f64>(dst, f64(load<i32>(src)));
}

/** dst ← src rounded to nearest, ties to even. src: f64[n], dst: f32[n]; dst may start at src. */
export function f64ToF32(n: i32, src: usize, dst: usize): void {
  const end = src + (usize(n) << 3);
  const pairs = src + (usize(n & ~1) << 3);
  while (src < pairs) {
    v128.store64_lane(dst, f32x4.demote_f64x2_zero(v128.load(src)), 0);
    src += 16;
    dst += 8;
  }
  if (src < end) store<f32>(dst, f32(load<f64>(src)));
}

/** The index of the first NaN or infinity of x: f64[n]; -1 when every element is finite. */
export function allFinite(n: i32, x: usize): i32 {
  const start = x;
  const end = x + (usize(n) << 3);
  const blocks = x + (usize(n & ~7) << 3);
  for (; x < blocks; x += 64) {
    // v - v is 0 for a finite v and NaN for any other; NaN survives the sums.
    const a = v128.load(x);
    const b = v128.load(x, 16);
    const c = v128.load(x, 32);
    const d = v128.load(x, 48);
    const s = f64x2.add(
      f64x2.add(f64x2.sub(a, a), f64x2.sub(b, b)),
      f64x2.add(f64x2.sub(c, c), f64x2.sub(d, d)),
    );
    if (v128.any_true(f64x2.ne(s, s))) break;
  }
  for (; x < end; x += 8) {
    const v = load<f64>(x);
    if (v - v != 0) return i32((x - start) >> 3);
  }
  return -1;
}

/** The index of the first NaN or infinity of x: f32[n]; -1 when every element is finite. */
export function allFiniteF32(n: i32, x: usize): i32 {
  const start = x;
  const end = x + (usize(n) << 2);
  const blocks = x + (usize(n & ~15) << 2);
  for (; x < blocks; x += 64) {
    const a = v128.load(x);
    const b = v128.load(x, 16);
    const c = v128.load(x, 32);
    const d = v128.load(x, 48);
    const s = f32x4.add(
      f32x4.add(f32x4.sub(a, a), f32x4.sub(b, b)),
      f32x4.add(f32x4.sub(c, c), f32x4.sub(d, d)),
    );
    if (v128.any_true(f32x4.ne(s, s))) break;
  }
  for (; x < end; x += 4) {
    const v = load<f32>(x);
    if (v - v != 0) return i32((x - start) >> 2);
  }
  return -1;
}
