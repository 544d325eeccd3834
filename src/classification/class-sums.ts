/** Sums of every feature by class: what naive Bayes of counts and of presences learns. */
import type { Aggregation, KernelScope } from '../algorithm/training.js';
import { addressOf, withScratch, zeros } from '../stage/kernel-data.js';
import { type Classes, classesOf, mergeAscending } from '../stats/classes.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { requireCounts, requireFiniteEntries } from './feature-checks.js';
import { labeledRows } from './labeled-rows.js';
import { weightsOfClasses } from './weights-of-classes.js';

/** Of some rows. */
export interface ClassSums {
  /** Ascending. */
  readonly labels: Float64Array;
  /** The weight of the rows of each label. */
  readonly weights: Float64Array;
  readonly dim: number;
  /** `labels.length × dim`. */
  readonly sums: Float64Array;
}

export interface ClassSumsParams {
  /** The column of features, for messages. */
  readonly featuresCol: string;
  /** Whether a value above 0 counts 1 and any other 0. */
  readonly presence: boolean;
}

/** The aggregation that `NaiveBayes.fit` runs on the workers for features that are counts. */
export function classSums(params: ClassSumsParams): Aggregation<ClassSums, ClassSums> {
  return {
    partial(shard, scope) {
      const { features, labels, rowWeights } = labeledRows(shard.table);
      const check = params.presence ? requireFiniteEntries : requireCounts;
      check('NaiveBayes.fit', shard, params.featuresCol, features, scope);
      const classes = classesOf(labels);
      return {
        labels: classes.labels,
        weights: weightsOfClasses(classes, rowWeights),
        dim: features.layout === 'dense' ? features.dim : features.size,
        sums: sumsOf(features, classes, rowWeights, params.presence, scope),
      };
    },
    combine: combineSums,
    result: (total) => total,
  };
}

function sumsOf(
  features: DenseVectorColumn | SparseVectorColumn,
  classes: Classes,
  rowWeights: Float64Array | null,
  presence: boolean,
  scope: KernelScope,
): Float64Array {
  if (features.layout === 'sparse') return sparseSums(features, classes, rowWeights, presence);
  if (rowWeights === null && !presence) return kernelSums(features, classes, scope);
  return denseSums(features, classes, rowWeights, presence);
}

function kernelSums(
  { values, dim, length }: DenseVectorColumn,
  { labels, codes }: Classes,
  scope: KernelScope,
): Float64Array {
  return withScratch(scope, () => {
    const sums = zeros(scope, labels.length * dim);
    const counts = zeros(scope, labels.length);
    const [points, codesAt] = [addressOf(values, scope), addressOf(codes, scope)];
    scope.kernels.exports.accumulate(length, dim, points, codesAt, sums, counts);
    return scope.arena.f64(sums, labels.length * dim).slice();
  });
}

function denseSums(
  { values, dim, length }: DenseVectorColumn,
  { labels, codes }: Classes,
  rowWeights: Float64Array | null,
  presence: boolean,
): Float64Array {
  const sums = new Float64Array(labels.length * dim);
  for (let row = 0, at = 0; row < length; row++) {
    const weight = rowWeights === null ? 1 : rowWeights[row]!;
    const first = codes[row]! * dim;
    for (let to = first; to < first + dim; to++, at++) {
      const value = values[at]!;
      sums[to]! += presence ? (value > 0 ? weight : 0) : weight * value;
    }
  }
  return sums;
}

function sparseSums(
  { offsets, indices, values, size }: SparseVectorColumn,
  { labels, codes }: Classes,
  rowWeights: Float64Array | null,
  presence: boolean,
): Float64Array {
  const sums = new Float64Array(labels.length * size);
  for (let row = 0; row < codes.length; row++) {
    const weight = rowWeights === null ? 1 : rowWeights[row]!;
    const first = codes[row]! * size;
    for (let e = offsets[row]!; e < offsets[row + 1]!; e++) {
      const value = values[e]!;
      sums[first + indices[e]!]! += presence ? (value > 0 ? weight : 0) : weight * value;
    }
  }
  return sums;
}

function combineSums(a: ClassSums, b: ClassSums): ClassSums {
  const { dim } = a;
  const { union, ofA, ofB } = mergeAscending(a.labels, b.labels);
  const weights = new Float64Array(union.length);
  const sums = new Float64Array(union.length * dim);
  const add = (from: ClassSums, places: Int32Array) => {
    places.forEach((to, code) => {
      weights[to]! += from.weights[code]!;
      for (let t = 0; t < dim; t++) sums[to * dim + t]! += from.sums[code * dim + t]!;
    });
  };
  add(a, ofA);
  add(b, ofB);
  return { labels: union, weights, dim, sums };
}
