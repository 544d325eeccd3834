/** Variance of every entry of a column of vectors, in one pass over shards. */
import type { Aggregation } from '../algorithm/training.js';
import {
  type Moments,
  type StandardScalerAggregationParams,
  standardScalerAggregation,
} from './standard-scaler-aggregation.js';

/**
 * The aggregation that `VarianceThresholdSelector.fit` runs on the workers: Σ(x - mean)² / n, NaN
 * where NaN, infinities or overflow make it so.
 */
export function varianceAggregation(
  params: StandardScalerAggregationParams,
): Aggregation<Moments, Float64Array> {
  const { partial, combine } = standardScalerAggregation(params);
  return {
    partial,
    combine,
    result: ({ rows, squares }) =>
      squares.map((sum) => (Number.isFinite(sum) ? sum / rows : Number.NaN)),
  };
}
