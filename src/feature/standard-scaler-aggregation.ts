/** Mean and standard deviation of every entry of a column of vectors, in one pass over shards. */
import type { Aggregation, KernelScope } from '../algorithm/training.js';
import { addressOf, withScratch, zeros } from '../stage/kernel-data.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';

export interface StandardScalerAggregationParams {
  readonly inputCol: string;
}

/**
 * Of some rows, by entry of the vectors. The mean is shift + offset: two numbers, because means of
 * shards differ by far less than one number near a large mean can tell.
 */
export interface Moments {
  readonly rows: number;
  readonly shift: Float64Array;
  readonly offset: Float64Array;
  /** Σ(x - mean)². */
  readonly squares: Float64Array;
}

/** What the aggregation gives, by entry of the vectors. */
export interface MeanAndStd {
  readonly mean: Float64Array;
  readonly std: Float64Array;
}

/** The aggregation that `StandardScaler.fit` runs on the workers. */
export function standardScalerAggregation({
  inputCol,
}: StandardScalerAggregationParams): Aggregation<Moments, MeanAndStd> {
  return {
    partial(shard, scope) {
      const column = shard.table.column(inputCol, 'vector', 'sparseVector');
      return column.layout === 'dense' ? denseMoments(column, scope) : sparseMoments(column, scope);
    },

    /** Chan, Golub and LeVeque 1983, equation 1.5: equal means add nothing, so constants stay. */
    combine(a, b) {
      const rows = a.rows + b.rows;
      for (let t = 0; t < a.shift.length; t++) {
        const delta = b.shift[t]! - a.shift[t]! + (b.offset[t]! - a.offset[t]!);
        a.squares[t]! += b.squares[t]! + delta * delta * ((a.rows * b.rows) / rows);
        a.offset[t]! += delta * (b.rows / rows);
      }
      return { ...a, rows };
    },

    result({ rows, shift, offset, squares }) {
      const mean = shift.map((value, t) => value + offset[t]!);
      const std = new Float64Array(mean.length);
      for (let t = 0; t < mean.length; t++) {
        // NaN, infinities and overflow end here, whatever they met on their way up the tree.
        if (!Number.isFinite(mean[t])) mean[t] = Number.NaN;
        if (rows === 1) continue;
        const variance = squares[t]! / (rows - 1);
        std[t] = Number.isFinite(mean[t]! + variance) ? Math.sqrt(variance) : Number.NaN;
      }
      return { mean, std };
    },
  };
}

function denseMoments(column: DenseVectorColumn, scope: KernelScope): Moments {
  const { length: rows, dim } = column;
  return withScratch(scope, () => {
    const { arena, kernels } = scope;
    const sumsAt = zeros(scope, dim);
    const squaresAt = zeros(scope, dim);
    // The first row is the shift: differences to it do not cancel, and those of a constant are 0.
    const points = addressOf(column.values, scope);
    kernels.exports.columnMoments(rows, dim, points, points, sumsAt, squaresAt);
    const sums = arena.f64(sumsAt, dim);
    const offset = sums.map((sum) => sum / rows);
    const squares = arena.f64(squaresAt, dim).map((square, t) => aboutMean(square, sums[t]!, rows));
    return { rows, shift: Float64Array.from(column.values.subarray(0, dim)), offset, squares };
  });
}

/** Entries that are not stored are zeros: they are counted, not visited. */
function sparseMoments(column: SparseVectorColumn, scope: KernelScope): Moments {
  const { length: rows, size, indices, values } = column;
  return withScratch(scope, () => {
    const { arena, kernels } = scope;
    const at = zeros(scope, 4 * size);
    const [indicesAt, valuesAt] = [addressOf(indices, scope), addressOf(values, scope)];
    kernels.exports.sparseMoments(values.length, indicesAt, valuesAt, at);
    const moments = arena.f64(at, 4 * size);
    const shift = new Float64Array(size);
    const offset = new Float64Array(size);
    const squares = new Float64Array(size);
    for (let t = 0; t < size; t++) {
      const count = moments[4 * t + 1]!;
      if (count === 0) continue;
      const [first, sum] = [moments[4 * t]!, moments[4 * t + 2]!];
      squares[t] = aboutMean(moments[4 * t + 3]!, sum, count);
      if (count === rows) {
        shift[t] = first;
        offset[t] = sum / count;
      } else {
        const stored = first + sum / count;
        const share = count / rows;
        offset[t] = stored * share;
        squares[t]! += stored * stored * share * (rows - count);
      }
    }
    return { rows, shift, offset, squares };
  });
}

/** Σ(x - mean)² of the sums about a shift; not below zero by a rounding error, NaN stays. */
function aboutMean(squares: number, sum: number, n: number): number {
  return Math.max(0, squares - (sum * sum) / n);
}
