/** Predictions of a logistic model, shard by shard. */
import type { RowMapping } from '../algorithm/map-rows.js';
import { addressOf, toScratch, withScratch } from '../stage/kernel-data.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';

export interface LogisticMappingParams {
  readonly featuresCol: string;
  readonly coefficient: Float64Array;
}

/**
 * Outputs: `prediction`, 1 where x·w >= 0, else 0; `raw`, the probabilities [P(0), P(1)] with
 * P(1) = 1 / (1 + exp(-x·w)). NaN in the features gives prediction 0 and NaN probabilities.
 */
export function logisticMapping({ featuresCol, coefficient }: LogisticMappingParams): RowMapping {
  return {
    apply(shard, { prediction, raw }, scope) {
      const column = shard.table.column(featuresCol) as DenseVectorColumn | SparseVectorColumn;
      const { arena, kernels } = scope;
      const { denseMargins, sparseMargins } = kernels.exports;
      const rows = column.length;
      withScratch(scope, () => {
        const weights = toScratch(scope, coefficient);
        const out = arena.scratch(rows * 8);
        const values = addressOf(column.values, scope);
        if (column.layout === 'dense') {
          denseMargins(rows, column.dim, values, weights, out);
        } else {
          const offsets = addressOf(column.offsets, scope);
          const indices = addressOf(column.indices, scope);
          sparseMargins(rows, offsets, indices, values, weights, out);
        }
        const { heap } = arena;
        for (let row = 0; row < rows; row++) {
          const margin = heap[out / 8 + row]!;
          const probability = 1 / (1 + Math.exp(-margin));
          prediction![row] = margin >= 0 ? 1 : 0;
          raw![2 * row] = 1 - probability;
          raw![2 * row + 1] = probability;
        }
      });
    },
  };
}
