import { abortError, ClosedError, InvalidParamError, SchemaError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { type ArrowTableLike, isArrowTable } from './arrow-in.js';
import { requireColumn } from './require-column.js';
import { checkSchema, type Schema, schemasEqual, showSchema } from './schema.js';
import { type Row, Table } from './table.js';

/** What a stream can be made of: tables, Arrow tables or batches, or rows, one after the other. */
export type TableSource =
  | Table
  | ArrowTableLike
  | Iterable<Table | ArrowTableLike | object>
  | AsyncIterable<Table | ArrowTableLike | object>
  | ReadableStream<Table | ArrowTableLike | object>;

/** Options of {@link TableStream.from}. */
export interface TableStreamOptions {
  /**
   * The schema of every batch. Rows are cut to its columns. **Default:** that of the first batch;
   * for rows, as told from the first `batchSize` of them.
   */
  readonly schema?: Schema;
  /** Rows are gathered into tables of this many rows. **Default:** 1024. */
  readonly batchSize?: number;
  /** The column with the event time of a row: `timestamp`, `int64` or `float64` (milliseconds). */
  readonly timestampCol?: string;
  /** How far the watermark stays behind the latest event time, in ms. **Default:** 0. */
  readonly watermarkDelayMs?: number;
  /** Stops the stream before its next batch, and closes the source. */
  readonly signal?: AbortSignal;
}

/** How a stream gets its batches; what readers of files implement. */
export interface TableStreamSource {
  /** Starts from the beginning. */
  open(): AsyncIterator<Table>;
  /** The schema without reading a batch, where the source knows it. */
  schema?(): Promise<Schema>;
  /** Whether `open` can be called again. */
  readonly replayable: boolean;
}

/** An iterator whose first batch is read already. */
interface Peeked {
  readonly first: IteratorResult<Table>;
  readonly rest: AsyncIterator<Table>;
}

/**
 * Tables of one schema, one after the other: an async iterable with backpressure. The source is
 * asked for a batch only when the consumer asks for one, and closed when the consumer breaks off.
 *
 * A stream over an array or a file can be iterated again and again; one over a generator or a
 * `ReadableStream` once, and a second time throws {@link ClosedError} `ERR_GYRE_CLOSED`.
 *
 * @example
 * ```ts
 * const stream = TableStream.from(rows(), { schema: { id: 'int64', x: 'vector' } });
 * for await (const table of stream) console.log(table.numRows);
 * ```
 */
export class TableStream implements AsyncIterable<Table> {
  /** The event-time column, if one is named. */
  readonly timestampCol: string | undefined;
  /** How far the watermark stays behind the latest event time, in milliseconds. */
  readonly watermarkDelayMs: number;
  readonly #source: TableStreamSource;
  readonly #declared: Schema | undefined;
  readonly #signal: AbortSignal | undefined;
  #opened = false;
  /** An iterator that `schema()` has read the first batch of, for the next consumer. */
  #peeked: Peeked | undefined;

  /** For readers and for stages; everyone else uses {@link TableStream.from}. */
  constructor(source: TableStreamSource, options: Omit<TableStreamOptions, 'batchSize'> = {}) {
    const { schema, timestampCol, watermarkDelayMs = 0, signal } = options;
    if (!(Number.isFinite(watermarkDelayMs) && watermarkDelayMs >= 0)) {
      throw new InvalidParamError(
        `TableStream.watermarkDelayMs must be a number >= 0, got ${showValue(watermarkDelayMs)}.`,
        { details: { got: watermarkDelayMs } },
      );
    }
    this.#source = source;
    this.#declared = schema && checkSchema('TableStream', schema);
    this.#signal = signal;
    this.timestampCol = timestampCol;
    this.watermarkDelayMs = watermarkDelayMs;
  }

  /**
   * Makes a stream of tables, of Arrow tables or record batches, or of rows, which are gathered
   * into tables of `batchSize` rows (so a row is seen when its batch is full, or at the end).
   *
   * @throws {@link SchemaError} `ERR_GYRE_SCHEMA` (when iterated) for a batch of another schema.
   */
  static from(source: TableSource | TableStream, options: TableStreamOptions = {}): TableStream {
    const { batchSize = 1024, schema, timestampCol } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new InvalidParamError(
        `TableStream.batchSize must be an integer >= 1, got ${showValue(batchSize)}.`,
        { details: { got: batchSize } },
      );
    }
    if (!isIterable(source)) {
      throw new InvalidParamError(
        `TableStream.from: the source must be an iterable, an async iterable or a ReadableStream, got ${showValue(source)}.`,
      );
    }
    if (schema !== undefined && timestampCol !== undefined)
      checkTime(Table.empty(schema), timestampCol);
    const items = itemsOf(source);
    return new TableStream(
      {
        open: () => batches(items, batchSize, schema, timestampCol),
        replayable: source instanceof TableStream ? source.replayable : isReplayable(items),
        ...(source instanceof TableStream && { schema: () => source.schema() }),
      },
      options,
    );
  }

  /** Whether the stream can be iterated more than once. */
  get replayable(): boolean {
    return this.#source.replayable;
  }

  /**
   * The schema: as declared, as the file says, or that of the first batch, which is then read and
   * kept for the consumer that comes next (or {@link close}d).
   *
   * @throws {@link SchemaError} `ERR_GYRE_SCHEMA` when the source ends without a batch.
   */
  async schema(): Promise<Schema> {
    if (this.#declared !== undefined) return this.#declared;
    if (this.#source.schema !== undefined) return this.#source.schema();
    if (this.#peeked === undefined) {
      const rest = this.#open();
      this.#peeked = { first: await rest.next(), rest };
    }
    const { first } = this.#peeked;
    if (!first.done) return first.value.schema;
    throw new SchemaError(
      'TableStream: the schema is not known, since the source ended before the first batch; give a schema.',
    );
  }

  /** Starts the stream; see the class for what a second call does. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Table> {
    const peeked = this.#peeked;
    this.#peeked = undefined;
    return this.#batches(peeked);
  }

  /**
   * The stream of `fn` of each batch, one at a time and in order.
   *
   * @param schema The schema of the results. **Default:** that of the first one.
   */
  map(fn: (table: Table) => Table | Promise<Table>, schema?: Schema): TableStream {
    const upstream = this;
    return new TableStream(
      {
        async *open() {
          for await (const table of upstream) yield await fn(table);
        },
        replayable: this.replayable,
      },
      {
        watermarkDelayMs: this.watermarkDelayMs,
        ...(schema !== undefined && { schema }),
        ...(this.timestampCol !== undefined && { timestampCol: this.timestampCol }),
        ...(this.#signal !== undefined && { signal: this.#signal }),
      },
    );
  }

  /** All batches as one table: all rows in memory, and a copy of them if there are several. */
  async collect(): Promise<Table> {
    const tables: Table[] = [];
    for await (const table of this) tables.push(table);
    if (tables.length > 0) return Table.concat(tables);
    const schema = this.#declared ?? (await this.#source.schema?.());
    return Table.empty(schema ?? {});
  }

  /** A Web stream of the batches, which reads ahead by nothing. */
  toReadableStream(): ReadableStream<Table> {
    let iterator: AsyncIterator<Table> | undefined;
    return new ReadableStream<Table>(
      {
        pull: async (controller) => {
          iterator ??= this[Symbol.asyncIterator]();
          const { done, value } = await iterator.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: async () => {
          if (iterator === undefined) await this.close();
          else await iterator.return?.();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Closes the source if {@link schema} has opened it and nobody iterates. */
  async close(): Promise<void> {
    const peeked = this.#peeked;
    this.#peeked = undefined;
    await peeked?.rest.return?.();
  }

  #open(): AsyncIterator<Table> {
    if (this.#opened && !this.replayable) {
      throw new ClosedError('TableStream: the source can be read once, and has been.');
    }
    this.#opened = true;
    return this.#source.open();
  }

  async *#batches(peeked: Peeked | undefined): AsyncGenerator<Table, undefined> {
    const rest = peeked?.rest ?? this.#open();
    let expected = this.#declared;
    let done = false;
    let count = 0;
    try {
      for (let next = peeked?.first; ; next = undefined) {
        const result = next ?? (await unlessAborted(rest, this.#signal));
        done = result.done === true;
        if (result.done) return undefined;
        expected = this.#check(result.value, expected, count++);
        yield result.value;
      }
    } finally {
      // An aborted source may never answer, so it is told to close but not waited for.
      const closing = done ? undefined : rest.return?.();
      if (this.#signal?.aborted) closing?.catch(() => {});
      else await closing;
    }
  }

  #check(table: Table, expected: Schema | undefined, batch: number): Schema {
    if (!(table instanceof Table)) {
      throw new SchemaError(
        `TableStream: batch ${batch} must be a Table, got ${showValue(table)}.`,
      );
    }
    if (expected === undefined || schemasEqual(table.schema, expected)) return table.schema;
    throw new SchemaError(
      `TableStream: batch ${batch} must have the schema ${showSchema(expected)}, got ${showSchema(table.schema)}.`,
      { details: { batch, expected, got: table.schema } },
    );
  }
}

/** Tables of whatever the source gives. A `for await` closes the source on every way out. */
async function* batches(
  source: Iterable<object> | AsyncIterable<object>,
  batchSize: number,
  declared: Schema | undefined,
  timestampCol: string | undefined,
): AsyncGenerator<Table> {
  let schema = declared;
  let rows: Row[] = [];
  const gathered = (): Table => {
    const table = declared === undefined ? Table.fromRows(rows, schema) : cutRows(rows, declared);
    rows = [];
    return known(table);
  };
  const known = (table: Table): Table => {
    if (schema === undefined && timestampCol !== undefined) checkTime(table, timestampCol);
    schema ??= table.schema;
    return table;
  };
  for await (const item of source) {
    if (item instanceof Table || isArrowTable(item)) {
      if (rows.length > 0) yield gathered();
      yield known(item instanceof Table ? item : Table.fromArrow(item));
    } else {
      rows.push(item as Row);
      if (rows.length === batchSize) yield gathered();
    }
  }
  if (rows.length > 0) yield gathered();
}

/** Rows as a table of the schema's columns only. */
function cutRows(rows: readonly Row[], schema: Schema): Table {
  const cut = rows.map((row) =>
    row !== null && typeof row === 'object'
      ? Object.fromEntries(Object.keys(schema).map((name) => [name, row[name]]))
      : row,
  );
  return Table.fromRows(cut, schema);
}

function checkTime(table: Table, timestampCol: string): void {
  requireColumn('TableStream', table, timestampCol, ['timestamp', 'int64', 'float64']);
}

/** The next batch, or an {@link AbortError} as soon as the signal says so. */
async function unlessAborted(
  source: AsyncIterator<Table>,
  signal: AbortSignal | undefined,
): Promise<IteratorResult<Table>> {
  if (signal === undefined) return source.next();
  if (signal.aborted) throw abortError('TableStream', signal);
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(abortError('TableStream', signal));
    signal.addEventListener('abort', abort, { once: true });
    source
      .next()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort));
  });
}

function itemsOf(source: TableSource | TableStream): Iterable<object> | AsyncIterable<object> {
  if (source instanceof Table) return [source];
  if (isArrowTable(source)) return (source.batches as readonly object[] | undefined) ?? [source];
  return source as AsyncIterable<object>;
}

function isIterable(source: unknown): boolean {
  if (source instanceof Table || isArrowTable(source)) return true;
  return (
    typeof source === 'object' &&
    source !== null &&
    (Symbol.asyncIterator in source || Symbol.iterator in source)
  );
}

/** Generators, Web streams and Node streams are used up by one iteration. */
function isReplayable(source: object): boolean {
  const { next, pipe } = source as { next?: unknown; pipe?: unknown };
  return (
    typeof next !== 'function' && typeof pipe !== 'function' && !(source instanceof ReadableStream)
  );
}
