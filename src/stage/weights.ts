/** Weights of rows. */
import { DataError } from '../core/errors.js';
import type { Table } from '../table/table.js';
import { numberColumn } from './features.js';

/**
 * A column of weights; null when there is none and all rows weigh 1.
 *
 * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for null, or a weight that is
 *   below 0 or not finite.
 */
export function weightsOfRows(
  who: string,
  table: Table,
  name: string | null,
  firstRow = 0,
): Float64Array | null {
  if (name === null) return null;
  const weights = numberColumn(who, table, name, firstRow);
  const at = weights.findIndex((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY));
  if (at < 0) return weights;
  const row = firstRow + at;
  throw new DataError(
    `${who}: column "${name}" must have finite weights >= 0, got ${weights[at]} in row ${row}.`,
    { details: { who, column: name, row, got: weights[at] } },
  );
}
