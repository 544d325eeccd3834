/**
 * Column statistics and scaling of row-major matrices and of sparse entries. One pass over the
 * data, four rows at a time; outputs are added to, so that a caller may go on with the next block
 * of rows. No bounds checks: the caller validates.
 */
import { madd } from './fma';
import { touch } from './touch';

/**
 * sums[t] += Σᵢ (x[i][t] - shift[t]) and squares[t] += Σᵢ (x[i][t] - shift[t])². x: f64 n × d;
 * shift, sums, squares: f64[d]. With a shift near the mean (the first row will do), the variance
 * (squares - sums²/n)/(n - 1) does not cancel. Groups of four rows are added as (0 + 1) + (2 + 3),
 * then to the output. NaN makes its column NaN.
 */
export function columnMoments(
  n: i32,
  d: i32,
  x: usize,
  shift: usize,
  sums: usize,
  squares: usize,
): void {
  const stride = usize(d) << 3;
  const pairs = usize(d & ~1) << 3;
  let row = 0;
  for (; row + 4 <= n; row += 4) {
    const x1 = x + stride;
    const x2 = x1 + stride;
    const x3 = x2 + stride;
    if (d >= 16) touch(x, x3 + stride, sums + stride - 8);
    for (let t: usize = 0; t < pairs; t += 16) {
      const s = v128.load(shift + t);
      const a = f64x2.sub(v128.load(x + t), s);
      const b = f64x2.sub(v128.load(x1 + t), s);
      const c = f64x2.sub(v128.load(x2 + t), s);
      const e = f64x2.sub(v128.load(x3 + t), s);
      const sum = f64x2.add(f64x2.add(a, b), f64x2.add(c, e));
      const square = f64x2.add(madd(b, b, f64x2.mul(a, a)), madd(e, e, f64x2.mul(c, c)));
      v128.store(sums + t, f64x2.add(v128.load(sums + t), sum));
      v128.store(squares + t, f64x2.add(v128.load(squares + t), square));
    }
    if (pairs < stride) {
      const t = pairs;
      const s = v128.load64_zero(shift + t);
      const a = f64x2.sub(v128.load64_zero(x + t), s);
      const b = f64x2.sub(v128.load64_zero(x1 + t), s);
      const c = f64x2.sub(v128.load64_zero(x2 + t), s);
      const e = f64x2.sub(v128.load64_zero(x3 + t), s);
      const sum = f64x2.add(f64x2.add(a, b), f64x2.add(c, e));
      const square = f64x2.add(madd(b, b, f64x2.mul(a, a)), madd(e, e, f64x2.mul(c, c)));
      v128.store64_lane(sums + t, f64x2.add(v128.load64_zero(sums + t), sum), 0);
      v128.store64_lane(squares + t, f64x2.add(v128.load64_zero(squares + t), square), 0);
    }
    x += stride << 2;
  }
  for (; row < n; ++row) {
    for (let t: usize = 0; t < stride; t += 8) {
      const a = f64x2.sub(v128.load64_zero(x + t), v128.load64_zero(shift + t));
      const q = v128.load64_zero(squares + t);
      store<f64>(sums + t, load<f64>(sums + t) + f64x2.extract_lane(a, 0));
      v128.store64_lane(squares + t, f64x2.add(q, f64x2.mul(a, a)), 0);
    }
    x += stride;
  }
}

/**
 * min[t] ← min(min[t], x[i][t]) and max likewise, over all rows. x: f64 n × d; min, max: f64[d],
 * set to Infinity and -Infinity before the first block. NaN is passed over: a column of nothing but
 * NaN keeps what it had. Of -0 and 0 the one met first stays. Returns whether there was any NaN.
 */
export function columnMinMax(n: i32, d: i32, x: usize, min: usize, max: usize): i32 {
  const stride = usize(d) << 3;
  const pairs = usize(d & ~1) << 3;
  let nan = i64x2.splat(0);
  let row = 0;
  for (; row + 4 <= n; row += 4) {
    const x1 = x + stride;
    const x2 = x1 + stride;
    const x3 = x2 + stride;
    if (d >= 16) touch(x, x3 + stride, min + stride - 8);
    for (let t: usize = 0; t < pairs; t += 16) {
      const a = v128.load(x + t);
      const b = v128.load(x1 + t);
      const c = v128.load(x2 + t);
      const e = v128.load(x3 + t);
      nan = v128.or(nan, v128.or(f64x2.ne(a, a), f64x2.ne(b, b)));
      nan = v128.or(nan, v128.or(f64x2.ne(c, c), f64x2.ne(e, e)));
      // pmin(m, v) is v < m ? v : m, one instruction, and keeps m where v is NaN.
      let low = f64x2.pmin(v128.load(min + t), a);
      let high = f64x2.pmax(v128.load(max + t), a);
      low = f64x2.pmin(low, b);
      high = f64x2.pmax(high, b);
      low = f64x2.pmin(low, c);
      high = f64x2.pmax(high, c);
      v128.store(min + t, f64x2.pmin(low, e));
      v128.store(max + t, f64x2.pmax(high, e));
    }
    if (pairs < stride) {
      let alone = columnStep(x + pairs, min + pairs, max + pairs);
      alone |= columnStep(x1 + pairs, min + pairs, max + pairs);
      alone |= columnStep(x2 + pairs, min + pairs, max + pairs);
      alone |= columnStep(x3 + pairs, min + pairs, max + pairs);
      nan = v128.or(nan, i64x2.splat(i64(alone)));
    }
    x += stride << 2;
  }
  for (; row < n; ++row) {
    for (let t: usize = 0; t < stride; t += 8) {
      nan = v128.or(nan, i64x2.splat(i64(columnStep(x + t, min + t, max + t))));
    }
    x += stride;
  }
  return i32(v128.any_true(nan));
}

/** One value; whether it is NaN. */
function columnStep(x: usize, min: usize, max: usize): i32 {
  const v = load<f64>(x);
  if (v < load<f64>(min)) store<f64>(min, v);
  if (v > load<f64>(max)) store<f64>(max, v);
  return i32(v != v);
}

/**
 * max[t] ← max(max[t], |x[i][t]|) over all rows. x: f64 n × d; max: f64[d], none below 0. NaN makes
 * its column NaN: the bits of what is not negative are in the order of the numbers, NaN above all.
 */
export function columnMaxAbs(n: i32, d: i32, x: usize, max: usize): void {
  const stride = usize(d) << 3;
  const pairs = usize(d & ~1) << 3;
  let row = 0;
  for (; row + 4 <= n; row += 4) {
    const x1 = x + stride;
    const x2 = x1 + stride;
    const x3 = x2 + stride;
    if (d >= 16) touch(x, x3 + stride, max + stride - 8);
    for (let t: usize = 0; t < pairs; t += 16) {
      const ab = larger(f64x2.abs(v128.load(x + t)), f64x2.abs(v128.load(x1 + t)));
      const ce = larger(f64x2.abs(v128.load(x2 + t)), f64x2.abs(v128.load(x3 + t)));
      v128.store(max + t, larger(v128.load(max + t), larger(ab, ce)));
    }
    if (pairs < stride) {
      maxAbsStep(x + pairs, max + pairs);
      maxAbsStep(x1 + pairs, max + pairs);
      maxAbsStep(x2 + pairs, max + pairs);
      maxAbsStep(x3 + pairs, max + pairs);
    }
    x += stride << 2;
  }
  for (; row < n; ++row) {
    for (let t: usize = 0; t < stride; t += 8) maxAbsStep(x + t, max + t);
    x += stride;
  }
}

function larger(a: v128, b: v128): v128 {
  return v128.bitselect(a, b, i64x2.gt_s(a, b));
}

function maxAbsStep(x: usize, max: usize): void {
  const bits = load<i64>(x) & 0x7fffffffffffffff;
  if (bits > load<i64>(max)) store<i64>(max, bits);
}

/**
 * out[i][t] ← (x[i][t] - shift[t]) · scale[t]. x, out: f64 n × d, may be the same; shift, scale:
 * f64[d], or 0 for none. NaN stays NaN.
 */
export function scaleRows(
  n: i32,
  d: i32,
  x: usize,
  shift: usize,
  scale: usize,
  out: usize,
): void {
  const stride = usize(d) << 3;
  const pairs = usize(d & ~1) << 3;
  if (!shift && !scale) {
    memory.copy(out, x, usize(n) * stride);
    return;
  }
  if (d == 1) {
    // One column is one run: without this, a row is one trip through the scalar tail.
    const s = f64x2.splat(shift ? load<f64>(shift) : 0);
    const m = f64x2.splat(scale ? load<f64>(scale) : 1);
    const end = x + (usize(n & ~1) << 3);
    for (; x < end; x += 16) {
      v128.store(out, f64x2.mul(f64x2.sub(v128.load(x), s), m));
      out += 16;
    }
    n &= 1;
  }
  for (let row = 0; row < n; ++row) {
    if (shift && scale) {
      for (let t: usize = 0; t < pairs; t += 16) {
        const v = f64x2.sub(v128.load(x + t), v128.load(shift + t));
        v128.store(out + t, f64x2.mul(v, v128.load(scale + t)));
      }
    } else if (shift) {
      for (let t: usize = 0; t < pairs; t += 16) {
        v128.store(out + t, f64x2.sub(v128.load(x + t), v128.load(shift + t)));
      }
    } else {
      for (let t: usize = 0; t < pairs; t += 16) {
        v128.store(out + t, f64x2.mul(v128.load(x + t), v128.load(scale + t)));
      }
    }
    if (pairs < stride) {
      let v = load<f64>(x + pairs);
      if (shift) v -= load<f64>(shift + pairs);
      if (scale) v *= load<f64>(scale + pairs);
      store<f64>(out + pairs, v);
    }
    x += stride;
    out += stride;
  }
}

/**
 * out[i][t] ← x[i][t] · scale[t] + offset[t], rounded twice in both builds, so that what cancels
 * does so exactly. x, out: f64 n × d, may be the same; scale, offset: f64[d]. NaN stays NaN.
 */
export function affineRows(
  n: i32,
  d: i32,
  x: usize,
  scale: usize,
  offset: usize,
  out: usize,
): void {
  const stride = usize(d) << 3;
  const pairs = usize(d & ~1) << 3;
  if (d == 1) {
    const m = v128.load64_splat(scale);
    const b = v128.load64_splat(offset);
    const end = x + (usize(n & ~1) << 3);
    for (; x < end; x += 16) {
      v128.store(out, f64x2.add(f64x2.mul(v128.load(x), m), b));
      out += 16;
    }
    n &= 1;
  }
  for (let row = 0; row < n; ++row) {
    for (let t: usize = 0; t < pairs; t += 16) {
      const v = f64x2.mul(v128.load(x + t), v128.load(scale + t));
      v128.store(out + t, f64x2.add(v, v128.load(offset + t)));
    }
    if (pairs < stride) {
      store<f64>(
        out + pairs,
        load<f64>(x + pairs) * load<f64>(scale + pairs) + load<f64>(offset + pairs),
      );
    }
    x += stride;
    out += stride;
  }
}

/**
 * Moments of the stored entries of sparse columns. moments: f64[4] a column, zeros at first:
 *
 *     [ shift | count | Σ(v - shift) | Σ(v - shift)² ]
 *
 * The shift of a column is its first value, so nothing cancels. What is not stored is 0 and needs
 * no pass: of n rows with c entries of mean m = shift + sum/c, the squares about the column's mean
 * m·c/n are (squares - sum²/c) + m²·c·(n - c)/n, a sum of terms that are not negative (Chan, Golub
 * and LeVeque 1983). indices: i32[nnz] columns; values: f64[nnz]. NaN makes its column NaN.
 */
export function sparseMoments(nnz: i32, indices: usize, values: usize, moments: usize): void {
  const end = values + (usize(nnz) << 3);
  while (values < end) {
    const at = moments + (usize(load<i32>(indices)) << 5);
    const v = load<f64>(values);
    const count = load<f64>(at, 8);
    const shift = count == 0 ? v : load<f64>(at);
    const by = v - shift;
    store<f64>(at, shift);
    store<f64>(at, count + 1, 8);
    v128.store(at, f64x2.add(v128.load(at, 16), f64x2(by, by * by)), 16);
    indices += 4;
    values += 8;
  }
}

/**
 * out[e] ← values[e] · scale[indices[e]]. indices: i32[nnz]; values, out: f64[nnz], may be the
 * same; scale: f64 with every index inside it.
 */
export function scaleSparse(
  nnz: i32,
  indices: usize,
  values: usize,
  scale: usize,
  out: usize,
): void {
  const end = values + (usize(nnz) << 3);
  while (values < end) {
    store<f64>(out, load<f64>(values) * load<f64>(scale + (usize(load<i32>(indices)) << 3)));
    indices += 4;
    values += 8;
    out += 8;
  }
}
