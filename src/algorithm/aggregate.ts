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
  const job = openJob(who, work, options);
  const subtrees = job.table(table, { passing: true }).process(AggregateShards, ref);
  const nodes = (await subtrees.gather().output().toArray()).flat() as TreeNode<Partial>[];
  const aggregation = await importAlgorithm<Aggregation<Partial, Result>>(ref);
  return aggregation.result(combineRoot(nodes, (a, b) => aggregation.combine(a, b)));
}
