/** CSV files to table streams. */
import { CsvError, Parser } from 'csv-parse';
import { FormatError, InvalidParamError, SchemaError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { type ColumnType, checkSchema, type Schema } from '../table/schema.js';
import type { BatchPosition, Mark } from '../table/stream-items.js';
import { Table } from '../table/table.js';
import { TableStream } from '../table/table-stream.js';
import { pathOf, readPieces } from './byte-source.js';
import { cellParser, inferCellType, NOT_A_VALUE } from './csv-cells.js';

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
 * doubled quotes and line breaks; empty lines and a byte order mark are skipped. A position is a
 * byte of the file: to go on from there, nothing before it is read.
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
    {
      open: (from, mark) => csvTables(path, options, batchSize, from, mark),
      replayable: true,
      rewindable: true,
    },
    { ...(signal !== undefined && { signal }) },
  );
}

/** Where a line begins, and what the lines before it have settled. */
interface LinePlace {
  readonly byte: number;
  readonly line: number;
  /** Of all fields. */
  readonly names: readonly string[];
  /** What ends the lines; null when none has ended yet. */
  readonly lineEnd: string | null;
  readonly encoding: BufferEncoding | null;
}

/** Hands each line over as it is parsed, where a stream would keep it for a reader to await. */
class LineParser extends Parser {
  readonly #lines: CsvLines;
  readonly #firstByte: number;

  constructor(lines: CsvLines, delimiter: string, from: LinePlace | null) {
    super({
      delimiter,
      bom: from === null,
      skip_empty_lines: true,
      ...(from !== null && { encoding: from.encoding }),
      ...(from !== null && from.lineEnd !== null && { record_delimiter: from.lineEnd }),
    });
    this.#lines = lines;
    this.#firstByte = from?.byte ?? 0;
    // Its messages count from there too.
    if (from !== null) Object.assign(this.info, { lines: from.line });
    // An error is also given to the callback of the write that it comes from.
    this.on('error', () => {});
  }

  override push(fields: string[] | null): boolean {
    if (fields === null) return super.push(null);
    this.#lines.add(fields, this.info.lines, this.#firstByte + this.info.bytes);
    return true;
  }

  /** What has been found out about the file. */
  get settled(): Pick<LinePlace, 'lineEnd' | 'encoding'> {
    const { encoding, record_delimiter: ends } = this.options;
    return { lineEnd: ends[0]?.toString(encoding ?? 'utf8') ?? null, encoding };
  }
}

/** What a piece of the file adds up to is given out before the next piece is read. */
async function* csvTables(
  path: string,
  options: CsvReadOptions,
  batchSize: number,
  from: BatchPosition | null,
  mark: Mark,
): AsyncGenerator<Table, undefined> {
  const place = (from?.at ?? null) as LinePlace | null;
  const lines = new CsvLines(path, options, from);
  const parser = new LineParser(lines, options.delimiter ?? ',', place);
  const next = (): Table => {
    const table = lines.take(batchSize);
    mark({ ...lines.place, ...parser.settled });
    return table;
  };
  try {
    for await (const piece of readPieces('readCsv', path, place?.byte ?? 0)) {
      await send(path, (done) => parser.write(piece, done));
      while (lines.rows >= batchSize) yield next();
    }
    await send(path, (done) => {
      parser.once('error', done);
      parser.end(done);
    });
    while (lines.rows > 0) yield next();
    // A file of a header alone still has columns.
    if (lines.hasColumns && !lines.takenAny) yield next();
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

/** A column to keep: its name, its field, and the texts that wait. */
interface KeptColumn {
  readonly name: string;
  readonly field: number;
  readonly texts: (string | null)[];
}

/** The lines of a file that are not in a table yet, column by column. */
class CsvLines {
  /** Whether a table has been taken. */
  takenAny: boolean;
  readonly #path: string;
  readonly #options: CsvReadOptions;
  readonly #nullValue: string;
  /** Of all fields. */
  #names: readonly string[] = [];
  #columns: readonly KeptColumn[] | undefined;
  #lineNumbers: number[] = [];
  /** The byte behind each line. */
  #ends: number[] = [];
  #types: readonly ColumnType[] | undefined;
  /** The last line that was taken, or the header. */
  #last: { readonly line: number; readonly end: number } = { line: 0, end: 0 };

  constructor(path: string, options: CsvReadOptions, from: BatchPosition | null) {
    this.#path = path;
    this.#options = options;
    this.#nullValue = options.nullValue ?? '';
    this.takenAny = from !== null;
    if (from === null) return;
    this.#columns = this.#open((from.at as LinePlace).names);
    this.#types = this.#columns.map(({ name }) => from.schema[name]!);
  }

  /** Whether the names of the columns are known. */
  get hasColumns(): boolean {
    return this.#columns !== undefined;
  }

  /** Lines that wait. */
  get rows(): number {
    return this.#lineNumbers.length;
  }

  /** Where the line after those that were taken begins. */
  get place(): Pick<LinePlace, 'byte' | 'line' | 'names'> {
    return { byte: this.#last.end, line: this.#last.line + 1, names: this.#names };
  }

  /** Takes the fields of a line; the first one may be the header. `end` is the byte behind it. */
  add(fields: readonly string[], line: number, end: number): void {
    if (this.#columns === undefined) {
      const header = this.#options.header ?? true;
      this.#columns = this.#open(header ? fields : this.#namesFor(fields.length));
      this.#last = { line, end };
      if (header) return;
    }
    this.#checkLength(fields.length, line);
    for (const { field, texts } of this.#columns) {
      const text = fields[field]!;
      texts.push(text === this.#nullValue ? null : text);
    }
    this.#lineNumbers.push(line);
    this.#ends.push(end);
  }

  /** The parser compares lines with the first that it sees itself, which may not be the header. */
  #checkLength(got: number, line: number): void {
    const expected = this.#names.length;
    if (got === expected) return;
    throw new FormatError(
      `readCsv: ${this.#path}, line ${line}: expected ${expected} fields, got ${got}.`,
      { details: { file: this.#path, line, expected, got } },
    );
  }

  #namesFor(fields: number): string[] {
    const names = Object.keys(this.#options.schema ?? {});
    return Array.from({ length: fields }, (_, i) => names[i] ?? `c${i}`);
  }

  #open(names: readonly string[]): KeptColumn[] {
    this.#names = names;
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
    const ends = this.#ends.splice(0, n);
    if (ends.length > 0) this.#last = { line: lineNumbers.at(-1)!, end: ends.at(-1)! };
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
