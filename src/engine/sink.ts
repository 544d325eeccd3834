/** Outputs of a job on the main thread: what holds their records until they are read. */
import type { InChannel } from './channel.js';
import type { NodePlan } from './plan.js';
import { type Scheduler, Subtask } from './subtask.js';

/** Records a sink holds for its reader. */
const HELD = 4;

/** What a reader of an output waits for. */
interface Reader {
  resolve(result: IteratorResult<unknown>): void;
  reject(error: unknown): void;
}

/**
 * How an output is read: record by record, or collected as a whole. What is collected is part of
 * every checkpoint, so that a job that goes on in another process ends with all of it.
 */
export type SinkMode = 'stream' | 'all' | 'last';

/**
 * Holds the records of an output until they are read; a full sink slows the job down.
 *
 * In a job with checkpoints a record is read only when a checkpoint covers it, or the job is
 * complete: what a failed attempt gave and another one gives again is never read twice.
 */
export class Sink {
  mode: SinkMode = 'stream';
  /** Whether the job has checkpoints. */
  hasCheckpoints = false;
  readonly #unconfirmed: boolean;
  /** Records that may be read; of a collected output, all so far. */
  #queue: unknown[] = [];
  /** Records that no checkpoint covers yet. */
  #uncommitted: unknown[] = [];
  /** How many of them each checkpoint covers that is being written. */
  readonly #covered = new Map<number, number>();
  readonly #readers: Reader[] = [];
  /** No record has come yet. */
  #isNew = true;
  #ended = false;
  #error: { readonly reason: unknown } | null = null;
  /** Nobody reads any more: records are dropped. */
  closed = false;
  /** Called when a record was taken. */
  onRoom: (() => void) | null = null;
  /** Called when the reader has left. */
  onClose: (() => void) | null = null;

  /** @param unconfirmed Whether records do not wait for a checkpoint that covers them. */
  constructor(unconfirmed: boolean) {
    this.#unconfirmed = unconfirmed;
  }

  /** Whether the job should pause. Records that no checkpoint covers do not count: none would come. */
  get full(): boolean {
    return this.mode === 'stream' && !this.closed && this.#queue.length >= HELD;
  }

  push(value: unknown): void {
    if (this.closed) return;
    this.#isNew = false;
    if (this.mode === 'last') this.#queue = [value];
    else if (this.mode === 'all') this.#queue.push(value);
    else if (this.hasCheckpoints && !this.#unconfirmed) this.#uncommitted.push(value);
    else this.#release(value);
  }

  /** A checkpoint is taken: it covers what has come so far. */
  cover(id: number): void {
    this.#covered.set(id, this.#uncommitted.length);
  }

  /** The checkpoint is durable. */
  commit(id: number): void {
    const count = this.#covered.get(id) ?? 0;
    this.#covered.clear();
    for (const value of this.#uncommitted.splice(0, count)) this.#release(value);
  }

  /** The job goes on from its last checkpoint. */
  rollback(): void {
    this.#uncommitted = [];
    this.#covered.clear();
    if (this.mode !== 'stream') this.#queue = [];
  }

  /** What is collected, or not taken yet: the job may go on in a process that never had it. */
  saveState(): unknown {
    return [...this.#queue, ...this.#uncommitted];
  }

  /** What this process has taken over or got itself it has: only another one's is restored. */
  restoreState(state: unknown): void {
    const records = state as readonly unknown[];
    if (this.closed) return;
    if (this.mode !== 'stream') this.#queue = [...records];
    else if (this.#isNew) for (const record of records) this.#release(record);
    this.#isNew = false;
  }

  /** No more records: the job is complete, or has failed. */
  end(error: { readonly reason: unknown } | null = null): void {
    if (this.#ended) return;
    for (const value of this.#uncommitted.splice(0)) if (error === null) this.#release(value);
    this.#ended = true;
    this.#error = error;
    for (const reader of this.#readers.splice(0)) {
      if (error === null) reader.resolve(this.#take());
      else reader.reject(error.reason);
    }
  }

  next(): Promise<IteratorResult<unknown>> {
    const hasRecord = this.mode === 'stream' && this.#queue.length > 0;
    if (this.#error !== null && !hasRecord) return Promise.reject(this.#error.reason);
    if (hasRecord || this.#ended) {
      const result = this.#take();
      this.onRoom?.();
      return Promise.resolve(result);
    }
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
    });
  }

  close(): void {
    this.closed = true;
    this.#queue = [];
    this.#uncommitted = [];
    this.onRoom?.();
    this.end();
    this.onClose?.();
  }

  #take(): IteratorResult<unknown> {
    if (this.#queue.length === 0) return { done: true, value: undefined };
    return { done: false, value: this.#queue.shift() };
  }

  #release(value: unknown): void {
    const reader = this.#readers.shift();
    if (reader === undefined) this.#queue.push(value);
    else reader.resolve({ done: false, value });
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

  /** What was collected belongs to the job's result. */
  override get persists(): boolean {
    return true;
  }

  protected override saveState(): unknown {
    return this.#sink.saveState();
  }

  override prepare(checkpoint: number): null {
    this.#sink.cover(checkpoint);
    return null;
  }

  protected override restoreState(state: unknown): void {
    this.#sink.restoreState(state);
  }

  /** An output of a job with checkpoints ends with the job: until then it may have to begin again. */
  protected override finish(): void {
    super.finish();
    if (!this.#sink.hasCheckpoints) this.#sink.end();
  }
}
