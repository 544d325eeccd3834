/** What rows score with each label, and what is made of it. */
import type { KernelScope } from '../algorithm/training.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';

export interface LabelScores {
  /** `rows × labels`: logarithms of what is proportional to the probability of the label. */
  readonly scores: Float64Array;
  /** Rows with a value that was not seen. */
  readonly unseen: readonly number[];
  /** Whether such rows have scores. */
  readonly takesUnseen: boolean;
}

/** Scores rows. */
export interface LabelScorer {
  /** Multiplications and additions, roughly, for each entry of a vector. */
  readonly workPerEntry: number;
  /** @param features Vectors of the right size: of 64-bit floats where they are checked. */
  score(features: DenseVectorColumn | SparseVectorColumn, scope: KernelScope): LabelScores;
  /**
   * The index of the best label of each row, where that is found faster than scores are; null: it is
   * not, for these features. All rows are possible then. Where two scores differ by rounding errors
   * alone it may be the other one.
   */
  best?(features: DenseVectorColumn | SparseVectorColumn, scope: KernelScope): Int32Array | null;
}

/** The label of the highest score of each row, the first of equal ones. */
export function bestLabels(scores: Float64Array, labels: Float64Array): Float64Array {
  const width = labels.length;
  const best = new Float64Array(scores.length / width);
  for (let row = 0; row < best.length; row++) {
    const first = row * width;
    let at = first;
    for (let l = first + 1; l < first + width; l++) if (scores[l]! > scores[at]!) at = l;
    best[row] = labels[at - first]!;
  }
  return best;
}

/** The first row in which no label has a probability above 0, or -1. */
export function impossibleRow(scores: Float64Array, width: number): number {
  for (let first = 0; first < scores.length; first += width) {
    let l = first;
    while (l < first + width && scores[l] === Number.NEGATIVE_INFINITY) l++;
    if (l === first + width) return first / width;
  }
  return -1;
}

/** P(l | x) = exp(s_l) / Σ exp(s), about the highest score, so that nothing overflows. */
export function probabilitiesOf(scores: Float64Array, width: number): Float64Array {
  const probabilities = new Float64Array(scores.length);
  for (let first = 0; first < scores.length; first += width) {
    let highest = scores[first]!;
    for (let l = first + 1; l < first + width; l++) highest = Math.max(highest, scores[l]!);
    let total = 0;
    for (let l = first; l < first + width; l++) {
      // Not exp of the difference for the highest: infinities have none.
      const share = scores[l] === highest ? 1 : Math.exp(scores[l]! - highest);
      probabilities[l] = share;
      total += share;
    }
    for (let l = first; l < first + width; l++) probabilities[l]! /= total;
  }
  return probabilities;
}
