/** Which column type a run of JavaScript values is. */
import { SchemaError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { type ColumnType, isElementType } from './schema.js';
import { DenseVector, SparseVector } from './vector.js';

type Kind = 'number' | 'bigint' | 'boolean' | 'string' | 'Date' | 'dense' | 'sparse' | 'list';

const TYPES: Readonly<Record<Exclude<Kind, 'list'>, ColumnType>> = {
  number: 'float64',
  bigint: 'int64',
  boolean: 'boolean',
  string: 'string',
  Date: 'timestamp',
  dense: 'vector',
  sparse: 'sparseVector',
};

/**
 * The type of the values: numbers are `float64` (integers too), a plain array or typed array is a
 * list. Nulls fit everywhere. Integers and bigints together are `int64`; dense and sparse vectors
 * together are `vector`.
 *
 * @param where What the values are, for the message: `'column "age"'`.
 * @throws {@link SchemaError} `ERR_GYRE_SCHEMA` when kinds are mixed, or all values are null.
 */
export function inferType(values: ArrayLike<unknown>, where: string): ColumnType {
  const seen = new Map<Kind, number>();
  let allIntegers = true;
  let before: Kind | null = null;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === null || value === undefined) continue;
    const kind = kindOf(value);
    if (kind === null) {
      throw new SchemaError(
        `${where}: row ${i} must be a number, bigint, boolean, string, Date, vector or list of such, got ${showValue(value)}.`,
        { details: { where, row: i } },
      );
    }
    if (kind !== before && !seen.has(kind)) seen.set(kind, i);
    before = kind;
    if (kind === 'number' && allIntegers) allIntegers = Number.isSafeInteger(value);
  }
  const kinds = [...seen.keys()];
  const [first, second] = kinds;
  if (first === undefined) {
    throw new SchemaError(
      `${where}: its type cannot be told from ${values.length === 0 ? 'no values' : 'values that are all null'}; give a schema.`,
      { details: { where, rows: values.length } },
    );
  }
  if (second === undefined) return first === 'list' ? listType(values, where) : TYPES[first];
  if (kinds.length === 2) {
    if (seen.has('number') && seen.has('bigint') && allIntegers) return 'int64';
    if (seen.has('dense') && seen.has('sparse')) return 'vector';
  }
  throw new SchemaError(
    `${where}: row ${seen.get(second)} is a ${second} where the rows before are of kind ${first}; a column holds one type.`,
    { details: { where, row: seen.get(second), got: second, expected: first } },
  );
}

function kindOf(value: unknown): Kind | null {
  switch (typeof value) {
    case 'number':
      return 'number';
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    case 'bigint':
      return 'bigint';
    default:
      if (value instanceof DenseVector) return 'dense';
      if (value instanceof SparseVector) return 'sparse';
      if (value instanceof Date) return 'Date';
      return isListCell(value) ? 'list' : null;
  }
}

/** Tells whether a cell is a list: an array or a typed array. */
export function isListCell(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** Lists without any element are lists of doubles. */
function listType(values: ArrayLike<unknown>, where: string): ColumnType {
  const cells = Array.from(values).filter(isListCell);
  if (cells.every((cell) => cell instanceof Float32Array)) return 'float32[]';
  if (cells.every((cell) => cell instanceof Int32Array)) return 'int32[]';
  const elements: unknown[] = [];
  for (const cell of cells) for (let j = 0; j < cell.length; j++) elements.push(cell[j]);
  if (elements.every((element) => element === null || element === undefined)) return 'float64[]';
  const type = inferType(elements, `${where}, elements of lists`);
  if (!isElementType(type)) {
    throw new SchemaError(`${where}: lists hold scalars or vectors, got lists of ${type}.`, {
      details: { where, got: type },
    });
  }
  return `${type}[]`;
}
