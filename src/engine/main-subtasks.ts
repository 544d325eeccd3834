/** The ends of a job on the main thread: sources that read iterables, sinks that are iterated. */
import { GyreError, OperatorError } from '../core/errors.js';
import type { InChannel } from './channel.js';
import type { NodePlan } from './plan.js';
import type { Shard } from './shard.js';
import { type Scheduler, Subtask } from './subtask.js';

/** Records read ahead of the job, and records a sink holds for its reader. */
const READ_AHEAD = 4;

/** Reads an iterable and sends what it gives into the job. */
export class SourceSubtask extends Subtask {
  readonly #values: Iterable<unknown> | AsyncIterable<unknown>;
  #iterator: Iterator<unknown> | AsyncIterator<unknown> | null = null;
  readonly #fail: (error: unknown) => void;
  readonly #queue: unknown[] = [];
  #room: (() => void) | null = null;
  #exhausted = false;
  #closed = false;

  constructor(
    node: NodePlan,
    index: number,
    scheduler: Scheduler,
    values: Iterable<unknown> | AsyncIterable<unknown>,
    fail: (error: unknown) => void,
  ) {
    super(node, index, scheduler);
    this.#values = values;
    this.#fail = fail;
  }

  override start(): void {
    this.#read().catch((cause: unknown) => {
      this.#exhausted = true;
      if (!this.#closed) this.#fail(sourceError(this.node, cause));
    });
  }

  protected override onRecord(): void {}

  protected override work(): boolean {
    if (this.finished) return false;
    if (this.#queue.length > 0) {
      this.emit(this.#queue.shift(), 0);
      this.#room?.();
      return true;
    }
    if (this.#exhausted) this.finish();
    return false;
  }

  override get hasWork(): boolean {
    return !this.finished && (this.#queue.length > 0 || this.#exhausted);
  }

  /** Stops reading, and tells the iterable so. */
  override close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#room?.();
    if (!this.#exhausted) void this.#return();
    this.#queue.length = 0;
  }

  async #return(): Promise<void> {
    try {
      await this.#iterator?.return?.();
    } catch {
      // The job is over; what its source says about being closed early changes nothing.
    }
  }

  async #read(): Promise<void> {
    const values = this.#values;
    const iterator =
      Symbol.asyncIterator in values ? values[Symbol.asyncIterator]() : values[Symbol.iterator]();
    this.#iterator = iterator;
    while (!this.#closed) {
      const { done, value } = await iterator.next();
      if (this.#closed) return;
      if (done === true) this.#exhausted = true;
      else this.#queue.push(value);
      this.wake();
      if (this.#exhausted) return;
      if (this.#queue.length >= READ_AHEAD) await this.#hasRoom();
    }
  }

  #hasRoom(): Promise<void> {
    return new Promise((resolve) => {
      this.#room = () => {
        if (!this.#closed && this.#queue.length >= READ_AHEAD) return;
        this.#room = null;
        resolve();
      };
    });
  }
}

function sourceError({ name }: NodePlan, cause: unknown): GyreError {
  if (cause instanceof GyreError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new OperatorError(`${name} threw: ${message}`, { details: { source: name }, cause });
}

/** Emits the shards that its worker owns, once. */
export class TableSubtask extends Subtask {
  readonly #shards: readonly Shard[];

  constructor(node: NodePlan, index: number, scheduler: Scheduler, shards: readonly Shard[]) {
    super(node, index, scheduler);
    this.#shards = shards;
  }

  override start(): void {
    for (const shard of this.#shards) this.emit(shard, 0);
    this.finish();
  }

  protected override onRecord(): void {}
}

/** What a reader of an output waits for. */
interface Reader {
  resolve(result: IteratorResult<unknown>): void;
  reject(error: unknown): void;
}

/** Holds the records of an output until they are read; a full sink slows the job down. */
export class Sink {
  #queue: unknown[] = [];
  readonly #readers: Reader[] = [];
  #ended = false;
  #error: { readonly reason: unknown } | null = null;
  /** Nobody reads any more: records are dropped. */
  closed = false;
  /** Called when a record was taken. */
  onRoom: (() => void) | null = null;
  /** Called when the reader has left. */
  onClose: (() => void) | null = null;

  get full(): boolean {
    return !this.closed && this.#queue.length >= READ_AHEAD;
  }

  push(value: unknown): void {
    if (this.closed) return;
    const reader = this.#readers.shift();
    if (reader === undefined) this.#queue.push(value);
    else reader.resolve({ done: false, value });
  }

  /** No more records: the output has ended, or the job has failed. */
  end(error: { readonly reason: unknown } | null = null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    for (const reader of this.#readers.splice(0)) {
      if (error === null) reader.resolve({ done: true, value: undefined });
      else reader.reject(error.reason);
    }
  }

  next(): Promise<IteratorResult<unknown>> {
    if (this.#queue.length > 0) {
      const value = this.#queue.shift();
      this.onRoom?.();
      return Promise.resolve({ done: false, value });
    }
    if (this.#error !== null) return Promise.reject(this.#error.reason);
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
    });
  }

  close(): void {
    this.closed = true;
    this.#queue = [];
    this.onRoom?.();
    this.end();
    this.onClose?.();
  }
}

/** Hands the records of an output to its {@link Sink}. */
export class SinkSubtask extends Subtask {
  readonly #sink: Sink;

  constructor(node: NodePlan, index: number, scheduler: Scheduler, sink: Sink) {
    super(node, index, scheduler);
    this.#sink = sink;
    sink.onRoom = () => this.wake();
  }

  protected override onRecord(_channel: InChannel, value: unknown): void {
    this.#sink.push(value);
  }

  override blocked(): boolean {
    return this.#sink.full;
  }

  protected override finish(): void {
    super.finish();
    this.#sink.end();
  }
}
