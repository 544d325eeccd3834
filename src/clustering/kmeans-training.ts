/** Lloyd's algorithm over shards: assign each point to its closest centroid, move the centroids. */
import type { ShardMemory } from '../algorithm/shard-memory.js';
import type { KernelScope, Step, Training } from '../algorithm/training.js';
import type { Shard } from '../engine/shard.js';
import { addressOf, toScratch, withScratch, zeros } from '../stage/kernel-data.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import {
  checkPoints,
  type DistanceMeasure,
  meanRow,
  pointsOf,
  squaredNorms,
} from './kmeans-points.js';
import { assignShard, type RoundMethod } from './kmeans-rounds.js';

export interface KMeansTrainingParams {
  readonly featuresCol: string;
  /** The column of weights; null when every point weighs 1. */
  readonly weightCol: string | null;
  readonly distanceMeasure: DistanceMeasure;
  readonly k: number;
  readonly dim: number;
  readonly maxIter: number;
  readonly tol: number;
  /** How rounds are computed; by default what suits the shape. The results have the same bits. */
  readonly method?: RoundMethod;
}

export interface KMeansState {
  /** k × dim, row-major. */
  readonly centroids: Float64Array;
  /** Points of each cluster in the last round, or the sums of their weights. */
  readonly weights: Float64Array;
  /** The round that these centroids are for, from 0. */
  readonly round: number;
  /** At least the way that each centroid moved in the last round. */
  readonly moves: Float64Array | null;
  /** What the first round finds out about the points. */
  readonly found: FoundPoints | null;
  /** The cost of every round so far. */
  readonly costs: readonly number[];
  readonly converged: boolean;
  /** No centroid moved in the last round: further ones would change nothing. */
  readonly still: boolean;
}

/** The state before the first round. */
export function initialState(centroids: Float64Array, k: number): KMeansState {
  return {
    centroids,
    weights: new Float64Array(k),
    round: 0,
    moves: null,
    found: null,
    costs: [],
    converged: false,
    still: false,
  };
}

/** Sums over all points. */
interface FoundPoints {
  /** Σ w|x|². */
  readonly squares: number;
  readonly rows: number;
  /** The largest |x|. */
  readonly reach: number;
  /** Of every column: Σ (x - origin), then Σ (x - origin)², without weights. Null when tol is 0. */
  readonly moments: Float64Array | null;
}

export interface KMeansPartial {
  readonly sums: Float64Array;
  readonly counts: Float64Array;
  /** Sum of the kernel's scores, where they are what the cost comes from: see {@link costOf}. */
  readonly score: number;
  readonly found: FoundPoints | null;
}

/** What a shard has to say of a round that changes nothing. */
const NOTHING = { sums: new Float64Array(0), counts: new Float64Array(0), score: 0 };

/** The training that `KMeans.fit` runs on the workers. */
export function kmeansTraining(params: KMeansTrainingParams): Training<KMeansState, KMeansPartial> {
  const { k, dim, maxIter, tol } = params;

  const partial = (
    shard: Shard,
    state: KMeansState,
    scope: KernelScope,
    memory: ShardMemory,
  ): KMeansPartial => {
    if (state.still) return { ...NOTHING, found: null };
    const found = state.found === null ? findPoints(params, shard, state, scope) : null;
    const { reach } = found ?? state.found!;
    return { ...assignShard(params, shard, state, reach, scope, memory), found };
  };

  const combine = (a: KMeansPartial, b: KMeansPartial): KMeansPartial => {
    addTo(a.sums, b.sums);
    addTo(a.counts, b.counts);
    return { ...a, score: a.score + b.score, found: combineFound(a.found, b.found) };
  };

  const update = (state: KMeansState, total: KMeansPartial): Step<KMeansState> => {
    const round = state.round + 1;
    if (state.still) {
      const cost = state.costs.at(-1)!;
      const next = { ...state, round, costs: [...state.costs, cost] };
      return { state: next, done: round >= maxIter, metrics: { cost } };
    }
    const { sums, counts } = total;
    const centroids = state.centroids.slice();
    const moves = new Float64Array(k);
    let shift = 0;
    for (let j = 0; j < k; j++) {
      // An empty cluster keeps its centroid.
      if (counts[j] === 0) continue;
      let square = 0;
      for (let t = j * dim; t < (j + 1) * dim; t++) {
        centroids[t] = sums[t]! / counts[j]!;
        square += (centroids[t]! - state.centroids[t]!) ** 2;
      }
      shift += square;
      moves[j] = Math.sqrt(square) * (1 + (dim + 8) * Number.EPSILON);
    }
    const found = state.found ?? total.found!;
    const cost = costOf(params, state.centroids, total, found);
    const costs = [...state.costs, cost];
    const converged = tol > 0 && shift <= tol * meanVariance(dim, found);
    const still = shift === 0;
    return {
      state: { centroids, weights: counts, round, moves, found, costs, converged, still },
      done: converged || round >= maxIter,
      metrics: { cost },
    };
  };

  return { partial, combine, update };
}

function addTo(a: Float64Array, b: Float64Array): void {
  for (let i = 0; i < a.length; i++) a[i]! += b[i]!;
}

/** What the first round finds out about a shard, which it checks. */
function findPoints(
  params: KMeansTrainingParams,
  shard: Shard,
  { centroids }: KMeansState,
  scope: KernelScope,
): FoundPoints {
  const { featuresCol, weightCol, k, dim, tol } = params;
  const column = pointsOf(shard, featuresCol);
  const norms = squaredNorms(column, scope);
  const weights = weightCol === null ? null : shard.table.column(weightCol, 'float64').values;
  let [squares, most] = [0, 0];
  for (let i = 0; i < norms.length; i++) {
    squares += weights === null ? norms[i]! : weights[i]! * norms[i]!;
    // It stays NaN when one is.
    most = Math.max(most, norms[i]!);
  }
  checkPoints('KMeans.fit', params, shard, scope, norms, Number.isFinite(most));
  const moments = tol > 0 ? momentsAbout(meanRow(centroids, k, dim), column, scope) : null;
  return { squares, rows: column.length, reach: Math.sqrt(most), moments };
}

function momentsAbout(
  origin: Float64Array,
  { values, length, dim }: DenseVectorColumn,
  scope: KernelScope,
): Float64Array {
  return withScratch(scope, () => {
    const moments = zeros(scope, 2 * dim);
    const { columnMoments } = scope.kernels.exports;
    const [points, shift] = [addressOf(values, scope), toScratch(scope, origin)];
    columnMoments(length, dim, points, shift, moments, moments + 8 * dim);
    return scope.arena.f64(moments, 2 * dim).slice();
  });
}

function combineFound(a: FoundPoints | null, b: FoundPoints | null): FoundPoints | null {
  if (a === null || b === null) return null;
  if (a.moments !== null && b.moments !== null) addTo(a.moments, b.moments);
  return {
    squares: a.squares + b.squares,
    rows: a.rows + b.rows,
    reach: Math.max(a.reach, b.reach),
    moments: a.moments,
  };
}

/** The variance of a column of the points (÷ n), in the mean over the columns. */
function meanVariance(dim: number, { rows, moments }: FoundPoints): number {
  let total = 0;
  for (let t = 0; t < dim; t++) {
    const mean = moments![t]! / rows;
    total += Math.max(0, moments![dim + t]! / rows - mean * mean);
  }
  return total / dim;
}

/**
 * What the round minimised: the sum over all points of the squared distance (euclidean), or of the
 * distance, to the centroid of the round's start. For cosine the scores are x·c/|c|: what is left
 * of their mean length is reported.
 *
 * The squared distances come of the sums alone, Σ|x|² - Σⱼ (2 sⱼ·cⱼ - nⱼ|cⱼ|²), so a round need not
 * know the distance of each point.
 */
function costOf(
  { distanceMeasure, k, dim }: KMeansTrainingParams,
  centroids: Float64Array,
  { sums, counts, score }: KMeansPartial,
  { squares }: FoundPoints,
): number {
  if (distanceMeasure === 'manhattan') return -score;
  if (distanceMeasure === 'cosine') return counts.reduce((sum, n) => sum + n, 0) - score;
  let explained = 0;
  for (let j = 0; j < k; j++) {
    for (let t = j * dim; t < (j + 1) * dim; t++) {
      explained += centroids[t]! * (2 * sums[t]! - counts[j]! * centroids[t]!);
    }
  }
  return Math.max(0, squares - explained);
}
