/** Rounds that keep a bound a row and centroid. See assembly/kmeans.ts. */
import type { KernelScope } from '../algorithm/training.js';
import type { Shard } from '../engine/shard.js';
import { addressOf, toScratch, zeros } from '../stage/kernel-data.js';
import { aboveF32, type Bounds } from './kmeans-bounds.js';
import { packCentroids, pointsOf } from './kmeans-points.js';
import {
  type BoundedSums,
  lengthOf,
  marginOf,
  readSums,
  weightsAddress,
} from './kmeans-round-parts.js';
import type { KMeansState, KMeansTrainingParams } from './kmeans-training.js';

/** A round; `share` counts distances that were measured. */
export function elkanRound(
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
    aboveF32(fresh ? null : moves, k, scope),
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
