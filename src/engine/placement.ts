/**
 * Placement: a table's shards are written once, straight into the memory of the worker that owns
 * them, and stay there for all rounds. Shards that are looked at only once pass through one slot
 * there instead, each written when it is looked at: it is read again while it is in the cache, and
 * the memory bounds a shard, not a table.
 *
 * The main thread decides the addresses. Arrays in shared memory are copied by the worker itself,
 * so that all workers copy at once; others by the main thread, before the job starts.
 */
import { invariant } from '../core/errors.js';
import { countShared } from '../table/buffers.js';
import type { PartArray } from '../table/parts.js';
import { type ColumnParts, columnFromParts, columnViews, copyOffsets } from '../table/parts.js';
import { Table } from '../table/table.js';
import {
  type Piece,
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
  /** Whether they are offsets, which count from zero once they are there. */
  readonly isOffsets: boolean;
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
  /** Of a passing shard: where the slot is that its addresses count from. */
  readonly slot?: number;
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

/** The memory that shards are placed in. */
export interface Place {
  readonly memory: SharedArrayBuffer;
  readonly allocate: Allocate;
  /** Whether the memory is this thread's: it copies everything itself, also what is not shared. */
  readonly isHere: boolean;
}

/** A table of a job. */
export interface PlacedTable {
  readonly table: Table;
  /** Whether each shard is looked at only once, when it arrives. */
  readonly passing: boolean;
  /** What it is a piece of; null: it is all there is. */
  readonly piece: Piece | null;
}

function kindOf(array: PartArray): ArrayKind {
  // Buffers are Uint8Arrays of another name.
  return array instanceof Uint8Array ? 'Uint8Array' : (array.constructor.name as ArrayKind);
}

function view(memory: SharedArrayBuffer, { kind, address, length }: PlacedArray): PartArray {
  return new ARRAYS[kind](memory as unknown as ArrayBuffer, address, length);
}

function copy(memory: SharedArrayBuffer, placed: PlacedArray, source: PartArray): void {
  const { address, isOffsets } = placed;
  if (isOffsets) {
    copyOffsets(source as Int32Array, view(memory, placed) as Int32Array);
    return;
  }
  const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  new Uint8Array(memory, address, source.byteLength).set(bytes);
}

/** Takes an array of a column, by its name there. */
type PlaceArray = (source: PartArray, name: string) => PlacedArray;

function placedAt(address: number, source: PartArray, name: string): PlacedArray {
  const { length } = source;
  return { kind: kindOf(source), address, length, isOffsets: name === 'offsets', source };
}

function placeArray(
  source: PartArray,
  name: string,
  { memory, allocate, isHere }: Place,
): PlacedArray {
  const placed = placedAt(allocate(source.byteLength), source, name);
  if (source.buffer instanceof SharedArrayBuffer && !isHere) return placed;
  copy(memory, placed, source);
  return { ...placed, source: null };
}

function placeParts({ arrays, child, ...rest }: ColumnParts, place: PlaceArray): PlacedParts {
  const placed = Object.entries(arrays).map(([name, array]) => [name, place(array, name)] as const);
  return {
    ...rest,
    arrays: Object.fromEntries(placed),
    ...(child && { child: placeParts(child, place) }),
  };
}

/** Places the shards of one subtask, a contiguous run. */
export function placeShards(
  placed: PlacedTable,
  subtask: number,
  parallelism: number,
  place: Place,
): PlacedShard[] {
  const { table, passing } = placed;
  const { first, count } = cutsOf(placed);
  const [from, to] = shardRun(count, subtask, parallelism);
  const indices = Array.from({ length: to - from }, (_, i) => first + from + i);
  if (!passing || !(place.isHere || isShared(table))) {
    return indices.map((index) => placeShard(placed, index, place));
  }
  return passThroughSlot(placed, indices, place);
}

/** Places one shard; see {@link placeShards}. */
export function placeShard(placed: PlacedTable, index: number, place: Place): PlacedShard {
  return shardOf(placed, index, (source, name) => placeArray(source, name, place));
}

function shardOf(placed: PlacedTable, index: number, place: PlaceArray): PlacedShard {
  const { table, piece } = placed;
  const { first, count, start } = cutsOf(placed);
  const rowStart = start(index - first);
  const slice = table.slice(rowStart, start(index - first + 1));
  const columns = slice.columnNames.map(
    (name) => [name, placeParts(columnViews(slice.column(name)), place)] as const,
  );
  return { index, count, rowStart: (piece?.firstRow ?? 0) + rowStart, columns };
}

/** Where a table is cut into shards. */
interface Cuts {
  /** Index of the first shard. */
  readonly first: number;
  readonly count: number;
  /** First row, in the table, of its i-th shard; of shard `count`, where the table ends. */
  readonly start: (i: number) => number;
}

function cutsOf({ table: { numRows }, piece }: PlacedTable): Cuts {
  if (piece === null) {
    const count = shardCount(numRows);
    return { first: 0, count, start: (i) => shardStart(numRows, count, i) };
  }
  const { firstRow, shardRows } = piece;
  const start = (i: number) => Math.min(i * shardRows, numRows);
  return { first: firstRow / shardRows, count: Math.ceil(numRows / shardRows), start };
}

/** Whether every array of a table can be read by workers where it is. */
function isShared(table: Table): boolean {
  const arraysOf = ({ arrays, child }: ColumnParts): PartArray[] => [
    ...Object.values(arrays),
    ...(child ? arraysOf(child) : []),
  ];
  return table.columnNames
    .flatMap((name) => arraysOf(columnViews(table.column(name))))
    .every(({ buffer }) => buffer instanceof SharedArrayBuffer);
}

/** Arrays of a slot have lines of cache of their own, as those of an arena do. */
const SLOT_ALIGNMENT = 64;
/**
 * What lies in shared memory is copied in words of eight bytes where both ends are equally far from
 * a word's start, else byte by byte, at a third of the speed.
 */
const WORD_BYTES = 8;

/** Shards whose arrays all lie in one slot, which has room for the largest. */
function passThroughSlot(
  placed: PlacedTable,
  indices: readonly number[],
  place: Place,
): PlacedShard[] {
  let largest = 0;
  const shards = indices.map((index) => {
    let end = 0;
    const shard = shardOf(placed, index, (source, name) => {
      const address = end + (source.byteOffset % WORD_BYTES);
      end = Math.ceil((address + source.byteLength) / SLOT_ALIGNMENT) * SLOT_ALIGNMENT;
      return placedAt(address, source, name);
    });
    largest = Math.max(largest, end);
    return shard;
  });
  const slot = place.allocate(largest);
  return shards.map((shard) => ({ ...shard, slot }));
}

function openParts(memory: SharedArrayBuffer, parts: PlacedParts, slot: number): ColumnParts {
  const { arrays, child, ...rest } = parts;
  const opened = Object.entries(arrays).map(([name, array]) => {
    const placed = { ...array, address: slot + array.address };
    if (placed.source !== null) {
      copy(memory, placed, placed.source);
      countShared(placed.source.buffer);
    }
    return [name, view(memory, placed)] as const;
  });
  return {
    ...rest,
    arrays: Object.fromEntries(opened),
    ...(child && { child: openParts(memory, child, slot) }),
  };
}

function openTable(memory: SharedArrayBuffer, { columns, slot = 0 }: PlacedShard): Table {
  const opened = columns.map(
    ([name, parts]) => [name, columnFromParts(openParts(memory, parts, slot))] as const,
  );
  return Table.fromColumns(new Map(opened));
}

/** The one table that lies in a slot now. */
class Slot {
  readonly #memory: SharedArrayBuffer;
  #open: { readonly placed: PlacedShard; readonly table: Table } | null = null;

  constructor(memory: SharedArrayBuffer) {
    this.#memory = memory;
  }

  tableOf(placed: PlacedShard): Table {
    if (this.#open?.placed !== placed) {
      this.#open = { placed, table: openTable(this.#memory, placed) };
    }
    return this.#open.table;
  }
}

/** A shard whose table is there from when it is asked for until that of another shard is. */
class PassingShard implements Shard {
  readonly index: number;
  readonly count: number;
  readonly rowStart: number;
  readonly #placed: PlacedShard;
  readonly #slot: Slot;

  constructor(placed: PlacedShard, slot: Slot) {
    this.index = placed.index;
    this.count = placed.count;
    this.rowStart = placed.rowStart;
    this.#placed = placed;
    this.#slot = slot;
  }

  get table(): Table {
    return this.#slot.tableOf(this.#placed);
  }
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
    const slot = new Slot(this.#memory);
    return placed.map((one) => {
      const shard = setResident(this.#shardOf(one, slot), node);
      this.#shards.set(`${node}/${one.index}`, shard);
      return shard;
    });
  }

  #shardOf(placed: PlacedShard, slot: Slot): Shard {
    if (placed.slot !== undefined) return new PassingShard(placed, slot);
    const { index, count, rowStart } = placed;
    return { index, count, rowStart, table: openTable(this.#memory, placed) };
  }

  /** The shard that a checkpoint refers to. */
  get({ node, index }: ShardRef): Shard {
    const shard = this.#shards.get(`${node}/${index}`);
    invariant(shard !== undefined, `shard ${index} of node ${node} is not on this thread`);
    return shard;
  }
}
