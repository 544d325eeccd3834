/** Learns a linear model by the solver that the params name. */
import { InvalidParamError } from '../core/errors.js';
import type { FitOptions } from '../stage/stage.js';
import type { LinearTrainingParams } from './linear-params.js';
import { type LinearProblem, linearRows } from './linear-problem.js';
import { quasiNewton } from './quasi-newton.js';
import { sgd } from './sgd.js';
import type { TrainingSummary } from './summary.js';

/** A linear model: margins are x·wₖ + bₖ for each class k, of which there is one or more. */
export interface LinearSolution {
  /** classes × dim, row-major. */
  readonly coefficient: Float64Array;
  /** One for each class; null without intercepts. */
  readonly intercept: Float64Array | null;
  readonly summary: TrainingSummary;
}

/** Multiplications of an evaluation are taken this often: an iteration is little more than one. */
const EVALUATIONS = 20;

/**
 * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for standardization with `'sgd'`; DataError
 *   `ERR_GYRE_DATA` for features that are null or not finite, or when there is no weight above 0.
 */
export async function solveLinear(
  problem: LinearProblem,
  params: LinearTrainingParams,
  options: FitOptions,
): Promise<LinearSolution> {
  return params.solver === 'sgd'
    ? solveBySgd(problem, params, options)
    : solveByLbfgs(problem, params, options);
}

async function solveBySgd(
  problem: LinearProblem,
  params: LinearTrainingParams,
  options: FitOptions,
): Promise<LinearSolution> {
  const { who } = problem;
  if (params.standardization) {
    throw new InvalidParamError(`${who}: standardization needs solver 'lbfgs', got 'sgd'.`, {
      details: { who, param: 'standardization', solver: 'sgd' },
    });
  }
  const { coefficient, intercept, summary } = await sgd(problem, params, options);
  return { coefficient, intercept: params.fitIntercept ? intercept : null, summary };
}

async function solveByLbfgs(
  problem: LinearProblem,
  params: LinearTrainingParams,
  options: FitOptions,
): Promise<LinearSolution> {
  const { who, loss, classes } = problem;
  const { reg, elasticNet, standardization, maxIter, tol, fitIntercept } = params;
  const rows = problem.table.numRows;
  const { table, columns, dim, entries } = linearRows(problem, rows);
  const { coefficient, intercept, summary } = await quasiNewton(table, {
    ...{ who, reg, elasticNet, standardization, maxIter, tol, options },
    loss: { ...columns, loss, dim, classes, fitIntercept },
    work: EVALUATIONS * 2 * rows * entries * classes,
  });
  return { coefficient, intercept: fitIntercept ? intercept : null, summary };
}
