/** The rows of a batch that one learner of online k-means owns, in kernel memory. */
import { CombinationTree, type TreeNode } from '../algorithm/combination-tree.js';
import type { OperatorContext } from '../engine/operator.js';
import { shardRun, shardStart } from '../engine/shard.js';
import type { Segment } from '../memory/arena.js';
import { withScratch, zeros } from '../stage/kernel-data.js';
import { DenseVectorColumn } from '../table/dense-vector-column.js';
import { Table } from '../table/table.js';
import {
  checkPoints,
  type DistanceMeasure,
  type PackedCentroids,
  packCentroids,
} from './kmeans-points.js';

/** Shards of a batch, at most. */
const MAX_SHARDS = 64;
/** Rows, and multiplications, that make a shard worth it: less costs more than it saves. */
const MIN_SHARD_ROWS = 512;
const MIN_SHARD_WORK = 1 << 19;

/** Centroids with their weights. */
export interface Clusters {
  readonly k: number;
  readonly dim: number;
  /** k × dim, row-major. */
  readonly centroids: Float64Array;
  readonly weights: Float64Array;
}

/** What a model moves by: sums over the rows of each cluster. */
export interface BatchSums {
  readonly sums: Float64Array;
  readonly counts: Float64Array;
  /** Sum of the distances (euclidean: squared) to the centroids before the step; NaN for cosine. */
  readonly loss: number;
}

export function addSums(a: BatchSums, b: BatchSums): BatchSums {
  for (let i = 0; i < a.sums.length; i++) a.sums[i]! += b.sums[i]!;
  for (let j = 0; j < a.counts.length; j++) a.counts[j]! += b.counts[j]!;
  return { ...a, loss: a.loss + b.loss };
}

/** Into how many shards a batch is cut: a power of two, by sizes alone. */
export function batchShards(batchRows: number, k: number, dim: number): number {
  const worth = Math.min(batchRows / MIN_SHARD_ROWS, (batchRows * k * dim) / MIN_SHARD_WORK);
  let shards = 1;
  while (shards < MAX_SHARDS && shards * 2 <= worth) shards *= 2;
  return shards;
}

export interface OwnRowsParams {
  /** The call and the column, for messages. */
  readonly who: string;
  readonly featuresCol: string;
  readonly distanceMeasure: DistanceMeasure;
  readonly k: number;
  readonly globalBatchSize: number;
}

/** Where the rows of a batch are, for a checkpoint. */
export interface OwnRowsState {
  readonly filled: number;
  readonly before: number;
  readonly points: Float64Array;
}

export class OwnRows {
  readonly dim: number;
  /** Learners that own a shard. */
  readonly owners: number;
  readonly #params: OwnRowsParams;
  readonly #context: OperatorContext;
  readonly #shards: number;
  /** The own shards, `[first, last)`, and where their rows are in a batch, `[lo, hi)`. */
  readonly #first: number;
  readonly #last: number;
  readonly #lo: number;
  readonly #hi: number;
  readonly #segment: Segment;
  readonly #points: Float64Array;
  /** Rows of the batch that have come, whoever owns them; and rows of all batches before. */
  #filled = 0;
  #before = 0;

  constructor(params: OwnRowsParams, dim: number, context: OperatorContext) {
    const { globalBatchSize: batchRows, k } = params;
    const { subtask, parallelism, arena } = context;
    this.dim = dim;
    this.#params = params;
    this.#context = context;
    this.#shards = batchShards(batchRows, k, dim);
    this.owners = Math.min(this.#shards, parallelism);
    [this.#first, this.#last] = shardRun(this.#shards, subtask, parallelism);
    this.#lo = shardStart(batchRows, this.#shards, this.#first);
    this.#hi = shardStart(batchRows, this.#shards, this.#last);
    const entries = (this.#hi - this.#lo) * dim;
    this.#segment = arena.allocate(entries * 8);
    this.#points = arena.f64(this.#segment.address, entries);
  }

  /** Whether all shards belong to others. */
  get isIdle(): boolean {
    return this.#first === this.#last;
  }

  /** Whether this learner speaks for all: the owner of the first shard. */
  get isFirst(): boolean {
    return this.#first === 0 && !this.isIdle;
  }

  /** Rows of the batch that have come. */
  get filled(): number {
    return this.#filled;
  }

  /** Rows that complete the batch. */
  get missing(): number {
    return this.#params.globalBatchSize - this.#filled;
  }

  /** Takes in the next rows of the batch, no more than are missing. */
  add(column: DenseVectorColumn): void {
    const start = Math.max(this.#filled, this.#lo);
    const end = Math.min(this.#filled + column.length, this.#hi);
    if (start < end) this.#copy(column.slice(start - this.#filled, end - this.#filled), start);
    this.#filled += column.length;
  }

  /** Sums over the rows of the batch, as subtrees over all shards; the next batch begins. */
  take(centroids: Float64Array): TreeNode<BatchSums>[] {
    const { globalBatchSize: batchRows, distanceMeasure, k } = this.#params;
    const tree = new CombinationTree(addSums);
    withScratch(this.#context, () => {
      const packed = packCentroids(distanceMeasure, k, this.dim, centroids, this.#context);
      for (let index = this.#first; index < this.#last; index++) {
        const start = shardStart(batchRows, this.#shards, index);
        const end = shardStart(batchRows, this.#shards, index + 1);
        tree.add({ level: 0, index, value: this.#sumsOf(start, end, packed) });
      }
    });
    this.#before += batchRows;
    this.#filled = 0;
    return tree.take();
  }

  snapshot(): OwnRowsState {
    return { filled: this.#filled, before: this.#before, points: this.#points };
  }

  restore({ filled, before, points }: OwnRowsState): void {
    this.#filled = filled;
    this.#before = before;
    this.#points.set(points);
  }

  close(): void {
    this.#segment.free();
  }

  /** Copies rows to their place, and refuses what has no distance. */
  #copy(column: DenseVectorColumn, at: number): void {
    const from = (at - this.#lo) * this.dim;
    const values = this.#points.subarray(from, from + column.length * this.dim);
    values.set(column.values);
    const { who, featuresCol } = this.#params;
    const copied = new DenseVectorColumn(values, this.dim, column.length);
    const table = Table.over(new Map([[featuresCol, copied]]));
    const shard = { index: 0, count: 1, rowStart: this.#before + at, table };
    checkPoints(who, this.#params, shard, this.#context);
  }

  #sumsOf(start: number, end: number, { panels, bias }: PackedCentroids): BatchSums {
    const { arena, kernels } = this.#context;
    const { distanceMeasure, k } = this.#params;
    const { dim } = this;
    const rows = end - start;
    const points = this.#segment.address + (start - this.#lo) * dim * 8;
    return withScratch(this.#context, () => {
      const labels = arena.scratch(rows * 4);
      const sums = zeros(this.#context, k * dim);
      const counts = zeros(this.#context, k);
      const { assignAccumulate, assignManhattanAccumulate } = kernels.exports;
      const assign = distanceMeasure === 'manhattan' ? assignManhattanAccumulate : assignAccumulate;
      const score = assign(rows, dim, k, points, panels, bias, labels, sums, counts);
      return {
        sums: arena.f64(sums, k * dim).slice(),
        counts: arena.f64(counts, k).slice(),
        loss: this.#lossOf(score, rows, points),
      };
    });
  }

  /** What the scores of rows, summed by the kernel, are as a loss. */
  #lossOf(score: number, rows: number, points: number): number {
    const { distanceMeasure } = this.#params;
    if (distanceMeasure === 'cosine') return Number.NaN;
    if (distanceMeasure === 'manhattan') return -score;
    const { arena, kernels } = this.#context;
    const norms = arena.scratch(rows * 8);
    kernels.exports.squaredNorms(rows, this.dim, points, norms);
    let squares = 0;
    for (const norm of arena.f64(norms, rows)) squares += norm;
    return Math.max(0, squares - 2 * score);
  }
}
