/** Tables and streams of one entry a row, for tests of the online scaler. */
import { Column, Table, TableStream } from '../../src/index.js';

/** One entry a row, with its time. */
export function timed(rows: readonly (readonly [time: number, value: number])[]): Table {
  return Table.fromColumns({
    time: Float64Array.from(rows, ([time]) => time),
    input: Column.dense(
      rows.map(([, value]) => value),
      1,
    ),
  });
}

/** A stream of batches of `size` rows. */
export function streamOf(
  table: Table,
  size: number = table.numRows,
  watermarkDelayMs = 0,
): TableStream {
  const batches: Table[] = [];
  for (let at = 0; at < table.numRows; at += size) batches.push(table.slice(at, at + size));
  return TableStream.from(batches, {
    ...(table.has('time') && { timestampCol: 'time', watermarkDelayMs }),
  });
}
