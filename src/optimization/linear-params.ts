/** Params that the estimators of all linear models have, by Flink ML's names. */
import { boolean, double, int, nullable, oneOf, type ParamTable, string } from '../core/params.js';
import type { Penalty } from './regularize.js';

/** Params of mini-batch gradient descent. */
export interface SgdParams extends Penalty {
  readonly maxIter: number;
  readonly learningRate: number;
  readonly globalBatchSize: number;
  readonly tol: number;
}

/** Params that the estimators of all linear models have. */
export interface LinearTrainingParams extends SgdParams {
  /** Column of the labels: numbers. **Default:** `'label'`. */
  readonly labelCol: string;
  /** Column of the weights of rows, >= 0; null: all are 1. **Default:** null. */
  readonly weightCol: string | null;
  /** Most rounds of `'sgd'`, or iterations of `'lbfgs'`, >= 1. **Default:** 20. */
  readonly maxIter: number;
  /** Weight of the penalty, >= 0. **Default:** 0. */
  readonly reg: number;
  /** Share of |c|₁ in the penalty, in [0, 1]; the rest is |c|₂²/2. **Default:** 0. */
  readonly elasticNet: number;
  /** Length of a step of `'sgd'`, > 0. **Default:** 0.1. */
  readonly learningRate: number;
  /** Rows of a step of `'sgd'`, >= 1. **Default:** 32. */
  readonly globalBatchSize: number;
  /**
   * With `'sgd'`, training ends when the mean loss of a batch is not above it; with `'lbfgs'`, how
   * close to its minimum the objective is to be, relative to its size. **Default:** 0.000001.
   */
  readonly tol: number;
  /**
   * `'sgd'`: the mini-batch gradient descent of Flink ML, of a fixed number of rounds and a fixed
   * step. `'lbfgs'`: to the minimum, by L-BFGS, or OWL-QN where the penalty has |c|₁; a maxIter of
   * 100 or more is advised. **Default:** `'sgd'`.
   */
  readonly solver: 'sgd' | 'lbfgs';
  /** Whether there is an intercept, which no penalty is on. **Default:** false. */
  readonly fitIntercept: boolean;
  /**
   * Whether the penalty is on the coefficients of features divided by their standard deviation;
   * solver `'lbfgs'` alone. **Default:** false.
   */
  readonly standardization: boolean;
}

export const linearTrainingParams: ParamTable<LinearTrainingParams> = {
  labelCol: string('label'),
  weightCol: nullable(string('weight')),
  maxIter: int(20, { min: 1 }),
  reg: double(0, { min: 0 }),
  elasticNet: double(0, { min: 0, max: 1 }),
  learningRate: double(0.1, { above: 0 }),
  globalBatchSize: int(32, { min: 1 }),
  tol: double(1e-6, { min: 0 }),
  solver: oneOf(['sgd', 'lbfgs'], 'sgd'),
  fitIntercept: boolean(false),
  standardization: boolean(false),
};
