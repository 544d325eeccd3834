/**
 * Order statistics by narrowing: values between bounds are gathered, and counted by equal ranges
 * of their keys. The key of a double is its bits as a signed integer in the order of doubles, with
 * one key for -0 and 0. No bounds checks: the caller validates.
 */

/** Bits, where those of negative numbers count down from 0. */
function keyOf(x: usize): i64 {
  const bits = load<i64>(x);
  const sign = bits >> 63;
  return ((bits & 0x7fffffffffffffff) ^ sign) - sign;
}

/**
 * Copies those of n values that are in [low, high] to `out`, in order, and returns how many there
 * are. NaN is in no range. x, out: f64[n], may not overlap.
 */
export function selectBetween(n: i32, x: usize, low: f64, high: f64, out: usize): i32 {
  const lows = f64x2.splat(low);
  const highs = f64x2.splat(high);
  const start = out;
  const end = x + (usize(n) << 3);
  const pairs = x + (usize(n & ~3) << 3);
  for (; x < pairs; x += 32) {
    const a = v128.load(x);
    const b = v128.load(x, 16);
    const inA = v128.and(f64x2.ge(a, lows), f64x2.le(a, highs));
    const inB = v128.and(f64x2.ge(b, lows), f64x2.le(b, highs));
    if (!v128.any_true(v128.or(inA, inB))) continue;
    // Stored in any case, kept where the place moves on: at most as many as there were values.
    const maskA = i64x2.bitmask(inA);
    const maskB = i64x2.bitmask(inB);
    v128.store64_lane(out, a, 0);
    out += usize(maskA & 1) << 3;
    v128.store64_lane(out, a, 1);
    out += usize(maskA >> 1) << 3;
    v128.store64_lane(out, b, 0);
    out += usize(maskB & 1) << 3;
    v128.store64_lane(out, b, 1);
    out += usize(maskB >> 1) << 3;
  }
  for (; x < end; x += 8) {
    const v = load<f64>(x);
    if (v >= low && v <= high) {
      store<f64>(out, v);
      out += 8;
    }
  }
  return i32((out - start) >> 3);
}

/**
 * counts[i mod 4][(key(x[i]) - key(low)) >> shift] += 1, four tables one after the other: values
 * that are next to each other are often in one part, and a count would wait for the one before.
 * x: f64[n], none below `low` or NaN; counts: u32 4 × parts, where no value is beyond the last.
 */
export function countKeys(
  n: i32,
  x: usize,
  low: usize,
  shift: i32,
  parts: i32,
  counts: usize,
): void {
  const first = keyOf(low);
  const by = u64(shift);
  const table = usize(parts) << 2;
  const end = x + (usize(n) << 3);
  const fours = x + (usize(n & ~3) << 3);
  for (; x < fours; x += 32) {
    count(counts, u64(keyOf(x) - first) >> by);
    count(counts + table, u64(keyOf(x + 8) - first) >> by);
    count(counts + (table << 1), u64(keyOf(x + 16) - first) >> by);
    count(counts + table * 3, u64(keyOf(x + 24) - first) >> by);
  }
  for (; x < end; x += 8) {
    count(counts, u64(keyOf(x) - first) >> by);
    counts += table;
  }
}

function count(counts: usize, part: u64): void {
  const at = counts + (usize(part) << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** out[t][i] ← x[i][t]: columns of a row-major matrix. x: f64 n × d; out: f64 d × n. */
export function transposeRows(n: i32, d: i32, x: usize, out: usize): void {
  const stride = usize(d) << 3;
  const column = usize(n) << 3;
  let row = 0;
  // Eight rows fill the cache lines of the columns as they are written.
  for (; row + 8 <= n; row += 8) {
    let to = out;
    for (let t: usize = 0; t < stride; t += 8) {
      let from = x + t;
      for (let r: usize = 0; r < 64; r += 16) {
        const pair = v128.load64_lane(from + stride, v128.load64_zero(from), 1);
        v128.store(to + r, pair);
        from += stride << 1;
      }
      to += column;
    }
    x += stride << 3;
    out += 64;
  }
  for (; row < n; ++row) {
    let to = out;
    for (let t: usize = 0; t < stride; t += 8) {
      store<f64>(to, load<f64>(x + t));
      to += column;
    }
    x += stride;
    out += 8;
  }
}

/**
 * out[i][t] ← how many of the edges of column t do not exceed x[i][t]; all of them for NaN. x, out:
 * f64 n × d; offsets: i32[d + 1] into edges: f64, ascending within a column.
 */
export function countEdges(
  n: i32,
  d: i32,
  x: usize,
  offsets: usize,
  edges: usize,
  out: usize,
): void {
  for (let row = 0; row < n; ++row) {
    for (let t = 0; t < d; ++t) {
      const at = offsets + (usize(t) << 2);
      const first = edges + (usize(load<i32>(at)) << 3);
      let left = usize(load<i32>(at, 4) - load<i32>(at));
      const v = load<f64>(x);
      let edge = first;
      // The number of steps depends on the column alone, so no branch is guessed wrong.
      while (left > 1) {
        const half = left >> 1;
        edge += v < load<f64>(edge + ((half - 1) << 3)) ? 0 : half << 3;
        left -= half;
      }
      if (left) edge += v < load<f64>(edge) ? 0 : 8;
      store<f64>(out, f64((edge - first) >> 3));
      x += 8;
      out += 8;
    }
  }
}
