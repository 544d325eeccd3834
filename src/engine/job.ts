/** Jobs: a dataflow graph that is built by methods of streams and run by reading an output. */
import { type JobEvent, jobTracing } from '../core/diagnostics.js';
import { PlanError } from '../core/errors.js';
import type { Table } from '../table/table.js';
import { JobRun } from './execution.js';
import { Graph } from './graph.js';
import { buildIteration, type IterationSpec } from './iterate.js';
import type { Sink } from './main-subtasks.js';
import type { Session } from './session.js';
import type { Shard } from './shard.js';
import { DataStream } from './stream.js';

export interface JobOptions {
  /** Workers of this job: the session's threads, or 0 to run on the calling thread. */
  readonly threads?: 0 | undefined;
  /** Stops the job; it then fails with `ERR_GYRE_ABORTED`. */
  readonly signal?: AbortSignal | undefined;
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
  readonly #buffers: Record<string, SharedArrayBuffer> = {};
  #run: JobRun | null = null;
  #running: Promise<void> | null = null;
  #isRunning = false;

  /** @internal */
  constructor(session: Session, name: string, options: JobOptions = {}) {
    this.name = name;
    this.#session = session;
    this.#signal = options.signal;
    const workers = options.threads ?? session.threads;
    this.graph = new Graph(name, workers, (sink) => this.#open(sink));
    this.parallelism = this.graph.parallelism;
  }

  /** A stream of the given values. */
  of<T>(values: Iterable<T>): DataStream<T> {
    return this.from(values);
  }

  /** A stream of what an iterable gives, read as fast as the job takes it. */
  from<T>(values: Iterable<T> | AsyncIterable<T>): DataStream<T> {
    const node = this.graph.addNode({ kind: 'source', name: 'source', parallelism: 1 });
    this.graph.sources.set(node, values);
    return new DataStream(this.graph, node);
  }

  /**
   * The shards of a table, each in the memory of the worker that owns it. They are cut by the
   * table's size alone; subtask i has a contiguous run of them.
   */
  table(table: Table): DataStream<Shard> {
    const node = this.graph.addNode({
      kind: 'table',
      name: 'table',
      parallelism: this.parallelism,
    });
    this.graph.tables.set(node, table);
    return new DataStream(this.graph, node);
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

  /** Stops the job, as when the readers of all its outputs have left; that is no failure. */
  cancel(): void {
    this.#run?.cancel();
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
    const run = new JobRun(this.#session, this.graph, this.#buffers, this.#signal);
    const begin = async () => {
      await null;
      this.#isRunning = true;
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
