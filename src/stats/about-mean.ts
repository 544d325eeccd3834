/**
 * Σ(x - mean)² of n values from their sums about any shift: the sum of squares and the sum.
 *
 * Not below zero by a rounding error; NaN stays. The digits are those of values near the shift, so
 * it should be one of them.
 */
export function aboutMean(squares: number, sum: number, n: number): number {
  return Math.max(0, squares - (sum * sum) / n);
}
