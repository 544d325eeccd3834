/** What every method of computing a round shares: where its rows weigh, its sums, its rounding. */
import type { KernelScope } from '../algorithm/training.js';
import type { Shard } from '../engine/shard.js';
import { addressOf } from '../stage/kernel-data.js';
import type { KMeansPartial, KMeansTrainingParams } from './kmeans-training.js';

/** Above it, what underflow takes from a square or a move is far below what rounding does. */
const LEAST_SQUARE = 1e-240;

/** A shard's share of a round, but for what the first round finds out. */
export type Sums = Omit<KMeansPartial, 'found'>;

/** Sums that bounds gave, and the share of n·k distances or of n rows that they had to measure. */
export type BoundedSums = Sums & { readonly share: number };

/** Address of the rows' weights; 0 when every row weighs 1. */
export function weightsAddress(
  { weightCol }: KMeansTrainingParams,
  shard: Shard,
  scope: KernelScope,
): number {
  return weightCol === null ? 0 : addressOf(shard.table.column(weightCol, 'float64').values, scope);
}

/** Sums and counts, taken out of scratch memory. */
export function readSums(
  sums: number,
  counts: number,
  { k, dim }: KMeansTrainingParams,
  { arena }: KernelScope,
): { readonly sums: Float64Array; readonly counts: Float64Array } {
  return { sums: arena.f64(sums, k * dim).slice(), counts: arena.f64(counts, k).slice() };
}

/** The largest |c|, and no less than |origin|. */
export function lengthOf(rows: Float64Array, dim: number, origin: Float64Array): number {
  let most = 0;
  for (const vectors of [rows, origin]) {
    for (let start = 0; start < vectors.length; start += dim) {
      let square = 0;
      for (let t = start; t < start + dim; t++) square += vectors[t]! * vectors[t]!;
      most = Math.max(most, square);
    }
  }
  return Math.sqrt(most);
}

/**
 * More than rounding can change in the difference of two squared distances, whichever way each is
 * computed: a sum of d products is off by d units in the last place of the product of the lengths
 * at most, and a squared distance takes three such sums. Infinite where squares may underflow: such
 * differences say nothing.
 *
 * @see Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1.
 */
export function marginOf({ dim }: KMeansTrainingParams, reach: number, length: number): number {
  const square = (reach + length) ** 2;
  return square < LEAST_SQUARE ? Infinity : (32 * dim + 128) * Number.EPSILON * square;
}
