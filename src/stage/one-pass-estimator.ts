/** Estimators that look at every row once: they learn from streams that do not fit into memory. */
import { type AggregatedPiece, aggregate, aggregatePieces } from '../algorithm/aggregate.js';
import type { AlgorithmRef } from '../algorithm/training.js';
import { DataError, DimensionMismatchError } from '../core/errors.js';
import type { Column } from '../table/column.js';
import { rechunk } from '../table/rechunk.js';
import type { Table } from '../table/table.js';
import type { TableStream } from '../table/table-stream.js';
import { requireRows } from './features.js';
import { Estimator, type FitOptions } from './stage.js';

/** Entries of a shard of a stream: 4 MiB of numbers. */
const SHARD_ENTRIES = 2 ** 19;
/** Shards that are worth a job: smaller batches are joined. */
const FEWEST_SHARDS = 4;
/** What a row of a column that is neither dense nor of numbers is taken for. */
const ENTRIES_OF_ROW = 8;

/**
 * An estimator whose model is a statistic of the rows, in one pass.
 *
 * A stream is cut into shards by its columns alone. So the model has the same bits however the rows
 * come, in batches of any size, and on any number of workers; and those of the model of the table,
 * when the stream has one shard or the statistic does not round.
 */
export abstract class OnePassEstimator<V, M, Result> extends Estimator<V, M> {
  /** What runs on the workers. */
  protected abstract get aggregation(): AlgorithmRef;

  /**
   * The columns that the aggregation reads, checked; there may be no rows.
   *
   * @param firstRow Where in all rows the table's first row is, for messages.
   */
  protected abstract rowsToLearn(table: Table, firstRow: number): Table;

  /** What it costs to learn from such columns, in multiplications or bytes looked at. */
  protected abstract workToLearn(rows: Table): number;

  protected abstract modelOf(result: Result): M;

  protected override async fitTable(table: Table, options: FitOptions): Promise<M> {
    const who = this.#who;
    const rows = this.rowsToLearn(table, 0);
    requireRows(who, table);
    const work = this.workToLearn(rows);
    const result = await aggregate<unknown, Result>(who, this.aggregation, rows, work, options);
    options.onProgress?.({ epoch: 1, rows: table.numRows });
    return this.modelOf(result);
  }

  protected override async fitStream(stream: TableStream, options: FitOptions): Promise<M> {
    const who = this.#who;
    const result = await aggregatePieces<unknown, Result>(
      who,
      this.aggregation,
      this.#pieces(stream),
      options,
      (rows) => options.onProgress?.({ epoch: 1, rows }),
    );
    if (result !== null) return this.modelOf(result);
    throw new DataError(`${who}: the stream must have at least one row to learn from, got none.`, {
      details: { who, rows: 0 },
    });
  }

  get #who(): string {
    return `${this.stageClass.className}.fit`;
  }

  async *#pieces(stream: TableStream): AsyncGenerator<AggregatedPiece, undefined> {
    let firstRow = 0;
    const chunks = rechunk(this.#read(stream), shardRowsOf, FEWEST_SHARDS);
    for await (const { table, shardRows } of chunks) {
      yield { table, work: this.workToLearn(table), piece: { firstRow, shardRows } };
      firstRow += table.numRows;
    }
    return undefined;
  }

  /** What is read of each batch; all vectors of a column have one size. */
  async *#read(stream: TableStream): AsyncGenerator<Table, undefined> {
    let first: Table | null = null;
    let firstRow = 0;
    for await (const batch of stream) {
      const rows = this.rowsToLearn(batch, firstRow);
      first ??= rows;
      requireSizes(this.#who, rows, first, firstRow);
      firstRow += batch.numRows;
      yield rows;
    }
    return undefined;
  }
}

function shardRowsOf(rows: Table): number {
  const entries = rows.columnNames.map((name) => {
    const column = rows.column(name);
    if (column.layout === 'dense') return column.dim;
    return column.layout === 'numeric' ? 1 : ENTRIES_OF_ROW;
  });
  return Math.ceil(SHARD_ENTRIES / entries.reduce((sum, of) => sum + of));
}

function sizeOf(column: Column): number | null {
  if (column.layout === 'dense') return column.dim;
  return column.layout === 'sparse' ? column.size : null;
}

/** Throws {@link DimensionMismatchError} for vectors of another size than the first batch has. */
function requireSizes(who: string, rows: Table, first: Table, firstRow: number): void {
  for (const name of first.columnNames) {
    const [got, expected] = [sizeOf(rows.column(name)), sizeOf(first.column(name))];
    if (got === expected) continue;
    throw new DimensionMismatchError(
      `${who}: column "${name}" must have vectors of size ${expected}, got ${got} in row ${firstRow}.`,
      { details: { who, column: name, expected, got, row: firstRow } },
    );
  }
}
