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
  DISTANCES,
  POINTS,
  turnsFor,
  WriteDistances,
} from './agglomerative-operators.js';
import { LINKAGE_CODES, type Linkage, type MatrixLinkage, type Merges } from './linkage.js';
import { MinimumSpanningTree } from './minimum-spanning-tree.js';
import { NearestNeighbourChain } from './nearest-neighbour-chain.js';
import { PointPanels, type Points } from './point-panels.js';
import { tiledLength, tileRows, tilesOf, writeDistances } from './tiled-distances.js';

/** Clustering looks at a distance about so many times, beside measuring it. */
const WORK_PER_PAIR = 8;
/** Entries of vectors that one record of a job measures: some milliseconds. */
const ENTRIES_PER_RECORD = 4_000_000;

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
  const work = (points.count ** 2 / 2) * (points.dim + WORK_PER_PAIR);
  if (work < session.inlineWork) return mergesHere(points, linkage, session.inline);
  if (linkage === 'single') return singleByJob(who, points, work, options);
  const { arena, kernels } = session.inline;
  const distances = allocateDistances(who, points.count, arena);
  try {
    return await matrixByJob(who, points, linkage, work, { distances, kernels }, options);
  } finally {
    distances.free();
  }
}

/** On this thread, at once. */
function mergesHere(points: Points, linkage: Linkage, scope: KernelScope): Merges {
  const { arena } = scope;
  return withScratch(scope, () => {
    const allocate = (bytes: number) => arena.scratch(bytes);
    const panels = new PointPanels(points, scope, allocate);
    if (linkage === 'single') {
      return new MinimumSpanningTree(panels, scope, allocate).advance(Number.POSITIVE_INFINITY)!;
    }
    const length = tiledLength(points.count);
    const distances = arena.f64(arena.scratch(length * 8), length);
    writeDistances(panels, { start: 0, end: tilesOf(points.count) }, distances, scope);
    const chain = new NearestNeighbourChain(points.count, distances, LINKAGE_CODES[linkage]);
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

/**
 * Workers measure, and one of them clusters. The distances lie in the calling thread's kernel
 * memory, which all of them see: no worker's memory has them all, and none is copied twice.
 */
async function matrixByJob(
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

function allocateDistances(who: string, points: number, arena: Arena): Segment {
  const bytes = tiledLength(points) * 8;
  const limit = arena.limit - arena.base;
  if (bytes <= limit) return arena.allocate(bytes);
  throw new MemoryLimitError(
    `${who}: the distances of ${points} points must fit into a kernel memory of ${limit} bytes, got ` +
      `${bytes} bytes; use windows of fewer rows, linkage 'single', which keeps none, or a larger ` +
      'memory.maxBytes up to 4 GiB a thread.',
    { details: { who, points, bytes, limit } },
  );
}
