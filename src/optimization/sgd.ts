/** Trains a linear model by mini-batch gradient descent. */
import { train } from '../algorithm/train.js';
import type { FitOptions } from '../stage/stage.js';
import type { LinearTrainingParams } from './linear-params.js';
import { type LinearProblem, linearRows } from './linear-problem.js';
import { type SplitParameters, splitParameters, strideOf } from './parameters.js';
import { rowsAfter, type SgdState, type SgdTrainingParams } from './sgd-training.js';
import type { TrainingSummary } from './summary.js';

/**
 * Multiplications of a round from which on workers gain more by sharing it than they lose by waiting
 * for each other: with less, all rounds are made on this thread.
 */
const WORTH_SHARING = 500_000;

/** A linear model, and how it was found. */
export interface SgdResult extends SplitParameters {
  readonly summary: TrainingSummary;
}

/**
 * Learns from a problem, beginning with zeros; see {@link sgdTraining}. Only rows that some batch
 * has are read: the first maxIter · globalBatchSize. `onProgress` reports rounds and the mean loss
 * of their batches.
 *
 * @throws DataError `ERR_GYRE_DATA` for features that are not finite, or steps that diverge.
 */
export async function sgd(
  problem: LinearProblem,
  params: LinearTrainingParams,
  options: FitOptions,
): Promise<SgdResult> {
  const { who, loss, classes } = problem;
  const { maxIter, learningRate, globalBatchSize, tol, reg, elasticNet, fitIntercept } = params;
  const rows = problem.table.numRows;
  const count = Math.min(rows, maxIter * globalBatchSize);
  const { table, columns, dim, entries } = linearRows(problem, count);
  const shape = { dim, classes, fitIntercept };
  const training: SgdTrainingParams = {
    ...{ who, rows: count, maxIter, learningRate, globalBatchSize, tol, reg, elasticNet },
    loss: { ...columns, ...shape, loss },
  };
  const initial: SgdState = {
    parameters: new Float64Array(classes * strideOf(shape)),
    round: 0,
    losses: [],
    reached: false,
  };
  const { onProgress } = options;
  const round = 2 * Math.min(count, globalBatchSize) * entries * classes;
  const {
    parameters,
    round: rounds,
    losses,
    reached,
  } = await train(
    who,
    {
      module: new URL('./sgd-training.js', import.meta.url).href,
      name: 'sgdTraining',
      params: training,
    },
    table,
    initial,
    round < WORTH_SHARING ? round : maxIter * round,
    {
      ...options,
      onRound:
        onProgress &&
        (({ epoch, metrics }) =>
          onProgress({
            epoch: epoch + 1,
            rows: rowsAfter(epoch + 1, count, globalBatchSize),
            ...metrics,
          })),
    },
  );
  const reason = reached ? 'tol' : 'maxIter';
  return {
    ...splitParameters(shape, parameters),
    summary: { objectiveHistory: losses, totalIterations: rounds, reason },
  };
}
