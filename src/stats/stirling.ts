/**
 * The two parts of binomial and Poisson probabilities that do not cancel, so that these keep their
 * digits for large arguments, where differences of log-gammas have none left.
 *
 * @see Loader, Fast and accurate computation of binomial probabilities, 2000.
 */

/** From here on the series of {@link stirlingError} is exact to a double. */
const LARGE = 16;

/** ln Γ(n + 1) - (n + 1/2) ln n + n - ln √(2π), for n > 0. */
export function stirlingError(n: number): number {
  if (n >= LARGE) return stirlingSeries(n);
  // Γ(n + 1) = Γ(n + steps + 1) / ((n + 1) ... (n + steps)).
  const steps = Math.ceil(LARGE - n);
  const top = n + steps;
  let product = 1;
  for (let i = 1; i <= steps; i++) product *= n + i;
  const logOfTop = (top + 0.5) * Math.log(top) - top + stirlingSeries(top);
  return logOfTop - Math.log(product) - (n + 0.5) * Math.log(n) + n;
}

/** Σ B₂ₖ / (2k (2k - 1) n^(2k - 1)): Abramowitz and Stegun 6.1.41. */
function stirlingSeries(n: number): number {
  const square = n * n;
  let sum = -1 / 1680;
  sum = 1 / 1260 + (sum + 1 / 1188 / square) / square;
  sum = -1 / 360 + sum / square;
  return (1 / 12 + sum / square) / n;
}

/** x ln(x / mean) + mean - x, for x and mean > 0: a series where the two are close. */
export function deviance(x: number, mean: number): number {
  const difference = x - mean;
  if (Math.abs(difference) >= 0.1 * (x + mean)) return x * Math.log(x / mean) - difference;
  const v = difference / (x + mean);
  let sum = difference * v;
  let term = 2 * x * v;
  for (let j = 1; ; j++) {
    term *= v * v;
    const next = sum + term / (2 * j + 1);
    if (next === sum) return sum;
    sum = next;
  }
}
