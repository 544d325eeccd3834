/** Mean and variance of every feature by class: what Gaussian naive Bayes learns. */
import type { Aggregation } from '../algorithm/training.js';
import { type ClassMoments, classMoments, combineClassMoments } from '../stats/class-moments.js';
import { classesOf } from '../stats/classes.js';
import { requireFiniteEntries } from './feature-checks.js';
import { labeledRows } from './labeled-rows.js';

export interface ClassMomentsParams {
  /** The column of features, for messages. */
  readonly featuresCol: string;
}

/** The aggregation that `NaiveBayes.fit` runs on the workers for features that are continuous. */
export function classMomentsAggregation({
  featuresCol,
}: ClassMomentsParams): Aggregation<ClassMoments, ClassMoments> {
  return {
    partial(shard, scope) {
      const { features, labels, rowWeights } = labeledRows(shard.table);
      requireFiniteEntries('NaiveBayes.fit', shard, featuresCol, features, scope);
      return classMoments(features, classesOf(labels), rowWeights);
    },
    combine: combineClassMoments,
    result: (total) => total,
  };
}
