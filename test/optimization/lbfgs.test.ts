import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lbfgs } from '../../src/optimization/lbfgs.js';
import { descent, NO_HISTORY, remember } from '../../src/optimization/lbfgs-history.js';
import { advanceLineSearch, startLineSearch } from '../../src/optimization/line-search.js';
import { owlQn, pseudoGradient } from '../../src/optimization/owl-qn.js';
import {
  type Evaluation,
  type MinimizerState,
  startMinimizer,
} from '../../src/optimization/quasi-newton-state.js';
import { seeded } from '../reference/random.js';
import { assertClose } from '../reference/run.js';

type Smooth = (x: Float64Array) => Evaluation;

const EXACT = { tol: 1e-14, maxIter: 2000, doubt: 100 };

function minimize(f: Smooth, start: number[], options = EXACT, l1?: Float64Array): MinimizerState {
  let state = startMinimizer(Float64Array.from(start));
  while (state.end === null) {
    assert.ok(state.evaluations < 20_000, 'too many evaluations');
    const evaluation = f(state.point);
    state = l1 ? owlQn(state, evaluation, options, l1) : lbfgs(state, evaluation, options);
  }
  return state;
}

/** Σ hᵢ·(xᵢ - cᵢ)²/2 + 1 in coordinates that are turned pairwise. */
function quadratic(h: readonly number[], c: readonly number[]): Smooth {
  return (x) => {
    let value = 1;
    const gradient = new Float64Array(x.length);
    for (let i = 0; i < x.length; i += 2) {
      const [a, b] = [x[i]! - c[i]!, x[i + 1]! - c[i + 1]!];
      const [u, v] = [(a + b) / Math.SQRT2, (a - b) / Math.SQRT2];
      value += (h[i]! * u * u + h[i + 1]! * v * v) / 2;
      gradient[i] = (h[i]! * u + h[i + 1]! * v) / Math.SQRT2;
      gradient[i + 1] = (h[i]! * u - h[i + 1]! * v) / Math.SQRT2;
    }
    return { value, gradient };
  };
}

const rosenbrock: Smooth = ([x, y]) => ({
  value: (1 - x!) ** 2 + 100 * (y! - x! * x!) ** 2,
  gradient: Float64Array.of(-2 * (1 - x!) - 400 * x! * (y! - x! * x!), 200 * (y! - x! * x!)),
});

test('a quadratic function is minimised, whatever its condition', () => {
  const c = [1, -2, 3, -4, 5, -6, 7, -8];
  for (const condition of [1, 1e3, 1e6]) {
    const h = c.map((_, i) => condition ** (i / 7));
    const { point, end, objectives } = minimize(quadratic(h, c), [0, 0, 0, 0, 0, 0, 0, 0]);
    assert.is.not(end, 'maxIter');
    assertClose(objectives.at(-1)!, 1, { rtol: 1e-12, atol: 0 }, `value of ${condition}`);
    for (const [i, x] of point.entries()) {
      assertClose(x, c[i]!, { rtol: 0, atol: 1e-4 }, `x${i} of ${condition}`);
    }
  }
});

test("Rosenbrock's function is minimised from where it is hard", () => {
  const { point, evaluations, objectives } = minimize(rosenbrock, [-1.2, 1]);
  assertClose(point[0]!, 1, { rtol: 0, atol: 1e-6 }, 'x');
  assertClose(point[1]!, 1, { rtol: 0, atol: 1e-6 }, 'y');
  assert.ok(evaluations < 80, `${evaluations} evaluations`);
  for (let i = 1; i < objectives.length; i++) assert.ok(objectives[i]! < objectives[i - 1]!);
});

test('a value that is not finite shortens the step', () => {
  const f: Smooth = ([x]) =>
    x! > 0
      ? { value: 10 - Math.log(x!) + x!, gradient: Float64Array.of(1 - 1 / x!) }
      : { value: Number.NaN, gradient: Float64Array.of(Number.NaN) };
  for (const start of [0.001, 5, 100]) {
    assertClose(minimize(f, [start]).point[0]!, 1, { rtol: 0, atol: 1e-5 }, `from ${start}`);
  }
});

test('the reason of the end is maxIter, tol, or stalled where nothing can be gained', () => {
  assert.is(minimize(rosenbrock, [-1.2, 1], { ...EXACT, maxIter: 3 }).end, 'maxIter');
  assert.is(minimize(rosenbrock, [-1.2, 1], { ...EXACT, maxIter: 3 }).objectives.length, 4);
  assert.is(minimize(rosenbrock, [-1.2, 1], { ...EXACT, tol: 1e-6 }).end, 'tol');
  const { end, evaluations } = minimize(quadratic([1, 2e3], [0.3, 0.7]), [9, 9], {
    ...EXACT,
    tol: 0,
  });
  assert.ok(end === 'stalled' || end === 'tol', end!);
  assert.ok(evaluations < 300, `${evaluations} evaluations`);
  assert.is(minimize(quadratic([1, 1], [3, 4]), [3, 4]).end, 'tol');
  // A line without a minimum, as of labels that can be separated.
  const falling: Smooth = ([x]) => ({
    value: Math.exp(-x!),
    gradient: Float64Array.of(-Math.exp(-x!)),
  });
  assert.is(minimize(falling, [0]).end, 'tol');
});

test('what is remembered maps the last change of the gradient to its step', () => {
  const f = quadratic([2, 30], [1, 2]);
  const points = [Float64Array.of(0, 0), Float64Array.of(1, 0), Float64Array.of(1, 1)];
  let history = NO_HISTORY;
  for (const [i, point] of points.slice(1).entries()) {
    const before = points[i]!;
    const change = f(point).gradient.map((g, j) => g - f(before).gradient[j]!);
    history = remember(
      history,
      point.map((x, j) => x - before[j]!),
      change,
    );
  }
  // Along the last pair, H is exact: H·y = s.
  const last = descent(history, history.changes.at(-1)!);
  for (const [i, s] of history.steps.at(-1)!.entries()) {
    assertClose(-last[i]!, s, { rtol: 1e-12, atol: 1e-12 }, `s${i}`);
  }
  // A pair without curvature is not remembered.
  assert.is(remember(history, Float64Array.of(1, 0), Float64Array.of(-1, 0)), history);
});

test('an accepted step fulfils the strong Wolfe conditions', () => {
  const random = seeded(31);
  for (let run = 0; run < 200; run++) {
    const [far, bend] = [10 ** (4 * random.unit() - 2), random.unit()];
    const phi = (t: number) => ({
      step: t,
      value: 5 + (t - far) ** 2 * (1 + bend * Math.sin(t / far) ** 2),
      slope:
        2 * (t - far) * (1 + bend * Math.sin(t / far) ** 2) +
        ((t - far) ** 2 * bend * Math.sin((2 * t) / far)) / far,
    });
    const start = phi(0);
    let search = startLineSearch(start.value, start.slope, 10 ** (4 * random.unit() - 2));
    for (;;) {
      const trial = phi(search.step);
      const result = advanceLineSearch(search, trial);
      if (result.end === null) search = result.search;
      else {
        assert.is(result.end, 'accepted', `run ${run}`);
        assert.ok(trial.value <= start.value + 1e-4 * trial.step * start.slope, `run ${run}`);
        assert.ok(Math.abs(trial.slope) <= 0.9 * Math.abs(start.slope), `run ${run}`);
        break;
      }
    }
  }
});

test('OWL-QN gives the soft threshold where variables are apart', () => {
  const c = [3, -2, 0.5, -0.4, 0, 7];
  const l1 = Float64Array.of(1, 1, 1, 0.1, 1, 0);
  const apart: Smooth = (x) => ({
    value: x.reduce((sum, v, i) => sum + (v - c[i]!) ** 2 / 2, 0),
    gradient: x.map((v, i) => v - c[i]!),
  });
  const { point } = minimize(apart, [0, 0, 0, 0, 0, 0], EXACT, l1);
  for (const [i, x] of [2, -1, 0, -0.3, 0, 7].entries()) {
    assertClose(point[i]!, x, { rtol: 0, atol: 1e-7 }, `x${i}`);
  }
  assert.is(point[2], 0);
});

test('OWL-QN ends where no direction goes down', () => {
  const random = seeded(32);
  for (let run = 0; run < 20; run++) {
    const c = Array.from({ length: 8 }, () => 4 * random.unit() - 2);
    const h = c.map((_, i) => 100 ** (i / 7));
    const l1 = Float64Array.from(c, () => 3 * random.unit());
    const f = quadratic(h, c);
    const start = c.map(() => 2 * random.unit() - 1);
    const { point } = minimize(f, start, EXACT, l1);
    const left = pseudoGradient({ point, gradient: f(point).gradient }, l1);
    for (const [i, g] of left.entries()) {
      assertClose(g, 0, { rtol: 0, atol: 1e-4 }, `run ${run}, variable ${i}`);
    }
  }
});

test('without penalties OWL-QN has the minimum of L-BFGS', () => {
  const { point } = minimize(rosenbrock, [-1.2, 1], EXACT, new Float64Array(2));
  assertClose(point[0]!, 1, { rtol: 0, atol: 1e-4 }, 'x');
});

test.run();
