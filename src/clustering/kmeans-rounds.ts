/**
 * A round over one shard: which centroid is closest to each point, and the sums of the points of
 * each. Four methods, whose results have the same bits: they differ in how many distances they
 * measure, which depends on what the shard remembers of the rounds before.
 */
import type { ShardMemory } from '../algorithm/shard-memory.js';
import type { KernelScope } from '../algorithm/training.js';
import type { Shard } from '../engine/shard.js';
import { addressOf, toScratch, withScratch, zeros } from '../stage/kernel-data.js';
import { type Boxes, boxRound, makeBoxes } from './kmeans-boxes.js';
import {
  meanRow,
  packCentroids,
  paddedCentroids,
  pointsOf,
  squaredNorms,
} from './kmeans-points.js';
import {
  type BoundedSums,
  lengthOf,
  marginOf,
  readSums,
  type Sums,
  weightsAddress,
} from './kmeans-round-parts.js';
import type { KMeansState, KMeansTrainingParams } from './kmeans-training.js';

/**
 * `plain` measures every distance. `boxes` leaves out centroids for many points at once. `hamerly`
 * keeps a bound a point, `elkan` a bound a point and centroid, and they measure what these do not
 * settle.
 */
export type RoundMethod = 'plain' | 'boxes' | 'hamerly' | 'elkan';

/** From so many centroids on, `boxes` pay up to so many columns, `elkan` from so many on. */
const MANY_CENTROIDS = 8;
const BOX_COLUMNS = 4;
const ELKAN_COLUMNS = 24;
/** Shares of n rows, or of n·k distances, from which on a round by these does not pay. */
const MOST_SHARE = { boxes: 0.25, hamerly: 0.75, elkan: 1.25 } as const;
/** Rounds without bounds after the first one that did not pay; doubled every time. */
const FIRST_PAUSE = 2;
/** Rows whose labels plain rounds with weights know at a time. */
const BLOCK = 512;

/** What a shard remembers. */
interface Kept {
  readonly by: Boxes | Bounds;
  /** The first round that may use it again. */
  resume: number;
  pause: number;
}

/** The labels and bounds of round `round`, in kernel memory. */
interface Bounds {
  readonly method: 'hamerly' | 'elkan';
  readonly labels: number;
  readonly lower: number;
  readonly bytes: number;
  /** The largest |x|. */
  readonly reach: number;
  /** What f32 coordinates are counted from. */
  readonly origin: Float64Array;
  round: number;
}

/** One shard's share of a round. */
export function assignShard(
  params: KMeansTrainingParams,
  shard: Shard,
  state: KMeansState,
  scope: KernelScope,
  memory: ShardMemory,
): Sums {
  return withScratch(scope, () => {
    const kept = keptOf(params, shard, state, scope, memory);
    const bounded = kept && boundedRound(params, shard, state, scope, kept);
    return bounded ?? plainRound(params, shard, state, scope);
  });
}

function boundedRound(
  params: KMeansTrainingParams,
  shard: Shard,
  state: KMeansState,
  scope: KernelScope,
  kept: Kept,
): Sums | null {
  const { by } = kept;
  // Bounds that are new prove nothing yet, which says nothing of the rounds to come.
  const fresh = by.method !== 'boxes' && by.round !== state.round - 1;
  const round = roundBy(params, shard, state, scope, by, fresh);
  if (round === null) return null;
  const { share, ...sums } = round;
  if (!fresh && share > MOST_SHARE[by.method]) {
    kept.resume = state.round + 1 + kept.pause;
    kept.pause *= 2;
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
  if (fresh) clear(by, shard, scope);
  by.round = state.round;
  const round = by.method === 'elkan' ? elkanRound : hamerlyRound;
  return round(params, shard, state, scope, by, fresh);
}

/** The method that suits a shape. */
function methodOf({ method, distanceMeasure, k, dim }: KMeansTrainingParams): RoundMethod {
  if (distanceMeasure !== 'euclidean') return 'plain';
  if (method !== undefined) return method;
  if (k < MANY_CENTROIDS) return 'plain';
  if (dim <= BOX_COLUMNS) return 'boxes';
  return dim >= ELKAN_COLUMNS ? 'elkan' : 'hamerly';
}

/** What to use in a round, made when there is nothing yet; null for a plain round. */
function keptOf(
  params: KMeansTrainingParams,
  shard: Shard,
  state: KMeansState,
  scope: KernelScope,
  memory: ShardMemory,
): Kept | null {
  const method = methodOf(params);
  if (method === 'plain') return null;
  const kept = memory.kept as Kept | null | undefined;
  if (kept === undefined) {
    const rounds = params.maxIter - state.round;
    // In the first round centroids move too far for one bound a row to be of use. Blocks cost about
    // a plain round; the f32 of `elkan` are fast by themselves.
    if (method === 'hamerly' && (state.round === 0 || rounds < 2)) return null;
    if (method === 'boxes' && rounds < 2) return null;
    const by = make(method, params, shard, state, scope, memory);
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
  scope: KernelScope,
  memory: ShardMemory,
): Boxes | Bounds | null {
  if (method === 'hamerly') return makeBounds(method, params, shard, state, scope, memory);
  const made =
    method === 'boxes'
      ? makeBoxes(params, shard, state, scope, memory)
      : makeBounds(method, params, shard, state, scope, memory);
  return made ?? makeBounds('hamerly', params, shard, state, scope, memory);
}

function makeBounds(
  method: 'hamerly' | 'elkan',
  params: KMeansTrainingParams,
  shard: Shard,
  state: KMeansState,
  scope: KernelScope,
  memory: ShardMemory,
): Bounds | null {
  const { featuresCol, k, dim } = params;
  const column = pointsOf(shard, featuresCol);
  const n = column.length;
  const bytes = n * (method === 'elkan' ? 4 * paddedCentroids(k) : 8);
  const lower = memory.allocate(bytes);
  if (lower === null) return null;
  const labels = memory.allocate(4 * n);
  if (labels === null) return null;
  const square = squaredNorms(column, scope).reduce((most, norm) => Math.max(most, norm), 0);
  return {
    ...{ method, labels, lower, bytes },
    reach: Math.sqrt(square),
    origin: meanRow(state.centroids, k, dim),
    round: Number.NaN,
  };
}

/** Forgets the bounds: they are not of the round before. */
function clear({ labels, lower, bytes }: Bounds, shard: Shard, { arena }: KernelScope): void {
  arena.i32(labels, shard.table.numRows).fill(0);
  arena.u8(lower, bytes).fill(0);
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

/** For each centroid, the longest way that another one has moved. */
function dropsOf(k: number, moves: Float64Array | null): Float64Array {
  const drops = new Float64Array(k);
  if (moves === null) return drops;
  let [first, second, farthest] = [0, 0, -1];
  for (let j = 0; j < k; j++) {
    if (moves[j]! > first) [first, second, farthest] = [moves[j]!, first, j];
    else second = Math.max(second, moves[j]!);
  }
  drops.fill(first);
  if (farthest >= 0) drops[farthest] = second;
  return drops;
}

function hamerlyRound(
  params: KMeansTrainingParams,
  shard: Shard,
  { centroids, moves }: KMeansState,
  scope: KernelScope,
  { labels, lower, reach, origin }: Bounds,
  fresh: boolean,
): BoundedSums {
  const { featuresCol, k, dim } = params;
  const n = shard.table.numRows;
  const { panels, bias } = packCentroids('euclidean', k, dim, centroids, scope);
  const [sums, counts] = [zeros(scope, k * dim), zeros(scope, k)];
  const compared = scope.kernels.exports.hamerlyRound(
    n,
    dim,
    k,
    addressOf(pointsOf(shard, featuresCol).values, scope),
    weightsAddress(params, shard, scope),
    panels,
    bias,
    toScratch(scope, centroids),
    toScratch(scope, dropsOf(k, fresh ? null : moves)),
    marginOf(params, reach, lengthOf(centroids, dim, origin)),
    labels,
    lower,
    scope.arena.scratch(1024),
    sums,
    counts,
  );
  return { ...readSums(sums, counts, params, scope), score: 0, share: compared / n };
}

function elkanRound(
  params: KMeansTrainingParams,
  shard: Shard,
  { centroids, moves }: KMeansState,
  scope: KernelScope,
  { labels, lower, reach, origin }: Bounds,
  fresh: boolean,
): BoundedSums {
  const { featuresCol, k, dim } = params;
  const { arena, kernels } = scope;
  const n = shard.table.numRows;
  const { panels, bias } = packCentroids('euclidean', k, dim, centroids, scope);
  const [sums, counts] = [zeros(scope, k * dim), zeros(scope, k)];
  const rows = toScratch(scope, centroids);
  const start = toScratch(scope, origin);
  const width = 4 * 8 * Math.ceil(dim / 8);
  const [packed, squares] = [arena.scratch(k * width), arena.scratch(k * 8)];
  kernels.exports.packCentred(k, dim, rows, start, packed, squares);
  const most = Math.sqrt(arena.f64(squares, k).reduce((a, b) => Math.max(a, b), 0));
  const measured = kernels.exports.elkanRound(
    n,
    dim,
    k,
    addressOf(pointsOf(shard, featuresCol).values, scope),
    weightsAddress(params, shard, scope),
    panels,
    bias,
    rows,
    start,
    packed,
    squares,
    most,
    movesF32(k, fresh ? null : moves, scope),
    // Eight chains of products, added in three steps; two factors that were rounded.
    (Math.ceil(dim / 8) + 8) * 2 ** -24 * 1.05,
    marginOf(params, reach, lengthOf(centroids, dim, origin)),
    labels,
    lower,
    arena.scratch(width + 8 * (k + 4)),
    sums,
    counts,
  );
  return { ...readSums(sums, counts, params, scope), score: 0, share: measured / (n * k) };
}

/** Moves as f32, rounded up, in scratch memory. */
function movesF32(k: number, moves: Float64Array | null, { arena }: KernelScope): number {
  const padded = paddedCentroids(k);
  const address = arena.scratch(4 * padded);
  const values = arena.f32(address, padded).fill(0);
  if (moves !== null) for (let j = 0; j < k; j++) values[j] = moves[j]! * (1 + 2.5e-7);
  return address;
}
