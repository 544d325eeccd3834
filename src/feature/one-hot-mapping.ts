/** Indices as sparse vectors with a single 1, shard by shard. */
import type { RowMapping, RowOutput } from '../algorithm/map-rows.js';
import { DataError } from '../core/errors.js';
import { shardCount, shardStart } from '../engine/shard.js';
import type { RowScope } from '../stage/new-columns.js';
import { float64, int32 } from '../table/buffers.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { firstInvalid, INVALID, type IndexColumn, writeIndices } from './index-column.js';

/** A column to be encoded. */
export interface EncodedColumn {
  readonly inputCol: string;
  readonly outputCol: string;
  /** Larger indices are invalid. */
  readonly maxIndex: number;
  /** The size of the vectors; an index that is not below it gives no entry. */
  readonly size: number;
}

/** What the mapping reads. */
export interface OneHotMappingParams {
  readonly who: string;
  readonly columns: readonly EncodedColumn[];
  readonly handleInvalid: 'error' | 'skip' | 'keep';
}

/** The arrays of the vectors of each column, by {@link arrayNames}. */
export function oneHotOutputs(columns: readonly EncodedColumn[]): Record<string, RowOutput> {
  const outputs: Record<string, RowOutput> = {};
  for (const c of columns.keys()) {
    const { indices, offsets, values } = arrayNames(c);
    outputs[indices] = { type: 'int32', width: 1 };
    outputs[offsets] = { type: 'int32', width: 1, before: 1 };
    outputs[values] = { type: 'float64', width: 1 };
  }
  return outputs;
}

const arrayNames = (c: number) => ({
  indices: `indices ${c}`,
  offsets: `offsets ${c}`,
  values: `values ${c}`,
});

/**
 * The mapping that `OneHotEncoderModel.transform` runs on the workers. Each shard writes its entries
 * as if every row before it had one; {@link joinShards} makes vectors of them.
 */
export function oneHotMapping(params: OneHotMappingParams): RowMapping {
  return {
    apply({ table, rowStart }, outputs, scope) {
      const rowScope = { ...scope, firstRow: rowStart };
      for (const [c, encoded] of params.columns.entries()) {
        const { indices, offsets, values } = arrayNames(c);
        const out = outputs[indices] as Int32Array;
        const column = table.column(encoded.inputCol) as IndexColumn;
        writeCategories(params, encoded, column, out, rowScope);
        storeEntries(out, encoded.size, rowStart, outputs[offsets] as Int32Array);
        outputs[values]!.fill(1);
      }
    },
  };
}

/**
 * Writes the category of each row; {@link INVALID} for those that are to be skipped.
 *
 * @throws DataError `ERR_GYRE_DATA` for the first that is invalid, with `'error'`.
 */
export function writeCategories(
  { who, handleInvalid }: OneHotMappingParams,
  { inputCol, maxIndex }: EncodedColumn,
  column: IndexColumn,
  out: Int32Array,
  scope: RowScope,
): void {
  const other = handleInvalid === 'keep' ? maxIndex + 1 : INVALID;
  const invalid = writeIndices(column, maxIndex, other, out, scope);
  if (invalid === 0 || handleInvalid !== 'error') return;
  const at = firstInvalid(column, maxIndex);
  const [row, got] = [scope.firstRow + at, column.get(at)];
  throw new DataError(
    `${who}: column "${inputCol}" must have integers in [0, ${maxIndex}], got ${got} in row ` +
      `${row}; or set handleInvalid to 'skip' or 'keep'.`,
    { details: { who, column: inputCol, row, got } },
  );
}

/**
 * Moves the indices that are below the size to the front, and writes where the entries of each row
 * end, counted from `first`. Returns how many there are.
 */
function storeEntries(indices: Int32Array, size: number, first: number, ends: Int32Array): number {
  let stored = 0;
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    if (index < size) indices[stored++] = index;
    ends[i] = first + stored;
  }
  return stored;
}

/** Vectors with 1 at the index, or without an entry where it is not below the size. */
export function oneHotVectors(size: number, indices: Int32Array): SparseVectorColumn {
  const offsets = int32(indices.length + 1);
  const stored = storeEntries(indices, size, 0, offsets.subarray(1));
  const values = float64(stored).fill(1);
  return new SparseVectorColumn(size, offsets, indices.subarray(0, stored), values);
}

/**
 * The vectors of column c of what {@link oneHotMapping} wrote: where rows have no entry, the entries
 * of later shards move up.
 */
export function joinShards(
  size: number,
  arrays: Readonly<Record<string, Int32Array | Float64Array>>,
  c: number,
): SparseVectorColumn {
  const names = arrayNames(c);
  const indices = arrays[names.indices] as Int32Array;
  const offsets = arrays[names.offsets] as Int32Array;
  const values = arrays[names.values] as Float64Array;
  const rows = indices.length;
  const shards = shardCount(rows);
  let stored = 0;
  for (let s = 0; s < shards; s++) {
    const start = shardStart(rows, shards, s);
    const end = shardStart(rows, shards, s + 1);
    const entries = offsets[end]! - start;
    moveUp(indices, offsets, { start, end, entries, gap: start - stored });
    stored += entries;
  }
  const [shown, ones] = [indices.subarray(0, stored), values.subarray(0, stored)];
  return new SparseVectorColumn(size, offsets, shown, ones);
}

/** Rows of one shard, whose entries stand after a gap. */
interface ShardEntries {
  readonly start: number;
  readonly end: number;
  readonly entries: number;
  readonly gap: number;
}

function moveUp(
  indices: Int32Array,
  offsets: Int32Array,
  { start, end, entries, gap }: ShardEntries,
): void {
  if (gap === 0) return;
  indices.copyWithin(start - gap, start, start + entries);
  for (let row = start; row < end; row++) offsets[row + 1]! -= gap;
}
