/** Assigns points to centroids, shard by shard. */
import type { RowMapping } from '../algorithm/map-rows.js';
import { addressOf, withScratch } from '../stage/kernel-data.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import { checkPoints, type DistanceMeasure, packCentroids } from './kmeans-points.js';

export interface KMeansMappingParams {
  /** The call, for messages. */
  readonly who: string;
  readonly featuresCol: string;
  readonly distanceMeasure: DistanceMeasure;
  readonly k: number;
  readonly dim: number;
  readonly centroids: Float64Array;
}

export function kmeansMapping(params: KMeansMappingParams): RowMapping {
  const { who, featuresCol, distanceMeasure, k, dim, centroids } = params;
  return {
    apply(shard, outputs, scope) {
      checkPoints(who, params, shard, scope);
      const column = shard.table.column(featuresCol) as DenseVectorColumn;
      withScratch(scope, () => {
        const { arena, kernels } = scope;
        const { panels, bias } = packCentroids(distanceMeasure, k, dim, centroids, scope);
        const labels = arena.scratch(column.length * 4);
        const points = addressOf(column.values, scope);
        const { assign, assignManhattan } = kernels.exports;
        const kernel = distanceMeasure === 'manhattan' ? assignManhattan : assign;
        kernel(column.length, dim, k, points, panels, bias, labels, 0);
        outputs.labels!.set(arena.i32(labels, column.length));
      });
    },
  };
}
