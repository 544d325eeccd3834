/**
 * Rounds of Lloyd's algorithm that skip what bounds prove: labels, sums and counts have the bits
 * that `assignAccumulate` gives, at a fraction of the distances.
 *
 * What is proved is about computed scores, not about exact distances: `margin` is the most by which
 * rounding can change the order of two squared distances, so where two differ by more, the scores
 * of `assign` compare as they do. Where nothing is proved, `assign`'s own tile decides. A bound that
 * is NaN proves nothing. Rows are added to the sums in their order. No bounds
 * checks: the caller validates.
 *
 * Elkan's bounds are k numbers a row, one below the distance to each centroid, in f32, the centroids
 * that fail theirs being measured in f32 about an origin near the data. For bounds that are fewer see
 * hamerly.ts.
 *
 * @see Elkan, Using the triangle inequality to accelerate k-means, 2003; Newling and Fleuret, Fast
 * k-means with accurate bounds, 2016.
 */
import { addRow, addWeighted, tile1 } from './distance';
import { madd, maddF32 } from './fma';
import { touch } from './touch';

/** Factors that take rounding in the last place out of a bound, twice over. */
const BELOW_F32: f32 = 1 - 2.5e-7;
const ABOVE_F32: f64 = 1 + 2.5e-7;
/** Bounds below it, where f32 has few digits, prove nothing. */
const SMALLEST: f64 = 1e-36;
/** What products of f32 may lose to underflow, 10⁵ columns of them. */
const UNDERFLOW: f64 = 1e-40;

/** Σ (x - c)², in two chains for pairs of columns. */
export function squaredDistance(d: i32, x: usize, c: usize): f64 {
  let a = f64x2.splat(0);
  let b = a;
  const end = x + (usize(d) << 3);
  const blocks = x + (usize(d & ~3) << 3);
  while (x < blocks) {
    const p = f64x2.sub(v128.load(x), v128.load(c));
    const q = f64x2.sub(v128.load(x, 16), v128.load(c, 16));
    a = madd(p, p, a);
    b = madd(q, q, b);
    x += 32;
    c += 32;
  }
  a = f64x2.add(a, b);
  let total = f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
  while (x < end) {
    const v = load<f64>(x) - load<f64>(c);
    total += v * v;
    x += 8;
    c += 8;
  }
  return total;
}

/** out[i] ← Σ (xᵢ - c)². x: f64 n × d row-major; c: f64[d]; out: f64[n]. */
export function squaredDistances(n: i32, d: i32, x: usize, c: usize, out: usize): void {
  const stride = usize(d) << 3;
  for (let row = 0; row < n; ++row) {
    store<f64>(out + (usize(row) << 3), squaredDistance(d, x, c));
    x += stride;
  }
}

/** Adds rows [first, last) to the sums of their labels. weights: f64[n], or 0 for ones. */
export function addRows(
  first: i32,
  last: i32,
  d: i32,
  points: usize,
  weights: usize,
  labels: usize,
  sums: usize,
  counts: usize,
): void {
  const stride = usize(d) << 3;
  for (let row = first; row < last; ++row) {
    const label = load<i32>(labels + (usize(row) << 2));
    const x = points + usize(row) * stride;
    if (weights) addWeighted(d, x, load<f64>(weights + (usize(row) << 3)), label, sums, counts);
    else addRow(d, x, label, sums, counts);
  }
}

/** to ← x - origin, in f32, with zeros up to a multiple of 8. Returns its square in f64. */
function centred(d: i32, x: usize, origin: usize, to: usize): f64 {
  let a = f64x2.splat(0);
  const end = x + (usize(d) << 3);
  const blocks = x + (usize(d & ~3) << 3);
  while (x < blocks) {
    const p = f64x2.sub(v128.load(x), v128.load(origin));
    const q = f64x2.sub(v128.load(x, 16), v128.load(origin, 16));
    a = madd(p, p, madd(q, q, a));
    const low = f32x4.demote_f64x2_zero(p);
    v128.store(to, v128.shuffle<i64>(low, f32x4.demote_f64x2_zero(q), 0, 2));
    x += 32;
    origin += 32;
    to += 16;
  }
  let total = f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
  while (x < end) {
    const v = load<f64>(x) - load<f64>(origin);
    store<f32>(to, f32(v));
    total += v * v;
    x += 8;
    origin += 8;
    to += 4;
  }
  for (let pad = d; pad & 7; ++pad) {
    store<f32>(to, 0);
    to += 4;
  }
  return total;
}

/**
 * Centroids for {@link elkanRound}: cⱼ - origin in f32, row by row, with zeros up to a multiple of 8
 * columns, and their squares. centroids: f64 k × d; origin: f64[d]; rows: f32 k × ⌈d/8⌉·8;
 * squares: f64[k].
 */
export function packCentred(
  k: i32,
  d: i32,
  centroids: usize,
  origin: usize,
  rows: usize,
  squares: usize,
): void {
  const stride = usize((d + 7) & ~7) << 2;
  for (let j = 0; j < k; ++j) {
    store<f64>(squares + (usize(j) << 3), centred(d, centroids, origin, rows));
    centroids += usize(d) << 3;
    rows += stride;
  }
}

/** Σ of the four f32 lanes. */
function sumF32(a: v128): f32 {
  const b = f32x4.add(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1));
  return f32x4.extract_lane(b, 0) + f32x4.extract_lane(b, 1);
}

/** out[i] ← x · row listed at list[i], i < 4. x and rows: f32, `bytes` long, a multiple of 32. */
function dots4(bytes: usize, x: usize, rows: usize, list: usize, out: usize): void {
  let p0 = rows + usize(load<i32>(list)) * bytes;
  let p1 = rows + usize(load<i32>(list, 4)) * bytes;
  let p2 = rows + usize(load<i32>(list, 8)) * bytes;
  let p3 = rows + usize(load<i32>(list, 12)) * bytes;
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  const end = x + bytes;
  while (x < end) {
    const y = v128.load(x);
    const z = v128.load(x, 16);
    a0 = maddF32(y, v128.load(p0), a0);
    b0 = maddF32(z, v128.load(p0, 16), b0);
    a1 = maddF32(y, v128.load(p1), a1);
    b1 = maddF32(z, v128.load(p1, 16), b1);
    a2 = maddF32(y, v128.load(p2), a2);
    b2 = maddF32(z, v128.load(p2, 16), b2);
    a3 = maddF32(y, v128.load(p3), a3);
    b3 = maddF32(z, v128.load(p3, 16), b3);
    x += 32;
    p0 += 32;
    p1 += 32;
    p2 += 32;
    p3 += 32;
  }
  store<f32>(out, sumF32(f32x4.add(a0, b0)));
  store<f32>(out, sumF32(f32x4.add(a1, b1)), 4);
  store<f32>(out, sumF32(f32x4.add(a2, b2)), 8);
  store<f32>(out, sumF32(f32x4.add(a3, b3)), 12);
}

/**
 * bounds[j] ← bounds[j] - moves[j]; lists every j but `own` whose bound is not above t, and fills
 * the last four of the list with 0. Returns how many are listed.
 */
function lowerBounds(
  k: i32,
  bounds: usize,
  moves: usize,
  t: f32,
  own: i32,
  list: usize,
): i32 {
  const shrink = f32x4.splat(BELOW_F32);
  const above = f32x4.splat(t);
  let count = 0;
  for (let j = 0; j < k; j += 4) {
    const bound = f32x4.sub(f32x4.mul(v128.load(bounds), shrink), v128.load(moves));
    v128.store(bounds, bound);
    let fails = i32x4.bitmask(f32x4.gt(bound, above)) ^ 15;
    while (fails) {
      const at = j + ctz(fails);
      if (at < k && at != own) {
        store<i32>(list + (usize(count) << 2), at);
        ++count;
      }
      fails &= fails - 1;
    }
    bounds += 16;
    moves += 16;
  }
  for (let pad = count; pad & 3; ++pad) store<i32>(list + (usize(pad) << 2), 0);
  return count;
}

/** bound ← a number below √square. */
function storeBound(bound: usize, square: f64): void {
  store<f32>(bound, square > 0 ? f32(sqrt(square)) * BELOW_F32 : 0);
}

/**
 * The closest of `own`, whose squared distance is `margin` below `near` or as much less, and of the
 * listed centroids, whose squared distances are off by `off` at most; -1 when that cannot be told.
 * Writes the bounds of all of them.
 */
function closest(
  count: i32,
  own: i32,
  near: f64,
  margin: f64,
  square: f64,
  off: f64,
  squares: usize,
  list: usize,
  dots: usize,
  bounds: usize,
): i32 {
  let label = own;
  // The largest and the least that the square of the closest so far may be, and the least of another.
  let high = near;
  let low = near - 2 * margin;
  let rival: f64 = Infinity;
  storeBound(bounds + (usize(own) << 2), low);
  for (let i: usize = 0; i < usize(count) << 2; i += 4) {
    const j = load<i32>(list + i);
    const product = load<f32>(dots + i);
    const bound = bounds + (usize(j) << 2);
    if (!(abs(product) < Infinity)) {
      store<f32>(bound, 0);
      rival = -Infinity;
      continue;
    }
    const s = square + load<f64>(squares + (usize(j) << 3)) - 2 * f64(product);
    storeBound(bound, s - off);
    if (s + off < high) {
      rival = min(rival, low);
      label = j;
      high = s + off;
      low = s - off;
    } else {
      rival = min(rival, s - off);
    }
  }
  return rival > high ? label : -1;
}

/**
 * A round with k bounds a row.
 *
 * points, panels, bias: as `assign`; rows: f64 k × d, the centroids; origin, packed, squares: of
 * {@link packCentred}; most: √ of the largest of `squares`; moves: f32[⌈k/4⌉·4], at least the way
 * that each centroid has moved since the bounds were true; share: how far an f32 inner product may
 * be off, in relation to the product of the lengths; margin: see above.
 * labels: i32[n] of the round before; lower: f32 n × ⌈k/4⌉·4, 0 where nothing is known; both are
 * brought up to date. weights: f64[n] or 0. scratch: 8·⌈d/8⌉·4 + 8·(k + 4) bytes, at 16.
 * sums, counts: as `assignAccumulate`.
 * Returns how many distances were measured, and k for each row that the tile had to decide.
 */
export function elkanRound(
  n: i32,
  d: i32,
  k: i32,
  points: usize,
  weights: usize,
  panels: usize,
  bias: usize,
  rows: usize,
  origin: usize,
  packed: usize,
  squares: usize,
  most: f64,
  moves: usize,
  share: f64,
  margin: f64,
  labels: usize,
  lower: usize,
  scratch: usize,
  sums: usize,
  counts: usize,
): f64 {
  const stride = usize(d) << 3;
  const bytes = usize((d + 7) & ~7) << 2;
  const width = usize((k + 3) & ~3) << 2;
  const list = scratch + bytes;
  const dots = list + (usize(k + 4) << 2);
  let measured: f64 = 0;
  for (let row = 0; row < n; ++row) {
    const x = points + usize(row) * stride;
    touch(x, x + stride, labels + (usize(row) << 2));
    const own = load<i32>(labels + (usize(row) << 2));
    const bounds = lower + usize(row) * width;
    const near = squaredDistance(d, x, rows + usize(own) * stride) + margin;
    const count = lowerBounds(k, bounds, moves, f32(sqrt(near) * ABOVE_F32 + SMALLEST), own, list);
    if (count > 0) {
      measured += f64(count);
      const square = centred(d, x, origin, scratch);
      for (let i = 0; i < count; i += 4) {
        const four = usize(i) << 2;
        dots4(bytes, scratch, packed, list + four, dots + four);
      }
      const length = sqrt(square);
      const off = 2 * (share * length * most + UNDERFLOW * (length + most + 1)) + margin;
      const label = closest(count, own, near, margin, square, off, squares, list, dots, bounds);
      if (label >= 0) {
        store<i32>(labels + (usize(row) << 2), label);
      } else {
        measured += f64(k);
        tile1<f64, i32>(usize(row), d, k, points, panels, bias, labels, 0);
      }
    }
    addRows(row, row + 1, d, points, weights, labels, sums, counts);
  }
  return measured;
}
