/** A line search that is given its values one by one. */

/** The objective along a line: φ(step) and φ'(step). */
export interface Trial {
  readonly step: number;
  readonly value: number;
  readonly slope: number;
}

/** Between two trials. Plain data. */
export interface LineSearch {
  /** φ(0); its slope is below 0. */
  readonly start: Trial;
  /** The best trial so far. */
  readonly low: Trial;
  /** With `low` it encloses a minimum; null: none is known to be enclosed yet. */
  readonly high: Trial | null;
  /** Trials so far. */
  readonly trials: number;
  /** Where to evaluate next. */
  readonly step: number;
}

/** What a trial leads to: the step is taken, another one is to be tried, or none is any good. */
export type LineSearchResult =
  | { readonly end: 'accepted' }
  | { readonly end: 'failed' }
  | { readonly end: null; readonly search: LineSearch };

/** Sufficient decrease, and the share of the slope that may be left. */
const DECREASE = 1e-4;
const CURVATURE = 0.9;
/** Decrease that the slope has to show where values differ by rounding errors alone. */
const SLOPE_DECREASE = 0.1;
/** Size of these errors, relative to the value. */
const ROUNDING = 1e-12;
const MOST_TRIALS = 30;
/** A new trial is at least this share of the interval away from its ends. */
const MARGIN = 0.1;
/** How much further a trial goes at least, and at most, while no minimum is enclosed. */
const [LEAST_GROWTH, MOST_GROWTH] = [1.5, 10];

export function startLineSearch(value: number, slope: number, step: number): LineSearch {
  const start = { step: 0, value, slope };
  return { start, low: start, high: null, trials: 0, step };
}

/**
 * Takes the trial at `search.step`. It is accepted under the strong Wolfe conditions,
 * φ(t) <= φ(0) + 1e-4·t·φ'(0) and |φ'(t)| <= 0.9·|φ'(0)|; near a minimum, where φ cannot tell the
 * decrease any more, under the approximate ones, which look at the slope alone. Trials go on beyond
 * the last one until a minimum is enclosed, then to that of the cubic through both ends. A value
 * that is not finite is too far out.
 *
 * @see Nocedal, Wright, Numerical Optimization, 2nd edition, algorithms 3.5 and 3.6; Hager, Zhang,
 *   A new conjugate gradient method with guaranteed descent, 2005, for the approximate conditions.
 */
export function advanceLineSearch(search: LineSearch, trial: Trial): LineSearchResult {
  const { start, low, high } = search;
  const trials = search.trials + 1;
  const isNumber = Number.isFinite(trial.value) && Number.isFinite(trial.slope);
  const isFlat = Math.abs(trial.slope) <= CURVATURE * -start.slope;
  const isLower = trial.value <= start.value + DECREASE * trial.step * start.slope;
  const rounding = ROUNDING * Math.abs(start.value);
  const isClose =
    trial.value <= start.value + rounding && trial.slope <= (2 * SLOPE_DECREASE - 1) * start.slope;
  if (isNumber && isFlat && (isLower || isClose)) return { end: 'accepted' };
  if (trials >= MOST_TRIALS) return { end: 'failed' };

  let next: Pick<LineSearch, 'low' | 'high'>;
  const isWorse = !(isLower || isClose) || (low.step > 0 && trial.value > low.value + rounding);
  if (!isNumber || isWorse) next = { low, high: trial };
  else if (trial.slope * ((high?.step ?? Infinity) - low.step) >= 0)
    next = { low: trial, high: low };
  else next = { low: trial, high };
  const step = next.high === null ? beyond(low, trial) : between(next.low, next.high);
  if (!(step > 0) || step === next.low.step || step === next.high?.step) return { end: 'failed' };
  return { end: null, search: { start, ...next, trials, step } };
}

/** Further out than `to`, which is lower than `from` and still going down. */
function beyond(from: Trial, to: Trial): number {
  const least = to.step * LEAST_GROWTH;
  const most = to.step * MOST_GROWTH;
  const guess = cubicMinimum(from, to);
  return guess > to.step ? Math.min(Math.max(guess, least), most) : Math.sqrt(least * most);
}

/** Inside of the interval, where a minimum is enclosed. */
function between(low: Trial, high: Trial): number {
  const width = high.step - low.step;
  const guess = Number.isFinite(high.value + high.slope)
    ? (cubicMinimum(low, high) - low.step) / width
    : MARGIN;
  const share = Number.isNaN(guess) ? 0.5 : Math.min(Math.max(guess, MARGIN), 1 - MARGIN);
  return low.step + share * width;
}

/** The minimum of the cubic with the values and slopes of two trials; NaN when it has none. */
function cubicMinimum(a: Trial, b: Trial): number {
  const width = b.step - a.step;
  const bend = a.slope + b.slope - (3 * (b.value - a.value)) / width;
  const root = Math.sign(width) * Math.sqrt(bend * bend - a.slope * b.slope);
  return b.step - (width * (b.slope + root - bend)) / (b.slope - a.slope + 2 * root);
}
