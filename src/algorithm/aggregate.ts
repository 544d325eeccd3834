/** Runs an aggregation: one pass over the shards of a table. */
import { ahead } from '../core/ahead.js';
import type { Collector, OperatorContext, ProcessOperator } from '../engine/operator.js';
import type { Piece, Shard } from '../engine/shard.js';
import type { Table } from '../table/table.js';
import { CombinationTree, combineRoot, firstLeaf, type TreeNode } from './combination-tree.js';
import { openJob, type RunOptions } from './run.js';
import {
  type Aggregation,
  type AlgorithmRef,
  importAlgorithm,
  type KernelScope,
} from './training.js';

type AnyAggregation = Aggregation<unknown, unknown>;

/** In: shards. Out: the run's combined subtrees. */
export class AggregateShards implements ProcessOperator<Shard, TreeNode<unknown>[]> {
  static readonly module: string = import.meta.url;
  readonly #ref: AlgorithmRef;
  #aggregation!: AnyAggregation;
  #scope!: KernelScope;
  #tree!: CombinationTree<unknown>;

  constructor(ref: AlgorithmRef) {
    this.#ref = ref;
  }

  async open({ kernels, arena }: OperatorContext): Promise<void> {
    this.#scope = { kernels, arena };
    const aggregation = await importAlgorithm<AnyAggregation>(this.#ref);
    this.#aggregation = aggregation;
    this.#tree = new CombinationTree((a, b) => aggregation.combine(a, b));
  }

  process(shard: Shard): void {
    const value = this.#aggregation.partial(shard, this.#scope);
    this.#tree.add({ level: 0, index: shard.index, value });
  }

  onInputEnd(_input: number, out: Collector<TreeNode<unknown>[]>): void {
    out.emit(this.#tree.take());
  }
}

/**
 * Aggregates a table.
 *
 * @param who The call, for messages: `'StandardScaler.fit'`.
 * @param table Only the columns that the aggregation reads.
 * @param work Multiplications and additions, roughly: small ones run on this thread.
 * @returns The statistic. Bit-identical for any number of workers.
 */
export async function aggregate<Partial, Result>(
  who: string,
  ref: AlgorithmRef,
  table: Table,
  work: number,
  options: RunOptions,
): Promise<Result> {
  const aggregation = await importAlgorithm<Aggregation<Partial, Result>>(ref);
  const nodes = await subtreesOf<Partial>(who, ref, { table, work, piece: null }, options);
  return aggregation.result(combineRoot(nodes, (a, b) => aggregation.combine(a, b)));
}

/** What an aggregation reads of some rows. */
export interface AggregatedPiece {
  /** Only the columns that it reads. */
  readonly table: Table;
  /** Multiplications and additions, roughly: small ones run on the calling thread. */
  readonly work: number;
  readonly piece: Piece | null;
}

/**
 * Aggregates rows that come piece after piece, and need not fit into memory together: the next one
 * is asked for while workers are at this one.
 *
 * @param onRows Is told how many rows have been aggregated, after each piece.
 * @returns The statistic; bit-identical for any number of workers, and however the shards are
 *   shared out to pieces. Null when there is no piece.
 */
export async function aggregatePieces<Partial, Result>(
  who: string,
  ref: AlgorithmRef,
  pieces: AsyncIterable<AggregatedPiece>,
  options: RunOptions,
  onRows: (rows: number) => void,
): Promise<Result | null> {
  const aggregation = await importAlgorithm<Aggregation<Partial, Result>>(ref);
  const tree = new CombinationTree<Partial>((a, b) => aggregation.combine(a, b));
  let rows = 0;
  for await (const piece of ahead(pieces)) {
    for (const node of await subtreesOf<Partial>(who, ref, piece, options)) tree.add(node);
    rows += piece.table.numRows;
    onRows(rows);
  }
  const subtrees = tree.take().map(({ value }) => value);
  if (subtrees.length === 0) return null;
  // From the smallest, at the end, to the largest.
  return aggregation.result(subtrees.reduceRight((b, a) => aggregation.combine(a, b)));
}

/** The combined partials of a table's shards, as subtrees in the order of these. */
async function subtreesOf<Partial>(
  who: string,
  ref: AlgorithmRef,
  { table, work, piece }: AggregatedPiece,
  options: RunOptions,
): Promise<TreeNode<Partial>[]> {
  const job = openJob(who, work, options);
  const shards = job.table(table, { passing: true, piece });
  const subtrees = shards.process(AggregateShards, ref);
  const nodes = (await subtrees.gather().output().toArray()).flat() as TreeNode<Partial>[];
  return nodes.sort((a, b) => firstLeaf(a) - firstLeaf(b));
}
