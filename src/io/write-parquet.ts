/** Tables to Parquet files. */
import type { SchemaElement } from 'hyparquet';
import type { Writer } from 'hyparquet-writer';
import { SchemaError } from '../core/errors.js';
import type { Column } from '../table/column.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { Table } from '../table/table.js';
import type { TimestampColumn, TimeUnit } from '../table/timestamp-column.js';
import { pathOf } from './byte-source.js';
import { VECTORS_KEY } from './parquet-schema.js';
import { tablesOf } from './write-text.js';

/** Options of {@link writeParquet}. */
export interface ParquetWriteOptions {
  /** Rows of a row group at most. **Default:** 131072. */
  readonly rowGroupSize?: number;
  /** **Default:** `'SNAPPY'`. */
  readonly codec?: 'SNAPPY' | 'UNCOMPRESSED';
}

/**
 * Writes a table, or a stream of tables batch by batch, as a Parquet file. Every batch is at least
 * one row group. Values go through JavaScript values: it is the reader that is made for speed.
 *
 * Vectors are written as lists, with a note in the file's metadata by which `readParquet` makes
 * them vectors again.
 *
 * @throws {@link SchemaError} `ERR_GYRE_SCHEMA` for sparse vectors, which Parquet has no form for, for
 *   lists of vectors, and for a batch of another schema than the first.
 */
export async function writeParquet(
  file: string | URL,
  data: Table | AsyncIterable<Table>,
  options: ParquetWriteOptions = {},
): Promise<void> {
  const path = pathOf('writeParquet', file);
  const library = await import('hyparquet-writer');
  let encoder: ParquetEncoder | undefined;
  for await (const table of tablesOf('writeParquet', data)) {
    encoder ??= new ParquetEncoder(library, table, library.fileWriter(path), options);
    await encoder.write(table);
  }
  if (encoder === undefined) {
    throw new SchemaError(
      'writeParquet: the stream ended before its first batch, so the schema is not known.',
    );
  }
  await encoder.finish();
}

/** The module `hyparquet-writer`, which is loaded when it is needed. */
export type ParquetLibrary = typeof import('hyparquet-writer');

/** Writes tables of one schema as a Parquet file. */
export class ParquetEncoder {
  readonly #writer: InstanceType<ParquetLibrary['ParquetWriter']>;
  readonly #units: ReadonlyMap<string, TimeUnit>;
  readonly #rowGroupSize: number;

  /**
   * @param first A table of the schema, for the header.
   * @param writer Where the bytes go.
   */
  constructor(
    { ParquetWriter }: ParquetLibrary,
    first: Table,
    writer: Writer,
    { rowGroupSize = 131_072, codec = 'SNAPPY' }: ParquetWriteOptions,
  ) {
    this.#units = timeUnits(first);
    this.#rowGroupSize = rowGroupSize;
    this.#writer = new ParquetWriter({
      writer,
      schema: elementsOf(first),
      codec,
      kvMetadata: [{ key: VECTORS_KEY, value: JSON.stringify(vectorsOf(first)) }],
      createdBy: 'gyre',
    });
  }

  /** Every table is at least one row group. */
  async write(table: Table): Promise<void> {
    const columnData = table.columnNames.map((name) => ({
      name,
      data: cellsOf(name, table.column(name), this.#units),
    }));
    await this.#writer.write({ columnData, rowGroupSize: this.#rowGroupSize });
  }

  async finish(): Promise<void> {
    await this.#writer.finish();
  }
}

function vectorsOf(table: Table): string[] {
  return table.columnNames.filter((name) => table.column(name).type === 'vector');
}

/** The first batch says in which unit a column of timestamps is written. */
function timeUnits(table: Table): Map<string, TimeUnit> {
  return new Map(
    table.columnNames.flatMap((name): [string, TimeUnit][] => {
      const column = table.column(name);
      // Parquet has no seconds.
      return column.layout === 'timestamp'
        ? [[name, column.unit === 's' ? 'ms' : column.unit]]
        : [];
    }),
  );
}

const UNIT_NAMES = { ms: 'MILLIS', us: 'MICROS', ns: 'NANOS' } as const;
const NS_PER_UNIT = { s: 1_000_000_000n, ms: 1_000_000n, us: 1000n, ns: 1n } as const;

function elementsOf(table: Table): SchemaElement[] {
  const root: SchemaElement = { name: 'root', num_children: table.columnNames.length };
  return [root, ...table.columnNames.flatMap((name) => elements(name, table.column(name)))];
}

function elements(name: string, column: Column): SchemaElement[] {
  const optional = { name, repetition_type: 'OPTIONAL' } as const;
  switch (column.layout) {
    case 'numeric': {
      const types = { float64: 'DOUBLE', float32: 'FLOAT', int32: 'INT32' } as const;
      return [{ ...optional, type: types[column.type] }];
    }
    case 'int64':
      return [{ ...optional, type: 'INT64' }];
    case 'boolean':
      return [{ ...optional, type: 'BOOLEAN' }];
    case 'utf8':
    case 'dictionary':
      return [{ ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8' }];
    case 'timestamp': {
      const unit = UNIT_NAMES[column.unit === 's' ? 'ms' : column.unit];
      const logical = { type: 'TIMESTAMP', isAdjustedToUTC: true, unit } as const;
      return [{ ...optional, type: 'INT64', logical_type: logical }];
    }
    case 'dense':
      return listElements(name, {
        name: 'element',
        repetition_type: 'OPTIONAL',
        type: column.values instanceof Float64Array ? 'DOUBLE' : 'FLOAT',
      });
    case 'list':
      if (column.child.layout === 'dense' || column.child.layout === 'sparse') {
        throw noForm(name, `${column.type}, which it does not write; write Arrow`);
      }
      return listElements(name, ...elements('element', column.child));
    case 'sparse':
      throw noForm(
        name,
        'sparseVector, which Parquet has no form for; write Arrow, or make it dense',
      );
  }
}

function noForm(name: string, why: string): SchemaError {
  return new SchemaError(`writeParquet: column ${JSON.stringify(name)} is ${why}.`, {
    details: { column: name },
  });
}

function listElements(name: string, ...element: SchemaElement[]): SchemaElement[] {
  return [
    { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    ...element,
  ];
}

/** The values as hyparquet-writer takes them. */
function cellsOf(name: string, column: Column, units: ReadonlyMap<string, TimeUnit>): unknown[] {
  switch (column.layout) {
    case 'int64':
      return column.toArray().map((value) => (value === null ? null : BigInt(value)));
    case 'timestamp':
      return timestampCells(column, units.get(name)!);
    case 'dense':
      return denseCells(column);
    case 'list':
      return listCells(column.toArray(), column.child);
    default:
      return column.toArray();
  }
}

function timestampCells(column: TimestampColumn, unit: TimeUnit): (bigint | null)[] {
  const [from, to] = [NS_PER_UNIT[column.unit], NS_PER_UNIT[unit]];
  return Array.from(column.values, (value, i) => (column.isNull(i) ? null : (value * from) / to));
}

function denseCells(column: DenseVectorColumn): (number[] | null)[] {
  const { values, dim } = column;
  return Array.from({ length: column.length }, (_, i) =>
    column.isNull(i) ? null : Array.from(values.subarray(i * dim, (i + 1) * dim)),
  );
}

function listCells(lists: (unknown[] | null)[], child: Column): unknown[] {
  if (child.layout === 'int64') {
    return lists.map(
      (list) => list?.map((value) => (value === null ? null : BigInt(value as number))) ?? null,
    );
  }
  if (child.layout !== 'timestamp') return lists;
  const perMs = NS_PER_UNIT.ms / NS_PER_UNIT[child.unit === 's' ? 'ms' : child.unit];
  return lists.map(
    (list) =>
      list?.map((value) => (value === null ? null : BigInt((value as Date).getTime()) * perMs)) ??
      null,
  );
}
