/**
 * Columns: the type that is any layout, and the ways to make one from arrays.
 *
 * The layouts themselves are one class a file, on top of {@link BaseColumn}; `column.layout` tells
 * them apart in a `switch`.
 */
import { DimensionMismatchError, InvalidParamError, SchemaError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { BaseColumn } from './base-column.js';
import { bitmapBytes } from './bitmap.js';
import { BooleanColumn } from './boolean-column.js';
import { float64 } from './buffers.js';
import { checkOffsets, checkValidity, markMissingCodes, sortSparseRows } from './column-check.js';
import { type ColumnValues, columnFrom } from './column-from.js';
import { DenseVectorColumn } from './dense-vector-column.js';
import { DictionaryColumn } from './dictionary-column.js';
import { Int64Column } from './int64-column.js';
import { ListColumn } from './list-column.js';
import { type NumericArray, NumericColumn } from './numeric-column.js';
import { type ColumnType, isColumnType, isElementType } from './schema.js';
import { SparseVectorColumn } from './sparse-vector-column.js';
import { TIME_UNITS, TimestampColumn, type TimeUnit } from './timestamp-column.js';
import { Utf8Column } from './utf8-column.js';

/** A column of any layout. */
export type Column =
  | NumericColumn
  | Int64Column
  | TimestampColumn
  | BooleanColumn
  | Utf8Column
  | DictionaryColumn
  | DenseVectorColumn
  | SparseVectorColumn
  | ListColumn;

/** The layouts that a column of type `T` can have. */
export type ColumnOf<T extends ColumnType> = T extends 'float64'
  ? NumericColumn<Float64Array>
  : T extends 'float32'
    ? NumericColumn<Float32Array>
    : T extends 'int32'
      ? NumericColumn<Int32Array>
      : T extends 'int64'
        ? Int64Column
        : T extends 'timestamp'
          ? TimestampColumn
          : T extends 'boolean'
            ? BooleanColumn
            : T extends 'string'
              ? Utf8Column | DictionaryColumn
              : T extends 'vector'
                ? DenseVectorColumn
                : T extends 'sparseVector'
                  ? SparseVectorColumn
                  : ListColumn;

/** A bitmap of the rows that have a value, or null (the default) when all have one. */
export type Validity = Uint8Array | null;

/** Ways to make columns. Arrays are checked in one pass and taken as they are, without a copy. */
export interface ColumnFactory {
  /**
   * A column of JavaScript values, or of a typed array as it stands.
   *
   * Without a type: numbers are `float64` (integers too), bigints `int64`, Dates `timestamp`,
   * vectors `vector` or `sparseVector`; a plain array as a cell is a list, and a vector only when
   * `type` says `'vector'`. Null and undefined are null.
   *
   * @throws {@link SchemaError} `ERR_GYRE_SCHEMA` for a value of another type, with its row.
   * @throws {@link DimensionMismatchError} `ERR_GYRE_DIMENSION` for vectors of different sizes.
   */
  from(values: ColumnValues, type?: ColumnType): Column;
  /** `float64`, `float32`, `int32` or `int64` by the class of the array. */
  numeric<A extends NumericArray>(values: A, validity?: Validity): NumericColumn<A>;
  numeric(values: BigInt64Array, validity?: Validity): Int64Column;
  /** Instants as integers since the Unix epoch; `unit` is `'ms'` unless given. */
  timestamp(values: BigInt64Array, unit?: TimeUnit, validity?: Validity): TimestampColumn;
  /** Booleans from a bitmap in Arrow's order. */
  boolean(bits: Uint8Array, length: number, validity?: Validity): BooleanColumn;
  /** Strings from UTF-8 bytes; `offsets` has one entry more than there are rows. */
  utf8(bytes: Uint8Array, offsets: Int32Array, validity?: Validity): Utf8Column;
  /** Strings from codes into labels. The code -1 is null. */
  dictionary(codes: Int32Array, labels: readonly string[], validity?: Validity): DictionaryColumn;
  /** Dense vectors: a row-major matrix of `n × dim` in one typed array. */
  dense(
    values: Float64Array | Float32Array | readonly number[],
    dim: number,
    validity?: Validity,
  ): DenseVectorColumn;
  /** Sparse vectors as CSR arrays. Rows whose indices do not ascend are sorted, in copies. */
  sparse(
    size: number,
    offsets: Int32Array,
    indices: Int32Array,
    values: Float64Array,
    validity?: Validity,
  ): SparseVectorColumn;
  /** Lists of scalars or vectors: row `i` is rows `offsets[i]` to `offsets[i + 1]` of `child`. */
  list(offsets: Int32Array, child: Column, validity?: Validity): ListColumn;
  /** Tells whether a value is a column. */
  isColumn(value: unknown): value is Column;
}

/** Ways to make columns; see {@link ColumnFactory}. */
export const Column: ColumnFactory = Object.freeze({
  from(values: ColumnValues, type?: ColumnType): Column {
    if (type !== undefined && !isColumnType(type)) {
      throw new SchemaError(`Column.from: the type ${showValue(type)} is not known.`, {
        details: { got: type },
      });
    }
    return columnFrom(values, type);
  },

  numeric: ((values: NumericArray | BigInt64Array, validity: Validity = null) => {
    checkValidity('Column.numeric', values.length, validity);
    return values instanceof BigInt64Array
      ? new Int64Column(values, validity)
      : new NumericColumn(values, validity);
  }) as ColumnFactory['numeric'],

  timestamp(values: BigInt64Array, unit: TimeUnit = 'ms', validity: Validity = null) {
    if (!TIME_UNITS.includes(unit)) {
      throw new InvalidParamError(
        `Column.timestamp: the unit must be one of ${TIME_UNITS.join(', ')}, got ${showValue(unit)}.`,
        { details: { got: unit } },
      );
    }
    checkValidity('Column.timestamp', values.length, validity);
    return new TimestampColumn(values, unit, validity);
  },

  boolean(bits: Uint8Array, length: number, validity: Validity = null) {
    if (bits.length < bitmapBytes(length)) {
      throw new DimensionMismatchError(
        `Column.boolean: ${length} rows need ${bitmapBytes(length)} bytes, got ${bits.length}.`,
        { details: { rows: length, got: bits.length, expected: bitmapBytes(length) } },
      );
    }
    checkValidity('Column.boolean', length, validity);
    return new BooleanColumn(bits, length, validity);
  },

  utf8(bytes: Uint8Array, offsets: Int32Array, validity: Validity = null) {
    checkOffsets('Column.utf8', offsets, bytes.length, 'bytes');
    checkValidity('Column.utf8', offsets.length - 1, validity);
    return new Utf8Column(bytes, offsets, validity);
  },

  dictionary(codes: Int32Array, labels: readonly string[], validity: Validity = null) {
    checkValidity('Column.dictionary', codes.length, validity);
    return new DictionaryColumn(codes, labels, markMissingCodes(codes, labels.length, validity));
  },

  dense(
    values: Float64Array | Float32Array | readonly number[],
    dim: number,
    validity: Validity = null,
  ) {
    if (!Number.isInteger(dim) || dim < 1) {
      throw new InvalidParamError(
        `Column.dense: dim must be an integer >= 1, got ${showValue(dim)}.`,
        { details: { got: dim } },
      );
    }
    const rows = values.length / dim;
    if (!Number.isInteger(rows)) {
      throw new DimensionMismatchError(
        `Column.dense: ${values.length} values cannot be cut into vectors of ${dim} entries.`,
        { details: { values: values.length, dim } },
      );
    }
    checkValidity('Column.dense', rows, validity);
    return new DenseVectorColumn(matrix(values), dim, rows, validity);
  },

  sparse(
    size: number,
    offsets: Int32Array,
    indices: Int32Array,
    values: Float64Array,
    validity: Validity = null,
  ) {
    if (indices.length !== values.length) {
      throw new DimensionMismatchError(
        `Column.sparse: indices and values must have the same length, got ${indices.length} and ${values.length}.`,
        { details: { indices: indices.length, values: values.length } },
      );
    }
    checkOffsets('Column.sparse', offsets, indices.length, 'indices');
    checkValidity('Column.sparse', offsets.length - 1, validity);
    const sorted = sortSparseRows(size, offsets, indices, values);
    return new SparseVectorColumn(size, offsets, sorted.indices, sorted.values, validity);
  },

  list(offsets: Int32Array, child: Column, validity: Validity = null) {
    if (!isElementType(child.type)) {
      throw new SchemaError(
        `Column.list: lists hold scalars or vectors, got a child of ${child.type}.`,
        {
          details: { got: child.type },
        },
      );
    }
    checkOffsets('Column.list', offsets, child.length, 'elements');
    checkValidity('Column.list', offsets.length - 1, validity);
    return new ListColumn(offsets, child, validity);
  },

  isColumn(value: unknown): value is Column {
    return value instanceof BaseColumn;
  },
});

function matrix(
  values: Float64Array | Float32Array | readonly number[],
): Float64Array | Float32Array {
  if (values instanceof Float64Array || values instanceof Float32Array) return values;
  const doubles = float64(values.length);
  doubles.set(values);
  return doubles;
}
