/** Points and centroids in the form that the kernels of a distance measure read. */
import type { KernelScope } from '../algorithm/training.js';
import { DataError } from '../core/errors.js';
import type { Shard } from '../engine/shard.js';
import { addressOf, requireFinite, toScratch, withScratch } from '../stage/kernel-data.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';

/** How far two points are. */
export type DistanceMeasure = 'euclidean' | 'manhattan' | 'cosine';

/** Centroids with what the kernels need to assign points to them; in scratch memory. */
export interface PackedCentroids {
  readonly panels: number;
  readonly bias: number;
}

/** Centroids that the panels have room for: whole groups of four. */
export const paddedCentroids = (k: number): number => Math.ceil(k / 4) * 4;

/** Packs centroids for the kernels of a distance measure. */
export function packCentroids(
  distanceMeasure: DistanceMeasure,
  k: number,
  dim: number,
  centroids: Float64Array,
  scope: KernelScope,
): PackedCentroids {
  const { arena, kernels } = scope;
  const padded = paddedCentroids(k);
  const rows = toScratch(scope, centroids);
  const panels = arena.scratch(padded * dim * 8);
  const bias = arena.scratch(padded * 8);
  const { packCentroids: euclidean, packCosine, packManhattan } = kernels.exports;
  const pack = { euclidean, cosine: packCosine, manhattan: packManhattan }[distanceMeasure];
  pack(k, dim, rows, panels, bias);
  return { panels, bias };
}

interface PointsParams {
  readonly featuresCol: string;
  readonly distanceMeasure: DistanceMeasure;
}

/** The points of a shard. */
export function pointsOf(shard: Shard, featuresCol: string): DenseVectorColumn {
  return shard.table.column(featuresCol) as DenseVectorColumn;
}

/**
 * Refuses what the measure cannot compare: cosine has no angle with the zero vector.
 *
 * @param norms |x|² of every point, where they are known.
 * @param areFinite Whether they are: then the points are, too.
 */
export function checkPoints(
  who: string,
  { featuresCol, distanceMeasure }: PointsParams,
  shard: Shard,
  scope: KernelScope,
  norms?: Float64Array,
  areFinite = false,
): void {
  const column = pointsOf(shard, featuresCol);
  if (!areFinite) requireFinite(who, shard, featuresCol, column, scope);
  if (distanceMeasure !== 'cosine') return;
  const zero = (norms ?? squaredNorms(column, scope)).indexOf(0);
  if (zero < 0) return;
  throw new DataError(
    `${who}: column "${featuresCol}" must not have zero vectors with distanceMeasure 'cosine', ` +
      `got one in row ${shard.rowStart + zero}.`,
    { details: { who, column: featuresCol, row: shard.rowStart + zero } },
  );
}

/** |x|² of every point. */
export function squaredNorms(column: DenseVectorColumn, scope: KernelScope): Float64Array {
  return withScratch(scope, () => {
    const out = scope.arena.scratch(column.length * 8);
    const { squaredNorms: kernel } = scope.kernels.exports;
    kernel(column.length, column.dim, addressOf(column.values, scope), out);
    return scope.arena.f64(out, column.length).slice();
  });
}

/** The mean of some rows: near the points, when the rows are centroids. */
export function meanRow(rows: Float64Array, k: number, dim: number): Float64Array {
  const mean = new Float64Array(dim);
  for (let i = 0; i < rows.length; i++) mean[i % dim]! += rows[i]! / k;
  return mean;
}
