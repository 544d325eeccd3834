/** Where a job's records come from: iterables on the main thread, tables in the workers' memory. */
import { CheckpointError, GyreError, OperatorError } from '../core/errors.js';
import { Table } from '../table/table.js';
import type { NodePlan } from './plan.js';
import type { Shard } from './shard.js';
import { type Scheduler, Subtask } from './subtask.js';

/**
 * A source that can begin again at an earlier record, so that a job that goes on from a checkpoint
 * reads each record exactly once.
 */
export interface RewindableSource<T> {
  [Symbol.asyncIterator](): AsyncIterator<T>;
  /** Where the record after the last one that was given lies: any plain value. */
  position(): unknown;
  /**
   * Goes to such a place; an iterator that is made after it begins there. Called when the iterator
   * before is done: its `return()` should not wait for a record that may never come.
   */
  seek(position: unknown): void | Promise<void>;
}

/** What a job can read. */
export type SourceInput<T = unknown> = Iterable<T> | AsyncIterable<T> | RewindableSource<T>;

type AnyIterator = Iterator<unknown> | AsyncIterator<unknown>;

/** Whether a source has a position. */
export const isRewindable = (input: SourceInput): input is RewindableSource<unknown> =>
  Symbol.asyncIterator in input &&
  typeof (input as Partial<RewindableSource<unknown>>).position === 'function' &&
  typeof (input as Partial<RewindableSource<unknown>>).seek === 'function';

/** A source of a job, for all its attempts. */
export class JobSource {
  readonly #input: SourceInput;
  readonly #name: string;
  #initial: { readonly position: unknown } | null = null;
  /** Ends when nobody reads any more. */
  #reading: Promise<void> = Promise.resolve();
  #opened = false;
  #count = 0;

  constructor(name: string, input: SourceInput) {
    this.#name = name;
    this.#input = input;
  }

  /**
   * Checks that the source can begin again. Sync iterables that give a new iterator each time can:
   * their records are counted. Generators, and streams without `position` and `seek`, cannot.
   *
   * @throws {@link CheckpointError}
   */
  checkRewinds(): void {
    const input = this.#input;
    if (isRewindable(input)) return;
    if (Symbol.iterator in input && (input[Symbol.iterator]() as unknown) !== input) return;
    throw new CheckpointError(
      `${this.#name} cannot begin again, which checkpoints need: give it position() and seek(), or ` +
        'an array or another iterable that can be read more than once.',
      { details: { source: this.#name } },
    );
  }

  reads(input: SourceInput): boolean {
    return this.#input === input;
  }

  /**
   * Lets one attempt read after the other: a record that the last one still waits for would move the
   * source under the next.
   *
   * @param reader Never rejects.
   */
  read(reader: () => Promise<void>): void {
    this.#reading = this.#reading.then(reader);
  }

  /** The source from its beginning, or from where {@link position} was. */
  async open(from: { readonly position: unknown } | null): Promise<AnyIterator> {
    const input = this.#input;
    const first = !this.#opened;
    this.#opened = true;
    if (isRewindable(input)) {
      this.#initial ??= { position: input.position() };
      const { position } = from ?? this.#initial;
      if (!first || from !== null) await input.seek(position);
      return input[Symbol.asyncIterator]();
    }
    this.#count = (from?.position as number | undefined) ?? 0;
    return Symbol.asyncIterator in input
      ? input[Symbol.asyncIterator]()
      : skip(input[Symbol.iterator](), this.#count);
  }

  /** Where the next record lies, once another one was given. */
  advance(): unknown {
    this.#count++;
    return isRewindable(this.#input) ? this.#input.position() : this.#count;
  }
}

function skip(iterator: Iterator<unknown>, records: number): Iterator<unknown> {
  for (let i = 0; i < records; i++) iterator.next();
  return iterator;
}

/** Records read ahead of the job. */
const READ_AHEAD = 4;

/** What a source's subtask tells the main thread. */
export interface SourceWatcher {
  onSourceError(error: unknown): void;
  /** Rows have gone into the job. */
  onRows(rows: number): void;
}

interface ReadAhead {
  readonly value: unknown;
  /** Where the record after it lies. */
  readonly next: unknown;
}

/** Reads an iterable and sends what it gives into the job. */
export class SourceSubtask extends Subtask {
  readonly #source: JobSource;
  readonly #watcher: SourceWatcher;
  #iterator: AnyIterator | null = null;
  readonly #queue: ReadAhead[] = [];
  /** Where the next record that is not in the job yet lies; null at the beginning. */
  #from: { readonly position: unknown } | null = null;
  #room: (() => void) | null = null;
  #exhausted = false;
  #closed = false;
  /** The iterator has been told that nobody reads any more, and has answered. */
  #returned: Promise<void> | null = null;

  constructor(
    node: NodePlan,
    index: number,
    scheduler: Scheduler,
    source: JobSource,
    watcher: SourceWatcher,
  ) {
    super(node, index, scheduler);
    this.#source = source;
    this.#watcher = watcher;
  }

  override start(): void {
    this.#source.read(async () => {
      try {
        await this.#read();
      } catch (cause) {
        this.#exhausted = true;
        if (!this.#closed) this.#watcher.onSourceError(sourceError(this.node, cause));
      }
      await this.#returned;
    });
  }

  protected override onRecord(): void {}

  protected override work(): boolean {
    if (this.finished) return false;
    const record = this.#queue.shift();
    if (record !== undefined) {
      const { value, next } = record;
      this.send(value, 0, Number.NaN);
      this.#from = { position: next };
      this.#watcher.onRows(value instanceof Table ? value.numRows : 1);
      this.#room?.();
      return true;
    }
    if (this.#exhausted) this.finish();
    return false;
  }

  override get hasWork(): boolean {
    return !this.finished && (this.#queue.length > 0 || this.#exhausted);
  }

  /** What was read ahead is not part of it: it is read again. */
  protected override saveState(): unknown {
    return this.#from;
  }

  protected override restoreState(state: unknown): void {
    this.#from = state as { readonly position: unknown } | null;
    this.start();
  }

  /** Stops reading, and tells the iterable so. */
  override close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#room?.();
    if (!this.#exhausted) this.#returned = this.#return();
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
    if (this.#closed) return;
    const iterator = await this.#source.open(this.#from);
    this.#iterator = iterator;
    if (this.#closed) await this.#return();
    while (!this.#closed) {
      const { done, value } = await iterator.next();
      if (this.#closed) return;
      if (done === true) this.#exhausted = true;
      else this.#queue.push({ value, next: this.#source.advance() });
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
    for (const shard of this.#shards) this.send(shard, 0, Number.NaN);
    this.finish();
  }

  protected override onRecord(): void {}
}
