/** Rounds that keep two bounds a row. See assembly/hamerly.ts. */
import type { KernelScope } from '../algorithm/training.js';
import type { Shard } from '../engine/shard.js';
import { addressOf, toScratch, zeros } from '../stage/kernel-data.js';
import { aboveF32, type Bounds } from './kmeans-bounds.js';
import { packCentroids, paddedCentroids, pointsOf } from './kmeans-points.js';
import {
  type BoundedSums,
  lengthOf,
  marginOf,
  readSums,
  weightsAddress,
} from './kmeans-round-parts.js';
import type { KMeansState, KMeansTrainingParams } from './kmeans-training.js';

/** Lengths whose squares and products are far from the end of f32. */
const MOST_LENGTH = 1e18;
/** What a sum of products of f32 may lose to underflow, 10⁵ columns of them, and its square root. */
const UNDERFLOW = 1e-39;
const UNDERFLOW_LENGTH = 1e-19;
/** More columns than this share of 1 is the rounding of: squares of f32 say too little. */
const MOST_OFF = 0.01;

/** How far numbers in f32 may be off: a square by share·|x|², a score by off·|x| + rest. */
interface Precision {
  readonly share: number;
  readonly off: number;
  readonly rest: number;
}

/**
 * A sum of d products in f32 is off by d + 4 units in the last place of the product of the lengths,
 * counted from the origin; bounds come of a dozen more operations.
 *
 * @param length The largest |c - origin|.
 * @param size No coordinate from the origin is larger.
 */
function precisionOf(dim: number, length: number, size: number, margin: number): Precision {
  const share = 1.25 * (dim + 24) * 2 ** -24;
  if (share > MOST_OFF || !(size < MOST_LENGTH)) return { share: 0, off: 0, rest: Infinity };
  const off = share * length + UNDERFLOW;
  const rest = share * length ** 2 + UNDERFLOW * (length + 1) + UNDERFLOW_LENGTH * off + margin;
  return { share, off, rest };
}

/** For each centroid, the longest way that another one has moved. */
function dropsOf(k: number, moves: Float64Array): Float64Array {
  const drops = new Float64Array(k);
  let [first, second, farthest] = [0, 0, -1];
  for (let j = 0; j < k; j++) {
    if (moves[j]! > first) [first, second, farthest] = [moves[j]!, first, j];
    else second = Math.max(second, moves[j]!);
  }
  drops.fill(first);
  if (farthest >= 0) drops[farthest] = second;
  return drops;
}

/** A round; `share` counts rows that were compared with all centroids, in f64 for two more. */
export function hamerlyRound(
  params: KMeansTrainingParams,
  shard: Shard,
  { centroids, moves }: KMeansState,
  scope: KernelScope,
  { labels, lower, upper, reach, origin }: Bounds,
  fresh: boolean,
): BoundedSums {
  const { featuresCol, k, dim } = params;
  const { arena, kernels } = scope;
  const n = shard.table.numRows;
  const { panels, bias } = packCentroids('euclidean', k, dim, centroids, scope);
  const [sums, counts] = [zeros(scope, k * dim), zeros(scope, k)];
  const rows = toScratch(scope, centroids);
  const start = toScratch(scope, origin);
  const padded = paddedCentroids(k);
  const [pairs, biases] = [arena.scratch(4 * padded * dim), arena.scratch(4 * padded)];
  const length = Math.sqrt(kernels.exports.packPairs(k, dim, rows, start, pairs, biases));
  const size = reach + lengthOf(centroids, dim, origin);
  const margin = marginOf(params, reach, size - reach);
  const { share, off, rest } = precisionOf(dim, length, size, margin);
  const known = fresh ? null : moves;
  const compared = kernels.exports.hamerlyRound(
    n,
    dim,
    k,
    addressOf(pointsOf(shard, featuresCol).values, scope),
    weightsAddress(params, shard, scope),
    panels,
    bias,
    rows,
    start,
    pairs,
    biases,
    share,
    off,
    rest,
    aboveF32(known, k, scope),
    aboveF32(known && dropsOf(k, known), k, scope),
    margin,
    labels,
    upper,
    lower,
    arena.scratch((dim + 22) * 64),
    sums,
    counts,
  );
  return { ...readSums(sums, counts, params, scope), score: 0, share: compared / n };
}
