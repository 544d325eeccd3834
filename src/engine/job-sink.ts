/** Sinks: where the records of a job go for good, in step with its checkpoints. */
import { GyreError, OperatorError } from '../core/errors.js';
import type { InChannel } from './channel.js';
import type { NodePlan } from './plan.js';
import type { SourceWatcher } from './source.js';
import { type Scheduler, Subtask } from './subtask.js';

/**
 * Takes the records of a stream, on the main thread, in two phases: what was written becomes visible
 * only when a checkpoint covers it, or the job is complete. Calls never overlap.
 */
export interface JobSink<T> {
  /**
   * Before the first record, and again when the job goes on from a checkpoint.
   *
   * @param state What {@link prepare} gave for that checkpoint: what was written after it is to be
   *   undone, and what it covers to be committed, which may have been done already. Undefined when
   *   the job begins: what an attempt of this sink has written before is to be undone.
   */
  open(state: unknown): Promise<void>;
  write(value: T): void | Promise<void>;
  /**
   * Makes durable, not yet visible, what was written so far.
   *
   * @returns What `commit` and `open` need: a value that can be a record.
   */
  prepare(): Promise<unknown>;
  /** Makes visible what a state of {@link prepare} covers. May be called again for the same. */
  commit(state: unknown): Promise<void>;
  /** The job is over, complete or not: frees what is open. */
  close(): Promise<void>;
}

/** Records that may wait for a sink before the job pauses. */
const MAX_WAITING = 64;

/** A sink of a job, for all its attempts: makes its calls one after the other. */
export class SinkWriter {
  readonly #sink: JobSink<unknown>;
  #calls: Promise<unknown> = Promise.resolve();
  /** The state that each checkpoint has that is being written. */
  readonly #prepared = new Map<number, unknown>();
  /** Records that were handed over and are not written. */
  waiting = 0;
  /** Called when there is room for records again. */
  onRoom: (() => void) | null = null;
  onError: ((error: unknown) => void) | null = null;

  constructor(sink: JobSink<unknown>) {
    this.#sink = sink;
  }

  open(state: unknown): Promise<void> {
    this.#prepared.clear();
    return this.#then(() => this.#sink.open(state));
  }

  write(value: unknown): void {
    this.waiting++;
    const written = this.#then(async () => {
      await this.#sink.write(value);
      this.waiting--;
      this.onRoom?.();
    });
    written.catch((error: unknown) => this.onError?.(error));
  }

  /** For a checkpoint: covers what was handed over so far. */
  async prepare(checkpoint: number): Promise<unknown> {
    const state = await this.#then(() => this.#sink.prepare());
    this.#prepared.set(checkpoint, state);
    return state;
  }

  /** The checkpoint is durable. */
  async commit(checkpoint: number): Promise<void> {
    const state = this.#prepared.get(checkpoint);
    this.#prepared.delete(checkpoint);
    if (state !== undefined) await this.#then(() => this.#sink.commit(state));
  }

  /** The job is complete. */
  async complete(): Promise<void> {
    const state = await this.#then(() => this.#sink.prepare());
    await this.#then(() => this.#sink.commit(state));
  }

  /** Waits for the calls that are being made; what fails in them is known already. */
  async close(): Promise<void> {
    await this.#calls;
    await this.#sink.close();
  }

  #then<T>(call: () => Promise<T>): Promise<T> {
    const result = this.#calls.then(call);
    this.#calls = result.catch(() => {});
    return result;
  }
}

/** Hands the records of a stream to a {@link SinkWriter}. */
export class SinkWriterSubtask extends Subtask {
  readonly #writer: SinkWriter;
  readonly #watcher: SourceWatcher;
  /** What the sink is opened with: the state of a checkpoint, or none. */
  #state: unknown;

  constructor(
    node: NodePlan,
    index: number,
    scheduler: Scheduler,
    writer: SinkWriter,
    watcher: SourceWatcher,
  ) {
    super(node, index, scheduler);
    this.#writer = writer;
    this.#watcher = watcher;
    writer.onRoom = () => this.wake();
    writer.onError = (error) => this.#fail(error);
  }

  override start(): void {
    this.#writer.open(this.#state).catch((error: unknown) => this.#fail(error));
  }

  protected override onRecord(_channel: InChannel, value: unknown): void {
    this.#writer.write(value);
  }

  override blocked(): boolean {
    return this.#writer.waiting >= MAX_WAITING;
  }

  /** What was written is not committed before a checkpoint covers it, or the job is complete. */
  override get persists(): boolean {
    return true;
  }

  override prepare(checkpoint: number): Promise<unknown> {
    return this.#writer.prepare(checkpoint);
  }

  protected override restoreState(state: unknown): void {
    this.#state = state;
    this.start();
  }

  #fail(cause: unknown): void {
    const { name } = this.node;
    const message = cause instanceof Error ? cause.message : String(cause);
    this.#watcher.onSourceError(
      cause instanceof GyreError
        ? cause
        : new OperatorError(`${name} threw: ${message}`, { details: { sink: name }, cause }),
    );
  }
}
