/** Trains a linear model to the minimum of its objective. */
import { train } from '../algorithm/train.js';
import { invariant } from '../core/errors.js';
import type { FitOptions } from '../stage/stage.js';
import type { Table } from '../table/table.js';
import type { LossParams } from './loss.js';
import { type SplitParameters, splitParameters } from './parameters.js';
import { parametersOf } from './quasi-newton-problem.js';
import { sampleEvery } from './quasi-newton-sample.js';
import type { QuasiNewtonParams, QuasiNewtonState } from './quasi-newton-training.js';
import type { TrainingSummary } from './summary.js';

export interface QuasiNewtonOptions {
  /** The call, for messages: `'LogisticRegression.fit'`. */
  readonly who: string;
  /** Not `'hinge'`, which has no derivative where it matters. */
  readonly loss: LossParams;
  readonly reg: number;
  readonly elasticNet: number;
  readonly standardization: boolean;
  /** Most iterations; each takes an evaluation, a few take more. */
  readonly maxIter: number;
  readonly tol: number;
  /** Multiplications and additions of the training, roughly. */
  readonly work: number;
  readonly options: FitOptions;
}

export interface QuasiNewtonResult {
  /** classes × dim, row-major. */
  readonly coefficient: Float64Array;
  /** By class; zeros without intercepts. */
  readonly intercept: Float64Array;
  readonly summary: TrainingSummary;
}

/**
 * Minimises, over coefficients c and intercepts,
 *
 *     Σ w·loss / Σ w + reg · (elasticNet · |Dc|₁ + (1 - elasticNet)/2 · |Dc|₂²)
 *
 * where D is the identity, or with `standardization` has the features' standard deviations
 * √(Σ w·(x - mean)² / Σ w): the penalty is then what it would be on features that were divided by
 * them, and a feature that is constant has coefficient 0. Intercepts have no penalty.
 *
 * By L-BFGS, or OWL-QN when reg · elasticNet > 0, in variables that are scaled by the features'
 * second moments and centred, so that units and offsets of features hardly matter. With L-BFGS and
 * at most 256 features, they are also turned by a Cholesky factor of the Hessian at the start, taken
 * of a sample of 100 rows a feature, so that features which go together hardly matter either. The
 * first round takes the moments, each one after it evaluates the objective:
 * one pass over the rows, of which only parameters and sums travel.
 *
 * It ends with reason `'tol'` when the objective is estimated to be within tol · objective of its
 * minimum; with `'stalled'` when no step lowers it any more, as when tol is 0; else with
 * `'maxIter'`. The intercepts of several classes, which the loss tells apart up to a common shift,
 * add up to 0.
 *
 * Bit-identical for any number of workers.
 *
 * @param table Features as `loss` says, labels and weights as float64; at least one row.
 * @throws DataError `ERR_GYRE_DATA` for features, labels or weights that are not finite, naming the
 *   row; labels or weights that the loss does not know; no weight above 0; an objective that is not
 *   finite at the start.
 */
export async function quasiNewton(
  table: Table,
  { work, options, ...settings }: QuasiNewtonOptions,
): Promise<QuasiNewtonResult> {
  const { who, loss } = settings;
  invariant(loss.loss !== 'hinge', `${who}: the hinge loss is not smooth.`);
  const params: QuasiNewtonParams = {
    ...settings,
    shift: firstRow(table, loss),
    sampleEvery: sampleEvery(table.numRows, loss.dim),
  };
  const { onProgress } = options;
  let reported = -1;
  const { objective, minimizer } = await train<QuasiNewtonState>(
    who,
    {
      module: new URL('./quasi-newton-training.js', import.meta.url).href,
      name: 'quasiNewtonTraining',
      params,
    },
    table,
    { objective: null, minimizer: null },
    work,
    {
      ...options,
      onRound:
        onProgress &&
        (({ epoch, metrics: { iteration, loss: value } }) => {
          if (iteration === undefined || iteration === reported) return;
          reported = iteration;
          onProgress({ epoch: iteration, rows: table.numRows * (epoch + 1), loss: value! });
        }),
    },
  );
  const { point, objectives, end } = minimizer!;
  const summary: TrainingSummary = {
    objectiveHistory: objectives,
    totalIterations: objectives.length - 1,
    reason: end!,
  };
  return { ...centred(splitParameters(loss, parametersOf(loss, objective!, point))), summary };
}

/** What moments are taken about: nothing cancels of a feature with a mean far from 0. */
function firstRow(table: Table, { featuresCol, dim }: LossParams): Float64Array {
  const features = table.column(featuresCol, 'vector', 'sparseVector');
  if (features.layout === 'sparse') return new Float64Array(dim);
  return Float64Array.from(features.values.subarray(0, dim));
}

/** Intercepts of classes that add up to 0: the loss tells them apart up to a common shift. */
function centred({ coefficient, intercept }: SplitParameters): SplitParameters {
  const classes = intercept.length;
  if (classes === 1) return { coefficient, intercept };
  const mean = intercept.reduce((sum, b) => sum + b, 0) / classes;
  return { coefficient, intercept: intercept.map((b) => b - mean) };
}
