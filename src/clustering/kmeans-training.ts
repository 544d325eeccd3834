/** Lloyd's algorithm over shards: assign each point to its closest centroid, move the centroids. */
import type { KernelScope, Step, Training } from '../algorithm/training.js';
import { DataError } from '../core/errors.js';
import type { Shard } from '../engine/shard.js';
import { addressOf, requireFinite, toScratch, withScratch, zeros } from '../stage/kernel-data.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';

/** How far two points are. */
export type DistanceMeasure = 'euclidean' | 'manhattan' | 'cosine';

export interface KMeansTrainingParams {
  readonly featuresCol: string;
  readonly distanceMeasure: DistanceMeasure;
  readonly k: number;
  readonly dim: number;
  readonly maxIter: number;
}

export interface KMeansState {
  /** k × dim, row-major. */
  readonly centroids: Float64Array;
  /** Points of each cluster in the last round. */
  readonly weights: Float64Array;
  /** Σ|x|² over all points, known after the first round. */
  readonly squares: number | null;
}

export interface KMeansPartial {
  readonly sums: Float64Array;
  readonly counts: Float64Array;
  /** Sum of the kernel's scores: x·c - |c|²/2, or minus the distance (manhattan). */
  readonly score: number;
  readonly squares: number;
}

/** Points of a shard with what the kernels need to assign them; all in scratch memory. */
export interface PackedCentroids {
  readonly panels: number;
  readonly bias: number;
}

/** Packs centroids for the kernels of a distance measure. */
export function packCentroids(
  distanceMeasure: DistanceMeasure,
  k: number,
  dim: number,
  centroids: Float64Array,
  scope: KernelScope,
): PackedCentroids {
  const { arena, kernels } = scope;
  const padded = Math.ceil(k / 4) * 4;
  const rows = toScratch(scope, centroids);
  const panels = arena.scratch(padded * dim * 8);
  const bias = arena.scratch(padded * 8);
  const { packCentroids: euclidean, packCosine, packManhattan } = kernels.exports;
  const pack = { euclidean, cosine: packCosine, manhattan: packManhattan }[distanceMeasure];
  pack(k, dim, rows, panels, bias);
  return { panels, bias };
}

/** Refuses what the measure cannot compare: cosine has no angle with the zero vector. */
export function checkPoints(
  who: string,
  { featuresCol, distanceMeasure }: Pick<KMeansTrainingParams, 'featuresCol' | 'distanceMeasure'>,
  shard: Shard,
  scope: KernelScope,
): void {
  const column = shard.table.column(featuresCol) as DenseVectorColumn;
  requireFinite(who, shard, featuresCol, column, scope);
  if (distanceMeasure !== 'cosine') return;
  const norms = squaredNorms(column, scope);
  const zero = norms.indexOf(0);
  if (zero < 0) return;
  throw new DataError(
    `${who}: column "${featuresCol}" must not have zero vectors with distanceMeasure 'cosine', ` +
      `got one in row ${shard.rowStart + zero}.`,
    { details: { who, column: featuresCol, row: shard.rowStart + zero } },
  );
}

function squaredNorms(column: DenseVectorColumn, scope: KernelScope): Float64Array {
  return withScratch(scope, () => {
    const out = scope.arena.scratch(column.length * 8);
    const { squaredNorms: kernel } = scope.kernels.exports;
    kernel(column.length, column.dim, addressOf(column.values, scope), out);
    return scope.arena.f64(out, column.length).slice();
  });
}

/** The training that `KMeans.fit` runs on the workers. */
export function kmeansTraining(params: KMeansTrainingParams): Training<KMeansState, KMeansPartial> {
  const { k, dim, distanceMeasure, maxIter } = params;

  const partial = (shard: Shard, state: KMeansState, scope: KernelScope): KMeansPartial => {
    const column = shard.table.column(params.featuresCol) as DenseVectorColumn;
    let squares = 0;
    if (state.squares === null) {
      checkPoints('KMeans.fit', params, shard, scope);
      for (const norm of squaredNorms(column, scope)) squares += norm;
    }
    return withScratch(scope, () => {
      const { arena, kernels } = scope;
      const { panels, bias } = packCentroids(distanceMeasure, k, dim, state.centroids, scope);
      const labels = arena.scratch(column.length * 4);
      const sums = zeros(scope, k * dim);
      const counts = zeros(scope, k);
      const { assignAccumulate, assignManhattanAccumulate } = kernels.exports;
      const assign = distanceMeasure === 'manhattan' ? assignManhattanAccumulate : assignAccumulate;
      const points = addressOf(column.values, scope);
      const score = assign(column.length, dim, k, points, panels, bias, labels, sums, counts);
      return {
        sums: arena.f64(sums, k * dim).slice(),
        counts: arena.f64(counts, k).slice(),
        score,
        squares,
      };
    });
  };

  const combine = (a: KMeansPartial, b: KMeansPartial): KMeansPartial => {
    for (let i = 0; i < a.sums.length; i++) a.sums[i]! += b.sums[i]!;
    for (let j = 0; j < k; j++) a.counts[j]! += b.counts[j]!;
    return { ...a, score: a.score + b.score, squares: a.squares + b.squares };
  };

  const update = (
    state: KMeansState,
    { sums, counts, score, squares: found }: KMeansPartial,
    epoch: number,
  ): Step<KMeansState> => {
    const centroids = state.centroids.slice();
    for (let j = 0; j < k; j++) {
      // An empty cluster keeps its centroid.
      if (counts[j] === 0) continue;
      for (let t = j * dim; t < (j + 1) * dim; t++) centroids[t] = sums[t]! / counts[j]!;
    }
    const squares = state.squares ?? found;
    const points = counts.reduce((sum, count) => sum + count, 0);
    return {
      state: { centroids, weights: counts, squares },
      done: epoch + 1 >= maxIter,
      metrics: { cost: costOf(distanceMeasure, score, squares, points) },
    };
  };

  return { partial, combine, update };
}

/**
 * What the round minimised: the sum over all points of the squared distance (euclidean), or of the
 * distance, to the centroid of the round's start. For cosine the scores are x·c/|c|: what is left
 * of their mean length is reported.
 */
function costOf(measure: DistanceMeasure, score: number, squares: number, points: number): number {
  if (measure === 'euclidean') return Math.max(0, squares - 2 * score);
  return measure === 'manhattan' ? -score : points - score;
}
