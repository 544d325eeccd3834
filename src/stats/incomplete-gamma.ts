/**
 * The upper incomplete gamma function, regularised, with all its digits in the tail: where it is
 * 1e-280, too.
 */
import { deviance, stirlingError } from './stirling.js';

/** Digits that a double can hold; a term below this share of the sum changes nothing. */
const EPSILON = 2 ** -53;
/** Stands for 0 in denominators of a continued fraction. */
const TINY = 1e-300;

/**
 * Q(a, x) = Γ(a, x) / Γ(a): a power series for P = 1 - Q where Q is not small, else Legendre's
 * continued fraction by Lentz's method. Cost: O(√a) terms near x = a, fewer elsewhere.
 *
 * @param a > 0. @param x >= 0, finite.
 * @see Abramowitz and Stegun, 6.5.29 and 6.5.31; Lentz, Applied Optics 15(3), 1976.
 */
export function upperIncompleteGamma(a: number, x: number): number {
  if (x === 0) return 1;
  // x^a e^-x / Γ(a + 1) without the large logarithms that cancel: Loader 2000, the Poisson case.
  const density = Math.exp(-stirlingError(a) - deviance(a, x)) / Math.sqrt(2 * Math.PI * a);
  return x < a + 1 ? 1 - density * seriesOf(a, x) : density * a * fractionOf(a, x);
}

/** Σ xⁿ / ((a + 1) ... (a + n)). */
function seriesOf(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 1; term > sum * EPSILON; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

/** 1 / (x + 1 - a - 1(1 - a) / (x + 3 - a - 2(2 - a) / (x + 5 - a - ...))). */
function fractionOf(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / nonZero(b);
  let product = d;
  for (let n = 1, change = 0; Math.abs(change - 1) > 2 * EPSILON; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / nonZero(numerator * d + b);
    c = nonZero(b + numerator / c);
    change = c * d;
    product *= change;
  }
  return product;
}

const nonZero = (value: number): number => (Math.abs(value) < TINY ? TINY : value);
