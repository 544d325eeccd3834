/** A statement of SQL over one table that is given to it. */
import { abortError, InvalidParamError, SchemaError } from '../core/errors.js';
import { fromDuckDB, tablesOf } from '../io/duckdb.js';
import { appendRows, createTable } from '../io/duckdb-append.js';
import {
  type DuckDBStatement,
  loadDuckDB,
  type OpenDatabase,
  openDatabase,
} from '../io/duckdb-library.js';
import type { Table } from '../table/table.js';
import { withTumblingWindows } from './sql-windows.js';

/** The name of the table in statements. */
export const THIS = '__THIS__';

/**
 * One thread, so that sums have the same bits every time; and no way out: a statement may come from
 * a file, and is to see the table and nothing else.
 */
const SETTINGS = { threads: '1', enable_external_access: 'false', lock_configuration: 'true' };
const BATCH_ROWS = 8192;

/** Nodes of plans that look at every row alone. */
const ROW_WISE: ReadonlySet<string> = new Set([
  'PROJECTION',
  'FILTER',
  'SEQ_SCAN',
  'UNNEST',
  'CTE',
  'CTE_SCAN',
]);

interface PlanNode {
  readonly name: string;
  readonly children: readonly PlanNode[];
}

export class SqlStatement {
  readonly #who: string;
  readonly #sql: string;
  readonly #database: OpenDatabase;
  readonly #signal: AbortSignal | undefined;
  readonly #interrupt = (): void => this.#database.connection.interrupt();

  private constructor(
    who: string,
    sql: string,
    database: OpenDatabase,
    signal: AbortSignal | undefined,
  ) {
    this.#who = who;
    this.#sql = sql;
    this.#database = database;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#interrupt, { once: true });
  }

  /**
   * Prepares a statement for tables of one schema.
   *
   * @param like Such a table; its rows do not matter.
   * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` when DuckDB refuses the statement, or it is
   *   not one query.
   */
  static async open(
    who: string,
    statement: string,
    like: Table,
    signal: AbortSignal | undefined,
  ): Promise<SqlStatement> {
    checkNames(who, like);
    const library = await loadDuckDB(who);
    const database = await openDatabase(library, ':memory:', SETTINGS);
    const sql = withTumblingWindows(statement, like.schema);
    const opened = new SqlStatement(who, sql, database, signal);
    try {
      const { connection } = database;
      await fromDuckDB(who, signal, () => createTable(library, connection, THIS, like));
      (await opened.#prepare()).destroySync();
    } catch (error) {
      opened.close();
      throw error;
    }
    return opened;
  }

  /** Adds rows to those that the statement sees. */
  async add(table: Table): Promise<void> {
    const { library, connection } = this.#database;
    await fromDuckDB(this.#who, this.#signal, () => appendRows(library, connection, THIS, table));
  }

  /** Takes all rows away. */
  async clear(): Promise<void> {
    await this.#database.connection.run(`TRUNCATE "${THIS}"`);
  }

  /** What the statement gives. */
  async *results(): AsyncGenerator<Table> {
    if (this.#signal?.aborted) throw abortError(this.#who, this.#signal);
    const statement = await this.#prepare();
    try {
      const result = await fromDuckDB(this.#who, this.#signal, () => statement.stream());
      yield* tablesOf(this.#who, this.#database.library, result, BATCH_ROWS, this.#signal);
    } finally {
      statement.destroySync();
    }
  }

  /** Whether it looks at each row alone, so that it may be given a table piece by piece. */
  async isRowWise(): Promise<boolean> {
    const { connection } = this.#database;
    // The optimizer would fold what it sees of a table that is empty.
    await connection.run('PRAGMA disable_optimizer');
    const explained = await connection.run(`EXPLAIN (FORMAT JSON) ${this.#sql}`);
    await connection.run('PRAGMA enable_optimizer');
    const chunk = await explained.fetchChunk();
    const nodes = JSON.parse(chunk!.getColumnVector(1).getItem(0) as string) as PlanNode[];
    const every = ({ name, children }: PlanNode): boolean =>
      ROW_WISE.has(name.trim()) && children.every(every);
    return nodes.every(every);
  }

  close(): void {
    this.#signal?.removeEventListener('abort', this.#interrupt);
    this.#database.close();
  }

  async #prepare(): Promise<DuckDBStatement> {
    const [who, signal] = [this.#who, this.#signal];
    const { library, connection } = this.#database;
    const statement = await fromDuckDB(who, signal, async () => {
      const statements = await connection.extractStatements(this.#sql);
      if (statements.count !== 1) throw notOneQuery(who, `${statements.count} statements`);
      return statements.prepare(0);
    });
    const isQuery = statement.statementType === library.StatementType.SELECT;
    if (isQuery && statement.parameterCount === 0) return statement;
    const got = isQuery
      ? `${statement.parameterCount} parameters`
      : `a statement of kind ${library.StatementType[statement.statementType]}`;
    statement.destroySync();
    throw notOneQuery(who, got);
  }
}

function notOneQuery(who: string, got: string): InvalidParamError {
  return new InvalidParamError(
    `${who}: the statement must be one query without parameters, got ${got}.`,
    { details: { who, got } },
  );
}

/** Names are the same to SQL whatever their case. */
function checkNames(who: string, { columnNames }: Table): void {
  const known = new Map<string, string>();
  for (const name of columnNames) {
    const other = known.get(name.toLowerCase());
    known.set(name.toLowerCase(), name);
    if (other === undefined) continue;
    throw new SchemaError(
      `${who}: names of columns must differ in more than case, got "${other}" and "${name}".`,
      { details: { who, columns: [other, name] } },
    );
  }
  if (columnNames.length > 0) return;
  throw new SchemaError(`${who}: the table must have a column, got none.`, { details: { who } });
}
