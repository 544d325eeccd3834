/** JSON values to cells of a column and back: the values of JSON Lines files. */
import { DataError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { type ColumnType, elementType, isListType, type ScalarType } from '../table/schema.js';
import { SparseVector } from '../table/vector.js';
import { cellParser, NOT_A_VALUE } from './csv-cells.js';

/** The reader of a type: a JSON value that is not null to a cell, or {@link NOT_A_VALUE}. */
export function jsonCellReader(type: ColumnType): (value: unknown) => unknown {
  if (isListType(type)) return listReader(elementType(type), true);
  switch (type) {
    case 'string':
      return (value) => (typeof value === 'string' ? value : NOT_A_VALUE);
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? value : NOT_A_VALUE);
    case 'vector':
      return listReader('float64', false);
    case 'sparseVector':
      return sparseVector;
    default:
      return numberReader(type);
  }
}

/** Numbers that JSON has no form for, integers beyond 2^53 and instants are texts. */
function numberReader(type: ScalarType): (value: unknown) => unknown {
  const parse = cellParser(type);
  const isFloat = type === 'float64' || type === 'float32';
  return (value) => {
    if (typeof value === 'string') return parse(value);
    if (typeof value !== 'number') return NOT_A_VALUE;
    if (isFloat) return value;
    return Number.isSafeInteger(value) ? parse(String(value)) : NOT_A_VALUE;
  };
}

const readNumbers = listReader('float64', false);

function sparseVector(value: unknown): unknown {
  const { size, indices, values } = (value ?? {}) as Record<string, unknown>;
  const numbers = readNumbers(values);
  if (typeof size !== 'number' || !Array.isArray(indices) || numbers === NOT_A_VALUE) {
    return NOT_A_VALUE;
  }
  try {
    return new SparseVector(size, Int32Array.from(indices), Float64Array.from(numbers as number[]));
  } catch {
    return NOT_A_VALUE;
  }
}

function listReader(element: ColumnType, nullable: boolean): (value: unknown) => unknown {
  const read = jsonCellReader(element);
  return (value) => {
    if (!Array.isArray(value)) return NOT_A_VALUE;
    const cells = value.map((entry: unknown) =>
      entry === null ? (nullable ? null : NOT_A_VALUE) : read(entry),
    );
    return cells.includes(NOT_A_VALUE) ? NOT_A_VALUE : cells;
  };
}

/** The parser of a type of CSV cells: vectors and lists are JSON. */
export function csvCellParser(type: ColumnType): (text: string) => unknown {
  if (type !== 'vector' && type !== 'sparseVector' && !isListType(type)) return cellParser(type);
  const read = jsonCellReader(type);
  return (text) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return NOT_A_VALUE;
    }
    return read(value);
  };
}

/** A value as a CSV cell: numbers in full, instants as ISO 8601, vectors and lists as JSON. */
export function csvCell(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (value !== null && typeof value === 'object') return JSON.stringify(value, plainValue);
  return Object.is(value, -0) ? '-0' : String(value);
}

/**
 * A record as one line of JSON, with the line's end. What JSON has no form for: NaN, infinities and
 * bigints beyond 2^53 are texts, dates too (ISO 8601), typed arrays are arrays.
 *
 * @throws {@link DataError} `ERR_GYRE_DATA` for a function, a symbol, a map or a set.
 */
export function jsonLine(record: unknown): string {
  const text = JSON.stringify(record, plainValue) as string | undefined;
  if (text === undefined) throw noJson(record);
  return `${text}\n`;
}

function plainValue(_: string, value: unknown): unknown {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint': {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : String(value);
    }
    case 'function':
    case 'symbol':
      throw noJson(value);
    case 'object':
      if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
        return Array.from(value as unknown as ArrayLike<unknown>);
      }
      if (value instanceof Map || value instanceof Set) throw noJson(value);
      return value;
    default:
      return value;
  }
}

function noJson(value: unknown): DataError {
  return new DataError(
    `A record of a JSON Lines file must be plain values, arrays and objects, got ${showValue(value)}.`,
  );
}
