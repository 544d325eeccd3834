/** What is known of how a KMeans model came about. */
export interface KMeansSummary {
  /**
   * The cost that each round started with: the sum over all points, each times its weight, of the
   * squared distance (euclidean) or of the distance to the closest centroid.
   */
  readonly costs: readonly number[];
  /** Rounds that were computed. */
  readonly iterations: number;
  /** Why there were no more: the centroids moved by `tol` at most, or `maxIter` was reached. */
  readonly reason: 'converged' | 'maxIter';
}
