/** In how many rows each entry of vectors is above 0, in one pass over shards. */
import type { Aggregation } from '../algorithm/training.js';

export interface IDFAggregationParams {
  readonly inputCol: string;
}

/** Of some rows, by entry of the vectors. */
export interface EntryFrequencies {
  readonly rows: number;
  readonly frequencies: Float64Array;
}

/** The aggregation that `IDF.fit` runs on the workers. */
export function idfAggregation({
  inputCol,
}: IDFAggregationParams): Aggregation<EntryFrequencies, EntryFrequencies> {
  return {
    partial({ table }) {
      const column = table.column(inputCol, 'vector', 'sparseVector');
      const { length: rows, values } = column;
      if (column.layout === 'dense') {
        const frequencies = new Float64Array(column.dim);
        for (let at = 0; at < values.length; ) {
          // NaN is not above 0.
          for (let t = 0; t < column.dim; t++) frequencies[t]! += values[at++]! > 0 ? 1 : 0;
        }
        return { rows, frequencies };
      }
      const { size, offsets, indices } = column;
      const frequencies = new Float64Array(size);
      for (let at = offsets[0]!; at < offsets[rows]!; at++) {
        frequencies[indices[at]!]! += values[at]! > 0 ? 1 : 0;
      }
      return { rows, frequencies };
    },

    combine(a, b) {
      for (let t = 0; t < a.frequencies.length; t++) a.frequencies[t]! += b.frequencies[t]!;
      return { rows: a.rows + b.rows, frequencies: a.frequencies };
    },

    result: (total) => total,
  };
}
