/** Runs a job to its end: attempt after attempt, each going on from the last checkpoint. */
import { setTimeout as sleep } from 'node:timers/promises';
import { restartChannel, warn } from '../core/diagnostics.js';
import {
  AbortError,
  abortError,
  CheckpointError,
  OperatorError,
  WorkerFailedError,
} from '../core/errors.js';
import { Attempt } from './attempt.js';
import { CheckpointCoordinator, type LoadedCheckpoint } from './checkpoint/coordinator.js';
import { type CheckpointSettings, MAX_BACKOFF_MS } from './checkpoint/options.js';
import { shapeOf } from './checkpoint/shape.js';
import type { CheckpointStore } from './checkpoint/store.js';
import type { Graph } from './graph.js';
import { type JobMetrics, type JobState, NO_CHECKPOINTS, nothingCounted } from './job-metrics.js';
import { JobWatch, type WatchOptions } from './job-watch.js';
import type { Session } from './session.js';

/** The checkpoints of a job: when, and where. */
export interface JobCheckpoints {
  readonly settings: CheckpointSettings;
  /** The folder of this job's alone. */
  readonly folder: string;
  readonly store: CheckpointStore;
}

/** Folders that a job of this process writes to: two would remove each other's checkpoints. */
const foldersInUse = new Set<string>();

/** One run of a job: from its plan to the end of its outputs, and what stops it before. */
export class JobRun {
  readonly #session: Session;
  readonly #graph: Graph;
  readonly #buffers: Readonly<Record<string, SharedArrayBuffer>>;
  readonly #signal: AbortSignal | undefined;
  readonly #checkpoints: JobCheckpoints | null;
  #coordinator: CheckpointCoordinator | null = null;
  readonly #watch: JobWatch;
  /** Aborted when the job has to end before its time. */
  readonly #left = new AbortController();
  #attempt: Attempt | null = null;
  #failure: { readonly reason: unknown } | null = null;
  #needsReaders = true;
  #state: JobState = 'created';
  #restarts = 0;
  #startMs = 0;
  #endMs: number | null = null;

  constructor(
    session: Session,
    graph: Graph,
    buffers: Readonly<Record<string, SharedArrayBuffer>>,
    signal: AbortSignal | undefined,
    checkpoints: JobCheckpoints | null,
    watch: WatchOptions,
  ) {
    this.#session = session;
    this.#graph = graph;
    this.#buffers = buffers;
    this.#signal = signal;
    this.#checkpoints = checkpoints;
    const metrics = () => this.metrics();
    this.#watch = new JobWatch({ ...watch, metrics, fail: (error) => this.#fail(error) });
  }

  /** Runs the job. Resolves when all its outputs have ended, or all their readers have left. */
  async execute(): Promise<void> {
    const onAbort = () => this.#fail(abortError(this.#graph.name, this.#signal!));
    this.#signal?.addEventListener('abort', onAbort, { once: true });
    this.#state = 'running';
    this.#startMs = performance.now();
    this.#watch.start();
    try {
      if (this.#checkpoints !== null) this.#openCheckpoints(this.#checkpoints);
      this.#watchReaders();
      if (this.#signal?.aborted) onAbort();
      await this.#runAttempts();
      if (this.#failure === null) this.#watch.look();
    } catch (error) {
      this.#failure ??= { reason: error };
    }
    this.#watch.stop();
    this.#coordinator?.close();
    await this.#closeWriters();
    if (this.#coordinator !== null) foldersInUse.delete(this.#checkpoints!.folder);
    this.#signal?.removeEventListener('abort', onAbort);
    this.#state = this.#failure === null ? 'done' : 'failed';
    this.#endMs = performance.now();
    for (const sink of this.#graph.sinks.values()) sink.end(this.#failure);
    if (this.#failure !== null) throw this.#failure.reason;
  }

  /** Stops the job for its session's sake. */
  stop(): void {
    this.#fail(new AbortError(`${this.#graph.name} was stopped: its session was destroyed.`));
  }

  /** Stops the job because nobody wants its outputs any more; that is no failure. */
  cancel(): void {
    this.#left.abort();
    this.#attempt?.leave();
  }

  /** Somebody waits for the job itself: it goes on when the readers of its outputs have left. */
  keep(): void {
    this.#needsReaders = false;
  }

  /** What the job has counted. After its end, the last values. */
  metrics(): JobMetrics {
    const { name: job, workers } = this.#graph;
    const elapsedMs =
      this.#state === 'created' ? 0 : (this.#endMs ?? performance.now()) - this.#startMs;
    return {
      job,
      state: this.#state,
      attempt: this.#restarts,
      elapsedMs,
      ...(this.#attempt?.metrics() ?? nothingCounted(this.#graph, workers)),
      checkpoints: this.#coordinator?.metrics ?? NO_CHECKPOINTS,
    };
  }

  /** Who takes the checkpoints, once the job has begun; null in a job without any. */
  get coordinator(): CheckpointCoordinator | null {
    return this.#coordinator;
  }

  #openCheckpoints({ settings, store, folder }: JobCheckpoints): void {
    const { name, sources, sinks, writers } = this.#graph;
    for (const source of sources.values()) source.checkRewinds();
    if (foldersInUse.has(folder)) {
      throw new CheckpointError(
        `${name}: another job that runs now has its checkpoints in ${folder}; give the jobs ` +
          'different names or folders.',
        { details: { job: name, folder } },
      );
    }
    foldersInUse.add(folder);
    const listeners = [...sinks.values(), ...writers.values()];
    const shape = shapeOf(this.#graph);
    this.#coordinator = new CheckpointCoordinator(settings, store, shape, listeners, warn);
  }

  #watchReaders(): void {
    const read = [...this.#graph.sinks.values()].filter((sink) => !sink.closed);
    for (const sink of read) {
      sink.hasCheckpoints = this.#coordinator !== null;
      sink.onClose = () => {
        if (this.#needsReaders && read.every(({ closed }) => closed)) this.cancel();
      };
    }
  }

  async #runAttempts(): Promise<void> {
    const plan = this.#graph.plan();
    const [session, graph, buffers] = [this.#session, this.#graph, this.#buffers];
    const coordinator = this.#coordinator;
    const everyEpochs = this.#checkpoints?.settings.everyEpochs ?? null;
    const spec = { session, graph, plan, buffers, coordinator, everyEpochs };
    let checkpoint = await this.#firstCheckpoint();
    for (let restarts = 0; !this.#left.signal.aborted; restarts++) {
      const attempt = new Attempt(spec, checkpoint);
      this.#attempt = attempt;
      this.#restarts = restarts;
      this.#state = 'running';
      const failure = await attempt.run();
      const isComplete = failure === null && !this.#left.signal.aborted;
      if (isComplete) await this.#completeWriters(attempt);
      await coordinator?.end(failure?.reason ?? new AbortError(`${graph.name} is over.`));
      if (failure === null) break;
      if (!this.#mayRestart(failure.reason, restarts)) throw failure.reason;
      checkpoint = await this.#prepareRestart(failure.reason, restarts);
    }
    if (this.#left.signal.aborted) return;
    await coordinator?.discard();
  }

  /** Without checkpoints, or when the last one fails, what is visible may be less than all for a while. */
  async #completeWriters(attempt: Attempt): Promise<void> {
    const { writers } = this.#graph;
    if (writers.size === 0 || (await attempt.takeLast())) return;
    for (const writer of writers.values()) await writer.complete();
  }

  async #closeWriters(): Promise<void> {
    for (const writer of this.#graph.writers.values()) {
      try {
        await writer.close();
      } catch (error) {
        this.#failure ??= { reason: error };
      }
    }
  }

  async #firstCheckpoint(): Promise<LoadedCheckpoint | null> {
    if (this.#checkpoints === null) return null;
    if (this.#checkpoints.settings.resume) return this.#coordinator!.load();
    await this.#coordinator!.clear();
    return null;
  }

  /** What can be another time: a thread that is lost, and user code that failed. */
  #mayRestart(reason: unknown, restarts: number): boolean {
    if (this.#checkpoints === null || this.#left.signal.aborted) return false;
    if (restarts >= this.#checkpoints.settings.restarts) return false;
    return reason instanceof WorkerFailedError || reason instanceof OperatorError;
  }

  async #prepareRestart(error: unknown, restarts: number): Promise<LoadedCheckpoint | null> {
    this.#state = 'restarting';
    const { backoffMs } = this.#checkpoints!.settings;
    const wait = Math.min(backoffMs * 2 ** restarts, MAX_BACKOFF_MS);
    await sleep(wait, undefined, { signal: this.#left.signal }).catch(() => {});
    const checkpoint = await this.#coordinator!.load();
    for (const sink of this.#graph.sinks.values()) {
      // It may have become durable although that was reported as a failure.
      if (checkpoint !== null) sink.commit(checkpoint.id);
      sink.rollback();
    }
    if (restartChannel.hasSubscribers) {
      const id = checkpoint?.id ?? null;
      const [job, attempt] = [this.#graph.name, restarts + 1];
      restartChannel.publish({ job, attempt, checkpoint: id, error });
    }
    return checkpoint;
  }

  #fail(reason: unknown): void {
    if (this.#left.signal.aborted) return;
    this.#failure = { reason };
    this.#left.abort();
    this.#attempt?.leave();
  }
}
