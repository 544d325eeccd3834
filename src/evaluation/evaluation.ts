/** What the evaluators share: weights, and the form of their result. */
import { DataError } from '../core/errors.js';
import { numberColumn } from '../stage/features.js';
import { weightsOfRows } from '../stage/weights.js';
import { Table } from '../table/table.js';

/**
 * A column of weights as `{ weight }`; nothing when there is none and all rows weigh 1.
 *
 * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for null, or a weight that is
 *   below 0 or not finite.
 */
export function weightColumn(
  who: string,
  table: Table,
  name: string | null,
): { readonly weight?: Float64Array } {
  const weight = weightsOfRows(who, table, name);
  return weight === null ? {} : { weight };
}

/** The weights of a shard, if it has any. */
export function weightsOf(table: Table): Float64Array | null {
  return table.has('weight') ? table.column('weight', 'float64').values : null;
}

/**
 * A column of numbers that are numbers.
 *
 * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for null or NaN.
 */
export function scoreColumn(who: string, table: Table, name: string): Float64Array {
  return requireNumbers(who, name, numberColumn(who, table, name));
}

/** Throws {@link DataError} when there is NaN among the values of a column, naming its row. */
export function requireNumbers(who: string, name: string, values: Float64Array): Float64Array {
  const row = values.findIndex(Number.isNaN);
  if (row < 0) return values;
  throw new DataError(`${who}: column "${name}" must not have NaN, got NaN in row ${row}.`, {
    details: { who, column: name, row },
  });
}

/** One row: a column for each metric, in the order in which they were asked for. */
export function metricsTable<Name extends string>(
  names: readonly Name[],
  metrics: Readonly<Record<Name, number>>,
): Table {
  const columns = names.map((name) => [name, Float64Array.of(metrics[name])] as const);
  return Table.fromColumns(new Map(columns));
}

/** a / b, and 0 where there is nothing to divide by. */
export function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}
