/** The probabilities that naive Bayes gives to what was counted. */
import { DataError } from '../core/errors.js';
import type { ClassMoments } from '../stats/class-moments.js';
import { DenseVector } from '../table/vector.js';
import type { CategoryCounts } from './category-counts.js';
import type { ClassSums } from './class-sums.js';
import type { NaiveBayesModelData } from './naive-bayes-data.js';

type Estimates = Omit<NaiveBayesModelData, 'labels' | 'piArray'>;

/** ln P(l) = ln W_l - ln W, of the weights of the classes. */
export function logPriors(weights: Float64Array): Float64Array {
  const total = Math.log(sum(weights));
  return weights.map((weight) => Math.log(weight) - total);
}

/** The prior of Flink ML: rows count once for each of `dim` features, and are smoothed. */
export function smoothedLogPriors(
  weights: Float64Array,
  dim: number,
  smoothing: number,
): Float64Array {
  const total = Math.log(sum(weights) * dim + weights.length * smoothing);
  return weights.map((weight) => Math.log(weight * dim + smoothing) - total);
}

/** ln (count of v with l + s) - ln (W_l + s |V|) for the values V of a feature; unseen: count 0. */
export function categoryEstimates(
  { labels, weights, offsets, values, counts }: CategoryCounts,
  smoothing: number,
): Estimates {
  const width = labels.length;
  const dim = offsets.length - 1;
  const theta: ReadonlyMap<number, number>[][] = [];
  const unseen: DenseVector[] = [];
  for (let l = 0; l < width; l++) {
    const logs = new Float64Array(dim);
    const maps = Array.from(logs, (_, t) => {
      const [first, end] = [offsets[t]!, offsets[t + 1]!];
      const total = Math.log(weights[l]! + smoothing * (end - first));
      logs[t] = Math.log(smoothing) - total;
      const map = new Map<number, number>();
      for (let v = first; v < end; v++) {
        map.set(values[v]!, Math.log(counts[v * width + l]! + smoothing) - total);
      }
      return map;
    });
    theta.push(maps);
    unseen.push(new DenseVector(logs));
  }
  return { theta, unseen };
}

/** ln (S_lj + s) - ln (Σ_j S_lj + s D). */
export function countEstimates({ labels, dim, sums }: ClassSums, smoothing: number): Estimates {
  const theta = Array.from(labels, (_, l) => {
    const own = sums.subarray(l * dim, (l + 1) * dim);
    // A class without any count, and no smoothing, has no feature at all: ln 0, not ln (0 / 0).
    const total = sum(own) + smoothing * dim || 1;
    return new DenseVector(own.map((value) => Math.log(value + smoothing) - Math.log(total)));
  });
  return { theta };
}

/** -ln (C_lj + s) + ln (Σ_j C_lj + s D), where C_lj is the count of feature j in other classes. */
export function complementEstimates(
  { labels, dim, sums }: ClassSums,
  smoothing: number,
): Estimates {
  const all = new Float64Array(dim);
  sums.forEach((value, at) => {
    all[at % dim]! += value;
  });
  const theta = Array.from(labels, (_, l) => {
    const others = all.map((value, t) => Math.max(0, value - sums[l * dim + t]!) + smoothing);
    const total = sum(others);
    // Nothing is known of other classes: no feature speaks for one.
    if (total === 0) return new DenseVector(new Float64Array(dim));
    return new DenseVector(others.map((value) => Math.log(total) - Math.log(value)));
  });
  return { theta };
}

/** ln (N_lj + s) - ln (W_l + 2 s), where N_lj is the weight of the rows of l that have feature j. */
export function presenceEstimates(
  { labels, weights, dim, sums }: ClassSums,
  smoothing: number,
): Estimates {
  const theta = Array.from(labels, (_, l) => {
    const total = Math.log(weights[l]! + 2 * smoothing);
    const own = sums.subarray(l * dim, (l + 1) * dim);
    return new DenseVector(own.map((value) => Math.log(value + smoothing) - total));
  });
  return { theta };
}

/**
 * Mean and variance by class. To each variance `varSmoothing` times the largest variance of a
 * feature over all rows is added, or `varSmoothing` itself where all features are constant.
 *
 * @throws DataError `ERR_GYRE_DATA` when a variance is 0 all the same.
 */
export function gaussianEstimates(moments: ClassMoments, varSmoothing: number): Estimates {
  const { dim, labels, weights, shift, offset, squares } = moments;
  const added = varSmoothing * (largestVariance(moments) || 1);
  const theta: DenseVector[] = [];
  const sigma: DenseVector[] = [];
  labels.forEach((label, l) => {
    const mean = new Float64Array(dim);
    const variance = new Float64Array(dim);
    for (let t = 0, at = l * dim; t < dim; t++, at++) {
      mean[t] = shift[at]! + offset[at]!;
      variance[t] = squares[at]! / weights[l]! + added;
      if (variance[t]! > 0 && variance[t]! < Number.POSITIVE_INFINITY) continue;
      throw new DataError(
        `NaiveBayes.fit: feature ${t} must have a finite variance > 0 in the rows of label ` +
          `${label}, got ${variance[t]}; see varSmoothing.`,
        { details: { feature: t, label, got: variance[t] } },
      );
    }
    theta.push(new DenseVector(mean));
    sigma.push(new DenseVector(variance));
  });
  return { theta, sigma };
}

/** The largest variance of a feature over the rows of all classes. */
function largestVariance({ dim, weights, shift, offset, squares }: ClassMoments): number {
  const total = sum(weights);
  let largest = 0;
  for (let t = 0; t < dim; t++) {
    // Distances of the means to that of the first class: equal means give an exact zero.
    const distance = (l: number) =>
      shift[l * dim + t]! - shift[t]! + (offset[l * dim + t]! - offset[t]!);
    const mean = weights.reduce(
      (running, weight, l) => running + (weight / total) * distance(l),
      0,
    );
    let about = 0;
    weights.forEach((weight, l) => {
      about += squares[l * dim + t]! + weight * (distance(l) - mean) ** 2;
    });
    largest = Math.max(largest, about / total);
  }
  return largest;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
