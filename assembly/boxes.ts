/**
 * Rounds of Lloyd's algorithm in few dimensions: labels, sums and counts have the bits that
 * `assignAccumulate` gives.
 *
 * Points that lie together are kept together, sixteen to a block and eight blocks to a group, as
 * f32 counted from an origin near the data. A box around each says which centroids can be the
 * closest to any point inside: first those of the group's box, of these those of the block's, and
 * only they are compared with its points, which are the lanes:
 *
 *     block:  [x₀ of 16 points] [x₁ of 16 points] ...    d · 64 bytes
 *     box:    [m₀ h₀] [m₁ h₁] ...                        middle and half of the width: d · 8 bytes
 *     list:   [c₀ of each] ... [-|c|²/2 of each] [index of each]    d + 2 rows of ⌈k/4⌉·16 bytes
 *
 * `slack` is more than what rounding can change in a difference of two scores x·c - |c|²/2, here or
 * in `assign`. A centroid that is behind by more is left out, a label that is ahead by more is the
 * one that `assign` finds, and where nothing is proved `assign`'s own tile decides. Rows are added
 * to the sums in their order. No bounds checks: the caller validates.
 *
 * @see Pelleg and Moore, Accelerating exact k-means algorithms with geometric reasoning, 1999;
 * Kanungo et al., An efficient k-means clustering algorithm: analysis and implementation, 2002.
 */
import { tile1 } from './distance';
import { maddF32 } from './fma';
import { addRows } from './kmeans';

const BLOCK: i32 = 16;
const GROUP: i32 = 8 * BLOCK;
/** Bytes of a column of a block. */
const COLUMN: usize = 64;
/** Rows by which the cells are cut. */
const SAMPLE: i32 = 256;
/** Takes the rounding of a difference out of a half width. */
const ABOVE: f32 = 1 + 2.5e-7;

/** Sorts f32[SAMPLE] by Shell's method. */
function sort(values: usize): void {
  for (let gap: usize = SAMPLE >> 1; gap > 0; gap = gap == 2 ? 1 : (gap * 5) / 11) {
    for (let i = gap; i < <usize>SAMPLE; ++i) {
      const value = load<f32>(values + (i << 2));
      let j = i;
      while (j >= gap && load<f32>(values + ((j - gap) << 2)) > value) {
        store<f32>(values + (j << 2), load<f32>(values + ((j - gap) << 2)));
        j -= gap;
      }
      store<f32>(values + (j << 2), value);
    }
  }
}

/**
 * Cuts a column at quantiles into 2^bits bins and appends the bin of each row to its cell's number.
 * sample: f32[SAMPLE], spare.
 */
function cut(n: i32, bits: i32, keys: usize, cells: usize, sample: usize): void {
  for (let i = 0; i < SAMPLE; ++i) {
    const row = usize((u64(i) * u64(n)) / SAMPLE);
    store<f32>(sample + (usize(i) << 2), load<f32>(keys + (row << 2)));
  }
  sort(sample);
  const bins = 1 << bits;
  // The sample's quantiles take its place: each is read from behind where it is written.
  for (let bin = 0; bin < bins; ++bin) {
    const at = usize(min(SAMPLE - 1, ((bin + 1) * SAMPLE) / bins));
    store<f32>(sample + (usize(bin) << 2), load<f32>(sample + (at << 2)));
  }
  for (let row: usize = 0; row < usize(n) << 2; row += 4) {
    const key = load<f32>(keys + row);
    let bin: usize = 0;
    for (let by = usize(bins) << 1; by >= 4; by >>= 1) {
      bin += key >= load<f32>(sample + bin + by - 4) ? by : 0;
    }
    store<i32>(cells + row, (load<i32>(cells + row) << bits) | i32(bin >> 2));
  }
}

/** order ← the rows by the ranks of their cells, those of one cell as they were. starts: spare. */
function sortByCell(
  n: i32,
  count: i32,
  cells: usize,
  ranks: usize,
  starts: usize,
  order: usize,
): void {
  const end = usize(count) << 2;
  memory.fill(starts, 0, end);
  for (let row: usize = 0; row < usize(n) << 2; row += 4) {
    const rank = load<i32>(ranks + (usize(load<i32>(cells + row)) << 2));
    store<i32>(cells + row, rank);
    const at = starts + (usize(rank) << 2);
    store<i32>(at, load<i32>(at) + 1);
  }
  let start = 0;
  for (let at: usize = 0; at < end; at += 4) {
    const rows = load<i32>(starts + at);
    store<i32>(starts + at, start);
    start += rows;
  }
  for (let row = 0; row < n; ++row) {
    const at = starts + (usize(load<i32>(cells + (usize(row) << 2))) << 2);
    const place = load<i32>(at);
    store<i32>(at, place + 1);
    store<i32>(order + (usize(place) << 2), row);
  }
}

/** keys ← x - origin, column by column. Returns the largest square of a row. */
function stage(n: i32, d: i32, points: usize, origin: usize, keys: usize): f64 {
  let most: f64 = 0;
  for (let row = 0; row < n; ++row) {
    let square: f64 = 0;
    let key = keys + (usize(row) << 2);
    for (let t: usize = 0; t < usize(d) << 3; t += 8) {
      const v = load<f64>(points) - load<f64>(origin + t);
      square += v * v;
      store<f32>(key, f32(v));
      key += usize(n) << 2;
      points += 8;
    }
    most = max(most, square);
  }
  return most;
}

/** The least of four lanes. */
function least(a: v128): f32 {
  const b = f32x4.pmin(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmin(b, v128.shuffle<f32>(b, b, 1, 0, 3, 2)), 0);
}

/** The box of `count` blocks. */
function box(count: i32, d: i32, block: usize, to: usize): void {
  const stride = usize(d) * COLUMN;
  for (let t = 0; t < d; ++t) {
    let low = v128.load(block);
    let high = low;
    let at = block;
    for (let b = 0; b < count; ++b) {
      for (let i: usize = 0; i < COLUMN; i += 16) {
        const x = v128.load(at + i);
        low = f32x4.pmin(low, x);
        high = f32x4.pmax(high, x);
      }
      at += stride;
    }
    const from = least(low);
    const until = -least(f32x4.neg(high));
    const middle = from * 0.5 + until * 0.5;
    store<f32>(to, middle);
    store<f32>(to, max(until - middle, middle - from) * ABOVE, 4);
    block += COLUMN;
    to += 8;
  }
}

/**
 * Puts points into blocks. points: f64 n × d row-major; origin: f64[d]; order: i32[⌈n/16⌉·16],
 * where row order[i] is in place i of the blocks, and the last row fills up the last block;
 * columns: f32[⌈n/16⌉·16·d]; boxes: f32[⌈n/16⌉·2d]; groups: f32[⌈n/128⌉·2d].
 *
 * Each column is cut at quantiles into 2^bits bins; ranks: i32[2^(bits·d)], the place of each cell
 * on a curve through all of them. bits <= 8. scratch: 4(n(d + 1) + 2^(bits·d) + 256) bytes. n > 0.
 * Returns the largest squared distance of a point from the origin.
 */
export function boxPoints(
  n: i32,
  d: i32,
  points: usize,
  origin: usize,
  order: usize,
  columns: usize,
  boxes: usize,
  groups: usize,
  bits: i32,
  ranks: usize,
  scratch: usize,
): f64 {
  const keys = scratch;
  const cells = keys + ((usize(n) * usize(d)) << 2);
  const starts = cells + (usize(n) << 2);
  const most = stage(n, d, points, origin, keys);
  memory.fill(cells, 0, usize(n) << 2);
  const count = 1 << (bits * d);
  for (let t = 0; t < d; ++t) {
    const column = keys + ((usize(t) * usize(n)) << 2);
    cut(n, bits, column, cells, starts + (usize(count) << 2));
  }
  sortByCell(n, count, cells, ranks, starts, order);
  const blocks = (n + BLOCK - 1) / BLOCK;
  const last = load<i32>(order + (usize(n - 1) << 2));
  for (let i = n; i < blocks * BLOCK; ++i) store<i32>(order + (usize(i) << 2), last);
  const stride = usize(d) * COLUMN;
  for (let b = 0; b < blocks; ++b) {
    const rows = order + usize(b) * COLUMN;
    const block = columns + usize(b) * stride;
    for (let i: usize = 0; i < COLUMN; i += 4) {
      let key = keys + (usize(load<i32>(rows + i)) << 2);
      for (let at = block + i; at < block + stride; at += COLUMN) {
        store<f32>(at, load<f32>(key));
        key += usize(n) << 2;
      }
    }
    box(1, d, block, boxes + ((usize(b) * usize(d)) << 3));
  }
  for (let b = 0; b < blocks; b += 8) {
    box(min(8, blocks - b), d, columns + usize(b) * stride, groups);
    groups += usize(d) << 3;
  }
  return most;
}

/** The list of all centroids. */
function listAll(k: i32, d: i32, centroids: usize, origin: usize, list: usize): void {
  const width = usize((k + 3) & ~3) << 2;
  for (let j = 0; j < k; ++j) {
    let square: f64 = 0;
    let to = list + (usize(j) << 2);
    for (let t: usize = 0; t < usize(d) << 3; t += 8) {
      const v = load<f64>(centroids) - load<f64>(origin + t);
      square += v * v;
      store<f32>(to, f32(v));
      to += width;
      centroids += 8;
    }
    store<f32>(to, f32(-0.5 * square));
    store<i32>(to + width, j);
  }
  fill(k, d, width, list);
}

/** Ends a list with centroids that are never the closest, up to a multiple of four. */
function fill(count: i32, d: i32, width: usize, list: usize): void {
  for (; count & 3; ++count) {
    let to = list + (usize(count) << 2);
    for (let t = 0; t < d; ++t) {
      store<f32>(to, 0);
      to += width;
    }
    store<f32>(to, -Infinity);
  }
}

/** How far a column of four centroids is from that of another one. */
function apart(column: usize, other: v128): v128 {
  return f32x4.abs(f32x4.sub(v128.load(column), other));
}

/**
 * Marks those of a list that may be the closest to a point of a box: not those that are behind the
 * closest to its middle in every corner. places: i32 for each of the list, where they are written as
 * offsets in bytes. Returns how many.
 */
function narrow(
  count: i32,
  d: i32,
  width: usize,
  list: usize,
  region: usize,
  slack: f32,
  scores: usize,
  places: usize,
): i32 {
  const biases = list + usize(d) * width;
  const end = usize((count + 3) & ~3) << 2;
  const regionEnd = region + (usize(d) << 3);
  // The first columns in straight code: in so few dimensions loops cost more than what is in them.
  // Where there are fewer, what is loaded for the others is not used.
  const middle0 = v128.load32_splat(region);
  const middle1 = v128.load32_splat(region, 8);
  const middle2 = v128.load32_splat(region, 16);
  let best = f32x4.splat(-Infinity);
  let at = i32x4.splat(0);
  let index = i32x4(0, 4, 8, 12);
  for (let i: usize = 0; i < end; i += 16) {
    let p = list + i;
    let score = maddF32(v128.load(p), middle0, v128.load(biases + i));
    if (d > 1) {
      score = maddF32(v128.load((p += width)), middle1, score);
      if (d > 2) {
        score = maddF32(v128.load((p += width)), middle2, score);
        for (let q = region + 24; q < regionEnd; q += 8) {
          score = maddF32(v128.load((p += width)), v128.load32_splat(q), score);
        }
      }
    }
    v128.store(scores + i, score);
    at = v128.bitselect(index, at, f32x4.gt(score, best));
    best = f32x4.pmax(best, score);
    index = i32x4.add(index, i32x4.splat(16));
  }
  let other = v128.shuffle<f32>(best, best, 2, 3, 0, 1);
  at = v128.bitselect(v128.shuffle<i32>(at, at, 2, 3, 0, 1), at, f32x4.gt(other, best));
  best = f32x4.pmax(best, other);
  other = v128.shuffle<f32>(best, best, 1, 0, 3, 2);
  at = v128.bitselect(v128.shuffle<i32>(at, at, 1, 0, 3, 2), at, f32x4.gt(other, best));
  best = f32x4.pmax(best, other);

  const own = list + usize(i32x4.extract_lane(at, 0));
  const limit = f32x4.sub(best, f32x4.splat(slack));
  const half0 = v128.load32_splat(region, 4);
  const half1 = v128.load32_splat(region, 12);
  const half2 = v128.load32_splat(region, 20);
  const own0 = v128.load32_splat(own);
  const own1 = v128.load32_splat(own + width);
  const own2 = v128.load32_splat(own + 2 * width);
  let to = places;
  for (let i: usize = 0; i < end; i += 16) {
    let p = list + i;
    let score = maddF32(apart(p, own0), half0, v128.load(scores + i));
    if (d > 1) {
      score = maddF32(apart((p += width), own1), half1, score);
      if (d > 2) {
        score = maddF32(apart((p += width), own2), half2, score);
        let o = own + 2 * width;
        for (let q = region + 28; q < regionEnd; q += 8) {
          score = maddF32(
            apart((p += width), v128.load32_splat((o += width))),
            v128.load32_splat(q),
            score,
          );
        }
      }
    }
    const stays = i32x4.bitmask(f32x4.ge(score, limit));
    if (!stays) continue;
    // Without a branch: which stay cannot be predicted.
    store<i32>(to, i32(i));
    to += usize(stays & 1) << 2;
    store<i32>(to, i32(i) + 4);
    to += usize(stays & 2) << 1;
    store<i32>(to, i32(i) + 8);
    to += usize(stays & 4);
    store<i32>(to, i32(i) + 12);
    to += usize(stays & 8) >> 1;
  }
  return i32((to - places) >> 2);
}

/** The list of those at some places of another. */
function listSome(
  count: i32,
  d: i32,
  width: usize,
  from: usize,
  places: usize,
  to: usize,
): void {
  for (let i: usize = 0; i < usize(count) << 2; i += 4) {
    let source = from + usize(load<i32>(places + i));
    let target = to + i;
    for (let t = 0; t < d + 2; ++t) {
      store<i32>(target, load<i32>(source));
      source += width;
      target += width;
    }
  }
  fill(count, d, width, to);
}

/** Labels eight points of a block with the closest of those at some places of a list. Returns a bit for each whose label is not proved. */
function scan(
  count: i32,
  d: i32,
  width: usize,
  list: usize,
  places: usize,
  x: usize,
  slack: v128,
  order: usize,
  labels: usize,
): i32 {
  let best0 = f32x4.splat(-Infinity);
  let best1 = best0;
  let second0 = best0;
  let second1 = best0;
  let at0 = i32x4.splat(0);
  let at1 = at0;
  const biases = usize(d) * width;
  const end = places + (usize(count) << 2);
  const xEnd = x + usize(d) * COLUMN;
  const x0 = v128.load(x);
  const x1 = v128.load(x, 16);
  const y0 = v128.load(x, 64);
  const y1 = v128.load(x, 80);
  const z0 = v128.load(x, 128);
  const z1 = v128.load(x, 144);
  for (; places < end; places += 4) {
    let p = list + usize(load<i32>(places));
    const bias = v128.load32_splat(p + biases);
    const c0 = v128.load32_splat(p);
    let a = maddF32(c0, x0, bias);
    let b = maddF32(c0, x1, bias);
    if (d > 1) {
      const c1 = v128.load32_splat((p += width));
      a = maddF32(c1, y0, a);
      b = maddF32(c1, y1, b);
      if (d > 2) {
        const c2 = v128.load32_splat((p += width));
        a = maddF32(c2, z0, a);
        b = maddF32(c2, z1, b);
        for (let y = x + 3 * COLUMN; y < xEnd; y += COLUMN) {
          const c = v128.load32_splat((p += width));
          a = maddF32(c, v128.load(y), a);
          b = maddF32(c, v128.load(y, 16), b);
        }
      }
    }
    p += width;
    const index = v128.load32_splat(p + width);
    at0 = v128.bitselect(index, at0, f32x4.gt(a, best0));
    second0 = f32x4.pmax(second0, f32x4.pmin(best0, a));
    best0 = f32x4.pmax(best0, a);
    at1 = v128.bitselect(index, at1, f32x4.gt(b, best1));
    second1 = f32x4.pmax(second1, f32x4.pmin(best1, b));
    best1 = f32x4.pmax(best1, b);
  }
  v128.store32_lane(labels + (usize(load<i32>(order)) << 2), at0, 0);
  v128.store32_lane(labels + (usize(load<i32>(order, 4)) << 2), at0, 1);
  v128.store32_lane(labels + (usize(load<i32>(order, 8)) << 2), at0, 2);
  v128.store32_lane(labels + (usize(load<i32>(order, 12)) << 2), at0, 3);
  v128.store32_lane(labels + (usize(load<i32>(order, 16)) << 2), at1, 0);
  v128.store32_lane(labels + (usize(load<i32>(order, 20)) << 2), at1, 1);
  v128.store32_lane(labels + (usize(load<i32>(order, 24)) << 2), at1, 2);
  v128.store32_lane(labels + (usize(load<i32>(order, 28)) << 2), at1, 3);
  const proved0 = i32x4.bitmask(f32x4.gt(f32x4.sub(best0, second0), slack));
  const proved1 = i32x4.bitmask(f32x4.gt(f32x4.sub(best1, second1), slack));
  return (proved0 | (proved1 << 4)) ^ 255;
}

/**
 * Adds all rows to the sums of their labels, as `addRows` does without weights. A label's sums and
 * its count are together in `table`, in pairs, ⌊d/2⌋ + 1 of them for each centroid: zeros at first.
 */
function addAll(
  n: i32,
  d: i32,
  k: i32,
  points: usize,
  labels: usize,
  table: usize,
  sums: usize,
  counts: usize,
): void {
  const pairs = usize(d >> 1) << 4;
  const stride = pairs + 16;
  // A last column, and 1 for the count.
  const tail = f64x2.splat(1);
  const odd = d & 1;
  const end = labels + (usize(n) << 2);
  memory.fill(table, 0, usize(k) * stride);
  for (; labels < end; labels += 4) {
    let to = table + usize(load<i32>(labels)) * stride;
    const toTail = to + pairs;
    while (to < toTail) {
      v128.store(to, f64x2.add(v128.load(to), v128.load(points)));
      to += 16;
      points += 16;
    }
    if (odd) {
      const last = f64x2.replace_lane(tail, 0, load<f64>(points));
      v128.store(to, f64x2.add(v128.load(to), last));
      points += 8;
    } else {
      v128.store(to, f64x2.add(v128.load(to), f64x2(1, 0)));
    }
  }
  for (let j = 0; j < k; ++j) {
    memory.copy(sums, table, usize(d) << 3);
    store<f64>(counts, load<f64>(table + (odd ? stride - 8 : pairs)));
    sums += usize(d) << 3;
    counts += 8;
    table += stride;
  }
}

/**
 * A round over blocks.
 *
 * points, panels, bias: as `assign`; rows: f64 k × d, the centroids; origin, order, columns, boxes,
 * groups: of {@link boxPoints}; slack: see above, such that no score here comes near the ends of
 * f32. labels: i32[n], written. weights: f64[n] or 0. scratch: (2d + 6) · ⌈k/4⌉·16 + 16 bytes.
 * sums: f64 k × d; counts: f64[k]; zeros at first.
 * Returns how many rows had to be compared with all centroids.
 */
export function boxRound(
  n: i32,
  d: i32,
  k: i32,
  points: usize,
  weights: usize,
  panels: usize,
  bias: usize,
  rows: usize,
  origin: usize,
  slack: f32,
  order: usize,
  columns: usize,
  boxes: usize,
  groups: usize,
  labels: usize,
  scratch: usize,
  sums: usize,
  counts: usize,
): i32 {
  const width = usize((k + 3) & ~3) << 2;
  const places = scratch + width;
  // One more than there are places: what follows the last of them is written too.
  const all = places + width + 16;
  const some = all + usize(d + 2) * width;
  const slacks = f32x4.splat(slack);
  const region = usize(d) << 3;
  listAll(k, d, rows, origin, all);
  let listed = 0;
  let compared = 0;
  for (let first = 0; first < n; first += BLOCK) {
    if (first % GROUP == 0) {
      listed = narrow(k, d, width, all, groups, slack, scratch, places);
      listSome(listed, d, width, all, places, some);
      groups += region;
    }
    const few = narrow(listed, d, width, some, boxes, slack, scratch, places);
    boxes += region;
    let unproved = scan(few, d, width, some, places, columns, slacks, order, labels);
    const next = order + 32;
    unproved |= scan(few, d, width, some, places, columns + 32, slacks, next, labels) << 8;
    while (unproved) {
      const row = usize(load<i32>(order + (usize(ctz(unproved)) << 2)));
      tile1<f64, i32>(row, d, k, points, panels, bias, labels, 0);
      ++compared;
      unproved &= unproved - 1;
    }
    order += COLUMN;
    columns += usize(d) * COLUMN;
  }
  if (weights) addRows(0, n, d, points, weights, labels, sums, counts);
  else addAll(n, d, k, points, labels, scratch, sums, counts);
  return compared;
}
