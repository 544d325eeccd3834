/**
 * DuckDB as this library uses it. `@duckdb/node-api` is an optional peer: it is loaded when it is
 * needed, and described here by what is used of it, so that types need no package either.
 */
import { MissingPackageError } from '../core/errors.js';

/** A type of DuckDB. */
export interface DuckDBType {
  readonly typeId: number;
  /** Of lists and arrays. */
  readonly valueType?: DuckDBType;
  /** Of arrays. */
  readonly length?: number;
  /** Of decimals. */
  readonly scale?: number;
  /** Of enums. */
  readonly values?: readonly string[];
  /** Of structs. */
  readonly entryNames?: readonly string[];
  readonly entryTypes?: readonly DuckDBType[];
  toString(): string;
}

/** A column of a chunk. */
export interface DuckDBVector {
  readonly type: DuckDBType;
  readonly itemCount: number;
  getItem(row: number): unknown;
  setItem(row: number, value: unknown): void;
  flush(): void;
}

/** Some thousand rows. */
export interface DuckDBChunk {
  readonly rowCount: number;
  getColumnVector(column: number): DuckDBVector;
}

/** A result that is read chunk by chunk. */
export interface DuckDBResult {
  deduplicatedColumnNames(): string[];
  columnTypes(): DuckDBType[];
  fetchChunk(): Promise<DuckDBChunk | null>;
}

/** A value that a query can be given. */
export type DuckDBValue = null | boolean | number | bigint | string | Uint8Array | object;

/** A connection, as `@duckdb/node-api` has it. */
export interface DuckDBConnection {
  stream(sql: string, values?: DuckDBValue[] | Record<string, DuckDBValue>): Promise<DuckDBResult>;
  interrupt(): void;
}

/** A connection of our own. */
export interface OwnConnection extends DuckDBConnection {
  run(sql: string): Promise<DuckDBResult>;
  extractStatements(sql: string): Promise<{
    readonly count: number;
    prepare(index: number): Promise<DuckDBStatement>;
  }>;
  createAppender(table: string): Promise<DuckDBAppender>;
  closeSync(): void;
}

export interface DuckDBStatement {
  readonly statementType: number;
  readonly parameterCount: number;
  stream(): Promise<DuckDBResult>;
  destroySync(): void;
}

export interface DuckDBAppender {
  appendDataChunk(chunk: DuckDBChunk): void;
  closeSync(): void;
}

interface DuckDBInstance {
  connect(): Promise<OwnConnection>;
  closeSync(): void;
}

/** The package's exports that are used here. */
export interface DuckDBLibrary {
  readonly DuckDBInstance: {
    create(path: string, options: Readonly<Record<string, string>>): Promise<DuckDBInstance>;
  };
  readonly DuckDBDataChunk: { create(types: readonly DuckDBType[], rows: number): DuckDBChunk };
  readonly DuckDBTypeId: Readonly<Record<string, number>>;
  readonly StatementType: Readonly<Record<string, number>>;
  readonly BOOLEAN: DuckDBType;
  readonly INTEGER: DuckDBType;
  readonly BIGINT: DuckDBType;
  readonly FLOAT: DuckDBType;
  readonly DOUBLE: DuckDBType;
  readonly VARCHAR: DuckDBType;
  readonly TIMESTAMP: DuckDBType;
  readonly TIMESTAMP_S: DuckDBType;
  readonly TIMESTAMP_MS: DuckDBType;
  readonly TIMESTAMP_NS: DuckDBType;
  LIST(type: DuckDBType): DuckDBType;
  ARRAY(type: DuckDBType, length: number): DuckDBType;
  STRUCT(entries: Readonly<Record<string, DuckDBType>>): DuckDBType;
}

const PACKAGE = '@duckdb/node-api';

/**
 * Loads the package.
 *
 * @param who Whoever needs it, for the message.
 * @throws MissingPackageError `ERR_GYRE_PACKAGE` when it is not installed, or does not run here.
 */
export async function loadDuckDB(who: string, name: string = PACKAGE): Promise<DuckDBLibrary> {
  try {
    return (await import(name)) as DuckDBLibrary;
  } catch (cause) {
    throw new MissingPackageError(
      `${who} needs the package ${name}, which cannot be loaded here (${firstLine(cause)}); install ` +
        `it with: npm install ${PACKAGE}`,
      { details: { who, package: name }, cause },
    );
  }
}

/** Messages of several lines show the place in the query, and have more of it in the cause. */
export const firstLine = (error: unknown): string =>
  String((error as Error).message ?? error).split('\n')[0]!;

/** A database with one connection. */
export interface OpenDatabase {
  readonly library: DuckDBLibrary;
  readonly connection: OwnConnection;
  close(): void;
}

/** Opens a database; `':memory:'` is a new one. */
export async function openDatabase(
  library: DuckDBLibrary,
  path: string,
  options: Readonly<Record<string, string>>,
): Promise<OpenDatabase> {
  const instance = await library.DuckDBInstance.create(path, options);
  const connection = await instance.connect();
  return {
    library,
    connection,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
