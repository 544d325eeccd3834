/** Tables to Arrow IPC files and streams. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Schema as ArrowSchema, Data, RecordBatch, RecordBatchWriter } from 'apache-arrow';
import { InvalidParamError, SchemaError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import type { ArrowLibrary } from '../table/arrow-out.js';
import type { Column } from '../table/column.js';
import { type ColumnValues, columnFrom } from '../table/column-from.js';
import { ListColumn } from '../table/list-column.js';
import { Table } from '../table/table.js';
import { GrowingDictionary } from './arrow-growing-dictionary.js';
import { pathOf } from './byte-source.js';
import { tablesOf } from './write-text.js';

/** Options of {@link writeArrow}. */
export interface ArrowWriteOptions {
  /**
   * `'file'` has an index of its batches at its end (Feather 2), `'stream'` can be read while it is
   * written. **Default:** `'file'`.
   */
  readonly format?: 'file' | 'stream';
  /** Rows of a record batch at most. **Default:** 131072. */
  readonly batchSize?: number;
}

/**
 * Writes a table, or a stream of tables batch by batch, as an Arrow IPC file, which keeps every type
 * and value. Columns are written from where they lie, without a copy.
 *
 * What Arrow says once for all batches is that of the first one with rows: vectors have its
 * dimension, timestamps its unit, and strings are a dictionary or are not; other labels are added to
 * the dictionary.
 *
 * @throws {@link SchemaError} `ERR_GYRE_SCHEMA` for a batch of another schema than the first, of
 *   vectors of another size or precision, or of timestamps of another unit, and for a stream without
 *   a batch.
 */
export async function writeArrow(
  file: string | URL,
  data: Table | AsyncIterable<Table>,
  options: ArrowWriteOptions = {},
): Promise<void> {
  const path = pathOf('writeArrow', file);
  const { format = 'file', batchSize = 131_072 } = options;
  if (format !== 'file' && format !== 'stream') {
    throw new InvalidParamError(
      `writeArrow: format must be "file" or "stream", got ${showValue(format)}.`,
      { details: { got: format } },
    );
  }
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new InvalidParamError(
      `writeArrow: batchSize must be an integer >= 1, got ${showValue(batchSize)}.`,
      { details: { got: batchSize } },
    );
  }
  const arrow = await import('apache-arrow');
  const pieces = bytesOf(arrow, data, format, batchSize);
  await pipeline(Readable.from(pieces), createWriteStream(path));
}

async function* bytesOf(
  arrow: ArrowLibrary,
  data: Table | AsyncIterable<Table>,
  format: 'file' | 'stream',
  batchSize: number,
): AsyncGenerator<Uint8Array> {
  const Writer = format === 'file' ? arrow.RecordBatchFileWriter : arrow.RecordBatchStreamWriter;
  const writer: RecordBatchWriter = new Writer();
  // Its own queue cannot tell when it is empty.
  let pieces: Uint8Array[] = [];
  const queue = new arrow.AsyncByteQueue();
  queue.write = (piece) => void pieces.push(piece as Uint8Array);
  writer.reset(queue);
  const taken = (): Uint8Array[] => {
    const all = pieces.filter(({ length }) => length > 0);
    pieces = [];
    return all;
  };
  let batches: ArrowBatches | undefined;
  let empty: Table | undefined;
  for await (const table of tablesOf('writeArrow', data)) {
    empty ??= table.slice(0, 0);
    for (let start = 0; start < table.numRows; start += batchSize) {
      const part = table.slice(start, start + batchSize);
      batches ??= new ArrowBatches(arrow, part);
      writer.write(batches.next(part));
      yield* taken();
    }
  }
  if (empty === undefined) {
    throw new SchemaError(
      'writeArrow: the stream ended before its first batch, so the schema is not known.',
    );
  }
  if (batches === undefined) writer.write(new ArrowBatches(arrow, empty).next(empty));
  writer.finish();
  yield* taken();
}

/** Tables as record batches of one Arrow schema. */
class ArrowBatches {
  readonly #arrow: ArrowLibrary;
  readonly #schema: ArrowSchema;
  readonly #dictionaries: ReadonlyMap<string, GrowingDictionary>;

  /** @param first Says what is the same in all of them. */
  constructor(arrow: ArrowLibrary, first: Table) {
    this.#arrow = arrow;
    this.#dictionaries = new Map(
      first.columnNames
        .filter((name) => first.column(name).layout === 'dictionary')
        .map((name) => [name, new GrowingDictionary(arrow)]),
    );
    const { schema } = this.#plain(first).toArrow(arrow);
    const fields = schema.fields.map(({ name, type, metadata }) => {
      const dictionary = this.#dictionaries.get(name);
      return new arrow.Field(name, dictionary?.type ?? type, true, metadata);
    });
    this.#schema = new arrow.Schema(fields);
  }

  next(table: Table): RecordBatch {
    const { Struct, makeData, RecordBatch: Batch } = this.#arrow;
    const { schema, batches } = this.#plain(table).toArrow(this.#arrow);
    const children = batches[0]!.data.children.map((data, i): Data => {
      const { name, type, metadata } = this.#schema.fields[i]!;
      const dictionary = this.#dictionaries.get(name);
      if (dictionary !== undefined) return dictionary.next(table.column(name, 'string'));
      const [got, expected] = [describe(schema.fields[i]!), describe({ type, metadata })];
      if (got === expected) return data;
      throw new SchemaError(
        `writeArrow: column ${JSON.stringify(name)} must be ${expected} as in the first batch, got ${got}.`,
        { details: { column: name, expected, got } },
      );
    });
    const type = new Struct(this.#schema.fields);
    const data = makeData({ type, length: table.numRows, nullCount: 0, children });
    return new Batch(this.#schema, data);
  }

  /** Strings as texts, but for those of dictionaries that grow, which are not looked at. */
  #plain(table: Table): Table {
    const columns = new Map<string, ColumnValues>();
    for (const name of table.columnNames) {
      const column = table.column(name);
      if (this.#dictionaries.has(name)) columns.set(name, new Int32Array(table.numRows));
      else columns.set(name, withoutDictionary(column));
    }
    return Table.fromColumns(columns);
  }
}

function withoutDictionary(column: Column): Column {
  if (column.layout === 'dictionary') return columnFrom(column.toArray(), 'string');
  if (column.layout !== 'list' || column.child.layout !== 'dictionary') return column;
  return new ListColumn(column.offsets, withoutDictionary(column.child), column.validity);
}

/** The type, and for sparse vectors their size. */
function describe({ type, metadata }: Pick<ArrowSchema['fields'][0], 'type' | 'metadata'>): string {
  const size = metadata.get('gyre.size');
  return size === undefined ? String(type) : `sparse vectors of size ${size}`;
}
