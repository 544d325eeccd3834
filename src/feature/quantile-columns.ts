/** What order statistics are taken of: the columns of a shard, each as one run of doubles. */
import type { KernelScope } from '../algorithm/training.js';
import { addressOf } from '../stage/kernel-data.js';
import type { Column } from '../table/column.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { Int64Column } from '../table/int64-column.js';
import type { NumericColumn } from '../table/numeric-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import type { Table } from '../table/table.js';

/** A column of numbers of any type. */
export type NumberColumn = NumericColumn | Int64Column;

/** A run of doubles in kernel memory. */
export interface Run {
  readonly address: number;
  readonly length: number;
}

/**
 * Every entry of a column of vectors, or every column of numbers, in order.
 *
 * @param missing Values of columns of numbers that count as null, which comes as NaN.
 * @param scope Copies are in its scratch memory: the caller is inside `withScratch`.
 */
export function runsOf(table: Table, missing: number, scope: KernelScope): Run[] {
  return table.columnNames.flatMap((name) => {
    const column: Column = table.column(name);
    if (column.layout === 'dense') return entriesOfDense(column, scope);
    if (column.layout === 'sparse') return entriesOfSparse(column, scope);
    const values = presentNumbers(column as NumberColumn, missing);
    return [{ address: addressOf(values, scope), length: values.length }];
  });
}

/** The numbers of a column, NaN for null and for `missing`; as 32-bit floats compare, in theirs. */
export function presentNumbers(column: NumberColumn, missing: number): Float64Array {
  const values = column.toFloat64();
  if (Number.isNaN(missing)) return values;
  const absent = comparable(column, missing);
  return values.map((value) => (value === absent ? Number.NaN : value));
}

/** The number that a value of the column must equal to be `missing`. */
export function comparable(column: NumberColumn, missing: number): number {
  return column.type === 'float32' ? Math.fround(missing) : missing;
}

/** Zero-copy for one entry a row, else the transposed matrix. */
function entriesOfDense({ values, dim, length }: DenseVectorColumn, scope: KernelScope): Run[] {
  const from = addressOf(values, scope);
  if (dim === 1) return [{ address: from, length }];
  const columns = scope.arena.scratch(length * dim * 8);
  scope.kernels.exports.transposeRows(length, dim, from, columns);
  return runs(columns, dim, length);
}

function entriesOfSparse(column: SparseVectorColumn, { arena }: KernelScope): Run[] {
  const { size, length, offsets, indices, values } = column;
  const address = arena.scratch(length * size * 8);
  const columns = arena.f64(address, length * size).fill(0);
  for (let row = 0; row < length; row++) {
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      columns[indices[at]! * length + row] = values[at]!;
    }
  }
  return runs(address, size, length);
}

function runs(address: number, count: number, length: number): Run[] {
  return Array.from({ length: count }, (_, t) => ({ address: address + t * length * 8, length }));
}
