/** Tables to CSV files. */
import type { Table } from '../table/table.js';
import { csvCell } from './json-cells.js';
import { type TextWriteOptions, tablesOf, writeText } from './write-text.js';

/** Options of {@link writeCsv}. */
export interface CsvWriteOptions extends TextWriteOptions {
  /** Whether the first line has the names. **Default:** true. */
  readonly header?: boolean;
  /** **Default:** `','`. */
  readonly delimiter?: string;
  /** The text of null. **Default:** the empty text, as which an empty string is read back too. */
  readonly nullValue?: string;
}

/** Rows that are put together before they are written. */
const CHUNK_ROWS = 1024;

/**
 * Writes a table, or a stream of tables batch by batch, as a CSV file that `readCsv` reads back
 * given the schema. Fields with a delimiter, a quote, a line break or space around are quoted.
 *
 * @throws {@link SchemaError} `ERR_GYRE_SCHEMA` for a batch of another schema than the first.
 */
export async function writeCsv(
  file: string | URL,
  data: Table | AsyncIterable<Table>,
  options: CsvWriteOptions = {},
): Promise<void> {
  await writeText('writeCsv', file, texts(data, options), options);
}

async function* texts(
  data: Table | AsyncIterable<Table>,
  options: CsvWriteOptions,
): AsyncGenerator<string> {
  const text = new CsvText(options);
  let needsHeader = options.header ?? true;
  for await (const table of tablesOf('writeCsv', data)) {
    if (needsHeader) yield text.header(table.columnNames);
    needsHeader = false;
    yield* text.rows(table);
  }
}

/** Tables as the text of CSV files. */
export class CsvText {
  readonly #delimiter: string;
  readonly #nullValue: string;

  constructor({ delimiter = ',', nullValue = '' }: CsvWriteOptions) {
    this.#delimiter = delimiter;
    this.#nullValue = nullValue;
  }

  header(names: readonly string[]): string {
    return this.#line(names);
  }

  /** The lines of a table's rows, some at a time. */
  *rows(table: Table): Generator<string> {
    for (let start = 0; start < table.numRows; start += CHUNK_ROWS) {
      yield this.#lines(table.slice(start, start + CHUNK_ROWS));
    }
  }

  #lines(table: Table): string {
    const columns = table.columnNames.map((name) => table.column(name).toArray());
    let text = '';
    for (let i = 0; i < table.numRows; i++) {
      text += this.#line(
        columns.map((cells) => {
          const cell = cells[i];
          return cell === null || cell === undefined ? null : csvCell(cell);
        }),
      );
    }
    return text;
  }

  #line(cells: readonly (string | null)[]): string {
    const delimiter = this.#delimiter;
    const texts = cells.map((cell) => (cell === null ? this.#nullValue : quoted(cell, delimiter)));
    // A line of one empty field would be an empty line, which readers skip.
    return `${texts.length === 1 && texts[0] === '' ? '""' : texts.join(delimiter)}\n`;
  }
}

function quoted(text: string, delimiter: string): string {
  const plain = !text.includes(delimiter) && !/["\r\n]|^\s|\s$/.test(text);
  return plain ? text : `"${text.replaceAll('"', '""')}"`;
}
