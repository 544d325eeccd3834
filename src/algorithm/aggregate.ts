/** Runs an aggregation: one pass over the shards of a table. */
import type { Collector, OperatorContext, ProcessOperator } from '../engine/operator.js';
import type { Shard } from '../engine/shard.js';
import type { Table } from '../table/table.js';
import { CombinationTree, combineRoot, type TreeNode } from './combination-tree.js';
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

/** What an aggregation reads of some rows. */
export interface AggregatedRows {
  /** Only the columns that it reads. */
  readonly table: Table;
  /** Multiplications and additions, roughly: small ones run on the calling thread. */
  readonly work: number;
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
  return aggregation.result(await totalOf(who, ref, aggregation, { table, work }, 0, options));
}

/**
 * Aggregates a stream of tables, the chunks of an input that need not fit into memory: the next one
 * is asked for while workers are at this one.
 *
 * @param onRows Is told how many rows have been aggregated, after each chunk.
 * @returns The statistic; bit-identical for any number of workers. Null when there is no chunk.
 */
export async function aggregateChunks<Partial, Result>(
  who: string,
  ref: AlgorithmRef,
  chunks: AsyncIterable<AggregatedRows>,
  options: RunOptions,
  onRows: (rows: number) => void,
): Promise<Result | null> {
  const aggregation = await importAlgorithm<Aggregation<Partial, Result>>(ref);
  const tree = new CombinationTree<Partial>((a, b) => aggregation.combine(a, b));
  let [index, rows] = [0, 0];
  for await (const chunk of ahead(chunks)) {
    const value = await totalOf(who, ref, aggregation, chunk, rows, options);
    tree.add({ level: 0, index: index++, value });
    rows += chunk.table.numRows;
    onRows(rows);
  }
  const subtrees = tree.take().map(({ value }) => value);
  if (subtrees.length === 0) return null;
  // From the smallest, at the end, to the largest.
  return aggregation.result(subtrees.reduceRight((b, a) => aggregation.combine(a, b)));
}

/** The combined partials of a table. */
async function totalOf<Partial>(
  who: string,
  ref: AlgorithmRef,
  aggregation: Pick<Aggregation<Partial, unknown>, 'combine'>,
  { table, work }: AggregatedRows,
  firstRow: number,
  options: RunOptions,
): Promise<Partial> {
  const job = openJob(who, work, options);
  const shards = job.table(table, { passing: true, firstRow });
  const subtrees = shards.process(AggregateShards, ref);
  const nodes = (await subtrees.gather().output().toArray()).flat() as TreeNode<Partial>[];
  return combineRoot(nodes, (a, b) => aggregation.combine(a, b));
}

/** The items, each asked for when the one before is given. */
async function* ahead<T>(items: AsyncIterable<T>): AsyncGenerator<T, undefined> {
  const iterator = items[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done) return undefined;
      next = iterator.next();
      // It is awaited later, or nobody wants it any more.
      next.catch(() => {});
      yield value;
    }
  } finally {
    await next.catch(() => {});
    await iterator.return?.();
  }
}
