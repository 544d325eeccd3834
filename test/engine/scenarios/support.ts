/** What the scenario tests share: where they run, and how their streams begin. */
import type { Job, JobOptions } from '../../../src/engine/job.js';
import type { DataStream } from '../../../src/engine/stream.js';
import { sessionOf, within } from '../support.js';
import { type EpochRecord, ToEpochRecord } from './operators.js';

/** Where a scenario runs: the workers, and the subtasks where the scenario has four. */
export interface Setup {
  readonly threads: number;
  readonly subtasks: number;
}

export const SETUPS: readonly Setup[] = [
  { threads: 0, subtasks: 1 },
  { threads: 0, subtasks: 4 },
  { threads: 1, subtasks: 2 },
  { threads: 2, subtasks: 2 },
  { threads: 2, subtasks: 4 },
];

export const where = ({ threads, subtasks }: Setup): string =>
  `on ${threads} threads and ${subtasks} subtasks`;

export function jobOn(
  { threads, subtasks }: Setup,
  name: string,
  options: Omit<JobOptions, 'parallelism'> = {},
): Job {
  return sessionOf(threads).job(name, { ...options, parallelism: subtasks });
}

/** A hang should name its test, and so should a failure: uvu ends silently over our errors. */
export async function soon<T>(promise: Promise<T>): Promise<T> {
  try {
    return await within(40_000, promise);
  } catch (error) {
    throw new Error(error instanceof Error ? error.stack : String(error));
  }
}

/** Numbers that every subtask of a sequence gives. */
export const PER_SUBTASK = 1000;
/** What the numbers of all subtasks sum up to: 1,998,000 for four. */
export const totalOf = (subtasks: number): number => subtasks * 499_500;

/** Each of so many subtasks gives the epoch records 0, 1, ..., 999 of epoch 0. */
export function sequence(
  job: Job,
  subtasks: number,
  values: Iterable<number> | AsyncIterable<number> = upTo(PER_SUBTASK),
): DataStream<EpochRecord> {
  return job.from(values).broadcast(subtasks).map(ToEpochRecord);
}

/** An array, for those who have to begin again. */
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** A stream of the given subtasks without records. */
export const empty = <T>(job: Job, subtasks: number): DataStream<T> =>
  job.of<T>([]).rebalance(subtasks);

/** A source that stays open. */
export async function* heldOpen<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values;
  await new Promise(() => {});
}

/** As {@link heldOpen}, until `release` is called. */
export function heldUntil<T>(values: Iterable<T>): {
  readonly source: AsyncIterable<T>;
  readonly release: () => void;
} {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  async function* source(): AsyncGenerator<T> {
    yield* values;
    await released;
  }
  return { source: source(), release };
}

export const countOf = <T>(values: readonly T[], value: T): number =>
  values.filter((other) => other === value).length;

/** All lines, in an order that does not depend on timing. */
export const sortedLines = (lines: readonly string[]): string[] => [...lines].sort();
