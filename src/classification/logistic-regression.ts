/** LogisticRegression: predicts the probabilities of classes. */
import { oneOf, type ParamOptions, type ParamTable } from '../core/params.js';
import { type LinearTrainingParams, linearTrainingParams } from '../optimization/linear-params.js';
import { labelColumn } from '../optimization/linear-problem.js';
import { solveLinear } from '../optimization/solve.js';
import { requireRows } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { Estimator, type FitOptions, sharedParams } from '../stage/stage.js';
import { weightsOfRows } from '../stage/weights.js';
import type { Table } from '../table/table.js';
import { DenseVector } from '../table/vector.js';
import {
  binaryClasses,
  type Classes,
  distinctLabels,
  manyClasses,
  twoClasses,
} from './class-labels.js';
import { type ClassWeight, classWeighted, classWeightParam } from './class-weight.js';
import {
  LogisticRegressionModel,
  type LogisticRegressionModelParams,
  logisticRegressionModelParams,
} from './logistic-regression-model.js';

const WHO = 'LogisticRegression.fit';

/** Params of {@link LogisticRegression}. */
export interface LogisticRegressionParams
  extends LogisticRegressionModelParams,
    LinearTrainingParams {
  /**
   * `'binomial'`: two classes and one row of weights; `'multinomial'`: a row of weights for each
   * class; `'auto'`: binomial with solver `'sgd'`, and with `'lbfgs'` where there are no more than two
   * classes. **Default:** `'auto'`.
   */
  readonly multiClass: 'auto' | 'binomial' | 'multinomial';
  /**
   * What the weight of a row is multiplied by: a weight for each label, by label, 1 where none is
   * named, or `'balanced'`: all classes weigh the same; null: 1. **Default:** null.
   */
  readonly classWeight: ClassWeight | null;
}

const logisticRegressionParams: ParamTable<LogisticRegressionParams> = {
  ...logisticRegressionModelParams,
  ...linearTrainingParams,
  multiClass: oneOf(['auto', 'binomial', 'multinomial'], 'auto'),
  classWeight: classWeightParam,
};

/**
 * Learns the probabilities of classes: log-linear in the features.
 *
 * Binomial: P(1) = 1 / (1 + exp(-(x·w + b))). Multinomial: P(k) = exp(x·wₖ + bₖ) / Σⱼ exp(x·wⱼ + bⱼ).
 * What is minimised is the mean of -ln P(label), each row times its weight and that of its class,
 * plus reg · (elasticNet · |w|₁ + (1 - elasticNet)/2 · |w|₂²). Without `fitIntercept`, b is 0.
 *
 * - Solver `'sgd'`: mini-batches of globalBatchSize rows, in the table's order; each round steps
 *   learningRate against the gradient of its batch's mean loss. Ends after maxIter rounds, or when the
 *   mean loss of a batch is not above `tol`. It has the numbers of Flink ML, and does not reach the
 *   minimum; features are best scaled before.
 * - Solver `'lbfgs'`: the minimum. With n the sum of all weights, scikit-learn's `C` is 1 / (n · reg), and
 *   its `l1_ratio` is elasticNet.
 *
 * Features: vectors, dense or sparse; float32 is made float64. Labels: numbers of any type. Binomial
 * with `'sgd'`: 0 and 1; else any distinct numbers, which are the labels that the model predicts.
 * Null, NaN, infinities and weights below 0 are errors, and steps that diverge. With `'sgd'` only the
 * features of rows that some batch has are looked at.
 *
 * Differences from Flink ML: batches are those of one subtask, whatever the number of workers, which
 * changes no bit; a batch without weight is passed over; divergence is an error; solver, fitIntercept,
 * standardization, classWeight and multinomial models are not in Flink ML.
 *
 * Cost: `'sgd'`: O(globalBatchSize · non-zeros of a row) a round, and a copy of the rows that are
 * read; `'lbfgs'`: O(rows · non-zeros of a row) an iteration, on all workers.
 *
 * @see LogisticRegression and SGD of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns(
 *   { features: [[1, 2], [2, 2], [3, 2], [11, 3], [12, 4], [13, 2]], label: [0, 0, 0, 1, 1, 1] },
 *   { features: 'vector' },
 * );
 * const model = await new LogisticRegression({ globalBatchSize: 6 }).fit(table);
 * const predicted = await model.transform(table);
 * console.log(predicted.column('prediction').toArray()); // [0, 0, 0, 1, 1, 1]
 * ```
 *
 * @example
 * ```ts
 * // Three classes, to the minimum.
 * const table = Table.fromColumns(
 *   { features: [[0, 1], [1, 1], [4, 1], [5, 1], [9, 1], [8, 1]], label: [7, 7, 8, 8, 9, 9] },
 *   { features: 'vector' },
 * );
 * const estimator = new LogisticRegression({ solver: 'lbfgs', maxIter: 200, reg: 0.001 });
 * const model = await estimator.fit(table);
 * const predicted = await model.transform(table);
 * console.log(predicted.column('prediction').toArray()); // [7, 7, 8, 8, 9, 9]
 * console.log(model.labels, model.summary?.reason); // [7, 8, 9] tol
 * ```
 */
export class LogisticRegression extends Estimator<
  LogisticRegressionParams,
  LogisticRegressionModel
> {
  static readonly className = 'LogisticRegression';
  static readonly params: ParamTable<LogisticRegressionParams> = logisticRegressionParams;

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<LogisticRegression> {
    return loadAs(LogisticRegression, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<LogisticRegressionParams>): LogisticRegression {
    return new LogisticRegression(params);
  }

  /**
   * Learns the weights. `onProgress` reports rounds or iterations; `loss` is the mean loss of the
   * round's batch, or the objective.
   *
   * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for null, NaN, no rows, labels
   *   that are not classes, or steps that diverge; InvalidParamError `ERR_GYRE_INVALID_PARAM` for
   *   params that do not go together.
   */
  protected override async fitTable(
    table: Table,
    options: FitOptions,
  ): Promise<LogisticRegressionModel> {
    const { featuresCol, weightCol, classWeight } = this.params;
    requireRows(WHO, table);
    const { labels, numbers, isMultinomial } = this.#classes(table);
    const weights = weightsOfRows(WHO, table, weightCol);
    const rows = isMultinomial ? labels.length : 1;
    const { coefficient, intercept, summary } = await solveLinear(
      {
        ...{ who: WHO, table, featuresCol, classes: rows, labels: numbers },
        loss: isMultinomial ? 'multinomial' : 'logistic',
        weights: classWeighted(WHO, classWeight, { labels, numbers }, weights),
      },
      this.params,
      options,
    );
    const isPlain = !isMultinomial && labels[0] === 0 && labels[1] === 1;
    return new LogisticRegressionModel(sharedParams(this.params, logisticRegressionModelParams))
      .setModelData({
        coefficient: new DenseVector(coefficient),
        modelVersion: 0,
        ...(intercept !== null && { intercept: new DenseVector(intercept) }),
        ...(!isPlain && { labels: new DenseVector(labels) }),
        ...(isMultinomial && { coefficientRows: rows }),
      })
      .withSummary(summary);
  }

  /** The classes of a table, and whether each has weights of its own. */
  #classes(table: Table): Classes & { readonly isMultinomial: boolean } {
    const { labelCol, multiClass, solver } = this.params;
    const values = labelColumn(WHO, table, labelCol);
    if (solver === 'sgd' && multiClass !== 'multinomial') {
      const hint = "; multiClass 'multinomial' takes other labels";
      return { ...binaryClasses(WHO, labelCol, values, hint), isMultinomial: false };
    }
    const labels = distinctLabels(values);
    const isMultinomial =
      multiClass === 'multinomial' || (multiClass === 'auto' && labels.length > 2);
    const classes = isMultinomial ? manyClasses : twoClasses;
    return { ...classes(WHO, labelCol, values, labels), isMultinomial };
  }
}
