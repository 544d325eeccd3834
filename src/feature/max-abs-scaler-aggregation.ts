/** Largest magnitude of every entry of a column of vectors, in one pass over shards. */
import type { Aggregation, KernelScope } from '../algorithm/training.js';
import { addressOf, withScratch, zeros } from '../stage/kernel-data.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';

export interface MaxAbsAggregationParams {
  readonly inputCol: string;
}

/** The aggregation that `MaxAbsScaler.fit` runs on the workers. NaN makes its entry NaN. */
export function maxAbsAggregation({
  inputCol,
}: MaxAbsAggregationParams): Aggregation<Float64Array, Float64Array> {
  return {
    partial(shard, scope) {
      const column = shard.table.column(inputCol, 'vector', 'sparseVector');
      return column.layout === 'dense' ? denseMaxAbs(column, scope) : sparseMaxAbs(column);
    },

    combine(a, b) {
      for (let t = 0; t < a.length; t++) a[t] = Math.max(a[t]!, b[t]!);
      return a;
    },

    result: (total) => total,
  };
}

function denseMaxAbs({ length, dim, values }: DenseVectorColumn, scope: KernelScope): Float64Array {
  return withScratch(scope, () => {
    const maxAt = zeros(scope, dim);
    scope.kernels.exports.columnMaxAbs(length, dim, addressOf(values, scope), maxAt);
    return scope.arena.f64(maxAt, dim).slice();
  });
}

function sparseMaxAbs({
  length,
  size,
  offsets,
  indices,
  values,
}: SparseVectorColumn): Float64Array {
  const max = new Float64Array(size);
  for (let at = offsets[0]!; at < offsets[length]!; at++) {
    const t = indices[at]!;
    max[t] = Math.max(max[t]!, Math.abs(values[at]!));
  }
  return max;
}
