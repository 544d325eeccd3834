/**
 * Upper tails of distributions: how likely a value is at least as large. Computed as such, so that
 * small ones keep their digits where `1 - cdf` has none left.
 */
import { incompleteBeta } from './incomplete-beta.js';
import { upperIncompleteGamma } from './incomplete-gamma.js';

/**
 * P(X >= x) for X of the chi-square distribution: Q(dof / 2, x / 2), the regularised upper
 * incomplete gamma function.
 *
 * @param dof Degrees of freedom, > 0.
 * @returns A number in [0, 1]; NaN for NaN.
 */
export function chiSquareTail(x: number, dof: number): number {
  if (!(x > 0)) return Number.isNaN(x) ? x : 1;
  return x === Number.POSITIVE_INFINITY ? 0 : upperIncompleteGamma(dof / 2, x / 2);
}

/**
 * P(X >= x) for X of the F distribution: I(d2 / (d2 + d1 x); d2 / 2, d1 / 2), the regularised
 * incomplete beta function.
 *
 * @param d1 Degrees of freedom of the numerator, > 0.
 * @param d2 Degrees of freedom of the denominator, > 0.
 * @returns A number in [0, 1]; NaN for NaN.
 */
export function fTail(x: number, d1: number, d2: number): number {
  if (!(x > 0)) return Number.isNaN(x) ? x : 1;
  const ratio = (d1 / d2) * x;
  if (ratio === Number.POSITIVE_INFINITY) return 0;
  return incompleteBeta(1 / (1 + ratio), ratio / (1 + ratio), d2 / 2, d1 / 2);
}
