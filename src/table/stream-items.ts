/** What a table stream is made of: items of any source, and how rows become batches. */

import { type ArrowTableLike, isArrowTable } from './arrow-in.js';
import { requireColumn } from './require-column.js';
import type { Schema } from './schema.js';
import { type Row, Table } from './table.js';

/** Is told where the record after the one that is given next lies: plain data. */
export type Mark = (next: unknown) => void;

/** Where a batch lies. */
export interface BatchPosition {
  /** As the source calls it. */
  readonly at: unknown;
  /** Of the batches before it. */
  readonly schema: Schema;
}

/** Tables and rows, and whether they can be read again. */
export interface ItemSource {
  /** @param from What `mark` was given before; null for the beginning. */
  open(from: unknown, mark: Mark): Iterable<object> | AsyncIterable<object>;
  readonly replayable: boolean;
  /** Whether `open` heeds `from`, and calls `mark`. */
  readonly rewindable: boolean;
}

/** An async iterable that tells its place and can be sent there. */
interface Rewindable extends AsyncIterable<object> {
  position(): unknown;
  seek(position: unknown): void | Promise<void>;
}

export interface BatchOptions {
  readonly batchSize: number;
  readonly schema: Schema | undefined;
  readonly timestampCol: string | undefined;
}

/** The items of whatever a stream may be made of. */
export function itemSource(source: object): ItemSource {
  const items = itemsOf(source);
  if (isRewindable(items)) return rewindableItems(items);
  const replayable = isReplayable(items);
  if (replayable && Symbol.iterator in items) {
    return { open: (from, mark) => counted(items, from, mark), replayable, rewindable: true };
  }
  return { open: () => items, replayable, rewindable: false };
}

/**
 * Tables of whatever the source gives. A `for await` closes the source on every way out. A batch
 * ends with a row, and no row is read before it is wanted, so that the place after a batch is that
 * after its last row.
 */
export async function* batches(
  items: ItemSource,
  { batchSize, schema: declared, timestampCol }: BatchOptions,
  from: BatchPosition | null,
  mark: Mark,
): AsyncGenerator<Table> {
  let schema = declared ?? from?.schema;
  let rows: Row[] = [];
  let next: unknown = null;
  let afterRows: unknown = null;
  const gathered = (): Table => {
    const table = declared === undefined ? Table.fromRows(rows, schema) : cutRows(rows, declared);
    rows = [];
    mark(afterRows);
    return known(table);
  };
  const known = (table: Table): Table => {
    if (schema === undefined && timestampCol !== undefined) checkTime(table, timestampCol);
    schema ??= table.schema;
    return table;
  };
  const read = items.open(from?.at ?? null, (at) => {
    next = at;
  });
  for await (const item of read) {
    if (item instanceof Table || isArrowTable(item)) {
      if (rows.length > 0) yield gathered();
      mark(next);
      yield known(item instanceof Table ? item : Table.fromArrow(item));
    } else {
      rows.push(item as Row);
      afterRows = next;
      if (rows.length === batchSize) yield gathered();
    }
  }
  if (rows.length > 0) yield gathered();
}

/** Rows as a table of the schema's columns only. */
export function cutRows(rows: readonly Row[], schema: Schema): Table {
  const cut = rows.map((row) =>
    row !== null && typeof row === 'object'
      ? Object.fromEntries(Object.keys(schema).map((name) => [name, row[name]]))
      : row,
  );
  return Table.fromRows(cut, schema);
}

export function checkTime(table: Table, timestampCol: string): void {
  requireColumn('TableStream', table, timestampCol, ['timestamp', 'int64', 'float64']);
}

export function isIterable(source: unknown): source is object {
  if (source instanceof Table || isArrowTable(source)) return true;
  return (
    typeof source === 'object' &&
    source !== null &&
    (Symbol.asyncIterator in source || Symbol.iterator in source)
  );
}

function itemsOf(source: object): Iterable<object> | AsyncIterable<object> {
  if (source instanceof Table) return [source];
  if (isArrowTable(source)) {
    const { batches } = source as ArrowTableLike;
    return (batches as readonly object[] | undefined) ?? [source];
  }
  return source as AsyncIterable<object>;
}

/** Generators, Web streams and Node streams are used up by one iteration. */
function isReplayable(source: object): boolean {
  const { next, pipe } = source as { next?: unknown; pipe?: unknown };
  return (
    typeof next !== 'function' && typeof pipe !== 'function' && !(source instanceof ReadableStream)
  );
}

function isRewindable(source: object): source is Rewindable {
  const { position, seek } = source as Partial<Rewindable>;
  return (
    Symbol.asyncIterator in source && typeof position === 'function' && typeof seek === 'function'
  );
}

/** The places of an array and its like are the numbers of its items. */
function* counted(items: Iterable<object>, from: unknown, mark: Mark): Generator<object> {
  const skipped = (from as number | null) ?? 0;
  let count = 0;
  for (const item of items) {
    if (count++ < skipped) continue;
    mark(count);
    yield item;
  }
}

function rewindableItems(source: Rewindable): ItemSource {
  let start: { readonly position: unknown } | undefined;
  async function* open(from: unknown, mark: Mark): AsyncGenerator<object> {
    const isFirst = start === undefined;
    start ??= { position: source.position() };
    if (!isFirst || from !== null) await source.seek(from ?? start.position);
    for await (const item of source) {
      mark(source.position());
      yield item;
    }
  }
  return { open, replayable: true, rewindable: true };
}
