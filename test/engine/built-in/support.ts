/** What the tests of built-in operators share. */
import type { Job } from '../../../src/engine/job.js';
import type { DataStream } from '../../../src/engine/stream.js';
import { sessionOf, within } from '../support.js';

export const newJob = (threads: number, parallelism?: number): Job =>
  sessionOf(threads).job('built in', { parallelism });

/** All records of a stream. A hang should name its test. */
export const read = <T>(stream: DataStream<T>): Promise<T[]> =>
  within(30_000, stream.output().toArray());

/** Rows by their text: for those whose order is not told. */
export const sortedRows = <T>(rows: readonly T[]): T[] =>
  rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** All records of a stream; `each` is called with those so far, whenever one has come. */
export function follow<T>(
  stream: DataStream<T>,
  each: (seen: readonly T[], last: T) => void,
): Promise<T[]> {
  const seen: T[] = [];
  const reading = async () => {
    for await (const row of stream.output()) {
      seen.push(row);
      each(seen, row);
    }
    return seen;
  };
  return within(30_000, reading());
}

/** Gives the first records, and the others once it is released. */
export function gated<T>(
  before: readonly T[],
  after: readonly T[],
): { readonly source: AsyncIterable<T>; readonly release: () => void } {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  async function* source(): AsyncGenerator<T> {
    yield* before;
    await released;
    yield* after;
  }
  return { source: source(), release: () => release() };
}
