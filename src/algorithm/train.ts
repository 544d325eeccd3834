/** Runs a training: many rounds on the engine's iteration. */

import { type RoundEvent, roundChannel } from '../core/diagnostics.js';
import { once } from '../engine/iterate.js';
import type { Collector, OperatorContext, ProcessOperator } from '../engine/operator.js';
import type { Shard } from '../engine/shard.js';
import type { Table } from '../table/table.js';
import { CombinationTree, combineRoot, type TreeNode } from './combination-tree.js';
import { type CheckpointedOptions, openJob, type RunOptions } from './run.js';
import { ShardMemory } from './shard-memory.js';
import {
  type AlgorithmRef,
  importAlgorithm,
  type KernelScope,
  type Metrics,
  type Training,
} from './training.js';

/** What a round of a training reports. */
export interface TrainingProgress {
  /** The round that has ended, from 0. */
  readonly epoch: number;
  readonly metrics: Metrics;
}

/** Input 0: shards, once. Input 1: what is shared of the state, every round. Out: the run's subtrees. */
export class PartialsOfShards
  implements ProcessOperator<Shard | Boxed<unknown>, TreeNode<unknown>[]>
{
  static readonly module: string = import.meta.url;
  readonly #ref: AlgorithmRef;
  readonly #shards: Shard[] = [];
  /** By the shards' places in the list; what a restart does without. */
  readonly #memories: ShardMemory[] = [];
  #training!: Training<unknown, unknown>;
  #context!: OperatorContext;
  #state: Boxed<unknown> | null = null;

  constructor(ref: AlgorithmRef) {
    this.#ref = ref;
  }

  async open(context: OperatorContext): Promise<void> {
    this.#context = context;
    this.#training = await importAlgorithm(this.#ref);
  }

  process(value: Shard | Boxed<unknown>, { input }: Collector): void {
    if (input === 0) this.#shards.push(value as Shard);
    else this.#state = value as Boxed<unknown>;
  }

  onEpochEnd(_epoch: number, out: Collector<TreeNode<unknown>[]>): void {
    if (this.#state === null) return;
    const training = this.#training;
    const { state } = this.#state;
    const { kernels, arena } = this.#context;
    const scope: KernelScope = { kernels, arena };
    const tree = new CombinationTree<unknown>((a, b) => training.combine(a, b));
    for (const [i, shard] of this.#shards.entries()) {
      // A round may take long: a job that is being stopped need not end it.
      if (this.#context.stopped) return;
      this.#memories[i] ??= new ShardMemory(arena);
      const value = training.partial(shard, state, scope, this.#memories[i]);
      tree.add({ level: 0, index: shard.index, value });
    }
    this.#state = null;
    out.emit(tree.take());
  }

  snapshot(): unknown {
    return { shards: this.#shards, state: this.#state };
  }

  restore(snapshot: unknown): void {
    const { shards, state } = snapshot as { shards: Shard[]; state: Boxed<unknown> | null };
    this.#shards.push(...shards);
    this.#state = state;
  }

  close(): void {
    for (const memory of this.#memories) memory.free();
  }
}

/** A state on its way: boxed, so that any value, also undefined, is told from no state. */
interface Boxed<State> {
  readonly state: State;
}

/** What of a state the workers get. */
function shared(training: Training<unknown, unknown>, state: unknown): unknown {
  return training.share === undefined ? state : training.share(state);
}

interface UpdateStateParams {
  readonly ref: AlgorithmRef;
  /** Whether somebody wants to hear of each round. */
  readonly watched: boolean;
}

/**
 * Input 0: subtrees of all workers. Input 1: the first state, once. Out: what is shared of the next
 * state, as feedback; the state itself stays here. Side outputs: `continue` while not done,
 * `progress` per round, `result` at the end.
 */
export class UpdateState
  implements ProcessOperator<TreeNode<unknown>[] | Boxed<unknown>, Boxed<unknown>>
{
  static readonly module: string = import.meta.url;
  readonly #params: UpdateStateParams;
  #training!: Training<unknown, unknown>;
  #nodes: TreeNode<unknown>[] = [];
  #state: Boxed<unknown> | null = null;

  constructor(params: UpdateStateParams) {
    this.#params = params;
  }

  async open(): Promise<void> {
    this.#training = await importAlgorithm(this.#params.ref);
  }

  process(value: TreeNode<unknown>[] | Boxed<unknown>, { input }: Collector): void {
    if (input === 0) this.#nodes.push(...(value as TreeNode<unknown>[]));
    else this.#state = value as Boxed<unknown>;
  }

  onEpochEnd(epoch: number, out: Collector<Boxed<unknown>>): void {
    if (this.#nodes.length === 0) return;
    const training = this.#training;
    const total = combineRoot(this.#nodes, (a, b) => training.combine(a, b));
    this.#nodes = [];
    const { state, done, metrics } = training.update(this.#state!.state, total, epoch);
    this.#state = { state };
    if (this.#params.watched) out.emitTo('progress', { epoch, metrics: metrics ?? {} });
    if (done) return;
    out.emit({ state: shared(training, state) });
    out.emitTo('continue', null);
  }

  onIterationEnd(out: Collector<Boxed<unknown>>): void {
    out.emitTo('result', this.#state);
  }

  snapshot(): unknown {
    return { nodes: this.#nodes, state: this.#state };
  }

  restore(snapshot: unknown): void {
    const { nodes, state } = snapshot as {
      nodes: TreeNode<unknown>[];
      state: Boxed<unknown> | null;
    };
    this.#nodes = nodes;
    this.#state = state;
  }
}

/** Options of a training beside those of every call. */
export interface TrainOptions extends RunOptions, CheckpointedOptions {
  readonly onRound?: ((progress: TrainingProgress) => void) | undefined;
}

/**
 * Trains on a table.
 *
 * @param who The call, for messages: `'KMeans.fit'`.
 * @param table Only the columns that the training reads; its shards are copied to the workers once.
 * @param initial The state before the first round.
 * @param work Multiplications and additions of one round, roughly: small ones run on this thread.
 * @returns The state that the last update gave. Bit-identical for any number of workers.
 */
export async function train<State>(
  who: string,
  ref: AlgorithmRef,
  table: Table,
  initial: State,
  work: number,
  options: TrainOptions,
): Promise<State> {
  const { onRound, checkpoint } = options;
  const training = await importAlgorithm<Training<unknown, unknown>>(ref);
  const job = openJob(who, work, options, checkpoint);
  // Telling this thread of a round means waking it, which costs more than a small round.
  const watched = onRound !== undefined || roundChannel.hasSubscribers;
  const { result, progress } = job.iterate({
    variables: [job.of<Boxed<unknown>>([{ state: shared(training, initial) }])],
    data: [once(job.table(table)), once(job.of<Boxed<State>>([{ state: initial }]))],
    body: ([state], [shards, first]) => {
      const partials = shards.connect(state.broadcast()).process(PartialsOfShards, ref);
      const next = partials.gather().connect(first).process(UpdateState, { ref, watched });
      return {
        feedback: [next],
        outputs: {
          result: next.side<Boxed<State>>('result'),
          progress: next.side<TrainingProgress>('progress'),
        },
        criteria: next.side('continue'),
      };
    },
  });
  const watch = async () => {
    for await (const round of progress.output({ unconfirmed: true })) {
      if (roundChannel.hasSubscribers) roundChannel.publish({ job: who, ...round } as RoundEvent);
      onRound?.(round);
    }
  };
  try {
    const [{ state }] = await Promise.all([result.output().last(), watch()]);
    return state;
  } catch (error) {
    // It may be `onRound` that threw: leave nothing running.
    job.cancel();
    await job.run().catch(() => {});
    throw error;
  }
}
