import { abortError, ClosedError, InvalidParamError, SchemaError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import type { ArrowTableLike } from './arrow-in.js';
import { checkSchema, type Schema, schemasEqual, showSchema } from './schema.js';
import {
  type BatchPosition,
  batches,
  checkTime,
  type ItemSource,
  isIterable,
  itemSource,
  type Mark,
} from './stream-items.js';
import { Table } from './table.js';

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
  /**
   * Starts from the beginning, or where a batch lies.
   *
   * @param from Null for the beginning; of rewindable sources else what `mark` was given, with the
   *   schema of the batches before.
   * @param mark To be called before a batch is given, with where the one after it lies.
   */
  open(from: BatchPosition | null, mark: Mark): AsyncIterator<Table>;
  /** The schema without reading a batch, where the source knows it. */
  schema?(): Promise<Schema>;
  /** Whether `open` can be called again. */
  readonly replayable: boolean;
  /** Whether `open` heeds `from`, and calls `mark`. **Default:** false. */
  readonly rewindable?: boolean;
}

/** A source that is read. */
interface Opened {
  readonly batches: AsyncIterator<Table>;
  /** Where the batch after the last one lies. */
  readonly at: unknown;
}

/** One whose first batch is read already. */
interface Peeked {
  readonly first: IteratorResult<Table>;
  readonly opened: Opened;
}

/** An iterator of a stream. */
interface Reading {
  /** Where its next batch lies; null at the beginning. */
  next: BatchPosition | null;
}

/**
 * Tables of one schema, one after the other: an async iterable with backpressure. The source is
 * asked for a batch only when the consumer asks for one, and closed when the consumer breaks off.
 *
 * A stream over an array or a file can be iterated again and again; one over a generator or a
 * `ReadableStream` once, and a second time throws {@link ClosedError} `ERR_GYRE_CLOSED`.
 *
 * One over an array, a table, a file, or a source with `position` and `seek` has these two itself,
 * so that a job with checkpoints that goes on reads each batch once.
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
  /**
   * Where the batch lies that comes next: of the iterator made last, or, when that is over, of the
   * one that is made next. A plain value, null for the beginning. Missing where the source cannot
   * begin again at any batch.
   */
  readonly position?: () => unknown;
  /**
   * Makes the next iterator, and no other, begin at a {@link position} of this stream, or of one
   * made in the same way in another process: the file and the options must be the same. What lies
   * before it is not read again.
   *
   * @throws {@link InvalidParamError} `ERR_GYRE_INVALID_PARAM` for what is no position.
   */
  readonly seek?: (position: unknown) => Promise<void>;
  readonly #source: TableStreamSource;
  readonly #declared: Schema | undefined;
  readonly #signal: AbortSignal | undefined;
  #opened = false;
  /** An iterator that `schema()` has read the first batch of, for the next consumer. */
  #peeked: Peeked | undefined;
  /** Where the next iterator begins. */
  #from: BatchPosition | null = null;
  /** The iterator made last, until it is over. */
  #reading: Reading | undefined;

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
    if (source.rewindable !== true) return;
    this.position = () => (this.#reading === undefined ? this.#from : this.#reading.next);
    this.seek = async (position) => {
      this.#from = checkPosition(position);
      this.#reading = undefined;
      await this.close();
    };
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
    const items = source instanceof TableStream ? source.#items() : itemSource(source);
    const { replayable, rewindable } = items;
    return new TableStream(
      {
        open: (from, mark) => batches(items, { batchSize, schema, timestampCol }, from, mark),
        replayable,
        rewindable,
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
      const opened = this.#open(null);
      this.#peeked = { first: await opened.batches.next(), opened };
    }
    const { first } = this.#peeked;
    if (!first.done) return first.value.schema;
    throw new SchemaError(
      'TableStream: the schema is not known, since the source ended before the first batch; give a schema.',
    );
  }

  /** Starts the stream; see the class for what a second call does. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Table> {
    const reading: Reading = { next: this.#from };
    this.#from = null;
    this.#reading = reading;
    return this.#batches(reading);
  }

  /**
   * The stream of `fn` of each batch, one at a time and in order. It can begin again where this
   * one can; what `fn` keeps from batch to batch is not part of a position.
   *
   * @param schema The schema of the results. **Default:** that of the first one.
   */
  map(fn: (table: Table) => Table | Promise<Table>, schema?: Schema): TableStream {
    const { open, replayable, rewindable } = this.#items();
    return new TableStream(
      {
        async *open(from, mark) {
          for await (const table of open(from?.at ?? null, mark)) yield await fn(table as Table);
        },
        replayable,
        rewindable,
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
    await peeked?.opened.batches.return?.();
  }

  /** The batches, read by another stream: the position of this one stays as it is. */
  #items(): ItemSource {
    const upstream = this;
    return {
      async *open(from, mark) {
        const reading: Reading = { next: from as BatchPosition | null };
        for await (const table of upstream.#batches(reading)) {
          mark(reading.next);
          yield table;
        }
      },
      replayable: this.replayable,
      rewindable: this.#source.rewindable === true,
    };
  }

  #open(from: BatchPosition | null): Opened {
    if (this.#opened && !this.replayable) {
      throw new ClosedError('TableStream: the source can be read once, and has been.');
    }
    this.#opened = true;
    let at: unknown = null;
    const batches = this.#source.open(from, (next) => {
      at = next;
    });
    return {
      batches,
      get at() {
        return at;
      },
    };
  }

  /** What `schema` has read is of use to who begins at the beginning. */
  #batches(reading: Reading): AsyncGenerator<Table, undefined> {
    const peeked = reading.next === null ? this.#peeked : undefined;
    if (peeked !== undefined) this.#peeked = undefined;
    return this.#read(reading, peeked);
  }

  async *#read(reading: Reading, peeked: Peeked | undefined): AsyncGenerator<Table, undefined> {
    const opened = peeked?.opened ?? this.#open(reading.next);
    const rest = opened.batches;
    let expected = this.#declared ?? reading.next?.schema;
    let done = false;
    let count = 0;
    try {
      for (let next = peeked?.first; ; next = undefined) {
        const result = next ?? (await unlessAborted(rest, this.#signal));
        done = result.done === true;
        if (result.done) return undefined;
        expected = this.#check(result.value, expected, count++);
        reading.next = { at: opened.at, schema: expected };
        yield result.value;
      }
    } finally {
      if (this.#reading === reading) this.#reading = undefined;
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

function checkPosition(position: unknown): BatchPosition | null {
  if (position === null) return null;
  if (typeof position === 'object' && 'at' in position && 'schema' in position) {
    return position as BatchPosition;
  }
  throw new InvalidParamError(
    `TableStream.seek: it must be a position of such a stream, got ${showValue(position)}.`,
  );
}
