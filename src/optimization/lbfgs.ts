/** L-BFGS: minimises a smooth function of many variables. */
import { descent, dot, NO_HISTORY, remember } from './lbfgs-history.js';
import { advanceLineSearch, startLineSearch } from './line-search.js';
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

/**
 * Takes the evaluation at `state.point`, and says where to evaluate next, or that this is the end.
 * The objective is not below 0. The first value must be finite; a later one that is not shortens
 * the step.
 *
 * An iteration searches along -H·g, H the inverse of the Hessian as the last 10 steps show it, to a
 * point that fulfils the strong Wolfe conditions: one evaluation in most iterations.
 *
 * @see Liu, Nocedal, On the limited memory BFGS method for large scale optimization, 1989.
 */
export function lbfgs(
  state: MinimizerState,
  evaluation: Evaluation,
  options: MinimizerOptions,
): MinimizerState {
  const seen: MinimizerState = { ...state, evaluations: state.evaluations + 1 };
  const { at, search, direction, point } = state;
  const here: Iterate = { ...evaluation, point };
  if (at === null) return iterate({ ...seen, at: here }, options);
  if (search === null) return moved(seen, here, options);
  const { value, gradient } = evaluation;
  const trial = { step: search.step, value, slope: dot(direction, gradient) };
  const result = advanceLineSearch(search, trial);
  if (result.end === 'accepted') return moved(seen, here, options);
  if (result.end === null) {
    const next = along(at.point, direction, result.search.step);
    return { ...seen, search: result.search, point: next };
  }
  return giveUp(seen, options);
}

/** No step fulfils the conditions: the lowest is taken, or else a new start without history. */
function giveUp(state: MinimizerState, options: MinimizerOptions): MinimizerState {
  const { at, search, direction, history } = state;
  const { step } = search!.low;
  if (step > 0) return { ...state, search: null, point: along(at!.point, direction, step) };
  if (history.steps.length === 0) return finish(state, 'stalled');
  return searchAlong({ ...state, history: NO_HISTORY }, options);
}

/** Ends an iteration at its new point. */
function moved(state: MinimizerState, here: Iterate, options: MinimizerOptions): MinimizerState {
  const at = state.at!;
  const step = difference(here.point, at.point);
  const change = difference(here.gradient, at.gradient);
  const history = remember(state.history, step, change);
  return iterate({ ...state, at: here, history }, options);
}

/** Begins an iteration, unless the last one was the last. */
function iterate(state: MinimizerState, options: MinimizerOptions): MinimizerState {
  const objectives = [...state.objectives, state.at!.value];
  return searchAlong({ ...state, objectives }, options, true);
}

function searchAlong(
  state: MinimizerState,
  options: MinimizerOptions,
  isNew = false,
): MinimizerState {
  const { history } = state;
  const { point, value, gradient } = state.at!;
  let direction = descent(history, gradient);
  let slope = dot(gradient, direction);
  const isDescent = slope < 0;
  if (!isDescent) {
    direction = gradient.map((g) => -g);
    slope = -dot(gradient, gradient);
  }
  const gap = estimateGap(gradient, direction);
  const next: MinimizerState = {
    ...{ ...state, direction, gap },
    history: isDescent ? history : NO_HISTORY,
  };
  const end = isNew ? endOf(state.gap, next, options) : null;
  if (end !== null) return finish(next, end);
  const first = next.history.steps.length === 0 ? firstStep(value, slope) : 1;
  const search = startLineSearch(value, slope, first);
  return { ...next, search, point: along(point, direction, first) };
}
