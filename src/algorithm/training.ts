/**
 * The seam between the engine and the library: an algorithm is a handful of pure functions over
 * shards. The engine owns threads, memory, rounds, progress and cancellation, and another backend
 * could run the same modules: they must not reach for threads, files or globals.
 */
import type { Shard } from '../engine/shard.js';
import type { Arena } from '../memory/arena.js';
import type { Kernels } from '../memory/kernels.js';
import type { ShardMemory } from './shard-memory.js';

/** What a function that runs on a shard may use: kernels over this thread's memory, its arena. */
export interface KernelScope {
  readonly kernels: Kernels;
  readonly arena: Arena;
}

/** What a round tells those who watch: numbers by name, such as the loss. */
export type Metrics = Readonly<Record<string, number>>;

/** What an update decides. */
export interface Step<State> {
  readonly state: State;
  readonly done: boolean;
  readonly metrics?: Metrics;
}

/**
 * A training: every shard gives a partial, partials add up, the state moves, until it is done.
 *
 * `State` and `Partial` are plain data (numbers, typed arrays, plain objects): they travel between
 * threads. `combine` is applied along a fixed binary tree over the shards, so results do not depend
 * on the number of workers even where it is not associative, as floating-point sums are not.
 */
export interface Training<State, Partial, Shared = State> {
  /**
   * What of a state goes to the workers: all of it, unless this says less. What only
   * {@link update} reads stays where that runs.
   */
  share?(state: State): Shared;
  /**
   * One shard's share of a round; runs on workers. Must not change the state. `memory` is the
   * shard's own, as earlier rounds left it; a restart empties it, so nothing but the time that a
   * round takes may depend on it.
   */
  partial(shard: Shard, state: Shared, scope: KernelScope, memory: ShardMemory): Partial;
  /** Adds `b` to `a`; may reuse either. */
  combine(a: Partial, b: Partial): Partial;
  /** Ends round `epoch` (0, 1, ...) with the sum over all shards. */
  update(state: State, total: Partial, epoch: number): Step<State>;
}

/** A statistic in one pass: as {@link Training}, with one round and no state. */
export interface Aggregation<Partial, Result> {
  partial(shard: Shard, scope: KernelScope): Partial;
  combine(a: Partial, b: Partial): Partial;
  /** The statistic from the sum over all shards. */
  result(total: Partial): Result;
}

/** Where workers find an algorithm: a module that exports a factory, and the factory's argument. */
export interface AlgorithmRef<Params = unknown> {
  /** `import.meta.url` of the module. */
  readonly module: string;
  /** Name of the exported function that makes the algorithm from its params. */
  readonly name: string;
  /** Plain data. */
  readonly params: Params;
}

/** Imports the algorithm that a reference names. */
export async function importAlgorithm<A>({ module, name, params }: AlgorithmRef): Promise<A> {
  const exports = (await import(module)) as Record<string, (params: unknown) => A>;
  return exports[name]!(params);
}
