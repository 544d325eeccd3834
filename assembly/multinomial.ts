/**
 * The multinomial loss of linear models over rows, with its gradient, in one pass.
 *
 * A row has a margin for each class. Classes are padded to an even number K and lie side by side,
 * two to a vector, so that both matrix products keep their sums in registers: four rows by four
 * classes for the margins, four columns by four classes for the gradient.
 *
 *     parameters, gradient:   d rows of K f64, classes side by side; then one of the intercepts,
 *                             -Infinity for the class that pads (its gradient stays 0)
 *     margins:                block rows of K f64, in scratch; then the residuals in their place
 *
 * Blocks, widening and the order of sums as in linear.ts. No bounds checks: the caller validates.
 */
import { f32ToF64 } from './blas1';
import { madd } from './fma';
import { expNegative, log1pUnit } from './logistic';

const LN2: f64 = 6.93147180559945286227e-1;

/** log x for x ≥ 1, which is finite. */
function logAboveOne(x: f64): f64 {
  const bits = reinterpret<u64>(x);
  const exponent = f64(i32(bits >> 52) - 1023);
  const unit = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000) - 1;
  return exponent * LN2 + f64x2.extract_lane(log1pUnit(f64x2.splat(unit)), 0);
}

/** Margins of four rows and the 4 classes at w: sums over the columns in order. */
function margins4x4(d: i32, stride: usize, x: usize, w: usize, line: usize, out: usize): void {
  const x1 = x + stride;
  const x2 = x1 + stride;
  const x3 = x2 + stride;
  const bias = w + usize(d) * line;
  let a0 = v128.load(bias);
  let b0 = v128.load(bias, 16);
  let a1 = a0;
  let b1 = b0;
  let a2 = a0;
  let b2 = b0;
  let a3 = a0;
  let b3 = b0;
  for (let t: usize = 0; t < stride; t += 8) {
    const wa = v128.load(w);
    const wb = v128.load(w, 16);
    w += line;
    const y0 = v128.load64_splat(x + t);
    a0 = madd(y0, wa, a0);
    b0 = madd(y0, wb, b0);
    const y1 = v128.load64_splat(x1 + t);
    a1 = madd(y1, wa, a1);
    b1 = madd(y1, wb, b1);
    const y2 = v128.load64_splat(x2 + t);
    a2 = madd(y2, wa, a2);
    b2 = madd(y2, wb, b2);
    const y3 = v128.load64_splat(x3 + t);
    a3 = madd(y3, wa, a3);
    b3 = madd(y3, wb, b3);
  }
  v128.store(out, a0);
  v128.store(out, b0, 16);
  out += line;
  v128.store(out, a1);
  v128.store(out, b1, 16);
  out += line;
  v128.store(out, a2);
  v128.store(out, b2, 16);
  out += line;
  v128.store(out, a3);
  v128.store(out, b3, 16);
}

/** {@link margins4x4} of the 2 classes at w. */
function margins4x2(d: i32, stride: usize, x: usize, w: usize, line: usize, out: usize): void {
  const x1 = x + stride;
  const x2 = x1 + stride;
  const x3 = x2 + stride;
  let a0 = v128.load(w + usize(d) * line);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  for (let t: usize = 0; t < stride; t += 8) {
    const wa = v128.load(w);
    w += line;
    a0 = madd(v128.load64_splat(x + t), wa, a0);
    a1 = madd(v128.load64_splat(x1 + t), wa, a1);
    a2 = madd(v128.load64_splat(x2 + t), wa, a2);
    a3 = madd(v128.load64_splat(x3 + t), wa, a3);
  }
  v128.store(out, a0);
  v128.store(out + line, a1);
  v128.store(out + 2 * line, a2);
  v128.store(out + 3 * line, a3);
}

/** Margins of n rows, four at a time; a row that is left has the same sums. */
function denseMargins(n: i32, d: i32, line: usize, x: usize, w: usize, out: usize): void {
  const stride = usize(d) << 3;
  const fours = line & ~31;
  let row = 0;
  for (; row + 4 <= n; row += 4) {
    for (let k: usize = 0; k < fours; k += 32) margins4x4(d, stride, x, w + k, line, out + k);
    if (fours < line) margins4x2(d, stride, x, w + fours, line, out + fours);
    x += stride << 2;
    out += line << 2;
  }
  for (; row < n; ++row) {
    for (let k: usize = 0; k < line; k += 16) {
      let at = w + k;
      let a = v128.load(at + usize(d) * line);
      for (let t: usize = 0; t < stride; t += 8) {
        a = madd(v128.load64_splat(x + t), v128.load(at), a);
        at += line;
      }
      v128.store(out + k, a);
    }
    x += stride;
    out += line;
  }
}

/** gradient += Σ of n rows of x[t..t+3] ⊗ residuals, for the 4 classes at `residuals`. */
function gradient4x4(
  n: i32,
  stride: usize,
  x: usize,
  residuals: usize,
  line: usize,
  gradient: usize,
): void {
  let a0 = f64x2.splat(0);
  let b0 = a0;
  let a1 = a0;
  let b1 = a0;
  let a2 = a0;
  let b2 = a0;
  let a3 = a0;
  let b3 = a0;
  for (let row = 0; row < n; ++row) {
    const ra = v128.load(residuals);
    const rb = v128.load(residuals, 16);
    residuals += line;
    const y0 = v128.load64_splat(x);
    a0 = madd(y0, ra, a0);
    b0 = madd(y0, rb, b0);
    const y1 = v128.load64_splat(x, 8);
    a1 = madd(y1, ra, a1);
    b1 = madd(y1, rb, b1);
    const y2 = v128.load64_splat(x, 16);
    a2 = madd(y2, ra, a2);
    b2 = madd(y2, rb, b2);
    const y3 = v128.load64_splat(x, 24);
    a3 = madd(y3, ra, a3);
    b3 = madd(y3, rb, b3);
    x += stride;
  }
  addTo(gradient, a0, b0);
  addTo(gradient + line, a1, b1);
  addTo(gradient + 2 * line, a2, b2);
  addTo(gradient + 3 * line, a3, b3);
}

function addTo(at: usize, a: v128, b: v128): void {
  v128.store(at, f64x2.add(v128.load(at), a));
  v128.store(at, f64x2.add(v128.load(at, 16), b), 16);
}

/** {@link gradient4x4} for the 2 classes at `residuals`. */
function gradient4x2(
  n: i32,
  stride: usize,
  x: usize,
  residuals: usize,
  line: usize,
  gradient: usize,
): void {
  let a0 = f64x2.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  for (let row = 0; row < n; ++row) {
    const r = v128.load(residuals);
    residuals += line;
    a0 = madd(v128.load64_splat(x), r, a0);
    a1 = madd(v128.load64_splat(x, 8), r, a1);
    a2 = madd(v128.load64_splat(x, 16), r, a2);
    a3 = madd(v128.load64_splat(x, 24), r, a3);
    x += stride;
  }
  v128.store(gradient, f64x2.add(v128.load(gradient), a0));
  gradient += line;
  v128.store(gradient, f64x2.add(v128.load(gradient), a1));
  gradient += line;
  v128.store(gradient, f64x2.add(v128.load(gradient), a2));
  gradient += line;
  v128.store(gradient, f64x2.add(v128.load(gradient), a3));
}

/** gradient[t] += Σ of n rows of x[t] · residuals, for all classes. */
function gradientColumn(
  n: i32,
  stride: usize,
  x: usize,
  residuals: usize,
  line: usize,
  gradient: usize,
): void {
  for (let k: usize = 0; k < line; k += 16) {
    let a = f64x2.splat(0);
    let r = residuals + k;
    let from = x;
    for (let row = 0; row < n; ++row) {
      a = madd(v128.load64_splat(from), v128.load(r), a);
      from += stride;
      r += line;
    }
    v128.store(gradient + k, f64x2.add(v128.load(gradient + k), a));
  }
}

function denseGradient(
  n: i32,
  d: i32,
  line: usize,
  x: usize,
  residuals: usize,
  gradient: usize,
): void {
  const stride = usize(d) << 3;
  const fours = line & ~31;
  let t = 0;
  for (; t + 4 <= d; t += 4) {
    for (let k: usize = 0; k < fours; k += 32) {
      gradient4x4(n, stride, x, residuals + k, line, gradient + k);
    }
    if (fours < line) gradient4x2(n, stride, x, residuals + fours, line, gradient + fours);
    x += 32;
    gradient += line << 2;
  }
  for (; t < d; ++t) {
    gradientColumn(n, stride, x, residuals, line, gradient);
    x += 8;
    gradient += line;
  }
}

/**
 * out[t][k] += Σ over the rows of x[row][t] · y[row][k]. x: f64 n × d; y: f64 n × k, k even; out:
 * f64 d × k.
 */
export function crossProducts(n: i32, d: i32, k: i32, x: usize, y: usize, out: usize): void {
  denseGradient(n, d, usize(k) << 3, x, y, out);
}

/**
 * margins[r] ← weights[r] · (softmax of the margins - the label's unit vector). Returns
 * Σ weights[r] · (log Σₖ exp mₖ - m_label) in row order; the largest margin is taken off first, so
 * nothing overflows. intercepts += the residuals.
 */
function softmaxRows(
  n: i32,
  line: usize,
  margins: usize,
  labels: usize,
  weights: usize,
  intercepts: usize,
): f64 {
  let sum: f64 = 0;
  for (let row = 0; row < n; ++row) {
    let top = v128.load(margins);
    for (let k: usize = 16; k < line; k += 16) top = f64x2.max(top, v128.load(margins + k));
    const largest = max(f64x2.extract_lane(top, 0), f64x2.extract_lane(top, 1));
    const own = margins + (usize(load<f64>(labels)) << 3);
    const margin = load<f64>(own);
    let exps = f64x2.splat(0);
    for (let k: usize = 0; k < line; k += 16) {
      const e = expNegative(f64x2.sub(v128.load(margins + k), f64x2.splat(largest)));
      exps = f64x2.add(exps, e);
      v128.store(margins + k, e);
    }
    const all = f64x2.extract_lane(exps, 0) + f64x2.extract_lane(exps, 1);
    const weight: f64 = weights ? load<f64>(weights) : 1;
    sum += weight * (largest - margin + logAboveOne(all));
    const scale = f64x2.splat(1 / all);
    const by = f64x2.splat(weight);
    store<f64>(own, load<f64>(own) - all);
    for (let k: usize = 0; k < line; k += 16) {
      const residual = f64x2.mul(f64x2.mul(v128.load(margins + k), scale), by);
      v128.store(margins + k, residual);
      v128.store(intercepts + k, f64x2.add(v128.load(intercepts + k), residual));
    }
    margins += line;
    labels += 8;
    if (weights) weights += 8;
  }
  return sum;
}

/**
 * gradient += Σ weight · dloss/dparameters over the rows; returns Σ weight · loss.
 *
 * classes: even, K in the drawing; x: rows × d, f64 (width 8) or f32 (width 4); labels: f64[rows],
 * integers in [0, classes); weights: f64[rows] or 0 for ones; parameters, gradient: f64 (d + 1) ×
 * K, as drawn. scratch: f64[block · K], and block · d more for f32.
 */
export function multinomialLoss(
  rows: i32,
  d: i32,
  classes: i32,
  width: i32,
  x: usize,
  labels: usize,
  weights: usize,
  parameters: usize,
  gradient: usize,
  block: i32,
  scratch: usize,
): f64 {
  const line = usize(classes) << 3;
  const wide = scratch + usize(block) * line;
  const intercepts = gradient + usize(d) * line;
  let sum: f64 = 0;
  for (let row = 0; row < rows; row += block) {
    const n = min(block, rows - row);
    let values = x;
    if (width == 4) {
      f32ToF64(n * d, x, wide);
      values = wide;
    }
    denseMargins(n, d, line, values, parameters, scratch);
    sum += softmaxRows(n, line, scratch, labels, weights, intercepts);
    denseGradient(n, d, line, values, scratch, gradient);
    x += usize(n) * usize(d) * usize(width);
    labels += usize(n) << 3;
    if (weights) weights += usize(n) << 3;
  }
  return sum;
}

/**
 * {@link multinomialLoss} of sparse rows: offsets i32[rows + 1] into indices i32 in [0, d) and
 * values f64. scratch: f64[K].
 */
export function multinomialLossSparse(
  rows: i32,
  d: i32,
  classes: i32,
  offsets: usize,
  indices: usize,
  values: usize,
  labels: usize,
  weights: usize,
  parameters: usize,
  gradient: usize,
  scratch: usize,
): f64 {
  const line = usize(classes) << 3;
  const bias = parameters + usize(d) * line;
  const intercepts = gradient + usize(d) * line;
  let sum: f64 = 0;
  for (let row = 0; row < rows; ++row) {
    const first = load<i32>(offsets);
    const end = load<i32>(offsets, 4);
    memory.copy(scratch, bias, line);
    for (let e = first; e < end; ++e) {
      const x = v128.load64_splat(values + (usize(e) << 3));
      const w = parameters + usize(load<i32>(indices + (usize(e) << 2))) * line;
      for (let k: usize = 0; k < line; k += 16) {
        v128.store(scratch + k, madd(x, v128.load(w + k), v128.load(scratch + k)));
      }
    }
    sum += softmaxRows(1, line, scratch, labels, weights, intercepts);
    for (let e = first; e < end; ++e) {
      const x = v128.load64_splat(values + (usize(e) << 3));
      const g = gradient + usize(load<i32>(indices + (usize(e) << 2))) * line;
      for (let k: usize = 0; k < line; k += 16) {
        v128.store(g + k, madd(x, v128.load(scratch + k), v128.load(g + k)));
      }
    }
    offsets += 4;
    labels += 8;
    if (weights) weights += 8;
  }
  return sum;
}
