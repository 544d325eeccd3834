/** The nearest rows of the rows of a table: on the workers, or at once on this thread. */
import { openJob, type RunOptions } from '../algorithm/run.js';
import type { KernelScope } from '../algorithm/training.js';
import type { OperatorContext, ProcessOperator } from '../engine/operator.js';
import { float64, int32 } from '../table/buffers.js';
import { blocksOf, numBlocks, type RowBlocks } from './knn-blocks.js';
import { scanBlocks } from './knn-scan.js';
import { type NearestLists, PlacedBlocks, QUERY_ROWS } from './knn-search.js';

/** How far two rows are. */
export type NeighbourDistance = 'euclidean' | 'manhattan' | 'cosine';

/** Up to here, rows are looked for one by one: kernels would have to be brought all rows first. */
const FEW_QUERIES = 8;

/** Rows to look for, row-major, of the size of those that are looked through. */
export interface Queries {
  readonly values: Float64Array;
  readonly numRows: number;
}

/** The k nearest rows of each query, nearest first; of equal distances, the earlier row. */
export interface Neighbours {
  readonly k: number;
  /** k distances a query. */
  readonly distances: Float64Array;
  /** k indices of rows a query. */
  readonly indices: Int32Array;
}

interface NearestRowsParams {
  readonly blocks: RowBlocks;
  readonly queries: RowBlocks;
  readonly isManhattan: boolean;
  readonly k: number;
}

const DISTANCES = 'distances';
const INDICES = 'indices';

/** In: blocks of queries, by number. Out: nothing; the results are in the job's buffers. */
export class NearestRows implements ProcessOperator<number, never> {
  static readonly module: string = import.meta.url;
  readonly #params: NearestRowsParams;
  #placed: PlacedBlocks | null = null;
  #lists!: NearestLists;

  constructor(params: NearestRowsParams) {
    this.#params = params;
  }

  open({ kernels, arena, buffers }: OperatorContext): void {
    const { blocks, isManhattan, k } = this.#params;
    this.#lists = {
      k,
      distances: new Float64Array(buffers[DISTANCES]!),
      indices: new Int32Array(buffers[INDICES]!),
    };
    this.#placed = new PlacedBlocks(blocks, isManhattan, { kernels, arena });
  }

  process(block: number): void {
    this.#placed!.search(this.#params.queries, block, this.#lists);
  }

  close(): void {
    this.#placed?.free();
  }
}

/** Finds the nearest rows on the workers of the session. k is at most the number of rows. */
export async function findNeighbours(
  who: string,
  blocks: RowBlocks,
  distance: NeighbourDistance,
  queries: Queries,
  k: number,
  options: RunOptions,
): Promise<Neighbours> {
  const { values, numRows } = queries;
  const lists = { k, distances: float64(numRows * k), indices: int32(numRows * k) };
  const job = openJob(who, numRows * blocks.rows.length, options);
  job.buffer(DISTANCES, lists.distances.buffer);
  job.buffer(INDICES, lists.indices.buffer);
  const params: NearestRowsParams = {
    blocks,
    // Near queries look at the same blocks.
    queries: blocksOf(values, numRows, blocks.dim, QUERY_ROWS),
    isManhattan: distance === 'manhattan',
    k,
  };
  job
    .of(Array(numBlocks(params.queries)).keys())
    .rebalance()
    .process(NearestRows, params);
  await job.run();
  return finished(distance, lists);
}

/** {@link findNeighbours} at once on this thread. */
export function findNeighboursHere(
  blocks: RowBlocks,
  distance: NeighbourDistance,
  { values, numRows }: Queries,
  k: number,
  scope: KernelScope,
): Neighbours {
  const { dim } = blocks;
  const isManhattan = distance === 'manhattan';
  const lists = {
    k,
    distances: new Float64Array(numRows * k),
    indices: new Int32Array(numRows * k),
  };
  if (numRows <= FEW_QUERIES) {
    for (let row = 0; row < numRows; row++) {
      const query = values.subarray(row * dim, (row + 1) * dim);
      scanBlocks(blocks, isManhattan, query, row, lists);
    }
    return finished(distance, lists);
  }
  const queries = blocksOf(values, numRows, dim, QUERY_ROWS);
  const placed = new PlacedBlocks(blocks, isManhattan, scope);
  try {
    for (let block = 0; block < numBlocks(queries); block++) placed.search(queries, block, lists);
  } finally {
    placed.free();
  }
  return finished(distance, lists);
}

/** Distances as they are known: the search has squares, of unit vectors for the cosine. */
function finished(distance: NeighbourDistance, lists: NearestLists): Neighbours {
  const { distances } = lists;
  if (distance === 'euclidean') {
    for (let i = 0; i < distances.length; i++) distances[i] = Math.sqrt(distances[i]!);
  } else if (distance === 'cosine') {
    // |x - y|² = 2 - 2 x·y, without the digits that 1 - x·y loses.
    for (let i = 0; i < distances.length; i++) distances[i]! /= 2;
  }
  return lists;
}
