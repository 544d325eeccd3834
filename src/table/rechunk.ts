/** Tables cut anew, wherever the rows came from. */
import { Table } from './table.js';

/** Rows of a stream in whole shards. */
export interface Chunk {
  readonly table: Table;
  /** Rows of each shard, but of the last one of all. */
  readonly shardRows: number;
}

/**
 * The rows of tables of one schema in chunks of whole shards, all of equally many rows; only the last
 * chunk may end in one with fewer. Chunks are views of the tables they lie in: copied are the rows of
 * a shard that lies in two tables, and those of tables with less than `fewestShards`.
 *
 * @param rowsOf Rows of a shard, told from the first table that has any: by its columns alone, if
 *   shards are not to depend on how the rows came.
 */
export async function* rechunk(
  tables: AsyncIterable<Table>,
  rowsOf: (first: Table) => number,
  fewestShards: number,
): AsyncGenerator<Chunk, undefined> {
  let shardRows = 0;
  let waiting: Table[] = [];
  let rows = 0;
  for await (const table of tables) {
    if (table.numRows === 0) continue;
    if (shardRows === 0) shardRows = rowsOf(table);
    if (rows + table.numRows < fewestShards * shardRows) {
      waiting.push(table);
      rows += table.numRows;
      continue;
    }
    // The shard that began in the tables before ends in this one.
    const begun = (shardRows - (rows % shardRows)) % shardRows;
    if (rows > 0) yield { table: joined([...waiting, table.slice(0, begun)]), shardRows };
    const end = begun + Math.floor((table.numRows - begun) / shardRows) * shardRows;
    if (end > begun) yield { table: table.slice(begun, end), shardRows };
    waiting = end < table.numRows ? [table.slice(end)] : [];
    rows = table.numRows - end;
  }
  if (rows > 0) yield { table: joined(waiting), shardRows };
  return undefined;
}

function joined(tables: readonly Table[]): Table {
  const filled = tables.filter(({ numRows }) => numRows > 0);
  return filled.length === 1 ? filled[0]! : Table.concat(filled);
}
