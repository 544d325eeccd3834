/** Scores of labels by normal distributions of features. */
import type { KernelScope } from '../algorithm/training.js';
import { addressOf, toScratch, withScratch } from '../stage/kernel-data.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import type { DenseVector } from '../table/vector.js';
import type { LabelScorer, LabelScores } from './label-scores.js';
import type { NaiveBayesModelData } from './naive-bayes-data.js';

/** Values of a block of rows, which the kernels read again for each label: they stay in the cache. */
const BLOCK_VALUES = 1 << 13;

/** ln P(l) - ½ Σ_t ln (2π σ²_lt) - ½ Σ_t (x_t - μ_lt)² / σ²_lt. */
export class GaussianScorer implements LabelScorer {
  readonly #dim: number;
  readonly #intercepts: Float64Array;
  readonly #means: readonly Float64Array[];
  /** 1 / σ. */
  readonly #scales: readonly Float64Array[];

  constructor({ theta, sigma, piArray }: NaiveBayesModelData) {
    this.#means = (theta as readonly DenseVector[]).map(({ values }) => values);
    this.#dim = this.#means[0]!.length;
    this.#scales = sigma!.map(({ values }) => values.map((variance) => 1 / Math.sqrt(variance)));
    this.#intercepts = piArray.values.map((prior, l) => {
      const { values } = sigma![l]!;
      return prior - values.reduce((sum, v) => sum + Math.log(2 * Math.PI * v), 0) / 2;
    });
  }

  get workPerEntry(): number {
    return 2 * this.#means.length;
  }

  score(features: DenseVectorColumn | SparseVectorColumn, scope: KernelScope): LabelScores {
    const [dim, width] = [this.#dim, this.#means.length];
    const scores = new Float64Array(features.length * width);
    const blockRows = Math.max(1, Math.floor(BLOCK_VALUES / dim));
    withScratch(scope, () => {
      const { arena, kernels } = scope;
      const { scaleRows, squaredNorms } = kernels.exports;
      const means = this.#means.map((values) => toScratch(scope, values));
      const scales = this.#scales.map((values) => toScratch(scope, values));
      const most = Math.min(blockRows, features.length);
      const scaled = arena.scratch(most * dim * 8);
      const norms = arena.scratch(most * 8);
      const blockAt = denseBlocks(features, most, scope);
      for (let start = 0; start < features.length; start += blockRows) {
        const rows = Math.min(blockRows, features.length - start);
        const block = blockAt(start, rows);
        for (let l = 0; l < width; l++) {
          scaleRows(rows, dim, block, means[l]!, scales[l]!, scaled);
          squaredNorms(rows, dim, scaled, norms);
          const found = arena.f64(norms, rows);
          for (let i = 0, at = start * width + l; i < rows; i++, at += width) {
            scores[at] = this.#intercepts[l]! - found[i]! / 2;
          }
        }
      }
    });
    return { scores, unseen: [], takesUnseen: false };
  }
}

/** Where a block of rows lies as a dense matrix; sparse ones are written out block by block. */
function denseBlocks(
  features: DenseVectorColumn | SparseVectorColumn,
  most: number,
  scope: KernelScope,
): (start: number, rows: number) => number {
  if (features.layout === 'dense') {
    const values = addressOf(features.values, scope);
    return (start) => values + start * features.dim * 8;
  }
  const { size, offsets, indices, values } = features;
  const block = scope.arena.scratch(most * size * 8);
  return (start, rows) => {
    const matrix = scope.arena.f64(block, rows * size);
    matrix.fill(0);
    for (let i = 0; i < rows; i++) {
      for (let e = offsets[start + i]!; e < offsets[start + i + 1]!; e++) {
        matrix[i * size + indices[e]!] = values[e]!;
      }
    }
    return block;
  };
}
