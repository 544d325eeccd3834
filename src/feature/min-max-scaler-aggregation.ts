/** Minima and maxima of every entry of a column of vectors, in one pass over shards. */
import type { Aggregation, KernelScope } from '../algorithm/training.js';
import { addressOf, toScratch, withScratch } from '../stage/kernel-data.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';

export interface MinMaxAggregationParams {
  readonly inputCol: string;
}

/** Extremes by entry. NaN is passed over: without any number they are Infinity and -Infinity. */
export interface MinMax {
  readonly min: Float64Array;
  readonly max: Float64Array;
  /** 1 for an entry that is NaN in some row. */
  readonly nan: Uint8Array;
}

/** The aggregation that `MinMaxScaler.fit` runs on the workers. */
export function minMaxAggregation({
  inputCol,
}: MinMaxAggregationParams): Aggregation<MinMax, MinMax> {
  return {
    partial(shard, scope) {
      const column = shard.table.column(inputCol, 'vector', 'sparseVector');
      return column.layout === 'dense' ? denseMinMax(column, scope) : sparseMinMax(column);
    },

    combine(a, b) {
      for (let t = 0; t < a.min.length; t++) {
        a.min[t] = Math.min(a.min[t]!, b.min[t]!);
        a.max[t] = Math.max(a.max[t]!, b.max[t]!);
        a.nan[t]! |= b.nan[t]!;
      }
      return a;
    },

    result: (total) => total,
  };
}

/** No values yet. */
function emptyMinMax(size: number): MinMax {
  return {
    min: new Float64Array(size).fill(Number.POSITIVE_INFINITY),
    max: new Float64Array(size).fill(Number.NEGATIVE_INFINITY),
    nan: new Uint8Array(size),
  };
}

function denseMinMax({ length, dim, values }: DenseVectorColumn, scope: KernelScope): MinMax {
  return withScratch(scope, () => {
    const { arena, kernels } = scope;
    const { min, max, nan } = emptyMinMax(dim);
    const [minAt, maxAt] = [toScratch(scope, min), toScratch(scope, max)];
    const points = addressOf(values, scope);
    const anyNaN = kernels.exports.columnMinMax(length, dim, points, minAt, maxAt);
    if (anyNaN) {
      for (let at = 0; at < values.length; at++) if (Number.isNaN(values[at])) nan[at % dim] = 1;
    }
    return { min: arena.f64(minAt, dim).slice(), max: arena.f64(maxAt, dim).slice(), nan };
  });
}

/** An entry that is not stored in some row is 0 there. */
function sparseMinMax({ length, size, offsets, indices, values }: SparseVectorColumn): MinMax {
  const extremes = emptyMinMax(size);
  const { min, max, nan } = extremes;
  const stored = new Int32Array(size);
  for (let at = offsets[0]!; at < offsets[length]!; at++) {
    const t = indices[at]!;
    const value = values[at]!;
    stored[t]!++;
    if (value < min[t]!) min[t] = value;
    if (value > max[t]!) max[t] = value;
    if (Number.isNaN(value)) nan[t] = 1;
  }
  for (let t = 0; t < size; t++) {
    if (stored[t] === length) continue;
    if (min[t]! > 0) min[t] = 0;
    if (max[t]! < 0) max[t] = 0;
  }
  return extremes;
}
