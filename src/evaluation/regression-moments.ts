/** Moments of labels, predictions and their differences: what metrics of a regression are made of. */
import type { Aggregation } from '../algorithm/training.js';
import { aboutMean } from '../stats/about-mean.js';
import { weightsOf } from './evaluation.js';

/**
 * The weighted mean of some values, and Σ weight · (value - mean)². The mean is shift + offset, where
 * the shift is a label that occurs: differences to it have all digits, wherever the labels lie.
 */
interface Moments {
  readonly shift: number;
  readonly offset: number;
  readonly squares: number;
}

/** Of some rows. */
export interface RegressionMoments {
  /** Σ weight. */
  readonly weight: number;
  readonly labels: Moments;
  readonly predictions: Moments;
  /** Σ weight · label². */
  readonly labelSquares: number;
  /** Σ weight · (label - prediction)². */
  readonly squaredErrors: number;
  /** Σ weight · |label - prediction|. */
  readonly absoluteErrors: number;
}

/** The aggregation of columns `label`, `prediction` and perhaps `weight`. */
export function regressionMoments(): Aggregation<RegressionMoments, RegressionMoments> {
  return {
    partial({ table }) {
      const labels = table.column('label', 'float64').values;
      const predictions = table.column('prediction', 'float64').values;
      return momentsOf(labels, predictions, weightsOf(table));
    },
    combine(a, b) {
      if (a.weight === 0 || b.weight === 0) return a.weight === 0 ? b : a;
      return {
        weight: a.weight + b.weight,
        labels: combined(a.labels, b.labels, a.weight, b.weight),
        predictions: combined(a.predictions, b.predictions, a.weight, b.weight),
        labelSquares: a.labelSquares + b.labelSquares,
        squaredErrors: a.squaredErrors + b.squaredErrors,
        absoluteErrors: a.absoluteErrors + b.absoluteErrors,
      };
    },
    result: (total) => total,
  };
}

/** Rows of weight 0 are passed over. */
function momentsOf(
  labels: Float64Array,
  predictions: Float64Array,
  weights: Float64Array | null,
): RegressionMoments {
  const first = weights === null ? 0 : weights.findIndex((weight) => weight > 0);
  const shift = labels[Math.max(first, 0)]!;
  let [weight, labelSquares, squaredErrors, absoluteErrors] = [0, 0, 0, 0];
  let [labelSum, labelShifted, predictionSum, predictionShifted] = [0, 0, 0, 0];
  for (let row = 0; row < labels.length; row++) {
    const w = weights === null ? 1 : weights[row]!;
    if (w === 0) continue;
    const [y, p] = [labels[row]!, predictions[row]!];
    const [ofLabel, ofPrediction] = [y - shift, p - shift];
    weight += w;
    labelSum += w * ofLabel;
    labelShifted += w * ofLabel * ofLabel;
    predictionSum += w * ofPrediction;
    predictionShifted += w * ofPrediction * ofPrediction;
    labelSquares += w * y * y;
    squaredErrors += w * (y - p) * (y - p);
    absoluteErrors += w * Math.abs(y - p);
  }
  const moments = (sum: number, squares: number): Moments => ({
    shift,
    offset: sum / weight,
    squares: aboutMean(squares, sum, weight),
  });
  return {
    weight,
    labels: moments(labelSum, labelShifted),
    predictions: moments(predictionSum, predictionShifted),
    labelSquares,
    squaredErrors,
    absoluteErrors,
  };
}

/** How far the mean of b is above that of a. */
export function meanDistance(a: Moments, b: Moments): number {
  return b.shift - a.shift + (b.offset - a.offset);
}

/** Chan, Golub and LeVeque 1983, equation 1.5. */
function combined(a: Moments, b: Moments, weightOfA: number, weightOfB: number): Moments {
  const delta = meanDistance(a, b);
  const share = weightOfB / (weightOfA + weightOfB);
  return {
    shift: a.shift,
    offset: a.offset + delta * share,
    squares: a.squares + b.squares + delta * delta * weightOfA * share,
  };
}
