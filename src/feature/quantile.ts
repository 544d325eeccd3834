/** Order statistics: the elements of given ranks of sorted columns, exactly, without sorting. */
import { train } from '../algorithm/train.js';
import type { FitOptions } from '../stage/stage.js';
import type { Table } from '../table/table.js';
import {
  type QuantileState,
  type QuantileTrainingParams,
  type RankRule,
  ranksOf,
  startOf,
} from './quantile-training.js';

/** Of one column, or of one entry of vectors. */
export interface OrderStatistics {
  /** Values that are not NaN, null or missing. */
  readonly count: number;
  /** The elements of the ranks in the order of the rule; empty when the count is 0. */
  readonly values: Float64Array;
}

/**
 * The order statistics of every entry of a column of vectors, or of every column of numbers.
 *
 * NaN, null in columns of numbers, and what equals `missing` are left out. An element is never -0.
 * Cost: O(rows) a column and round, two to three rounds for most data and at most eight.
 *
 * @param table Only columns that are read: one of vectors without null, or some of numbers.
 * @param columns How many columns that makes: the size of the vectors.
 */
export async function orderStatistics(
  who: string,
  table: Table,
  columns: number,
  rule: RankRule,
  options: FitOptions,
  missing: number = Number.NaN,
): Promise<OrderStatistics[]> {
  const params: QuantileTrainingParams = { rule, missing };
  const module = new URL('./quantile-training.js', import.meta.url).href;
  const { found, counts } = await train<QuantileState>(
    who,
    { module, name: 'quantileTraining', params },
    table,
    startOf(columns, table.numRows),
    table.numRows * columns * 4,
    { session: options.session, signal: options.signal, checkpoint: options.checkpoint },
  );
  return counts.map((count, column) => {
    const ranks = count > 0 ? ranksOf(rule, count) : [];
    return { count, values: Float64Array.from(ranks, (rank) => found[column]!.get(rank)!) };
  });
}
