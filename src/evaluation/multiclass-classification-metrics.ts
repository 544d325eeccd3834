/** Metrics of a classifier, from its confusion matrix. */
import type { Confusion } from './confusion.js';
import { ratio } from './evaluation.js';

/** The metrics of {@link MulticlassClassificationEvaluator}. */
export const MULTICLASS_METRICS = [
  'f1',
  'accuracy',
  'weightedPrecision',
  'weightedRecall',
  'weightedTruePositiveRate',
  'weightedFalsePositiveRate',
  'weightedFMeasure',
  'truePositiveRateByLabel',
  'falsePositiveRateByLabel',
  'precisionByLabel',
  'recallByLabel',
  'fMeasureByLabel',
  'logLoss',
  'hammingLoss',
  'macroPrecision',
  'macroRecall',
  'macroF1',
] as const;

export type MulticlassClassificationMetric = (typeof MULTICLASS_METRICS)[number];

/** Weights of one class. */
interface ClassTotals {
  /** Rows of the label. */
  actual: number;
  /** Rows of the prediction. */
  predicted: number;
  /** Rows of both. */
  correct: number;
}

const NO_ROWS: Readonly<ClassTotals> = { actual: 0, predicted: 0, correct: 0 };

const precision = ({ correct, predicted }: ClassTotals): number => ratio(correct, predicted);
const recall = ({ correct, actual }: ClassTotals): number => ratio(correct, actual);

function fMeasure(totals: ClassTotals, beta: number): number {
  const [p, r, square] = [precision(totals), recall(totals), beta * beta];
  return ratio((1 + square) * p * r, square * p + r);
}

/**
 * All metrics. Ratios with nothing to divide by are 0, as in Spark ML and scikit-learn; averages over
 * no rows are NaN.
 */
export function multiclassMetrics(
  confusion: Confusion,
  metricLabel: number,
  beta: number,
): Record<MulticlassClassificationMetric, number> {
  const classes = totalsByClass(confusion);
  const all = [...classes.values()];
  const rows = all.reduce((sum, { actual }) => sum + actual, 0);
  const correct = all.reduce((sum, totals) => sum + totals.correct, 0);
  const falsePositiveRate = ({ actual, predicted, correct }: ClassTotals) =>
    ratio(predicted - correct, rows - actual);
  const weighted = (metric: (totals: ClassTotals) => number) =>
    all.reduce((sum, totals) => sum + metric(totals) * totals.actual, 0) / rows;
  const macro = (metric: (totals: ClassTotals) => number) =>
    all.reduce((sum, totals) => sum + metric(totals), 0) / all.length;
  const f1 = (totals: ClassTotals) => fMeasure(totals, 1);
  const label = classes.get(metricLabel) ?? NO_ROWS;
  return {
    f1: weighted(f1),
    accuracy: correct / rows,
    weightedPrecision: weighted(precision),
    weightedRecall: weighted(recall),
    weightedTruePositiveRate: weighted(recall),
    weightedFalsePositiveRate: weighted(falsePositiveRate),
    weightedFMeasure: weighted((totals) => fMeasure(totals, beta)),
    truePositiveRateByLabel: recall(label),
    falsePositiveRateByLabel: falsePositiveRate(label),
    precisionByLabel: precision(label),
    recallByLabel: recall(label),
    fMeasureByLabel: fMeasure(label, beta),
    logLoss: confusion.logLoss / rows,
    hammingLoss: (rows - correct) / rows,
    macroPrecision: macro(precision),
    macroRecall: macro(recall),
    macroF1: macro(f1),
  };
}

/** By label or prediction, in the order of the cells. */
function totalsByClass({ labels, predictions, weights }: Confusion): Map<number, ClassTotals> {
  const classes = new Map<number, ClassTotals>();
  const of = (label: number): ClassTotals => {
    const known = classes.get(label);
    if (known !== undefined) return known;
    const fresh = { ...NO_ROWS };
    classes.set(label, fresh);
    return fresh;
  };
  for (let i = 0; i < weights.length; i++) {
    const [label, prediction, weight] = [labels[i]!, predictions[i]!, weights[i]!];
    of(label).actual += weight;
    of(prediction).predicted += weight;
    if (label === prediction) of(label).correct += weight;
  }
  return classes;
}
