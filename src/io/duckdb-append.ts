/** Tables into DuckDB: typed arrays to vectors of chunks, without an object a row. */
import type { Column } from '../table/column.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { ListColumn } from '../table/list-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import type { Table } from '../table/table.js';
import type { TimestampColumn } from '../table/timestamp-column.js';
import { itemsOf } from './duckdb-columns.js';
import type { DuckDBLibrary, DuckDBType, DuckDBVector, OwnConnection } from './duckdb-library.js';

/** Rows of DuckDB's chunks. */
const CHUNK_ROWS = 2048;

/** An identifier as it stands in SQL. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Makes a table of DuckDB with the columns of a table of ours, without its rows. */
export async function createTable(
  library: DuckDBLibrary,
  connection: OwnConnection,
  name: string,
  table: Table,
): Promise<void> {
  const columns = table.columnNames.map(
    (column) => `${quoted(column)} ${typeOf(library, table.column(column))}`,
  );
  await connection.run(`CREATE TABLE ${quoted(name)} (${columns.join(', ')})`);
}

/** Appends the rows of a table to the one that {@link createTable} made of its like. */
export async function appendRows(
  library: DuckDBLibrary,
  connection: OwnConnection,
  name: string,
  table: Table,
): Promise<void> {
  const columns = table.columnNames.map((column) => table.column(column));
  const types = columns.map((column) => typeOf(library, column));
  const appender = await connection.createAppender(name);
  for (let start = 0; start < table.numRows; start += CHUNK_ROWS) {
    const rows = Math.min(CHUNK_ROWS, table.numRows - start);
    const chunk = library.DuckDBDataChunk.create(types, rows);
    columns.forEach((column, i) => {
      const vector = chunk.getColumnVector(i);
      write(vector, column.slice(start, start + rows) as Column);
      vector.flush();
    });
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

/** The type that holds a column; back from DuckDB it has the same type here. */
function typeOf(library: DuckDBLibrary, column: Column): DuckDBType {
  const { BOOLEAN, INTEGER, BIGINT, FLOAT, DOUBLE, VARCHAR } = library;
  switch (column.layout) {
    case 'numeric':
      return { float64: DOUBLE, float32: FLOAT, int32: INTEGER }[column.type];
    case 'int64':
      return BIGINT;
    case 'boolean':
      return BOOLEAN;
    case 'utf8':
    case 'dictionary':
      return VARCHAR;
    case 'timestamp': {
      const { TIMESTAMP, TIMESTAMP_S, TIMESTAMP_MS, TIMESTAMP_NS } = library;
      const types = { s: TIMESTAMP_S, ms: TIMESTAMP_MS, us: TIMESTAMP, ns: TIMESTAMP_NS };
      return types[column.unit];
    }
    case 'dense':
      // A column without rows may not know its size.
      return library.ARRAY(
        column.values instanceof Float64Array ? DOUBLE : FLOAT,
        Math.max(1, column.dim),
      );
    case 'sparse': {
      const { LIST, STRUCT } = library;
      return STRUCT({ size: INTEGER, indices: LIST(INTEGER), values: LIST(DOUBLE) });
    }
    case 'list':
      return library.LIST(typeOf(library, column.child));
  }
}

function write(vector: DuckDBVector, column: Column): void {
  if (!writeArray(vector, column)) {
    const value = cellOf(column);
    for (let row = 0; row < column.length; row++) {
      vector.setItem(row, column.isNull(row) ? null : value(row));
    }
  } else if (column.nullCount > 0) {
    for (let row = 0; row < column.length; row++) {
      if (column.isNull(row)) vector.setItem(row, null);
    }
  }
}

/** Copies the array of a column of fixed width; false where that is not possible. */
function writeArray(vector: DuckDBVector, column: Column): boolean {
  const { layout } = column;
  if (layout !== 'numeric' && layout !== 'int64' && layout !== 'timestamp' && layout !== 'dense') {
    return false;
  }
  const { childData } = vector as { readonly childData?: DuckDBVector };
  const target = layout === 'dense' ? childData : vector;
  const items = target === undefined ? null : itemsOf(target);
  if (items === null || items.constructor !== column.values.constructor) return false;
  (items as Float64Array).set(column.values as Float64Array);
  return true;
}

/** What DuckDB's vectors take for a row that is not null. */
function cellOf(column: Column): (row: number) => unknown {
  switch (column.layout) {
    case 'int64':
      return (row) => column.values[row];
    case 'timestamp':
      return (row) => instant(column, row);
    case 'dense':
      return (row) => ({ items: denseEntries(column, row) });
    case 'sparse':
      return (row) => ({ entries: sparseEntries(column, row) });
    case 'list':
      return (row) => ({ items: elements(column, row) });
    default:
      return (row) => column.get(row);
  }
}

const FIELDS = { s: 'seconds', ms: 'millis', us: 'micros', ns: 'nanos' } as const;

function instant({ unit, values }: TimestampColumn, row: number): object {
  return { [FIELDS[unit]]: values[row] };
}

function denseEntries({ values, dim }: DenseVectorColumn, row: number): number[] {
  return Array.from(values.subarray(row * dim, (row + 1) * dim));
}

function sparseEntries(
  { size, offsets, indices, values }: SparseVectorColumn,
  row: number,
): object {
  const [start, end] = [offsets[row]!, offsets[row + 1]!];
  return {
    size,
    indices: { items: Array.from(indices.subarray(start, end)) },
    values: { items: Array.from(values.subarray(start, end)) },
  };
}

function elements({ offsets, child }: ListColumn, row: number): unknown[] {
  const value = cellOf(child);
  const items: unknown[] = [];
  for (let i = offsets[row]!; i < offsets[row + 1]!; i++) {
    items.push(child.isNull(i) ? null : value(i));
  }
  return items;
}
