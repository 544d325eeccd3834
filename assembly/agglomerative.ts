/**
 * Distances of points to each other.
 *
 * Points are packed four to a panel, transposed, as the centroids of distance.ts are. Every distance
 * is summed over the entries in order, one product after the other and never fused, so it has the
 * same bits in both builds and wherever the points stand. No bounds checks: the caller validates.
 */

/** Distances: what is summed, and what is made of the sum. */
const EUCLIDEAN = 0;
const MANHATTAN = 1;

/** One entry of two pairs. M = f64: s + (x - c)²; M = i64: s + |x - c|. */
function term<M>(x: v128, c: v128, s: v128): v128 {
  const difference = f64x2.sub(x, c);
  if (isFloat<M>()) return f64x2.add(s, f64x2.mul(difference, difference));
  return f64x2.add(s, f64x2.abs(difference));
}

/** The distance of a sum: √s; s; s / 2, which is 1 - cos for vectors of length 1. */
function distanceOf(measure: i32, s: v128): v128 {
  if (measure == EUCLIDEAN) return f64x2.sqrt(s);
  if (measure == MANHATTAN) return s;
  return f64x2.mul(s, f64x2.splat(0.5));
}

function blockDistances<M>(
  measure: i32,
  d: i32,
  x: usize,
  count: i32,
  panels: usize,
  out: usize,
): void {
  const row = usize(d) << 3;
  const x1 = x + row;
  const x2 = x1 + row;
  const x3 = x2 + row;
  for (let p = 0; p < count; ++p) {
    let a0 = f64x2.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    for (let t: usize = 0; t < row; t += 8) {
      const ca = v128.load(panels);
      const cb = v128.load(panels, 16);
      panels += 32;
      const y0 = v128.load64_splat(x + t);
      a0 = term<M>(y0, ca, a0);
      b0 = term<M>(y0, cb, b0);
      const y1 = v128.load64_splat(x1 + t);
      a1 = term<M>(y1, ca, a1);
      b1 = term<M>(y1, cb, b1);
      const y2 = v128.load64_splat(x2 + t);
      a2 = term<M>(y2, ca, a2);
      b2 = term<M>(y2, cb, b2);
      const y3 = v128.load64_splat(x3 + t);
      a3 = term<M>(y3, ca, a3);
      b3 = term<M>(y3, cb, b3);
    }
    const at = out + (usize(p >> 2) << 11) + (usize(p & 3) << 5);
    v128.store(at, distanceOf(measure, a0));
    v128.store(at, distanceOf(measure, b0), 16);
    v128.store(at, distanceOf(measure, a1), 128);
    v128.store(at, distanceOf(measure, b1), 144);
    v128.store(at, distanceOf(measure, a2), 256);
    v128.store(at, distanceOf(measure, b2), 272);
    v128.store(at, distanceOf(measure, a3), 384);
    v128.store(at, distanceOf(measure, b3), 400);
  }
}

/**
 * out[j / 16][r][j mod 16] ← the distance of row r of x to point j of the panels, for four rows of tiles
 * of 16 by 16.
 *
 * measure: 0 √Σ(x - c)², 1 Σ|x - c|, 2 Σ(x - c)²/2. x: f64 4 × d; panels: f64 count · 4 · d; out: f64
 * from the first of the rows in the first tile on, 256 for each four panels. NaN gives NaN.
 */
export function pairDistances(
  measure: i32,
  d: i32,
  x: usize,
  count: i32,
  panels: usize,
  out: usize,
): void {
  if (measure == MANHATTAN) blockDistances<i64>(measure, d, x, count, panels, out);
  else blockDistances<f64>(measure, d, x, count, panels, out);
}

function rowDistances<M>(measure: i32, d: i32, x: usize, count: i32, panels: usize, out: usize): void {
  const end = x + (usize(d) << 3);
  for (let p = 0; p < count; ++p) {
    let a = f64x2.splat(0);
    let b = a;
    for (let from = x; from < end; from += 8) {
      const y = v128.load64_splat(from);
      a = term<M>(y, v128.load(panels), a);
      b = term<M>(y, v128.load(panels, 16), b);
      panels += 32;
    }
    v128.store(out, distanceOf(measure, a));
    v128.store(out, distanceOf(measure, b), 16);
    out += 32;
  }
}

/**
 * out[j] ← the distance of x to point j of the panels.
 *
 * measure: as {@link pairDistances}; x: f64[d]; panels: f64 count · 4 · d; out: f64[count · 4].
 */
export function pointDistances(
  measure: i32,
  d: i32,
  x: usize,
  count: i32,
  panels: usize,
  out: usize,
): void {
  if (measure == MANHATTAN) rowDistances<i64>(measure, d, x, count, panels, out);
  else rowDistances<f64>(measure, d, x, count, panels, out);
}

function step<M>(
  measure: i32,
  d: i32,
  x: usize,
  count: i32,
  panels: usize,
  nearest: usize,
): i32 {
  const end = x + (usize(d) << 3);
  let best = f64x2.splat(Infinity);
  let at = i64x2.splat(-1);
  let index = i64x2(0, 1);
  const two = i64x2.splat(2);
  for (let p = 0; p < count; ++p) {
    let a = f64x2.splat(0);
    let b = a;
    for (let from = x; from < end; from += 8) {
      const y = v128.load64_splat(from);
      a = term<M>(y, v128.load(panels), a);
      b = term<M>(y, v128.load(panels, 16), b);
      panels += 32;
    }
    // pmin(known, new) keeps a NaN that is known: such a point never wins.
    a = f64x2.pmin(v128.load(nearest), distanceOf(measure, a));
    b = f64x2.pmin(v128.load(nearest, 16), distanceOf(measure, b));
    v128.store(nearest, a);
    v128.store(nearest, b, 16);
    nearest += 32;
    const isLess = f64x2.lt(a, best);
    best = v128.bitselect(a, best, isLess);
    at = v128.bitselect(index, at, isLess);
    index = i64x2.add(index, two);
    const isLessStill = f64x2.lt(b, best);
    best = v128.bitselect(b, best, isLessStill);
    at = v128.bitselect(index, at, isLessStill);
    index = i64x2.add(index, two);
  }
  const even = f64x2.extract_lane(best, 0);
  const odd = f64x2.extract_lane(best, 1);
  const evenAt = i32(i64x2.extract_lane(at, 0));
  const oddAt = i32(i64x2.extract_lane(at, 1));
  return odd < even || (odd == even && oddAt < evenAt) ? oddAt : evenAt;
}

/**
 * One step of Prim's minimum spanning tree: nearest[j] ← min(nearest[j], the distance of x to point
 * j of the panels). Returns the first j with the smallest, -1 when none is below infinity.
 *
 * Points whose nearest[j] is NaN are in the tree: they keep it and are not looked for. measure: as
 * {@link pairDistances}; x: f64[d]; panels: f64 count · 4 · d; nearest: f64[count · 4].
 */
export function spanningStep(
  measure: i32,
  d: i32,
  x: usize,
  count: i32,
  panels: usize,
  nearest: usize,
): i32 {
  if (measure == MANHATTAN) return step<i64>(measure, d, x, count, panels, nearest);
  return step<f64>(measure, d, x, count, panels, nearest);
}
