/** CSV files to table streams. */
import { createReadStream } from 'node:fs';
import { CsvError, Parser } from 'csv-parse';
import { FormatError, InvalidParamError, SchemaError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { type ColumnType, checkSchema, type Schema } from '../table/schema.js';
import { Table } from '../table/table.js';
import { TableStream } from '../table/table-stream.js';
import { pathOf } from './byte-source.js';
import { cellParser, inferCellType, NOT_A_VALUE } from './csv-cells.js';

/** Read from the file at a time. */
const PIECE_BYTES = 1 << 18;

/** Options of {@link readCsv}. */
export interface CsvReadOptions {
  /**
   * Types of some or all columns. Those it does not name are told from the first batch: `float64`,
   * `boolean` or else `string`. Timestamps are ISO 8601 (UTC unless they name a zone) or
   * milliseconds; vectors and lists are JSON.
   */
  readonly schema?: Schema;
  /** Whether the first line has the names. **Default:** true; else they are those of the schema,
   * or `c0`, `c1`, ... */
  readonly header?: boolean;
  /** **Default:** `','`. */
  readonly delimiter?: string;
  /** The columns to keep, in this order. **Default:** all. */
  readonly columns?: readonly string[];
  /** Rows of a batch. **Default:** 8192. */
  readonly batchSize?: number;
  /** The text that means null. **Default:** the empty text. */
  readonly nullValue?: string;
  /** Stops the stream before its next batch, and closes the file. */
  readonly signal?: AbortSignal;
}

/**
 * Reads a CSV file as a stream of tables of `batchSize` rows. Quoted fields may hold delimiters,
 * doubled quotes and line breaks; empty lines and a byte order mark are skipped.
 *
 * @param file A path or a `file:` URL.
 * @throws (when read) {@link FormatError} `ERR_GYRE_FORMAT` with file, line and column for a line
 *   with another number of fields, a stray quote, or text that is not a value of its column's type.
 */
export function readCsv(file: string | URL, options: CsvReadOptions = {}): TableStream {
  const path = pathOf('readCsv', file);
  const { batchSize = 8192, schema = {}, delimiter = ',', signal } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new InvalidParamError(
      `readCsv: batchSize must be an integer >= 1, got ${showValue(batchSize)}.`,
    );
  }
  if (typeof delimiter !== 'string' || delimiter === '') {
    throw new InvalidParamError(
      `readCsv: the delimiter must be a string that is not empty, got ${showValue(delimiter)}.`,
    );
  }
  checkSchema('readCsv', schema);
  return new TableStream(
    { open: () => csvTables(path, options, batchSize), replayable: true },
    { ...(signal !== undefined && { signal }) },
  );
}

/** Hands each line over as it is parsed, where a stream would keep it for a reader to await. */
class LineParser extends Parser {
  readonly #lines: CsvLines;

  constructor(lines: CsvLines, delimiter: string) {
    super({ delimiter, bom: true, skip_empty_lines: true });
    this.#lines = lines;
    // An error is also given to the callback of the write that it comes from.
    this.on('error', () => {});
  }

  override push(fields: string[] | null): boolean {
    if (fields === null) return super.push(null);
    this.#lines.add(fields, this.info.lines);
    return true;
  }
}

/** What a piece of the file adds up to is given out before the next piece is read. */
async function* csvTables(
  path: string,
  options: CsvReadOptions,
  batchSize: number,
): AsyncGenerator<Table, undefined> {
  const lines = new CsvLines(path, options);
  const parser = new LineParser(lines, options.delimiter ?? ',');
  const bytes = createReadStream(path, { highWaterMark: PIECE_BYTES });
  try {
    for await (const piece of bytes) {
      await send(path, (done) => parser.write(piece, done));
      while (lines.rows >= batchSize) yield lines.take(batchSize);
    }
    await send(path, (done) => {
      parser.once('error', done);
      parser.end(done);
    });
    while (lines.rows > 0) yield lines.take(batchSize);
    // A file of a header alone still has columns.
    if (lines.hasColumns && !lines.takenAny) yield lines.take(0);
  } finally {
    parser.destroy();
  }
  return undefined;
}

function send(path: string, act: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    act((error) => {
      if (error) reject(error instanceof CsvError ? malformed(path, error) : error);
      else resolve();
    });
  });
}

function malformed(path: string, error: CsvError): FormatError {
  const { code, lines, column } = error as CsvError & Record<string, unknown>;
  const where = typeof column === 'number' ? `, field ${column + 1}` : '';
  return new FormatError(`readCsv: ${path}, line ${String(lines)}${where}: ${error.message}.`, {
    details: { file: path, line: lines, column, reason: code },
    cause: error,
  });
}

/** The lines of a file that are not in a table yet, column by column. */
class CsvLines {
  /** Whether a table has been taken. */
  takenAny = false;
  readonly #path: string;
  readonly #options: CsvReadOptions;
  readonly #nullValue: string;
  /** The columns to keep: name, field and the texts that wait. */
  #columns: { name: string; field: number; texts: (string | null)[] }[] | undefined;
  #lineNumbers: number[] = [];
  #types: ColumnType[] | undefined;

  constructor(path: string, options: CsvReadOptions) {
    this.#path = path;
    this.#options = options;
    this.#nullValue = options.nullValue ?? '';
  }

  /** Whether the names of the columns are known. */
  get hasColumns(): boolean {
    return this.#columns !== undefined;
  }

  /** Lines that wait. */
  get rows(): number {
    return this.#lineNumbers.length;
  }

  /** Takes the fields of a line; the first one may be the header. */
  add(fields: readonly string[], line: number): void {
    if (this.#columns === undefined) {
      const header = this.#options.header ?? true;
      this.#columns = this.#open(header ? fields : this.#namesFor(fields.length));
      if (header) return;
    }
    for (const { field, texts } of this.#columns) {
      const text = fields[field]!;
      texts.push(text === this.#nullValue ? null : text);
    }
    this.#lineNumbers.push(line);
  }

  #namesFor(fields: number): string[] {
    const names = Object.keys(this.#options.schema ?? {});
    return Array.from({ length: fields }, (_, i) => names[i] ?? `c${i}`);
  }

  #open(names: readonly string[]): { name: string; field: number; texts: (string | null)[] }[] {
    const { columns, schema = {} } = this.#options;
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) {
      throw new FormatError(
        `readCsv: ${this.#path}: the header names ${JSON.stringify(twice)} twice.`,
        { details: { file: this.#path, line: 1, column: twice } },
      );
    }
    for (const wanted of [...Object.keys(schema), ...(columns ?? [])]) {
      if (names.includes(wanted)) continue;
      const known = names.map((name) => JSON.stringify(name)).join(', ');
      throw new SchemaError(
        `readCsv: ${this.#path} has no column ${JSON.stringify(wanted)}; it has ${known}.`,
        { details: { file: this.#path, column: wanted, columns: names } },
      );
    }
    return (columns ?? names).map((name) => ({ name, field: names.indexOf(name), texts: [] }));
  }

  /** The first `n` lines that wait (or all there are) as a table. */
  take(n: number): Table {
    this.takenAny = true;
    const columns = this.#columns ?? [];
    const { schema = {} } = this.#options;
    const taken = columns.map(({ texts }) => texts.splice(0, n));
    const lineNumbers = this.#lineNumbers.splice(0, n);
    this.#types ??= columns.map(({ name }, c) =>
      Object.hasOwn(schema, name) ? schema[name]! : inferCellType(taken[c]!),
    );
    const types = this.#types;
    const values = columns.map(({ name }, c): [string, unknown[]] => {
      const parseCell = cellParser(types[c]!);
      const cells = taken[c]!.map((text, i) => {
        const value = text === null ? null : parseCell(text);
        if (value !== NOT_A_VALUE) return value;
        throw new FormatError(
          `readCsv: ${this.#path}, line ${lineNumbers[i]}: column ${JSON.stringify(name)} must be ${types[c]}, got ${showValue(text)}.`,
          { details: { file: this.#path, line: lineNumbers[i], column: name, got: text } },
        );
      });
      return [name, cells];
    });
    return Table.fromColumns(
      new Map(values),
      Object.fromEntries(columns.map(({ name }, c) => [name, types[c]!])),
    );
  }
}
