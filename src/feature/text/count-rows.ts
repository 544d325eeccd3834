/** Lists to sparse rows: every element has a slot, and each slot's value is how often it occurs. */
import type { KernelScope } from '../../algorithm/training.js';
import { withScratch } from '../../stage/kernel-data.js';
import { float64, int32 } from '../../table/buffers.js';
import type { ListColumn } from '../../table/list-column.js';
import { SparseVectorColumn } from '../../table/sparse-vector-column.js';

/** Elements that are counted at a time, unless a row has more: their slots stay in cache. */
const BLOCK_ELEMENTS = 1 << 15;

/** Writes the slots of elements `[from, from + slots.length)` of the lists' child; -1: none. */
export type SlotsOf = (from: number, slots: Int32Array) => void;

/** What becomes of a count. */
export interface Counting {
  /** Size of the vectors: slots are below it. */
  readonly size: number;
  /** A slot is kept when it occurs minCount + minShare · (elements of the row) times, or more. */
  readonly minCount: number;
  readonly minShare: number;
  /** Whether the value is 1 for every slot that is kept. */
  readonly binary: boolean;
}

/** Counts the slots of every list. */
export function countRows(
  { length: rows, offsets }: ListColumn,
  slotsOf: SlotsOf,
  counting: Counting,
  scope: KernelScope,
): SparseVectorColumn {
  const elements = offsets[rows]! - offsets[0]!;
  const out: SparseRows = {
    offsets: int32(rows + 1),
    indices: int32(elements),
    values: float64(elements),
  };
  let entries = 0;
  for (let start = 0; start < rows; ) {
    let end = start + 1;
    while (end < rows && offsets[end + 1]! - offsets[start]! <= BLOCK_ELEMENTS) end++;
    const block = offsets.subarray(start, end + 1);
    entries = countBlock(block, slotsOf, counting, out, start, entries, scope);
    start = end;
  }
  const indices = out.indices.subarray(0, entries);
  return new SparseVectorColumn(
    counting.size,
    out.offsets,
    indices,
    out.values.subarray(0, entries),
  );
}

/** Rows as they are written. */
interface SparseRows {
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float64Array;
}

/** Counts the rows between the given offsets. Returns the entries there are with them. */
function countBlock(
  lists: Int32Array,
  slotsOf: SlotsOf,
  { minCount, minShare, binary }: Counting,
  out: SparseRows,
  firstRow: number,
  entriesBefore: number,
  scope: KernelScope,
): number {
  const { arena, kernels } = scope;
  const rows = lists.length - 1;
  const first = lists[0]!;
  const elements = lists[rows]! - first;
  return withScratch(scope, () => {
    const offsetsAt = arena.scratch((rows + 1) * 4);
    const slotsAt = arena.scratch(elements * 4);
    const outOffsets = arena.scratch((rows + 1) * 4);
    const outIndices = arena.scratch(elements * 4);
    const outValues = arena.scratch(elements * 8);
    const offsets = arena.i32(offsetsAt, rows + 1);
    for (let i = 0; i <= rows; i++) offsets[i] = lists[i]! - first;
    slotsOf(first, arena.i32(slotsAt, elements));
    const entries = kernels.exports.countSlots(
      rows,
      offsetsAt,
      slotsAt,
      minCount,
      minShare,
      Number(binary),
      outOffsets,
      outIndices,
      outValues,
    );
    const ends = arena.i32(outOffsets, rows + 1);
    for (let i = 1; i <= rows; i++) out.offsets[firstRow + i] = entriesBefore + ends[i]!;
    out.indices.set(arena.i32(outIndices, entries), entriesBefore);
    out.values.set(arena.f64(outValues, entries), entriesBefore);
    return entriesBefore + entries;
  });
}
