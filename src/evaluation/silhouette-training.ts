/**
 * The silhouette of clusters in two rounds: moments of every cluster, then the silhouettes of the
 * rows.
 *
 * With squared Euclidean distances, the mean distance of a point x to the points of a cluster is
 * ‖x - mean‖² + (the cluster's sum of squares about its mean) / its weight. That is exact: no pair of
 * points is looked at. The cosine distance is half the squared distance of the vectors at length 1,
 * and a silhouette does not change with the scale.
 */
import type { Training } from '../algorithm/training.js';
import { DataError } from '../core/errors.js';
import { type ClassMoments, classMoments, combineClassMoments } from '../stats/class-moments.js';
import { classesOf } from '../stats/classes.js';
import { DenseVectorColumn } from '../table/dense-vector-column.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';
import type { Table } from '../table/table.js';
import { weightsOf } from './evaluation.js';

export interface SilhouetteParams {
  /** The call and the column of features, for messages. */
  readonly who: string;
  readonly featuresCol: string;
  /** Whether distances are those of the vectors at length 1. */
  readonly isCosine: boolean;
}

/** The clusters, as the distances need them. */
export interface Clusters {
  readonly dim: number;
  /** The clusters of weight > 0, ascending. */
  readonly labels: Float64Array;
  readonly weights: Float64Array;
  /** `labels.length × dim`. */
  readonly means: Float64Array;
  /** The mean squared distance of a cluster's points to its mean. */
  readonly variances: Float64Array;
  /** ‖mean‖². */
  readonly norms: Float64Array;
}

export interface SilhouetteState {
  /** Null in the first round. */
  readonly clusters: Clusters | null;
  readonly silhouette: number;
}

/** Σ weight · silhouette of some rows, and Σ weight. */
interface SilhouetteSum {
  readonly sum: number;
  readonly weight: number;
}

type Partial = ClassMoments | SilhouetteSum;
type VectorColumn = DenseVectorColumn | SparseVectorColumn;

/** The training on columns `features`, `prediction` and perhaps `weight`. */
export function silhouetteTraining(params: SilhouetteParams): Training<SilhouetteState, Partial> {
  return {
    partial({ table, rowStart }, { clusters }) {
      const features = table.column('features', 'vector', 'sparseVector');
      if (clusters === null) requireFiniteRows(features, rowStart, params);
      const points = params.isCosine ? unitVectors(features, rowStart, params) : features;
      return clusters === null
        ? classMoments(points, classesOf(predictionsOf(table)), weightsOf(table))
        : sumSilhouettes(points, predictionsOf(table), weightsOf(table), clusters);
    },
    combine(a, b) {
      if ('dim' in a) return combineClassMoments(a, b as ClassMoments);
      const { sum, weight } = b as SilhouetteSum;
      return { sum: a.sum + sum, weight: a.weight + weight };
    },
    update({ clusters }, total) {
      if ('dim' in total) {
        const found = clustersOf(total);
        // One cluster has no silhouette: whoever asked for it says so.
        return {
          state: { clusters: found, silhouette: Number.NaN },
          done: found.labels.length < 2,
        };
      }
      return { state: { clusters, silhouette: total.sum / total.weight }, done: true };
    },
  };
}

function predictionsOf(table: Table): Float64Array {
  return table.column('prediction', 'float64').values;
}

function clustersOf({ dim, labels, weights, shift, offset, squares }: ClassMoments): Clusters {
  const kept = [...labels.keys()].filter((c) => weights[c]! > 0);
  const means = new Float64Array(kept.length * dim);
  const variances = new Float64Array(kept.length);
  const norms = new Float64Array(kept.length);
  kept.forEach((c, k) => {
    for (let t = 0; t < dim; t++) {
      const at = c * dim + t;
      const mean = shift[at]! + offset[at]!;
      means[k * dim + t] = mean;
      norms[k]! += mean * mean;
      variances[k]! += squares[at]! / weights[c]!;
    }
  });
  const pick = (values: Float64Array) => Float64Array.from(kept, (c) => values[c]!);
  return { dim, labels: pick(labels), weights: pick(weights), means, variances, norms };
}

function sumSilhouettes(
  points: VectorColumn,
  predictions: Float64Array,
  weights: Float64Array | null,
  clusters: Clusters,
): SilhouetteSum {
  const codes = new Map(Array.from(clusters.labels, (label, code) => [label, code]));
  const distanceTo =
    points.layout === 'dense' ? denseDistance(points, clusters) : sparseDistance(points, clusters);
  let [sum, total] = [0, 0];
  for (let row = 0; row < predictions.length; row++) {
    const weight = weights === null ? 1 : weights[row]!;
    if (weight === 0) continue;
    total += weight;
    const own = codes.get(predictions[row]!)!;
    const others = clusters.weights[own]! - weight;
    // A point that is alone in its cluster has the silhouette 0.
    if (others <= 0) continue;
    let nearest = Number.POSITIVE_INFINITY;
    for (let k = 0; k < clusters.labels.length; k++) {
      if (k !== own) nearest = Math.min(nearest, distanceTo(row, k));
    }
    // The mean over the cluster counts the point itself, at distance 0.
    const within = (distanceTo(row, own) * clusters.weights[own]!) / others;
    const larger = Math.max(within, nearest);
    if (larger > 0) sum += weight * ((nearest - within) / larger);
  }
  return { sum, weight: total };
}

/** The mean squared distance of a row to the points of a cluster. */
type Distance = (row: number, cluster: number) => number;

function denseDistance(
  { values, dim }: DenseVectorColumn,
  { means, variances }: Clusters,
): Distance {
  return (row, k) => {
    let distance = variances[k]!;
    for (let t = 0; t < dim; t++) {
      const d = values[row * dim + t]! - means[k * dim + t]!;
      distance += d * d;
    }
    return distance;
  };
}

/** ‖x - m‖² = ‖m‖² + Σ x(x - 2m) over what is stored of x. */
function sparseDistance(
  { offsets, indices, values }: SparseVectorColumn,
  { dim, means, variances, norms }: Clusters,
): Distance {
  return (row, k) => {
    let distance = norms[k]!;
    for (let e = offsets[row]!; e < offsets[row + 1]!; e++) {
      const x = values[e]!;
      distance += x * (x - 2 * means[k * dim + indices[e]!]!);
    }
    return Math.max(0, distance) + variances[k]!;
  };
}

/** The vectors at length 1. */
function unitVectors(
  column: VectorColumn,
  rowStart: number,
  { who, featuresCol }: SilhouetteParams,
): VectorColumn {
  const { length } = column;
  const values = new Float64Array(column.values);
  for (let row = 0; row < length; row++) {
    const [start, end] = rangeOf(column, row);
    // Entries relative to the largest one: no square overflows or vanishes.
    let largest = 0;
    for (let e = start; e < end; e++) largest = Math.max(largest, Math.abs(values[e]!));
    if (largest === 0) {
      throw new DataError(
        `${who}: column "${featuresCol}" must not have vectors of zeros, which have no cosine ` +
          `distance, got one in row ${rowStart + row}.`,
        { details: { who, column: featuresCol, row: rowStart + row } },
      );
    }
    let squares = 0;
    for (let e = start; e < end; e++) squares += (values[e]! / largest) ** 2;
    const norm = Math.sqrt(squares);
    for (let e = start; e < end; e++) values[e] = values[e]! / largest / norm;
  }
  return column.layout === 'dense'
    ? new DenseVectorColumn(values, column.dim, length)
    : new SparseVectorColumn(column.size, column.offsets, column.indices, values);
}

/** Where in its values a column has a row. */
function rangeOf(column: VectorColumn, row: number): readonly [number, number] {
  return column.layout === 'dense'
    ? [row * column.dim, (row + 1) * column.dim]
    : [column.offsets[row]!, column.offsets[row + 1]!];
}

function requireFiniteRows(
  column: VectorColumn,
  rowStart: number,
  { who, featuresCol }: SilhouetteParams,
): void {
  const { values } = column;
  for (let row = 0; row < column.length; row++) {
    const [start, end] = rangeOf(column, row);
    for (let e = start; e < end; e++) {
      if (Number.isFinite(values[e])) continue;
      throw new DataError(
        `${who}: column "${featuresCol}" must be finite, got ${values[e]} in row ${rowStart + row}.`,
        { details: { who, column: featuresCol, row: rowStart + row, got: values[e] } },
      );
    }
  }
}
