/** The incomplete beta function, regularised, with all its digits in the tail. */
import { deviance, stirlingError } from './stirling.js';

const EPSILON = 2 ** -53;
/** Stands for 0 in denominators of a continued fraction. */
const TINY = 1e-300;

/**
 * I(x; a, b) = B(x; a, b) / B(a, b), by a continued fraction of its own or of its complement,
 * whichever converges. Relative error below 1e-10 for a and b up to a million. Cost:
 * O(√max(a, b)) terms at most.
 *
 * @param x In [0, 1]. @param y 1 - x: of the two, the caller knows the smaller one better.
 * @param a > 0. @param b > 0.
 * @see Abramowitz and Stegun, 26.5.8; Lentz, Applied Optics 15(3), 1976.
 */
export function incompleteBeta(x: number, y: number, a: number, b: number): number {
  if (x === 0 || y === 0) return x === 0 ? 0 : 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(y, x, b, a);
  const n = a + b;
  // x^a y^b / (a B(a, b)) without the large logarithms that cancel: Loader 2000, the binomial case.
  const exponent =
    stirlingError(n) -
    stirlingError(a) -
    stirlingError(b) -
    deviance(a, n * x) -
    deviance(b, n * y);
  const density = Math.exp(exponent) * Math.sqrt(b / (2 * Math.PI * a * n));
  return density * fractionOf(x, y, a, b);
}

/** 1 / (1 + d₁ / (1 + d₂ / (1 + ...))), where d depends on a, b and x. */
function fractionOf(x: number, y: number, a: number, b: number): number {
  let c = 1;
  // The same number twice; the first form cancels where x is close to 1.
  const first = x < 0.5 ? 1 - ((a + b) * x) / (a + 1) : (1 - b + (a + b) * y) / (a + 1);
  let d = 1 / nonZero(first);
  let product = d;
  for (let m = 1, change = 0; Math.abs(change - 1) > 2 * EPSILON; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    product *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    change = c * d;
    product *= change;
  }
  return product;
}

const nonZero = (value: number): number => (Math.abs(value) < TINY ? TINY : value);
