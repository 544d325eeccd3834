/** The linear predictors of rows: what a linear model predicts by. */
import type { KernelScope } from '../algorithm/training.js';
import { addressOf, toScratch } from '../stage/kernel-data.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';

/** Weights of a linear model, plain data. */
export interface LinearWeights {
  /** classes × dim, row-major. */
  readonly coefficient: Float64Array;
  /** One for each class; null: 0. */
  readonly intercept: Float64Array | null;
  /** Rows of weights. */
  readonly classes: number;
}

/** Bytes of features that several classes read one after the other: they stay in the cache. */
const BLOCK_BYTES = 1 << 17;

/**
 * Margins x·wₖ + bₖ of all rows, class after class: that of row r and class k is entry k · rows + r.
 * NaN where a feature is. A row's margins do not depend on the other rows. A view of scratch
 * memory, for which the caller is inside `withScratch`.
 */
export function marginsOf(
  column: DenseVectorColumn | SparseVectorColumn,
  { coefficient, intercept, classes }: LinearWeights,
  scope: KernelScope,
): Float64Array {
  const rows = column.length;
  const weights = toScratch(scope, coefficient);
  const out = scope.arena.scratch(classes * rows * 8);
  if (column.layout === 'dense') denseMargins(column, weights, classes, out, scope);
  else sparseMargins(column, weights, classes, out, scope);
  const margins = scope.arena.f64(out, classes * rows);
  if (intercept === null) return margins;
  for (let k = 0; k < classes; k++) {
    const b = intercept[k]!;
    for (let i = k * rows; i < (k + 1) * rows; i++) margins[i]! += b;
  }
  return margins;
}

function denseMargins(
  { values, dim, length }: DenseVectorColumn,
  weights: number,
  classes: number,
  out: number,
  scope: KernelScope,
): void {
  const kernel = scope.kernels.exports.denseMargins;
  const from = addressOf(values, scope);
  const blockRows =
    classes === 1 ? length : Math.max(1, Math.floor(BLOCK_BYTES / (8 * Math.max(1, dim))));
  for (let row = 0; row < length; row += blockRows) {
    const rows = Math.min(blockRows, length - row);
    for (let k = 0; k < classes; k++) {
      const at = out + (k * length + row) * 8;
      kernel(rows, dim, from + row * dim * 8, weights + k * dim * 8, at);
    }
  }
}

function sparseMargins(
  { offsets, indices, values, size, length }: SparseVectorColumn,
  weights: number,
  classes: number,
  out: number,
  scope: KernelScope,
): void {
  const kernel = scope.kernels.exports.sparseMargins;
  const starts = addressOf(offsets, scope);
  // Of a slice, only its own entries: offsets count from the first entry of the whole.
  const [first, last] = [offsets[0]!, offsets[length]!];
  const at = addressOf(indices.subarray(first, last), scope) - first * 4;
  const of = addressOf(values.subarray(first, last), scope) - first * 8;
  for (let k = 0; k < classes; k++) {
    kernel(length, starts, at, of, weights + k * size * 8, out + k * length * 8);
  }
}
