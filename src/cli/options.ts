/** Options that several commands have, and checks of their values. */
import { InvalidArgumentError, Option } from 'commander';
import { Session } from '../index.js';

/** The values of {@link threadsOption} and {@link kernelsOption}. */
export interface SessionFlags {
  readonly threads?: number;
  readonly kernels: 'auto' | 'simd' | 'relaxed';
}

/** Reads an integer of at least `min`. */
export function integer(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
    throw new InvalidArgumentError(`It must be an integer >= ${min}.`);
  };
}

/** Reads a number above zero. */
export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a number > 0.');
}

/** Reads a number from 0 to 1. */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('It must be a number from 0 to 1.');
}

export const threadsOption = (): Option =>
  new Option('--threads <n>', 'worker threads; 0 computes on the main thread')
    .argParser(integer(0))
    .default(undefined, 'one a core');

export const kernelsOption = (): Option =>
  new Option('--kernels <build>', 'build of the kernels')
    .choices(['auto', 'simd', 'relaxed'])
    .default('auto');

/** Runs a command in a session of its own, which is gone afterwards. */
export async function withSession<T>(
  { threads, kernels }: SessionFlags,
  body: (session: Session) => Promise<T>,
): Promise<T> {
  const session = new Session({ threads, kernels });
  try {
    return await body(session);
  } finally {
    await session.destroy();
  }
}
