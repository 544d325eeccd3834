/** Model data of linear models: checks, and the table of one row that is saved. */
import { DimensionMismatchError, FormatError, ModelDataError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { Table } from '../table/table.js';
import { DenseVector } from '../table/vector.js';
import type { LinearWeights } from './margins.js';

/** Weights of one margin a row. */
export interface LinearModelData {
  /** The weight of each feature. */
  readonly coefficient: DenseVector;
  /** What is added to x·w. Missing: 0. */
  readonly intercept?: number | undefined;
}

/** @throws ModelDataError `ERR_GYRE_MODEL` unless the value is a dense vector. */
export function requireVector(className: string, name: string, value: unknown): DenseVector {
  if (value instanceof DenseVector) return value;
  throw new ModelDataError(
    `${className}.setModelData: ${name} must be a dense vector, see Vectors.dense, got ` +
      `${showValue(value)}.`,
    { details: { name, got: showValue(value) } },
  );
}

/** @throws ModelDataError `ERR_GYRE_MODEL` unless the value is a number. */
export function requireNumber(className: string, name: string, value: unknown): number {
  if (typeof value === 'number') return value;
  throw new ModelDataError(
    `${className}.setModelData: ${name} must be a number, got ${showValue(value)}.`,
    { details: { name, got: showValue(value) } },
  );
}

/** @throws DimensionMismatchError `ERR_GYRE_DIMENSION` unless a vector has so many entries. */
export function requireSize(
  className: string,
  name: string,
  { size }: DenseVector,
  expected: number,
): void {
  if (size === expected) return;
  throw new DimensionMismatchError(
    `${className}.setModelData: ${name} must have ${expected} entries, got ${size}.`,
    { details: { name, expected, got: size } },
  );
}

/** Data without what else the given object has. An intercept that is missing stays so. */
export function checkedLinear(className: string, data: LinearModelData): LinearModelData {
  const coefficient = requireVector(className, 'coefficient', data.coefficient);
  if (data.intercept === undefined) return { coefficient };
  return { coefficient, intercept: requireNumber(className, 'intercept', data.intercept) };
}

/** The weights of data as mappings take them. */
export function weightsOfData({ coefficient, intercept }: LinearModelData): LinearWeights {
  return {
    coefficient: coefficient.values,
    intercept: intercept === undefined ? null : Float64Array.of(intercept),
    classes: 1,
  };
}

/** One row: vectors, and numbers as float64. Fields that are missing are no columns. */
export function rowOfData(data: object): Table {
  const fields = Object.entries(data).filter(([, value]) => value !== undefined);
  return Table.fromColumns(
    Object.fromEntries(
      fields.map(([name, value]) => [
        name,
        typeof value === 'number' ? Float64Array.of(value) : [value],
      ]),
    ),
  );
}

/** The fields that a saved row may have. */
export interface SavedFields {
  readonly vectors: readonly string[];
  readonly numbers: readonly string[];
  /** Those of them that may be missing. */
  readonly optional: readonly string[];
}

/** Those of {@link LinearModelData}. */
export const LINEAR_FIELDS: SavedFields = {
  vectors: ['coefficient'],
  numbers: ['intercept'],
  optional: ['intercept'],
};

/** The fields of a row that was saved. @throws FormatError `ERR_GYRE_FORMAT`. */
export function dataOfRow<Data extends object>(
  className: string,
  { vectors, numbers, optional }: SavedFields,
  table: Table,
): Data {
  const { schema } = table;
  const known = [...vectors, ...numbers];
  const isGood = (name: string) =>
    (schema[name] === undefined && optional.includes(name)) ||
    schema[name] === (vectors.includes(name) ? 'vector' : 'float64');
  if (table.numRows !== 1 || !known.every(isGood)) {
    throw new FormatError(
      `${className}.load: the data must be one row of ${known.join(', ')}` +
        `${optional.length === 0 ? '' : `, where ${optional.join(', ')} may be missing`}.`,
      { details: { schema, rows: table.numRows } },
    );
  }
  return Object.fromEntries(
    known
      .filter((name) => schema[name] !== undefined)
      .map((name) => [name, table.column(name, 'vector', 'float64').get(0)!]),
  ) as Data;
}
