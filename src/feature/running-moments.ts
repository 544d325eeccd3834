/** Mean and variance of rows that come bit by bit. */
import type { Aggregation, KernelScope } from '../algorithm/training.js';
import { concatColumns } from '../table/concat-columns.js';
import { columnFromParts, columnToParts } from '../table/parts.js';
import { Table } from '../table/table.js';
import type { VectorColumn } from './scaling.js';
import {
  type MeanAndStd,
  type Moments,
  standardScalerAggregation,
} from './standard-scaler-aggregation.js';

/** What {@link RunningMoments} knows, as plain data. */
export interface MomentsState {
  /** Rows that wait for their block to fill. */
  readonly pieces: readonly Table[];
  readonly moments: Moments | null;
}

/** Rows of a block. */
const BLOCK_ROWS = 1024;
const INPUT = 'input';

/** What StandardScaler learns of its shards, and how it puts that together. */
export const moments: Aggregation<Moments, MeanAndStd> = standardScalerAggregation({
  inputCol: INPUT,
});

/**
 * Moments of rows in order of arrival, in blocks of a fixed number of rows: how the rows are cut
 * into pieces on their way does not change a bit. It holds no more rows than a block.
 */
export class RunningMoments {
  readonly #scope: KernelScope;
  #pieces: VectorColumn[] = [];
  /** Rows of the pieces. */
  #waiting = 0;
  #moments: Moments | null = null;

  constructor(scope: KernelScope) {
    this.#scope = scope;
  }

  /** Goes on from what {@link state} was of another one, to the same bits. */
  static of(scope: KernelScope, { pieces, moments: known }: MomentsState): RunningMoments {
    const running = new RunningMoments(scope);
    for (const table of pieces) running.add(table.column(INPUT, 'vector', 'sparseVector'));
    running.#moments = known;
    return running;
  }

  get state(): MomentsState {
    const pieces = this.#pieces.map((column) => Table.fromColumns({ [INPUT]: column }));
    return { pieces, moments: this.#moments };
  }

  /** Adds the rows of a column, which are looked at later: it must not change. */
  add(column: VectorColumn): void {
    for (let start = 0; start < column.length; ) {
      const end = Math.min(column.length, start + BLOCK_ROWS - this.#waiting);
      this.#pieces.push(column.slice(start, end));
      this.#waiting += end - start;
      start = end;
      if (this.#waiting === BLOCK_ROWS) this.#endBlock();
    }
  }

  /** Adds the rows of another one, which is not used after it. */
  append(other: RunningMoments): void {
    this.#endBlock();
    this.#add(other.take());
  }

  /** The moments of all rows, of which there is at least one. It is not used after it. */
  take(): Moments {
    this.#endBlock();
    return this.#moments!;
  }

  #endBlock(): void {
    if (this.#waiting === 0) return;
    // Of a slice the aggregation would read the rows that it does not show.
    const column = columnFromParts(columnToParts(concatColumns(this.#pieces, INPUT)));
    const table = Table.fromColumns({ [INPUT]: column });
    this.#pieces = [];
    this.#waiting = 0;
    this.#add(moments.partial({ index: 0, count: 1, rowStart: 0, table }, this.#scope));
  }

  #add(block: Moments): void {
    this.#moments = this.#moments === null ? block : moments.combine(this.#moments, block);
  }
}

/** New ones, or those of a state. */
export const runningMomentsOf =
  (scope: KernelScope) =>
  (state?: MomentsState): RunningMoments =>
    state === undefined ? new RunningMoments(scope) : RunningMoments.of(scope, state);
