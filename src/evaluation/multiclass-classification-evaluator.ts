/** MulticlassClassificationEvaluator: how well predicted classes agree with labels. */
import { aggregate } from '../algorithm/aggregate.js';
import {
  double,
  nullable,
  type ParamOptions,
  type ParamTable,
  someOf,
  string,
} from '../core/params.js';
import { requireRows, vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { AlgoOperator, type StageOptions } from '../stage/stage.js';
import { Table } from '../table/table.js';
import type { Confusion, ConfusionParams } from './confusion.js';
import { metricsTable, scoreColumn, weightColumn } from './evaluation.js';
import {
  MULTICLASS_METRICS,
  type MulticlassClassificationMetric,
  multiclassMetrics,
} from './multiclass-classification-metrics.js';

const WHO = 'MulticlassClassificationEvaluator.transform';

/** Params of {@link MulticlassClassificationEvaluator}. */
export interface MulticlassClassificationEvaluatorParams {
  /** Column of numbers: the labels. **Default:** `'label'`. */
  readonly labelCol: string;
  /** Column of numbers: the predicted labels. **Default:** `'prediction'`. */
  readonly predictionCol: string;
  /** Column of weights >= 0; null: all are 1. **Default:** null. */
  readonly weightCol: string | null;
  /**
   * Column of vectors, read for `'logLoss'` alone: entry i is the probability of the label i.
   * **Default:** `'probability'`.
   */
  readonly probabilityCol: string;
  /** The metrics, distinct, in the order of the output's columns. **Default:** `['f1']`. */
  readonly metricsNames: readonly MulticlassClassificationMetric[];
  /** The label of the metrics `...ByLabel`. **Default:** 0. */
  readonly metricLabel: number;
  /** β of `weightedFMeasure` and `fMeasureByLabel`, > 0. **Default:** 1. */
  readonly beta: number;
  /** Probabilities are taken to lie in [eps, 1 - eps]. **Default:** 1e-15. */
  readonly eps: number;
}

/**
 * Evaluates predicted classes: precision, recall and what follows from them.
 *
 * Of a class c, precision is the share of rows predicted as c that are of c, recall (the true
 * positive rate) the share of rows of c that are predicted as c, the false positive rate the share
 * of rows of other classes that are predicted as c, and F_β = (1 + β²) · p · r / (β² · p + r). A ratio
 * with nothing to divide by is 0.
 *
 * - `accuracy`: the share of rows that are predicted right, which is precision, recall and F1 of all
 *   classes together (the micro average); `hammingLoss`: 1 - accuracy;
 * - `weightedPrecision`, `weightedRecall` (`weightedTruePositiveRate`), `weightedFalsePositiveRate`,
 *   `weightedFMeasure`, `f1` (that with β = 1): the average by rows of each label;
 * - `macroPrecision`, `macroRecall`, `macroF1`: the plain average over all classes that are a label or
 *   a prediction;
 * - `precisionByLabel`, `recallByLabel` (`truePositiveRateByLabel`), `falsePositiveRateByLabel`,
 *   `fMeasureByLabel`: of the class `metricLabel`;
 * - `logLoss`: the mean of -ln(probability of the label).
 *
 * Result: one row, a column of float64 for each metric. Null, NaN, a weight below 0, a table without
 * rows, and for `logLoss` a label that is no entry of the probabilities are errors.
 *
 * This stage has no counterpart in Flink ML: names and metrics are those of Spark ML, where one
 * evaluator gives one metric, and `macro...` are scikit-learn's.
 *
 * Cost: one pass on the workers, O(rows); the same bits on any number of them.
 *
 * @see MulticlassClassificationEvaluator of Spark ML; `precision_recall_fscore_support` of
 *   scikit-learn.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ label: [0, 0, 1, 2], prediction: [0, 1, 1, 2] });
 * const evaluator = new MulticlassClassificationEvaluator({
 *   metricsNames: ['accuracy', 'weightedPrecision', 'recallByLabel'],
 * });
 * const result = await evaluator.transform(table);
 * console.log(result.row(0)); // { accuracy: 0.75, weightedPrecision: 0.875, recallByLabel: 0.5 }
 * ```
 */
export class MulticlassClassificationEvaluator extends AlgoOperator<MulticlassClassificationEvaluatorParams> {
  static readonly className = 'MulticlassClassificationEvaluator';
  static readonly params: ParamTable<MulticlassClassificationEvaluatorParams> = {
    labelCol: string('label'),
    predictionCol: string('prediction'),
    weightCol: nullable(string('weight')),
    probabilityCol: string('probability'),
    metricsNames: someOf(MULTICLASS_METRICS, ['f1']),
    metricLabel: double(0),
    beta: double(1, { above: 0 }),
    eps: double(1e-15, { above: 0, max: 0.5 }),
  };

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<MulticlassClassificationEvaluator> {
    return loadAs(MulticlassClassificationEvaluator, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<MulticlassClassificationEvaluatorParams>,
  ): MulticlassClassificationEvaluator {
    return new MulticlassClassificationEvaluator(params);
  }

  protected override async transformTable(table: Table, options: StageOptions): Promise<Table> {
    const { labelCol, predictionCol, weightCol, probabilityCol, metricsNames } = this.params;
    const { metricLabel, beta, eps } = this.params;
    const columns = {
      label: scoreColumn(WHO, table, labelCol),
      prediction: scoreColumn(WHO, table, predictionCol),
      ...weightColumn(WHO, table, weightCol),
      ...(metricsNames.includes('logLoss') && {
        probability: vectorColumn(WHO, table, probabilityCol),
      }),
    };
    requireRows(WHO, table);
    const params: ConfusionParams = { who: WHO, labelCol, probabilityCol, eps };
    const total = await aggregate<Confusion, Confusion>(
      WHO,
      { module: new URL('./confusion.js', import.meta.url).href, name: 'confusion', params },
      Table.fromColumns(columns),
      table.numRows * WORK_PER_ROW,
      options,
    );
    options.onProgress?.({ epoch: 1, rows: table.numRows });
    return metricsTable(metricsNames, multiclassMetrics(total, metricLabel, beta));
  }
}

/** Counting a row costs about so many multiplications. */
const WORK_PER_ROW = 40;
