/** What a transformer makes of rows. */
import type { KernelScope } from '../algorithm/training.js';
import { SchemaError } from '../core/errors.js';
import type { Column } from '../table/column.js';
import type { Table } from '../table/table.js';
import { takeColumn } from '../table/take-columns.js';
import type { Transformer } from './stage.js';

/** What a transformer may use while it makes them. */
export interface RowScope extends KernelScope {
  /** Where in the whole table the first row is, for messages. */
  readonly firstRow: number;
}

/** New columns of some rows. */
export interface NewColumns {
  /** By name, all of one length: that of the rows, or of those that are kept. */
  readonly columns: Readonly<Record<string, Column>>;
  /** The rows that are kept, ascending; absent: all. A stage that may drop rows always gives it. */
  readonly kept?: Int32Array;
}

/**
 * The table with new columns at the end, without the rows that are not kept.
 *
 * @param read The columns that were read. A new column may take the place of one of these, as is asked
 *   for by naming it twice, and of no other.
 * @throws SchemaError `ERR_GYRE_SCHEMA` when the table has another column of such a name.
 */
export function addNewColumns(
  table: Table,
  { columns, kept }: NewColumns,
  read: readonly string[],
): Table {
  for (const name in columns) {
    if (table.has(name) && !read.includes(name)) throw nameIsTaken(name, table.columnNames);
  }
  const rest = kept === undefined || kept.length === table.numRows ? table : table.take(kept);
  return rest.withColumns(columns);
}

/** The error of a new column whose name another one has. */
export function nameIsTaken(name: string, columns: readonly string[]): SchemaError {
  return new SchemaError(
    `The table has a column ${JSON.stringify(name)} already; give the new one another name.`,
    { details: { column: name, columns } },
  );
}

/** All columns that some stage reads, those made by a stage before included. */
export const columnsReadByAny = (stages: readonly Transformer<unknown>[]): readonly string[] =>
  stages.flatMap(({ columnsRead }) => columnsRead);

/** What transformers, one after the other, make of some rows. */
export function newColumnsOf(
  stages: readonly Transformer<unknown>[],
  table: Table,
  scope: RowScope,
): NewColumns {
  let made = stages[0]!.transformRows(table, scope);
  let running = table;
  let { columns, kept } = made;
  for (let i = 1; i < stages.length; i++) {
    running = addNewColumns(running, made, stages[i - 1]!.columnsRead);
    made = stages[i]!.transformRows(running, scope);
    if (made.kept !== undefined) {
      columns = keptOf(columns, running.numRows, made.kept);
      kept = kept === undefined ? made.kept : made.kept.map((row) => kept![row]!);
    }
    // Not a spread: adding to what that gives costs as much as a stage does for one row.
    columns = Object.assign({}, columns, made.columns);
  }
  return kept === undefined ? { columns } : { columns, kept };
}

function keptOf(
  columns: NewColumns['columns'],
  rows: number,
  kept: Int32Array,
): NewColumns['columns'] {
  if (kept.length === rows) return columns;
  const taken: Record<string, Column> = {};
  for (const name of Object.keys(columns)) taken[name] = takeColumn(columns[name]!, kept);
  return taken;
}
