/** Tables to CSV files. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { SchemaError } from '../core/errors.js';
import { type Schema, schemasEqual, showSchema } from '../table/schema.js';
import { Table } from '../table/table.js';
import { pathOf } from './byte-source.js';
import { showCell } from './csv-cells.js';

/** Options of {@link writeCsv}. */
export interface CsvWriteOptions {
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
  const { header = true } = options;
  const out = createWriteStream(pathOf('writeCsv', file));
  const closed = finished(out);
  // A failure to write is seen by the next `write`, and at the end; not as a lost rejection.
  closed.catch(() => {});
  const text = new CsvText(options);
  let schema: Schema | undefined;
  const write = async (piece: string): Promise<void> => {
    if (out.errored) throw out.errored;
    if (!out.write(piece)) await Promise.race([once(out, 'drain'), closed]);
  };
  try {
    for await (const table of data instanceof Table ? [data] : data) {
      if (schema === undefined) {
        ({ schema } = table);
        if (header) await write(text.header(table.columnNames));
      } else if (!schemasEqual(schema, table.schema)) {
        throw new SchemaError(
          `writeCsv: every batch must have the schema ${showSchema(schema)}, got ${showSchema(table.schema)}.`,
          { details: { expected: schema, got: table.schema } },
        );
      }
      for (const piece of text.rows(table)) await write(piece);
    }
    out.end();
    await closed;
  } catch (error) {
    out.destroy();
    throw error;
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
          return cell === null || cell === undefined ? null : showCell(cell);
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
