/**
 * The one place where the two builds differ.
 *
 * `simd` rounds a product and a sum each, so its bits are the same on every CPU. `relaxed` rounds
 * once where the CPU fuses, so its bits may differ between machines, but not between calls on one
 * machine.
 */

/** ab + c in each f64 lane. */
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c);
  return f64x2.add(f64x2.mul(a, b), c);
}

/** `a` in the lanes of 64 bits where `mask` is all ones, `b` where it is all zeros. */
export function select(a: v128, b: v128, mask: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i64x2.relaxed_laneselect(a, b, mask);
  return v128.bitselect(a, b, mask);
}

/** {@link madd} in each f32 lane. */
export function maddF32(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}
