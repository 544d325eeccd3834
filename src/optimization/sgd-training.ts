/** Mini-batch gradient descent over shards. */
import type { KernelScope, Step, Training } from '../algorithm/training.js';
import { DataError } from '../core/errors.js';
import type { Shard } from '../engine/shard.js';
import { requireFiniteRows } from './finite-rows.js';
import type { SgdParams } from './linear-params.js';
import { addLossSums, type LossParams, type LossSum, lossSum } from './loss.js';
import { regularize } from './regularize.js';

export interface SgdTrainingParams extends SgdParams {
  /** The call, for messages: `'LinearSVC.fit'`. */
  readonly who: string;
  readonly loss: LossParams;
  /** Rows of the table. */
  readonly rows: number;
}

/** What a round begins with: its batch follows from its number. */
export interface SgdRound {
  /** classes × (dim + fitIntercept), row-major. */
  readonly parameters: Float64Array;
  /** Rounds that have ended. */
  readonly round: number;
}

export interface SgdState extends SgdRound {
  /** The mean loss of each round's batch so far. */
  readonly losses: number[];
  /** Whether a loss was not above `tol`. */
  readonly reached: boolean;
}

/** Of a shard without a row in the batch: null. */
export type SgdPartial = LossSum | null;

/** Rounds that it takes to see all rows once. */
export function roundsOfPass(rows: number, globalBatchSize: number): number {
  return Math.ceil(rows / globalBatchSize);
}

/** Rows that have been learned from after so many rounds. */
export function rowsAfter(rounds: number, rows: number, globalBatchSize: number): number {
  const pass = roundsOfPass(rows, globalBatchSize);
  const passes = Math.floor(rounds / pass);
  return passes * rows + Math.min((rounds % pass) * globalBatchSize, rows);
}

/**
 * Round r takes the next globalBatchSize rows, in the table's order; the last batch of a pass may be
 * short, and the next one begins anew. With G, L and W the sums of gradient, loss and weight over
 * the batch: c ← c - learningRate/W · G, then the step of {@link regularize}.
 *
 * The training ends after maxIter rounds, or after the step of a round with L/W <= tol. A batch
 * whose weights are all 0 does nothing.
 *
 * @see SGD of Flink ML, on one subtask.
 */
export function sgdTraining(params: SgdTrainingParams): Training<SgdState, SgdPartial, SgdRound> {
  const { who, loss, rows, globalBatchSize, learningRate, maxIter, tol } = params;
  const pass = roundsOfPass(rows, globalBatchSize);

  const share = ({ parameters, round }: SgdState): SgdRound => ({ parameters, round });

  const partial = (
    shard: Shard,
    { parameters, round }: SgdRound,
    scope: KernelScope,
  ): SgdPartial => {
    const from = (round % pass) * globalBatchSize - shard.rowStart;
    const start = Math.max(from, 0);
    const end = Math.min(from + globalBatchSize, shard.table.numRows);
    if (start >= end) return null;
    if (round < pass) requireFiniteRows(who, shard, loss.featuresCol, start, end, scope);
    return lossSum(shard, start, end, parameters, loss, scope);
  };

  const combine = (a: SgdPartial, b: SgdPartial): SgdPartial =>
    a === null || b === null ? (a ?? b) : addLossSums(a, b);

  const update = (state: SgdState, total: SgdPartial, epoch: number): Step<SgdState> => {
    const sum = total!;
    const round = epoch + 1;
    if (sum.weight === 0) return { state: { ...state, round }, done: round >= maxIter };
    const mean = sum.loss / sum.weight;
    const parameters = state.parameters.slice();
    const step = learningRate / sum.weight;
    for (let i = 0; i < parameters.length; i++) parameters[i]! -= step * sum.gradient[i]!;
    regularize(parameters, loss, params, learningRate);
    requireConvergence(who, mean, parameters, round);
    const reached = mean <= tol;
    state.losses.push(mean);
    return {
      state: { parameters, round, losses: state.losses, reached },
      done: reached || round >= maxIter,
      metrics: { loss: mean },
    };
  };

  return { share, partial, combine, update };
}

function requireConvergence(
  who: string,
  loss: number,
  parameters: Float64Array,
  round: number,
): void {
  if (Number.isFinite(loss) && parameters.every(Number.isFinite)) return;
  throw new DataError(
    `${who}: the steps are too large, which gave a loss of ${loss} in round ${round}; ` +
      "take a smaller learningRate, features of similar size, or solver 'lbfgs'.",
    { details: { who, loss, round } },
  );
}
