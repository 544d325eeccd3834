/** What the engine's tests share: sessions by their number of threads, and expected errors. */
import * as assert from 'uvu/assert';
import { Session } from '../../src/engine/session.js';

const sessions = new Map<number, Session>();

/** A session with so many workers, one per file and number; 3 are more than some machines' cores. */
export function sessionOf(threads: number): Session {
  const session = sessions.get(threads) ?? new Session({ threads });
  sessions.set(threads, session);
  return session;
}

export async function closeSessions(): Promise<void> {
  await Promise.all([...sessions.values()].map((session) => session.close()));
}

export const THREADS: readonly number[] = [0, 1, 2, 3];

type Failure = Error & {
  readonly code?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: Failure;
};

/** Awaits a rejection, and returns the error to be looked at. */
export async function rejects(
  promise: Promise<unknown>,
  code: string,
  message: RegExp,
): Promise<Failure> {
  let error: unknown;
  try {
    await promise;
  } catch (thrown) {
    error = thrown;
  }
  assert.instance(error, Error, `expected ${code}, but nothing was thrown`);
  const failure = error as Failure;
  assert.is(failure.code, code, failure.stack ?? '');
  assert.match(failure.message, message);
  return failure;
}

/** As {@link rejects}, for what throws at once. */
export function throws(call: () => unknown, code: string, message: RegExp): void {
  let error: unknown;
  try {
    call();
  } catch (thrown) {
    error = thrown;
  }
  assert.instance(error, Error, `expected ${code}, but nothing was thrown`);
  assert.is((error as Failure).code, code);
  assert.match((error as Failure).message, message);
}

/** Rejects when a promise takes too long: a hang should name its test. */
export function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`took more than ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

export const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Equality of plain values as text: uvu loses a failure whose arrays it cannot compare. */
export function assertSame(actual: unknown, expected: unknown, message?: string): void {
  assert.is(JSON.stringify(actual), JSON.stringify(expected), message);
}
