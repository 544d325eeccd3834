/** Outputs: records of a job as they are read on the main thread. */
import { DataError } from '../core/errors.js';
import type { Sink, SinkMode } from './sink.js';

/** How an output of a job with checkpoints gives its records. */
export interface OutputOptions {
  /**
   * Whether it gives them at once, not only when a checkpoint covers them: those since the last one
   * come again when the job has failed in between. **Default:** false.
   */
  readonly unconfirmed?: boolean | undefined;
}

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

  /**
   * Reads record by record. In a job with checkpoints records come when a checkpoint covers them; in
   * a process that resumes, those come that had not been taken when the checkpoint was.
   */
  [Symbol.asyncIterator](): AsyncIterator<T> {
    return this.#read('stream');
  }

  /** All records, also those from before the checkpoint that the job was resumed from. */
  async toArray(): Promise<T[]> {
    return this.#collect('all');
  }

  /** The last record. Throws {@link DataError} when there is none. */
  async last(): Promise<T> {
    const last = await this.#collect('last');
    if (last.length === 0) throw new DataError('Output.last: the output ended without a record.');
    return last[0]!;
  }

  async #collect(mode: SinkMode): Promise<T[]> {
    const values: T[] = [];
    const iterator = this.#read(mode);
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      values.push(next.value);
    }
    return values;
  }

  #read(mode: SinkMode): AsyncIterator<T> {
    const sink = this.#sink;
    this.#open();
    sink.mode = mode;
    return {
      next: () => sink.next() as Promise<IteratorResult<T>>,
      return: async () => {
        sink.close();
        return { done: true, value: undefined };
      },
    };
  }
}
