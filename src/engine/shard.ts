/**
 * The shards of a table: row ranges cut by the table's size alone, so that every result is the
 * same on any number of workers.
 */
import type { Table } from '../table/table.js';

/** The most shards that a table is cut into. A power of two: the combination tree is complete. */
export const MAX_SHARDS = 256;
/** A shard has at least about this many rows, so that a call of a kernel is worth it. */
export const MIN_SHARD_ROWS = 4096;

/** One row range of a table, resident in the memory of the thread that owns it. */
export interface Shard {
  /** In row order: 0 .. count - 1; of a {@link Piece}, among the shards of all rows. */
  readonly index: number;
  /** Shards of the table, a power of two but for a piece. */
  readonly count: number;
  /** Index of the shard's first row in all rows: those of the table, or what it is a piece of. */
  readonly rowStart: number;
  /** The rows, as columns whose typed arrays lie in this thread's kernel memory. */
  readonly table: Table;
}

/** A table that has some of more rows, which come one piece after the other, in shards of one size. */
export interface Piece {
  /** Index of the table's first row among all rows, a multiple of `shardRows`. */
  readonly firstRow: number;
  /** Rows of a shard; the last one of all rows may have fewer. */
  readonly shardRows: number;
}

/** Number of shards of a table: the largest power of two with at least MIN_SHARD_ROWS rows each. */
export function shardCount(rows: number): number {
  let count = 1;
  while (count < MAX_SHARDS && rows / (count * 2) >= MIN_SHARD_ROWS) count *= 2;
  return count;
}

/** First row of a shard; `shardStart(rows, count, count)` is `rows`. */
export function shardStart(rows: number, count: number, index: number): number {
  return Math.floor((rows * index) / count);
}

/** The contiguous run `[first, last)` of shards that a subtask owns. */
export function shardRun(count: number, subtask: number, parallelism: number): [number, number] {
  return [
    Math.floor((count * subtask) / parallelism),
    Math.floor((count * (subtask + 1)) / parallelism),
  ];
}

/** Which shard of which table's node: what a checkpoint keeps in place of the rows. */
export interface ShardRef {
  readonly node: number;
  readonly index: number;
}

const resident = new WeakMap<object, ShardRef>();

/** Notes that a shard lies in the memory of this thread and can be placed again from its table. */
export function setResident(shard: Shard, node: number): Shard {
  resident.set(shard, { node, index: shard.index });
  return shard;
}

/** The reference of a shard that lies in the memory of this thread, else undefined. */
export function residentRef(value: object): ShardRef | undefined {
  return resident.get(value);
}

/** Whether a record, or the frame around it, is a shard that lies in the memory of this thread. */
export function isResident(record: unknown): boolean {
  if (typeof record !== 'object' || record === null) return false;
  return resident.has(record) || isResident((record as { readonly value?: unknown }).value);
}
