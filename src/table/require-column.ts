import { SchemaError } from '../core/errors.js';
import type { Column, ColumnOf } from './column.js';
import { type ColumnType, orList } from './schema.js';
import type { Table } from './table.js';

/**
 * The column that a stage reads, checked to be there and of a type that the stage takes.
 *
 * @param who The stage, for the message: `'KMeans'`.
 * @param types The types it may have; an empty list allows all.
 * @throws {@link SchemaError} `ERR_GYRE_SCHEMA`:
 *   `KMeans: column "features" must be vector or sparseVector, got string.`
 */
export function requireColumn<T extends ColumnType = ColumnType>(
  who: string,
  table: Table,
  name: string,
  types: readonly T[],
): ColumnOf<T> {
  if (!table.has(name)) {
    const names = table.columnNames.map((known) => JSON.stringify(known)).join(', ');
    throw new SchemaError(
      `${who}: there is no column ${JSON.stringify(name)}; the table has ${names || 'no columns'}.`,
      { details: { who, column: name, columns: table.columnNames } },
    );
  }
  const column: Column = table.column(name);
  if (types.length > 0 && !(types as readonly ColumnType[]).includes(column.type)) {
    // Plain arrays are lists unless a schema says otherwise: what nearly everyone meets first.
    const wantsVector = (types as readonly ColumnType[]).includes('vector');
    const hint =
      wantsVector && column.layout === 'list' ? `; give a schema: { ${name}: 'vector' }` : '';
    throw new SchemaError(
      `${who}: column ${JSON.stringify(name)} must be ${orList(types)}, got ${column.type}${hint}.`,
      { details: { who, column: name, expected: types, got: column.type } },
    );
  }
  return column as ColumnOf<T>;
}
