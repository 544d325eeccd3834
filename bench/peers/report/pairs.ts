/** Pairs of runs, one of each side, and what their ratios tell. */
import { median } from '../../harness/samples.js';

/** Seconds of Gyre and of the other, taken one right after the other. */
export type Pair = readonly [gyre: number, other: number];

export interface PairsOptions {
  /** Pairs that are wanted. */
  readonly wanted: number;
  /** After so many seconds there are no more, but for the fewest. */
  readonly budgetSeconds: number;
}

/** Pairs that are taken however long they last. */
export const FEWEST = 2;

/** Takes pairs A B, B A, A B, ...: what drifts meets both sides alike. */
export async function takePairs(
  gyre: () => Promise<number>,
  other: () => Promise<number>,
  { wanted, budgetSeconds }: PairsOptions,
): Promise<Pair[]> {
  const begin = performance.now();
  const pairs: Pair[] = [];
  const isOver = (): boolean => (performance.now() - begin) / 1000 > budgetSeconds;
  while (pairs.length < wanted && !(pairs.length >= FEWEST && isOver())) {
    if (pairs.length % 2 === 0) {
      const ours = await gyre();
      pairs.push([ours, await other()]);
    } else {
      const theirs = await other();
      pairs.push([await gyre(), theirs]);
    }
  }
  return pairs;
}

/** How many times longer the other takes. */
export interface Ratio {
  readonly pairs: number;
  readonly gyreSeconds: number;
  readonly otherSeconds: number;
  /** The median of the pairs' ratios. */
  readonly ratio: number;
  /** An interval for it that assumes nothing about how ratios are distributed. */
  readonly low: number;
  readonly high: number;
  /** How sure that interval is: 0.95 or more from six pairs on, less with fewer. */
  readonly confidence: number;
}

/** The confidence that is wanted. */
const WANTED = 0.95;

/**
 * The median ratio, and the interval between the d-th smallest and the d-th largest: the median is
 * outside with the probability that fewer than d of n tosses of a coin are heads, twice.
 *
 * @see Conover, Practical Nonparametric Statistics, 3.2: the interval of the sign test.
 */
export function ratioOf(pairs: readonly Pair[]): Ratio {
  const ratios = pairs.map(([gyre, other]) => other / gyre).sort((a, b) => a - b);
  const n = ratios.length;
  let depth = 1;
  let outside = 2 * 0.5 ** n;
  for (let heads = 1, share = 0.5 ** n; depth < n / 2; heads++, depth++) {
    share *= (n - heads + 1) / heads;
    if (outside + 2 * share > 1 - WANTED) break;
    outside += 2 * share;
  }
  return {
    pairs: n,
    gyreSeconds: median(pairs.map(([gyre]) => gyre)),
    otherSeconds: median(pairs.map(([, other]) => other)),
    ratio: median(ratios),
    low: ratios[depth - 1]!,
    high: ratios[n - depth]!,
    confidence: 1 - outside,
  };
}
