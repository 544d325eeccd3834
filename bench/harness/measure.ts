/**
 * Timing. Peers are timed in turns, A B B A, so that a machine that slows down or speeds up does so
 * for all of them; their samples are joined.
 */
import Benchmark from 'benchmark';
import type { Samples } from './samples.js';

/** Whether this is a run to see that everything works, whose figures mean little. */
export const QUICK: boolean = process.env.GYRE_BENCH_QUICK === '1';

/** Seconds that benchmark.js spends on one turn of a case. */
const TURN_SECONDS: number = QUICK ? 0.02 : 0.4;
/** Calls in a sample take at least this long. */
const SAMPLE_SECONDS: number = QUICK ? 0.002 : 0.01;
const FEWEST_SAMPLES = 5;

/** Results go here, so that no engine can drop the work that made them. */
export let sink = 0;

/** Keeps a result. */
export function consume(value: unknown): void {
  if (typeof value === 'number') sink += value;
  else if (value !== undefined && value !== null) sink++;
}

/** Throws unless what is about to be timed gave the right result. */
export function check(right: boolean, what: string): void {
  if (!right) throw new Error(`wrong result: ${what}`);
}

/** A way to do something; takes 10 µs at least, or the clock's own cost shows. */
export type Work = () => unknown;

/** One turn of benchmark.js, which reports a failing case with 0 samples and no error. */
function turn(name: string, work: Work): Samples {
  let failure: unknown = null;
  const bench = new Benchmark({
    name,
    fn: () => consume(work()),
    maxTime: TURN_SECONDS,
    minTime: SAMPLE_SECONDS,
    minSamples: FEWEST_SAMPLES,
    onError: ({ target }: { readonly target: { readonly error?: unknown } }) => {
      failure = target.error ?? new Error('benchmark.js gave no reason');
    },
  });
  bench.run({ async: false });
  const samples = bench.stats.sample as number[];
  if (failure !== null) throw new Error(`${name} failed while it was timed`, { cause: failure });
  if (samples.length === 0) throw new Error(`${name} gave no samples`);
  return samples;
}

const abba = <T>(items: readonly T[]): T[] => [...items, ...[...items].reverse()];

/** Times synchronous work by benchmark.js, the cases in turns. */
export function time<const C extends Readonly<Record<string, Work>>>(
  cases: C,
): { readonly [K in keyof C]: Samples } {
  const names = Object.keys(cases);
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]]));
  for (const name of names) consume(cases[name]!());
  for (const name of abba(names)) samples[name]!.push(...turn(name, cases[name]!));
  return samples as never;
}

/** Asynchronous work that may take seconds. */
export type LongWork = () => unknown;

/**
 * Times work that takes long: one call a sample, the cases in turns, after one call each to warm
 * up. For what benchmark.js would calibrate for longer than it takes.
 *
 * @param seconds Per case; at least `fewest` samples are taken.
 */
export async function timeLong<const C extends Readonly<Record<string, LongWork>>>(
  cases: C,
  { seconds = 3, fewest = 4 }: { readonly seconds?: number; readonly fewest?: number } = {},
): Promise<{ readonly [K in keyof C]: Samples }> {
  const names = Object.keys(cases);
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]]));
  const spent = new Map(names.map((name) => [name, 0]));
  for (const name of names) consume(await cases[name]!());
  const isDone = (name: string): boolean =>
    QUICK || (samples[name]!.length >= fewest && spent.get(name)! >= seconds);
  do {
    for (const name of abba(names)) {
      const start = performance.now();
      consume(await cases[name]!());
      const took = (performance.now() - start) / 1000;
      samples[name]!.push(took);
      spent.set(name, spent.get(name)! + took);
    }
  } while (!names.every(isDone));
  return samples as never;
}
