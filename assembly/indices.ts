/** Numbers that are to be indices: integers from 0 on. No bounds checks: the caller validates. */

/** Which of four indices are those of the values that they were made of, and not above `most`. */
// @ts-ignore: decorator
@inline
function areIndices(indices: v128, a: v128, b: v128, most: v128): v128 {
  const c = f64x2.convert_low_i32x4_s(indices);
  const d = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(indices, indices, 2, 3, 2, 3));
  const same = v128.shuffle<i32>(f64x2.eq(a, c), f64x2.eq(b, d), 0, 2, 4, 6);
  const within = v128.and(i32x4.ge_s(indices, i32x4.splat(0)), i32x4.le_s(indices, most));
  return v128.and(same, within);
}

/** Two pairs of values as integers, cut off; NaN is 0. */
// @ts-ignore: decorator
@inline
function truncated(a: v128, b: v128): v128 {
  const low = i32x4.trunc_sat_f64x2_s_zero(a);
  return v128.shuffle<i32>(low, i32x4.trunc_sat_f64x2_s_zero(b), 0, 1, 4, 5);
}

/** One value: the index, or -1 where it is none. */
function indexOf(value: f64, most: i32): i32 {
  const index = i32(value);
  return f64(index) == value && index >= 0 && index <= most ? index : -1;
}

/**
 * out[i] ← x[i] where that is an integer in [0, most], else `other`. x: f64[n]; out: i32[n]. -0 is 0.
 * Returns how many are `other`.
 */
export function toIndices(n: i32, x: usize, most: i32, other: i32, out: usize): i32 {
  const mosts = i32x4.splat(most);
  const others = i32x4.splat(other);
  let valid = i32x4.splat(0);
  const end = x + (usize(n & ~3) << 3);
  for (; x < end; x += 32) {
    const a = v128.load(x);
    const b = v128.load(x, 16);
    const indices = truncated(a, b);
    const are = areIndices(indices, a, b, mosts);
    v128.store(out, v128.bitselect(indices, others, are));
    valid = i32x4.sub(valid, are);
    out += 16;
  }
  let invalid = n & ~3;
  invalid -= i32x4.extract_lane(valid, 0) + i32x4.extract_lane(valid, 1);
  invalid -= i32x4.extract_lane(valid, 2) + i32x4.extract_lane(valid, 3);
  for (let rest = n & 3; rest > 0; --rest) {
    const index = indexOf(load<f64>(x), most);
    store<i32>(out, index < 0 ? other : index);
    if (index < 0) ++invalid;
    x += 8;
    out += 4;
  }
  return invalid;
}

/** The largest of x, all of which are integers in [0, most]; -1: some is not, or n is 0. x: f64[n]. */
export function largestIndex(n: i32, x: usize, most: i32): i32 {
  const mosts = i32x4.splat(most);
  let all = i32x4.splat(-1);
  let largest = i32x4.splat(-1);
  const end = x + (usize(n & ~3) << 3);
  for (; x < end; x += 32) {
    const a = v128.load(x);
    const b = v128.load(x, 16);
    const indices = truncated(a, b);
    all = v128.and(all, areIndices(indices, a, b, mosts));
    largest = i32x4.max_s(largest, indices);
  }
  if (!i32x4.all_true(all)) return -1;
  let result = max<i32>(i32x4.extract_lane(largest, 0), i32x4.extract_lane(largest, 1));
  result = max<i32>(result, i32x4.extract_lane(largest, 2));
  result = max<i32>(result, i32x4.extract_lane(largest, 3));
  for (let rest = n & 3; rest > 0; --rest) {
    const index = indexOf(load<f64>(x), most);
    if (index < 0) return -1;
    result = max<i32>(result, index);
    x += 8;
  }
  return result;
}
