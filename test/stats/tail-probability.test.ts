import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { deviance, stirlingError } from '../../src/stats/stirling.js';
import { chiSquareTail, fTail } from '../../src/stats/tail-probability.js';

function assertClose(got: number, expected: number, tolerance: number, what: string): void {
  const error = Math.abs(got - expected) / Math.abs(expected);
  assert.ok(error <= tolerance, `${what}: got ${got}, expected ${expected}, off by ${error}`);
}

test('with 2 degrees of freedom a chi-square tail is e^(-x / 2), down to the smallest numbers', () => {
  for (let x = 0.001; x < 1400; x *= 1.37) {
    assertClose(chiSquareTail(x, 2), Math.exp(-x / 2), 1e-13, `x = ${x}`);
  }
});

test('with 2k degrees of freedom a chi-square tail is a sum of Poisson probabilities', () => {
  for (const k of [2, 5, 40, 300]) {
    for (const share of [0.5, 0.9, 1, 1.1, 2]) {
      const mean = k * share;
      let [term, sum] = [Math.exp(-mean), Math.exp(-mean)];
      for (let i = 1; i < k; i++) {
        term *= mean / i;
        sum += term;
      }
      assertClose(chiSquareTail(2 * mean, 2 * k), sum, 1e-12, `k = ${k}, mean = ${mean}`);
    }
  }
});

test('with 2 degrees of freedom above, or 2 below, an F tail is a power', () => {
  for (const d of [1, 2, 3, 10, 1000, 1e6]) {
    for (let x = 0.001; x < 1e4; x *= 3.1) {
      const above = Math.exp((-d / 2) * Math.log1p((2 * x) / d));
      if (above > 1e-290) assertClose(fTail(x, 2, d), above, 1e-10, `F(2, ${d}), x = ${x}`);
      // The complement of the other tail, where that leaves digits.
      const below = 1 - Math.exp((-d / 2) * Math.log1p(2 / (d * x)));
      if (below > 1e-3) assertClose(fTail(x, d, 2), below, 1e-12, `F(${d}, 2), x = ${x}`);
    }
  }
});

test('an F tail and that of its reciprocal add up to 1', () => {
  for (const [d1, d2] of [
    [1, 1],
    [3, 7],
    [0.5, 200],
    [1e5, 1e5],
  ] as const) {
    for (const x of [0.01, 0.7, 0.99, 1, 1.01, 1.5, 100]) {
      assertClose(fTail(x, d1, d2) + fTail(1 / x, d2, d1), 1, 1e-12, `F(${d1}, ${d2}), x = ${x}`);
    }
  }
});

test('tails never grow with x, at small and at large degrees of freedom', () => {
  for (const dof of [0.5, 1, 7, 60, 5000, 1e6]) {
    let [chi, f] = [1, 1];
    for (let step = 0; step <= 200; step++) {
      const share = 0.8 + step / 500;
      // A last bit of noise is allowed.
      const [nextChi, nextF] = [chiSquareTail(dof * share, dof), fTail(share, dof, 2 * dof)];
      assert.ok(nextChi <= chi * (1 + 1e-13), `chi-square, ${dof}, ${share}`);
      assert.ok(nextF <= f * (1 + 1e-13), `F, ${dof}, ${share}`);
      [chi, f] = [nextChi, nextF];
    }
  }
});

test('ends and what is no number', () => {
  for (const tail of [(x: number) => chiSquareTail(x, 3), (x: number) => fTail(x, 3, 4)]) {
    assert.is(tail(0), 1);
    assert.is(tail(-1), 1);
    assert.is(tail(Number.POSITIVE_INFINITY), 0);
    assert.ok(Number.isNaN(tail(Number.NaN)));
  }
  assert.is(fTail(1e308, 1e10, 1), 0);
});

test('the error of Stirling is that of 40 digits', () => {
  const expected = [
    [0.5, 0.15342640972002736],
    [1, 0.08106146679532726],
    [2, 0.0413406959554093],
    [10, 0.00833056343336287],
    [15.5, 0.005375599032926835],
    [16, 0.0052076559196096404],
    [20, 0.004166319691996922],
    [60, 0.0013888760298270133],
  ] as const;
  for (const [n, error] of expected) {
    assert.ok(Math.abs(stirlingError(n) - error) < 2e-14, `n = ${n}: ${stirlingError(n)}`);
  }
});

test('a deviance is the same by its series and by its formula where they meet', () => {
  for (const x of [1, 30, 1e6]) {
    const mean = x * 1.2;
    assertClose(deviance(x, mean), x * Math.log(x / mean) + mean - x, 1e-12, `x = ${x}`);
    assert.is(deviance(x, x), 0);
    // To the third order, where the formula has no digits left.
    const close = x * (1 + 1e-7);
    assertClose(deviance(close, x), (x * 1e-14) / 2, 1e-6, `close to ${x}`);
  }
});

test.run();
