/** Model data of scalers: vectors of one size, by name, saved as a table of one row. */
import { DimensionMismatchError, FormatError, ModelDataError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { Table } from '../table/table.js';
import { DenseVector } from '../table/vector.js';

type Vectors<N extends string> = { readonly [K in N]: DenseVector };

/** The error of a model that has not learned and was not given data. */
export function noData(className: string): ModelDataError {
  return new ModelDataError(`${className}: it has no data; call setModelData or load a model.`);
}

/**
 * Checks that model data are dense vectors of one size.
 *
 * @throws ModelDataError `ERR_GYRE_MODEL`, DimensionMismatchError `ERR_GYRE_DIMENSION`.
 */
export function checkVectors<N extends string>(
  className: string,
  names: readonly N[],
  data: Vectors<N>,
): Vectors<N> {
  const who = `${className}.setModelData`;
  const [first] = names.map((name) => {
    const vector: unknown = data[name];
    if (vector instanceof DenseVector) return vector.size;
    throw new ModelDataError(`${who}: ${name} must be a dense vector, got ${showValue(vector)}.`);
  });
  for (const name of names) {
    const { size } = data[name];
    if (size === first) continue;
    throw new DimensionMismatchError(
      `${who}: ${names.join(' and ')} must have one size, got ${first} and ${size}.`,
      { details: { name, expected: first, got: size } },
    );
  }
  return Object.fromEntries(names.map((name) => [name, data[name]])) as Vectors<N>;
}

/** @throws ModelDataError `ERR_GYRE_MODEL` for a number below 0; NaN may be. */
export function checkNotBelowZero(className: string, name: string, { values }: DenseVector): void {
  const index = values.findIndex((value) => value < 0);
  if (index < 0) return;
  const got = values[index];
  throw new ModelDataError(
    `${className}.setModelData: ${name} must not be below 0, got ${got} at ${index}.`,
    { details: { name, index, got } },
  );
}

/** The table that is saved. */
export function vectorsToTable(data: object): Table {
  return Table.fromColumns(
    Object.fromEntries(Object.entries(data).map(([name, vector]) => [name, [vector]])),
  );
}

/** The vectors of a table that was saved. @throws FormatError `ERR_GYRE_FORMAT`. */
export function vectorsOfTable<N extends string>(
  className: string,
  names: readonly N[],
  table: Table,
): Vectors<N> {
  const { schema } = table;
  if (table.numRows !== 1 || names.some((name) => schema[name] !== 'vector')) {
    throw new FormatError(
      `${className}.load: the data must have one row of the vectors ${names.join(' and ')}.`,
    );
  }
  return Object.fromEntries(
    names.map((name) => [name, table.column(name, 'vector').get(0)!]),
  ) as Vectors<N>;
}
