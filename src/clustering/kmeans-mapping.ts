/** Assigns points to centroids, shard by shard. */
import type { RowMapping } from '../algorithm/map-rows.js';
import type { KernelScope } from '../algorithm/training.js';
import { addressOf, toScratch, withScratch } from '../stage/kernel-data.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import {
  checkPoints,
  type DistanceMeasure,
  type PackedCentroids,
  packCentroids,
  paddedCentroids,
} from './kmeans-points.js';

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
  let packed: { readonly panels: Float64Array; readonly bias: Float64Array } | null = null;

  /** Packed for the first rows, and copied for later ones: a served row costs little more. */
  const placeCentroids = (scope: KernelScope): PackedCentroids => {
    if (packed !== null) {
      return { panels: toScratch(scope, packed.panels), bias: toScratch(scope, packed.bias) };
    }
    const { arena } = scope;
    const placed = packCentroids(distanceMeasure, k, dim, centroids, scope);
    const padded = paddedCentroids(k);
    packed = {
      panels: arena.f64(placed.panels, padded * dim).slice(),
      bias: arena.f64(placed.bias, padded).slice(),
    };
    return placed;
  };

  return {
    apply(shard, outputs, scope) {
      checkPoints(who, params, shard, scope);
      const column = shard.table.column(featuresCol) as DenseVectorColumn;
      withScratch(scope, () => {
        const { arena, kernels } = scope;
        const { panels, bias } = placeCentroids(scope);
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
