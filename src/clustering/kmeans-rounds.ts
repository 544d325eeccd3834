/**
 * A round over one shard: which centroid is closest to each point, and the sums of the points of
 * each. Four methods, whose results have the same bits: they differ in how many distances they
 * measure, which depends on what the shard remembers of the rounds before.
 */
import type { ShardMemory } from '../algorithm/shard-memory.js';
import type { KernelScope } from '../algorithm/training.js';
import type { Shard } from '../engine/shard.js';
import { addressOf, withScratch, zeros } from '../stage/kernel-data.js';
import { type Bounds, clearBounds, makeBounds } from './kmeans-bounds.js';
import { type Boxes, boxRound, makeBoxes } from './kmeans-boxes.js';
import { elkanRound } from './kmeans-elkan.js';
import { hamerlyRound } from './kmeans-hamerly.js';
import { packCentroids, pointsOf } from './kmeans-points.js';
import { type BoundedSums, readSums, type Sums, weightsAddress } from './kmeans-round-parts.js';
import type { KMeansState, KMeansTrainingParams } from './kmeans-training.js';

/**
 * `plain` measures every distance. `boxes` leaves out centroids for many points at once. `hamerly`
 * keeps two bounds a point, `elkan` a bound a point and centroid, and they measure what these do not
 * settle.
 */
export type RoundMethod = 'plain' | 'boxes' | 'hamerly' | 'elkan';

/** Up to so many columns, and from so many centroids on, `boxes` pay. */
const BOX_COLUMNS = 4;
const BOX_CENTROIDS = 8;
/** From so many columns on, `elkan` pays with so many centroids, or with fewer on some data. */
const ELKAN_COLUMNS = 24;
const ELKAN_CENTROIDS = 48;
const FEWER_CENTROIDS = 12;
/** A share of n rows that `hamerly` compares, from which on bounds for each centroid may pay. */
const UNSETTLED_SHARE = 0.5;
/** Centroids move far in rounds before this one, which says little of those to come. */
const SETTLING_ROUNDS = 2;
/** Shares of n rows, or of n·k distances, from which on a round by these does not pay. */
const MOST_SHARE = { boxes: 0.25, hamerly: 2, elkan: 1.25 } as const;
/** Rounds without bounds after the first one that did not pay; doubled every time. */
const FIRST_PAUSE = 2;
/** Rows whose labels plain rounds with weights know at a time. */
const BLOCK = 512;

/** What a shard remembers. */
interface Kept {
  by: Boxes | Bounds;
  /** The first round that may use it again. */
  resume: number;
  pause: number;
}

/** One shard's share of a round. `reach`: no point of the shard is further from zero. */
export function assignShard(
  params: KMeansTrainingParams,
  shard: Shard,
  state: KMeansState,
  reach: number,
  scope: KernelScope,
  memory: ShardMemory,
): Sums {
  return withScratch(scope, () => {
    const kept = keptOf(params, shard, state, reach, scope, memory);
    const bounded = kept && boundedRound(params, shard, state, reach, scope, memory, kept);
    return bounded ?? plainRound(params, shard, state, scope);
  });
}

function boundedRound(
  params: KMeansTrainingParams,
  shard: Shard,
  state: KMeansState,
  reach: number,
  scope: KernelScope,
  memory: ShardMemory,
  kept: Kept,
): Sums | null {
  const { by } = kept;
  // Bounds that are new prove nothing yet, which says nothing of the rounds to come.
  const fresh = by.method !== 'boxes' && by.round !== state.round - 1;
  const round = roundBy(params, shard, state, scope, by, fresh);
  if (round === null) return null;
  const { share, ...sums } = round;
  if (fresh) return sums;
  if (share > MOST_SHARE[by.method]) {
    kept.resume = state.round + 1 + kept.pause;
    kept.pause *= 2;
  } else if (wantsElkan(params, state, by, share)) {
    kept.by = makeBounds('elkan', params, shard, state, reach, memory) ?? by;
  }
  return sums;
}

function roundBy(
  params: KMeansTrainingParams,
  shard: Shard,
  state: KMeansState,
  scope: KernelScope,
  by: Boxes | Bounds,
  fresh: boolean,
): BoundedSums | null {
  if (by.method === 'boxes') return boxRound(params, shard, state, scope, by);
  if (fresh) clearBounds(by, shard, scope);
  by.round = state.round;
  const round = by.method === 'elkan' ? elkanRound : hamerlyRound;
  return round(params, shard, state, scope, by, fresh);
}

/** The method that suits a shape, to begin with. */
function methodOf({ method, distanceMeasure, k, dim }: KMeansTrainingParams): RoundMethod {
  if (distanceMeasure !== 'euclidean') return 'plain';
  if (method !== undefined) return method;
  if (dim <= BOX_COLUMNS && k >= BOX_CENTROIDS) return 'boxes';
  return dim >= ELKAN_COLUMNS && k >= ELKAN_CENTROIDS ? 'elkan' : 'hamerly';
}

/** Whether bounds for each centroid are likely to settle more than one bound for all of them does. */
function wantsElkan(
  { method, k, dim, maxIter }: KMeansTrainingParams,
  { round }: KMeansState,
  by: Boxes | Bounds,
  share: number,
): boolean {
  if (method !== undefined || by.method !== 'hamerly') return false;
  if (dim < ELKAN_COLUMNS || k < FEWER_CENTROIDS) return false;
  // The next round has no bounds yet and must be followed by some that have.
  return share > UNSETTLED_SHARE && round >= SETTLING_ROUNDS && maxIter - round > 3;
}

/** What to use in a round, made when there is nothing yet; null for a plain round. */
function keptOf(
  params: KMeansTrainingParams,
  shard: Shard,
  state: KMeansState,
  reach: number,
  scope: KernelScope,
  memory: ShardMemory,
): Kept | null {
  const method = methodOf(params);
  if (method === 'plain') return null;
  const kept = memory.kept as Kept | null | undefined;
  if (kept === undefined) {
    const rounds = params.maxIter - state.round;
    // Making blocks costs about a plain round.
    if (method === 'boxes' && rounds < 2) return null;
    const by = make(method, params, shard, state, reach, scope, memory);
    memory.kept = by && { by, resume: 0, pause: FIRST_PAUSE };
    return memory.kept as Kept | null;
  }
  return kept !== null && state.round >= kept.resume ? kept : null;
}

/** What a method keeps, or another that needs less memory; null where there is none at all. */
function make(
  method: 'boxes' | 'hamerly' | 'elkan',
  params: KMeansTrainingParams,
  shard: Shard,
  state: KMeansState,
  reach: number,
  scope: KernelScope,
  memory: ShardMemory,
): Boxes | Bounds | null {
  const boundsBy = (by: 'hamerly' | 'elkan') => makeBounds(by, params, shard, state, reach, memory);
  if (method === 'hamerly') return boundsBy(method);
  const made =
    method === 'boxes' ? makeBoxes(params, shard, state, reach, scope, memory) : boundsBy(method);
  return made ?? boundsBy('hamerly');
}

function plainRound(
  params: KMeansTrainingParams,
  shard: Shard,
  { centroids }: KMeansState,
  scope: KernelScope,
): Sums {
  const { featuresCol, distanceMeasure, k, dim } = params;
  const { arena, kernels } = scope;
  const { exports } = kernels;
  const n = shard.table.numRows;
  const { panels, bias } = packCentroids(distanceMeasure, k, dim, centroids, scope);
  const [sums, counts] = [zeros(scope, k * dim), zeros(scope, k)];
  const points = addressOf(pointsOf(shard, featuresCol).values, scope);
  const weights = weightsAddress(params, shard, scope);
  let score = 0;
  if (weights === 0) {
    const labels = arena.scratch(n * 4);
    const assign =
      distanceMeasure === 'manhattan'
        ? exports.assignManhattanAccumulate
        : exports.assignAccumulate;
    score = assign(n, dim, k, points, panels, bias, labels, sums, counts);
  } else {
    const [labels, scores] = [arena.scratch(BLOCK * 4), arena.scratch(BLOCK * 8)];
    const assign = distanceMeasure === 'manhattan' ? exports.assignManhattan : exports.assign;
    for (let first = 0; first < n; first += BLOCK) {
      const rows = Math.min(BLOCK, n - first);
      const [block, weighing] = [points + first * dim * 8, weights + first * 8];
      assign(rows, dim, k, block, panels, bias, labels, scores);
      exports.accumulateWeighted(rows, dim, block, labels, weighing, sums, counts);
      score += exports.dot(rows, scores, weighing);
    }
  }
  return { ...readSums(sums, counts, params, scope), score };
}
