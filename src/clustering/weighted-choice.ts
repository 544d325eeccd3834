/** Choices at random by weight. */

/**
 * The place where the running sum of weights passes `at`, a number below their sum: place i with a
 * probability of weightᵢ / Σ weights when `at` is uniform. Never a place without weight; -1 when
 * all have none.
 */
export function placeOf(weights: ArrayLike<number>, at: number): number {
  let sum = 0;
  let last = -1;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    if (!(weight > 0)) continue;
    last = i;
    sum += weight;
    if (sum > at) return i;
  }
  return last;
}

/** Candidates that greedy k-means++ compares for each centroid: 2 + ⌊ln k⌋, as scikit-learn does. */
export function trialsFor(k: number): number {
  return 2 + Math.floor(Math.log(k));
}
