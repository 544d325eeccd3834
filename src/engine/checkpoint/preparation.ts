/**
 * Memory for the first checkpoint of a job, made ready while the job runs: the system gives a page
 * when it is first written, and to take all pages of a large state costs several times what it takes
 * to copy the state. Operators would wait for it; as it is, they wait for the copy alone. Later
 * checkpoints find the memory of those before.
 */

import { columnToParts } from '../../table/parts.js';
import { Table } from '../../table/table.js';
import type { SnapshotCollector } from './cut.js';

/** What is smaller comes from memory that has been written. */
const LEAST_BYTES = 1 << 20;
const PAGE_BYTES = 4096;
/** Pages written at a time, about a tenth of a millisecond: frames come in between. */
const PAGES_PER_STEP = 32;
/** How far a state is looked through for arrays: what is large lies on top, as a rule. */
const MOST_VALUES = 1000;

/** Bytes of the typed arrays in a value, as far as they are found quickly. */
export function arrayBytes(value: unknown): number {
  let bytes = 0;
  const queue: unknown[] = [value];
  for (let i = 0; i < queue.length; i++) {
    const next = queue[i];
    if (ArrayBuffer.isView(next)) bytes += next.byteLength;
    else if (typeof next === 'object' && next !== null) {
      for (const inner of valuesOf(next)) {
        if (queue.length >= MOST_VALUES) break;
        queue.push(inner);
      }
    }
  }
  return bytes;
}

function valuesOf(value: object): Iterable<unknown> {
  if (value instanceof Map) return value.values();
  if (value instanceof Set || Array.isArray(value)) return value;
  if (value instanceof Table)
    return value.columnNames.map((name) => columnToParts(value.column(name)));
  return Object.values(value);
}

/** Takes memory for states of the size that they have now, page by page. */
export class Preparation {
  readonly #collector: SnapshotCollector;
  readonly #buffers: ArrayBuffer[];
  #page = 0;

  /** @param sizes Of the states. */
  constructor(sizes: readonly number[], collector: SnapshotCollector) {
    this.#collector = collector;
    this.#buffers = sizes
      .filter((bytes) => bytes >= LEAST_BYTES)
      .map((bytes) => collector.allocate(bytes + LEAST_BYTES));
  }

  /** Does a piece of it. Returns whether that was the last one, which is then announced. */
  step(): boolean {
    const [buffer] = this.#buffers;
    if (buffer === undefined) {
      this.#collector.prepared();
      return true;
    }
    const bytes = new Uint8Array(buffer);
    const end = Math.min(this.#page + PAGES_PER_STEP, Math.ceil(bytes.length / PAGE_BYTES));
    for (; this.#page < end; this.#page++) bytes[this.#page * PAGE_BYTES] = 0;
    if (end * PAGE_BYTES >= bytes.length) {
      this.#collector.release(buffer);
      this.#buffers.shift();
      this.#page = 0;
    }
    return false;
  }
}
