/** Metrics of a binary classifier, from the weight of both classes at each score. */
import type { ScoreGroups } from './score-groups.js';

/** The metrics of {@link BinaryClassificationEvaluator}. */
export const BINARY_METRICS = ['areaUnderROC', 'areaUnderPR', 'ks', 'areaUnderLorenz'] as const;

export type BinaryClassificationMetric = (typeof BINARY_METRICS)[number];

/**
 * All metrics, by trapezoids between the points of successive scores, from the highest down.
 *
 * A metric is NaN where one of its axes has nothing to count: all without positives, `areaUnderROC`
 * and `ks` without negatives.
 */
export function binaryMetrics({
  positives,
  negatives,
}: Pick<ScoreGroups, 'positives' | 'negatives'>): Record<BinaryClassificationMetric, number> {
  const P = positives.reduce((sum, weight) => sum + weight, 0);
  const N = negatives.reduce((sum, weight) => sum + weight, 0);
  let tp = 0;
  let fp = 0;
  let precision = 1;
  // Areas in units of weights: exact where these are integers.
  let roc = 0;
  let lorenz = 0;
  let pr = 0;
  let ks = 0;
  for (let i = 0; i < positives.length; i++) {
    const [p, n] = [positives[i]!, negatives[i]!];
    if (p + n === 0) continue;
    roc += n * (tp + p / 2);
    lorenz += (p + n) * (tp + p / 2);
    tp += p;
    fp += n;
    const next = tp / (tp + fp);
    pr += (p * (precision + next)) / 2;
    precision = next;
    ks = Math.max(ks, Math.abs(fp / N - tp / P));
  }
  return {
    areaUnderROC: roc / (P * N),
    areaUnderPR: pr / P,
    ks: P === 0 || N === 0 ? Number.NaN : ks,
    areaUnderLorenz: lorenz / (P * (P + N)),
  };
}
