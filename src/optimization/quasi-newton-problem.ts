/** The objective of a linear model, in variables that suit its minimisation. */
import type { LossParams, LossSum } from './loss.js';
import { strideOf } from './parameters.js';
import { choleskyFactor, solveLower, solveUpper } from './quasi-newton-factor.js';
import type { FeatureMoments } from './quasi-newton-moments.js';
import type { Evaluation } from './quasi-newton-state.js';
import type { Penalty } from './regularize.js';

export interface ObjectiveParams extends Penalty {
  readonly loss: LossParams;
  readonly standardization: boolean;
  readonly shift: Float64Array;
}

/**
 * The variables u of the minimisation, and how they lead to the parameters:
 *
 *     coefficients cₖ = scale · L⁻ᵀuₖ        intercept bₖ = uₖ · interceptScale - center · cₖ
 *
 * `scale` gives every coefficient about unit curvature where the minimisation starts; `factor`, L,
 * makes those of any combination alike; `center`, the features' means, takes the coupling of
 * intercept and coefficients away. None touches the data, and none moves the minimum. Plain data.
 */
export interface Objective {
  readonly scale: Float64Array;
  readonly center: Float64Array;
  readonly interceptScale: number;
  /** dim × dim, lower triangular; null: the identity. */
  readonly factor: Float64Array | null;
  /** Weight of cⱼ²/2, by feature. */
  readonly l2: Float64Array;
  /** Weight of |u|, by variable; null: all are 0. */
  readonly l1: Float64Array | null;
  /** Σ of the rows' weights. */
  readonly weight: number;
}

/** A variance below this share of the mean square is what rounding leaves of a constant's. */
const LEAST_VARIANCE = 1e-14;

/** Mean and variance of each feature. */
function statistics({ weight, sums, squares }: FeatureMoments, shift: Float64Array) {
  const mean = new Float64Array(sums.length);
  const variance = new Float64Array(sums.length);
  for (let t = 0; t < sums.length; t++) {
    const [by, square] = [sums[t]! / weight, squares[t]! / weight];
    mean[t] = shift[t]! + by;
    const about = square - by * by;
    variance[t] = about > LEAST_VARIANCE * square ? about : 0;
  }
  return { mean, variance };
}

/** The objective of rows with the given moments. */
export function objectiveOf(params: ObjectiveParams, moments: FeatureMoments): Objective {
  const { loss, reg, elasticNet, standardization, shift } = params;
  const { dim, classes, fitIntercept } = loss;
  const { mean, variance } = statistics(moments, shift);
  const curvature = curvatureOf(loss, moments);
  const [scale, l2, l1] = [new Float64Array(dim), new Float64Array(dim), new Float64Array(dim)];
  for (let t = 0; t < dim; t++) {
    const deviation = standardization ? Math.sqrt(variance[t]!) : 1;
    l2[t] = reg * (1 - elasticNet) * deviation * deviation;
    const square = fitIntercept ? variance[t]! : variance[t]! + mean[t]! * mean[t]!;
    const bend = curvature * square + l2[t]!;
    // A feature that says nothing, or is divided by a deviation of 0, has the coefficient 0.
    scale[t] = deviation === 0 || square === 0 ? 0 : 1 / Math.sqrt(bend);
    l1[t] = reg * elasticNet * deviation * scale[t]!;
  }
  const stride = strideOf(loss);
  const weights = new Float64Array(classes * stride);
  for (let k = 0; k < classes; k++) weights.set(l1, k * stride);
  const isSmooth = weights.every((value) => value === 0);
  return {
    ...{ scale, l2, weight: moments.weight },
    factor: isSmooth ? factorOf(params, moments, scale, l2, curvature) : null,
    center: fitIntercept ? mean : new Float64Array(dim),
    interceptScale: 1 / Math.sqrt(curvature),
    l1: isSmooth ? null : weights,
  };
}

/** The factor of the Hessian where the minimisation starts, as the sampled rows show it. */
function factorOf(
  { loss: { dim, fitIntercept }, shift }: ObjectiveParams,
  { sample }: FeatureMoments,
  scale: Float64Array,
  l2: Float64Array,
  curvature: number,
): Float64Array | null {
  if (sample === null || !(sample.weight > 0)) return null;
  const { weight, sums, products } = sample;
  const hessian = new Float64Array(dim * dim);
  const mean = sums.map((sum) => sum / weight);
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j <= i; j++) {
      // About the mean, or without intercepts about 0.
      const by = fitIntercept
        ? -mean[i]! * mean[j]!
        : shift[i]! * mean[j]! + mean[i]! * shift[j]! + shift[i]! * shift[j]!;
      const square = products[i * dim + j]! / weight + by;
      hessian[i * dim + j] = curvature * square * scale[i]! * scale[j]!;
    }
    const diagonal = i * dim + i;
    // A coefficient that stays 0 is apart from all others.
    if (scale[i] === 0) hessian[diagonal] = 1;
    else hessian[diagonal]! += l2[i]! * scale[i]! * scale[i]!;
  }
  return choleskyFactor(hessian, dim);
}

/** The mean second derivative of the loss by the margin, where the minimisation starts. */
function curvatureOf({ loss, classes, fitIntercept }: LossParams, moments: FeatureMoments): number {
  if (loss === 'squared') return 1;
  if (loss === 'squaredHinge') return 2;
  if (loss === 'multinomial') return (1 - 1 / classes) / classes;
  const share = fitIntercept ? moments.labels[1]! / moments.weight : 0.5;
  // Of few positive rows there is more to be learned than their share tells.
  return Math.max(share * (1 - share), 1e-3);
}

/**
 * The variables to start with: coefficients of 0, and the intercepts that are best with them, where
 * there is a finite best.
 */
export function startOf(
  { loss }: ObjectiveParams,
  moments: FeatureMoments,
  objective: Objective,
): Float64Array {
  const stride = strideOf(loss);
  const start = new Float64Array(loss.classes * stride);
  if (!loss.fitIntercept) return start;
  const { labels, weight } = moments;
  const set = (intercept: number, k = 0) => {
    start[k * stride + loss.dim] = intercept / objective.interceptScale;
  };
  if (loss.loss === 'squared') set(labels[0]! / weight);
  else if (loss.loss === 'squaredHinge') set((labels[1]! - labels[0]!) / weight);
  else if (labels.every((count) => count > 0)) {
    if (loss.loss === 'logistic') set(Math.log(labels[1]! / labels[0]!));
    else {
      const logs = labels.map((count) => Math.log(count));
      const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
      for (const [k, log] of logs.entries()) set(log - mean, k);
    }
  }
  return start;
}

/** The parameters of some variables, as the loss takes them. */
export function parametersOf(
  loss: LossParams,
  { scale, center, interceptScale, factor }: Objective,
  variables: Float64Array,
): Float64Array {
  const { dim, fitIntercept } = loss;
  const stride = strideOf(loss);
  const parameters = variables.slice();
  for (let at = 0; at < variables.length; at += stride) {
    if (factor !== null) solveUpper(factor, dim, parameters, at);
    let shift = 0;
    for (let t = 0; t < dim; t++) {
      parameters[at + t]! *= scale[t]!;
      shift += center[t]! * parameters[at + t]!;
    }
    if (fitIntercept) parameters[at + dim] = parameters[at + dim]! * interceptScale - shift;
  }
  return parameters;
}

/**
 * The smooth part of the objective, by the variables.
 *
 * @param sum Over all rows, at the parameters of the variables.
 */
export function evaluationOf(
  loss: LossParams,
  objective: Objective,
  parameters: Float64Array,
  sum: LossSum,
): Evaluation {
  const { scale, center, interceptScale, factor, l2, weight } = objective;
  const { dim, fitIntercept } = loss;
  const stride = strideOf(loss);
  const gradient = new Float64Array(parameters.length);
  let penalty = 0;
  for (let at = 0; at < parameters.length; at += stride) {
    const intercept = fitIntercept ? sum.gradient[at + dim]! : 0;
    for (let t = 0; t < dim; t++) {
      const coefficient = parameters[at + t]!;
      const slope = (sum.gradient[at + t]! - center[t]! * intercept) / weight;
      gradient[at + t] = (slope + l2[t]! * coefficient) * scale[t]!;
      penalty += l2[t]! * coefficient * coefficient;
    }
    if (factor !== null) solveLower(factor, dim, gradient, at);
    if (fitIntercept) gradient[at + dim] = (intercept / weight) * interceptScale;
  }
  return { value: sum.loss / weight + penalty / 2, gradient };
}
