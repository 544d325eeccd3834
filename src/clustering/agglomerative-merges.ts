/** The merges of points: here and now when there are few, else by a job. */
import { openJob, type RunOptions } from '../algorithm/run.js';
import type { KernelScope } from '../algorithm/training.js';
import { MemoryLimitError } from '../core/errors.js';
import { defaultSession } from '../engine/session.js';
import type { Arena, Segment } from '../memory/arena.js';
import { withScratch } from '../stage/kernel-data.js';
import { float64 } from '../table/buffers.js';
import {
  ClusterBySpanningTree,
  ClusterMatrix,
  ClusterPoints,
  DISTANCES,
  POINTS,
  turnsFor,
  WriteDistances,
} from './agglomerative-operators.js';
import { rowBytes } from './cluster-rows.js';
import { LINKAGE_CODES, type Linkage, type MatrixLinkage, type Merges } from './linkage.js';
import { MinimumSpanningTree } from './minimum-spanning-tree.js';
import { NearestNeighbourChain } from './nearest-neighbour-chain.js';
import { MeasuredDistances } from './point-distances.js';
import { PointPanels, type Points } from './point-panels.js';
import { tiledLength, tileRows } from './tiled-distances.js';

/** Clustering looks at a distance about so many times, beside measuring it. */
const WORK_PER_PAIR = 8;
/** Entries of vectors that one record of a job measures: some milliseconds. */
const ENTRIES_PER_RECORD = 4_000_000;
/** Distances of vectors of more entries are measured once, on all workers, and stored. */
const MEASURED_DIM = 64;
/** Lists of what is known of each cluster: no more than so much. */
const BYTES_PER_POINT = 256;

/**
 * All merges of some points; of a distance that is not finite, and those after it, the height is NaN.
 *
 * @throws MemoryLimitError `ERR_GYRE_MEMORY` when the distances of all pairs are more than a kernel
 *   memory holds.
 */
export async function mergesOf(
  who: string,
  points: Points,
  linkage: Linkage,
  options: RunOptions,
): Promise<Merges> {
  const session = options.session ?? defaultSession();
  const { arena, kernels } = session.inline;
  if (linkage !== 'single') checkMemory(who, points.count, arena);
  const work = (points.count ** 2 / 2) * (points.dim + WORK_PER_PAIR);
  if (work < session.inlineWork) return mergesHere(points, linkage, session.inline);
  if (linkage === 'single') return singleByJob(who, points, work, options);
  // On the calling thread, distances and rows must fit into one memory.
  const room = arena.free - (session.threads === 0 ? memoryFor(points) : 0);
  const isStored = points.dim > MEASURED_DIM && tiledLength(points.count) * 8 <= room;
  if (!isStored) return measuredByJob(who, points, linkage, work, options);
  const distances = arena.allocate(tiledLength(points.count) * 8);
  try {
    return await storedByJob(who, points, linkage, work, { distances, kernels }, options);
  } finally {
    distances.free();
  }
}

/** On this thread, at once. */
function mergesHere(points: Points, linkage: Linkage, scope: KernelScope): Merges {
  return withScratch(scope, () => {
    const allocate = (bytes: number) => scope.arena.scratch(bytes);
    if (linkage === 'single') {
      const panels = new PointPanels(points, scope, allocate);
      return new MinimumSpanningTree(panels, scope, allocate).advance(Number.POSITIVE_INFINITY)!;
    }
    const distances = new MeasuredDistances(points, scope, allocate);
    const chain = new NearestNeighbourChain(distances, LINKAGE_CODES[linkage], scope, allocate);
    return chain.advance(Number.POSITIVE_INFINITY)!;
  });
}

async function singleByJob(
  who: string,
  { values, ...points }: Points,
  work: number,
  options: RunOptions,
): Promise<Merges> {
  const job = openJob(who, work, options);
  job.buffer(POINTS, sharedCopy(values));
  const turns = job.from(turnsFor(points.count));
  return turns.gather().process(ClusterBySpanningTree, points).output().last() as Promise<Merges>;
}

/** One worker does everything: it measures again what it needs again. */
async function measuredByJob(
  who: string,
  { values, ...points }: Points,
  linkage: MatrixLinkage,
  work: number,
  options: RunOptions,
): Promise<Merges> {
  const job = openJob(who, work, options);
  job.buffer(POINTS, sharedCopy(values));
  const turns = job.from(turnsFor(points.count));
  const merges = turns
    .gather()
    .process(ClusterPoints, { ...points, linkage: LINKAGE_CODES[linkage] });
  return merges.output().last() as Promise<Merges>;
}

/**
 * Workers measure, and one of them clusters. The distances lie in the calling thread's kernel
 * memory, which all of them see: no worker's memory has them all, and none is copied twice.
 */
async function storedByJob(
  who: string,
  { values, ...points }: Points,
  linkage: MatrixLinkage,
  work: number,
  memory: { readonly distances: Segment; readonly kernels: KernelScope['kernels'] },
  options: RunOptions,
): Promise<Merges> {
  const { count, dim } = points;
  const where = { byteOffset: memory.distances.address, length: tiledLength(count) };
  const job = openJob(who, work, options);
  job.buffer(POINTS, sharedCopy(values));
  job.buffer(DISTANCES, memory.kernels.buffer);
  const measured = job
    .of(tileRows(count, dim, ENTRIES_PER_RECORD))
    .rebalance()
    .process(WriteDistances, { ...points, ...where });
  const merges = measured
    .gather()
    .connect(job.from(turnsFor(count)).gather())
    .process(ClusterMatrix, { ...where, count, linkage: LINKAGE_CODES[linkage] });
  return merges.output().last() as Promise<Merges>;
}

function sharedCopy(values: Float64Array): SharedArrayBuffer {
  const copy = float64(values.length);
  copy.set(values);
  return copy.buffer;
}

/** Refuses points whose rows of distances cannot fit into a kernel memory. */
function checkMemory(who: string, points: number, arena: Arena): void {
  const bytes = rowBytes(points);
  const limit = arena.limit - arena.base;
  if (bytes <= limit) return;
  throw new MemoryLimitError(
    `${who}: the distances of ${points} points must fit into a kernel memory of ${limit} bytes, got ` +
      `${bytes} bytes; use windows of fewer rows, linkage 'single', which keeps none, or a larger ` +
      'memory.maxBytes up to 4 GiB a thread.',
    { details: { who, points, bytes, limit } },
  );
}

/** Bytes for clustering, beside distances that are stored. */
function memoryFor({ count, dim }: Points): number {
  return rowBytes(count) + count * (dim * 32 + BYTES_PER_POINT);
}
