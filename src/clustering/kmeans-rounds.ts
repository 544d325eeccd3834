/**
 * A round over one shard: which centroid is closest to each point, and the sums of the points of
 * each. Three methods, whose results have the same bits: they differ in how many distances they
 * measure, which depends on what the shard remembers of the rounds before.
 */
import type { ShardMemory } from '../algorithm/shard-memory.js';
import type { KernelScope } from '../algorithm/training.js';
import type { Shard } from '../engine/shard.js';
import { addressOf, toScratch, withScratch, zeros } from '../stage/kernel-data.js';
import { meanRow, packCentroids, pointsOf, squaredNorms } from './kmeans-points.js';
import type { KMeansPartial, KMeansState, KMeansTrainingParams } from './kmeans-training.js';

/**
 * `plain` measures every distance. `hamerly` keeps a bound a point, `elkan` a bound a point and
 * centroid, and they measure what these do not settle.
 */
export type RoundMethod = 'plain' | 'hamerly' | 'elkan';

type Sums = Omit<KMeansPartial, 'found'>;

/** From so many centroids on bounds pay; `elkan` from so many columns on. */
const HAMERLY_CENTROIDS = 8;
const ELKAN_CENTROIDS = 8;
const ELKAN_COLUMNS = 24;
/** Shares of n·k distances from which on a round by bounds does not pay. */
const HAMERLY_SHARE = 0.75;
const ELKAN_SHARE = 1.25;
/** Rounds without bounds after the first one that did not pay; doubled every time. */
const FIRST_PAUSE = 2;
/** Rows whose labels plain rounds with weights know at a time. */
const BLOCK = 512;

/** What a shard remembers: the labels and bounds of round `round`, in kernel memory. */
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
  /** The first round that may use bounds again. */
  resume: number;
  pause: number;
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
    const bounds = boundsOf(params, shard, state, scope, memory);
    if (bounds === null) return plainRound(params, shard, state, scope);
    const fresh = bounds.round !== state.round - 1;
    if (fresh) clear(bounds, shard, scope);
    const round = bounds.method === 'elkan' ? elkanRound : hamerlyRound;
    const { share, ...sums } = round(params, shard, state, scope, bounds, fresh);
    bounds.round = state.round;
    const limit = bounds.method === 'elkan' ? ELKAN_SHARE : HAMERLY_SHARE;
    if (!fresh && share > limit) {
      bounds.resume = state.round + 1 + bounds.pause;
      bounds.pause *= 2;
    }
    return sums;
  });
}

/** The method that suits a shape. */
function methodOf({ method, distanceMeasure, k, dim }: KMeansTrainingParams): RoundMethod {
  if (distanceMeasure !== 'euclidean') return 'plain';
  if (method !== undefined) return method;
  if (k >= ELKAN_CENTROIDS && dim >= ELKAN_COLUMNS) return 'elkan';
  return k >= HAMERLY_CENTROIDS ? 'hamerly' : 'plain';
}

/** The bounds to use in a round, made when there are none; null for a plain round. */
function boundsOf(
  params: KMeansTrainingParams,
  shard: Shard,
  state: KMeansState,
  scope: KernelScope,
  memory: ShardMemory,
): Bounds | null {
  const method = methodOf(params);
  if (method === 'plain') return null;
  // In the first round centroids move too far for bounds to be of use; but f32 is fast by itself.
  const isFirst = method === 'hamerly' && state.round === 0;
  const isLast = method === 'hamerly' && state.round + 1 >= params.maxIter;
  const kept = memory.kept as Bounds | null | undefined;
  if (kept === undefined) {
    if (isFirst || isLast) return null;
    memory.kept = makeBounds(method, params, shard, state, scope, memory);
    return memory.kept as Bounds | null;
  }
  return kept !== null && state.round >= kept.resume ? kept : null;
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
  const bytes = n * (method === 'elkan' ? 16 * Math.ceil(k / 4) : 8);
  const lower = memory.allocate(bytes);
  if (lower === null) {
    return method === 'elkan' ? makeBounds('hamerly', params, shard, state, scope, memory) : null;
  }
  const labels = memory.allocate(4 * n);
  if (labels === null) return null;
  const square = squaredNorms(column, scope).reduce((most, norm) => Math.max(most, norm), 0);
  return {
    ...{ method, labels, lower, bytes },
    reach: Math.sqrt(square),
    origin: meanRow(state.centroids, k, dim),
    round: Number.NaN,
    resume: 0,
    pause: FIRST_PAUSE,
  };
}

/** Forgets the bounds: they are not of the round before. */
function clear({ labels, lower, bytes }: Bounds, shard: Shard, { arena }: KernelScope): void {
  arena.i32(labels, shard.table.numRows).fill(0);
  arena.u8(lower, bytes).fill(0);
}

function weightsAddress(
  { weightCol }: KMeansTrainingParams,
  shard: Shard,
  scope: KernelScope,
): number {
  return weightCol === null ? 0 : addressOf(shard.table.column(weightCol, 'float64').values, scope);
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
  return { ...read(sums, counts, params, scope), score };
}

function read(
  sums: number,
  counts: number,
  { k, dim }: KMeansTrainingParams,
  { arena }: KernelScope,
): { readonly sums: Float64Array; readonly counts: Float64Array } {
  return { sums: arena.f64(sums, k * dim).slice(), counts: arena.f64(counts, k).slice() };
}

/** The largest |c|, and no less than |origin|. */
function lengthOf(rows: Float64Array, dim: number, origin: Float64Array): number {
  let most = 0;
  for (const vectors of [rows, origin]) {
    for (let start = 0; start < vectors.length; start += dim) {
      let square = 0;
      for (let t = start; t < start + dim; t++) square += vectors[t]! * vectors[t]!;
      most = Math.max(most, square);
    }
  }
  return Math.sqrt(most);
}

/**
 * More than rounding can change in the difference of two squared distances, whichever way each is
 * computed: a sum of d products is off by d units in the last place of the product of the lengths
 * at most, and a squared distance takes three such sums.
 *
 * @see Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1.
 */
function marginOf({ dim }: KMeansTrainingParams, reach: number, length: number): number {
  return (32 * dim + 128) * Number.EPSILON * (reach + length) ** 2;
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

type Shared = Sums & { readonly share: number };

function hamerlyRound(
  params: KMeansTrainingParams,
  shard: Shard,
  { centroids, moves }: KMeansState,
  scope: KernelScope,
  { labels, lower, reach, origin }: Bounds,
  fresh: boolean,
): Shared {
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
  return { ...read(sums, counts, params, scope), score: 0, share: compared / n };
}

function elkanRound(
  params: KMeansTrainingParams,
  shard: Shard,
  { centroids, moves }: KMeansState,
  scope: KernelScope,
  { labels, lower, reach, origin }: Bounds,
  fresh: boolean,
): Shared {
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
  return { ...read(sums, counts, params, scope), score: 0, share: measured / (n * k) };
}

/** Moves as f32, rounded up, in scratch memory. */
function movesF32(k: number, moves: Float64Array | null, { arena }: KernelScope): number {
  const padded = Math.ceil(k / 4) * 4;
  const address = arena.scratch(4 * padded);
  const values = arena.f32(address, padded).fill(0);
  if (moves !== null) for (let j = 0; j < k; j++) values[j] = moves[j]! * (1 + 2.5e-7);
  return address;
}
