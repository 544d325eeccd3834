/**
 * Rows of distances between clusters: d[j] is the distance to the cluster in place j.
 *
 * `absent[j]` is 0 where place j has a cluster and NaN where it has none; added to a distance it
 * leaves the distance, or nothing that could win a comparison. Rows have a multiple of four entries.
 * Sums and products are never fused: both builds give the same bits. No bounds checks: the caller
 * validates.
 */

const WARD = 0;
const COMPLETE = 1;

/**
 * out[j] ← the distance of cluster j to the union of x and y, by the formula of Lance and Williams.
 *
 * The order of the operations is SciPy's: heights agree with its to the bit, and so ties do.
 * linkage: 0 ward, 1 complete, 2 average. x, y: f64[count], the distances to the parts, nx and ny
 * points each, dxy apart; sizes: f64[count], points of the clusters; absent: f64[count]; out:
 * f64[count], may be x or y.
 */
export function unionDistances(
  linkage: i32,
  count: i32,
  x: usize,
  y: usize,
  dxy: f64,
  nx: f64,
  ny: f64,
  sizes: usize,
  absent: usize,
  out: usize,
): void {
  const end = x + (usize(count) << 3);
  const one = f64x2.splat(1);
  const height = f64x2.splat(dxy);
  const pointsX = f64x2.splat(nx);
  const pointsY = f64x2.splat(ny);
  const points = f64x2.splat(nx + ny);
  while (x < end) {
    const dx = v128.load(x);
    const dy = v128.load(y);
    let d: v128;
    if (linkage == WARD) {
      const n = v128.load(sizes);
      const share = f64x2.div(one, f64x2.add(points, n));
      const ofX = f64x2.mul(f64x2.mul(f64x2.mul(f64x2.add(n, pointsX), share), dx), dx);
      const ofY = f64x2.mul(f64x2.mul(f64x2.mul(f64x2.add(n, pointsY), share), dy), dy);
      const between = f64x2.mul(f64x2.mul(f64x2.mul(n, share), height), height);
      d = f64x2.sqrt(f64x2.sub(f64x2.add(ofX, ofY), between));
    } else if (linkage == COMPLETE) {
      d = f64x2.pmax(dy, dx);
    } else {
      const sum = f64x2.add(f64x2.mul(pointsX, dx), f64x2.mul(pointsY, dy));
      d = f64x2.div(sum, points);
    }
    v128.store(out, f64x2.add(d, v128.load(absent)));
    x += 16;
    y += 16;
    sizes += 16;
    absent += 16;
    out += 16;
  }
}

/** The smallest of row + absent; Infinity when there is none. */
function smallest(count: i32, row: usize, absent: usize): f64 {
  const end = row + (usize(count) << 3);
  let a = f64x2.splat(Infinity);
  let b = a;
  // pmin(known, new) takes no NaN that is new.
  for (; row < end; row += 32) {
    a = f64x2.pmin(a, f64x2.add(v128.load(row), v128.load(absent)));
    b = f64x2.pmin(b, f64x2.add(v128.load(row, 16), v128.load(absent, 16)));
    absent += 32;
  }
  a = f64x2.pmin(a, b);
  return min<f64>(f64x2.extract_lane(a, 0), f64x2.extract_lane(a, 1));
}

/** The first j at which row + absent is a value that is there. */
function firstPlace(value: f64, row: usize, absent: usize): i32 {
  const wanted = f64x2.splat(value);
  const start = row;
  let found = 0;
  while (!found) {
    found = i64x2.bitmask(f64x2.eq(f64x2.add(v128.load(row), v128.load(absent)), wanted));
    row += 16;
    absent += 16;
  }
  return i32((row - start - 16) >> 3) + ctz<i32>(found);
}

/**
 * The nearest cluster of a row, the first of several, and the next nearest.
 *
 * distances[0], places[0] ← of the nearest; distances[1], places[1] ← of the next; Infinity and -1
 * where no distance is below Infinity. row, absent: f64[count]; distances: f64[2]; places: i32[2].
 */
export function nearestTwo(
  count: i32,
  row: usize,
  absent: usize,
  distances: usize,
  places: usize,
): void {
  const nearest = smallest(count, row, absent);
  store<f64>(distances, nearest);
  store<f64>(distances, Infinity, 8);
  store<i32>(places, -1);
  store<i32>(places, -1, 4);
  if (nearest == Infinity) return;
  const place = firstPlace(nearest, row, absent);
  store<i32>(places, place);
  // Nobody sees the nearest one while the next is looked for.
  const at = absent + (usize(place) << 3);
  store<f64>(at, NaN);
  const next = smallest(count, row, absent);
  if (next != Infinity) {
    store<f64>(distances, next, 8);
    store<i32>(places, firstPlace(next, row, absent), 4);
  }
  store<f64>(at, 0);
}

/**
 * The clusters whose nearest two change when x and y become one, at new distances.
 *
 * Writes each j to out with nearest[j] or second[j] in {x, y}, or row[j] <= bound[j], ascending, and
 * returns how many. row, bound: f64[count]; nearest, second: i32[count]; out: room for i32[count].
 */
export function changedNeighbours(
  count: i32,
  row: usize,
  bound: usize,
  nearest: usize,
  second: usize,
  x: i32,
  y: i32,
  out: usize,
): i32 {
  const first = out;
  const partX = i32x4.splat(x);
  const partY = i32x4.splat(y);
  for (let j = 0; j < count; j += 4) {
    const near = v128.load(nearest);
    const next = v128.load(second);
    const ofX = v128.or(i32x4.eq(near, partX), i32x4.eq(next, partX));
    const ofY = v128.or(i32x4.eq(near, partY), i32x4.eq(next, partY));
    const a = f64x2.le(v128.load(row), v128.load(bound));
    const b = f64x2.le(v128.load(row, 16), v128.load(bound, 16));
    const isNear = v128.shuffle<i32>(a, b, 0, 2, 4, 6);
    let changed = i32x4.bitmask(v128.or(isNear, v128.or(ofX, ofY)));
    while (changed) {
      store<i32>(out, j + ctz<i32>(changed));
      out += 4;
      changed &= changed - 1;
    }
    row += 32;
    bound += 32;
    nearest += 16;
    second += 16;
  }
  return i32((out - first) >> 2);
}

/**
 * out[places[k]] ← entry `column` of row which[k].
 *
 * rows: f64, `stride` entries from row to row; which, places: i32[count]; out: f64 of all places.
 */
export function gatherColumn(
  count: i32,
  rows: usize,
  stride: i32,
  which: usize,
  places: usize,
  column: i32,
  out: usize,
): void {
  rows += usize(column) << 3;
  for (let k = 0; k < count; ++k) {
    const entry = load<f64>(rows + ((usize(load<i32>(which)) * usize(stride)) << 3));
    store<f64>(out + (usize(load<i32>(places)) << 3), entry);
    which += 4;
    places += 4;
  }
}

/** out[k] ← x[places[k]]. places: i32[count], ascending where out is x. */
export function gatherEntries(count: i32, x: usize, places: usize, out: usize): void {
  const end = out + (usize(count) << 3);
  for (; out < end; out += 8) {
    store<f64>(out, load<f64>(x + (usize(load<i32>(places)) << 3)));
    places += 4;
  }
}

/** out[places[k]] ← x[k]. x: f64[count]; places: i32[count]; out: f64 of all places. */
export function scatterEntries(count: i32, x: usize, places: usize, out: usize): void {
  const end = x + (usize(count) << 3);
  for (; x < end; x += 8) {
    store<f64>(out + (usize(load<i32>(places)) << 3), load<f64>(x));
    places += 4;
  }
}
