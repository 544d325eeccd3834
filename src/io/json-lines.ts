/** JSON Lines files to table streams. */
import { FormatError, SchemaError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { type ColumnType, checkSchema, type Schema } from '../table/schema.js';
import type { Mark } from '../table/stream-items.js';
import { type Row, Table } from '../table/table.js';
import type { BadRecordLog } from './bad-records.js';
import { readPieces } from './byte-source.js';
import { NOT_A_VALUE } from './csv-cells.js';
import type { FilesLike } from './file-list.js';
import { jsonCellReader } from './json-cells.js';
import { checkRecordOptions, type RecordReadOptions, RecordStream } from './record-stream.js';

/** Options of {@link readJsonLines}. */
export interface JsonLinesReadOptions extends RecordReadOptions {
  /**
   * The columns to read, with their types. Timestamps are ISO 8601 or milliseconds, vectors are
   * arrays, sparse vectors `{ size, indices, values }`. **Default:** those of the first batch, in
   * which then no record may contradict another.
   */
  readonly schema?: Schema;
}

/**
 * Reads files of JSON objects, one a line, as a stream of tables of `batchSize` rows. A property
 * that is missing is null; empty lines and a byte order mark are skipped. A position is a byte of a
 * file: to go on from there, nothing before it is read. A batch is of one file.
 *
 * @param files A path, a `file:` URL, a folder (its files that end in `.jsonl` or `.ndjson`), a
 *   pattern such as `events/*.jsonl.gz`, or an array of such.
 * @throws (when read) {@link FormatError} `ERR_GYRE_FORMAT` with file and line for a line that is no
 *   JSON object, and for a value that is not of its column's type, unless `onBadRecord` says
 *   otherwise.
 *
 * @example
 * ```ts
 * const events = readJsonLines('events.jsonl', { schema: { at: 'timestamp', x: 'vector' } });
 * for await (const table of events) console.log(table.numRows);
 * ```
 */
export function readJsonLines(files: FilesLike, options: JsonLinesReadOptions = {}): RecordStream {
  const { schema } = options;
  const { paths, bad, streamOptions } = checkRecordOptions('readJsonLines', files, options);
  if (schema !== undefined) checkSchema('readJsonLines', schema);
  const reader = {
    who: 'readJsonLines',
    extensions: ['jsonl', 'ndjson'],
    tables: (path: string, from: unknown, known: Schema | null, mark: Mark) =>
      tables(path, options, bad, from as LinePlace | null, known, mark),
    bad,
  };
  return new RecordStream(() => reader, bad, paths, {
    ...streamOptions,
    ...(schema !== undefined && { schema }),
  });
}

/** Where a line begins. */
interface LinePlace {
  readonly byte: number;
  readonly line: number;
}

/** A line, and where the next one begins. */
interface Line {
  readonly text: string;
  readonly number: number;
  readonly next: LinePlace;
}

async function* tables(
  path: string,
  { schema, batchSize = 8192, compression = 'auto' }: JsonLinesReadOptions,
  bad: BadRecordLog,
  from: LinePlace | null,
  known: Schema | null,
  mark: Mark,
): AsyncGenerator<Table, undefined> {
  const place = from ?? { byte: 0, line: 1 };
  const lines = new LineSplitter(place);
  const rows = new JsonRows(path, schema, known, bad);
  let next = place;
  const take = (): Table => {
    const table = rows.take();
    mark(next);
    return table;
  };
  for await (const piece of readPieces('readJsonLines', path, place.byte, compression)) {
    for (const line of lines.split(piece)) {
      ({ next } = line);
      if (rows.add(line) && rows.count === batchSize) yield take();
    }
  }
  const last = lines.rest();
  if (last !== null) ({ next } = last);
  if (last !== null) rows.add(last);
  if (rows.count > 0) yield take();
  return undefined;
}

const NEWLINE = 10;
const LINE_END = /\r?\n$/;
const BYTE_ORDER_MARK = /^\ufeff/;

/** Pieces of a file to lines. */
class LineSplitter {
  #end: number;
  #number: number;
  /** The beginning of a line whose end has not come yet. */
  #kept: Buffer[] = [];

  constructor({ byte, line }: LinePlace) {
    this.#end = byte;
    this.#number = line;
  }

  *split(piece: Buffer): Generator<Line> {
    let start = 0;
    for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, start)) {
      yield this.#line(piece.subarray(start, at + 1));
      start = at + 1;
    }
    if (start < piece.length) this.#kept.push(piece.subarray(start));
  }

  /** The last line needs no end. */
  rest(): Line | null {
    return this.#kept.length === 0 ? null : this.#line(Buffer.alloc(0));
  }

  #line(piece: Buffer): Line {
    const bytes = this.#kept.length === 0 ? piece : Buffer.concat([...this.#kept, piece]);
    if (this.#kept.length > 0) this.#kept = [];
    const isFirst = this.#end === 0;
    this.#end += bytes.length;
    const text = bytes.toString('utf8');
    const number = this.#number++;
    const next = { byte: this.#end, line: this.#number };
    return { text: isFirst ? text.replace(BYTE_ORDER_MARK, '') : text, number, next };
  }
}

/** A column, and how its values are read. */
interface JsonColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly read: (value: unknown) => unknown;
}

/** The objects of lines that are not in a table yet. */
class JsonRows {
  readonly #path: string;
  readonly #bad: BadRecordLog;
  /** Whether properties without a column are left out; else they are refused. */
  readonly #cuts: boolean;
  #schema: Schema | undefined;
  #columns: readonly JsonColumn[] | undefined;
  #rows: Row[] = [];
  #firstLine = 0;

  constructor(path: string, declared: Schema | undefined, known: Schema | null, bad: BadRecordLog) {
    this.#path = path;
    this.#bad = bad;
    this.#cuts = declared !== undefined;
    const schema = declared ?? known;
    if (schema !== null) this.#setSchema(schema);
  }

  get count(): number {
    return this.#rows.length;
  }

  /** @returns False for a line that gives no row. */
  add({ text, number }: Line): boolean {
    if (text.trim() === '') return false;
    try {
      const record = this.#parse(text, number);
      const row = this.#columns === undefined ? record : this.#typed(record, number);
      if (this.#rows.length === 0) this.#firstLine = number;
      this.#rows.push(row);
      return true;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.#bad.add(
        () => error,
        () => text.replace(LINE_END, ''),
      );
      return false;
    }
  }

  take(): Table {
    const rows = this.#rows;
    this.#rows = [];
    try {
      const table = Table.fromRows(rows, this.#schema);
      if (this.#columns === undefined) this.#setSchema(table.schema);
      return table;
    } catch (cause) {
      if (!(cause instanceof SchemaError)) throw cause;
      throw this.#error(this.#firstLine, null, ` and after it: ${cause.message}`, cause);
    }
  }

  #setSchema(schema: Schema): void {
    this.#schema = schema;
    this.#columns = Object.entries(schema).map(([name, type]) => ({
      name,
      type,
      read: jsonCellReader(type),
    }));
  }

  #parse(text: string, line: number): Row {
    let record: unknown;
    try {
      record = JSON.parse(text);
    } catch (cause) {
      const { message } = cause as Error;
      // V8 says it of some errors only.
      const at = /at position (\d+)/.exec(message)?.[1];
      throw this.#error(line, at === undefined ? null : Number(at) + 1, `: ${message}.`, cause);
    }
    if (record !== null && typeof record === 'object' && !Array.isArray(record)) {
      return record as Row;
    }
    throw this.#error(line, null, `: it must be a JSON object, got ${showValue(record)}.`);
  }

  /** The values of the columns. */
  #typed(record: Row, line: number): Row {
    if (!this.#cuts) this.#checkNames(record, line);
    const cells = this.#columns!.map(({ name, type, read }): [string, unknown] => {
      const value = Object.hasOwn(record, name) ? record[name] : null;
      const cell = value === null ? null : read(value);
      if (cell !== NOT_A_VALUE) return [name, cell];
      const what = `: ${JSON.stringify(name)} must be ${type}, got ${showValue(value)}.`;
      throw this.#error(line, name, what);
    });
    return Object.fromEntries(cells);
  }

  #checkNames(record: Row, line: number): void {
    const other = Object.keys(record).find((name) => !Object.hasOwn(this.#schema!, name));
    if (other === undefined) return;
    const what = `: ${JSON.stringify(other)} is in no row of the first batch; give a schema.`;
    throw this.#error(line, other, what);
  }

  /** @param column A property, or the number of a character. */
  #error(line: number, column: string | number | null, what: string, cause?: unknown): FormatError {
    return new FormatError(`readJsonLines: ${this.#path}, line ${line}${what}`, {
      details: { file: this.#path, line, ...(column !== null && { column }) },
      cause,
    });
  }
}
