import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FEWEST, type Pair, ratioOf, takePairs } from '../../bench/peers/report/pairs.js';

/** Pairs whose ratios are 1, 2, ..., n, in no order. */
const pairsOf = (n: number): Pair[] =>
  Array.from({ length: n }, (_, i): Pair => [2, 2 * (1 + ((i * 7) % n))]);

test('pairs are taken A B, B A, so that drift meets both sides alike', async () => {
  const turns: string[] = [];
  const side = (name: string, seconds: number) => async () => {
    turns.push(name);
    return seconds;
  };
  const pairs = await takePairs(side('gyre', 1), side('other', 3), {
    wanted: 3,
    budgetSeconds: 60,
  });
  assert.is(turns.join(' '), 'gyre other other gyre gyre other');
  assert.equal(pairs, [
    [1, 3],
    [1, 3],
    [1, 3],
  ]);
});

test('when the time is over only the fewest pairs are taken', async () => {
  const options = { wanted: 10, budgetSeconds: 0 };
  const run = () => new Promise<number>((resolve) => setTimeout(() => resolve(1), 2));
  assert.is((await takePairs(run, run, options)).length, FEWEST);
});

test('a failure of either side ends the pairs', async () => {
  const options = { wanted: 2, budgetSeconds: 60 };
  const fails = async (): Promise<number> => {
    throw new Error('out of memory');
  };
  const failure = await takePairs(async () => 1, fails, options).catch((error: Error) => error);
  assert.is((failure as Error).message, 'out of memory');
});

test('of ten pairs the interval leaves out one at each end: 97.9 %', () => {
  const { pairs, ratio, low, high, confidence } = ratioOf(pairsOf(10));
  assert.equal([pairs, ratio, low, high], [10, 5.5, 2, 9]);
  // The tables of the sign test: 1 - 2 (1 + 10) / 2^10.
  assert.is(confidence, 1 - 22 / 1024);
});

test('of fifteen pairs the interval leaves out three at each end: 96.5 %', () => {
  const { low, high, confidence } = ratioOf(pairsOf(15));
  assert.equal([low, high], [4, 12]);
  assert.ok(Math.abs(confidence - (1 - (2 * (1 + 15 + 105 + 455)) / 2 ** 15)) < 1e-15);
});

test('with fewer than six pairs the interval is all of them, and less is said for it', () => {
  const { low, high, confidence } = ratioOf(pairsOf(5));
  assert.equal([low, high, confidence], [1, 5, 0.9375]);
  assert.is(ratioOf([[2, 3]]).confidence, 0);
});

test('ratios are of pairs, and seconds are medians of each side', () => {
  const { ratio, gyreSeconds, otherSeconds } = ratioOf([
    [1, 10],
    [2, 10],
    [10, 20],
  ]);
  assert.equal([ratio, gyreSeconds, otherSeconds], [5, 2, 10]);
});

test.run();
