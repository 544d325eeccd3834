/** Predictions of a logistic model, shard by shard. */
import type { RowMapping, RowViews } from '../algorithm/map-rows.js';
import { type LinearWeights, marginsOf } from '../optimization/margins.js';
import { withScratch } from '../stage/kernel-data.js';

export interface LogisticMappingParams extends LinearWeights {
  readonly featuresCol: string;
  /** What the classes are called; null: 0 and 1. */
  readonly labels?: Float64Array | null;
}

/**
 * Outputs: `prediction` and `raw`, the probabilities of all classes.
 *
 * With one class of weights: 1 where m = x·w + b >= 0, else 0, and [P(0), P(1)] with
 * P(1) = 1 / (1 + exp(-m)). With several: the class of the largest margin, the first of equal ones,
 * and P(k) = exp(mₖ) / Σ exp(m). NaN in the features gives NaN probabilities and the first class.
 */
export function logisticMapping(params: LogisticMappingParams): RowMapping {
  return {
    apply(shard, outputs, scope) {
      const column = shard.table.column(params.featuresCol, 'vector', 'sparseVector');
      withScratch(scope, () => {
        const margins = marginsOf(column, params, scope);
        if (params.classes === 1) binomial(margins, params.labels ?? null, outputs);
        else multinomial(margins, column.length, params, outputs);
      });
    },
  };
}

function binomial(
  margins: Float64Array,
  labels: Float64Array | null,
  { prediction, raw }: RowViews,
): void {
  const [negative, positive] = labels === null ? [0, 1] : [labels[0]!, labels[1]!];
  for (let row = 0; row < margins.length; row++) {
    const margin = margins[row]!;
    // Not 1 - P of the likely class: the probability of the other one would lose its digits.
    const e = Math.exp(-Math.abs(margin));
    const [likely, unlikely] = [1 / (1 + e), e / (1 + e)];
    prediction![row] = margin >= 0 ? positive : negative;
    raw![2 * row] = margin >= 0 ? unlikely : likely;
    raw![2 * row + 1] = margin >= 0 ? likely : unlikely;
  }
}

function multinomial(
  margins: Float64Array,
  rows: number,
  { classes, labels }: LogisticMappingParams,
  { prediction, raw }: RowViews,
): void {
  for (let row = 0; row < rows; row++) {
    let best = 0;
    for (let k = 1; k < classes; k++) {
      if (margins[k * rows + row]! > margins[best * rows + row]!) best = k;
    }
    const top = margins[best * rows + row]!;
    const at = row * classes;
    let total = 0;
    for (let k = 0; k < classes; k++) {
      const share = Math.exp(margins[k * rows + row]! - top);
      raw![at + k] = share;
      total += share;
    }
    for (let k = 0; k < classes; k++) raw![at + k]! /= total;
    prediction![row] = labels?.[best] ?? best;
  }
}
