/**
 * Losses of linear models over rows: the sum of the losses and its gradient, in one pass.
 *
 * Rows are taken a block at a time: their margins, then what the loss makes of them, then the
 * gradient, while the block is in cache; memory is read once. A block of 32-bit floats is widened
 * into scratch memory first. The order of all sums depends on the number of rows and the size of a
 * block alone. No bounds checks: the caller validates.
 */
import { f32ToF64 } from './blas1';
import { madd } from './fma';
import { expNegative, log1pUnit } from './logistic';
import { touch } from './touch';

/** The kinds of loss, as `loss` of {@link linearLoss}. */
const LOGISTIC = 0;
const HINGE = 1;
const SQUARED_HINGE = 2;

/** Of two rows: replaces margins m by dloss/dm, returns the losses. */
function logisticPair(m: v128, y: v128, at: usize): v128 {
  const one = f64x2.splat(1);
  const zero = f64x2.splat(0);
  const size = f64x2.abs(m);
  const e = expNegative(f64x2.neg(size));
  const negative = f64x2.lt(m, zero);
  const p = f64x2.div(v128.bitselect(e, one, negative), f64x2.add(one, e));
  v128.store(at, f64x2.sub(p, y));
  const wrong = v128.bitselect(y, f64x2.sub(one, y), negative);
  // A right label at an infinite margin costs 0, not 0 · Infinity.
  const linear = v128.andnot(f64x2.mul(size, wrong), f64x2.eq(wrong, zero));
  return f64x2.add(log1pUnit(e), linear);
}

function hingePair(m: v128, y: v128, at: usize): v128 {
  const zero = f64x2.splat(0);
  const one = f64x2.splat(1);
  const sign = f64x2.sub(f64x2.add(y, y), one);
  const short = f64x2.sub(one, f64x2.mul(sign, m));
  // Not `le`: NaN stays NaN.
  const right = f64x2.le(short, zero);
  v128.store(at, v128.andnot(f64x2.neg(sign), right));
  return v128.andnot(short, right);
}

function squaredHingePair(m: v128, y: v128, at: usize): v128 {
  const zero = f64x2.splat(0);
  const one = f64x2.splat(1);
  const sign = f64x2.sub(f64x2.add(y, y), one);
  let short = f64x2.sub(one, f64x2.mul(sign, m));
  short = v128.andnot(short, f64x2.le(short, zero));
  v128.store(at, f64x2.mul(f64x2.mul(f64x2.splat(-2), sign), short));
  return f64x2.mul(short, short);
}

function squaredPair(m: v128, y: v128, at: usize): v128 {
  const residual = f64x2.sub(m, y);
  v128.store(at, residual);
  return f64x2.mul(f64x2.mul(f64x2.splat(0.5), residual), residual);
}

function lossPair(loss: i32, m: v128, y: v128, at: usize): v128 {
  if (loss == LOGISTIC) return logisticPair(m, y, at);
  if (loss == HINGE) return hingePair(m, y, at);
  if (loss == SQUARED_HINGE) return squaredHingePair(m, y, at);
  return squaredPair(m, y, at);
}

/**
 * margins[r] ← weights[r] · dloss/dmargin. Returns Σ weights[r] · loss, even rows and odd rows
 * apart. margins: f64[rows], with room for an even number; labels: f64[rows]; weights: f64[rows]
 * or 0 for ones.
 */
function residuals(loss: i32, rows: i32, margins: usize, labels: usize, weights: usize): f64 {
  let total = f64x2.splat(0);
  let weight = f64x2.splat(1);
  for (let row = 0; row < rows; row += 2) {
    const pair = row + 1 < rows;
    const y = pair ? v128.load(labels) : v128.load64_zero(labels);
    const m = pair ? v128.load(margins) : v128.load64_zero(margins);
    let value = lossPair(loss, m, y, margins);
    if (weights) {
      weight = pair ? v128.load(weights) : v128.load64_zero(weights);
      value = f64x2.mul(value, weight);
      v128.store(margins, f64x2.mul(v128.load(margins), weight));
      weights += 16;
    }
    if (!pair) value = f64x2.replace_lane(value, 1, 0);
    total = f64x2.add(total, value);
    margins += 16;
    labels += 16;
  }
  return f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
}

/** The sum of the lanes of a and b, then `start`. */
function finish(a: v128, b: v128, start: f64): f64 {
  const s = f64x2.add(a, b);
  return f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1) + start;
}

/**
 * margins[r] ← x[r]·w + start, four rows at a time. Column t of a row goes to partial sum t mod 4
 * (the last d mod 4 columns to the first), wherever the row stands. x: f64 rows × d; w: f64[d].
 */
function denseMargins(rows: i32, d: i32, x: usize, w: usize, start: f64, margins: usize): void {
  const stride = usize(d) << 3;
  const fours = usize(d & ~3) << 3;
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    const x1 = x + stride;
    const x2 = x1 + stride;
    const x3 = x2 + stride;
    let a0 = f64x2.splat(0);
    let b0 = a0;
    let a1 = a0;
    let b1 = a0;
    let a2 = a0;
    let b2 = a0;
    let a3 = a0;
    let b3 = a0;
    let t: usize = 0;
    for (; t < fours; t += 32) {
      const wa = v128.load(w + t);
      const wb = v128.load(w + t, 16);
      a0 = madd(v128.load(x + t), wa, a0);
      b0 = madd(v128.load(x + t, 16), wb, b0);
      a1 = madd(v128.load(x1 + t), wa, a1);
      b1 = madd(v128.load(x1 + t, 16), wb, b1);
      a2 = madd(v128.load(x2 + t), wa, a2);
      b2 = madd(v128.load(x2 + t, 16), wb, b2);
      a3 = madd(v128.load(x3 + t), wa, a3);
      b3 = madd(v128.load(x3 + t, 16), wb, b3);
    }
    for (; t < stride; t += 8) {
      const v = v128.load64_zero(w + t);
      a0 = madd(v128.load64_zero(x + t), v, a0);
      a1 = madd(v128.load64_zero(x1 + t), v, a1);
      a2 = madd(v128.load64_zero(x2 + t), v, a2);
      a3 = madd(v128.load64_zero(x3 + t), v, a3);
    }
    store<f64>(margins, finish(a0, b0, start));
    store<f64>(margins, finish(a1, b1, start), 8);
    store<f64>(margins, finish(a2, b2, start), 16);
    store<f64>(margins, finish(a3, b3, start), 24);
    margins += 32;
    x += stride << 2;
  }
  for (; row < rows; ++row) {
    let a = f64x2.splat(0);
    let b = a;
    let t: usize = 0;
    for (; t < fours; t += 32) {
      a = madd(v128.load(x + t), v128.load(w + t), a);
      b = madd(v128.load(x + t, 16), v128.load(w + t, 16), b);
    }
    for (; t < stride; t += 8) {
      a = madd(v128.load64_zero(x + t), v128.load64_zero(w + t), a);
    }
    store<f64>(margins, finish(a, b, start));
    margins += 8;
    x += stride;
  }
}

/** gradient += Σ residuals[r] · x[r], four rows at a time. x: f64 rows × d; gradient: f64[d]. */
function addRows(rows: i32, d: i32, x: usize, residuals: usize, gradient: usize): void {
  const stride = usize(d) << 3;
  const pairs = usize(d & ~1) << 3;
  const fours = usize(d & ~3) << 3;
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    const x1 = x + stride;
    const x2 = x1 + stride;
    const x3 = x2 + stride;
    const a = v128.load64_splat(residuals);
    const b = v128.load64_splat(residuals, 8);
    const c = v128.load64_splat(residuals, 16);
    const e = v128.load64_splat(residuals, 24);
    let t: usize = 0;
    for (; t < fours; t += 32) {
      const from0 = x + t;
      const from1 = x1 + t;
      const from2 = x2 + t;
      const from3 = x3 + t;
      const to = gradient + t;
      let left = madd(b, v128.load(from1), f64x2.mul(a, v128.load(from0)));
      let right = madd(e, v128.load(from3), f64x2.mul(c, v128.load(from2)));
      v128.store(to, f64x2.add(v128.load(to), f64x2.add(left, right)));
      left = madd(b, v128.load(from1, 16), f64x2.mul(a, v128.load(from0, 16)));
      right = madd(e, v128.load(from3, 16), f64x2.mul(c, v128.load(from2, 16)));
      v128.store(to, f64x2.add(v128.load(to, 16), f64x2.add(left, right)), 16);
    }
    for (; t < stride; t += 8) {
      const left = madd(b, v128.load64_zero(x1 + t), f64x2.mul(a, v128.load64_zero(x + t)));
      const right = madd(e, v128.load64_zero(x3 + t), f64x2.mul(c, v128.load64_zero(x2 + t)));
      const sum = f64x2.add(v128.load64_zero(gradient + t), f64x2.add(left, right));
      v128.store64_lane(gradient + t, sum, 0);
    }
    x += stride << 2;
    residuals += 32;
  }
  for (; row < rows; ++row) {
    const a = v128.load64_splat(residuals);
    for (let t: usize = 0; t < pairs; t += 16) {
      v128.store(gradient + t, madd(a, v128.load(x + t), v128.load(gradient + t)));
    }
    if (pairs < stride) {
      const sum = madd(a, v128.load64_zero(x + pairs), v128.load64_zero(gradient + pairs));
      v128.store64_lane(gradient + pairs, sum, 0);
    }
    x += stride;
    residuals += 8;
  }
}

/** Σ x[i], in order. x: f64[n]. */
function total(n: i32, x: usize): f64 {
  let sum: f64 = 0;
  for (const end = x + (usize(n) << 3); x < end; x += 8) sum += load<f64>(x);
  return sum;
}

/**
 * gradient += Σ weight · dloss/dparameters over the rows; returns Σ weight · loss.
 *
 * loss: 0 logistic, 1 hinge, 2 squared hinge, 3 squared. x: rows × d, f64 (width 8) or f32 (width
 * 4); labels: f64[rows]; weights: f64[rows] or 0 for ones; parameters: f64[d], then the intercept
 * where `intercept` is 1; gradient: as parameters. scratch: f64[block + 2], and block · d more for
 * f32. block: rows at a time, even.
 */
export function linearLoss(
  loss: i32,
  rows: i32,
  d: i32,
  width: i32,
  x: usize,
  labels: usize,
  weights: usize,
  parameters: usize,
  intercept: i32,
  gradient: usize,
  block: i32,
  scratch: usize,
): f64 {
  const wide = scratch + (usize(block + 2) << 3);
  const last = usize(d) << 3;
  let sum: f64 = 0;
  for (let row = 0; row < rows; row += block) {
    const n = min(block, rows - row);
    let values = x;
    if (width == 4) {
      f32ToF64(n * d, x, wide);
      values = wide;
    } else touch(x, x + ((usize(n) * usize(d)) << 3), scratch);
    denseMargins(n, d, values, parameters, intercept ? load<f64>(parameters + last) : 0, scratch);
    sum += residuals(loss, n, scratch, labels, weights);
    addRows(n, d, values, scratch, gradient);
    if (intercept) store<f64>(gradient + last, load<f64>(gradient + last) + total(n, scratch));
    x += usize(n) * usize(d) * usize(width);
    labels += usize(n) << 3;
    if (weights) weights += usize(n) << 3;
  }
  return sum;
}

/** Σ values[e] · w[indices[e]], even entries and odd entries apart. */
function sparseDot(count: i32, indices: usize, values: usize, w: usize): f64 {
  let even: f64 = 0;
  let odd: f64 = 0;
  let e = 0;
  for (; e + 2 <= count; e += 2) {
    even += load<f64>(values) * load<f64>(w + (usize(load<i32>(indices)) << 3));
    odd += load<f64>(values, 8) * load<f64>(w + (usize(load<i32>(indices, 4)) << 3));
    indices += 8;
    values += 16;
  }
  if (e < count) even += load<f64>(values) * load<f64>(w + (usize(load<i32>(indices)) << 3));
  return even + odd;
}

/**
 * {@link linearLoss} of sparse rows: offsets i32[rows + 1] into indices i32 in [0, d) and values
 * f64. scratch: f64[block + 1].
 */
export function linearLossSparse(
  loss: i32,
  rows: i32,
  d: i32,
  offsets: usize,
  indices: usize,
  values: usize,
  labels: usize,
  weights: usize,
  parameters: usize,
  intercept: i32,
  gradient: usize,
  block: i32,
  scratch: usize,
): f64 {
  const last = usize(d) << 3;
  const start: f64 = intercept ? load<f64>(parameters + last) : 0;
  let sum: f64 = 0;
  for (let row = 0; row < rows; row += block) {
    const n = min(block, rows - row);
    for (let r = 0; r < n; ++r) {
      const entry = load<i32>(offsets + (usize(r) << 2));
      const count = load<i32>(offsets + (usize(r) << 2), 4) - entry;
      const at = usize(entry);
      const margin = sparseDot(count, indices + (at << 2), values + (at << 3), parameters);
      store<f64>(scratch + (usize(r) << 3), start + margin);
    }
    sum += residuals(loss, n, scratch, labels, weights);
    for (let r = 0; r < n; ++r) {
      const by = load<f64>(scratch + (usize(r) << 3));
      if (by == 0) continue;
      const end = load<i32>(offsets + (usize(r) << 2), 4);
      for (let e = load<i32>(offsets + (usize(r) << 2)); e < end; ++e) {
        const to = gradient + (usize(load<i32>(indices + (usize(e) << 2))) << 3);
        store<f64>(to, load<f64>(to) + by * load<f64>(values + (usize(e) << 3)));
      }
    }
    if (intercept) store<f64>(gradient + last, load<f64>(gradient + last) + total(n, scratch));
    offsets += usize(n) << 2;
    labels += usize(n) << 3;
    if (weights) weights += usize(n) << 3;
  }
  return sum;
}

/**
 * sums[t] += Σᵢ weights[i] · (x[i][t] - shift[t]) and squares[t] += Σᵢ weights[i] · (x[i][t] -
 * shift[t])², row by row. x: f64 n × d; weights: f64[n]; shift, sums, squares: f64[d].
 */
export function weightedMoments(
  n: i32,
  d: i32,
  x: usize,
  weights: usize,
  shift: usize,
  sums: usize,
  squares: usize,
): void {
  const stride = usize(d) << 3;
  const pairs = usize(d & ~1) << 3;
  for (let row = 0; row < n; ++row) {
    const w = v128.load64_splat(weights + (usize(row) << 3));
    for (let t: usize = 0; t < pairs; t += 16) {
      const by = f64x2.sub(v128.load(x + t), v128.load(shift + t));
      const weighted = f64x2.mul(w, by);
      v128.store(sums + t, f64x2.add(v128.load(sums + t), weighted));
      v128.store(squares + t, madd(weighted, by, v128.load(squares + t)));
    }
    if (pairs < stride) {
      const by = f64x2.sub(v128.load64_zero(x + pairs), v128.load64_zero(shift + pairs));
      const weighted = f64x2.mul(w, by);
      const sum = f64x2.add(v128.load64_zero(sums + pairs), weighted);
      v128.store64_lane(sums + pairs, sum, 0);
      const square = madd(weighted, by, v128.load64_zero(squares + pairs));
      v128.store64_lane(squares + pairs, square, 0);
    }
    x += stride;
  }
}
