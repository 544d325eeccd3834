/**
 * FTRL-proximal for online logistic regression (McMahan et al., "Ad click prediction: a view from
 * the trenches", KDD 2013, algorithm 1; Flink ML's OnlineLogisticRegression).
 *
 * One feature is one cache line, so a step costs one miss:
 *
 *     slot of feature idx, at slots + (idx - lo) · 64, f64:
 *     [ c | z | n | g | ws | stamp | - | - ]
 *       c coefficient, z and n the FTRL state, g the gradient sum and ws the weight sum of the
 *       mini-batch, stamp 1 while the feature is listed as touched
 *
 * A worker owns the features of [lo, hi). No fused arithmetic: both builds give the same bits.
 * No bounds checks: the caller validates.
 */

function slotOf(slots: usize, feature: i32): usize {
  return slots + (usize(feature) << 6);
}

/**
 * margins[r] ← Σ c[idx]·v over the entries of row r with lo ≤ idx < hi, in entry order.
 * CSR: offsets i32[rows + 1] into indices i32 (ascending in each row) and values f64;
 * slots: 64 bytes × (hi - lo); margins: f64[rows].
 */
export function ftrlMargins(
  rows: i32,
  offsets: usize,
  indices: usize,
  values: usize,
  slots: usize,
  lo: i32,
  hi: i32,
  margins: usize,
): void {
  const span = u32(hi - lo);
  let entry = load<i32>(offsets);
  for (let row = 0; row < rows; ++row) {
    offsets += 4;
    const end = load<i32>(offsets);
    let margin: f64 = 0;
    while (entry < end && load<i32>(indices + (usize(entry) << 2)) < lo) ++entry;
    for (; entry < end; ++entry) {
      const feature = load<i32>(indices + (usize(entry) << 2)) - lo;
      if (u32(feature) >= span) break;
      margin += load<f64>(slotOf(slots, feature)) * load<f64>(values + (usize(entry) << 3));
    }
    entry = end;
    store<f64>(margins, margin);
    margins += 8;
  }
}

/**
 * For every entry of {@link ftrlMargins}' rows with lo ≤ idx < hi, in row order:
 * g[idx] += residuals[r]·v; ws[idx] += weights[r] (1 where `weights` is 0).
 * Appends idx to `touched` the first time since the last update. residuals, weights: f64[rows];
 * touched: i32 with room for min(number of entries, hi - lo + 1).
 * A row of weight 0 is listed as any other. Returns the number of touched features.
 */
export function ftrlGradient(
  rows: i32,
  offsets: usize,
  indices: usize,
  values: usize,
  slots: usize,
  lo: i32,
  hi: i32,
  residuals: usize,
  weights: usize,
  touched: usize,
): i32 {
  const span = u32(hi - lo);
  let next = touched;
  let entry = load<i32>(offsets);
  for (let row = 0; row < rows; ++row) {
    offsets += 4;
    const end = load<i32>(offsets);
    const residual = load<f64>(residuals + (usize(row) << 3));
    const weight = weights ? load<f64>(weights + (usize(row) << 3)) : 1;
    while (entry < end && load<i32>(indices + (usize(entry) << 2)) < lo) ++entry;
    for (; entry < end; ++entry) {
      const feature = load<i32>(indices + (usize(entry) << 2)) - lo;
      if (u32(feature) >= span) break;
      const slot = slotOf(slots, feature);
      const g = load<f64>(slot, 24) + residual * load<f64>(values + (usize(entry) << 3));
      store<f64>(slot, g, 24);
      store<f64>(slot, load<f64>(slot, 32) + weight, 32);
      // No branch: whether a feature is new cannot be predicted. A listed one is overwritten.
      store<i32>(next, feature + lo);
      next += usize(load<f64>(slot, 40) == 0) << 2;
      store<f64>(slot, 1, 40);
    }
    entry = end;
  }
  return i32((next - touched) >> 2);
}

/** One FTRL step of the features at slots p and q (which may be the same one). */
function stepPair(p: usize, q: usize, alpha: v128, beta: v128, l1: v128, l2: v128): void {
  const cz0 = v128.load(p);
  const cz1 = v128.load(q);
  const ng0 = v128.load(p, 16);
  const ng1 = v128.load(q, 16);
  const ws0 = v128.load64_zero(p, 32);
  const ws1 = v128.load64_zero(q, 32);
  const c = v128.shuffle<f64>(cz0, cz1, 0, 2);
  const z = v128.shuffle<f64>(cz0, cz1, 1, 3);
  const n = v128.shuffle<f64>(ng0, ng1, 0, 2);
  const sum = v128.shuffle<f64>(ng0, ng1, 1, 3);
  const ws = v128.shuffle<f64>(ws0, ws1, 0, 2);
  const zero = f64x2.splat(0);
  const g = v128.bitselect(f64x2.div(sum, ws), sum, f64x2.ne(ws, zero));

  const nextN = f64x2.add(n, f64x2.mul(g, g));
  const root = f64x2.sqrt(nextN);
  const sigma = f64x2.div(f64x2.sub(root, f64x2.sqrt(n)), alpha);
  const nextZ = f64x2.sub(f64x2.add(z, g), f64x2.mul(sigma, c));
  const signed = v128.bitselect(f64x2.neg(l1), l1, f64x2.lt(nextZ, zero));
  const rate = f64x2.add(f64x2.div(f64x2.add(beta, root), alpha), l2);
  const open = f64x2.div(f64x2.sub(signed, nextZ), rate);
  const nextC = v128.andnot(open, f64x2.le(f64x2.abs(nextZ), l1));

  v128.store(p, v128.shuffle<f64>(nextC, nextZ, 0, 2));
  v128.store(q, v128.shuffle<f64>(nextC, nextZ, 1, 3));
  v128.store(p, v128.shuffle<f64>(nextN, zero, 0, 2), 16);
  v128.store(q, v128.shuffle<f64>(nextN, zero, 1, 3), 16);
  v128.store(p, zero, 32);
  v128.store(q, zero, 32);
}

/**
 * The FTRL step of each touched feature: with g ← g/ws (g where ws = 0),
 *
 *     σ = (√(n + g²) - √n) / α;   z ← (z + g) - σc;   n ← n + g²
 *     c ← 0 if |z| ≤ l1, else (sgn(z)·l1 - z) / ((β + √n)/α + l2),   sgn(z) = -1 if z < 0 else 1
 *
 * and clears g, ws and stamp. touched: i32[count], no feature twice; slots as drawn above.
 */
export function ftrlUpdate(
  count: i32,
  touched: usize,
  slots: usize,
  lo: i32,
  alpha: f64,
  beta: f64,
  l1: f64,
  l2: f64,
): void {
  const va = f64x2.splat(alpha);
  const vb = f64x2.splat(beta);
  const v1 = f64x2.splat(l1);
  const v2 = f64x2.splat(l2);
  const end = touched + (usize(count) << 2);
  for (; touched < end; touched += 8) {
    const p = slotOf(slots, load<i32>(touched) - lo);
    // An odd last feature is its own partner: both lanes do and store the same.
    const q = touched + 4 < end ? slotOf(slots, load<i32>(touched, 4) - lo) : p;
    stepPair(p, q, va, vb, v1, v2);
  }
}

/** {@link ftrlUpdate} for every feature of [lo, hi), touched or not. */
export function ftrlUpdateAll(
  lo: i32,
  hi: i32,
  slots: usize,
  alpha: f64,
  beta: f64,
  l1: f64,
  l2: f64,
): void {
  const va = f64x2.splat(alpha);
  const vb = f64x2.splat(beta);
  const v1 = f64x2.splat(l1);
  const v2 = f64x2.splat(l2);
  const end = slotOf(slots, hi - lo);
  for (; slots < end; slots += 128) {
    const next = slots + 64;
    stepPair(slots, next < end ? next : slots, va, vb, v1, v2);
  }
}

/**
 * margins[r] ← Σ c[i]·x[r][i] over lo ≤ i < hi, in column order. values: f64 rows × d row-major,
 * lo ≥ 0 and hi ≤ d; slots: 64 bytes × (hi - lo); margins: f64[rows].
 */
export function ftrlMarginsDense(
  rows: i32,
  d: i32,
  values: usize,
  slots: usize,
  lo: i32,
  hi: i32,
  margins: usize,
): void {
  const stride = usize(d) << 3;
  const end = slotOf(slots, hi - lo);
  let x = values + (usize(lo) << 3);
  let row = 0;
  // Four rows at a time: one chain of additions is bound by latency.
  for (; row + 4 <= rows; row += 4) {
    let a: f64 = 0;
    let b: f64 = 0;
    let c: f64 = 0;
    let e: f64 = 0;
    let x0 = x;
    let x1 = x0 + stride;
    let x2 = x1 + stride;
    let x3 = x2 + stride;
    for (let slot = slots; slot < end; slot += 64) {
      const w = load<f64>(slot);
      a += w * load<f64>(x0);
      b += w * load<f64>(x1);
      c += w * load<f64>(x2);
      e += w * load<f64>(x3);
      x0 += 8;
      x1 += 8;
      x2 += 8;
      x3 += 8;
    }
    store<f64>(margins, a);
    store<f64>(margins, b, 8);
    store<f64>(margins, c, 16);
    store<f64>(margins, e, 24);
    margins += 32;
    x += stride << 2;
  }
  for (; row < rows; ++row) {
    let a: f64 = 0;
    let p = x;
    for (let slot = slots; slot < end; slot += 64) {
      a += load<f64>(slot) * load<f64>(p);
      p += 8;
    }
    store<f64>(margins, a);
    margins += 8;
    x += stride;
  }
}

/**
 * g[i] += Σ residuals[r]·x[r][i] in row order and ws[i] += 1 for each row, for lo ≤ i < hi. Shapes
 * as {@link ftrlMarginsDense}. Every feature counts as touched: follow with {@link ftrlUpdateAll}.
 */
export function ftrlGradientDense(
  rows: i32,
  d: i32,
  values: usize,
  slots: usize,
  lo: i32,
  hi: i32,
  residuals: usize,
): void {
  const stride = usize(d) << 3;
  const end = residuals + (usize(rows) << 3);
  let x = values + (usize(lo) << 3);
  let left = hi - lo;
  // Eight columns at a time: their sums stay in registers over all rows.
  for (; left >= 8; left -= 8) {
    let a = f64x2(load<f64>(slots, 24), load<f64>(slots, 88));
    let b = f64x2(load<f64>(slots, 152), load<f64>(slots, 216));
    let c = f64x2(load<f64>(slots, 280), load<f64>(slots, 344));
    let e = f64x2(load<f64>(slots, 408), load<f64>(slots, 472));
    let p = x;
    for (let r = residuals; r < end; r += 8) {
      const residual = v128.load64_splat(r);
      a = f64x2.add(a, f64x2.mul(residual, v128.load(p)));
      b = f64x2.add(b, f64x2.mul(residual, v128.load(p, 16)));
      c = f64x2.add(c, f64x2.mul(residual, v128.load(p, 32)));
      e = f64x2.add(e, f64x2.mul(residual, v128.load(p, 48)));
      p += stride;
    }
    store<f64>(slots, f64x2.extract_lane(a, 0), 24);
    store<f64>(slots, f64x2.extract_lane(a, 1), 88);
    store<f64>(slots, f64x2.extract_lane(b, 0), 152);
    store<f64>(slots, f64x2.extract_lane(b, 1), 216);
    store<f64>(slots, f64x2.extract_lane(c, 0), 280);
    store<f64>(slots, f64x2.extract_lane(c, 1), 344);
    store<f64>(slots, f64x2.extract_lane(e, 0), 408);
    store<f64>(slots, f64x2.extract_lane(e, 1), 472);
    for (let i = 0; i < 8; ++i) {
      store<f64>(slots, load<f64>(slots, 32) + f64(rows), 32);
      slots += 64;
    }
    x += 64;
  }
  for (; left > 0; --left) {
    let g = load<f64>(slots, 24);
    let p = x;
    for (let r = residuals; r < end; r += 8) {
      g += load<f64>(r) * load<f64>(p);
      p += stride;
    }
    store<f64>(slots, g, 24);
    store<f64>(slots, load<f64>(slots, 32) + f64(rows), 32);
    slots += 64;
    x += 8;
  }
}
