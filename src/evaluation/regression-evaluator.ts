/** RegressionEvaluator: how far predictions are from labels. */
import { aggregate } from '../algorithm/aggregate.js';
import {
  boolean,
  nullable,
  type ParamOptions,
  type ParamTable,
  someOf,
  string,
} from '../core/params.js';
import { requireRows } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { AlgoOperator, type StageOptions } from '../stage/stage.js';
import { Table } from '../table/table.js';
import { metricsTable, scoreColumn, weightColumn } from './evaluation.js';
import { meanDistance, type RegressionMoments } from './regression-moments.js';

const WHO = 'RegressionEvaluator.transform';

const REGRESSION_METRICS = ['rmse', 'mse', 'r2', 'mae', 'var'] as const;

/** A metric of {@link RegressionEvaluator}. */
export type RegressionMetric = (typeof REGRESSION_METRICS)[number];

/** Params of {@link RegressionEvaluator}. */
export interface RegressionEvaluatorParams {
  /** Column of numbers: the labels. **Default:** `'label'`. */
  readonly labelCol: string;
  /** Column of numbers: the predictions. **Default:** `'prediction'`. */
  readonly predictionCol: string;
  /** Column of weights >= 0; null: all are 1. **Default:** null. */
  readonly weightCol: string | null;
  /** The metrics, distinct, in the order of the output's columns. **Default:** `['rmse']`. */
  readonly metricsNames: readonly RegressionMetric[];
  /** Whether `r2` compares with the label 0 instead of the mean label. **Default:** false. */
  readonly throughOrigin: boolean;
}

/**
 * Evaluates predictions of numbers: errors, and how much of the labels' variance they explain.
 *
 * With labels y, predictions p, weights w and ȳ the weighted mean of the labels:
 *
 * - `mse`: Σw(y - p)² / Σw; `rmse`: its square root; `mae`: Σw|y - p| / Σw;
 * - `r2`: 1 - Σw(y - p)² / Σw(y - ȳ)², or, `throughOrigin`, 1 - Σw(y - p)² / Σwy²; where the labels do
 *   not differ, it is -Infinity, or NaN when the predictions are right;
 * - `var`: the explained variance Σw(p - ȳ)² / Σw.
 *
 * Result: one row, a column of float64 for each metric; NaN when all weights are 0. Null, NaN, a
 * weight below 0, and a table without rows are errors.
 *
 * This stage has no counterpart in Flink ML: names and metrics are those of Spark ML, where one
 * evaluator gives one metric.
 *
 * Cost: one pass on the workers, O(rows); the same bits on any number of them.
 *
 * @see RegressionEvaluator of Spark ML; Chan, Golub, LeVeque, Algorithms for computing the sample
 *   variance, 1983.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ label: [1, 2, 3, 6], prediction: [1, 3, 3, 5] });
 * const evaluator = new RegressionEvaluator({ metricsNames: ['mse', 'mae', 'r2'] });
 * const result = await evaluator.transform(table);
 * console.log(result.row(0)); // { mse: 0.5, mae: 0.5, r2: 0.8571428571428572 }
 * ```
 */
export class RegressionEvaluator extends AlgoOperator<RegressionEvaluatorParams> {
  static readonly className = 'RegressionEvaluator';
  static readonly params: ParamTable<RegressionEvaluatorParams> = {
    labelCol: string('label'),
    predictionCol: string('prediction'),
    weightCol: nullable(string('weight')),
    metricsNames: someOf(REGRESSION_METRICS, ['rmse']),
    throughOrigin: boolean(false),
  };

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<RegressionEvaluator> {
    return loadAs(RegressionEvaluator, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<RegressionEvaluatorParams>): RegressionEvaluator {
    return new RegressionEvaluator(params);
  }

  protected override async transformTable(table: Table, options: StageOptions): Promise<Table> {
    const { labelCol, predictionCol, weightCol, metricsNames, throughOrigin } = this.params;
    const columns = {
      label: scoreColumn(WHO, table, labelCol),
      prediction: scoreColumn(WHO, table, predictionCol),
      ...weightColumn(WHO, table, weightCol),
    };
    requireRows(WHO, table);
    const total = await aggregate<RegressionMoments, RegressionMoments>(
      WHO,
      {
        module: new URL('./regression-moments.js', import.meta.url).href,
        name: 'regressionMoments',
        params: null,
      },
      Table.fromColumns(columns),
      table.numRows * WORK_PER_ROW,
      options,
    );
    options.onProgress?.({ epoch: 1, rows: table.numRows });
    return metricsTable(metricsNames, regressionMetrics(total, throughOrigin));
  }
}

/** A row costs about so many multiplications. */
const WORK_PER_ROW = 16;

function regressionMetrics(
  total: RegressionMoments,
  throughOrigin: boolean,
): Record<RegressionMetric, number> {
  const { weight, labels, predictions, labelSquares, squaredErrors, absoluteErrors } = total;
  const mse = squaredErrors / weight;
  return {
    rmse: Math.sqrt(mse),
    mse,
    r2: 1 - squaredErrors / (throughOrigin ? labelSquares : labels.squares),
    mae: absoluteErrors / weight,
    var: predictions.squares / weight + meanDistance(labels, predictions) ** 2,
  };
}
