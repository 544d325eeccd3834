/**
 * Arrow tables to columns. Works on the shape of Arrow's objects alone: `apache-arrow` is not
 * loaded, and tables of any copy of it (ESM or CommonJS) are welcome.
 */
import { DataError, DimensionMismatchError, SchemaError } from '../core/errors.js';
import { dictionaryColumn } from './arrow-dictionary.js';
import { dateDays, decimals, halfFloats, narrowIntegers, unsigned64 } from './arrow-numbers.js';
import {
  type ArrowData,
  type ArrowField,
  type ArrowType,
  arrowTypeName,
  TypeId,
} from './arrow-types.js';
import { textOfViews } from './arrow-views.js';
import { filledBitmap, getBit, sliceBits } from './bitmap.js';
import { BooleanColumn } from './boolean-column.js';
import { float64, int32 } from './buffers.js';
import type { Column } from './column.js';
import { sortSparseRows } from './column-check.js';
import { concatColumns } from './concat-columns.js';
import { DenseVectorColumn } from './dense-vector-column.js';
import { Int64Column } from './int64-column.js';
import { ListColumn } from './list-column.js';
import { NumericColumn } from './numeric-column.js';
import { SparseVectorColumn } from './sparse-vector-column.js';
import { TIME_UNITS, TimestampColumn } from './timestamp-column.js';
import { Utf8Column } from './utf8-column.js';

/** What is read of an Arrow table (its `batches`) or record batch (its `data`). */
export interface ArrowTableLike {
  readonly schema: {
    readonly fields: readonly { readonly name: string; readonly type: unknown }[];
  };
  readonly batches?: readonly { readonly data: unknown }[];
  readonly data?: unknown;
}

/** Tells whether a value has the shape of an Arrow table or record batch. */
export function isArrowTable(value: unknown): value is ArrowTableLike {
  const like = value as Partial<ArrowTableLike> | null;
  return (
    typeof like === 'object' &&
    like !== null &&
    Array.isArray(like.schema?.fields) &&
    (Array.isArray(like.batches) || typeof like.data === 'object')
  );
}

/** The columns of an Arrow table or record batch by name. */
export function columnsFromArrow(arrow: ArrowTableLike): Map<string, Column> {
  if (!isArrowTable(arrow)) {
    throw new SchemaError('Table.fromArrow: must be an Arrow Table or RecordBatch.');
  }
  const batches = (arrow.batches?.map(({ data }) => data) ?? [arrow.data]) as ArrowData[];
  const columns = new Map<string, Column>();
  (arrow.schema.fields as readonly ArrowField[]).forEach((field, i) => {
    const chunks = batches.map((batch) => batch.children[i]!);
    const filled = chunks.filter((chunk) => chunk.length > 0);
    const parts = (filled.length > 0 ? filled : [emptyData(field.type)]).map((chunk) =>
      columnOf(chunk, field),
    );
    columns.set(field.name, concatColumns(parts, field.name));
  });
  return columns;
}

function emptyData(type: ArrowType): ArrowData {
  const values = type.typeId === TypeId.Dictionary ? type.dictionary : undefined;
  // Only those of strings stay dictionaries.
  if (values !== undefined && values.typeId !== TypeId.Utf8) return emptyData(values);
  const children = (type.children ?? []).map((child) => emptyData(child.type));
  return { type, length: 0, offset: 0, nullCount: 0, children };
}

/** One chunk as a column. `offset` counts in bits: only bitmaps are still to be cut by it. */
function columnOf(data: ArrowData, field: ArrowField): Column {
  const { type, length } = data;
  const validity = validityOf(data);
  switch (type.typeId) {
    case TypeId.Null:
      return new NumericColumn(float64(length).fill(Number.NaN), filledBitmap(length).fill(0));
    case TypeId.Int:
      return integers(data, validity);
    case TypeId.Float:
      if (type.precision === 0) return halfFloats(data, validity);
      return new NumericColumn(
        type.precision === 1 ? array(data, Float32Array) : array(data, Float64Array),
        validity,
      );
    case TypeId.Bool:
      return booleans(data, validity);
    case TypeId.Utf8:
    case TypeId.LargeUtf8:
      return new Utf8Column(bytesOf(data), offsetsOf(data, field), validity);
    case TypeId.Utf8View:
      return textOfViews(data, validity);
    case TypeId.Decimal:
      return decimals(data, validity);
    case TypeId.Date:
      if (type.unit === 0) return dateDays(data, validity);
      return new TimestampColumn(array(data, BigInt64Array), 'ms', validity);
    case TypeId.Timestamp:
      return new TimestampColumn(array(data, BigInt64Array), TIME_UNITS[type.unit!]!, validity);
    case TypeId.Dictionary:
      return dictionaryColumn(data, validity, (chunk) => columnOf(chunk, field));
    case TypeId.List:
    case TypeId.LargeList:
      return lists(data, field, offsetsOf(data, field), validity);
    case TypeId.FixedSizeList:
      return fixedSizeLists(data, field, validity);
    case TypeId.Struct:
      return sparseVectors(data, field, validity);
    default:
      throw unsupported(field);
  }
}

function unsupported({ name, type }: ArrowField): SchemaError {
  return new SchemaError(
    `Table.fromArrow: column ${JSON.stringify(name)} is of Arrow type ${arrowTypeName(type)}, which no column type holds.`,
    { details: { column: name, got: arrowTypeName(type) } },
  );
}

function validityOf({ nullBitmap, nullCount, offset, length }: ArrowData): Uint8Array | null {
  if (!nullBitmap || nullBitmap.length === 0 || nullCount === 0) return null;
  return sliceBits(nullBitmap, offset, offset + length);
}

/** The values of a chunk; the buffer may be padded beyond its length. */
function array<A extends Float64Array | Float32Array | Int32Array | BigInt64Array>(
  { values, length }: ArrowData,
  Type: new (n: number) => A,
): A {
  const all = (values ?? new Type(0)) as A;
  return all.length === length ? all : (all.subarray(0, length) as A);
}

function bytesOf({ values }: ArrowData): Uint8Array {
  return (values as Uint8Array | undefined) ?? new Uint8Array(0);
}

function offsetsOf({ valueOffsets, length }: ArrowData, { name }: ArrowField): Int32Array {
  if (!valueOffsets || valueOffsets.length === 0) return int32(1);
  if (valueOffsets instanceof Int32Array) return valueOffsets.subarray(0, length + 1);
  const narrow = int32(length + 1);
  for (let i = 0; i <= length; i++) {
    const offset = Number(valueOffsets[i]);
    if (offset > 0x7fffffff) {
      throw new DataError(
        `Table.fromArrow: column ${JSON.stringify(name)} has offsets beyond 2^31; split it into batches.`,
        { details: { column: name } },
      );
    }
    narrow[i] = offset;
  }
  return narrow;
}

function integers(data: ArrowData, validity: Uint8Array | null): Column {
  const { bitWidth, isSigned } = data.type;
  if (bitWidth === 64) {
    if (isSigned) return new Int64Column(array(data, BigInt64Array), validity);
    return unsigned64(data, validity);
  }
  if (bitWidth === 32 && isSigned) return new NumericColumn(array(data, Int32Array), validity);
  return narrowIntegers(data, validity);
}

function booleans(data: ArrowData, validity: Uint8Array | null): Column {
  const bits = sliceBits(bytesOf(data), data.offset, data.offset + data.length);
  return new BooleanColumn(bits, data.length, validity);
}

function lists(
  data: ArrowData,
  field: ArrowField,
  offsets: Int32Array,
  validity: Uint8Array | null,
): Column {
  const child = columnOf(data.children[0]!, field);
  if (child.layout === 'list') throw unsupported(field);
  return new ListColumn(offsets, child, validity);
}

function fixedSizeLists(data: ArrowData, field: ArrowField, validity: Uint8Array | null): Column {
  const dim = data.type.listSize!;
  const child = data.children[0]!;
  if (child.type.typeId !== TypeId.Float || child.type.precision === 0) {
    const offsets = int32(data.length + 1).map((_, i) => i * dim) as Int32Array;
    return lists(data, field, offsets, validity);
  }
  const n = data.length * dim;
  const entries = columnOf(child, field).slice(0, n) as NumericColumn;
  for (let k = 0; entries.nullCount > 0 && k < n; k++) {
    const row = Math.floor(k / dim);
    if (!entries.isNull(k) || (validity !== null && !getBit(validity, row))) continue;
    throw new DataError(
      `Table.fromArrow: column ${JSON.stringify(field.name)} has a null inside the vector of row ${row}.`,
      { details: { column: field.name, row } },
    );
  }
  const values = entries.values as Float64Array | Float32Array;
  return new DenseVectorColumn(values, dim, data.length, validity);
}

/** The struct that `toArrow` writes: `size`, `indices` and `values`. */
function sparseVectors(data: ArrowData, field: ArrowField, validity: Uint8Array | null): Column {
  const names = data.type.children!.map((child) => child.name).join();
  if (names !== 'size,indices,values') throw unsupported(field);
  const [sizes, indices, values] = data.children.map((child) => columnOf(child, field));
  if (
    sizes?.type !== 'int32' ||
    indices?.layout !== 'list' ||
    values?.layout !== 'list' ||
    indices.child.type !== 'int32' ||
    values.child.type !== 'float64'
  ) {
    throw unsupported(field);
  }
  let size = Number(field.metadata?.get('gyre.size') ?? -1);
  for (let i = 0; i < data.length; i++) {
    if (validity !== null && !getBit(validity, i)) continue;
    const got = sizes.get(i) as number;
    if (size < 0) size = got;
    if (got === size && indices.offsets[i + 1] === values.offsets[i + 1]) continue;
    throw new DimensionMismatchError(
      `Table.fromArrow: column ${JSON.stringify(field.name)}: row ${i} has a vector of size ${got}, expected ${size}, with as many indices as values.`,
      { details: { column: field.name, row: i, got, expected: size } },
    );
  }
  const flat = [indices.child, values.child].map((child) => (child as NumericColumn).values);
  const sorted = sortSparseRows(
    Math.max(size, 0),
    indices.offsets,
    flat[0] as Int32Array,
    flat[1] as Float64Array,
  );
  const { offsets } = indices;
  return new SparseVectorColumn(
    Math.max(size, 0),
    offsets,
    sorted.indices,
    sorted.values,
    validity,
  );
}
