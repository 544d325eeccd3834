/** Minimisation that is given its evaluations one by one, so that they can be made anywhere. */
import type { History } from './lbfgs-history.js';
import { dot, NO_HISTORY } from './lbfgs-history.js';
import type { LineSearch } from './line-search.js';
import type { TrainingEnd } from './summary.js';

/** The smooth part of an objective at a point. */
export interface Evaluation {
  readonly value: number;
  readonly gradient: Float64Array;
}

export interface MinimizerOptions {
  /** How close to its minimum the objective is to be, relative to its size; see {@link endOf}. */
  readonly tol: number;
  /** Most iterations. */
  readonly maxIter: number;
  /**
   * By how much the estimate of what is left may be too small: 10 or so where the variables are of
   * about unit curvature, whatever their combination, else 100.
   */
  readonly doubt: number;
}

/** A point that has been evaluated. */
export interface Iterate extends Evaluation {
  readonly point: Float64Array;
}

/** Between two evaluations. Plain data; its vectors are never written again. */
export interface MinimizerState {
  /** Where to evaluate next; once `end` is set, the best point. */
  readonly point: Float64Array;
  /** The iterate, and the direction that is searched from it; null before the first evaluation. */
  readonly at: Iterate | null;
  readonly direction: Float64Array;
  readonly search: LineSearch | null;
  readonly history: History;
  /** The objective of every iterate. */
  readonly objectives: readonly number[];
  /** What is estimated to be left of the objective above its minimum, at the last iterate. */
  readonly gap: number;
  readonly evaluations: number;
  readonly end: TrainingEnd | null;
}

const NONE = new Float64Array(0);

/** Before the first evaluation, which is to be of the start itself. */
export function startMinimizer(start: Float64Array): MinimizerState {
  return {
    point: start,
    at: null,
    direction: NONE,
    search: null,
    history: NO_HISTORY,
    objectives: [],
    gap: Infinity,
    evaluations: 0,
    end: null,
  };
}

/** The end: what only another iteration would need is dropped. */
export function finish(state: MinimizerState, end: TrainingEnd): MinimizerState {
  const { point } = state.at!;
  return { ...state, end, point, at: null, direction: NONE, search: null, history: NO_HISTORY };
}

/** Objectives are not asked to come closer to 0 than this share of the first one. */
const LEAST_OBJECTIVE = 1e-9;
/** A gap may have come down by this factor in the last iteration, or it is an accident. */
const MOST_PROGRESS = 100;
/** So many iterations without progress are the last ones. */
const PATIENCE = 5;
/** What is progress, relative to the objective. */
const LEAST_PROGRESS = 1e-15;

/**
 * What is left of the objective: of the quadratic model, gᵀHg/2, and of the gradient alone, |g|²/2,
 * the larger. Both are exact where H is the inverse of the Hessian, or that is the identity.
 */
export function estimateGap(gradient: Float64Array, direction: Float64Array): number {
  return Math.max(dot(gradient, gradient), -dot(gradient, direction)) / 2;
}

/**
 * Whether an iteration was the last one, and why.
 *
 * `'tol'`: the objective is within tol · objective of its minimum. The gap, doubt included, is
 * estimated to be that small, and neither the one before nor the last decrease was much larger.
 */
export function endOf(
  previousGap: number,
  { gap, objectives }: MinimizerState,
  { tol, maxIter, doubt }: MinimizerOptions,
): TrainingEnd | null {
  const [last, now] = [objectives.at(-2) ?? Infinity, objectives.at(-1)!];
  const most = tol * Math.max(Math.abs(now), LEAST_OBJECTIVE * Math.abs(objectives[0]!));
  const before = Math.max(previousGap, last - now) / MOST_PROGRESS;
  if (gap === 0 || Math.max(gap, before) * doubt <= most) return 'tol';
  const earlier = objectives.at(-1 - PATIENCE) ?? Infinity;
  if (earlier - now <= LEAST_PROGRESS * Math.abs(now)) return 'stalled';
  return objectives.length > maxIter ? 'maxIter' : null;
}

/**
 * The length of the first step, where nothing is known of the curvature: 1, which is right for
 * variables of unit curvature, but less where the model would fall below 0, which no sum of losses
 * does.
 */
export function firstStep(objective: number, slope: number): number {
  return Math.min(1, (2 * Math.abs(objective)) / -slope);
}

export function along(from: Float64Array, direction: Float64Array, step: number): Float64Array {
  return from.map((x, i) => x + step * direction[i]!);
}

export function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((x, i) => x - b[i]!);
}
