/**
 * The one place where the two builds differ.
 *
 * `simd` rounds twice, so its bits are the same on every CPU. `relaxed` rounds once where the CPU
 * fuses, so its bits may differ between machines, but not between calls on one machine.
 */

/** ab + c in each f64 lane. */
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c);
  return f64x2.add(f64x2.mul(a, b), c);
}
