/** What neighbours say: a majority of labels, or a mean. */
import { float64 } from '../table/buffers.js';
import type { Neighbours } from './neighbours.js';

/** How much a neighbour counts. */
export type NeighbourWeighting = 'uniform' | 'distance';

/** Labels as classes: the distinct ones, ascending, and which of them each row has. */
export interface LabelClasses {
  readonly labels: Float64Array;
  readonly classOfRow: Int32Array;
}

export function classesOf(labels: Float64Array): LabelClasses {
  // Numbers that are equal are one class: 0 and -0 are.
  const distinct = Float64Array.from(new Set(labels)).sort();
  const classes = new Map(Array.from(distinct, (label, i) => [label, i]));
  return { labels: distinct, classOfRow: Int32Array.from(labels, (label) => classes.get(label)!) };
}

/** Predicted labels, and each class's share of the weights where it is wanted. */
export interface Votes {
  readonly labels: Float64Array;
  /** A row of as many shares as there are classes for each query; null where not wanted. */
  readonly shares: Float64Array | null;
}

/**
 * The weight of neighbour `i` of the query whose first one is at `first`: 1, or 1/distance relative
 * to that of the nearest one, so that it cannot overflow. Where some are at distance 0, these have
 * weight 1 and all others 0.
 */
function weightOf(
  { distances }: Neighbours,
  weighting: NeighbourWeighting,
  first: number,
  i: number,
): number {
  if (weighting === 'uniform' || distances[i] === distances[first]) return 1;
  return distances[first]! / distances[i]!;
}

/**
 * Takes the votes of the neighbours of each query: the label with the largest sum of weights. Of
 * equal sums, the label whose farthest neighbour is the nearest.
 */
export function vote(
  neighbours: Neighbours,
  { labels, classOfRow }: LabelClasses,
  weighting: NeighbourWeighting,
  wantsShares: boolean,
): Votes {
  const { k, indices } = neighbours;
  const rows = indices.length / k;
  const classes = labels.length;
  const predicted = float64(rows);
  const shares = wantsShares ? float64(rows * classes) : null;
  const sums = new Float64Array(classes);
  const farthest = new Int32Array(classes);
  for (let row = 0, first = 0; row < rows; row++, first += k) {
    let total = 0;
    for (let i = first; i < first + k; i++) {
      const label = classOfRow[indices[i]!]!;
      const weight = weightOf(neighbours, weighting, first, i);
      sums[label]! += weight;
      total += weight;
      farthest[label] = i;
    }
    let best = classOfRow[indices[first]!]!;
    for (let i = first; i < first + k; i++) {
      const label = classOfRow[indices[i]!]!;
      const isTie = sums[label] === sums[best];
      if (sums[label]! > sums[best]! || (isTie && farthest[label]! < farthest[best]!)) best = label;
    }
    predicted[row] = labels[best]!;
    for (let i = first; i < first + k; i++) {
      const label = classOfRow[indices[i]!]!;
      if (shares !== null && sums[label]! > 0) shares[row * classes + label] = sums[label]! / total;
    }
    for (let i = first; i < first + k; i++) sums[classOfRow[indices[i]!]!] = 0;
  }
  return { labels: predicted, shares };
}

/** The weighted mean of the labels of the neighbours of each query, added up from the nearest on. */
export function meanLabels(
  neighbours: Neighbours,
  labels: Float64Array,
  weighting: NeighbourWeighting,
): Float64Array {
  const { k, indices } = neighbours;
  const means = float64(indices.length / k);
  for (let row = 0, first = 0; row < means.length; row++, first += k) {
    let sum = 0;
    let total = 0;
    for (let i = first; i < first + k; i++) {
      const weight = weightOf(neighbours, weighting, first, i);
      sum += weight * labels[indices[i]!]!;
      total += weight;
    }
    means[row] = sum / total;
  }
  return means;
}
