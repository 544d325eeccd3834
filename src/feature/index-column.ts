/** Columns of indices: integers from 0 on, in a column of any numeric type. */
import type { KernelScope } from '../algorithm/training.js';
import { addressOf, withScratch } from '../stage/kernel-data.js';
import type { Int64Column } from '../table/int64-column.js';
import type { NumericColumn } from '../table/numeric-column.js';
import { requireColumn } from '../table/require-column.js';
import type { Table } from '../table/table.js';

/** A column that can hold indices. */
export type IndexColumn = NumericColumn | Int64Column;

/** What stands for a cell that is no index. */
export const INVALID = -1;
/** The largest index: vectors have one entry more, and another for what is invalid. */
export const MOST_INDEX: number = 2 ** 31 - 3;

/** Below this a call of a kernel costs more than a plain loop. */
const KERNEL_ROWS = 32;
/** Indices made at a time, a mebibyte: still in the cache when they are copied to their place. */
const BLOCK_ROWS = 1 << 18;

/** A column of numbers, which may have null. @throws SchemaError `ERR_GYRE_SCHEMA`. */
export function indexColumn(who: string, table: Table, name: string): IndexColumn {
  const types = ['float64', 'float32', 'int32', 'int64'] as const;
  return requireColumn(who, table, name, types) as IndexColumn;
}

/**
 * Writes the indices of all rows; `other` for null, NaN, a fraction, a negative number and an index
 * above `most`.
 *
 * @returns How many rows have `other`.
 */
export function writeIndices(
  column: IndexColumn,
  most: number,
  other: number,
  out: Int32Array,
  scope: KernelScope,
): number {
  const values = kernelValues(column);
  if (values === null) return writeEach(column, most, other, out);
  return withScratch(scope, () => {
    const { arena, kernels } = scope;
    const rows = values.length;
    const block = arena.scratch(Math.min(BLOCK_ROWS, rows) * 4);
    const from = addressOf(values, scope);
    let invalid = 0;
    for (let at = 0; at < rows; at += BLOCK_ROWS) {
      const n = Math.min(BLOCK_ROWS, rows - at);
      invalid += kernels.exports.toIndices(n, from + at * 8, most, other, block);
      out.set(arena.i32(block, n), at);
    }
    return invalid;
  });
}

/** The largest index, {@link INVALID} without any; and how many cells are no index. */
export function largestIndex(
  column: IndexColumn,
  scope: KernelScope,
): { readonly largest: number; readonly invalid: number } {
  const values = kernelValues(column);
  if (values !== null) {
    const largest = withScratch(scope, () =>
      scope.kernels.exports.largestIndex(values.length, addressOf(values, scope), MOST_INDEX),
    );
    if (largest !== INVALID) return { largest, invalid: 0 };
  }
  const indices = new Int32Array(column.length);
  const invalid = writeEach(column, MOST_INDEX, INVALID, indices);
  let largest = INVALID;
  for (let i = 0; i < indices.length; i++) if (indices[i]! > largest) largest = indices[i]!;
  return { largest, invalid };
}

/** The first row that is no index up to `most`; -1: there is none. */
export function firstInvalid(column: IndexColumn, most: number): number {
  const indices = new Int32Array(column.length);
  writeEach(column, most, INVALID, indices);
  return indices.indexOf(INVALID);
}

/** What kernels read: 64-bit floats without null, and not just a few. */
function kernelValues(column: IndexColumn): Float64Array | null {
  if (column.length < KERNEL_ROWS || column.type !== 'float64' || column.nullCount > 0) return null;
  return column.values as Float64Array;
}

function writeEach(column: IndexColumn, most: number, other: number, out: Int32Array): number {
  const hasNull = column.nullCount > 0;
  const values = column.layout === 'int64' ? column.toFloat64() : column.values;
  let invalid = 0;
  for (let i = 0; i < out.length; i++) {
    const value = values[i]!;
    const index = value | 0;
    const isValid = index === value && index >= 0 && index <= most;
    if (isValid && !(hasNull && column.isNull(i))) {
      out[i] = index;
    } else {
      out[i] = other;
      invalid++;
    }
  }
  return invalid;
}
