/** Tables to JSON Lines files. */
import { Table } from '../table/table.js';
import { jsonLine } from './json-cells.js';
import { type TextWriteOptions, writeText } from './write-text.js';

/** Options of {@link writeJsonLines}. */
export type JsonLinesWriteOptions = TextWriteOptions;

/** Rows that are put together before they are written. */
const CHUNK_ROWS = 1024;

/**
 * Writes a table, or a stream of tables batch by batch, as a file of JSON objects, one a row, that
 * `readJsonLines` reads back given the schema. NaN, infinities and int64 beyond 2^53 are texts.
 */
export async function writeJsonLines(
  file: string | URL,
  data: Table | AsyncIterable<Table>,
  options: JsonLinesWriteOptions = {},
): Promise<void> {
  await writeText('writeJsonLines', file, texts(data), options);
}

async function* texts(data: Table | AsyncIterable<Table>): AsyncGenerator<string> {
  for await (const table of data instanceof Table ? [data] : data) yield* jsonTexts(table);
}

/** The lines of a table's rows, some at a time. */
export function* jsonTexts(table: Table): Generator<string> {
  for (let start = 0; start < table.numRows; start += CHUNK_ROWS) {
    const rows = table.slice(start, start + CHUNK_ROWS).toRows();
    yield rows.map(jsonLine).join('');
  }
}
