/** What a transformer makes of rows. */
import type { KernelScope } from '../algorithm/training.js';
import type { Column } from '../table/column.js';
import type { Table } from '../table/table.js';

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

/** The table with new columns at the end, without the rows that are not kept. */
export function addNewColumns(table: Table, { columns, kept }: NewColumns): Table {
  const rest = kept === undefined || kept.length === table.numRows ? table : table.take(kept);
  return rest.withColumns(columns);
}
