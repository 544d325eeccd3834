/** What a shard keeps of the distances of its rows, for rounds that measure only what changed. */
import type { ShardMemory } from '../algorithm/shard-memory.js';
import type { KernelScope } from '../algorithm/training.js';
import type { Shard } from '../engine/shard.js';
import { meanRow, paddedCentroids } from './kmeans-points.js';
import type { KMeansState, KMeansTrainingParams } from './kmeans-training.js';

/** The labels and bounds of round `round`, in kernel memory: 4 bytes each. */
export interface Bounds {
  readonly method: 'hamerly' | 'elkan';
  readonly labels: number;
  /** `hamerly`: one a row, for all centroids but the closest. `elkan`: one a row and centroid. */
  readonly lower: number;
  readonly lowerBytes: number;
  /** `hamerly`: one a row, for the closest centroid. `elkan`: 0. */
  readonly upper: number;
  /** The largest |x|. */
  readonly reach: number;
  /** What f32 coordinates are counted from. */
  readonly origin: Float64Array;
  round: number;
}

/** Bounds that say nothing yet; null where memory is short. */
export function makeBounds(
  method: 'hamerly' | 'elkan',
  { k, dim }: KMeansTrainingParams,
  shard: Shard,
  { centroids }: KMeansState,
  reach: number,
  memory: ShardMemory,
): Bounds | null {
  const rows = 4 * shard.table.numRows;
  const lowerBytes = method === 'elkan' ? rows * paddedCentroids(k) : rows;
  const uppers = method === 'elkan' ? 0 : rows;
  // Kernels read vectors of 16 bytes of `lower`: it comes first.
  const lower = memory.allocate(lowerBytes + rows + uppers);
  if (lower === null) return null;
  const labels = lower + lowerBytes;
  const upper = method === 'elkan' ? 0 : labels + rows;
  const origin = meanRow(centroids, k, dim);
  return { method, labels, lower, lowerBytes, upper, reach, origin, round: Number.NaN };
}

/** Forgets the bounds: they are not of the round before. */
export function clearBounds(
  { labels, lower, lowerBytes }: Bounds,
  shard: Shard,
  { arena }: KernelScope,
): void {
  arena.i32(labels, shard.table.numRows).fill(0);
  arena.f32(lower, lowerBytes / 4).fill(0);
}

/** Numbers as f32, rounded up, in scratch memory; zeros for null and up to a multiple of four. */
export function aboveF32(
  values: Float64Array | null,
  count: number,
  { arena }: KernelScope,
): number {
  const padded = Math.ceil(count / 4) * 4;
  const address = arena.scratch(4 * padded);
  const rounded = arena.f32(address, padded).fill(0);
  if (values !== null) for (let j = 0; j < count; j++) rounded[j] = values[j]! * (1 + 2.5e-7);
  return address;
}
