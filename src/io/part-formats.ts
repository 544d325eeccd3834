/** How records become the bytes of part files. */
import type { ByteWriter } from 'hyparquet-writer';
import { DataError, SchemaError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { type Schema, schemasEqual, showSchema } from '../table/schema.js';
import { cutRows } from '../table/stream-items.js';
import { type Row, Table } from '../table/table.js';
import { jsonLine } from './json-cells.js';
import { CsvText, type CsvWriteOptions } from './write-csv.js';
import { jsonTexts } from './write-json-lines.js';
import { ParquetEncoder, type ParquetWriteOptions } from './write-parquet.js';

/** Bytes, or text to be written as UTF-8. */
export type Pieces = Iterable<string | Uint8Array>;

/** What becomes of the records of one part. */
export interface PartEncoder {
  /** What a record adds to the file. */
  encode(value: unknown): Pieces | Promise<Pieces>;
  /** What ends the file. */
  finish(): Pieces | Promise<Pieces>;
}

/** A format of part files: its options are set. */
export interface PartFormat {
  readonly extension: string;
  /** Whether all records have one schema. */
  readonly isTabular: boolean;
  /** A new part. @param columns What all parts of a sink have in common. */
  begin(columns: PartColumns): PartEncoder;
}

/** The schema of all parts of a sink: as given, or that of the first table. */
export class PartColumns {
  schema: Schema | null;

  constructor(schema: Schema | null) {
    this.schema = schema;
  }

  /** @throws {@link SchemaError} for a table of another schema. */
  check(table: Table): Table {
    this.schema ??= table.schema;
    if (schemasEqual(this.schema, table.schema)) return table;
    throw new SchemaError(
      `FileSink: every table must have the schema ${showSchema(this.schema)}, got ${showSchema(table.schema)}.`,
      { details: { expected: this.schema, got: table.schema } },
    );
  }

  /** A record as a table. Rows are cut to the columns of the schema. */
  tableOf(value: unknown): Table {
    if (value instanceof Table) return this.check(value);
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      throw new DataError(`FileSink: a record must be a Table or a row, got ${showValue(value)}.`);
    }
    if (this.schema !== null) return cutRows([value as Row], this.schema);
    throw new SchemaError('FileSink: rows need a schema to be written as CSV; give schema.');
  }
}

/** Any plain records, one a line; a table as its rows. */
export const jsonLinesFormat: PartFormat = {
  extension: 'jsonl',
  isTabular: false,
  begin: () => ({
    encode: (value) => (value instanceof Table ? jsonTexts(value) : [jsonLine(value)]),
    finish: () => [],
  }),
};

/** Tables, and rows where the schema is given. Every part has a header. */
export function csvFormat(options: CsvWriteOptions): PartFormat {
  const { header = true } = options;
  const text = new CsvText(options);
  function* rows(table: Table, isFirst: boolean): Generator<string> {
    if (isFirst && header) yield text.header(table.columnNames);
    yield* text.rows(table);
  }
  return {
    extension: 'csv',
    isTabular: true,
    begin(columns) {
      let isFirst = true;
      return {
        encode(value) {
          const table = columns.tableOf(value);
          const pieces = rows(table, isFirst);
          isFirst = false;
          return pieces;
        },
        finish: () => [],
      };
    },
  };
}

/** Tables, at least one row group each. */
export function parquetFormat(options: ParquetWriteOptions): PartFormat {
  return {
    extension: 'parquet',
    isTabular: true,
    begin: (columns) => new ParquetPart(columns, options),
  };
}

class ParquetPart implements PartEncoder {
  readonly #columns: PartColumns;
  readonly #options: ParquetWriteOptions;
  #out: ByteWriter | null = null;
  #encoder: ParquetEncoder | null = null;

  constructor(columns: PartColumns, options: ParquetWriteOptions) {
    this.#columns = columns;
    this.#options = options;
  }

  async encode(value: unknown): Promise<Pieces> {
    if (!(value instanceof Table)) {
      throw new DataError(
        `FileSink: a record must be a Table to be written as Parquet, got ${showValue(value)}.`,
      );
    }
    const table = this.#columns.check(value);
    if (this.#encoder === null) {
      const library = await import('hyparquet-writer');
      this.#out = new library.ByteWriter();
      this.#encoder = new ParquetEncoder(library, table, this.#out, this.#options);
    }
    await this.#encoder.write(table);
    return this.#taken();
  }

  async finish(): Promise<Pieces> {
    await this.#encoder?.finish();
    return this.#taken();
  }

  /** Its bytes so far leave the memory; offsets in the file go on. */
  #taken(): Pieces {
    const out = this.#out!;
    const bytes = out.getBytes();
    out.buffer = new ArrayBuffer(1024);
    out.view = new DataView(out.buffer);
    out.index = 0;
    return [bytes];
  }
}
