/** Column types and schemas: what a table's columns are called and what they hold. */
import { SchemaError } from '../core/errors.js';

/** The type of a value that is not itself a collection. */
export type ScalarType =
  | 'float64'
  | 'float32'
  | 'int32'
  | 'int64'
  | 'boolean'
  | 'string'
  | 'timestamp';

/** The type of a value that can be in a list: a scalar, or a vector (dense or sparse). */
export type ElementType = ScalarType | 'vector' | 'sparseVector';

/** The type of a list of scalars or of vectors. */
export type ListType = `${ElementType}[]`;

/** The type of a column: a scalar, a vector, or a list of either. */
export type ColumnType = ElementType | ListType;

/**
 * Column types by column name, in column order.
 *
 * Names that look like array indices (`'0'`, `'12'`) come first in any JavaScript object; a table
 * keeps the true order in `columnNames`.
 */
export type Schema = Readonly<Record<string, ColumnType>>;

/** The scalar types, in the order in which messages list them. */
export const SCALAR_TYPES: readonly ScalarType[] = [
  'float64',
  'float32',
  'int32',
  'int64',
  'boolean',
  'string',
  'timestamp',
];

const ELEMENT_TYPES: readonly ElementType[] = [...SCALAR_TYPES, 'vector', 'sparseVector'];

const COLUMN_TYPES: ReadonlySet<string> = new Set([
  ...ELEMENT_TYPES,
  ...ELEMENT_TYPES.map((type) => `${type}[]`),
]);

/** Tells whether lists can hold values of a type. */
export function isElementType(type: ColumnType): type is ElementType {
  return !isListType(type);
}

/** Tells whether a value is the name of a column type. */
export function isColumnType(value: unknown): value is ColumnType {
  return typeof value === 'string' && COLUMN_TYPES.has(value);
}

/**
 * Tells whether a type is a list type, and so whether {@link elementType} has an answer.
 */
export function isListType(type: ColumnType): type is ListType {
  return type.endsWith('[]');
}

/** The type of the elements of a list type: `'string'` of `'string[]'`. */
export function elementType(type: ListType): ElementType {
  return type.slice(0, -2) as ElementType;
}

/**
 * Checks that every type of a schema is known, and returns the schema.
 *
 * @param who The call that was given the schema, for the message: `'Table.fromRows'`.
 * @throws {@link SchemaError} `ERR_GYRE_SCHEMA` that names the column, its type and the types.
 */
export function checkSchema(who: string, schema: Schema): Schema {
  for (const [name, type] of Object.entries(schema)) {
    if (isColumnType(type)) continue;
    throw new SchemaError(
      `${who}: column ${JSON.stringify(name)} has the unknown type ${JSON.stringify(type)}; ` +
        `types are ${ELEMENT_TYPES.join(', ')}, and any of these with [] after it.`,
      { details: { who, column: name, got: type } },
    );
  }
  return schema;
}

/** Tells whether two schemas have the same names and types in the same order. */
export function schemasEqual(a: Schema, b: Schema): boolean {
  const names = Object.keys(a);
  const others = Object.keys(b);
  return (
    names.length === others.length &&
    names.every((name, i) => name === others[i] && a[name] === b[name])
  );
}

/** A schema as it stands in a message: `{ id: int64, features: vector }`. */
export function showSchema(schema: Schema): string {
  const columns = Object.entries(schema).map(([name, type]) => `${name}: ${type}`);
  return columns.length === 0 ? '{}' : `{ ${columns.join(', ')} }`;
}

/** Words for a list of choices in a message: `'a, b or c'`. */
export function orList(words: readonly string[]): string {
  return words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`;
}
