/** SQLTransformer: what a query of SQL gives of a table. */
import type { Param, ParamOptions, ParamTable } from '../core/params.js';
import { checkCall } from '../stage/call.js';
import { loadAs } from '../stage/load.js';
import { AlgoOperator, type StageOptions } from '../stage/stage.js';
import { Table } from '../table/table.js';
import { TableStream } from '../table/table-stream.js';
import { SqlStatement, THIS } from './sql-statement.js';

const WHO = 'SQLTransformer.transform';

/** Params of {@link SQLTransformer}. */
export interface SQLTransformerParams {
  /** One query that has `__THIS__` in it, the name of the table. Required. */
  readonly statement: string;
}

const statement: Param<string> = {
  expected: `a string with ${THIS} in it`,
  default: undefined as unknown as string,
  accepts: (value) => typeof value === 'string' && value.includes(THIS),
  invalid: ['', 'SELECT 1', 'SELECT * FROM __this__', 1, null],
};

const sqlTransformerParams: ParamTable<SQLTransformerParams> = { statement };

/**
 * Gives what a query of SQL gives of a table, which it calls `__THIS__`:
 *
 * ```sql
 * SELECT *, v1 + v2 AS v3, sqrt(v1) AS v4 FROM __THIS__ WHERE v1 > 5
 * SELECT v2, sum(v1) AS v3 FROM __THIS__ GROUP BY v2
 * ```
 *
 * The query runs in DuckDB, and is in its SQL; the package `@duckdb/node-api` must be installed. It sees
 * the table and nothing else: no files, no network. Input columns are kept only where they are
 * selected. Columns of any type go in, and come back as they were: timestamps in their unit, dense
 * vectors as arrays (`v[1]` is their first entry), sparse ones as structs of `size`, `indices` and
 * `values`; strings in a dictionary come back as plain ones. For what else comes out, see
 * {@link readDuckDB}. Null is SQL's.
 *
 * A stream gives a stream. Where the query looks at each row alone (no aggregate, window, join, order
 * or limit), batch by batch; else, as in Flink ML, all rows are gathered first, and the result comes
 * when the stream has ended.
 *
 * Differences from Flink ML: the SQL is DuckDB's (names do not depend on case and are quoted by `"`; `/` of
 * integers gives a fraction, `//` an integer); of Flink's windows `TABLE(TUMBLE(TABLE __THIS__,
 * DESCRIPTOR(t), INTERVAL '10' MINUTES))` is understood, over timestamps and milliseconds;
 * `__THIS__` in a string stays as it is. Cost: one copy in, one out; the query runs on a thread of
 * DuckDB's, a single one, so that sums are the same bits every time.
 *
 * @see SQLTransformer of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromRows([{ v1: 1, v2: 3 }, { v1: 2, v2: 5 }]);
 * const sql = new SQLTransformer({ statement: 'SELECT v1, v1 * v2 AS v3 FROM __THIS__' });
 * console.log((await sql.transform(table)).toRows()); // [ { v1: 1, v3: 3 }, { v1: 2, v3: 10 } ]
 * ```
 */
export class SQLTransformer extends AlgoOperator<SQLTransformerParams> {
  static readonly className = 'SQLTransformer';
  static readonly params: ParamTable<SQLTransformerParams> = sqlTransformerParams;

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<SQLTransformer> {
    return loadAs(SQLTransformer, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<SQLTransformerParams>): SQLTransformer {
    return new SQLTransformer(params);
  }

  /**
   * What the query gives.
   *
   * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for a query that DuckDB refuses; DataError
   *   `ERR_GYRE_DATA` for one that fails on the data; MissingPackageError `ERR_GYRE_PACKAGE` without
   *   the package. Of a stream they come when it is read.
   */
  override transform(table: Table, options?: StageOptions): Promise<Table>;
  override transform(stream: TableStream, options?: StageOptions): TableStream;
  override transform(
    input: Table | TableStream,
    options: StageOptions = {},
  ): Promise<Table> | TableStream {
    if (!(input instanceof TableStream)) return super.transform(input, options);
    checkCall(WHO, input, 'table or stream', options);
    const { signal } = options;
    const open = () => this.#results(input, options);
    const { replayable } = input;
    return new TableStream({ open, replayable }, { ...(signal !== undefined && { signal }) });
  }

  protected override async transformTable(table: Table, options: StageOptions): Promise<Table> {
    const query = await SqlStatement.open(WHO, this.params.statement, table, options.signal);
    try {
      await query.add(table);
      const tables: Table[] = [];
      for await (const part of query.results()) tables.push(part);
      return Table.concat(tables);
    } finally {
      query.close();
    }
  }

  async *#results(stream: TableStream, { signal }: StageOptions): AsyncGenerator<Table, undefined> {
    let query: SqlStatement | null = null;
    let isRowWise = false;
    try {
      for await (const table of stream) {
        if (query === null) {
          query = await SqlStatement.open(WHO, this.params.statement, table, signal);
          isRowWise = await query.isRowWise();
        }
        await query.add(table);
        if (!isRowWise) continue;
        yield* query.results();
        await query.clear();
      }
      if (query !== null && !isRowWise) yield* query.results();
    } finally {
      query?.close();
    }
    return undefined;
  }
}
