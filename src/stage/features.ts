/** Feature columns in the form that kernels read. */
import { DataError } from '../core/errors.js';
import { float64 } from '../table/buffers.js';
import type { Column } from '../table/column.js';
import { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { Int64Column } from '../table/int64-column.js';
import type { NumericColumn } from '../table/numeric-column.js';
import { requireColumn } from '../table/require-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import type { Table } from '../table/table.js';

/**
 * A column of vectors, dense or sparse, without null.
 *
 * @param firstRow Where in all rows the table's first row is.
 */
export function vectorColumn(
  who: string,
  table: Table,
  name: string,
  firstRow = 0,
): DenseVectorColumn | SparseVectorColumn {
  const column = requireColumn(who, table, name, ['vector', 'sparseVector']);
  requireNoNull(who, name, column, firstRow);
  return column;
}

/**
 * Throws {@link DataError} when a column has null, naming the first row that has.
 *
 * @param firstRow Where in the whole table the column's first row is.
 */
export function requireNoNull(who: string, name: string, column: Column, firstRow = 0): void {
  if (column.nullCount === 0) return;
  let at = 0;
  while (!column.isNull(at)) at++;
  const row = firstRow + at;
  throw new DataError(`${who}: column "${name}" must not have null, got null in row ${row}.`, {
    details: { who, column: name, row },
  });
}

/**
 * A column of vectors as dense rows of 64-bit floats. Zero-copy for those, else a copy.
 *
 * @throws SchemaError `ERR_GYRE_SCHEMA`, DataError `ERR_GYRE_DATA` for null.
 */
export function denseColumn(
  who: string,
  table: Table,
  name: string,
  firstRow = 0,
): DenseVectorColumn {
  const column = vectorColumn(who, table, name, firstRow);
  if (column.layout === 'dense') {
    if (column.values instanceof Float64Array) return column;
    const values = float64(column.values.length);
    values.set(column.values);
    return new DenseVectorColumn(values, column.dim, column.length);
  }
  const { size, length, offsets, indices } = column;
  const values = float64(length * size);
  for (let row = 0; row < length; row++) {
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      values[row * size + indices[at]!] = column.values[at]!;
    }
  }
  return new DenseVectorColumn(values, size, length);
}

/** Throws {@link DataError} when a table has no rows to learn from. */
export function requireRows(who: string, table: Table): void {
  if (table.numRows > 0) return;
  throw new DataError(`${who}: the table must have at least one row, got none.`, {
    details: { who, rows: 0 },
  });
}

/**
 * A column of numbers as 64-bit floats, without null. Zero-copy for those, else a copy.
 *
 * @throws SchemaError `ERR_GYRE_SCHEMA`, DataError `ERR_GYRE_DATA` for null.
 */
export function numberColumn(who: string, table: Table, name: string, firstRow = 0): Float64Array {
  const types = ['float64', 'float32', 'int32', 'int64'] as const;
  const column = requireColumn(who, table, name, types);
  requireNoNull(who, name, column, firstRow);
  return column.toFloat64();
}

/** A column of one number or one vector a row. */
export type EntriesColumn = NumericColumn | Int64Column | DenseVectorColumn | SparseVectorColumn;

/**
 * A column of numbers or vectors, which may have null.
 *
 * @throws SchemaError `ERR_GYRE_SCHEMA`.
 */
export function entriesColumn(who: string, table: Table, name: string): EntriesColumn {
  const types = ['float64', 'float32', 'int32', 'int64', 'vector', 'sparseVector'] as const;
  return requireColumn(who, table, name, types);
}

/** The number of entries in each row of a column. */
export function entriesOfRow(column: EntriesColumn): number {
  if (column.layout === 'dense') return column.dim;
  return column.layout === 'sparse' ? column.size : 1;
}

/** The number of entries that a column stores. */
export function storedEntries(column: EntriesColumn): number {
  if (column.layout === 'dense') return column.length * column.dim;
  return column.layout === 'sparse'
    ? column.offsets[column.length]! - column.offsets[0]!
    : column.length;
}
