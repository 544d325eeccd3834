/** Tables of vectors, and their comparison with what a stage gave. */
import * as assert from 'uvu/assert';
import {
  DenseVector,
  type Schema,
  SparseVector,
  Table,
  type Vector,
  Vectors,
} from '../../src/index.js';
import type { ColumnSpec, Expectation, TableSpec } from './vector.js';

const TYPES: Readonly<Record<string, Schema[string]>> = {
  double: 'float64',
  float: 'float32',
  int: 'int32',
  long: 'int64',
  boolean: 'boolean',
  string: 'string',
  vector: 'vector',
};

interface SparseSpec {
  readonly size: number;
  readonly indices: readonly number[];
  readonly values: readonly unknown[];
}

function isSparse(value: unknown): value is SparseSpec {
  return value !== null && typeof value === 'object' && 'indices' in value;
}

/** JSON has no NaN and no infinities, so they are strings there. */
function number(value: unknown): number {
  if (typeof value === 'string') {
    assert.ok(['NaN', 'Infinity', '-Infinity'].includes(value), `${value} is a number`);
  }
  return Number(value);
}

function numbers(values: readonly unknown[]): number[] {
  return values.map(number);
}

function cell(type: string, value: unknown): unknown {
  if (value === null) return null;
  if (isSparse(value)) return Vectors.sparse(value.size, value.indices, numbers(value.values));
  if (type === 'vector') return Vectors.dense(numbers(value as unknown[]));
  return type === 'double' || type === 'float' ? number(value) : value;
}

function typeOf({ name, type, values }: ColumnSpec): Schema[string] {
  if (type === 'vector') {
    const cells = values.filter((value) => value !== null);
    return cells.length > 0 && cells.every(isSparse) ? 'sparseVector' : 'vector';
  }
  const known = TYPES[type.replace('[]', '')];
  assert.ok(known, `the runner knows the type ${type} of column ${name}`);
  return (type.endsWith('[]') ? `${known}[]` : known) as Schema[string];
}

export function tableOf({ columns }: TableSpec): Table {
  const values = columns.map(({ name, type, values }) => [
    name,
    values.map((value) => cell(type, value)),
  ]);
  const schema = columns.map((column) => [column.name, typeOf(column)]);
  return Table.fromColumns(Object.fromEntries(values), Object.fromEntries(schema));
}

/** Consecutive rows of a table, `[start, end)`. */
export interface Part {
  readonly start: number;
  readonly end: number;
}

/**
 * The parts of a table in which all vectors of a column have one size and form, as the rows of a
 * column have here: upstream every row may have its own. Null has any.
 */
export function uniformParts({ columns }: TableSpec): Part[] {
  const rows = columns[0]?.values.length ?? 0;
  const vectors = columns.filter(({ type }) => type === 'vector');
  const parts: Part[] = [];
  let start = 0;
  let forms = new Map<string, string>();
  for (let row = 0; row < rows; row++) {
    const own = new Map<string, string>();
    for (const { name, values } of vectors) {
      const value = values[row];
      if (value === null) continue;
      own.set(name, isSparse(value) ? `sparse ${value.size}` : `dense ${(value as []).length}`);
    }
    const fits = [...own].every(([name, form]) => (forms.get(name) ?? form) === form);
    if (!fits) {
      parts.push({ start, end: row });
      start = row;
      forms = own;
    } else for (const [name, form] of own) forms.set(name, form);
  }
  return [...parts, { start, end: rows }];
}

/** The rows of a part, of a table or of what is expected. */
export function partOf<T extends Partial<TableSpec>>(spec: T, { start, end }: Part): T {
  const columns = spec.columns?.map((column) => ({
    ...column,
    values: column.values.slice(start, end),
  }));
  return { ...spec, ...(columns && { columns }) };
}

/** Asserts |got - expected| <= tolerance for every entry; NaN equals NaN, infinities themselves. */
export function assertClose(
  got: ArrayLike<number>,
  expected: ArrayLike<unknown>,
  tolerance: number,
  what: string,
): void {
  assert.is(got.length, expected.length, `${what}: length`);
  for (let i = 0; i < expected.length; i++) {
    const wanted = number(expected[i]);
    const close = Object.is(got[i], wanted) || Math.abs(got[i]! - wanted) <= tolerance;
    assert.ok(close, `${what}, entry ${i}: got ${got[i]}, expected ${wanted} +- ${tolerance}`);
  }
}

function assertCell(got: unknown, expected: unknown, tolerance: number, what: string): void {
  if (isSparse(expected)) {
    assert.instance(got, SparseVector, what);
    const { size, indices, values } = got as SparseVector;
    assert.is(size, expected.size, `${what}: size`);
    assert.equal([...indices], [...expected.indices], `${what}: indices`);
    assertClose(values, expected.values, tolerance, what);
  } else if (Array.isArray(expected)) {
    // Numbers are close to what is expected of them, other items equal.
    const items = Array.isArray(got) ? got : (got as Vector).toDense().values;
    if (expected.every((item) => typeof item === 'number' || item === 'NaN')) {
      assertClose(items.length === 0 ? [] : Array.from(items, Number), expected, tolerance, what);
    } else if (expected.every(Array.isArray)) {
      expected.forEach((item, i) => {
        assertCell(items[i], item, tolerance, `${what}, item ${i}`);
      });
      assert.is(items.length, expected.length, `${what}: length`);
    } else assert.equal([...items], expected, what);
  } else if (typeof got === 'number' || typeof got === 'bigint') {
    assertClose([Number(got)], [expected], tolerance, what);
  } else {
    assert.equal(got, expected, what);
  }
}

/** Whether upstream some vectors of a column are sparse and some dense. */
function isMixed({ type, values }: ColumnSpec): boolean {
  return type === 'vector' && values.some(isSparse) && values.some(Array.isArray);
}

/**
 * A vector column may be expected dense where every vector of the table is sparse. Here all vectors
 * of a column have one form: where upstream they do not, entries alone are compared.
 */
function assertColumn(table: Table, expected: ColumnSpec, tolerance: number): void {
  const { name, values } = expected;
  const column = table.column(name);
  assert.is(column.length, values.length, `${name}: rows`);
  const isEmptyVector = expected.type === 'vector' && values.every((value) => value === null);
  // Versions are counted in doubles or longs: what they count up to is the same in both.
  if (isMixed(expected) || isEmptyVector) assert.match(column.type, /^(v|sparseV)ector$/);
  else if (expected.type !== 'long') assert.is(column.type, typeOf(expected), `${name}: type`);
  values.forEach((value, row) => {
    const got = column.get(row);
    const isOtherForm = isMixed(expected) && isSparse(value) && got instanceof DenseVector;
    const wanted = isOtherForm ? [...(cell('vector', value) as Vector).toDense().values] : value;
    assertCell(got, wanted, tolerance, `${name}, row ${row}`);
  });
}

/** Asserts what a table must look like; rows are compared in order, which a stage keeps. */
export function assertTable(table: Table, expect: Expectation): void {
  const { columns = [], tolerance = 0, columnNames, rowCount, predictionType, denseForms } = expect;
  if (columnNames !== undefined) assert.equal([...table.columnNames], [...columnNames]);
  if (rowCount !== undefined) assert.is(table.numRows, rowCount);
  if (predictionType !== undefined) {
    assert.is(table.schema.prediction, TYPES[predictionType], 'type of prediction');
  }
  for (const column of columns) assertColumn(table, column, tolerance);
  if (denseForms !== undefined) {
    const [{ name }] = columns as readonly [ColumnSpec];
    denseForms.forEach((values, row) => {
      const vector = table.column(name).get(row) as Vector;
      assertClose(vector.toDense().values, values, tolerance, `${name} dense, row ${row}`);
    });
  }
}
