/**
 * Rounds in few dimensions: points that lie together are compared only with the centroids that can
 * be the closest to a point of the box around them. See assembly/boxes.ts.
 */
import type { ShardMemory } from '../algorithm/shard-memory.js';
import type { KernelScope } from '../algorithm/training.js';
import type { Shard } from '../engine/shard.js';
import { addressOf, toScratch, withScratch, zeros } from '../stage/kernel-data.js';
import { hilbertRanks } from './hilbert-curve.js';
import { meanRow, packCentroids, pointsOf } from './kmeans-points.js';
import {
  type BoundedSums,
  lengthOf,
  marginOf,
  readSums,
  weightsAddress,
} from './kmeans-round-parts.js';
import type { KMeansState, KMeansTrainingParams } from './kmeans-training.js';

const BLOCK = 16;
const GROUP = 128;
const SAMPLE = 256;
/** Kernels load three columns, also where there are fewer. */
const SPARE = 64;
/** Bits of a column's share of a cell's number, and of the number, at most. */
const COLUMN_BITS = 8;
const CELL_BITS = 12;
/** Within these, no product of f32 underflows to where it matters, and none overflows. */
const LEAST_SLACK = 1e-25;
const MOST_SLACK = 1e25;

/** The points of a shard in blocks, in kernel memory. */
export interface Boxes {
  readonly method: 'boxes';
  readonly order: number;
  readonly columns: number;
  readonly boxes: number;
  readonly groups: number;
  /** What f32 coordinates are counted from. */
  readonly origin: Float64Array;
  /** The largest |x - origin|. */
  readonly radius: number;
  /** The largest |x|. */
  readonly reach: number;
}

interface Cells {
  readonly bits: number;
  readonly ranks: Int32Array;
}

/** By dimension: all shards of a thread share them. */
const cells = new Map<number, Cells>();

function cellsOf(dim: number): Cells {
  let known = cells.get(dim);
  if (known === undefined) {
    const bits = Math.min(COLUMN_BITS, Math.max(1, Math.floor(CELL_BITS / dim)));
    known = { bits, ranks: hilbertRanks(dim, bits) };
    cells.set(dim, known);
  }
  return known;
}

/** Puts the points of a shard into blocks; null where memory is short. */
export function makeBoxes(
  { featuresCol, k, dim }: KMeansTrainingParams,
  shard: Shard,
  { centroids }: KMeansState,
  reach: number,
  scope: KernelScope,
  memory: ShardMemory,
): Boxes | null {
  const column = pointsOf(shard, featuresCol);
  const n = column.length;
  const places = Math.ceil(n / BLOCK) * BLOCK;
  const [ofOrder, ofColumns] = [4 * places, 4 * places * dim];
  const ofBoxes = (8 * dim * places) / BLOCK;
  const ofGroups = 8 * dim * Math.ceil(n / GROUP);
  const order = memory.allocate(ofOrder + ofColumns + ofBoxes + ofGroups + SPARE);
  if (order === null) return null;
  const columns = order + ofOrder;
  const boxes = columns + ofColumns;
  const groups = boxes + ofBoxes;
  const origin = meanRow(centroids, k, dim);
  const square = withScratch(scope, () => {
    const [points, start] = [addressOf(column.values, scope), toScratch(scope, origin)];
    const { bits, ranks } = cellsOf(dim);
    const curve = scope.arena.scratch(ranks.byteLength);
    scope.arena.i32(curve, ranks.length).set(ranks);
    const scratch = scope.arena.scratch(4 * (n * (dim + 1) + ranks.length + SAMPLE));
    const { boxPoints } = scope.kernels.exports;
    const to = [order, columns, boxes, groups] as const;
    return boxPoints(n, dim, points, start, ...to, bits, curve, scratch);
  });
  const radius = Math.sqrt(square);
  return { method: 'boxes', order, columns, boxes, groups, origin, radius, reach };
}

/**
 * More than rounding can change in the difference of two scores, whether computed in f32 from the
 * origin, for a point or for the middle of a box and its corners, or by `assign`; null when scores
 * come near the ends of f32.
 *
 * A score x·c - |c|²/2 is a sum of d + 1 terms that were rounded thrice, of the size of
 * (√d·radius + length)·length at most, for middles of boxes too.
 */
function slackOf(
  params: KMeansTrainingParams,
  centroids: Float64Array,
  { origin, radius, reach }: Boxes,
): number | null {
  const { dim } = params;
  let most = 0;
  for (let start = 0; start < centroids.length; start += dim) {
    let square = 0;
    for (let t = 0; t < dim; t++) {
      const by = centroids[start + t]! - origin[t]!;
      square += by * by;
    }
    most = Math.max(most, square);
  }
  const length = Math.sqrt(most);
  const size = (Math.sqrt(dim) * radius + length) * length;
  const margin = marginOf(params, reach, lengthOf(centroids, dim, origin));
  const slack = 4 * (dim + 8) * 2 ** -24 * size + margin;
  return slack > LEAST_SLACK && slack < MOST_SLACK && radius < MOST_SLACK ? slack : null;
}

/** A round over blocks; null when numbers are too large or too small for it. */
export function boxRound(
  params: KMeansTrainingParams,
  shard: Shard,
  { centroids }: KMeansState,
  scope: KernelScope,
  blocks: Boxes,
): BoundedSums | null {
  const { featuresCol, k, dim } = params;
  const { arena, kernels } = scope;
  const slack = slackOf(params, centroids, blocks);
  if (slack === null) return null;
  const n = shard.table.numRows;
  const { panels, bias } = packCentroids('euclidean', k, dim, centroids, scope);
  const [sums, counts] = [zeros(scope, k * dim), zeros(scope, k)];
  const { order, columns, boxes, groups } = blocks;
  const compared = kernels.exports.boxRound(
    n,
    dim,
    k,
    addressOf(pointsOf(shard, featuresCol).values, scope),
    weightsAddress(params, shard, scope),
    panels,
    bias,
    toScratch(scope, centroids),
    toScratch(scope, blocks.origin),
    slack,
    order,
    columns,
    boxes,
    groups,
    arena.scratch(4 * n),
    arena.scratch((2 * dim + 6) * 16 * Math.ceil(k / 4) + 16),
    sums,
    counts,
  );
  return { ...readSums(sums, counts, params, scope), score: 0, share: compared / n };
}
