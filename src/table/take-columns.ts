/** Rows of a column in any order: what is left of it where rows are dropped, drawn or sorted. */
import { bitmap, getBit, setBit } from './bitmap.js';
import { BooleanColumn } from './boolean-column.js';
import { float32, float64, int32, int64, uint8 } from './buffers.js';
import type { Column } from './column.js';
import { DenseVectorColumn } from './dense-vector-column.js';
import { DictionaryColumn } from './dictionary-column.js';
import { Int64Column } from './int64-column.js';
import { ListColumn } from './list-column.js';
import { NumericColumn } from './numeric-column.js';
import { SparseVectorColumn } from './sparse-vector-column.js';
import { TimestampColumn } from './timestamp-column.js';
import { Utf8Column } from './utf8-column.js';

/** The given rows of a column, in new memory. Rows must exist; they may repeat. */
export function takeColumn(column: Column, rows: Int32Array): Column {
  const validity = column.validity === null ? null : takeBits(column.validity, rows);
  switch (column.layout) {
    case 'numeric': {
      const allocate = { float64, float32, int32 }[column.type];
      return new NumericColumn(
        takeNumbers(column.values, rows, allocate(rows.length)),
        validity,
      ) as Column;
    }
    case 'int64':
      return new Int64Column(takeInt64(column.values, rows), validity);
    case 'timestamp':
      return new TimestampColumn(takeInt64(column.values, rows), column.unit, validity);
    case 'boolean':
      return new BooleanColumn(takeBits(column.values, rows), rows.length, validity);
    case 'dictionary':
      return new DictionaryColumn(
        takeNumbers(column.codes, rows, int32(rows.length)),
        column.labels,
        validity,
      );
    case 'dense':
      return takeDense(column, rows, validity);
    case 'utf8': {
      const offsets = takenOffsets(column.offsets, rows);
      const bytes = uint8(offsets[rows.length]!);
      forEachRun(column.offsets, rows, (from, to, at) => {
        bytes.set(column.bytes.subarray(from, to), at);
      });
      return new Utf8Column(bytes, offsets, validity);
    }
    case 'sparse': {
      const offsets = takenOffsets(column.offsets, rows);
      const indices = int32(offsets[rows.length]!);
      const values = float64(indices.length);
      forEachRun(column.offsets, rows, (from, to, at) => {
        indices.set(column.indices.subarray(from, to), at);
        values.set(column.values.subarray(from, to), at);
      });
      return new SparseVectorColumn(column.size, offsets, indices, values, validity);
    }
    case 'list': {
      const offsets = takenOffsets(column.offsets, rows);
      const elements = int32(offsets[rows.length]!);
      forEachRun(column.offsets, rows, (from, to, at) => {
        for (let i = from; i < to; i++) elements[at + i - from] = i;
      });
      return new ListColumn(offsets, takeColumn(column.child, elements), validity);
    }
  }
}

function takeNumbers<A extends Float64Array | Float32Array | Int32Array>(
  values: A,
  rows: Int32Array,
  taken: A,
): A {
  for (let i = 0; i < rows.length; i++) taken[i] = values[rows[i]!]!;
  return taken;
}

function takeInt64(values: BigInt64Array, rows: Int32Array): BigInt64Array {
  const taken = int64(rows.length);
  for (let i = 0; i < rows.length; i++) taken[i] = values[rows[i]!]!;
  return taken;
}

function takeBits(bits: Uint8Array, rows: Int32Array): Uint8Array {
  const taken = bitmap(rows.length);
  for (let i = 0; i < rows.length; i++) if (getBit(bits, rows[i]!)) setBit(taken, i);
  return taken;
}

function takeDense(
  { values, dim }: DenseVectorColumn,
  rows: Int32Array,
  validity: Uint8Array | null,
): DenseVectorColumn {
  const allocate = values instanceof Float64Array ? float64 : float32;
  const taken = allocate(rows.length * dim) as Float64Array | Float32Array;
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i]! * dim;
    taken.set(values.subarray(from, from + dim), i * dim);
  }
  return new DenseVectorColumn(taken, dim, rows.length, validity);
}

function takenOffsets(offsets: Int32Array, rows: Int32Array): Int32Array {
  const taken = int32(rows.length + 1);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    taken[i + 1] = taken[i]! + offsets[row + 1]! - offsets[row]!;
  }
  return taken;
}

/** Calls back with each run of neighbouring rows: its entries `from` to `to`, and where they go. */
function forEachRun(
  offsets: Int32Array,
  rows: Int32Array,
  copy: (from: number, to: number, at: number) => void,
): void {
  let at = 0;
  for (let i = 0; i < rows.length; ) {
    const first = rows[i]!;
    let end = first + 1;
    for (i++; i < rows.length && rows[i] === end; i++) end++;
    const [from, to] = [offsets[first]!, offsets[end]!];
    copy(from, to, at);
    at += to - from;
  }
}
