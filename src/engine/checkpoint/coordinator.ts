/**
 * The checkpoints of one job, on the main thread: asks all endpoints for their cut, writes what they
 * hand out, and says when it lasts.
 */

import { type CheckpointEvent, checkpointChannel } from '../../core/diagnostics.js';
import { CheckpointError } from '../../core/errors.js';
import { PREPARE } from '../endpoint-spec.js';
import { type CheckpointMetrics, NO_CHECKPOINTS } from '../job-metrics.js';
import type { ShardRef } from '../shard.js';
import { SnapshotBuffers } from './buffers.js';
import type { SnapshotCollector, SnapshotPart } from './cut.js';
import type { CheckpointSettings } from './options.js';
import { type JobShape, shapeDifference } from './shape.js';
import type { CheckpointStore, CheckpointWriter } from './store.js';

/** A checkpoint as a job goes on from it. */
export interface LoadedCheckpoint {
  readonly id: number;
  readonly parts: ReadonlyMap<string, Uint8Array>;
  /** By part: the shards that its bytes refer to. */
  readonly shards: Readonly<Record<string, readonly ShardRef[]>>;
}

/** What lives on the main thread and follows the checkpoints: outputs and sinks. */
export interface CheckpointListener {
  /** The checkpoint is durable. */
  commit(id: number): void | Promise<void>;
}

/** One try to run the job, as the coordinator sees it. */
export interface CheckpointedAttempt {
  readonly endpoints: number;
  /** Makes all endpoints take their cut, or get memory for it ready: {@link PREPARE}. */
  request(id: number): void;
}

/** A checkpoint that is being taken. */
class Pending {
  readonly id: number;
  readonly writer: CheckpointWriter;
  readonly startMs: number = performance.now();
  /** Endpoints whose part is not complete. */
  readonly endpoints: Set<number>;
  readonly writes: Promise<void>[] = [];
  readonly shards: Record<string, readonly ShardRef[]> = {};
  bytes = 0;
  pauseMs = 0;
  isWriting = false;

  constructor(id: number, writer: CheckpointWriter, endpoints: Iterable<number>) {
    this.id = id;
    this.writer = writer;
    this.endpoints = new Set(endpoints);
  }

  add(part: SnapshotPart | Promise<SnapshotPart>): void {
    const write = part instanceof Promise ? part.then((p) => this.#write(p)) : this.#write(part);
    // Its failure is learned when the checkpoint is committed.
    write.catch(() => {});
    this.writes.push(write);
  }

  async #write({ key, bytes, shards, release }: SnapshotPart): Promise<void> {
    this.bytes += bytes.length;
    if (shards.length > 0) this.shards[key] = shards;
    try {
      await this.writer.write(key, bytes);
    } finally {
      release();
    }
  }
}

interface Waiter {
  resolve(id: number): void;
  reject(error: unknown): void;
}

export class CheckpointCoordinator {
  readonly #settings: CheckpointSettings;
  readonly #store: CheckpointStore;
  readonly #shape: JobShape;
  readonly #listeners: readonly CheckpointListener[];
  readonly #warn: (message: string, details: object) => void;
  #attempt: CheckpointedAttempt | null = null;
  /** Endpoints of the attempt that have not left. */
  #endpoints = new Set<number>();
  /** Endpoints of the attempt that have no memory for their parts yet. */
  #unprepared = new Set<number>();
  #whenPrepared: (() => void) | null = null;
  #pending: Pending | null = null;
  /** From the request for a checkpoint until it is durable, or has failed. */
  #busy = false;
  /** The last request, and the last checkpoint that was complete; neither rejects. */
  #requesting: Promise<void> = Promise.resolve();
  #completing: Promise<void> = Promise.resolve();
  #waiters: Waiter[] = [];
  #timer: NodeJS.Timeout | undefined;
  #rows = 0;
  /** One more is to be taken after the one that is. */
  #isWanted = false;
  #isClosed = false;
  #metrics: CheckpointMetrics = NO_CHECKPOINTS;

  constructor(
    settings: CheckpointSettings,
    store: CheckpointStore,
    shape: JobShape,
    listeners: readonly CheckpointListener[],
    warn: (message: string, details: object) => void,
  ) {
    this.#settings = settings;
    this.#store = store;
    this.#shape = shape;
    this.#listeners = listeners;
    this.#warn = warn;
  }

  /**
   * The checkpoint that the next attempt goes on from; null to begin from the start.
   *
   * @throws {@link CheckpointError} when it is one of another job, or none can be read.
   */
  async load(): Promise<LoadedCheckpoint | null> {
    const stored = await this.#store.load();
    if (stored === null) return null;
    const { id, meta, parts } = stored;
    const difference = shapeDifference(meta.shape as JobShape, this.#shape);
    if (difference !== null) {
      throw new CheckpointError(
        `${this.#shape.job}: checkpoint ${id} is of another graph: ${difference}; build the job as it ` +
          'was, or begin anew without resume.',
        { details: { job: this.#shape.job, id, difference } },
      );
    }
    return { id, parts, shards: meta.shards as LoadedCheckpoint['shards'] };
  }

  get metrics(): CheckpointMetrics {
    return this.#metrics;
  }

  /** Removes what an earlier run has left. */
  clear(): Promise<void> {
    return this.#store.clear();
  }

  /** Removes those of a job that is complete. Its result is right also where that fails. */
  async discard(): Promise<void> {
    try {
      await this.#store.clear();
    } catch (cause) {
      this.#warn(`${this.#shape.job}: the job is complete, its checkpoints are left.`, { cause });
    }
  }

  /** An attempt begins. */
  begin(attempt: CheckpointedAttempt): void {
    this.#attempt = attempt;
    this.#endpoints = new Set(Array.from({ length: attempt.endpoints }, (_, i) => i));
    this.#unprepared = new Set(this.#endpoints);
    this.#schedule();
    if (this.#waiters.length > 0) this.#begin();
  }

  /** The attempt is over: a checkpoint that is not complete will not be. */
  async end(reason: unknown): Promise<void> {
    clearTimeout(this.#timer);
    this.#attempt = null;
    this.#whenPrepared?.();
    // What it fails with must not meet the checkpoints of the next attempt.
    await this.#requesting;
    // One that is complete already becomes durable: the next attempt goes on from it.
    await this.#completing;
    this.#rejectAll(
      new NotTakenError(`${this.#shape.job}: no checkpoint was taken.`, { cause: reason }),
    );
    const pending = this.#pending;
    this.#pending = null;
    this.#busy = false;
    await pending?.writer.abort();
  }

  /**
   * Takes the checkpoint of a job that is complete: `take` hands all of it out at once. Returns whether
   * it is durable.
   */
  async takeLast(take: (id: number, collector: SnapshotCollector) => void): Promise<boolean> {
    await this.#requesting;
    await this.#completing;
    const before = this.#metrics.completed;
    this.#busy = true;
    const last = 0;
    try {
      const id = this.#store.nextId();
      this.#pending = new Pending(id, await this.#store.begin(id), [last]);
      take(id, this.collector(last));
    } catch (error) {
      this.#failed(error);
    }
    await this.#completing;
    return this.#metrics.completed > before;
  }

  /** No attempt follows. */
  close(): void {
    this.#isClosed = true;
    this.#rejectAll(this.#tooLate());
  }

  /** Takes a checkpoint, or joins the one that is being taken. Resolves to its id when it lasts. */
  trigger(): Promise<number> {
    if (this.#isClosed) return Promise.reject(this.#tooLate());
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#begin();
    });
  }

  /** Sources have given rows. */
  onRows(rows: number): void {
    const { everyRows } = this.#settings;
    if (everyRows === null) return;
    this.#rows += rows;
    if (this.#rows < everyRows) return;
    this.#rows %= everyRows;
    this.#inBackground();
  }

  /** What an endpoint of the current attempt hands its parts to. */
  collector(endpoint: number): SnapshotCollector {
    const attempt = this.#attempt;
    const current = () => (this.#attempt === attempt ? this.#pending : null);
    const buffers = new SnapshotBuffers();
    return {
      allocate: (bytes) => buffers.take(bytes),
      release: (buffer) => buffers.giveBack(buffer),
      prepared: () => {
        if (this.#attempt === attempt) this.#endpointPrepared(endpoint);
      },
      part: (id, part) => {
        const pending = current();
        if (pending?.id === id) pending.add(part);
        else if (part instanceof Promise) part.catch(() => {});
        else part.release();
      },
      done: (id, pauseMs) => {
        buffers.trim();
        const pending = current();
        if (pending?.id !== id) return;
        pending.pauseMs = Math.max(pending.pauseMs, pauseMs);
        this.#endpointDone(pending, endpoint);
      },
      epochs: () => this.#inBackground(),
      left: () => {
        if (this.#attempt !== attempt) return;
        this.#endpoints.delete(endpoint);
        this.#endpointPrepared(endpoint);
        if (this.#pending !== null) this.#endpointDone(this.#pending, endpoint);
      },
    };
  }

  /** Between two attempts there is nothing to take one of: the next one does. */
  #begin(): void {
    const attempt = this.#attempt;
    if (this.#busy || attempt === null) return;
    this.#busy = true;
    this.#requesting = this.#request(attempt).catch((error: unknown) => this.#failed(error));
  }

  async #request(attempt: CheckpointedAttempt): Promise<void> {
    await this.#prepare(attempt);
    const id = this.#store.nextId();
    const writer = await this.#store.begin(id);
    if (this.#attempt !== attempt || this.#endpoints.size === 0) {
      await writer.abort();
      throw this.#tooLate();
    }
    this.#pending = new Pending(id, writer, this.#endpoints);
    attempt.request(id);
  }

  /** Before the first checkpoint of an attempt. The attempt may be over when it resolves. */
  async #prepare(attempt: CheckpointedAttempt): Promise<void> {
    if (this.#unprepared.size === 0) return;
    const prepared = new Promise<void>((resolve) => {
      this.#whenPrepared = resolve;
    });
    attempt.request(PREPARE);
    await prepared;
    this.#whenPrepared = null;
  }

  #endpointPrepared(endpoint: number): void {
    this.#unprepared.delete(endpoint);
    if (this.#unprepared.size === 0) this.#whenPrepared?.();
  }

  #endpointDone(pending: Pending, endpoint: number): void {
    pending.endpoints.delete(endpoint);
    if (pending.endpoints.size > 0 || pending.isWriting) return;
    pending.isWriting = true;
    this.#completing = this.#complete(pending).catch((error: unknown) => this.#failed(error));
  }

  async #complete(pending: Pending): Promise<void> {
    const { id, writer, shards } = pending;
    try {
      await Promise.all(pending.writes);
      const { job, parallelism } = this.#shape;
      await writer.commit({ job, parallelism, shape: this.#shape, shards });
    } catch (error) {
      await writer.abort();
      throw error;
    }
    const event = this.#eventOf(pending);
    this.#metrics = {
      completed: this.#metrics.completed + 1,
      failed: this.#metrics.failed,
      lastId: id,
      lastBytes: event.bytes,
      lastDurationMs: event.durationMs,
      lastPauseMs: event.pauseMs,
    };
    if (checkpointChannel.hasSubscribers) checkpointChannel.publish(event);
    for (const listener of this.#listeners) await listener.commit(id);
    const waiters = this.#waiters.splice(0);
    this.#over();
    for (const { resolve } of waiters) resolve(id);
  }

  #eventOf({ id, bytes, startMs, pauseMs }: Pending): CheckpointEvent {
    return { job: this.#shape.job, id, bytes, durationMs: performance.now() - startMs, pauseMs };
  }

  /** The job goes on without this one: the checkpoints before it are as they were. */
  #failed(error: unknown): void {
    if (!(error instanceof NotTakenError)) {
      this.#metrics = { ...this.#metrics, failed: this.#metrics.failed + 1 };
      this.#warn(`${this.#shape.job}: a checkpoint failed.`, { cause: error });
    }
    this.#over();
    this.#rejectAll(error);
  }

  #rejectAll(error: unknown): void {
    for (const { reject } of this.#waiters.splice(0)) reject(error);
  }

  #tooLate(): NotTakenError {
    return new NotTakenError(`${this.#shape.job}: no checkpoint was taken, the job is over.`);
  }

  #over(): void {
    this.#pending = null;
    this.#busy = false;
    this.#schedule();
    if (!this.#isWanted) return;
    this.#isWanted = false;
    this.#begin();
  }

  /** For rows or epochs: one that is being taken does not cover them, so another one follows. */
  #inBackground(): void {
    if (this.#busy) this.#isWanted = true;
    else this.#begin();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const { everyMs } = this.#settings;
    if (everyMs === null || this.#attempt === null) return;
    this.#timer = setTimeout(() => this.#inBackground(), everyMs);
    this.#timer.unref();
  }
}

/** The job ended first. */
class NotTakenError extends CheckpointError {}
