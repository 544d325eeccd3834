/** The sums of a one-way analysis of variance, from moments of every feature by class. */
import type { Aggregation } from '../algorithm/training.js';
import { type ClassMoments, classMoments, combineClassMoments } from './class-moments.js';
import { classesOf } from './classes.js';

/** What the aggregation gives. */
export interface AnovaTotals {
  readonly rows: number;
  readonly classes: number;
  /** One a feature; NaN for a constant, or where a value is not finite. */
  readonly fValues: Float64Array;
}

/** The aggregation of columns `features` and `label` that {@link ANOVATest} runs on the workers. */
export function anovaAggregation(): Aggregation<ClassMoments, AnovaTotals> {
  return {
    partial({ table }) {
      const features = table.column('features', 'vector', 'sparseVector');
      return classMoments(features, classesOf(table.column('label', 'float64').values), null);
    },
    combine: combineClassMoments,
    result({ dim, labels, weights, shift, offset, squares }) {
      const total = weights.reduce((sum, count) => sum + count, 0);
      const classes = labels.length;
      const fValues = new Float64Array(dim);
      for (let t = 0; t < dim; t++) {
        let within = 0;
        let meanDistance = 0;
        // Distances of the means to that of the first class: equal means give an exact zero.
        const distance = (c: number) =>
          shift[c * dim + t]! - shift[t]! + (offset[c * dim + t]! - offset[t]!);
        for (let c = 0; c < classes; c++) {
          within += squares[c * dim + t]!;
          meanDistance += distance(c) * (weights[c]! / total);
        }
        let between = 0;
        for (let c = 0; c < classes; c++)
          between += weights[c]! * (distance(c) - meanDistance) ** 2;
        const isKnown = Number.isFinite(between) && Number.isFinite(within);
        fValues[t] = isKnown ? between / (classes - 1) / (within / (total - classes)) : Number.NaN;
      }
      return { rows: total, classes, fValues };
    },
  };
}
