/** What `npm run bench:peers` has measured: the JSON of bench/results. */
import type { Machine } from '../../harness/machine.js';
import type { Ratio } from './pairs.js';

/** What became of a measurement: figures, or the reason why there are none. */
export type Outcome = Ratio | { readonly failed: string };

/** A peer at a case. */
export interface Comparison {
  readonly case: string;
  readonly rows: number;
  readonly peer: string;
  /** Rows of the run in which the models were compared; or why they are not equal. */
  readonly check: { readonly equalRows: number } | { readonly failed: string };
  /** From the start of a process to its result. */
  readonly endToEnd: Outcome;
  /** In a warm process. */
  readonly steady: Outcome;
}

export interface Results {
  /** ISO 8601. */
  readonly date: string;
  readonly machine: Machine;
  /** Load before and after, and the share of CPU time that the host took; null when unknown. */
  readonly load: readonly [before: number, after: number];
  readonly stolen: number | null;
  readonly seconds: number;
  readonly threads: number;
  /** What full sizes were multiplied by. */
  readonly scale: number;
  /** Pairs that were wanted. */
  readonly pairs: number;
  /** Versions of Gyre and of every peer. */
  readonly versions: readonly string[];
  /** Peers that could not be had, and why. */
  readonly skipped: readonly { readonly peer: string; readonly reason: string }[];
  readonly comparisons: readonly Comparison[];
}

/** How many times faster Gyre is to be. */
export const GOALS = { endToEnd: 3, steady: 1.5 } as const;

/** Tells figures from a failure. */
export function isMeasured(outcome: Outcome): outcome is Ratio {
  return !('failed' in outcome);
}
