/**
 * Placement: a table's shards are written once, straight into the memory of the worker that owns
 * them, and stay there for all rounds.
 *
 * The main thread decides the addresses. Arrays in shared memory are copied by the worker itself,
 * so that all workers copy at once; others by the main thread, before the job starts.
 */
import { invariant } from '../core/errors.js';
import { countShared } from '../table/buffers.js';
import type { PartArray } from '../table/parts.js';
import { type ColumnParts, columnFromParts, columnToParts } from '../table/parts.js';
import { Table } from '../table/table.js';
import {
  type Shard,
  type ShardRef,
  setResident,
  shardCount,
  shardRun,
  shardStart,
} from './shard.js';

/** Where an array lies in a worker's memory, and what is copied there. */
interface PlacedArray {
  readonly kind: ArrayKind;
  readonly address: number;
  readonly length: number;
  /** The values, in shared memory, for the worker to copy; null when they are there already. */
  readonly source: PartArray | null;
}

type PlacedParts = Omit<ColumnParts, 'arrays' | 'child'> & {
  readonly arrays: Readonly<Record<string, PlacedArray>>;
  readonly child?: PlacedParts;
};

/** One shard, ready to be sent to its owner. */
export interface PlacedShard {
  readonly index: number;
  readonly count: number;
  readonly rowStart: number;
  readonly columns: readonly (readonly [string, PlacedParts])[];
}

type ArrayKind = 'Float64Array' | 'Float32Array' | 'Int32Array' | 'Uint8Array' | 'BigInt64Array';
const ARRAYS: Record<ArrayKind, new (buffer: ArrayBuffer, at: number, n: number) => PartArray> = {
  Float64Array,
  Float32Array,
  Int32Array,
  Uint8Array,
  BigInt64Array,
};

/** Takes `bytes` of a worker's memory and returns their address. */
export type Allocate = (bytes: number) => number;

function kindOf(array: PartArray): ArrayKind {
  // Buffers are Uint8Arrays of another name.
  return array instanceof Uint8Array ? 'Uint8Array' : (array.constructor.name as ArrayKind);
}

function view(memory: SharedArrayBuffer, { kind, address, length }: PlacedArray): PartArray {
  return new ARRAYS[kind](memory as unknown as ArrayBuffer, address, length);
}

function copy(memory: SharedArrayBuffer, placed: PlacedArray, source: PartArray): void {
  const { address } = placed;
  const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  new Uint8Array(memory, address, source.byteLength).set(bytes);
}

function placeArray(
  source: PartArray,
  memory: SharedArrayBuffer,
  allocate: Allocate,
  copyNow: boolean,
): PlacedArray {
  const { length } = source;
  const address = allocate(source.byteLength);
  const shared = source.buffer instanceof SharedArrayBuffer && !copyNow;
  const placed = { kind: kindOf(source), address, length, source: shared ? source : null };
  if (!shared) copy(memory, placed, source);
  return placed;
}

function placeParts(
  { arrays, child, ...rest }: ColumnParts,
  place: (source: PartArray) => PlacedArray,
): PlacedParts {
  const placed = Object.entries(arrays).map(([name, array]) => [name, place(array)] as const);
  return {
    ...rest,
    arrays: Object.fromEntries(placed),
    ...(child && { child: placeParts(child, place) }),
  };
}

/**
 * Places the shards of one subtask, a contiguous run.
 *
 * @param copyNow Copy everything here and now, also what is shared: the subtask is on this thread.
 */
export function placeShards(
  table: Table,
  subtask: number,
  parallelism: number,
  memory: SharedArrayBuffer,
  allocate: Allocate,
  copyNow: boolean,
): PlacedShard[] {
  const [first, last] = shardRun(shardCount(table.numRows), subtask, parallelism);
  return Array.from({ length: last - first }, (_, i) =>
    placeShard(table, first + i, memory, allocate, copyNow),
  );
}

/** Places one shard; see {@link placeShards}. */
export function placeShard(
  table: Table,
  index: number,
  memory: SharedArrayBuffer,
  allocate: Allocate,
  copyNow: boolean,
): PlacedShard {
  const count = shardCount(table.numRows);
  const place = (source: PartArray) => placeArray(source, memory, allocate, copyNow);
  const rowStart = shardStart(table.numRows, count, index);
  const rows = shardStart(table.numRows, count, index + 1) - rowStart;
  const slice = table.slice(rowStart, rowStart + rows);
  const columns = slice.columnNames.map(
    (name) => [name, placeParts(columnToParts(slice.column(name)), place)] as const,
  );
  return { index, count, rowStart, columns };
}

function openParts(memory: SharedArrayBuffer, parts: PlacedParts): ColumnParts {
  const { arrays, child, ...rest } = parts;
  const opened = Object.entries(arrays).map(([name, placed]) => {
    if (placed.source !== null) {
      copy(memory, placed, placed.source);
      countShared(placed.source.buffer);
    }
    return [name, view(memory, placed)] as const;
  });
  return {
    ...rest,
    arrays: Object.fromEntries(opened),
    ...(child && { child: openParts(memory, child) }),
  };
}

/** The shards that lie on this thread. */
export class OpenShards {
  readonly #memory: SharedArrayBuffer;
  readonly #shards = new Map<string, Shard>();

  /** @param referenced Shards by table node that are here beside the owned ones. */
  constructor(
    memory: SharedArrayBuffer,
    referenced: Readonly<Record<number, readonly PlacedShard[]>>,
  ) {
    this.#memory = memory;
    for (const [node, placed] of Object.entries(referenced)) this.open(Number(node), placed);
  }

  /** Opens shards of a table's node; copies what was left to this thread. */
  open(node: number, placed: readonly PlacedShard[]): Shard[] {
    return placed.map(({ index, count, rowStart, columns }) => {
      const opened = columns.map(
        ([name, parts]) => [name, columnFromParts(openParts(this.#memory, parts))] as const,
      );
      const table = Table.fromColumns(new Map(opened));
      const shard = setResident({ index, count, rowStart, table }, node);
      this.#shards.set(`${node}/${index}`, shard);
      return shard;
    });
  }

  /** The shard that a checkpoint refers to. */
  get({ node, index }: ShardRef): Shard {
    const shard = this.#shards.get(`${node}/${index}`);
    invariant(shard !== undefined, `shard ${index} of node ${node} is not on this thread`);
    return shard;
  }
}
