/** A stream of rows and the versions of a model: each row meets one that is not too old for it. */
import { DataError } from '../core/errors.js';
import { requireColumn } from '../table/require-column.js';
import type { Table } from '../table/table.js';
import type { TableStream } from '../table/table-stream.js';

/** Rows that may wait for a version; beyond, the stream is not asked for more. */
const MAX_WAITING_ROWS = 1 << 20;

/** A version, and what it does. */
export interface JoinVersion {
  /** Until when the model knows; rows that are later by more than what is allowed must wait. */
  readonly timestamp: number;
  transform(table: Table): Promise<Table>;
}

/** The versions of a model, as they come. */
export interface VersionFeed {
  /** The newest; null before the first. */
  readonly latest: JoinVersion | null;
  /** Whether no more will come. */
  readonly ended: boolean;
  /** Resolves when there is another one, or none will be. */
  readonly news: Promise<void>;
  /** Rejects with what failed, if versions ended for that, or without one. */
  readonly completed: Promise<unknown>;
}

/** Rows that wait, in order. */
interface Waiting {
  readonly table: Table;
  readonly times: Float64Array;
  /** Number of the first of them in the stream. */
  readonly firstRow: number;
}

/**
 * The rows of a stream, each transformed by the newest version there is once that has
 * `time - maxDelayMs <= timestamp`. Rows that must wait are passed by later ones that need not.
 *
 * @throws DataError `ERR_GYRE_DATA` for a row without a time, and when no version is left that a
 *   row could wait for.
 */
export async function* joinVersions(
  who: string,
  stream: TableStream,
  feed: VersionFeed,
  maxDelayMs: number,
): AsyncGenerator<Table, undefined> {
  const batches = stream[Symbol.asyncIterator]();
  let waiting: Waiting[] = [];
  let seen: JoinVersion | null = null;
  let next: Promise<IteratorResult<Table>> | null = null;
  let rows = 0;
  let done = false;
  try {
    while (!done || waiting.length > 0) {
      const { latest, ended, news } = feed;
      if (latest !== null && latest !== seen) {
        seen = latest;
        const held = waiting;
        waiting = [];
        for (const entry of held) yield* readyOf(entry, latest, maxDelayMs, waiting);
        continue;
      }
      if (ended) await feed.completed;
      if (ended && waiting.length > 0) throw tooLate(who, waiting[0]!, latest, maxDelayMs);
      const hasRoom = sum(waiting) < MAX_WAITING_ROWS;
      if (!done && hasRoom) next ??= batches.next();
      const result = await Promise.race([ended ? never : news.then(() => null), next ?? never]);
      if (result === null) continue;
      next = null;
      done = result.done === true;
      if (result.done) continue;
      const table = result.value;
      const entry = { table, times: timesOf(who, stream, table, rows), firstRow: rows };
      rows += table.numRows;
      const version = feed.latest;
      if (version === null) waiting.push(entry);
      else yield* readyOf(entry, version, maxDelayMs, waiting);
    }
  } finally {
    // A source that waits for its next batch answers when that has come: it is not waited for.
    const closing = batches.return?.();
    if (next === null) await closing;
    else Promise.allSettled([next, closing]);
  }
  return undefined;
}

const never = new Promise<never>(() => {});

const sum = (waiting: readonly Waiting[]): number =>
  waiting.reduce((total, { times }) => total + times.length, 0);

/** The rows that a version is good enough for, transformed; the others go on waiting. */
async function* readyOf(
  { table, times, firstRow }: Waiting,
  version: JoinVersion,
  maxDelayMs: number,
  waiting: Waiting[],
): AsyncGenerator<Table> {
  const isReady = (time: number) => time - maxDelayMs <= version.timestamp;
  if (times.every(isReady)) {
    yield await version.transform(table);
    return;
  }
  const rows = Array.from(times.keys());
  const ready = rows.filter((row) => isReady(times[row]!));
  const rest = rows.filter((row) => !isReady(times[row]!));
  const left = Float64Array.from(rest, (row) => times[row]!);
  waiting.push({ table: table.take(rest), times: left, firstRow: firstRow + rest[0]! });
  if (ready.length > 0) yield await version.transform(table.take(ready));
}

/** The event times of a batch, in milliseconds. */
export function timesOf(
  who: string,
  { timestampCol }: TableStream,
  table: Table,
  firstRow: number,
): Float64Array {
  const column = requireColumn(who, table, timestampCol!, ['timestamp', 'int64', 'float64']);
  const times = column.layout === 'timestamp' ? column.toEpochMs() : column.toFloat64();
  const bad = times.findIndex((time) => !Number.isFinite(time));
  if (bad < 0) return times;
  throw new DataError(
    `${who}: column "${timestampCol}" must have a time in every row, got ${column.get(bad)} in row ` +
      `${firstRow + bad}.`,
    { details: { who, column: timestampCol, row: firstRow + bad } },
  );
}

function tooLate(
  who: string,
  { times, firstRow }: Waiting,
  version: JoinVersion | null,
  maxDelayMs: number,
): DataError {
  const got = version === null ? 'there is none' : `the last one is of ${version.timestamp}`;
  return new DataError(
    `${who}: row ${firstRow} is of time ${times[0]} and needs a model that is at most ${maxDelayMs} ms ` +
      `older, but ${got}, and no more will come; raise maxAllowedModelDelayMs, or end the training ` +
      'stream later.',
    { details: { who, row: firstRow, time: times[0], timestamp: version?.timestamp, maxDelayMs } },
  );
}
