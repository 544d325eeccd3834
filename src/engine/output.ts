/** Outputs: records of a job as they are read on the main thread. */
import { DataError } from '../core/errors.js';
import type { Sink } from './main-subtasks.js';

/**
 * The records of one output, in order of arrival; read once. The job starts when its first output
 * is read: ask for all outputs in the same turn, those that nobody reads by then are dropped.
 */
export class Output<T> implements AsyncIterable<T> {
  readonly #sink: Sink;
  readonly #open: () => void;

  /** @internal */
  constructor(sink: Sink, open: () => void) {
    this.#sink = sink;
    this.#open = open;
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    const sink = this.#sink;
    this.#open();
    return {
      next: () => sink.next() as Promise<IteratorResult<T>>,
      return: async () => {
        sink.close();
        return { done: true, value: undefined };
      },
    };
  }

  /** All records. */
  async toArray(): Promise<T[]> {
    const values: T[] = [];
    for await (const value of this) values.push(value);
    return values;
  }

  /** The last record. Throws {@link DataError} when there is none. */
  async last(): Promise<T> {
    let last: { readonly value: T } | null = null;
    for await (const value of this) last = { value };
    if (last === null) throw new DataError('Output.last: the output ended without a record.');
    return last.value;
  }
}
