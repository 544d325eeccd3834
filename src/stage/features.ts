/** Feature columns in the form that kernels read. */
import { DataError } from '../core/errors.js';
import { float64 } from '../table/buffers.js';
import type { Column } from '../table/column.js';
import { DenseVectorColumn } from '../table/dense-vector-column.js';
import { requireColumn } from '../table/require-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import type { Table } from '../table/table.js';

/** A column of vectors, dense or sparse, without null. */
export function vectorColumn(
  who: string,
  table: Table,
  name: string,
): DenseVectorColumn | SparseVectorColumn {
  const column = requireColumn(who, table, name, ['vector', 'sparseVector']);
  requireNoNull(who, name, column);
  return column;
}

function requireNoNull(who: string, name: string, column: Column): void {
  if (column.nullCount === 0) return;
  let row = 0;
  while (!column.isNull(row)) row++;
  throw new DataError(`${who}: column "${name}" must not have null, got null in row ${row}.`, {
    details: { who, column: name, row },
  });
}

/**
 * A column of vectors as dense rows of 64-bit floats. Zero-copy for those, else a copy.
 *
 * @throws SchemaError `ERR_GYRE_SCHEMA`, DataError `ERR_GYRE_DATA` for null.
 */
export function denseColumn(who: string, table: Table, name: string): DenseVectorColumn {
  const column = vectorColumn(who, table, name);
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
export function numberColumn(who: string, table: Table, name: string): Float64Array {
  const types = ['float64', 'float32', 'int32', 'int64'] as const;
  const column = requireColumn(who, table, name, types);
  requireNoNull(who, name, column);
  return column.toFloat64();
}
