/** Sinks: where the records of a job go for good, in step with its checkpoints. */
import { AbortError, GyreError, OperatorError, PlanError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import type { InChannel } from './channel.js';
import type { NodePlan } from './plan.js';
import type { SourceWatcher } from './source.js';
import { type Scheduler, Subtask } from './subtask.js';

/**
 * Takes the records of a stream, on the main thread, in two phases: what was written becomes visible
 * only when a checkpoint covers it, or the job is complete. Calls never overlap.
 *
 * When `open`, `write` or `commit` fails, the attempt to run the job fails with it, and none but
 * `close` is called before the next `open`, which a job with checkpoints may come to. When `prepare`
 * fails, the checkpoint is given up with a warning; at the end of the job, the job fails.
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
   * @returns What `commit` and `open` need: a value that can be a record; not undefined.
   */
  prepare(): Promise<unknown>;
  /** Makes visible what a state of {@link prepare} covers. May be called again for the same. */
  commit(state: unknown): Promise<void>;
  /**
   * The job is over, complete or not: frees what is open. The last call, and always made, also when
   * `open` never was.
   */
  close(): Promise<void>;
}

const METHODS = ['open', 'write', 'prepare', 'commit', 'close'] as const;

/** @throws {@link PlanError} when a value is not a {@link JobSink}. */
export function checkSink(sink: unknown): void {
  const methods = Object(sink) as Partial<Record<string, unknown>>;
  const missing = METHODS.filter((method) => typeof methods[method] !== 'function');
  if (missing.length === 0) return;
  throw new PlanError(
    `sinkTo takes a sink with the methods ${METHODS.join(', ')}; ${missing.join(', ')} of them ` +
      `missing, got ${showValue(sink)}.`,
    { details: { missing } },
  );
}

/** Calls that may wait for a sink before the job pauses. */
const MAX_WAITING = 64;

/** One attempt to run the job, as its sink sees it. */
interface SinkAttempt {
  /** As errors name the sink. */
  readonly name: string;
  /** Called when a call is over that the attempt waited for. */
  readonly onRoom: () => void;
  readonly onError: (error: GyreError) => void;
  /** Calls that were asked for and are not over. */
  waiting: number;
  /** Why no more calls are made for it. */
  failure: GyreError | null;
}

/** A sink of a job, for all its attempts: makes its calls one after the other. */
export class SinkWriter {
  readonly #sink: JobSink<unknown>;
  #calls: Promise<unknown> = Promise.resolve();
  /** The state that each checkpoint has that is being written. */
  readonly #prepared = new Map<number, unknown>();
  #attempt: SinkAttempt = newAttempt('sink');

  constructor(sink: JobSink<unknown>) {
    this.#sink = sink;
  }

  /** A new attempt: calls that are left of the one before are not made any more. */
  begin(name: string, onRoom: () => void, onError: (error: GyreError) => void): void {
    this.#giveUp();
    this.#prepared.clear();
    this.#attempt = newAttempt(name, onRoom, onError);
  }

  /** Calls of this attempt that were asked for and are not over. */
  get waiting(): number {
    return this.#attempt.waiting;
  }

  open(state: unknown): void {
    void this.#ask(() => this.#sink.open(state));
  }

  write(value: unknown): void {
    void this.#ask(() => this.#sink.write(value));
  }

  /** For a checkpoint: covers what was handed over so far. */
  async prepare(checkpoint: number): Promise<unknown> {
    const state = await this.#prepare();
    this.#prepared.set(checkpoint, state);
    return state;
  }

  /** The checkpoint is durable. When the sink fails now, it is opened with that checkpoint again. */
  async commit(checkpoint: number): Promise<void> {
    if (!this.#prepared.has(checkpoint)) return;
    const state = this.#prepared.get(checkpoint);
    this.#prepared.delete(checkpoint);
    await this.#ask(() => this.#sink.commit(state));
  }

  /** The job is complete. */
  async complete(): Promise<void> {
    const state = await this.#prepare();
    await this.#call(() => this.#sink.commit(state));
  }

  /** The job is over: waits for the call that is being made, and makes the last one. */
  async close(): Promise<void> {
    this.#giveUp();
    await this.#calls;
    try {
      await this.#sink.close();
    } catch (error) {
      throw sinkFailure(this.#attempt.name, error);
    }
  }

  #giveUp(): void {
    this.#attempt.failure ??= new AbortError(`${this.#attempt.name}: the attempt is over.`);
  }

  async #prepare(): Promise<unknown> {
    const attempt = this.#attempt;
    const state = await this.#call(() => this.#sink.prepare());
    if (state !== undefined) return state;
    const error = new PlanError(
      `${attempt.name}: prepare() must return what commit() and open() need, got undefined, by which ` +
        'open() knows that the job begins.',
    );
    fail(attempt, error);
    throw error;
  }

  /** A call whose failure is one of the attempt, which does not end before it is over. */
  async #ask(call: () => void | Promise<void>): Promise<void> {
    const attempt = this.#attempt;
    attempt.waiting++;
    try {
      await this.#call(call, (error) => fail(attempt, error));
    } catch {
      return;
    }
    attempt.waiting--;
    attempt.onRoom();
  }

  /** @param onFailure Called before any call that comes after this one. */
  #call<T>(call: () => T | Promise<T>, onFailure?: (error: GyreError) => void): Promise<T> {
    const attempt = this.#attempt;
    const result = this.#calls.then(async () => {
      if (attempt.failure !== null) throw attempt.failure;
      try {
        return await call();
      } catch (error) {
        const failure = sinkFailure(attempt.name, error);
        onFailure?.(failure);
        throw failure;
      }
    });
    this.#calls = result.catch(() => {});
    return result;
  }
}

const ignore = (): void => {};

function newAttempt(
  name: string,
  onRoom: SinkAttempt['onRoom'] = ignore,
  onError: SinkAttempt['onError'] = ignore,
): SinkAttempt {
  return { name, onRoom, onError, waiting: 0, failure: null };
}

function fail(attempt: SinkAttempt, error: GyreError): void {
  if (attempt.failure !== null) return;
  attempt.failure = error;
  attempt.onError(error);
}

function sinkFailure(name: string, cause: unknown): GyreError {
  if (cause instanceof GyreError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new OperatorError(`${name} threw: ${message}`, { details: { sink: name }, cause });
}

/** Hands the records of a stream to a {@link SinkWriter}. */
export class SinkWriterSubtask extends Subtask {
  readonly #writer: SinkWriter;
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
    const onRoom = () => {
      if (this.inputs.every(({ ended }) => ended)) this.finish();
      this.wake();
    };
    writer.begin(node.name, onRoom, (error) => watcher.onSourceError(error));
  }

  override start(): void {
    this.#writer.open(this.#state);
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

  /** Not before all is written: a job may begin again only while it runs. */
  protected override finish(): void {
    if (this.#writer.waiting === 0) super.finish();
  }
}
