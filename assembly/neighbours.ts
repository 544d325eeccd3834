/**
 * The k rows that are nearest to each of some queries, exactly, out of rows in blocks.
 *
 * Rows lie in blocks of `blockRows`, near ones together, each block in its box (the least and the
 * largest of each column). A block is looked at by the queries whose k-th neighbour so far is not
 * nearer than its box. It has a second form in f32, about the middle m of its box and scaled by a
 * power of two s that makes the largest entry about 1, eight rows to a panel, transposed:
 *
 *     panel p:  [y₀₀ y₁₀ ... y₇₀] [y₀₁ y₁₁ ... y₇₁] ...   d groups of 8 f32, rows 8p..8p+7
 *     bias:     [b₀ ... b₇]                              missing rows: zeros, bias -Infinity
 *     frame:    [m₀ ... m₍d₋₁₎ s]                         d + 1 f64
 *
 * There a tile (four queries by eight rows) screens: a row can be one of the k nearest only if its
 * score reaches a threshold. Those that do, and they are few, get their distance in f64 from the
 * rows as given, which alone decides. So the result is that of brute force in f64, to the bit, and
 * the same in both builds.
 *
 * The screen is safe: with u = 2⁻²⁴, x' and y' the query and the row as rounded, A = |x'|, B = |y'|
 * and D their distance before rounding, all scaled,
 *
 *     euclidean   score = x'·y' - B²/2 + εB² ≥ (A² - D²)/2 - εA²         norms: sums of squares
 *     manhattan   score = -Σ|x' - y'| + εB ≥ -D - εA                     norms: sums of magnitudes
 *
 * where rounding x and y moves D by at most 2u(A + B), and a chain of d products and sums errs by at
 * most (d + 2)u / (1 - (d + 2)u) of what it sums up, fused or not; ε = 1.5 (d + 16) u covers both
 * (with AB ≤ (A² + B²)/2) while (d + 16) u < 0.05. Beyond that, and where f32 overflows, every row
 * passes; what underflows is below the slack of 2⁻¹⁰⁰.
 *
 * Queries and rows are finite; no bounds checks: the caller validates. Equal distances: the row with
 * the lower index in `order` is nearer.
 */
import { maddF32 } from './fma';

/** A threshold that every score reaches, NaN too. */
const ALL: f32 = -Infinity;
/** Norms up to here (2¹⁰⁰) cannot make a score overflow. */
const LARGEST_NORM: f64 = 1.2676506002282294e30;
/** 2⁻¹⁰⁰, more than all that underflow can take from a score. */
const SLACK: f64 = 7.888609052210118e-31;
/** 2⁻²², more than a threshold loses when it is rounded to f32. */
const ROUNDING: f64 = 2.384185791015625e-7;
/** 2⁻²⁴, half the distance from 1 to the next f32. */
const UNIT: f64 = 5.960464477539063e-8;

/** The ε of the screen; Infinity where there is none. */
function epsilon(d: i32): f64 {
  const errors = f64(d + 16) * UNIT;
  return errors < 0.05 ? 1.5 * errors : Infinity;
}

/** One column of a tile. M = f32: s + xy (inner product); M = i32: s - |x - y| (manhattan). */
function step<M>(x: v128, y: v128, s: v128): v128 {
  if (isFloat<M>()) return maddF32(x, y, s);
  return f32x4.sub(s, f32x4.abs(f32x4.sub(x, y)));
}

/** What an entry adds to a norm or a distance. */
function term<M>(v: f64): f64 {
  return isFloat<M>() ? v * v : abs(v);
}

/** The power of two that brings `reach` into [1, 2), not beyond 2^±400; 1 for 0. */
function scaleFor(reach: f64): f64 {
  if (reach == 0) return 1;
  const exponent = i64(reinterpret<u64>(reach) >> 52) - 1023;
  return reinterpret<f64>(u64(1023 - min<i64>(max<i64>(exponent, -400), 400)) << 52);
}

/** One block: its frame, panels and bias. */
function packBlock<M>(
  count: i32,
  d: i32,
  rows: usize,
  box: usize,
  frame: usize,
  panels: usize,
  bias: usize,
): void {
  const width = usize(d) << 3;
  let reach: f64 = 0;
  for (let t: usize = 0; t < width; t += 8) {
    const low = load<f64>(box + t);
    const high = load<f64>(box + width + t);
    const middle = 0.5 * low + 0.5 * high;
    store<f64>(frame + t, middle);
    reach = max(reach, max(high - middle, middle - low));
  }
  const scale = scaleFor(reach);
  store<f64>(frame + width, scale);
  const weight = (isFloat<M>() ? -0.5 : 0) + epsilon(d);
  for (let row = 0; row < ((count + 7) & ~7); ++row) {
    let to = panels + usize(row >> 3) * (width << 2) + (usize(row & 7) << 2);
    let norm: f64 = 0;
    for (let t: usize = 0; t < width; t += 8) {
      let v: f32 = 0;
      if (row < count) v = f32((load<f64>(rows + t) - load<f64>(frame + t)) * scale);
      store<f32>(to, v);
      norm += term<M>(f64(v));
      to += 32;
    }
    store<f32>(bias + (usize(row) << 2), row < count ? f32(norm * weight + SLACK) : -Infinity);
    rows += width;
  }
}

/** All blocks; shapes as {@link packBlocks}. */
function packAll<M>(
  n: i32,
  d: i32,
  blockRows: i32,
  rows: usize,
  boxes: usize,
  frames: usize,
  panels: usize,
  bias: usize,
): void {
  const width = usize(d) << 3;
  const size = usize(blockRows);
  for (let first = 0; first < n; first += blockRows) {
    packBlock<M>(min(blockRows, n - first), d, rows, boxes, frames, panels, bias);
    rows += size * width;
    boxes += width << 1;
    frames += width + 8;
    panels += (size * width) >> 1;
    bias += size << 2;
  }
}

/**
 * Packs rows for {@link nearestRows}. n rows of d columns, in ⌈n/blockRows⌉ blocks; blockRows: a
 * multiple of 8. rows: f64 n × d row-major; boxes: f64 blocks × 2 × d, least then largest; frames:
 * f64 blocks × (d + 1); panels: f32 blocks · blockRows · d; bias: f32 blocks · blockRows, both
 * written as far as there are rows, rounded up to a multiple of 8.
 */
export function packBlocks(
  n: i32,
  d: i32,
  blockRows: i32,
  rows: usize,
  boxes: usize,
  frames: usize,
  panels: usize,
  bias: usize,
): void {
  packAll<f32>(n, d, blockRows, rows, boxes, frames, panels, bias);
}

/** {@link packBlocks} for {@link nearestRowsManhattan}. */
export function packBlocksManhattan(
  n: i32,
  d: i32,
  blockRows: i32,
  rows: usize,
  boxes: usize,
  frames: usize,
  panels: usize,
  bias: usize,
): void {
  packAll<i32>(n, d, blockRows, rows, boxes, frames, panels, bias);
}

/** What an entry of each lane adds to a norm or a distance. */
function terms<M>(v: v128): v128 {
  return isFloat<M>() ? f64x2.mul(v, v) : f64x2.abs(v);
}

/** 2⁻⁵¹, twice what a sum errs by for each of its terms. */
const SUM_ERROR: f64 = 4.440892098500626e-16;

/**
 * At most the distance of a point to a box, as {@link distance} has it: squared where M is f32, and
 * less than that by what rounding can do to two sums, of which this one adds columns in pairs.
 */
function boxDistance<M>(d: i32, x: usize, box: usize): f64 {
  const width = usize(d) << 3;
  const pairs = width & ~15;
  let sums = f64x2.splat(0);
  for (let t: usize = 0; t < pairs; t += 16) {
    const v = v128.load(x + t);
    const above = f64x2.sub(v128.load(box + t), v);
    const below = f64x2.sub(v, v128.load(box + width + t));
    sums = f64x2.add(sums, terms<M>(f64x2.pmax(f64x2.splat(0), f64x2.pmax(above, below))));
  }
  let total = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  if (pairs < width) {
    const v = load<f64>(x + pairs);
    const gap = max(load<f64>(box + pairs) - v, v - load<f64>(box + width + pairs));
    total += term<M>(max<f64>(gap, 0));
  }
  return total == Infinity ? f64.MAX_VALUE : total * (1 - f64(d + 16) * SUM_ERROR);
}

/** The distance of two rows, squared where M is f32: column by column, never fused. */
function distance<M>(d: i32, x: usize, y: usize): f64 {
  const end = x + (usize(d) << 3);
  let total: f64 = 0;
  for (; x < end; x += 8) {
    total += term<M>(load<f64>(x) - load<f64>(y));
    y += 8;
  }
  return total;
}

/** Puts a row into the list of the k nearest if it is one. Returns whether it is. */
function insert(k: i32, distances: usize, indices: usize, apart: f64, index: i32): bool {
  let at = usize(k - 1);
  const worst = load<f64>(distances + (at << 3));
  if (apart > worst || (apart == worst && index > load<i32>(indices + (at << 2)))) return false;
  for (; at > 0; --at) {
    const other = load<f64>(distances + (at << 3) - 8);
    const otherIndex = load<i32>(indices + (at << 2) - 4);
    if (other < apart || (other == apart && otherIndex < index)) break;
    store<f64>(distances + (at << 3), other);
    store<i32>(indices + (at << 2), otherIndex);
  }
  store<f64>(distances + (at << 3), apart);
  store<i32>(indices + (at << 2), index);
  return true;
}

/** What a score must reach for a row to be as near as `worst`, for a query of that norm. */
function threshold<M>(d: i32, norm: f64, worst: f64, scale: f64): f32 {
  const eps = epsilon(d);
  if (!(norm <= LARGEST_NORM) || eps == Infinity) return ALL;
  const apart = isFloat<M>() ? -0.5 * (worst * (scale * scale)) : -(worst * scale);
  const exact = (isFloat<M>() ? 0.5 * norm : 0) + apart - eps * norm;
  return f32(exact - abs(exact) * ROUNDING - SLACK);
}

/** Writes a query in the frame of a block as one of the four of a tile. Returns its norm. */
function placeQuery<M>(d: i32, x: usize, frame: usize, to: usize): f64 {
  const width = usize(d) << 3;
  const scale = load<f64>(frame + width);
  let norm: f64 = 0;
  for (let t: usize = 0; t < width; t += 8) {
    const v = f32((load<f64>(x + t) - load<f64>(frame + t)) * scale);
    store<f32>(to + (t << 1), v);
    norm += term<M>(f64(v));
  }
  return norm;
}

/**
 * Scratch of a tile, and of the queries that look at a block:
 *
 *     0  norms f64[4]   32  thresholds f32[4]   48  queries i32[4]   64  x' f32[d][4]   ...  list i32[m]
 */
const THRESHOLDS: usize = 32;
const LANES: usize = 48;
const PLACED: usize = 64;

/** The rows of a panel that may be among the nearest of one query of a tile. */
function consider<M>(
  hits: i32,
  lane: usize,
  d: i32,
  k: i32,
  rows: usize,
  order: usize,
  scale: f64,
  queries: usize,
  distances: usize,
  indices: usize,
  scratch: usize,
): void {
  const width = usize(d) << 3;
  const query = usize(load<i32>(scratch + LANES + (lane << 2)));
  const x = queries + query * width;
  distances += (query * usize(k)) << 3;
  indices += (query * usize(k)) << 2;
  let isNearer = false;
  for (; hits; hits &= hits - 1) {
    const row = usize(ctz(hits));
    const apart = distance<M>(d, x, rows + row * width);
    if (insert(k, distances, indices, apart, load<i32>(order + (row << 2)))) isNearer = true;
  }
  if (!isNearer) return;
  const norm = load<f64>(scratch + (lane << 3));
  const worst = load<f64>(distances + (usize(k - 1) << 3));
  store<f32>(scratch + THRESHOLDS + (lane << 2), threshold<M>(d, norm, worst, scale));
}

/**
 * Four queries, as placed in `scratch`, against all rows of a block. The first `lanes` are there; of
 * the others, only what cannot be screened would pass.
 */
function screen<M>(
  lanes: i32,
  count: i32,
  d: i32,
  k: i32,
  rows: usize,
  order: usize,
  panels: usize,
  bias: usize,
  scale: f64,
  queries: usize,
  distances: usize,
  indices: usize,
  scratch: usize,
): void {
  const stride = usize(d) << 4;
  const placed = scratch + PLACED;
  const end = placed + stride;
  for (let first = 0; first < count; first += 8) {
    let a0 = v128.load(bias);
    let b0 = v128.load(bias, 16);
    let a1 = a0;
    let b1 = b0;
    let a2 = a0;
    let b2 = b0;
    let a3 = a0;
    let b3 = b0;
    for (let x = placed; x < end; x += 16) {
      const ya = v128.load(panels);
      const yb = v128.load(panels, 16);
      panels += 32;
      const x0 = v128.load32_splat(x);
      a0 = step<M>(x0, ya, a0);
      b0 = step<M>(x0, yb, b0);
      const x1 = v128.load32_splat(x, 4);
      a1 = step<M>(x1, ya, a1);
      b1 = step<M>(x1, yb, b1);
      const x2 = v128.load32_splat(x, 8);
      a2 = step<M>(x2, ya, a2);
      b2 = step<M>(x2, yb, b2);
      const x3 = v128.load32_splat(x, 12);
      a3 = step<M>(x3, ya, a3);
      b3 = step<M>(x3, yb, b3);
    }
    bias += 32;
    // A NaN is not below: what cannot be screened is looked at.
    const t0 = v128.load32_splat(scratch, THRESHOLDS);
    a0 = f32x4.lt(a0, t0);
    b0 = f32x4.lt(b0, t0);
    const t1 = v128.load32_splat(scratch, THRESHOLDS + 4);
    a1 = f32x4.lt(a1, t1);
    b1 = f32x4.lt(b1, t1);
    const t2 = v128.load32_splat(scratch, THRESHOLDS + 8);
    a2 = f32x4.lt(a2, t2);
    b2 = f32x4.lt(b2, t2);
    const t3 = v128.load32_splat(scratch, THRESHOLDS + 12);
    a3 = f32x4.lt(a3, t3);
    b3 = f32x4.lt(b3, t3);
    const all01 = v128.and(v128.and(a0, b0), v128.and(a1, b1));
    const all23 = v128.and(v128.and(a2, b2), v128.and(a3, b3));
    if (i32x4.all_true(v128.and(all01, all23))) continue;
    const real = count - first >= 8 ? 255 : (1 << (count - first)) - 1;
    const h0 = real & ~(i32x4.bitmask(a0) | (i32x4.bitmask(b0) << 4));
    const h1 = real & ~(i32x4.bitmask(a1) | (i32x4.bitmask(b1) << 4));
    const h2 = real & ~(i32x4.bitmask(a2) | (i32x4.bitmask(b2) << 4));
    const h3 = real & ~(i32x4.bitmask(a3) | (i32x4.bitmask(b3) << 4));
    const y = rows + ((usize(first) * usize(d)) << 3);
    const at = order + (usize(first) << 2);
    if (h0) consider<M>(h0, 0, d, k, y, at, scale, queries, distances, indices, scratch);
    if (h1 && lanes > 1) consider<M>(h1, 1, d, k, y, at, scale, queries, distances, indices, scratch);
    if (h2 && lanes > 2) consider<M>(h2, 2, d, k, y, at, scale, queries, distances, indices, scratch);
    if (h3 && lanes > 3) consider<M>(h3, 3, d, k, y, at, scale, queries, distances, indices, scratch);
  }
}

/** Places up to four queries of a list for {@link screen}; where there are fewer, points that are far. */
function placeQueries<M>(
  count: i32,
  list: usize,
  d: i32,
  k: i32,
  frame: usize,
  queries: usize,
  distances: usize,
  scratch: usize,
): void {
  const width = usize(d) << 3;
  const scale = load<f64>(frame + width);
  for (let lane: usize = 0; lane < 4; ++lane) {
    const to = scratch + PLACED + (lane << 2);
    if (lane >= usize(count)) {
      for (let t: usize = 0; t < width; t += 8) store<f32>(to + (t << 1), 0);
      store<f32>(scratch + THRESHOLDS + (lane << 2), Infinity);
      continue;
    }
    const query = usize(load<i32>(list + (lane << 2)));
    const norm = placeQuery<M>(d, queries + query * width, frame, to);
    const worst = load<f64>(distances + ((query * usize(k) + usize(k - 1)) << 3));
    store<f64>(scratch + (lane << 3), norm);
    store<f32>(scratch + THRESHOLDS + (lane << 2), threshold<M>(d, norm, worst, scale));
    store<i32>(scratch + LANES + (lane << 2), i32(query));
  }
}

/** Lists the queries that a block may have a neighbour for. Returns how many. */
function listQueries<M>(
  m: i32,
  d: i32,
  k: i32,
  box: usize,
  queries: usize,
  distances: usize,
  list: usize,
): i32 {
  const width = usize(d) << 3;
  let worst = distances + (usize(k - 1) << 3);
  let listed = 0;
  for (let query = 0; query < m; ++query) {
    store<i32>(list + (usize(listed) << 2), query);
    listed += i32(boxDistance<M>(d, queries, box) <= load<f64>(worst));
    queries += width;
    worst += usize(k) << 3;
  }
  return listed;
}

/** The blocks in the order of `visits`. */
function nearest<M>(
  n: i32,
  d: i32,
  blockRows: i32,
  rows: usize,
  order: usize,
  boxes: usize,
  frames: usize,
  panels: usize,
  bias: usize,
  numVisits: i32,
  visits: usize,
  m: i32,
  queries: usize,
  k: i32,
  distances: usize,
  indices: usize,
  scratch: usize,
): void {
  const width = usize(d) << 3;
  const size = usize(blockRows);
  const list = scratch + PLACED + (width << 1);
  for (const end = visits + (usize(numVisits) << 2); visits < end; visits += 4) {
    const block = usize(load<i32>(visits));
    const first = block * size;
    const frame = frames + block * (width + 8);
    const box = boxes + block * (width << 1);
    const listed = listQueries<M>(m, d, k, box, queries, distances, list);
    for (let i = 0; i < listed; i += 4) {
      const four = list + (usize(i) << 2);
      placeQueries<M>(listed - i, four, d, k, frame, queries, distances, scratch);
      screen<M>(
        listed - i,
        i32(min(size, usize(n) - first)),
        d,
        k,
        rows + first * width,
        order + (first << 2),
        panels + ((first * width) >> 1),
        bias + (first << 2),
        load<f64>(frame + width),
        queries,
        distances,
        indices,
        scratch,
      );
    }
  }
}

/**
 * Puts the rows of some blocks that are among the k nearest of a query into its list, nearest first.
 * n to bias: as {@link packBlocks}, with order: i32[n], the index of each row; visits:
 * i32[numVisits], the blocks to look at, the nearest first for speed; queries: f64 m × d row-major;
 * distances: f64 m × k, squared, Infinity where there is none yet, and indices: i32 m × k, 2³¹ - 1
 * there, both in and out; k >= 1; scratch: 64 + 16 d + 4 m bytes, 8-byte aligned.
 */
export function nearestRows(
  n: i32,
  d: i32,
  blockRows: i32,
  rows: usize,
  order: usize,
  boxes: usize,
  frames: usize,
  panels: usize,
  bias: usize,
  numVisits: i32,
  visits: usize,
  m: i32,
  queries: usize,
  k: i32,
  distances: usize,
  indices: usize,
  scratch: usize,
): void {
  // biome-ignore format: one line for each thing it is about
  nearest<f32>(
    n, d, blockRows, rows, order, boxes, frames, panels, bias,
    numVisits, visits,
    m, queries, k, distances, indices, scratch,
  );
}

/** {@link nearestRows} by manhattan distances, with blocks of {@link packBlocksManhattan}. */
export function nearestRowsManhattan(
  n: i32,
  d: i32,
  blockRows: i32,
  rows: usize,
  order: usize,
  boxes: usize,
  frames: usize,
  panels: usize,
  bias: usize,
  numVisits: i32,
  visits: usize,
  m: i32,
  queries: usize,
  k: i32,
  distances: usize,
  indices: usize,
  scratch: usize,
): void {
  // biome-ignore format: one line for each thing it is about
  nearest<i32>(
    n, d, blockRows, rows, order, boxes, frames, panels, bias,
    numVisits, visits,
    m, queries, k, distances, indices, scratch,
  );
}
