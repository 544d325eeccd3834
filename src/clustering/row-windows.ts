/** The rows of a stream of tables, cut into windows: each is a table. */
import type { RunOptions } from '../algorithm/run.js';
import { OpenWindows } from '../engine/operators/open-windows.js';
import type {
  CountWindows,
  GlobalWindows,
  SessionWindows,
  TumblingWindows,
  Windows,
} from '../engine/operators/windows.js';
import { defaultSession } from '../engine/session.js';
import { timesOf } from '../online/version-join.js';
import { int32 } from '../table/buffers.js';
import { Table } from '../table/table.js';
import type { TableStream } from '../table/table-stream.js';

/** A row of a batch. */
interface Row {
  readonly table: Table;
  readonly row: number;
}

/**
 * Windows of a stream, as they are complete: by event time in the order of event time, those of other
 * kinds in the order of arrival. Rows that come after their window by event time are left out.
 *
 * @param stream Has a `timestampCol` where windows go by event time.
 */
export function rowWindows(
  who: string,
  stream: TableStream,
  windows: Windows,
  options: RunOptions,
): AsyncGenerator<Table, undefined> {
  if (!('sizeMs' in windows || 'gapMs' in windows)) return countedWindows(stream, windows);
  return windows.kind.startsWith('EventTime')
    ? eventTimeWindows(who, stream, windows)
    : processingTimeWindows(who, stream, windows, options);
}

async function* countedWindows(
  stream: TableStream,
  windows: CountWindows | GlobalWindows,
): AsyncGenerator<Table, undefined> {
  const isGlobal = windows.kind === 'GlobalWindows';
  const size = isGlobal ? Number.POSITIVE_INFINITY : windows.size;
  let parts: Table[] = [];
  let rows = 0;
  for await (const table of stream) {
    for (let start = 0; start < table.numRows; ) {
      const end = Math.min(table.numRows, start + size - rows);
      parts.push(table.slice(start, end));
      rows += end - start;
      start = end;
      if (rows < size) continue;
      yield Table.concat(parts);
      [parts, rows] = [[], 0];
    }
  }
  if (rows > 0 && (isGlobal || windows.partial === 'emit')) yield Table.concat(parts);
  return undefined;
}

async function* eventTimeWindows(
  who: string,
  stream: TableStream,
  windows: TumblingWindows | SessionWindows,
): AsyncGenerator<Table, undefined> {
  const open = new OpenWindows(windows);
  let watermark = Number.NEGATIVE_INFINITY;
  let rows = 0;
  for await (const table of stream) {
    const times = timesOf(who, stream, table, rows);
    rows += table.numRows;
    for (let row = 0; row < times.length; row++) {
      open.add({ table, row } satisfies Row, times[row]!, watermark);
      watermark = Math.max(watermark, times[row]! - stream.watermarkDelayMs);
      if (open.firstEnd <= watermark) yield* taken(open, watermark);
    }
  }
  yield* taken(open, Number.POSITIVE_INFINITY);
  return undefined;
}

/** By the engine's clock. A batch arrives as a whole, so it is in one window. */
async function* processingTimeWindows(
  who: string,
  stream: TableStream,
  windows: TumblingWindows | SessionWindows,
  options: RunOptions,
): AsyncGenerator<Table, undefined> {
  const batches = new Map<number, Table>();
  async function* arrivals(): AsyncGenerator<number> {
    let number = 0;
    for await (const table of stream) {
      if (table.numRows === 0) continue;
      batches.set(number, table);
      yield number++;
    }
  }
  const session = options.session ?? defaultSession();
  const job = session.job(who, { threads: 0, signal: options.signal, checkpoint: null });
  const fired = job
    .from(arrivals())
    .windowAll<readonly number[]>(windows, (numbers, out) => out.emit(numbers));
  for await (const numbers of fired.output()) {
    const tables = numbers.map((number) => batches.get(number)!);
    for (const number of numbers) batches.delete(number);
    yield Table.concat(tables);
  }
  return undefined;
}

function* taken(open: OpenWindows, time: number): Generator<Table> {
  for (const { values } of open.takeUntil(time)) yield tableOf(values as Row[]);
}

/** Rows as a table; those that follow each other in one batch are taken together. */
function tableOf(rows: readonly Row[]): Table {
  const parts: Table[] = [];
  for (let start = 0; start < rows.length; ) {
    const { table } = rows[start]!;
    let end = start;
    while (end < rows.length && rows[end]!.table === table) end++;
    const places = int32(end - start);
    for (let i = start; i < end; i++) places[i - start] = rows[i]!.row;
    parts.push(table.take(places));
    start = end;
  }
  return Table.concat(parts);
}
