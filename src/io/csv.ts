/** CSV files to table streams. */
import { type CsvError, Parser } from 'csv-parse';
import { FormatError, InvalidParamError, SchemaError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { checkSchema, type Schema } from '../table/schema.js';
import type { Mark } from '../table/stream-items.js';
import type { Table } from '../table/table.js';
import type { BadRecordLog } from './bad-records.js';
import { readPieces } from './byte-source.js';
import { CsvLines, type LinePlace } from './csv-lines.js';
import type { FilesLike } from './file-list.js';
import { checkRecordOptions, type RecordReadOptions, RecordStream } from './record-stream.js';

/** Options of {@link readCsv}. */
export interface CsvReadOptions extends RecordReadOptions {
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
  /** The text that means null. **Default:** the empty text. */
  readonly nullValue?: string;
}

/**
 * Reads CSV files as a stream of tables of `batchSize` rows. Quoted fields may hold delimiters,
 * doubled quotes and line breaks; empty lines and a byte order mark are skipped. A position is a
 * byte of a file: to go on from there, nothing before it is read.
 *
 * All files have the same columns, in any order if they have headers, and the types told from the
 * first batch are those of all. A batch is of one file.
 *
 * @param files A path, a `file:` URL, a folder (its files that end in `.csv`), a pattern such as
 *   `data/*.csv.gz`, or an array of such.
 * @throws (when read) {@link FormatError} `ERR_GYRE_FORMAT` with file, line and column for a line
 *   with another number of fields, a stray quote, or text that is not a value of its column's type,
 *   unless `onBadRecord` says otherwise; {@link SchemaError} `ERR_GYRE_SCHEMA` for a file of other
 *   columns than those before it.
 */
export function readCsv(files: FilesLike, options: CsvReadOptions = {}): RecordStream {
  const { schema = {}, delimiter = ',' } = options;
  const { paths, bad, streamOptions } = checkRecordOptions('readCsv', files, options);
  if (typeof delimiter !== 'string' || delimiter === '') {
    throw new InvalidParamError(
      `readCsv: the delimiter must be a string that is not empty, got ${showValue(delimiter)}.`,
    );
  }
  checkSchema('readCsv', schema);
  const reader = {
    who: 'readCsv',
    extensions: ['csv'],
    tables: (path: string, from: unknown, known: Schema | null, mark: Mark) =>
      csvTables(path, options, bad, from as LinePlace | null, known, mark),
    bad,
  };
  return new RecordStream(() => reader, bad, paths, streamOptions);
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
      // Lines are compared with the header, which is not always what the parser sees first.
      relax_column_count: true,
      skip_records_with_error: true,
      on_skip: (error?: CsvError, raw?: string): undefined => {
        // Not among the declared properties. The parser makes a new array for each record.
        const { state } = this as unknown as { state: { quoting: boolean; record: object } };
        lines.addBroken(error!, raw, state.record);
        // A record ends with its line: else text behind a closing quote takes the next ones along.
        state.quoting = false;
      },
      raw: lines.wantsText,
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

  override push(record: string[] | { readonly record: string[] } | null): boolean {
    if (record === null) return super.push(null);
    const fields = Array.isArray(record) ? record : record.record;
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
  bad: BadRecordLog,
  place: LinePlace | null,
  known: Schema | null,
  mark: Mark,
): AsyncGenerator<Table, undefined> {
  const { batchSize = 8192, delimiter = ',', compression = 'auto' } = options;
  const lines = new CsvLines(path, options, bad, place, known);
  const parser = new LineParser(lines, delimiter, place);
  const next = (): Table => {
    const table = lines.take(batchSize);
    mark({ ...lines.place, ...parser.settled });
    return table;
  };
  try {
    for await (const piece of readPieces('readCsv', path, place?.byte ?? 0, compression)) {
      await send((done) => parser.write(piece, done));
      while (lines.isFull(batchSize)) yield next();
    }
    await send((done) => {
      parser.once('error', done);
      parser.end(done);
    });
    while (lines.rows > 0) yield next();
    lines.finish();
    // A file of a header alone still has columns.
    if (lines.hasColumns && !lines.takenAny) yield next();
  } finally {
    parser.destroy();
  }
  return undefined;
}

function send(act: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    act((error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
