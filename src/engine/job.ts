/** Jobs: a dataflow graph that is built by methods of streams and run by reading an output. */
import { type JobEvent, jobTracing, warn } from '../core/diagnostics.js';
import { InvalidParamError, PlanError } from '../core/errors.js';
import { int, nullable, resolveParams, showValue } from '../core/params.js';
import type { Table } from '../table/table.js';
import { type CheckpointOptions, checkpointSettings } from './checkpoint/options.js';
import { CheckpointStore, checkpointFolder } from './checkpoint/store.js';
import { type JobCheckpoints, JobRun } from './execution.js';
import { Graph } from './graph.js';
import { buildIteration, type IterationSpec } from './iterate.js';
import { type JobMetrics, metricsBefore } from './job-metrics.js';
import type { JobProgress, WatchOptions } from './job-watch.js';
import type { Session } from './session.js';
import type { Piece, Shard } from './shard.js';
import type { Sink } from './sink.js';
import { isRewindable, JobSource, type SourceInput } from './source.js';
import { DataStream } from './stream.js';

export interface JobOptions {
  /** Workers of this job: the session's threads, or 0 to run on the calling thread. */
  readonly threads?: 0 | undefined;
  /** Stops the job; it then fails with `ERR_GYRE_ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Subtasks of a node when nothing else says so. By default as many as there are workers, and in a
   * job that resumes, as many as its checkpoint has, whatever the workers are now.
   */
  readonly parallelism?: number | undefined;
  /**
   * Checkpoints, by which a job outlives its workers and its process. By default the session's;
   * null: none.
   */
  readonly checkpoint?: CheckpointOptions | null | undefined;
  /**
   * Called on this thread while the job runs, and once at the end of a job that did not fail. What
   * it throws fails the job.
   */
  readonly onProgress?: ((progress: JobProgress) => void) | undefined;
  /**
   * The least time between two calls of `onProgress`, and between two events of `gyre:epoch` and
   * `gyre:backpressure`. **Default:** 100.
   */
  readonly progressMs?: number | undefined;
}

const parallelismParam = { parallelism: nullable(int(0, { min: 1, max: 1024 })) };
const watchParam = { progressMs: int(100, { min: 1, max: 2 ** 31 - 1 }) };

function watchOptions(name: string, { onProgress, progressMs }: JobOptions): WatchOptions {
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new InvalidParamError(
      `${name}.onProgress must be a function, got ${showValue(onProgress)}.`,
      { details: { param: 'onProgress' } },
    );
  }
  return { onProgress, ...resolveParams(name, watchParam, { progressMs }) };
}

function openCheckpoints(
  name: string,
  options: CheckpointOptions | null | undefined,
): JobCheckpoints | null {
  if (options === undefined || options === null) return null;
  const settings = checkpointSettings(`${name}.checkpoint`, options);
  const folder = checkpointFolder(settings.folder, name);
  return { settings, folder, store: new CheckpointStore({ folder, keep: settings.keep, warn }) };
}

/**
 * A dataflow graph, made by {@link Session.job}. Build it with streams, then read an output or call
 * {@link run}. A job runs once.
 *
 * @example
 * ```ts
 * const job = new Session({ threads: 0 }).job('squares');
 * const squares = job.of([1, 2, 3]).map((x) => x * x);
 * console.log(await squares.output().toArray()); // [1, 4, 9]
 * ```
 */
export class Job {
  readonly name: string;
  /** Subtasks of a node when nothing else says so. */
  readonly parallelism: number;
  /** @internal */ readonly graph: Graph;
  readonly #session: Session;
  readonly #signal: AbortSignal | undefined;
  readonly #checkpoints: JobCheckpoints | null;
  readonly #watch: WatchOptions;
  readonly #buffers: Record<string, SharedArrayBuffer> = {};
  #run: JobRun | null = null;
  #running: Promise<void> | null = null;
  #isRunning = false;
  #begun: Promise<void> | null = null;

  /** @internal */
  constructor(session: Session, name: string, options: JobOptions = {}) {
    this.name = name;
    this.#session = session;
    this.#signal = options.signal;
    this.#watch = watchOptions(name, options);
    const workers = options.threads ?? session.threads;
    this.#checkpoints = openCheckpoints(
      name,
      options.checkpoint === undefined ? session.checkpoint : options.checkpoint,
    );
    this.parallelism = this.#parallelism(options) ?? Math.max(workers, 1);
    const { parallelism } = this;
    this.graph = new Graph({ name, workers, parallelism, open: (sink) => this.#open(sink) });
  }

  /** A stream of the given values. */
  of<T>(values: Iterable<T>): DataStream<T> {
    return this.from(values);
  }

  /**
   * A stream of what an iterable gives, read as fast as the job takes it. In a job with checkpoints
   * it has to be one that can begin again: an array, or one with `position` and `seek`.
   */
  from<T>(values: SourceInput<T>): DataStream<T> {
    const { sources } = this.graph;
    if (isRewindable(values) && [...sources.values()].some((source) => source.reads(values))) {
      throw new PlanError(
        `${this.name}: a source with a position can be read once in a job; use its stream twice.`,
      );
    }
    const node = this.graph.addNode({ kind: 'source', name: 'source', parallelism: 1 });
    sources.set(node, new JobSource(`${this.name}: source ${node}`, values));
    return DataStream.of(this.graph, node);
  }

  /**
   * The shards of a table, each in the memory of the worker that owns it. They are cut by the
   * table's size alone; subtask i has a contiguous run of them.
   *
   * @param options `passing`: shards are used one after the other, each only in the call that it
   *   arrives in. Its table, and views of it, are gone with the next one. Costs the memory of one
   *   shard a worker in place of that of the table. `piece`: the table is a piece of more rows.
   */
  table(
    table: Table,
    {
      passing = false,
      piece = null,
    }: { readonly passing?: boolean; readonly piece?: Piece | null } = {},
  ): DataStream<Shard> {
    const node = this.graph.addNode({
      kind: 'table',
      name: 'table',
      parallelism: this.parallelism,
    });
    this.graph.tables.set(node, { table, passing, piece });
    return DataStream.of(this.graph, node);
  }

  /** Gives operators a shared buffer, as `context.buffers[name]`, to write results in place. */
  buffer(name: string, buffer: SharedArrayBuffer): void {
    this.#buffers[name] = buffer;
  }

  /**
   * An iteration over bounded streams, until no feedback is left or the criteria stream is empty.
   * Feedback of epoch e is held until epoch e - 1 is over everywhere.
   */
  iterate<const V extends readonly unknown[], const D extends readonly unknown[], O>(
    spec: IterationSpec<V, D, O>,
  ): O {
    return buildIteration(this.graph, spec, true);
  }

  /** An iteration over streams that may have no end: feedback is never held. */
  iterateUnbounded<const V extends readonly unknown[], const D extends readonly unknown[], O>(
    spec: IterationSpec<V, D, O>,
  ): O {
    return buildIteration(this.graph, spec, false);
  }

  /** Runs the job to its end. Outputs that are read at the same time get their records. */
  async run(): Promise<void> {
    const running = this.#start();
    this.#run!.keep();
    await running;
  }

  /**
   * Takes a checkpoint of the running job, or joins one that is being taken.
   *
   * @returns Its number, once it is durable.
   * @throws {@link CheckpointError} when it cannot be written, or the job is over.
   */
  async checkpoint(): Promise<number> {
    // A job that was started in this turn begins at its end.
    await this.#begun;
    const coordinator = this.#run?.coordinator ?? null;
    if (coordinator === null) {
      throw new PlanError(
        `${this.name}: checkpoint() needs a running job with the option checkpoint.`,
      );
    }
    return coordinator.trigger();
  }

  /**
   * The job in numbers, at any time: records and backpressure by operator, rounds and how long they
   * took, fill of the rings, memory, checkpoints. Zeros before the start, the last values after the
   * end; after a restart the counters begin again. Threads store what they count after each turn,
   * so that it is exact once the job is over, and a turn behind before.
   *
   * Cost: some microseconds for each operator and thread, on the calling thread alone.
   *
   * @example
   * ```ts
   * const job = new Session({ threads: 0 }).job('squares');
   * await job.of([1, 2, 3]).map((x) => x * x).output().toArray();
   * const { recordsIn, recordsOut } = job.metrics().operators[1]!;
   * console.log(recordsIn, recordsOut); // 3 3
   * ```
   */
  metrics(): JobMetrics {
    return this.#run?.metrics() ?? metricsBefore(this.graph, this.graph.workers);
  }

  /** Stops the job, as when the readers of all its outputs have left; that is no failure. */
  cancel(): void {
    this.#run?.cancel();
  }

  #parallelism(options: JobOptions): number | null {
    const { parallelism } = resolveParams(this.name, parallelismParam, {
      parallelism: options.parallelism,
    });
    if (parallelism !== null || this.#checkpoints?.settings.resume !== true) return parallelism;
    return this.#checkpoints.store.peek()?.meta.parallelism ?? null;
  }

  #open(sink: Sink): void {
    if (this.#isRunning) {
      throw new PlanError(
        `${this.name}: the job runs already; ask for all outputs in the turn that starts it.`,
      );
    }
    this.#start();
    sink.closed = false;
  }

  /** Starts at the end of the turn, when all outputs that are wanted have been asked for. */
  #start(): Promise<void> {
    if (this.#running !== null) return this.#running;
    const [graph, buffers, checkpoints] = [this.graph, this.#buffers, this.#checkpoints];
    const [signal, watch] = [this.#signal, this.#watch];
    const run = new JobRun(this.#session, graph, buffers, signal, checkpoints, watch);
    let onBegun = (): void => {};
    this.#begun = new Promise((resolve) => {
      onBegun = resolve;
    });
    const begin = async () => {
      await null;
      this.#isRunning = true;
      onBegun();
      const event: JobEvent = { job: this.name, threads: this.graph.workers };
      await jobTracing.tracePromise(() => run.execute(), event);
    };
    const running = this.#session.track(begin, () => run.stop());
    // A reader of an output learns of a failure from the output; this keeps the process from
    // ending over the same error when nobody asked for the run itself.
    running.catch(() => {});
    this.#run = run;
    this.#running = running;
    return running;
  }
}
