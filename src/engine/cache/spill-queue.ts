/** A queue that never blocks and never exhausts memory. */
import { invariant } from '../../core/errors.js';
import { DataCache } from './data-cache.js';
import type { DataCacheReader } from './data-cache-reader.js';
import type { SpillSpace, SpillUsage } from './spill-space.js';

const LIVE_RECORDS = 64;

/**
 * First in, first out, without a limit: a few records as live objects, all later ones encoded, in
 * memory or in a file as {@link DataCache} says.
 *
 * ```text
 *   shift ◀── live objects ◀── oldest block … newest block ◀── push
 * ```
 *
 * As long as anything is encoded, what is pushed is encoded too: that keeps the order. An encoded
 * record is a copy. A live one is the object itself, so whoever pushes must not change it later.
 * Blocks are freed when their last record is taken, and the file is cut when all of it was read.
 */
export class SpillQueue<T> {
  /** A ring. */
  readonly #live: (T | undefined)[];
  readonly #liveRecords: number;
  #first = 0;
  #liveCount = 0;
  readonly #rest: DataCache<T>;
  #reader: DataCacheReader<T>;
  /** Records taken out, and moved from the encoded to the live ones: what ends a {@link values}. */
  #moves = 0;

  /** @param liveRecords How many records are kept as objects, 0 or more. */
  constructor(space: SpillSpace, liveRecords: number = LIVE_RECORDS) {
    this.#liveRecords = liveRecords;
    // One place more than none: `peek` decodes a record once, and keeps it there.
    this.#live = new Array<T | undefined>(Math.max(liveRecords, 1)).fill(undefined);
    this.#rest = new DataCache(space);
    this.#reader = this.#rest.reader();
  }

  get length(): number {
    return this.#liveCount + this.#encoded;
  }

  get usage(): SpillUsage {
    return { ...this.#rest.usage, records: this.length };
  }

  /**
   * Adds a record at the end.
   *
   * @throws {@link MemoryLimitError} `ERR_GYRE_MEMORY` when there is neither memory nor disk space;
   *   the queue is then as before.
   */
  push(value: T): void {
    if (this.#encoded > 0 || this.#liveCount >= this.#liveRecords) this.#rest.append(value);
    else this.#live[(this.#first + this.#liveCount++) % this.#live.length] = value;
  }

  /** The next record, which stays; undefined also when there is none. */
  peek(): T | undefined {
    if (this.#liveCount === 0) {
      if (this.#encoded === 0) return undefined;
      this.#live[this.#first] = this.#take();
      this.#liveCount = 1;
    }
    return this.#live[this.#first];
  }

  /** Takes the next record; only when there is one. */
  shift(): T {
    invariant(this.length > 0, 'a record was taken from an empty queue');
    if (this.#liveCount === 0) return this.#take();
    const value = this.#live[this.#first] as T;
    this.#live[this.#first] = undefined;
    this.#first = (this.#first + 1) % this.#live.length;
    this.#liveCount--;
    this.#moves++;
    return value;
  }

  /**
   * All records, which stay: for snapshots. Encoded ones are decoded one by one. Valid until the
   * next `shift`, `peek` or `clear`.
   */
  *values(): IterableIterator<T> {
    const moves = this.#moves;
    const reader = this.#reader.fork();
    for (let i = 0; i < this.#liveCount; i++) {
      yield this.#live[(this.#first + i) % this.#live.length] as T;
      invariant(moves === this.#moves, 'a queue was read by values() and by shift() at once');
    }
    while (reader.hasNext) {
      yield reader.next();
      invariant(moves === this.#moves, 'a queue was read by values() and by shift() at once');
    }
  }

  /** Forgets all records: frees the memory, deletes the file. Never throws. */
  clear(): void {
    this.#live.fill(undefined);
    this.#liveCount = 0;
    this.#moves++;
    this.#rest.clear();
    this.#reader = this.#rest.reader();
  }

  get #encoded(): number {
    return this.#reader.remaining;
  }

  #take(): T {
    const value = this.#reader.next();
    this.#rest.freeBefore(this.#reader);
    this.#moves++;
    return value;
  }
}
