/** What a shard's rows are like, before anything is learned of them. */
import type { KernelScope } from '../algorithm/training.js';
import { DataError } from '../core/errors.js';
import type { Shard } from '../engine/shard.js';
import { addressOf, toScratch, withScratch, zeros } from '../stage/kernel-data.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { requireFiniteRows } from './finite-rows.js';
import { type LossParams, type LossRows, lossRows } from './loss.js';
import { addProducts, type SampleProducts, sampleProducts } from './quasi-newton-sample.js';

export interface MomentsParams {
  /** The call, for messages: `'LinearSVC.fit'`. */
  readonly who: string;
  readonly loss: LossParams;
  /** One value for each feature: sums are of differences to it. */
  readonly shift: Float64Array;
  /** Every so many rows, one is looked at more closely; 0: none. */
  readonly sampleEvery: number;
}

/** Sums over some rows, each times the row's weight w. */
export interface FeatureMoments {
  /** Σ w. */
  weight: number;
  /** Σ w·(x - shift) and Σ w·(x - shift)², by feature. */
  readonly sums: Float64Array;
  readonly squares: Float64Array;
  /** Σ w by class, [0] and [1] of losses of one margin; of `squared`, Σ w·y alone. */
  readonly labels: Float64Array;
  /** What some of the rows tell of how features go together; null: nothing. */
  readonly sample: SampleProducts | null;
}

/** Rows of 32-bit floats that are widened at a time. */
const WIDENED_ROWS = 64;

/**
 * Sums over a shard.
 *
 * @throws DataError `ERR_GYRE_DATA` for features, labels or weights that are not finite, and labels
 *   and weights that the loss does not know, naming the row.
 */
export function featureMoments(
  shard: Shard,
  params: MomentsParams,
  scope: KernelScope,
): FeatureMoments {
  const { who, loss, shift } = params;
  const { numRows } = shard.table;
  const rows = lossRows(shard, 0, numRows, loss);
  const labels = labelSums(shard, params, rows);
  const weight = rows.weights === null ? numRows : rows.weights.reduce((sum, w) => sum + w, 0);
  const { features } = rows;
  const { sums, squares } =
    features.layout === 'dense'
      ? denseMoments(features, rows.weights, shift, scope)
      : sparseMoments(features, rows.weights);
  if (![sums, squares].every((values) => values.every(Number.isFinite))) {
    requireFiniteRows(who, shard, loss.featuresCol, 0, numRows, scope);
    throw new DataError(
      `${who}: column "${loss.featuresCol}" has values or weights too large to be squared; ` +
        'scale them.',
      { details: { who, column: loss.featuresCol } },
    );
  }
  return { weight, sums, squares, labels, sample: sampleProducts(shard, rows, params, scope) };
}

export function addMoments(a: FeatureMoments, b: FeatureMoments): FeatureMoments {
  for (const name of ['sums', 'squares', 'labels'] as const) {
    for (let i = 0; i < a[name].length; i++) a[name][i]! += b[name][i]!;
  }
  a.weight += b.weight;
  if (a.sample !== null) addProducts(a.sample, b.sample!);
  return a;
}

type Sums = Pick<FeatureMoments, 'sums' | 'squares'>;

function denseMoments(
  { values, dim, length }: DenseVectorColumn,
  weights: Float64Array | null,
  shift: Float64Array,
  scope: KernelScope,
): Sums {
  const { arena, kernels } = scope;
  const { columnMoments, weightedMoments, f32ToF64 } = kernels.exports;
  return withScratch(scope, () => {
    const from = toScratch(scope, shift);
    const [sums, squares] = [zeros(scope, dim), zeros(scope, dim)];
    const add = (n: number, first: number, x: number) => {
      if (weights === null) columnMoments(n, dim, x, from, sums, squares);
      else {
        const at = addressOf(weights.subarray(first, first + n), scope);
        weightedMoments(n, dim, x, at, from, sums, squares);
      }
    };
    const x = addressOf(values, scope);
    if (values instanceof Float64Array) add(length, 0, x);
    else {
      const wide = arena.scratch(WIDENED_ROWS * dim * 8);
      for (let first = 0; first < length; first += WIDENED_ROWS) {
        const n = Math.min(WIDENED_ROWS, length - first);
        f32ToF64(n * dim, x + first * dim * 4, wide);
        add(n, first, wide);
      }
    }
    return { sums: arena.f64(sums, dim).slice(), squares: arena.f64(squares, dim).slice() };
  });
}

/** The shift is 0, as are entries that are not stored. */
function sparseMoments(column: SparseVectorColumn, weights: Float64Array | null): Sums {
  const { offsets, indices, values, size, length } = column;
  const sums = new Float64Array(size);
  const squares = new Float64Array(size);
  for (let row = 0; row < length; row++) {
    const weight = weights === null ? 1 : weights[row]!;
    const end = offsets[row + 1]!;
    for (let e = offsets[row]!; e < end; e++) {
      const [t, x] = [indices[e]!, values[e]!];
      sums[t]! += weight * x;
      squares[t]! += weight * x * x;
    }
  }
  return { sums, squares };
}

function labelSums(shard: Shard, { who, loss }: MomentsParams, rows: LossRows): Float64Array {
  const { labels, weights } = rows;
  const classes = loss.loss === 'multinomial' ? loss.classes : 2;
  const isNumber = loss.loss === 'squared';
  const sums = new Float64Array(isNumber ? 1 : classes);
  for (let row = 0; row < labels.length; row++) {
    const y = labels[row]!;
    const weight = weights === null ? 1 : weights[row]!;
    if (!(weight >= 0 && weight < Infinity)) {
      throw unfit(who, loss.weightCol!, 'be finite numbers >= 0', weight, shard.rowStart + row);
    }
    if (isNumber) {
      if (!Number.isFinite(y)) {
        throw unfit(who, loss.labelCol, 'be finite', y, shard.rowStart + row);
      }
      sums[0]! += weight * y;
    } else {
      if (!(Number.isInteger(y) && y >= 0 && y < classes)) {
        const range = `be integers in [0, ${classes})`;
        throw unfit(who, loss.labelCol, range, y, shard.rowStart + row);
      }
      sums[y]! += weight;
    }
  }
  return sums;
}

function unfit(who: string, column: string, what: string, got: number, row: number): DataError {
  return new DataError(`${who}: column "${column}" must ${what}, got ${got} in row ${row}.`, {
    details: { who, column, got, row },
  });
}
