/** OWL-QN: L-BFGS for a smooth function plus a weighted sum of absolute values. */
import { descent, dot, NO_HISTORY, remember, restrict } from './lbfgs-history.js';
import { startLineSearch } from './line-search.js';
import {
  along,
  difference,
  type Evaluation,
  endOf,
  estimateGap,
  finish,
  firstStep,
  type Iterate,
  type MinimizerOptions,
  type MinimizerState,
} from './quasi-newton-state.js';

/** Share of the decrease that the pseudo-gradient promises. */
const DECREASE = 1e-4;
const MOST_TRIALS = 40;
/** A shorter step is between these shares of the last one. */
const [LEAST_SHARE, MOST_SHARE] = [0.1, 0.5];

/**
 * Takes the evaluation of the smooth part f at `state.point`, and says where to evaluate next, or
 * that this is the end. The objective is F = f + Σ l1ᵢ·|xᵢ|, f >= 0, l1ᵢ >= 0.
 *
 * The pseudo-gradient is the subgradient of F that is closest to 0. An iteration goes along -H
 * times it, H as in `lbfgs` from the gradients of f, over the variables that are to move: not those
 * that are 0 and minimal there, nor such as would leave 0 to the wrong side. Every variable keeps
 * its sign: one that would change it becomes 0. Steps are shortened until F has decreased enough.
 *
 * @see Andrew, Gao, Scalable training of L1-regularized log-linear models, 2007; Schmidt, Graphical
 *   model structure learning with L1-regularization, 2010, section 2.3.3, for H over the variables
 *   that move, where the former project -H times all of it.
 */
export function owlQn(
  state: MinimizerState,
  evaluation: Evaluation,
  options: MinimizerOptions,
  l1: Float64Array,
): MinimizerState {
  const { at, point, direction, search } = state;
  const seen: MinimizerState = { ...state, evaluations: state.evaluations + 1 };
  const value = evaluation.value + penalty(point, l1);
  const here: Iterate = { ...evaluation, point };
  if (at === null) return iterate({ ...seen, at: here }, value, options, l1);
  const { start, step, trials } = search!;
  const slope = dot(pseudoGradient(at, l1), difference(point, at.point));
  if (value <= start.value + DECREASE * slope) {
    const history = remember(
      state.history,
      difference(point, at.point),
      difference(evaluation.gradient, at.gradient),
    );
    return iterate({ ...seen, at: here, history }, value, options, l1);
  }
  if (trials < MOST_TRIALS) {
    const shorter = step * shareOf(start.value, value, slope);
    const next = withinOrthant(at, direction, shorter, l1);
    if (next.some((x, i) => x !== at.point[i])) {
      return { ...seen, search: { ...search!, step: shorter, trials: trials + 1 }, point: next };
    }
  }
  if (state.history.steps.length === 0) return finish(seen, 'stalled');
  return searchAlong({ ...seen, history: NO_HISTORY }, start.value, options, l1);
}

/** Where the parabola through both values has its minimum, within bounds. */
function shareOf(from: number, to: number, slope: number): number {
  const share = -slope / (2 * (to - from - slope));
  return Number.isFinite(to) ? Math.min(Math.max(share, LEAST_SHARE), MOST_SHARE) : LEAST_SHARE;
}

function penalty(point: Float64Array, l1: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < point.length; i++) sum += l1[i]! * Math.abs(point[i]!);
  return sum;
}

/** Of the derivatives to the left and to the right, the one that points down; 0 where none does. */
export function pseudoGradient(
  { point, gradient }: Pick<Iterate, 'point' | 'gradient'>,
  l1: Float64Array,
): Float64Array {
  return gradient.map((g, i) => {
    const [x, weight] = [point[i]!, l1[i]!];
    if (x !== 0) return g + Math.sign(x) * weight;
    return Math.sign(g) * Math.max(Math.abs(g) - weight, 0);
  });
}

/** A step from the iterate, without a change of sign of a variable that l1 is on. */
function withinOrthant(
  at: Iterate,
  direction: Float64Array,
  step: number,
  l1: Float64Array,
): Float64Array {
  return along(at.point, direction, step).map((next, i) => {
    if (l1[i] === 0) return next;
    const x = at.point[i]!;
    // From 0, into the orthant that the direction points to.
    return x !== 0 && next * x < 0 ? 0 : next;
  });
}

function iterate(
  state: MinimizerState,
  value: number,
  options: MinimizerOptions,
  l1: Float64Array,
): MinimizerState {
  const objectives = [...state.objectives, value];
  return searchAlong({ ...state, objectives }, value, options, l1, true);
}

function searchAlong(
  state: MinimizerState,
  value: number,
  options: MinimizerOptions,
  l1: Float64Array,
  isNew = false,
): MinimizerState {
  const at = state.at!;
  const { history } = state;
  const pseudo = pseudoGradient(at, l1);
  // A variable that is 0 and is to stay there takes no part.
  const isFree = Array.from(pseudo, (slope, i) => slope !== 0 || at.point[i] !== 0);
  const newton = descent(restrict(history, isFree), pseudo);
  // From 0, only to the side to which the objective goes down.
  const isWrong = (d: number, i: number) => at.point[i] === 0 && l1[i]! > 0 && d * pseudo[i]! >= 0;
  const direction = newton.map((d, i) => (isFree[i] && !isWrong(d, i) ? d : 0));
  const slope = dot(pseudo, direction);
  if (!(slope < 0) && history.steps.length > 0) {
    return searchAlong({ ...state, history: NO_HISTORY }, value, options, l1, isNew);
  }
  const next: MinimizerState = { ...state, direction, gap: estimateGap(pseudo, direction) };
  const end = isNew ? endOf(state.gap, next, options) : null;
  if (end !== null) return finish(next, end);
  const first = history.steps.length === 0 ? firstStep(value, slope) : 1;
  const search = startLineSearch(value, slope, first);
  return { ...next, search, point: withinOrthant(at, direction, first, l1) };
}
