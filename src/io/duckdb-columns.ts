/** Columns of what DuckDB gives: vectors of chunks to typed arrays, without an object a row. */
import { DataError, SchemaError } from '../core/errors.js';
import { bitmap, clearBit, filledBitmap, setBit } from '../table/bitmap.js';
import { BooleanColumn } from '../table/boolean-column.js';
import { float32, float64, int32, int64 } from '../table/buffers.js';
import type { Column } from '../table/column.js';
import { DenseVectorColumn } from '../table/dense-vector-column.js';
import { DictionaryColumn } from '../table/dictionary-column.js';
import { Int64Column } from '../table/int64-column.js';
import { ListColumn } from '../table/list-column.js';
import { type NumericArray, NumericColumn } from '../table/numeric-column.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { TimestampColumn, type TimeUnit } from '../table/timestamp-column.js';
import { encodeStrings } from '../table/utf8-builder.js';
import { Utf8Column } from '../table/utf8-column.js';
import type { DuckDBLibrary, DuckDBType, DuckDBVector } from './duckdb-library.js';

/** The vectors of a column in the chunks that make a table, and what to call it in messages. */
interface Source {
  readonly library: DuckDBLibrary;
  readonly where: string;
  readonly type: DuckDBType;
  readonly vectors: readonly DuckDBVector[];
  readonly rows: number;
}

type Reader = (source: Source) => Column;

/**
 * The column of a result's column. Its type follows from that of DuckDB alone.
 *
 * @param where `column "x"`.
 * @throws SchemaError `ERR_GYRE_SCHEMA` for a type that no column type holds, DataError
 *   `ERR_GYRE_DATA` for integers beyond 64 bits.
 */
export function columnOfVectors(
  library: DuckDBLibrary,
  where: string,
  type: DuckDBType,
  vectors: readonly DuckDBVector[],
): Column {
  const rows = vectors.reduce((sum, { itemCount }) => sum + itemCount, 0);
  return readerOf(library, where, type)({ library, where, type, vectors, rows });
}

function readerOf(library: DuckDBLibrary, where: string, type: DuckDBType): Reader {
  const name = library.DuckDBTypeId[type.typeId] as unknown as string;
  const vectors = vectorReaderOf(library, type);
  if (vectors !== null) return vectors;
  if (name === 'LIST' || name === 'ARRAY') {
    const element = type.valueType!;
    const isScalar = SCALARS[library.DuckDBTypeId[element.typeId]!] !== undefined;
    if (isScalar || vectorReaderOf(library, element) !== null) return lists;
  }
  const reader = SCALARS[name];
  if (reader !== undefined) return reader;
  throw new SchemaError(
    `${where}: a column of DuckDB's type ${type} cannot be read; cast it in the query, for example ` +
      'to VARCHAR.',
    { details: { where, type: String(type) } },
  );
}

function vectorReaderOf(library: DuckDBLibrary, type: DuckDBType): Reader | null {
  const name = library.DuckDBTypeId[type.typeId] as unknown as string;
  if (name === 'STRUCT' && isSparse(type)) return sparseVectors;
  return name === 'ARRAY' && isFloat(library, type.valueType!) ? denseVectors : null;
}

const isFloat = ({ DuckDBTypeId }: DuckDBLibrary, { typeId }: DuckDBType): boolean =>
  typeId === DuckDBTypeId.DOUBLE || typeId === DuckDBTypeId.FLOAT;

/** Sparse vectors are structs of this shape in DuckDB. */
export const SPARSE_FIELDS: readonly string[] = ['size', 'indices', 'values'];

function isSparse({ entryNames, entryTypes }: DuckDBType): boolean {
  return (
    String(entryNames) === String(SPARSE_FIELDS) &&
    entryTypes!.map(String).join() === 'INTEGER,INTEGER[],DOUBLE[]'
  );
}

/** The array behind a vector of fixed width, where there is one: reading it makes no values. */
export function itemsOf(vector: DuckDBVector): ArrayLike<number> | BigInt64Array | null {
  const { items } = vector as { readonly items?: unknown };
  const isArray = ArrayBuffer.isView(items) && !(items instanceof DataView);
  return isArray ? (items as unknown as Float64Array) : null;
}

/** Whether DuckDB says of all rows at once that none is null. */
function hasNoNull(vector: DuckDBVector): boolean {
  const { validity } = vector as { readonly validity?: { readonly data?: unknown } };
  return validity?.data === null;
}

/** Calls `each` with every value that is not null; returns which rows are, null if all have one. */
function forEachValue(
  { vectors, rows }: Source,
  each: (row: number, value: unknown) => void,
): Uint8Array | null {
  let validity: Uint8Array | null = null;
  let row = 0;
  for (const vector of vectors) {
    for (let i = 0; i < vector.itemCount; i++, row++) {
      const value = vector.getItem(i);
      if (value !== null) {
        each(row, value);
        continue;
      }
      validity ??= filledBitmap(rows);
      clearBit(validity, row);
    }
  }
  return validity;
}

/** Which rows are null, of vectors whose values are read from their arrays. */
function validityOf(source: Source): Uint8Array | null {
  if (source.vectors.every(hasNoNull)) return null;
  return forEachValue(source, () => {});
}

const numbers =
  (make: (rows: number) => NumericArray): Reader =>
  (source) => {
    const values = make(source.rows);
    return new NumericColumn(values, fill(source, values)) as Column;
  };

function fill(source: Source, values: NumericArray): Uint8Array | null {
  if (source.vectors.every((vector) => itemsOf(vector) !== null)) {
    let at = 0;
    for (const vector of source.vectors) {
      values.set(itemsOf(vector) as ArrayLike<number>, at);
      at += vector.itemCount;
    }
    return validityOf(source);
  }
  return forEachValue(source, (row, value) => {
    values[row] = value as number;
  });
}

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

const integers: Reader = (source) => {
  const values = int64(source.rows);
  const validity = forEachValue(source, (row, value) => {
    const integer = BigInt(value as bigint | number);
    if (integer > MAX_INT64 || integer < MIN_INT64) {
      throw new DataError(
        `${source.where} must fit 64 bits, got ${integer} in row ${row}; cast it to DOUBLE.`,
        { details: { where: source.where, row, got: integer } },
      );
    }
    values[row] = integer;
  });
  return new Int64Column(values, validity);
};

const bigints: Reader = (source) => {
  if (!source.vectors.every((vector) => itemsOf(vector) instanceof BigInt64Array)) {
    return integers(source);
  }
  const values = int64(source.rows);
  let at = 0;
  for (const vector of source.vectors) {
    values.set(itemsOf(vector) as BigInt64Array, at);
    at += vector.itemCount;
  }
  return new Int64Column(values, validityOf(source));
};

const decimals: Reader = (source) => {
  const values = float64(source.rows);
  const validity = forEachValue(source, (row, value) => {
    values[row] = (value as { toDouble(): number }).toDouble();
  });
  return new NumericColumn(values, validity);
};

const booleans: Reader = (source) => {
  const bits = bitmap(source.rows);
  const validity = forEachValue(source, (row, value) => {
    if (value === true) setBit(bits, row);
  });
  return new BooleanColumn(bits, source.rows, validity);
};

const strings: Reader = (source) => {
  const texts: unknown[] = new Array(source.rows).fill(null);
  const validity = forEachValue(source, (row, value) => {
    texts[row] = String(value);
  });
  const { bytes, offsets } = encodeStrings(texts);
  return new Utf8Column(bytes, offsets, validity);
};

/** Labels of enums, so that the columns of one result share them. */
const labelsOf = new WeakMap<DuckDBType, readonly string[]>();

const enums: Reader = (source) => {
  const labels = labelsOf.get(source.type) ?? source.type.values!;
  labelsOf.set(source.type, labels);
  const codeOf = new Map(labels.map((label, code) => [label, code]));
  const codes = int32(source.rows);
  const validity = forEachValue(source, (row, value) => {
    codes[row] = codeOf.get(value as string)!;
  });
  return new DictionaryColumn(codes, labels, validity);
};

const timestamps =
  (unit: TimeUnit, field: string): Reader =>
  (source) => {
    const values = int64(source.rows);
    const validity = forEachValue(source, (row, value) => {
      values[row] = (value as Readonly<Record<string, bigint>>)[field]!;
    });
    return new TimestampColumn(values, unit, validity);
  };

const DAY_MS = 86_400_000n;

const dates: Reader = (source) => {
  const values = int64(source.rows);
  const validity = forEachValue(source, (row, value) => {
    values[row] = BigInt((value as { readonly days: number }).days) * DAY_MS;
  });
  return new TimestampColumn(values, 'ms', validity);
};

/** Readers of scalars by the name of DuckDB's type. */
const SCALARS: Readonly<Record<string, Reader>> = {
  BOOLEAN: booleans,
  TINYINT: numbers(int32),
  SMALLINT: numbers(int32),
  INTEGER: numbers(int32),
  UTINYINT: numbers(int32),
  USMALLINT: numbers(int32),
  UINTEGER: integers,
  BIGINT: bigints,
  UBIGINT: integers,
  HUGEINT: integers,
  UHUGEINT: integers,
  FLOAT: numbers(float32),
  DOUBLE: numbers(float64),
  DECIMAL: decimals,
  VARCHAR: strings,
  UUID: strings,
  TIME: strings,
  INTERVAL: strings,
  SQLNULL: strings,
  ENUM: enums,
  DATE: dates,
  TIMESTAMP: timestamps('us', 'micros'),
  TIMESTAMP_TZ: timestamps('us', 'micros'),
  TIMESTAMP_S: timestamps('s', 'seconds'),
  TIMESTAMP_MS: timestamps('ms', 'millis'),
  TIMESTAMP_NS: timestamps('ns', 'nanos'),
};

interface Items {
  readonly items: readonly unknown[];
}

const denseVectors: Reader = (source) => {
  const { length: dim, valueType } = source.type as Required<DuckDBType>;
  const isDouble = valueType.typeId === source.library.DuckDBTypeId.DOUBLE;
  const values = (isDouble ? float64 : float32)(source.rows * dim);
  const validity = forEachValue(source, (row, value) => {
    const { items } = value as Items;
    for (let t = 0; t < dim; t++) values[row * dim + t] = numberAt(source, items, t, row);
  });
  return new DenseVectorColumn(values, dim, source.rows, validity);
};

function numberAt({ where }: Source, items: readonly unknown[], t: number, row: number): number {
  const value = items[t];
  if (typeof value === 'number') return value;
  throw new DataError(`${where}: entries of vectors must not be null, got null in row ${row}.`, {
    details: { where, row, entry: t },
  });
}

interface SparseEntries {
  readonly size: number;
  readonly indices: Items;
  readonly values: Items;
}

const sparseVectors: Reader = (source) => {
  const offsets = int32(source.rows + 1);
  const indices: number[] = [];
  const values: number[] = [];
  const ends = new Map<number, number>();
  let size = 0;
  const validity = forEachValue(source, (row, value) => {
    const { entries } = value as { readonly entries: SparseEntries };
    size = Math.max(size, entries.size);
    for (const index of entries.indices.items) indices.push(index as number);
    for (const number of entries.values.items) values.push(number as number);
    ends.set(row, indices.length);
  });
  for (let row = 0; row < source.rows; row++) offsets[row + 1] = ends.get(row) ?? offsets[row]!;
  const stored = int32(indices.length);
  stored.set(indices);
  const numbersOf = float64(values.length);
  numbersOf.set(values);
  return new SparseVectorColumn(size, offsets, stored, numbersOf, validity);
};

/** Lists by way of one vector with all their elements. */
const lists: Reader = (source) => {
  const offsets = int32(source.rows + 1);
  const elements: unknown[] = [];
  const lengths = new Map<number, number>();
  const validity = forEachValue(source, (row, value) => {
    const { items } = value as Items;
    for (const item of items) elements.push(item);
    lengths.set(row, items.length);
  });
  for (let row = 0; row < source.rows; row++) {
    offsets[row + 1] = offsets[row]! + (lengths.get(row) ?? 0);
  }
  const type = source.type.valueType!;
  const vector: DuckDBVector = {
    type,
    itemCount: elements.length,
    getItem: (i) => elements[i] ?? null,
    setItem: () => {},
    flush: () => {},
  };
  const child = columnOfVectors(source.library, source.where, type, [vector]);
  return new ListColumn(offsets, child, validity);
};
