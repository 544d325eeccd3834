/** Measures of predicted probabilities: area under the ROC curve, log-loss. */
import { DataError, DimensionMismatchError } from '../core/errors.js';

/**
 * The area under the ROC curve: how likely a row of the positive class scores higher than one of
 * the negative class, where equal scores count one half.
 *
 * ```text
 * AUC = (Σ over positives: negatives below it + ½ negatives equal to it) / (positives · negatives)
 * ```
 *
 * Exact, and free of the order of the rows: tied scores are one point of the curve. Cost:
 * O(n log n), two copies of the scores.
 *
 * @param scores One score a row, higher for the positive class; not NaN.
 * @param labels One label a row: 1 is positive, anything else negative.
 * @returns A number in [0, 1]; NaN when there is no row of one of the classes.
 * @throws {@link DimensionMismatchError} `ERR_GYRE_DIMENSION` for different lengths;
 *   {@link DataError} `ERR_GYRE_DATA` for a score that is NaN.
 * @see Hanley and McNeil, The meaning and use of the area under a ROC curve, 1982. Flink ML's
 *   BinaryClassificationEvaluator does not group ties.
 */
export function areaUnderROC(scores: Float64Array, labels: ArrayLike<number>): number {
  const { positives, negatives } = byClass(scores, labels);
  const [p, n] = [positives.length, negatives.length];
  let below = 0;
  let wins = 0;
  for (let i = 0; i < p; ) {
    const score = positives[i]!;
    const first = i;
    while (i < p && positives[i] === score) i++;
    while (below < n && negatives[below]! < score) below++;
    let equal = below;
    while (equal < n && negatives[equal] === score) equal++;
    wins += (i - first) * (below + (equal - below) / 2);
    below = equal;
  }
  return wins / (p * n);
}

/**
 * The mean of `-ln p` over the rows, where p is the probability that was given to the row's class.
 *
 * @param probabilities Of the positive class, one a row, in [0, 1]. A row whose class was given 0
 *   makes the result infinite.
 * @param labels One label a row: 1 is positive, anything else negative.
 * @throws {@link DimensionMismatchError} `ERR_GYRE_DIMENSION` for different lengths.
 */
export function logLoss(probabilities: Float64Array, labels: ArrayLike<number>): number {
  checkLengths('logLoss', probabilities.length, labels.length);
  let sum = 0;
  for (let i = 0; i < probabilities.length; i++) {
    const p = probabilities[i]!;
    sum -= labels[i] === 1 ? Math.log(p) : Math.log1p(-p);
  }
  return sum / probabilities.length;
}

/** The log-loss of predicting for every row the share of positives among all of them. */
export function baseRateLogLoss(positives: number, rows: number): number {
  const entropy = (share: number): number => (share === 0 ? 0 : -share * Math.log(share));
  return entropy(positives / rows) + entropy(1 - positives / rows);
}

/** The scores of the two classes, each ascending. */
function byClass(scores: Float64Array, labels: ArrayLike<number>) {
  checkLengths('areaUnderROC', scores.length, labels.length);
  let count = 0;
  for (let i = 0; i < scores.length; i++) if (labels[i] === 1) count++;
  const positives = new Float64Array(count);
  const negatives = new Float64Array(scores.length - count);
  let p = 0;
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    if (Number.isNaN(score)) {
      throw new DataError(`areaUnderROC: scores must be numbers, got NaN in row ${i}.`, {
        details: { row: i },
      });
    }
    if (labels[i] === 1) positives[p++] = score;
    else negatives[i - p] = score;
  }
  return { positives: positives.sort(), negatives: negatives.sort() };
}

function checkLengths(who: string, scores: number, labels: number): void {
  if (scores === labels) return;
  throw new DimensionMismatchError(`${who}: ${scores} scores need as many labels, got ${labels}.`, {
    details: { scores, labels },
  });
}
