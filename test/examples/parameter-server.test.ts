// @timeout 120
/**
 * examples/parameter-server: near the exact solution. In which order gradients arrive is open, so
 * the tests are of the loss, never of bits.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Batch,
  joinRanges,
  type RangeResult,
  type ServerParams,
  trainByServers,
} from '../../examples/parameter-server-loop.js';
import { meanSquaredError, readPenguins, solve } from '../../examples/penguins.js';
import { assertSame, closeSessions, sessionOf } from '../engine/support.js';

test.after(closeSessions);

const PENGUINS = await readPenguins();
const EXACT = solve(PENGUINS);
const PARAMS: ServerParams = { size: 6, ranges: 3, passes: 40, step: 0.1, halving: 200 };

function batches(count: number, lanes: number): Batch[] {
  return Array.from({ length: count }, (_, b) => {
    const isOurs = (_row: unknown, i: number) => i % count === b;
    return { lane: b % lanes, x: PENGUINS.x.filter(isOurs), y: PENGUINS.y.filter(isOurs) };
  });
}

async function train(threads: number, lanes: number, params = PARAMS): Promise<RangeResult[]> {
  const job = sessionOf(threads).job('servers');
  const results = await trainByServers(job, batches(30, lanes), params).output().toArray();
  return results.sort((a, b) => a.range - b.range);
}

test('the solution that the example compares with has no gradient', () => {
  const { x, y } = PENGUINS;
  const errors = x.map((row, i) => row.reduce((sum, v, j) => sum + v * EXACT[j]!, -y[i]!));
  for (let j = 0; j < EXACT.length; j++) {
    const gradient = x.reduce((sum, row, i) => sum + row[j]! * errors[i]!, 0) / x.length;
    assert.ok(Math.abs(gradient) < 1e-10, `weight ${j}: ${gradient}`);
  }
});

for (const threads of [0, 1, 2]) {
  test(`the loss comes within 2 % of the least on ${threads} workers`, async () => {
    const weights = joinRanges(await train(threads, 8));
    const [least, got] = [EXACT, weights].map((w) => meanSquaredError(PENGUINS, w));
    assert.ok(got! >= least!, `${got} is less than the least loss, ${least}`);
    assert.ok(got! < 1.02 * least!, `${got}, the least is ${least}`);
  });
}

test('every range learns from every gradient', async () => {
  const results = await train(3, 8, { ...PARAMS, passes: 4 });
  assertSame(
    results.map(({ range, gradients, weights }) => [range, gradients, weights.length]),
    [0, 1, 2].map((range) => [range, 30 * 4, 2]),
  );
});

test('gradients of one lane are never stale, those of several are', async () => {
  const few = { ...PARAMS, passes: 4 };
  for (const { staleness } of await train(2, 1, few)) assert.is(staleness, 0);
  for (const { staleness } of await train(2, 8, few)) assert.ok(staleness > 0, String(staleness));
});

test('weights are cut into ranges of any number', async () => {
  const results = await train(2, 3, { ...PARAMS, ranges: 4, passes: 2 });
  assertSame(
    results.map(({ weights }) => weights.length).reduce((a, b) => a + b),
    6,
  );
  assert.is(results.length, 4);
});

test.run();
