/** BinaryClassificationEvaluator: how well scores tell positives from negatives. */
import { aggregate } from '../algorithm/aggregate.js';
import { DimensionMismatchError } from '../core/errors.js';
import { nullable, type ParamOptions, type ParamTable, someOf, string } from '../core/params.js';
import { numberColumn, requireRows, vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { AlgoOperator, type StageOptions } from '../stage/stage.js';
import { requireColumn } from '../table/require-column.js';
import { Table } from '../table/table.js';
import {
  BINARY_METRICS,
  type BinaryClassificationMetric,
  binaryMetrics,
} from './binary-classification-metrics.js';
import { metricsTable, requireNumbers, scoreColumn, weightColumn } from './evaluation.js';
import type { ScoreGroups } from './score-groups.js';

const WHO = 'BinaryClassificationEvaluator.transform';

/** Params of {@link BinaryClassificationEvaluator}. */
export interface BinaryClassificationEvaluatorParams {
  /** Column of numbers: 1 is positive, anything else negative. **Default:** `'label'`. */
  readonly labelCol: string;
  /**
   * Column of scores: numbers, or vectors whose entry 1 is the score. **Default:**
   * `'rawPrediction'`.
   */
  readonly rawPredictionCol: string;
  /** Column of weights >= 0; null: all are 1. **Default:** null. */
  readonly weightCol: string | null;
  /**
   * The metrics, distinct, in the order of the output's columns: `'areaUnderROC'`, `'areaUnderPR'`,
   * `'ks'`, `'areaUnderLorenz'`. **Default:** `['areaUnderROC', 'areaUnderPR']`.
   */
  readonly metricsNames: readonly BinaryClassificationMetric[];
}

/**
 * Evaluates scores of a binary classifier: areas under curves, and the Kolmogorov-Smirnov distance.
 *
 * From the highest score down, let TP and FP be the weight of the positives and negatives so far, P
 * and N that of all. The curves are drawn through the points of each distinct score, and the areas
 * under them are sums of trapezoids:
 *
 * - `areaUnderROC`: TP / P over FP / N, from (0, 0); 0.5 is chance, 1 perfect;
 * - `areaUnderPR`: precision TP / (TP + FP) over recall TP / P, from (0, 1);
 * - `areaUnderLorenz`: TP / P over the share of rows (TP + FP) / (P + N), from (0, 0);
 * - `ks`: the largest |FP / N - TP / P|.
 *
 * Result: one row, a column of float64 for each metric. Label, score and weight may be any numbers;
 * null, NaN, a weight below 0, and a table without rows are errors. Without
 * positives all metrics are NaN, without negatives `areaUnderROC` and `ks` are.
 *
 * Differences from Flink ML: rows with the same score are one point of the curve, so the result
 * does not depend on their order; a table without rows is an error, not all zeros; a missing class
 * gives NaN, not the area under a curve that was fixed at 1.
 *
 * Cost: O(n log n) on the workers, which sort their rows; groups of equal scores are merged in a
 * fixed order: the same bits on any number of workers.
 *
 * @see BinaryClassificationEvaluator of Flink ML; `roc_auc_score` of scikit-learn, whose
 *   `average_precision_score` sums rectangles, not trapezoids.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ label: [1, 0, 1, 0], rawPrediction: [0.9, 0.6, 0.6, 0.2] });
 * const evaluator = new BinaryClassificationEvaluator({ metricsNames: ['areaUnderROC', 'ks'] });
 * console.log((await evaluator.transform(table)).row(0)); // { areaUnderROC: 0.875, ks: 0.5 }
 * ```
 */
export class BinaryClassificationEvaluator extends AlgoOperator<BinaryClassificationEvaluatorParams> {
  static readonly className = 'BinaryClassificationEvaluator';
  static readonly params: ParamTable<BinaryClassificationEvaluatorParams> = {
    labelCol: string('label'),
    rawPredictionCol: string('rawPrediction'),
    weightCol: nullable(string('weight')),
    metricsNames: someOf(BINARY_METRICS, ['areaUnderROC', 'areaUnderPR']),
  };

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<BinaryClassificationEvaluator> {
    return loadAs(BinaryClassificationEvaluator, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<BinaryClassificationEvaluatorParams>,
  ): BinaryClassificationEvaluator {
    return new BinaryClassificationEvaluator(params);
  }

  protected override async transformTable(table: Table, options: StageOptions): Promise<Table> {
    const { labelCol, rawPredictionCol, weightCol, metricsNames } = this.params;
    const columns = {
      score: requireNumbers(WHO, rawPredictionCol, scoresOf(table, rawPredictionCol)),
      label: scoreColumn(WHO, table, labelCol),
      ...weightColumn(WHO, table, weightCol),
    };
    requireRows(WHO, table);
    const groups = await aggregate<ScoreGroups, ScoreGroups>(
      WHO,
      {
        module: new URL('./score-groups.js', import.meta.url).href,
        name: 'scoreGroups',
        params: null,
      },
      Table.fromColumns(columns),
      table.numRows * WORK_PER_ROW,
      options,
    );
    options.onProgress?.({ epoch: 1, rows: table.numRows });
    return metricsTable(metricsNames, binaryMetrics(groups));
  }
}

/** Sorting a row in costs about so many multiplications. */
const WORK_PER_ROW = 200;

/** The scores: numbers, or entry 1 of vectors. */
function scoresOf(table: Table, name: string): Float64Array {
  const types = ['float64', 'float32', 'int32', 'int64', 'vector', 'sparseVector'] as const;
  const { type } = requireColumn(WHO, table, name, types);
  if (type !== 'vector' && type !== 'sparseVector') return numberColumn(WHO, table, name);
  const column = vectorColumn(WHO, table, name);
  const size = column.layout === 'dense' ? column.dim : column.size;
  if (size < 2 && table.numRows > 0) {
    throw new DimensionMismatchError(
      `${WHO}: column "${name}" must have vectors of size 2 or more, got ${size}.`,
      { details: { who: WHO, column: name, got: size } },
    );
  }
  if (column.layout === 'dense') {
    const { values, dim, length } = column;
    return Float64Array.from({ length }, (_, row) => values[row * dim + 1]!);
  }
  return Float64Array.from(column, (vector) => vector!.get(1));
}
