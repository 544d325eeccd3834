import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { areaUnderROC, baseRateLogLoss, logLoss } from '../../src/evaluation/area-under-curve.js';
import { throwsError } from '../table/expect-error.js';

/** Every pair of a positive and a negative row. */
function quadratic(scores: Float64Array, labels: readonly number[]): number {
  let wins = 0;
  let pairs = 0;
  for (const [i, score] of scores.entries()) {
    for (const [j, other] of scores.entries()) {
      if (labels[i] !== 1 || labels[j] === 1) continue;
      pairs++;
      wins += score > other ? 1 : score === other ? 0.5 : 0;
    }
  }
  return wins / pairs;
}

test('area under the curve equals the count over all pairs, with many ties', () => {
  const rows = fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.boolean()), { maxLength: 60 });
  fc.assert(
    fc.property(rows, (drawn) => {
      const scores = Float64Array.from(drawn, ([score]) => score / 3);
      const labels = drawn.map(([, positive]) => Number(positive));
      // Both are a multiple of one half over the same number of pairs: equal, not just close.
      assert.ok(Object.is(areaUnderROC(scores, labels), quadratic(scores, labels)));
    }),
    { numRuns: 500 },
  );
});

test('zeros of both signs are one score, and infinities have their place', () => {
  assert.is(areaUnderROC(Float64Array.of(-0, 0), [1, 0]), 0.5);
  assert.is(areaUnderROC(Float64Array.of(0, -0), [1, 0]), 0.5);
  assert.is(areaUnderROC(Float64Array.of(Infinity, -Infinity, 1), [1, 0, 0]), 1);
});

test('area under the curve is NaN when a class is missing', () => {
  assert.ok(Number.isNaN(areaUnderROC(Float64Array.of(1, 2), [1, 1])));
  assert.ok(Number.isNaN(areaUnderROC(new Float64Array(0), [])));
});

test('scores that are NaN and lengths that differ are errors', () => {
  throwsError(() => areaUnderROC(Float64Array.of(1, NaN), [1, 0]), 'ERR_GYRE_DATA', /row 1/);
  throwsError(() => areaUnderROC(Float64Array.of(1), [1, 0]), 'ERR_GYRE_DIMENSION', /got 2/);
  throwsError(() => logLoss(Float64Array.of(1), []), 'ERR_GYRE_DIMENSION', /got 0/);
});

test('log-loss of the base rate is that of a constant prediction', () => {
  const labels = [1, 0, 0, 0];
  const constant = new Float64Array(4).fill(0.25);
  assert.ok(Math.abs(baseRateLogLoss(1, 4) - logLoss(constant, labels)) < 1e-15);
  assert.is(baseRateLogLoss(0, 4), 0);
});

test('log-loss keeps tiny probabilities', () => {
  const tiny = 1e-300;
  assert.is(logLoss(Float64Array.of(tiny), [1]), -Math.log(tiny));
  assert.ok(Math.abs(logLoss(Float64Array.of(tiny), [0]) - tiny) < 1e-310);
  assert.is(logLoss(Float64Array.of(0), [1]), Infinity);
});

test.run();
