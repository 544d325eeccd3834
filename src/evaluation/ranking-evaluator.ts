/** RankingEvaluator: how well ranked lists of items agree with those that are relevant. */
import { aggregate } from '../algorithm/aggregate.js';
import { DataError, SchemaError } from '../core/errors.js';
import { int, type ParamOptions, type ParamTable, someOf, string } from '../core/params.js';
import { requireRows } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { AlgoOperator, type StageOptions } from '../stage/stage.js';
import type { ListColumn } from '../table/list-column.js';
import { requireColumn } from '../table/require-column.js';
import { Table } from '../table/table.js';
import { metricsTable } from './evaluation.js';
import {
  RANKING_METRICS,
  type RankingMetric,
  type RankingMetrics,
  type RankingSums,
  type RankingSumsParams,
} from './ranking-sums.js';

const WHO = 'RankingEvaluator.transform';

/** Params of {@link RankingEvaluator}. */
export interface RankingEvaluatorParams {
  /** Column of lists of the relevant items, in any order. **Default:** `'label'`. */
  readonly labelCol: string;
  /** Column of lists of the predicted items, the best first. **Default:** `'prediction'`. */
  readonly predictionCol: string;
  /** The metrics, distinct, in the order of the columns. **Default:** `['meanAveragePrecision']`. */
  readonly metricsNames: readonly RankingMetric[];
  /** How many predictions the metrics `...AtK` look at, >= 1. **Default:** 10. */
  readonly k: number;
}

/**
 * Evaluates ranked lists, such as recommendations, against sets of relevant items: means over the
 * rows.
 *
 * Of one row with the relevant items L, let hits(i) be how many of the first i predictions are in L:
 *
 * - `meanAveragePrecision`: Σ hits(i) / i over the ranks i of relevant predictions, by |L|;
 *   `meanAveragePrecisionAtK`: over ranks up to k, by min(|L|, k);
 * - `precisionAtK`: hits(k) / k, also when fewer than k are predicted; `recallAtK`: hits(k) / |L|;
 * - `ndcgAtK`: Σ 1 / log₂(i + 1) over the ranks up to k of relevant predictions, by the largest that
 *   sum can be.
 *
 * A row where nothing is relevant counts as 0; an item counts once, however often it is listed.
 *
 * Columns: lists of numbers, or lists of strings, both of one kind. Result: one row, a column of
 * float64 for each metric. Null, in a list too, and a table without rows are errors.
 *
 * This stage has no counterpart in Flink ML: names and metrics are those of Spark ML, where one
 * evaluator gives one metric, and an item that is predicted twice counts twice.
 *
 * Cost: one pass on the workers, O(items); the same bits on any number of them.
 *
 * @see RankingEvaluator of Spark ML; Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR
 *   techniques, 2002.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({
 *   prediction: [['a', 'b', 'c'], ['d', 'e', 'f']],
 *   label: [['a', 'c'], ['x']],
 * });
 * const evaluator = new RankingEvaluator({ metricsNames: ['precisionAtK', 'recallAtK'], k: 2 });
 * console.log((await evaluator.transform(table)).row(0)); // { precisionAtK: 0.25, recallAtK: 0.25 }
 * ```
 */
export class RankingEvaluator extends AlgoOperator<RankingEvaluatorParams> {
  static readonly className = 'RankingEvaluator';
  static readonly params: ParamTable<RankingEvaluatorParams> = {
    labelCol: string('label'),
    predictionCol: string('prediction'),
    metricsNames: someOf(RANKING_METRICS, ['meanAveragePrecision']),
    k: int(10, { min: 1 }),
  };

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<RankingEvaluator> {
    return loadAs(RankingEvaluator, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<RankingEvaluatorParams>): RankingEvaluator {
    return new RankingEvaluator(params);
  }

  protected override async transformTable(table: Table, options: StageOptions): Promise<Table> {
    const { labelCol, predictionCol, metricsNames, k } = this.params;
    const label = itemsColumn(table, labelCol);
    const prediction = itemsColumn(table, predictionCol);
    if ((label.type === 'string[]') !== (prediction.type === 'string[]')) {
      throw new SchemaError(
        `${WHO}: columns "${labelCol}" and "${predictionCol}" must both have strings or both ` +
          `numbers, got ${label.type} and ${prediction.type}.`,
        { details: { who: WHO, label: label.type, prediction: prediction.type } },
      );
    }
    requireRows(WHO, table);
    const params: RankingSumsParams = { k };
    const means = await aggregate<RankingSums, RankingMetrics>(
      WHO,
      { module: new URL('./ranking-sums.js', import.meta.url).href, name: 'rankingSums', params },
      Table.fromColumns({ label, prediction }),
      (table.numRows + label.child.length + prediction.child.length) * WORK_PER_ITEM,
      options,
    );
    options.onProgress?.({ epoch: 1, rows: table.numRows });
    return metricsTable(metricsNames, means);
  }
}

/** An item costs about so many multiplications. */
const WORK_PER_ITEM = 50;

function itemsColumn(table: Table, name: string): ListColumn {
  const types = ['float64[]', 'float32[]', 'int32[]', 'int64[]', 'string[]'] as const;
  const column = requireColumn(WHO, table, name, types);
  const { offsets, child } = column;
  for (let row = 0; row < column.length; row++) {
    let isGood = !column.isNull(row);
    if (child.nullCount > 0) {
      for (let at = offsets[row]!; at < offsets[row + 1]!; at++) isGood &&= !child.isNull(at);
    }
    if (isGood) continue;
    throw new DataError(`${WHO}: column "${name}" must not have null, got null in row ${row}.`, {
      details: { who: WHO, column: name, row },
    });
  }
  return column;
}
