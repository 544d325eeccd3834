/** Tables cut anew, wherever the rows came from. */
import { Table } from './table.js';

/**
 * The rows of tables of one schema in tables of equally many rows; the last one has what is left.
 * Tables without rows leave no trace, and a chunk that lies in one table is not copied.
 *
 * @param rowsOf How many, told from the first table that has rows: by its columns alone, if chunks
 *   are not to depend on how the rows came.
 */
export async function* rechunk(
  tables: AsyncIterable<Table>,
  rowsOf: (first: Table) => number,
): AsyncGenerator<Table, undefined> {
  let chunkRows = 0;
  let [pieces, rows]: [Table[], number] = [[], 0];
  for await (const table of tables) {
    if (table.numRows === 0) continue;
    if (chunkRows === 0) chunkRows = rowsOf(table);
    let from = 0;
    while (table.numRows - from >= chunkRows - rows) {
      const to = from + chunkRows - rows;
      yield joined([...pieces, table.slice(from, to)]);
      [pieces, rows, from] = [[], 0, to];
    }
    if (from === table.numRows) continue;
    pieces.push(table.slice(from));
    rows += table.numRows - from;
  }
  if (rows > 0) yield joined(pieces);
  return undefined;
}

const joined = (pieces: readonly Table[]): Table =>
  pieces.length === 1 ? pieces[0]! : Table.concat(pieces);
