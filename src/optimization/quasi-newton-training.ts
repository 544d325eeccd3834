/** The training by L-BFGS or OWL-QN over shards: every round is one evaluation of the objective. */
import type { KernelScope, Step, Training } from '../algorithm/training.js';
import { DataError } from '../core/errors.js';
import type { Shard } from '../engine/shard.js';
import { lbfgs } from './lbfgs.js';
import { addLossSums, type LossSum, lossSum } from './loss.js';
import { owlQn } from './owl-qn.js';
import { addMoments, type FeatureMoments, featureMoments } from './quasi-newton-moments.js';
import {
  evaluationOf,
  type Objective,
  type ObjectiveParams,
  objectiveOf,
  parametersOf,
  startOf,
} from './quasi-newton-problem.js';
import type { MinimizerOptions, MinimizerState } from './quasi-newton-state.js';
import { startMinimizer } from './quasi-newton-state.js';

export interface QuasiNewtonParams
  extends ObjectiveParams,
    Pick<MinimizerOptions, 'tol' | 'maxIter'> {
  /** The call, for messages: `'LogisticRegression.fit'`. */
  readonly who: string;
  readonly sampleEvery: number;
}

/** The first round looks at the rows; both are null before it. */
export interface QuasiNewtonState {
  readonly objective: Objective | null;
  readonly minimizer: MinimizerState | null;
}

/** What workers need: where to evaluate; null in the first round. */
export type Parameters = Float64Array | null;

export type QuasiNewtonPartial = FeatureMoments | LossSum;

export function quasiNewtonTraining(
  params: QuasiNewtonParams,
): Training<QuasiNewtonState, QuasiNewtonPartial, Parameters> {
  const { who, loss } = params;

  const share = ({ objective, minimizer }: QuasiNewtonState): Parameters =>
    objective === null ? null : parametersOf(loss, objective, minimizer!.point);

  const partial = (shard: Shard, parameters: Parameters, scope: KernelScope): QuasiNewtonPartial =>
    parameters === null
      ? featureMoments(shard, params, scope)
      : lossSum(shard, 0, shard.table.numRows, parameters, loss, scope);

  const combine = (a: QuasiNewtonPartial, b: QuasiNewtonPartial): QuasiNewtonPartial =>
    'gradient' in a ? addLossSums(a, b as LossSum) : addMoments(a, b as FeatureMoments);

  const update = (state: QuasiNewtonState, total: QuasiNewtonPartial): Step<QuasiNewtonState> => {
    if (!('gradient' in total)) {
      requireWeight(who, total.weight);
      const objective = objectiveOf(params, total);
      const minimizer = startMinimizer(startOf(params, total, objective));
      return { state: { objective, minimizer }, done: false };
    }
    const objective = state.objective!;
    const before = state.minimizer!;
    const parameters = parametersOf(loss, objective, before.point);
    const evaluation = evaluationOf(loss, objective, parameters, total);
    if (before.at === null) requireStart(who, evaluation.value);
    const options = { ...params, doubt: objective.factor === null ? 100 : 10 };
    const minimizer =
      objective.l1 === null
        ? lbfgs(before, evaluation, options)
        : owlQn(before, evaluation, options, objective.l1);
    const { objectives, end } = minimizer;
    return {
      state: { objective, minimizer },
      done: end !== null,
      metrics: { iteration: objectives.length - 1, loss: objectives.at(-1)! },
    };
  };

  return { share, partial, combine, update };
}

function requireWeight(who: string, weight: number): void {
  if (weight > 0) return;
  throw new DataError(`${who}: some row must have a weight above 0, all have 0.`, {
    details: { who, weight },
  });
}

function requireStart(who: string, value: number): void {
  if (Number.isFinite(value)) return;
  throw new DataError(
    `${who}: the objective must be finite at the start, got ${value}; labels, weights or features ` +
      'are too large.',
    { details: { who, got: value } },
  );
}
