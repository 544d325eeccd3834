/** The flights of the file, in time order, cut into batches. */
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import { type Table, TableStream } from '../../index.js';
import { readParquet } from '../../io/parquet.js';
import { FLIGHT_COLUMNS } from './features.js';

/** A row group is cut into batches of this many rows, so that learning starts before it ends. */
const BATCH_ROWS = 32_768;

/** How many flights the file has; reads its metadata only, and checks its columns. */
export async function countFlights(file: string): Promise<number> {
  await readParquet(file, { columns: FLIGHT_COLUMNS }).schema();
  const { num_rows: rows } = await parquetMetadataAsync(await asyncBufferFromFile(file));
  return Number(rows);
}

/** The first `rows` flights. */
export function flightStream(file: string, rows: number, signal: AbortSignal): TableStream {
  return TableStream.from(batches(readParquet(file, { columns: FLIGHT_COLUMNS, signal }), rows));
}

async function* batches(groups: TableStream, rows: number): AsyncGenerator<Table> {
  let left = rows;
  for await (const group of groups) {
    for (let start = 0; start < group.numRows && left > 0; start += BATCH_ROWS) {
      const batch = group.slice(start, start + Math.min(BATCH_ROWS, left));
      left -= batch.numRows;
      yield batch;
    }
    if (left === 0) return;
  }
}

/** Seconds that were spent waiting for the batches of a stream. */
export class Stopwatch {
  seconds = 0;

  /** The same stream; what its source needs for a batch is added to {@link seconds}. */
  time(stream: TableStream): TableStream {
    return TableStream.from(this.#timed(stream));
  }

  async *#timed(stream: TableStream): AsyncGenerator<Table> {
    let start = performance.now();
    for await (const table of stream) {
      this.seconds += (performance.now() - start) / 1000;
      yield table;
      start = performance.now();
    }
    this.seconds += (performance.now() - start) / 1000;
  }
}
