/** Queries of DuckDB to table streams. */
import { abortError, DataError, GyreError, InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import type { Column } from '../table/column.js';
import { Table } from '../table/table.js';
import { TableStream } from '../table/table-stream.js';
import { columnOfVectors } from './duckdb-columns.js';
import {
  type DuckDBChunk,
  type DuckDBConnection,
  type DuckDBLibrary,
  type DuckDBResult,
  type DuckDBValue,
  firstLine,
  loadDuckDB,
  openDatabase,
} from './duckdb-library.js';

/** Options of {@link readDuckDB}. */
export interface DuckDBReadOptions {
  /** The file of a database, which is opened to be read. **Default:** a new one in memory. */
  readonly database?: string;
  /**
   * A connection of `@duckdb/node-api` to use, instead of `database`; it is not closed. Nothing else
   * may run on it while the stream is read.
   */
  readonly connection?: DuckDBConnection;
  /** Values of the query's parameters: a list for `?` and `$1`, by name for `$name`. */
  readonly values?: DuckDBValue[] | Record<string, DuckDBValue>;
  /** Rows of a batch, about: batches are whole chunks of DuckDB's. **Default:** 8192. */
  readonly batchSize?: number;
  /** The column with the event time of a row. */
  readonly timestampCol?: string;
  /** How far the watermark stays behind the latest event time, in ms. **Default:** 0. */
  readonly watermarkDelayMs?: number;
  /** Interrupts the query. */
  readonly signal?: AbortSignal;
}

const WHO = 'readDuckDB';

/**
 * Reads what a query of DuckDB gives, as a stream of tables: from a database, and from all that
 * DuckDB reads (`SELECT * FROM 'flights/*.parquet'`, CSV, JSON). The package `@duckdb/node-api` must be
 * installed. The query runs when the stream is read, and again when it is read again.
 *
 * Types: `DOUBLE` and `FLOAT` as they are; integers of up to 32 bits `int32` (unsigned ones of 32
 * bits, and wider ones, `int64`), `DECIMAL` `float64`, `VARCHAR`, `UUID`, `TIME` and `INTERVAL`
 * `string`, `ENUM` a dictionary of strings, `DATE` and timestamps `timestamp`, `DOUBLE[n]` and
 * `FLOAT[n]` `vector`, other lists and arrays of scalars `X[]`, and a `STRUCT(size INTEGER, indices
 * INTEGER[], values DOUBLE[])` `sparseVector`. Columns of one name are told apart by a number.
 *
 * @param query One statement that gives rows.
 * @throws (when read) MissingPackageError `ERR_GYRE_PACKAGE` without the package; InvalidParamError
 *   `ERR_GYRE_INVALID_PARAM` for a query that DuckDB refuses, DataError `ERR_GYRE_DATA` for one that
 *   fails later; SchemaError `ERR_GYRE_SCHEMA` for a column of another type.
 *
 * @example
 * ```ts
 * const stream = readDuckDB('SELECT i, i * 0.5 AS half FROM range(?) t(i)', { values: [10000] });
 * console.log(await stream.schema()); // { i: 'int64', half: 'float64' }
 * console.log((await stream.collect()).numRows); // 10000
 * ```
 */
export function readDuckDB(query: string, options: DuckDBReadOptions = {}): TableStream {
  const { batchSize = 8192, signal, timestampCol, watermarkDelayMs } = options;
  if (typeof query !== 'string' || query.trim() === '') {
    throw new InvalidParamError(`${WHO}: the query must be SQL, got ${showValue(query)}.`);
  }
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new InvalidParamError(
      `${WHO}: batchSize must be an integer >= 1, got ${showValue(batchSize)}.`,
    );
  }
  if (options.database !== undefined && options.connection !== undefined) {
    throw new InvalidParamError(`${WHO} takes a database or a connection, got both.`);
  }
  const open = () => queryTables(query, options, batchSize);
  return new TableStream(
    { open, replayable: true },
    {
      ...(signal !== undefined && { signal }),
      ...(timestampCol !== undefined && { timestampCol }),
      ...(watermarkDelayMs !== undefined && { watermarkDelayMs }),
    },
  );
}

async function* queryTables(
  query: string,
  options: DuckDBReadOptions,
  batchSize: number,
): AsyncGenerator<Table, undefined> {
  const { signal, values } = options;
  const { library, connection, close } = await connect(options);
  try {
    if (signal?.aborted) throw abortError(WHO, signal);
    const interrupt = () => connection.interrupt();
    signal?.addEventListener('abort', interrupt, { once: true });
    try {
      const result = await fromDuckDB(WHO, signal, () => connection.stream(query, values));
      yield* tablesOf(WHO, library, result, batchSize, signal);
    } finally {
      signal?.removeEventListener('abort', interrupt);
    }
  } finally {
    close();
  }
  return undefined;
}

interface Connected {
  readonly library: DuckDBLibrary;
  readonly connection: DuckDBConnection;
  readonly close: () => void;
}

async function connect({ database, connection }: DuckDBReadOptions): Promise<Connected> {
  if (connection !== undefined) {
    return { library: await loadDuckDB(WHO), connection, close: () => {} };
  }
  const mode: Record<string, string> = database === undefined ? {} : { access_mode: 'READ_ONLY' };
  const library = await loadDuckDB(WHO);
  return fromDuckDB(WHO, undefined, () => openDatabase(library, database ?? ':memory:', mode));
}

/** Errors that say that the query is wrong, not what it meets. */
const REFUSED =
  /\b(Parser|Syntax|Binder|Catalog|Permission|Invalid Input|Not implemented|Parameter Not Resolved) Error: /;

/**
 * A call of DuckDB, with its errors as ours.
 *
 * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for a query that DuckDB refuses, DataError
 *   `ERR_GYRE_DATA` for one that fails, AbortError `ERR_GYRE_ABORTED` when the signal is.
 */
export async function fromDuckDB<T>(
  who: string,
  signal: AbortSignal | undefined,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof GyreError) throw cause;
    if (signal?.aborted) throw abortError(who, signal);
    const message = firstLine(cause);
    const options = { details: { who, message }, cause };
    throw REFUSED.test(message)
      ? new InvalidParamError(`${who}: DuckDB refused the query: ${message}`, options)
      : new DataError(`${who}: DuckDB failed: ${message}`, options);
  }
}

/** The rows of a result as tables of at least `batchSize` rows but for the last; at least one. */
export async function* tablesOf(
  who: string,
  library: DuckDBLibrary,
  result: DuckDBResult,
  batchSize: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Table> {
  const names = result.deduplicatedColumnNames();
  const types = result.columnTypes();
  const made = (chunks: readonly DuckDBChunk[]): Table => {
    const columns = new Map<string, Column>();
    names.forEach((name, i) => {
      const vectors = chunks.map((chunk) => chunk.getColumnVector(i));
      const where = `${who}: column "${name}"`;
      columns.set(name, columnOfVectors(library, where, types[i]!, vectors));
    });
    return Table.fromColumns(columns);
  };
  let chunks: DuckDBChunk[] = [];
  let rows = 0;
  let empty = true;
  for (;;) {
    const chunk = await fromDuckDB(who, signal, () => result.fetchChunk());
    if (chunk === null || chunk.rowCount === 0) break;
    chunks.push(chunk);
    rows += chunk.rowCount;
    if (rows < batchSize) continue;
    yield made(chunks);
    [chunks, rows, empty] = [[], 0, false];
  }
  // A result without rows still has columns.
  if (rows > 0 || empty) yield made(chunks);
}
