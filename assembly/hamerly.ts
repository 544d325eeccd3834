/**
 * Rounds of Lloyd's algorithm with two bounds a row: labels, sums and counts have the bits that
 * `assignAccumulate` gives.
 *
 * A row whose distance to its own centroid is below one bound, and to every other one above the
 * other, keeps its label and is only added to its sum. The others are compared with all centroids
 * sixteen at a time, as f32 counted from an origin near the data, which is twice as fast as f64:
 *
 *     block:      [x₀ of 16 rows] [x₁ of 16 rows] ...    d · 64 bytes: the rows are the lanes
 *     centroids:  [c₀ c₀'] [c₁ c₁'] ...                  pairs c, c'; the last one may be a gap
 *
 * A label that is ahead by more than rounding can change, here or in `assign`, is the one that
 * `assign` finds; where nothing is proved `assign`'s own tile decides. Rows are added to the sums
 * in their order. Bounds that are infinite or NaN prove nothing. No bounds checks: the caller
 * validates.
 *
 * @see Hamerly, Making k-means even faster, 2010.
 */
import { dot } from './blas1';
import { tile1 } from './distance';
import { maddF32 } from './fma';
import { addRows, squaredDistance } from './kmeans';
import { touch } from './touch';

/** Rows of a block: their numbers lie in scratch, and the block in the second cache. */
const MOST_ROWS: i32 = 256;
const BLOCK_BYTES: i32 = 1 << 18;
/** Rows of a tile, and how many of them are compared in f64 instead when there are no more. */
const TILE: i32 = 16;
const FEW: i32 = 4;
/** Bytes of a column of a tile. */
const COLUMN: usize = 64;
/** Factors that take rounding in the last places out of a bound, and what f32 may round to 0. */
const BELOW: f32 = 1 - 5e-7;
const ABOVE: f32 = 1 + 5e-7;
const SMALLEST: f32 = 1e-36;
/** No bound is larger: f32 has an end. */
const LARGEST: f64 = 1e38;

/**
 * Centroids for {@link hamerlyRound}: cⱼ - origin in pairs as drawn above, and -|cⱼ - origin|²/2, in
 * f32. A gap has zeros and -Infinity. centroids: f64 k × d; origin: f64[d];
 * pairs: f32 ⌈k/2⌉ × d × 2; biases: f32[⌈k/2⌉·2]. Returns the largest |cⱼ - origin|².
 */
export function packPairs(
  k: i32,
  d: i32,
  centroids: usize,
  origin: usize,
  pairs: usize,
  biases: usize,
): f64 {
  let most: f64 = 0;
  for (let j = 0; j < ((k + 1) & ~1); ++j) {
    let to = pairs + ((usize(j >> 1) * usize(d)) << 3) + (usize(j & 1) << 2);
    let square: f64 = 0;
    for (let t: usize = 0; t < usize(d) << 3; t += 8) {
      const v = j < k ? load<f64>(centroids + t) - load<f64>(origin + t) : 0;
      square += v * v;
      store<f32>(to, f32(v));
      to += 8;
    }
    store<f32>(biases + (usize(j) << 2), j < k ? f32(-0.5 * square) : -Infinity);
    most = max(most, square);
    centroids += usize(d) << 3;
  }
  return most;
}

/** Two columns of a row, counted from the origin, in the low lanes. */
function centredPair(x: usize, origin: v128): v128 {
  return f32x4.demote_f64x2_zero(f64x2.sub(v128.load(x), origin));
}

/** Puts four rows into a tile, as f32 counted from the origin. */
function packRows(
  d: i32,
  x0: usize,
  x1: usize,
  x2: usize,
  x3: usize,
  origin: usize,
  to: usize,
): void {
  const end = x0 + (usize(d) << 3);
  const pairsEnd = x0 + (usize(d & ~1) << 3);
  while (x0 < pairsEnd) {
    const o = v128.load(origin);
    // Of rows 0 and 1: columns t of both, then t + 1.
    const low = v128.shuffle<f32>(centredPair(x0, o), centredPair(x1, o), 0, 4, 1, 5);
    const high = v128.shuffle<f32>(centredPair(x2, o), centredPair(x3, o), 0, 4, 1, 5);
    v128.store(to, v128.shuffle<i64>(low, high, 0, 2));
    v128.store(to + COLUMN, v128.shuffle<i64>(low, high, 1, 3));
    x0 += 16;
    x1 += 16;
    x2 += 16;
    x3 += 16;
    origin += 16;
    to += 2 * COLUMN;
  }
  if (x0 < end) {
    const o = load<f64>(origin);
    store<f32>(to, f32(load<f64>(x0) - o));
    store<f32>(to, f32(load<f64>(x1) - o), 4);
    store<f32>(to, f32(load<f64>(x2) - o), 8);
    store<f32>(to, f32(load<f64>(x3) - o), 12);
  }
}

/**
 * Puts the sixteen rows that are listed into a tile. Rows are touched in order before: read four at a
 * time they take 1.6 times as long when they come from DRAM.
 */
function packTile(d: i32, points: usize, list: usize, origin: usize, tile: usize): void {
  const stride = usize(d) << 3;
  for (let i: usize = 0; i < COLUMN; i += 16) {
    for (let j = i; j < i + 16; j += 4) {
      const x = points + usize(load<i32>(list + j)) * stride;
      touch(x, x + stride, tile);
    }
    packRows(
      d,
      points + usize(load<i32>(list + i)) * stride,
      points + usize(load<i32>(list + i, 4)) * stride,
      points + usize(load<i32>(list + i, 8)) * stride,
      points + usize(load<i32>(list + i, 12)) * stride,
      origin,
      tile + i,
    );
  }
}

/**
 * Compares the rows of a tile with all centroids. out: of sixteen rows each, best score, second
 * best, label, and |x|², all of 4 bytes.
 */
function compareTile(d: i32, k: i32, tile: usize, pairs: usize, biases: usize, out: usize): void {
  const end = tile + usize(d) * COLUMN;
  let best0 = f32x4.splat(-Infinity);
  let best1 = best0;
  let best2 = best0;
  let best3 = best0;
  v128.store(out + COLUMN, best0);
  v128.store(out + COLUMN, best0, 16);
  v128.store(out + COLUMN, best0, 32);
  v128.store(out + COLUMN, best0, 48);
  let at0 = i32x4.splat(0);
  let at1 = at0;
  let at2 = at0;
  let at3 = at0;
  let index = at0;
  const one = i32x4.splat(1);
  for (let j = 0; j < k; j += 2) {
    let a0 = v128.load32_splat(biases);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = v128.load32_splat(biases, 4);
    let b1 = b0;
    let b2 = b0;
    let b3 = b0;
    for (let x = tile; x < end; x += COLUMN) {
      const a = v128.load32_splat(pairs);
      const b = v128.load32_splat(pairs, 4);
      const x0 = v128.load(x);
      a0 = maddF32(x0, a, a0);
      b0 = maddF32(x0, b, b0);
      const x1 = v128.load(x, 16);
      a1 = maddF32(x1, a, a1);
      b1 = maddF32(x1, b, b1);
      const x2 = v128.load(x, 32);
      a2 = maddF32(x2, a, a2);
      b2 = maddF32(x2, b, b2);
      const x3 = v128.load(x, 48);
      a3 = maddF32(x3, a, a3);
      b3 = maddF32(x3, b, b3);
      pairs += 8;
    }
    // The better of two, then the better of both and those before: of equal ones the second best is
    // the best, and nothing is proved.
    const next = i32x4.add(index, one);
    best0 = lead(best0, a0, b0, out);
    best1 = lead(best1, a1, b1, out + 16);
    best2 = lead(best2, a2, b2, out + 32);
    best3 = lead(best3, a3, b3, out + 48);
    at0 = v128.bitselect(next, v128.bitselect(index, at0, f32x4.eq(a0, best0)), f32x4.eq(b0, best0));
    at1 = v128.bitselect(next, v128.bitselect(index, at1, f32x4.eq(a1, best1)), f32x4.eq(b1, best1));
    at2 = v128.bitselect(next, v128.bitselect(index, at2, f32x4.eq(a2, best2)), f32x4.eq(b2, best2));
    at3 = v128.bitselect(next, v128.bitselect(index, at3, f32x4.eq(a3, best3)), f32x4.eq(b3, best3));
    index = i32x4.add(next, one);
    biases += 8;
  }
  v128.store(out, best0);
  v128.store(out, best1, 16);
  v128.store(out, best2, 32);
  v128.store(out, best3, 48);
  v128.store(out, at0, 128);
  v128.store(out, at1, 144);
  v128.store(out, at2, 160);
  v128.store(out, at3, 176);
  squareTile(tile, end, out + 3 * COLUMN);
}

/** The best of three scores; brings the second best, a row of `out` further, up to date. */
function lead(best: v128, a: v128, b: v128, out: usize): v128 {
  const second = f32x4.pmax(f32x4.pmin(a, b), f32x4.pmin(best, f32x4.pmax(a, b)));
  v128.store(out + COLUMN, f32x4.pmax(v128.load(out + COLUMN), second));
  return f32x4.pmax(best, f32x4.pmax(a, b));
}

/** out ← |x|² of the rows of a tile. */
function squareTile(tile: usize, end: usize, out: usize): void {
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  for (; tile < end; tile += COLUMN) {
    const x0 = v128.load(tile);
    a0 = maddF32(x0, x0, a0);
    const x1 = v128.load(tile, 16);
    a1 = maddF32(x1, x1, a1);
    const x2 = v128.load(tile, 32);
    a2 = maddF32(x2, x2, a2);
    const x3 = v128.load(tile, 48);
    a3 = maddF32(x3, x3, a3);
  }
  v128.store(out, a0);
  v128.store(out, a1, 16);
  v128.store(out, a2, 32);
  v128.store(out, a3, 48);
}

/**
 * Four rows of {@link compareTile}: the best score becomes a number above the distance to its
 * centroid, the second best one below the distance to all others. A score is off by off·|x| + rest at
 * most, a square by `share` of it. Returns a bit for each row whose label is proved.
 */
function boundRows(out: usize, share: v128, off: v128, rest: v128): i32 {
  const best = v128.load(out);
  const second = v128.load(out + COLUMN);
  const square = v128.load(out + 3 * COLUMN);
  const error = f32x4.add(f32x4.mul(off, f32x4.sqrt(square)), rest);
  const twice = f32x4.add(error, error);
  const wide = f32x4.add(f32x4.mul(square, share), twice);
  const zero = f32x4.splat(0);
  const above = f32x4.add(f32x4.sub(square, f32x4.add(best, best)), wide);
  const below = f32x4.sub(f32x4.sub(square, f32x4.add(second, second)), wide);
  const upper = f32x4.mul(f32x4.sqrt(f32x4.pmax(zero, above)), f32x4.splat(ABOVE));
  v128.store(out, f32x4.add(upper, f32x4.splat(SMALLEST)));
  v128.store(
    out + COLUMN,
    f32x4.mul(f32x4.sqrt(f32x4.pmax(zero, below)), f32x4.splat(BELOW)),
  );
  return i32x4.bitmask(f32x4.gt(f32x4.sub(best, second), twice));
}

/** upper ← a number above √square. */
function storeUpper(upper: usize, square: f64): void {
  store<f32>(upper, f32(sqrt(square)) * ABOVE + SMALLEST);
}

/** Labels one row, which lies at x, as `assign` does; brings its bounds up to date. */
function compareRow(
  d: i32,
  k: i32,
  x: usize,
  panels: usize,
  bias: usize,
  rows: usize,
  margin: f64,
  label: usize,
  upper: usize,
  lower: usize,
  spare: usize,
): void {
  tile1<f64, f64>(0, d, k, x, panels, bias, label, spare);
  const own = rows + ((usize(load<i32>(label)) * usize(d)) << 3);
  storeUpper(upper, squaredDistance(d, x, own) + margin);
  const square = dot(d, x, x) - 2 * load<f64>(spare) - margin;
  store<f32>(lower, square > 0 ? f32(min(sqrt(square), LARGEST)) * BELOW : 0);
}

/**
 * Moves the bounds of rows [first, last) as far as the centroids may have moved, and lists the rows
 * that they do not settle. Returns how many.
 */
function listUnsettled(
  first: i32,
  last: i32,
  d: i32,
  points: usize,
  rows: usize,
  moves: usize,
  drops: usize,
  margin: f64,
  labels: usize,
  upper: usize,
  lower: usize,
  list: usize,
): i32 {
  const stride = usize(d) << 3;
  let count = 0;
  for (let row = first; row < last; ++row) {
    const at = usize(row) << 2;
    const label = usize(load<i32>(labels + at));
    const l = (load<f32>(lower + at) - load<f32>(drops + (label << 2))) * BELOW;
    const u = (load<f32>(upper + at) + load<f32>(moves + (label << 2))) * ABOVE;
    store<f32>(lower + at, l);
    store<f32>(upper + at, u);
    if (l > 0) {
      const square = f64(l) * f64(l);
      if (square > f64(u) * f64(u) + margin) continue;
      const own = squaredDistance(d, points + usize(row) * stride, rows + label * stride) + margin;
      storeUpper(upper + at, own);
      if (square > own) continue;
    }
    store<i32>(list + (usize(count) << 2), row);
    ++count;
  }
  return count;
}

/**
 * A round.
 *
 * points, panels, bias: as `assign`; rows: f64 k × d, the centroids; origin, pairs, biases: of
 * {@link packPairs}; share, off, rest: a square of a length in f32 may be off by share times itself,
 * and a score of row x by off·|x - origin| + rest; moves, drops: f32[k], at least the way that each
 * centroid has moved since the bounds were true, and the longest way that another one has; margin:
 * as `elkanRound`. labels: i32[n] of the round before; upper, lower: f32[n], the second one 0 where
 * nothing is known; all three are brought up to date. weights: f64[n] or 0.
 * scratch: (d + 22)·64 bytes, at 16. sums, counts: as `assignAccumulate`.
 * Returns how many rows had to be compared with all centroids; those in f64 count twice more.
 */
export function hamerlyRound(
  n: i32,
  d: i32,
  k: i32,
  points: usize,
  weights: usize,
  panels: usize,
  bias: usize,
  rows: usize,
  origin: usize,
  pairs: usize,
  biases: usize,
  share: f32,
  off: f32,
  rest: f32,
  moves: usize,
  drops: usize,
  margin: f64,
  labels: usize,
  upper: usize,
  lower: usize,
  scratch: usize,
  sums: usize,
  counts: usize,
): i32 {
  const stride = usize(d) << 3;
  const size = max(TILE, min(MOST_ROWS, BLOCK_BYTES / (d << 3)));
  const out = scratch;
  const spare = out + 4 * COLUMN;
  const list = spare + COLUMN;
  const tile = list + 17 * COLUMN;
  const shares = f32x4.splat(share);
  const offs = f32x4.splat(off);
  const rests = f32x4.splat(rest);
  let compared = 0;
  for (let first = 0; first < n; first += size) {
    const last = min(first + size, n);
    const count = listUnsettled(
      first,
      last,
      d,
      points,
      rows,
      moves,
      drops,
      margin,
      labels,
      upper,
      lower,
      list,
    );
    compared += count;
    for (let i = 0; i < count; i += TILE) {
      const next = list + (usize(i) << 2);
      const few = min(TILE, count - i);
      let proved = 0;
      if (few > FEW) {
        for (let pad = few; pad < TILE; ++pad) {
          store<i32>(next + (usize(pad) << 2), load<i32>(next));
        }
        packTile(d, points, next, origin, tile);
        compareTile(d, k, tile, pairs, biases, out);
        for (let j = 0; j < 4; ++j) {
          proved |= boundRows(out + (usize(j) << 4), shares, offs, rests) << (j << 2);
        }
      }
      for (let j = 0; j < few; ++j) {
        const row = usize(load<i32>(next + (usize(j) << 2)));
        const at = row << 2;
        if ((proved >> j) & 1) {
          const from = out + (usize(j) << 2);
          store<f32>(upper + at, load<f32>(from));
          store<f32>(lower + at, load<f32>(from + COLUMN));
          store<i32>(labels + at, load<i32>(from + 2 * COLUMN));
        } else {
          const x = points + row * stride;
          compareRow(
            d,
            k,
            x,
            panels,
            bias,
            rows,
            margin,
            labels + at,
            upper + at,
            lower + at,
            spare,
          );
          compared += 2;
        }
      }
    }
    addRows(first, last, d, points, weights, labels, sums, counts);
  }
  return compared;
}
