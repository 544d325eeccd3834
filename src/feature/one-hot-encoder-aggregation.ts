/** The largest index of each column. */
import type { Aggregation } from '../algorithm/training.js';
import { DataError } from '../core/errors.js';
import { firstInvalid, type IndexColumn, largestIndex, MOST_INDEX } from './index-column.js';

/** What the aggregation reads. */
export interface MaxIndicesParams {
  readonly who: string;
  readonly inputCols: readonly string[];
  /** Whether a cell that is no index is an error; otherwise it is passed over. */
  readonly refuses: boolean;
}

/** The aggregation that `OneHotEncoder.fit` runs on the workers: by column, -1 where there is none. */
export function maxIndicesAggregation({
  who,
  inputCols,
  refuses,
}: MaxIndicesParams): Aggregation<number[], number[]> {
  return {
    partial({ table, rowStart }, scope) {
      return inputCols.map((name) => {
        const column = table.column(name) as IndexColumn;
        const { largest, invalid } = largestIndex(column, scope);
        if (invalid > 0 && refuses) {
          const row = firstInvalid(column, MOST_INDEX);
          throw new DataError(
            `${who}: column "${name}" must have integers in [0, ${MOST_INDEX}], got ` +
              `${column.get(row)} in row ${rowStart + row}.`,
            { details: { who, column: name, row: rowStart + row, got: column.get(row) } },
          );
        }
        return largest;
      });
    },
    combine: (a, b) => a.map((largest, c) => Math.max(largest, b[c]!)),
    result: (total) => total,
  };
}
