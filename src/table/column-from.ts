/** Columns from JavaScript values, one builder a type. */
import { DimensionMismatchError, SchemaError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { BaseColumn } from './base-column.js';
import { bitmap, clearBit, filledBitmap, setBit } from './bitmap.js';
import { BooleanColumn } from './boolean-column.js';
import { float32, float64, int32, int64, numberToWords, words } from './buffers.js';
import type { Column } from './column.js';
import { DenseVectorColumn } from './dense-vector-column.js';
import { dictionaryOfStrings } from './dictionary-builder.js';
import { inferType, isListCell } from './infer.js';
import { Int64Column } from './int64-column.js';
import { ListColumn } from './list-column.js';
import { type NumericArray, NumericColumn } from './numeric-column.js';
import { type ColumnType, elementType, isListType, type ListType } from './schema.js';
import { SparseVectorColumn } from './sparse-vector-column.js';
import { TimestampColumn } from './timestamp-column.js';
import { encodeStrings } from './utf8-builder.js';
import { Utf8Column } from './utf8-column.js';
import { DenseVector, SparseVector, type Vector } from './vector.js';

/** What a column can be made of. */
export type ColumnValues = Column | Iterable<unknown> | ArrayLike<unknown>;

/** The values of one column on their way in, and what to call them in a message. */
interface Cells {
  readonly values: ArrayLike<unknown>;
  readonly where: string;
}

/**
 * A column of the given values: a column and a typed array are taken as they stand, anything else
 * is copied into new memory.
 *
 * @param type The type, when it is not to be told from the values.
 * @param where What to call the column in a message.
 */
export function columnFrom(given: ColumnValues, type?: ColumnType, where = 'Column.from'): Column {
  if (given instanceof BaseColumn) {
    const column = given as Column;
    if (type === undefined || column.type === type) return column;
    throw new SchemaError(`${where}: must be ${type}, got a column of ${column.type}.`, {
      details: { where, expected: type, got: column.type },
    });
  }
  if (given === null || typeof given !== 'object') {
    throw new SchemaError(
      `${where}: must be a list of values, a typed array or a Column, got ${showValue(given)}.`,
      { details: { where } },
    );
  }
  const values = 'length' in given ? given : Array.from(given);
  const cells = { values, where };
  const taken = typedArrayColumn(cells, type);
  if (taken !== null) return taken;
  // Before the type is inferred: the values of a large array are then looked at only once.
  if (type === 'string' || (type === undefined && typeof values[0] === 'string')) {
    const dictionary = dictionaryOfStrings(values);
    if (dictionary !== null) return dictionary;
  }
  const resolved = type ?? inferType(values, where);
  return isListType(resolved) ? listColumn(cells, resolved) : BUILDERS[resolved](cells);
}

/** A typed array as a column as it stands, or null where the values have to be looked at. */
function typedArrayColumn(cells: Cells, type: ColumnType | undefined): Column | null {
  const { values } = cells;
  if (!ArrayBuffer.isView(values)) return null;
  if (values instanceof BigInt64Array) {
    if (type === undefined || type === 'int64') return new Int64Column(values);
    return type === 'timestamp' ? new TimestampColumn(values, 'ms') : null;
  }
  if (
    values instanceof Float64Array ||
    values instanceof Float32Array ||
    values instanceof Int32Array
  ) {
    const column = new NumericColumn(values) as Column;
    if (type === undefined || type === column.type) return column;
  }
  if (type !== undefined) return null;
  if (values instanceof BigUint64Array) return BUILDERS.int64(cells);
  if (values instanceof Uint32Array) return new NumericColumn(copied(float64, values));
  return new NumericColumn(copied(int32, values as ArrayLike<unknown> as Int16Array));
}

function copied<A extends NumericArray>(allocate: (n: number) => A, values: ArrayLike<number>): A {
  const copy = allocate(values.length);
  copy.set(values);
  return copy;
}

const BUILDERS: Readonly<Record<Exclude<ColumnType, ListType>, (cells: Cells) => Column>> = {
  float64: (cells) => floatColumn(cells, 'float64', float64(cells.values.length)),
  float32: (cells) => floatColumn(cells, 'float32', float32(cells.values.length)),
  int32(cells) {
    const values = int32(cells.values.length);
    const validity = fill(cells, 'int32', (i, value) => {
      if (typeof value !== 'number' || (value | 0) !== value) return false;
      values[i] = value;
      return true;
    });
    return new NumericColumn(values, validity);
  },
  int64(cells) {
    const values = int64(cells.values.length);
    const halves = words(values);
    const validity = fill(cells, 'int64', (i, value) => {
      if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) values[i] = value;
      else if (Number.isSafeInteger(value)) numberToWords(halves, i, value as number);
      else return false;
      return true;
    });
    return new Int64Column(values, validity);
  },
  boolean(cells) {
    const values = bitmap(cells.values.length);
    const validity = fill(cells, 'boolean', (i, value) => {
      if (value === true) setBit(values, i);
      return typeof value === 'boolean';
    });
    return new BooleanColumn(values, cells.values.length, validity);
  },
  string(cells) {
    const validity = fill(cells, 'string', (_, value) => typeof value === 'string');
    const { bytes, offsets } = encodeStrings(cells.values);
    return new Utf8Column(bytes, offsets, validity);
  },
  timestamp(cells) {
    const values = int64(cells.values.length);
    const halves = words(values);
    const validity = fill(cells, 'timestamp (a Date, or milliseconds)', (i, value) => {
      const ms = value instanceof Date ? value.getTime() : value;
      if (typeof ms === 'bigint' && BigInt.asIntN(64, ms) === ms) values[i] = ms;
      else if (Number.isSafeInteger(ms)) numberToWords(halves, i, ms as number);
      else return false;
      return true;
    });
    return new TimestampColumn(values, 'ms', validity);
  },
  vector: denseColumn,
  sparseVector: sparseColumn,
};

function floatColumn(
  cells: Cells,
  type: 'float64' | 'float32',
  values: Float64Array | Float32Array,
): Column {
  const validity = fill(
    cells,
    type,
    (i, value) => {
      if (typeof value !== 'number' && typeof value !== 'bigint') return false;
      values[i] = Number(value);
      return true;
    },
    (i) => {
      values[i] = Number.NaN;
    },
  );
  return new NumericColumn(values, validity);
}

function denseColumn(cells: Cells): Column {
  const n = cells.values.length;
  const dim = firstSize(cells.values);
  const values = float64(n * dim);
  const validity = fill(cells, 'vector', (i, cell) => {
    if (cell instanceof SparseVector) {
      checkSize(cells, i, cell.size, dim);
      for (let k = 0; k < cell.indices.length; k++) {
        values[i * dim + cell.indices[k]!] = cell.values[k]!;
      }
      return true;
    }
    const entries = cell instanceof DenseVector ? cell.values : isListCell(cell) ? cell : null;
    if (entries === null) return false;
    checkSize(cells, i, entries.length, dim);
    for (let j = 0; j < dim; j++) {
      const entry = entries[j];
      if (typeof entry !== 'number') return false;
      values[i * dim + j] = entry;
    }
    return true;
  });
  return new DenseVectorColumn(values, dim, n, validity);
}

function sparseColumn(cells: Cells): Column {
  const n = cells.values.length;
  const size = firstSize(cells.values);
  const rows: (SparseVector | null)[] = new Array(n).fill(null);
  const offsets = int32(n + 1);
  const validity = fill(cells, 'sparseVector', (i, cell) => {
    if (!(cell instanceof SparseVector || cell instanceof DenseVector)) return false;
    checkSize(cells, i, cell.size, size);
    rows[i] = cell.toSparse();
    return true;
  });
  for (let i = 0; i < n; i++) offsets[i + 1] = offsets[i]! + (rows[i]?.indices.length ?? 0);
  const indices = int32(offsets[n]!);
  const values = float64(offsets[n]!);
  rows.forEach((row, i) => {
    if (row === null) return;
    indices.set(row.indices, offsets[i]);
    values.set(row.values, offsets[i]);
  });
  return new SparseVectorColumn(size, offsets, indices, values, validity);
}

function listColumn(cells: Cells, listType: ListType): Column {
  const { values, where } = cells;
  const offsets = int32(values.length + 1);
  const elements: unknown[] = [];
  const validity = fill(cells, listType, (i, cell) => {
    if (!isListCell(cell)) return false;
    for (let j = 0; j < cell.length; j++) elements.push(cell[j]);
    offsets[i + 1] = elements.length;
    return true;
  });
  for (let i = 1; i < offsets.length; i++) offsets[i] ||= offsets[i - 1]!;
  const child = columnFrom(elements, elementType(listType), `${where}, elements of lists`);
  return new ListColumn(offsets, child, validity);
}

/** Sets every cell that is not null and returns the validity; `set` says whether it could. */
function fill(
  { values, where }: Cells,
  expected: string,
  set: (i: number, value: unknown) => boolean,
  setNull?: (i: number) => void,
): Uint8Array | null {
  let validity: Uint8Array | null = null;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === null || value === undefined) {
      validity ??= filledBitmap(values.length);
      clearBit(validity, i);
      setNull?.(i);
    } else if (!set(i, value)) {
      throw new SchemaError(`${where}: row ${i} must be ${expected}, got ${showValue(value)}.`, {
        details: { where, row: i, expected },
      });
    }
  }
  return validity;
}

function firstSize(values: ArrayLike<unknown>): number {
  for (let i = 0; i < values.length; i++) {
    const cell = values[i];
    if (cell instanceof DenseVector || cell instanceof SparseVector) return (cell as Vector).size;
    if (isListCell(cell)) return cell.length;
  }
  return 0;
}

function checkSize({ where }: Cells, row: number, got: number, expected: number): void {
  if (got === expected) return;
  throw new DimensionMismatchError(
    `${where}: row ${row} has a vector of ${got} entries, expected ${expected} as in the rows before.`,
    { details: { where, row, got, expected } },
  );
}
