/** LinearSVC: separates two classes by a hyperplane with a wide margin. */
import { InvalidParamError } from '../core/errors.js';
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
import { binaryClasses } from './class-labels.js';
import { type ClassWeight, classWeighted, classWeightParam } from './class-weight.js';
import {
  LinearSVCModel,
  type LinearSVCModelParams,
  linearSVCModelParams,
} from './linear-svc-model.js';

const WHO = 'LinearSVC.fit';

/** Params of {@link LinearSVC}. */
export interface LinearSVCParams extends LinearSVCModelParams, LinearTrainingParams {
  /**
   * `'hinge'`: max(0, 1 - s·m); `'squaredHinge'`: its square, which solver `'lbfgs'` demands, since it
   * has a derivative everywhere. **Default:** `'hinge'`.
   */
  readonly loss: 'hinge' | 'squaredHinge';
  /**
   * What the weight of a row is multiplied by: a weight for each label, by label, 1 where none is
   * named, or `'balanced'`: both classes weigh the same; null: 1. **Default:** null.
   */
  readonly classWeight: ClassWeight | null;
}

const linearSVCParams: ParamTable<LinearSVCParams> = {
  ...linearSVCModelParams,
  ...linearTrainingParams,
  loss: oneOf(['hinge', 'squaredHinge'], 'hinge'),
  classWeight: classWeightParam,
};

/**
 * Learns a linear support vector classifier: a hyperplane between two classes.
 *
 * With m = x·w + b, and s = 1 for label 1 and -1 for label 0, what is minimised is the mean of the
 * loss max(0, 1 - s·m), or of its square, each row times its weight and that of its class, plus
 * reg · (elasticNet · |w|₁ + (1 - elasticNet)/2 · |w|₂²). Without `fitIntercept`, b is 0.
 *
 * - Solver `'sgd'`: mini-batches of globalBatchSize rows, in the table's order; each round steps
 *   learningRate against the gradient of its batch's mean loss (a row exactly on its margin gives
 *   none). Ends after maxIter rounds, or when the mean loss of a batch is not above `tol`. It has the
 *   numbers of Flink ML, and does not reach the minimum; features are best scaled before.
 * - Solver `'lbfgs'`: the minimum, with loss `'squaredHinge'`. With n the sum of all weights,
 *   scikit-learn's `C` is 1 / (n · reg); but its intercept is penalised, and here it is not.
 *
 * Features: vectors, dense or sparse; float32 is made float64. Labels: 0 and 1, of any type of number.
 * Null, NaN, infinities and weights below 0 are errors, and steps that diverge. With `'sgd'` only the
 * features of rows that some batch has are looked at.
 *
 * Differences from Flink ML: batches are those of one subtask, whatever the number of workers, which
 * changes no bit; a batch without weight is passed over; divergence is an error; solver, loss,
 * fitIntercept, standardization and classWeight are not in Flink ML.
 *
 * Cost: `'sgd'`: O(globalBatchSize · non-zeros of a row) a round, and a copy of the rows that are
 * read; `'lbfgs'`: O(rows · non-zeros of a row) an iteration, on all workers.
 *
 * @see LinearSVC and SGD of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns(
 *   { features: [[1, 2], [2, 2], [3, 2], [11, 3], [12, 4], [13, 2]], label: [0, 0, 0, 1, 1, 1] },
 *   { features: 'vector' },
 * );
 * const model = await new LinearSVC({ globalBatchSize: 6 }).fit(table);
 * const predicted = await model.transform(table);
 * console.log(predicted.column('prediction').toArray()); // [0, 0, 0, 1, 1, 1]
 * ```
 */
export class LinearSVC extends Estimator<LinearSVCParams, LinearSVCModel> {
  static readonly className = 'LinearSVC';
  static readonly params: ParamTable<LinearSVCParams> = linearSVCParams;

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<LinearSVC> {
    return loadAs(LinearSVC, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<LinearSVCParams>): LinearSVC {
    return new LinearSVC(params);
  }

  /**
   * Learns the weights. `onProgress` reports rounds or iterations; `loss` is the mean loss of the
   * round's batch, or the objective.
   *
   * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for null, NaN, no rows, labels
   *   beside 0 and 1, or steps that diverge; InvalidParamError `ERR_GYRE_INVALID_PARAM` for params
   *   that do not go together.
   */
  protected override async fitTable(table: Table, options: FitOptions): Promise<LinearSVCModel> {
    const { featuresCol, labelCol, weightCol, classWeight, loss, solver } = this.params;
    if (solver === 'lbfgs' && loss === 'hinge') {
      throw new InvalidParamError(
        `${WHO}: loss must be 'squaredHinge' with solver 'lbfgs', got 'hinge'.`,
        { details: { who: WHO, param: 'loss', solver, got: loss } },
      );
    }
    requireRows(WHO, table);
    const classes = binaryClasses(WHO, labelCol, labelColumn(WHO, table, labelCol), '');
    const weights = weightsOfRows(WHO, table, weightCol);
    const { coefficient, intercept, summary } = await solveLinear(
      {
        ...{ who: WHO, table, featuresCol, loss, classes: 1, labels: classes.numbers },
        weights: classWeighted(WHO, classWeight, classes, weights),
      },
      this.params,
      options,
    );
    return new LinearSVCModel(sharedParams(this.params, linearSVCModelParams))
      .setModelData({
        coefficient: new DenseVector(coefficient),
        ...(intercept !== null && { intercept: intercept[0]! }),
      })
      .withSummary(summary);
  }
}
