/** LinearRegression: predicts a number that is linear in the features. */
import type { ParamOptions, ParamTable } from '../core/params.js';
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
  LinearRegressionModel,
  type LinearRegressionModelParams,
  linearRegressionModelParams,
} from './linear-regression-model.js';

const WHO = 'LinearRegression.fit';

/** Params of {@link LinearRegression}. */
export interface LinearRegressionParams extends LinearRegressionModelParams, LinearTrainingParams {}

const linearRegressionParams: ParamTable<LinearRegressionParams> = {
  ...linearRegressionModelParams,
  ...linearTrainingParams,
};

/**
 * Learns a number that is linear in the features: y ≈ x·w + b.
 *
 * What is minimised is the mean of (x·w + b - y)²/2, each row times its weight, plus
 * reg · (elasticNet · |w|₁ + (1 - elasticNet)/2 · |w|₂²): least squares, with elasticNet 0 ridge
 * regression, with 1 the lasso. Without `fitIntercept`, b is 0.
 *
 * - Solver `'sgd'`: mini-batches of globalBatchSize rows, in the table's order; each round steps
 *   learningRate against the gradient of its batch's mean loss. Ends after maxIter rounds, or when the
 *   mean loss of a batch is not above `tol`. It has the numbers of Flink ML, and does not reach the
 *   minimum; features are best scaled before.
 * - Solver `'lbfgs'`: the minimum. With n the sum of all weights, `alpha` of scikit-learn's Ridge is
 *   n · reg; that of its Lasso and ElasticNet is reg, and their `l1_ratio` is elasticNet.
 *
 * Features: vectors, dense or sparse; float32 is made float64. Labels: numbers of any type. Null,
 * NaN, infinities and weights below 0 are errors, and steps that diverge. With `'sgd'` only the
 * features of rows that some batch has are looked at.
 *
 * Differences from Flink ML: batches are those of one subtask, whatever the number of workers, which
 * changes no bit; a batch without weight is passed over; divergence is an error; solver, fitIntercept
 * and standardization are not in Flink ML.
 *
 * Cost: `'sgd'`: O(globalBatchSize · non-zeros of a row) a round, and a copy of the rows that are
 * read; `'lbfgs'`: O(rows · non-zeros of a row) an iteration, on all workers.
 *
 * @see LinearRegression and SGD of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns(
 *   { features: [[2, 1], [3, 2], [4, 3], [2, 4]], label: [4, 7, 10, 10] },
 *   { features: 'vector' },
 * );
 * const estimator = new LinearRegression({ solver: 'lbfgs', maxIter: 100, tol: 1e-12 });
 * const model = await estimator.fit(table);
 * const weights = Array.from(model.modelData.coefficient.values, (w) => w.toFixed(3));
 * console.log(weights); // ['1.000', '2.000']
 * ```
 */
export class LinearRegression extends Estimator<LinearRegressionParams, LinearRegressionModel> {
  static readonly className = 'LinearRegression';
  static readonly params: ParamTable<LinearRegressionParams> = linearRegressionParams;

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<LinearRegression> {
    return loadAs(LinearRegression, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<LinearRegressionParams>): LinearRegression {
    return new LinearRegression(params);
  }

  /**
   * Learns the weights. `onProgress` reports rounds or iterations; `loss` is the mean loss of the
   * round's batch, or the objective.
   *
   * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for null, NaN, no rows, or steps
   *   that diverge; InvalidParamError `ERR_GYRE_INVALID_PARAM` for params that do not go together.
   */
  protected override async fitTable(
    table: Table,
    options: FitOptions,
  ): Promise<LinearRegressionModel> {
    const { featuresCol, labelCol, weightCol } = this.params;
    requireRows(WHO, table);
    const { coefficient, intercept, summary } = await solveLinear(
      {
        ...{ who: WHO, table, featuresCol, loss: 'squared', classes: 1 },
        labels: labelColumn(WHO, table, labelCol),
        weights: weightsOfRows(WHO, table, weightCol),
      },
      this.params,
      options,
    );
    return new LinearRegressionModel(sharedParams(this.params, linearRegressionModelParams))
      .setModelData({
        coefficient: new DenseVector(coefficient),
        ...(intercept !== null && { intercept: intercept[0]! }),
      })
      .withSummary(summary);
  }
}
