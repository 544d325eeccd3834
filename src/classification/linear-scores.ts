/** Scores of labels that are sums over features: of counts, and of presences. */
import type { KernelScope } from '../algorithm/training.js';
import { addressOf, toScratch, withScratch } from '../stage/kernel-data.js';
import { DenseVectorColumn } from '../table/dense-vector-column.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';
import type { DenseVector } from '../table/vector.js';
import type { LabelScorer, LabelScores } from './label-scores.js';
import type { NaiveBayesModelData } from './naive-bayes-data.js';

type Features = DenseVectorColumn | SparseVectorColumn;

/** Rows of a block: what the kernels read again for each label stays in the cache. */
const BLOCK_VALUES = 1 << 15;

/** A score b_l + Σ_t x_t w_lt for each label l. */
export interface LinearScores {
  readonly intercepts: Float64Array;
  readonly weights: readonly Float64Array[];
}

/** ln P(l) + Σ_t x_t θ_lt, for counts. */
export class CountScorer implements LabelScorer {
  readonly #linear: LinearScores;
  readonly #isFinite: boolean;

  constructor({ theta, piArray }: NaiveBayesModelData) {
    const weights = (theta as readonly DenseVector[]).map(({ values }) => values);
    this.#linear = { intercepts: piArray.values, weights };
    this.#isFinite = weights.every((values) => values.every(Number.isFinite));
  }

  get workPerEntry(): number {
    return this.#linear.weights.length;
  }

  score(features: Features, scope: KernelScope): LabelScores {
    const { intercepts, weights } = this.#linear;
    const scores = this.#isFinite
      ? linearScores(features, this.#linear, scope)
      : // 0 · ln 0 is 0 here: a feature that does not occur says nothing.
        termScores(features, intercepts, (l, t, x) => (x === 0 ? 0 : x * weights[l]![t]!));
    return { scores, unseen: [], takesUnseen: false };
  }

  best(features: Features, scope: KernelScope): Int32Array | null {
    return this.#isFinite && features.layout === 'dense'
      ? bestOfLinear(features, this.#linear, false, scope)
      : null;
  }
}

/** ln P(l) + Σ_t ln p_lt for the features that are there, ln (1 - p_lt) for the others. */
export class PresenceScorer implements LabelScorer {
  readonly #priors: Float64Array;
  readonly #present: readonly Float64Array[];
  readonly #absent: readonly Float64Array[];
  /** Null: some feature is always or never there. */
  readonly #linear: LinearScores | null;

  constructor({ theta, piArray }: NaiveBayesModelData) {
    this.#priors = piArray.values;
    this.#present = (theta as readonly DenseVector[]).map(({ values }) => values);
    this.#absent = this.#present.map((logs) => logs.map((log) => Math.log1p(-Math.exp(log))));
    const areFinite = [...this.#present, ...this.#absent].every((logs) =>
      logs.every(Number.isFinite),
    );
    this.#linear = areFinite
      ? {
          intercepts: this.#priors.map((prior, l) =>
            this.#absent[l]!.reduce((sum, log) => sum + log, prior),
          ),
          weights: this.#present.map((logs, l) => logs.map((log, t) => log - this.#absent[l]![t]!)),
        }
      : null;
  }

  get workPerEntry(): number {
    return this.#present.length + 1;
  }

  score(features: Features, scope: KernelScope): LabelScores {
    const [present, absent] = [this.#present, this.#absent];
    const scores =
      this.#linear === null
        ? termScores(features, this.#priors, (l, t, x) => (x > 0 ? present : absent)[l]![t]!)
        : linearScores(presencesOf(features), this.#linear, scope);
    return { scores, unseen: [], takesUnseen: false };
  }

  best(features: Features, scope: KernelScope): Int32Array | null {
    if (this.#linear === null || features.layout === 'sparse') return null;
    return bestOfLinear(features, this.#linear, true, scope);
  }
}

/** 1 where a stored value is above 0, else 0. */
function presencesOf(features: Features): Features {
  const values = new Float64Array(features.values.length);
  for (let at = 0; at < values.length; at++) if (features.values[at]! > 0) values[at] = 1;
  if (features.layout === 'dense') {
    return new DenseVectorColumn(values, features.dim, features.length);
  }
  const { size, offsets, indices } = features;
  return new SparseVectorColumn(size, offsets, indices, values);
}

/** The label of the highest score of each row: what assigns points to centroids, with other biases. */
function bestOfLinear(
  features: DenseVectorColumn,
  { intercepts, weights }: LinearScores,
  presence: boolean,
  scope: KernelScope,
): Int32Array {
  return withScratch(scope, () => {
    const { arena, kernels } = scope;
    const { packCentroids, assign } = kernels.exports;
    const { dim, length } = features;
    const width = weights.length;
    const padded = Math.ceil(width / 4) * 4;
    const rows = Float64Array.from({ length: width * dim }, (_, at) => {
      return weights[Math.floor(at / dim)]![at % dim]!;
    });
    const panels = arena.scratch(padded * dim * 8);
    const bias = arena.scratch(padded * 8);
    packCentroids(width, dim, toScratch(scope, rows), panels, bias);
    arena.f64(bias, width).set(intercepts);
    const best = arena.scratch(length * 4);
    const blockRows = presence
      ? Math.min(length, Math.max(1, Math.floor(BLOCK_VALUES / dim)))
      : length;
    const blockAt = presence ? presenceBlocks(features, blockRows, scope) : null;
    for (let start = 0; start < length; start += blockRows) {
      const count = Math.min(blockRows, length - start);
      const points = blockAt?.(start, count) ?? addressOf(features.values, scope);
      assign(count, dim, width, points, panels, bias, best + start * 4, 0);
    }
    return arena.i32(best, length).slice();
  });
}

/** Where a block of rows lies with 1 for each value above 0; the next block takes its place. */
function presenceBlocks(
  { values, dim }: DenseVectorColumn,
  most: number,
  scope: KernelScope,
): (start: number, rows: number) => number {
  const block = scope.arena.scratch(most * dim * 8);
  return (start, rows) => {
    const matrix = scope.arena.f64(block, rows * dim);
    const first = start * dim;
    for (let at = 0; at < matrix.length; at++) matrix[at] = values[first + at]! > 0 ? 1 : 0;
    return block;
  };
}

/** Scores of all labels, `rows × labels`. */
function linearScores(features: Features, linear: LinearScores, scope: KernelScope): Float64Array {
  const { intercepts, weights } = linear;
  const width = weights.length;
  const scores = new Float64Array(features.length * width);
  const perRow = Math.max(1, features.values.length / Math.max(1, features.length));
  const blockRows = Math.max(1, Math.floor(BLOCK_VALUES / perRow));
  withScratch(scope, () => {
    const weightsAt = weights.map((values) => toScratch(scope, values));
    const margins = scope.arena.scratch(Math.min(blockRows, features.length) * 8);
    const marginsOf = marginsFrom(features, scope);
    for (let start = 0; start < features.length; start += blockRows) {
      const rows = Math.min(blockRows, features.length - start);
      for (let l = 0; l < width; l++) {
        marginsOf(start, rows, weightsAt[l]!, margins);
        const found = scope.arena.f64(margins, rows);
        for (let i = 0, at = start * width + l; i < rows; i++, at += width) {
          scores[at] = intercepts[l]! + found[i]!;
        }
      }
    }
  });
  return scores;
}

/** The kernel that gives x·w of a block of rows, over the arrays of a column. */
function marginsFrom(features: Features, scope: KernelScope) {
  const { denseMargins, sparseMargins } = scope.kernels.exports;
  const values = addressOf(features.values, scope);
  if (features.layout === 'dense') {
    const { dim } = features;
    return (start: number, rows: number, weights: number, margins: number) =>
      denseMargins(rows, dim, values + start * dim * 8, weights, margins);
  }
  const offsets = addressOf(features.offsets, scope);
  const indices = addressOf(features.indices, scope);
  return (start: number, rows: number, weights: number, margins: number) =>
    sparseMargins(rows, offsets + start * 4, indices, values, weights, margins);
}

/** Scores as sums of any terms, one for each entry of a row, stored or not. */
function termScores(
  features: Features,
  intercepts: Float64Array,
  term: (l: number, t: number, x: number) => number,
): Float64Array {
  const width = intercepts.length;
  const scores = new Float64Array(features.length * width);
  for (let row = 0; row < features.length; row++) {
    const x = features.get(row)!.toDense().values;
    for (let l = 0; l < width; l++) {
      let score = intercepts[l]!;
      for (let t = 0; t < x.length; t++) score += term(l, t, x[t]!);
      scores[row * width + l] = score;
    }
  }
  return scores;
}
