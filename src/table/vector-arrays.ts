/** Between vectors and arrays of numbers: values, and whole columns. */
import { DataError, DimensionMismatchError, SchemaError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { BaseColumn } from './base-column.js';
import { float64, int32 } from './buffers.js';
import type { Column } from './column.js';
import { DenseVectorColumn } from './dense-vector-column.js';
import { isListCell } from './infer.js';
import { Int64Column } from './int64-column.js';
import { ListColumn } from './list-column.js';
import { NumericColumn } from './numeric-column.js';
import type { SparseVectorColumn } from './sparse-vector-column.js';
import { DenseVector, SparseVector, type Vector } from './vector.js';

/**
 * All entries of a vector as an array, or of each vector of a column as a list.
 *
 * Of a dense vector it is the live array, and lists stand on the column's own values where these are
 * 64-bit floats; sparse vectors are copied. Null stays null.
 *
 * @throws {@link SchemaError} `ERR_GYRE_SCHEMA` for anything else; {@link DataError} `ERR_GYRE_DATA`
 *   for a column of 2^31 entries or more.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ x: [Vectors.sparse(3, [1], [5]), Vectors.dense(1, 2, 3)] });
 * const arrays = table.withColumn('x', vectorToArray(table.column('x')));
 * console.log(arrays.schema.x, arrays.row(0).x); // float64[] [ 0, 5, 0 ]
 * ```
 */
export function vectorToArray(vector: Vector): Float64Array;
export function vectorToArray(column: Column): ListColumn;
export function vectorToArray(from: Vector | Column): Float64Array | ListColumn {
  if (from instanceof DenseVector || from instanceof SparseVector) return from.toArray();
  if (!(from instanceof BaseColumn && (from.layout === 'dense' || from.layout === 'sparse'))) {
    throw wrong('vectorToArray', 'a vector or a column of vectors', from);
  }
  const { values, dim } = from.layout === 'dense' ? from : denseRows(from);
  const { length, validity } = from;
  if (values.length > 0x7fffffff) {
    throw new DataError(
      `vectorToArray: lists hold at most 2^31 - 1 entries, got ${values.length}.`,
      {
        details: { entries: values.length },
      },
    );
  }
  const offsets = int32(length + 1);
  for (let i = 1; i <= length; i++) offsets[i] = i * dim;
  const child = values instanceof Float64Array ? values : Float64Array.from(values);
  return new ListColumn(offsets, new NumericColumn(child) as Column, validity);
}

/**
 * An array of numbers as a dense vector, or a column of lists of numbers as a column of vectors.
 *
 * A `Float64Array`, and lists of 64-bit floats without gaps, are taken as they are. Null stays null.
 *
 * @throws {@link SchemaError} `ERR_GYRE_SCHEMA` for anything else; {@link DimensionMismatchError}
 *   `ERR_GYRE_DIMENSION` for lists of different lengths; {@link DataError} `ERR_GYRE_DATA` for null
 *   in a list.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ x: [[1, 2], [3, 4]] });
 * const vectors = table.withColumn('x', arrayToVector(table.column('x')));
 * console.log(table.schema.x, vectors.schema.x, String(vectors.row(1).x)); // float64[] vector [3.0, 4.0]
 * ```
 */
export function arrayToVector(column: Column): DenseVectorColumn;
export function arrayToVector(array: ArrayLike<number>): DenseVector;
export function arrayToVector(from: ArrayLike<number> | Column): DenseVector | DenseVectorColumn {
  if (from instanceof BaseColumn) {
    const { child } = from as Partial<ListColumn>;
    if (
      from.layout === 'list' &&
      (child instanceof NumericColumn || child instanceof Int64Column)
    ) {
      return vectorsOf(from, child);
    }
  } else if (from instanceof Float64Array) {
    return new DenseVector(from);
  } else if (isListCell(from)) {
    const stray = Array.prototype.findIndex.call(from, (entry) => typeof entry !== 'number');
    if (stray < 0) return new DenseVector(Float64Array.from(from as ArrayLike<number>));
    throw wrong(`arrayToVector: entry ${stray}`, 'a number', from[stray]);
  }
  throw wrong('arrayToVector', 'numbers or a column of lists of numbers', from);
}

function vectorsOf(lists: ListColumn, child: NumericColumn | Int64Column): DenseVectorColumn {
  const { offsets, length, validity } = lists;
  const first = Array.from({ length }, (_, i) => i).find((i) => !lists.isNull(i)) ?? 0;
  const dim = length === 0 ? 0 : offsets[first + 1]! - offsets[first]!;
  const entries = child.slice(offsets[0]!, offsets[length]!);
  if (entries.nullCount > 0) throw new DataError('arrayToVector: a list must not have null in it.');
  const all = entries.toFloat64();
  checkLengths(lists, dim);
  if (lists.nullCount === 0) return new DenseVectorColumn(all, dim, length);
  // Lists that are null may have entries, of any number.
  const values = float64(length * dim);
  for (let i = 0; i < length; i++) {
    const start = offsets[i]! - offsets[0]!;
    if (!lists.isNull(i)) values.set(all.subarray(start, start + dim), i * dim);
  }
  return new DenseVectorColumn(values, dim, length, validity);
}

function checkLengths(lists: ListColumn, dim: number): void {
  const { offsets, length } = lists;
  for (let i = 0; i < length; i++) {
    const got = offsets[i + 1]! - offsets[i]!;
    if (got === dim || lists.isNull(i)) continue;
    throw new DimensionMismatchError(
      `arrayToVector: row ${i} has ${got} entries, expected ${dim} as in the rows before.`,
      { details: { row: i, got, expected: dim } },
    );
  }
}

function denseRows(column: SparseVectorColumn): { values: Float64Array; dim: number } {
  const { size: dim, length, offsets, indices } = column;
  const values = float64(length * dim);
  for (let row = 0; row < length; row++) {
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      values[row * dim + indices[at]!] = column.values[at]!;
    }
  }
  return { values, dim };
}

function wrong(who: string, expected: string, got: unknown): SchemaError {
  return new SchemaError(`${who} must be ${expected}, got ${showValue(got)}.`, {
    details: { who, expected },
  });
}
