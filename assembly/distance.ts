/**
 * Nearest centroids.
 *
 * argmin |x - c|² = argmax (x·c - |c|²/2), so |x|² never enters and a score is one accumulator that
 * starts at a bias. Centroids are packed four to a panel, transposed, so that the tile (four rows
 * by four centroids, eight f64x2 accumulators) needs no horizontal sums:
 *
 *     panel p:  [c₀₀ c₁₀ c₂₀ c₃₀] [c₀₁ c₁₁ c₂₁ c₃₁] ...   d groups of 4 f64, centroids 4p..4p+3
 *     bias:     [b₀ b₁ b₂ b₃]                            missing centroids: zeros, bias -Infinity
 *
 * A score is summed over the columns in order, whatever the place of its row: the last n mod 4 rows
 * go through a tile of one row with the same operations. So labels and scores do not depend on how
 * rows are cut into batches. A NaN score never wins; a row whose scores are all NaN gets label 0
 * and score -Infinity. Ties go to the lowest label. No bounds checks: the caller validates.
 */
import { axpy, dot } from './blas1';
import { madd, select } from './fma';
import { touch } from './touch';

/** One column of a tile. M = f64: s + xc (inner product); M = i64: s - |x - c| (manhattan). */
function step<M>(x: v128, c: v128, s: v128): v128 {
  if (isFloat<M>()) return madd(x, c, s);
  return f64x2.sub(s, f64x2.abs(f64x2.sub(x, c)));
}

/**
 * Reduces the best of even and odd centroids of one row; stores its label and its score, or with
 * S = f64 its second best score. Returns the score. Without a branch: which of the two wins cannot
 * be predicted.
 */
function finish<S>(
  best: v128,
  second: v128,
  index: v128,
  row: usize,
  labels: usize,
  scores: usize,
): f64 {
  const other = v128.shuffle<f64>(best, best, 1, 0);
  const otherIndex = v128.shuffle<i64>(index, index, 1, 0);
  const tie = v128.and(f64x2.eq(other, best), i64x2.lt_s(otherIndex, index));
  const wins = v128.or(f64x2.gt(other, best), tie);
  const score = f64x2.extract_lane(v128.bitselect(other, best, wins), 0);
  v128.store32_lane(labels + (row << 2), v128.bitselect(otherIndex, index, wins), 0);
  if (isFloat<S>()) {
    const next = f64x2.pmax(second, v128.shuffle<f64>(second, second, 1, 0));
    const seconds = f64x2.pmax(next, f64x2.pmin(best, other));
    store<f64>(scores + (row << 3), f64x2.extract_lane(seconds, 0));
  } else if (scores) {
    store<f64>(scores + (row << 3), score);
  }
  return score;
}

/** sums[label] += x; counts[label] += 1. */
export function addRow(d: i32, x: usize, label: i32, sums: usize, counts: usize): void {
  const count = counts + (usize(label) << 3);
  store<f64>(count, load<f64>(count) + 1);
  let to = sums + ((usize(label) * usize(d)) << 3);
  const end = x + (usize(d) << 3);
  const blocks = x + (usize(d & ~7) << 3);
  while (x < blocks) {
    const a = f64x2.add(v128.load(to), v128.load(x));
    const b = f64x2.add(v128.load(to, 16), v128.load(x, 16));
    const c = f64x2.add(v128.load(to, 32), v128.load(x, 32));
    const e = f64x2.add(v128.load(to, 48), v128.load(x, 48));
    v128.store(to, a);
    v128.store(to, b, 16);
    v128.store(to, c, 32);
    v128.store(to, e, 48);
    x += 64;
    to += 64;
  }
  while (x < end) {
    store<f64>(to, load<f64>(to) + load<f64>(x));
    x += 8;
    to += 8;
  }
}

/**
 * Four rows, wherever they lie, against all panels. With S = f64 second best scores are kept in
 * place of the best. Returns the sum of `total` and the best scores, in the order of the rows.
 */
export function tile4<M, S>(
  row0: usize,
  row1: usize,
  row2: usize,
  row3: usize,
  d: i32,
  k: i32,
  points: usize,
  panels: usize,
  bias: usize,
  labels: usize,
  scores: usize,
  total: f64,
): f64 {
  const stride = usize(d) << 3;
  const x0 = points + row0 * stride;
  const x1 = points + row1 * stride;
  const x2 = points + row2 * stride;
  const x3 = points + row3 * stride;

  let best0 = f64x2.splat(-Infinity);
  let best1 = best0;
  let best2 = best0;
  let best3 = best0;
  let second0 = best0;
  let second1 = best0;
  let second2 = best0;
  let second3 = best0;
  let at0 = i64x2.splat(0);
  let at1 = at0;
  let at2 = at0;
  let at3 = at0;
  let index = i64x2(0, 1);
  const biasEnd = bias + (usize((k + 3) & ~3) << 3);
  for (; bias < biasEnd; bias += 32) {
    let a0 = v128.load(bias);
    let b0 = v128.load(bias, 16);
    let a1 = a0;
    let b1 = b0;
    let a2 = a0;
    let b2 = b0;
    let a3 = a0;
    let b3 = b0;
    for (let t: usize = 0; t < stride; t += 8) {
      const ca = v128.load(panels);
      const cb = v128.load(panels, 16);
      panels += 32;
      const y0 = v128.load64_splat(x0 + t);
      a0 = step<M>(y0, ca, a0);
      b0 = step<M>(y0, cb, b0);
      const y1 = v128.load64_splat(x1 + t);
      a1 = step<M>(y1, ca, a1);
      b1 = step<M>(y1, cb, b1);
      const y2 = v128.load64_splat(x2 + t);
      a2 = step<M>(y2, ca, a2);
      b2 = step<M>(y2, cb, b2);
      const y3 = v128.load64_splat(x3 + t);
      a3 = step<M>(y3, ca, a3);
      b3 = step<M>(y3, cb, b3);
    }
    const g0 = f64x2.gt(a0, best0);
    if (isFloat<S>()) second0 = f64x2.pmax(second0, f64x2.pmin(best0, a0));
    best0 = f64x2.pmax(best0, a0);
    at0 = select(index, at0, g0);
    const g1 = f64x2.gt(a1, best1);
    if (isFloat<S>()) second1 = f64x2.pmax(second1, f64x2.pmin(best1, a1));
    best1 = f64x2.pmax(best1, a1);
    at1 = select(index, at1, g1);
    const g2 = f64x2.gt(a2, best2);
    if (isFloat<S>()) second2 = f64x2.pmax(second2, f64x2.pmin(best2, a2));
    best2 = f64x2.pmax(best2, a2);
    at2 = select(index, at2, g2);
    const g3 = f64x2.gt(a3, best3);
    if (isFloat<S>()) second3 = f64x2.pmax(second3, f64x2.pmin(best3, a3));
    best3 = f64x2.pmax(best3, a3);
    at3 = select(index, at3, g3);
    index = i64x2.add(index, i64x2.splat(2));
    const h0 = f64x2.gt(b0, best0);
    if (isFloat<S>()) second0 = f64x2.pmax(second0, f64x2.pmin(best0, b0));
    best0 = f64x2.pmax(best0, b0);
    at0 = select(index, at0, h0);
    const h1 = f64x2.gt(b1, best1);
    if (isFloat<S>()) second1 = f64x2.pmax(second1, f64x2.pmin(best1, b1));
    best1 = f64x2.pmax(best1, b1);
    at1 = select(index, at1, h1);
    const h2 = f64x2.gt(b2, best2);
    if (isFloat<S>()) second2 = f64x2.pmax(second2, f64x2.pmin(best2, b2));
    best2 = f64x2.pmax(best2, b2);
    at2 = select(index, at2, h2);
    const h3 = f64x2.gt(b3, best3);
    if (isFloat<S>()) second3 = f64x2.pmax(second3, f64x2.pmin(best3, b3));
    best3 = f64x2.pmax(best3, b3);
    at3 = select(index, at3, h3);
    index = i64x2.add(index, i64x2.splat(2));
  }
  total += finish<S>(best0, second0, at0, row0, labels, scores);
  total += finish<S>(best1, second1, at1, row1, labels, scores);
  total += finish<S>(best2, second2, at2, row2, labels, scores);
  return total + finish<S>(best3, second3, at3, row3, labels, scores);
}

/** One row against all panels, with the operations of {@link tile4}. Returns its score. */
export function tile1<M, S>(
  row: usize,
  d: i32,
  k: i32,
  points: usize,
  panels: usize,
  bias: usize,
  labels: usize,
  scores: usize,
): f64 {
  const stride = usize(d) << 3;
  const x = points + row * stride;
  const end = x + stride;
  const biasEnd = bias + (usize((k + 3) & ~3) << 3);
  let best = f64x2.splat(-Infinity);
  let second = best;
  let at = i64x2.splat(0);
  let index = i64x2(0, 1);
  for (; bias < biasEnd; bias += 32) {
    let a = v128.load(bias);
    let b = v128.load(bias, 16);
    for (let p = x; p < end; p += 8) {
      const y = v128.load64_splat(p);
      a = step<M>(y, v128.load(panels), a);
      b = step<M>(y, v128.load(panels, 16), b);
      panels += 32;
    }
    const g = f64x2.gt(a, best);
    if (isFloat<S>()) second = f64x2.pmax(second, f64x2.pmin(best, a));
    best = f64x2.pmax(best, a);
    at = select(index, at, g);
    index = i64x2.add(index, i64x2.splat(2));
    const h = f64x2.gt(b, best);
    if (isFloat<S>()) second = f64x2.pmax(second, f64x2.pmin(best, b));
    best = f64x2.pmax(best, b);
    at = select(index, at, h);
    index = i64x2.add(index, i64x2.splat(2));
  }
  return finish<S>(best, second, at, row, labels, scores);
}

/** All rows in order, four at a time; with `sums` also adds each row to its centroid's sum. */
function assignRows<M>(
  n: i32,
  d: i32,
  k: i32,
  points: usize,
  panels: usize,
  bias: usize,
  labels: usize,
  scores: usize,
  sums: usize,
  counts: usize,
): f64 {
  const stride = usize(d) << 3;
  let total: f64 = 0;
  let row = 0;
  while (row < n) {
    const first = row;
    if (n - row >= 4) {
      const x = points + usize(row) * stride;
      touch(x, x + (stride << 2), labels + (usize(row) << 2));
      const r = usize(row);
      total = tile4<M, i32>(
        r,
        r + 1,
        r + 2,
        r + 3,
        d,
        k,
        points,
        panels,
        bias,
        labels,
        scores,
        total,
      );
      row += 4;
    } else {
      total += tile1<M, i32>(usize(row), d, k, points, panels, bias, labels, scores);
      row += 1;
    }
    if (!sums) continue;
    for (let r = first; r < row; ++r) {
      const label = load<i32>(labels + (usize(r) << 2));
      addRow(d, points + usize(r) * stride, label, sums, counts);
    }
  }
  return total;
}

/**
 * labels[i] ← argmaxⱼ (xᵢ·cⱼ + biasⱼ), scores[i] ← that maximum. points: f64 n × d row-major;
 * panels: f64 ⌈k/4⌉·4 × d and bias: f64 ⌈k/4⌉·4 of {@link packCentroids} or {@link packCosine};
 * labels: i32[n]; scores: f64[n], or 0 when not wanted.
 * The squared distance is |xᵢ|² - 2 scores[i].
 */
export function assign(
  n: i32,
  d: i32,
  k: i32,
  points: usize,
  panels: usize,
  bias: usize,
  labels: usize,
  scores: usize,
): void {
  assignRows<f64>(n, d, k, points, panels, bias, labels, scores, 0, 0);
}

/**
 * As {@link assign}, and adds row i to sums[labels[i]] and 1 to counts[labels[i]] while the row is
 * in cache. sums: f64 k × d; counts: f64[k]; both are added to in row order.
 * Returns Σ scores in row order.
 */
export function assignAccumulate(
  n: i32,
  d: i32,
  k: i32,
  points: usize,
  panels: usize,
  bias: usize,
  labels: usize,
  sums: usize,
  counts: usize,
): f64 {
  return assignRows<f64>(n, d, k, points, panels, bias, labels, 0, sums, counts);
}

/**
 * labels[i] ← argminⱼ Σ|xᵢ - cⱼ|, scores[i] ← minus that minimum. Shapes as {@link assign}; panels
 * and bias of {@link packManhattan}.
 */
export function assignManhattan(
  n: i32,
  d: i32,
  k: i32,
  points: usize,
  panels: usize,
  bias: usize,
  labels: usize,
  scores: usize,
): void {
  assignRows<i64>(n, d, k, points, panels, bias, labels, scores, 0, 0);
}

/** {@link assignAccumulate} for the manhattan distance: the result is minus the sum of distances. */
export function assignManhattanAccumulate(
  n: i32,
  d: i32,
  k: i32,
  points: usize,
  panels: usize,
  bias: usize,
  labels: usize,
  sums: usize,
  counts: usize,
): f64 {
  return assignRows<i64>(n, d, k, points, panels, bias, labels, 0, sums, counts);
}

/** sums[labels[i]] += xᵢ and counts[labels[i]] += 1, in row order. labels: i32[n] in [0, k). */
export function accumulate(
  n: i32,
  d: i32,
  points: usize,
  labels: usize,
  sums: usize,
  counts: usize,
): void {
  const stride = usize(d) << 3;
  for (let row = 0; row < n; ++row) {
    addRow(d, points, load<i32>(labels + (usize(row) << 2)), sums, counts);
    points += stride;
  }
}

/** sums[label] += wx; counts[label] += w. With w = 1 the bits are those of {@link addRow}. */
export function addWeighted(
  d: i32,
  x: usize,
  w: f64,
  label: i32,
  sums: usize,
  counts: usize,
): void {
  const count = counts + (usize(label) << 3);
  store<f64>(count, load<f64>(count) + w);
  axpy(d, w, x, sums + ((usize(label) * usize(d)) << 3));
}

/** {@link accumulate} with a weight for each row. weights: f64[n]. */
export function accumulateWeighted(
  n: i32,
  d: i32,
  points: usize,
  labels: usize,
  weights: usize,
  sums: usize,
  counts: usize,
): void {
  const stride = usize(d) << 3;
  for (let row = 0; row < n; ++row) {
    const w = load<f64>(weights + (usize(row) << 3));
    addWeighted(d, points, w, load<i32>(labels + (usize(row) << 2)), sums, counts);
    points += stride;
  }
}

/** Writes centroid j (or zeros) times `scale` into its column of a panel. */
function packColumn(d: i32, from: usize, to: usize, scale: f64, real: bool): void {
  for (let t = 0; t < d; ++t) {
    store<f64>(to + (usize(t) << 5), real ? load<f64>(from + (usize(t) << 3)) * scale : 0);
  }
}

/** Σ c², in column order, without fused rounding: the same bits in both builds. */
function squares(d: i32, from: usize): f64 {
  let total: f64 = 0;
  for (let t = 0; t < d; ++t) {
    const v = load<f64>(from + (usize(t) << 3));
    total += v * v;
  }
  return total;
}

/**
 * Packs centroids for the euclidean distance: panels as drawn above, biasⱼ ← -|cⱼ|²/2.
 * centroids: f64 k × d row-major; panels: f64[⌈k/4⌉·4·d]; bias: f64[⌈k/4⌉·4].
 */
export function packCentroids(k: i32, d: i32, centroids: usize, panels: usize, bias: usize): void {
  for (let j = 0; j < ((k + 3) & ~3); ++j) {
    const from = centroids + ((usize(j) * usize(d)) << 3);
    const to = panels + ((usize(j >> 2) * usize(d)) << 5) + (usize(j & 3) << 3);
    packColumn(d, from, to, 1, j < k);
    store<f64>(bias + (usize(j) << 3), j < k ? -0.5 * squares(d, from) : -Infinity);
  }
}

/**
 * Packs centroids for the cosine distance: rows scaled by 1/|cⱼ|, biasⱼ ← 0, so that a score is
 * |x| times the cosine similarity. A centroid of zeros stays zeros (similarity 0).
 * Shapes as {@link packCentroids}.
 */
export function packCosine(k: i32, d: i32, centroids: usize, panels: usize, bias: usize): void {
  for (let j = 0; j < ((k + 3) & ~3); ++j) {
    const from = centroids + ((usize(j) * usize(d)) << 3);
    const to = panels + ((usize(j >> 2) * usize(d)) << 5) + (usize(j & 3) << 3);
    const norm = j < k ? sqrt(squares(d, from)) : 0;
    packColumn(d, from, to, norm == 0 ? 1 : 1 / norm, j < k);
    store<f64>(bias + (usize(j) << 3), j < k ? 0 : -Infinity);
  }
}

/** Packs centroids for the manhattan distance: biasⱼ ← 0. Shapes as {@link packCentroids}. */
export function packManhattan(k: i32, d: i32, centroids: usize, panels: usize, bias: usize): void {
  for (let j = 0; j < ((k + 3) & ~3); ++j) {
    const from = centroids + ((usize(j) * usize(d)) << 3);
    const to = panels + ((usize(j >> 2) * usize(d)) << 5) + (usize(j & 3) << 3);
    packColumn(d, from, to, 1, j < k);
    store<f64>(bias + (usize(j) << 3), j < k ? 0 : -Infinity);
  }
}

/** out[i] ← |xᵢ|², summed as `dot`. x: f64 n × d row-major; out: f64[n]. */
export function squaredNorms(n: i32, d: i32, x: usize, out: usize): void {
  const stride = usize(d) << 3;
  for (let row = 0; row < n; ++row) {
    store<f64>(out + (usize(row) << 3), dot(d, x, x));
    x += stride;
  }
}
