/** Columns of indices: integers from 0 on, in a column of any numeric type. */
import type { Int64Column } from '../table/int64-column.js';
import type { NumericColumn } from '../table/numeric-column.js';
import { requireColumn } from '../table/require-column.js';
import type { Table } from '../table/table.js';

/** A column that can hold indices. */
export type IndexColumn = NumericColumn | Int64Column;

/** What stands for a cell that is no index. */
export const INVALID = -1;
/** The largest index: vectors have one entry more, and another for what is invalid. */
export const MOST_INDEX: number = 2 ** 31 - 3;

/** A column of numbers, which may have null. @throws SchemaError `ERR_GYRE_SCHEMA`. */
export function indexColumn(who: string, table: Table, name: string): IndexColumn {
  const types = ['float64', 'float32', 'int32', 'int64'] as const;
  return requireColumn(who, table, name, types) as IndexColumn;
}

/**
 * Writes the indices of all rows; {@link INVALID} for null, NaN, a fraction, a negative number and
 * an index above `most`.
 *
 * @returns How many are invalid.
 */
export function writeIndices(column: IndexColumn, most: number, out: Int32Array): number {
  const hasNull = column.nullCount > 0;
  const values = column.layout === 'int64' ? column.toFloat64() : column.values;
  let invalid = 0;
  for (let i = 0; i < out.length; i++) {
    const value = values[i]!;
    const index = value | 0;
    const isValid = index === value && index >= 0 && index <= most;
    if (isValid && !(hasNull && column.isNull(i))) {
      out[i] = index;
    } else {
      out[i] = INVALID;
      invalid++;
    }
  }
  return invalid;
}
