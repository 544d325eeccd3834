import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../../src/core/random.js';
import {
  SamplePartition,
  SampleResult,
  sampleSettings,
} from '../../../src/engine/operators/sample.js';
import { assertSame, range, throws } from '../support.js';
import { type DriveOptions, dealt, driveHalves } from './drive.js';

/** The sample, where the partitions' parts arrive in an order of `order`. */
function sample(
  partitions: readonly (readonly unknown[])[],
  n: number,
  seed: number,
  order = 0,
  options: DriveOptions = {},
): unknown[] {
  const settings = sampleSettings(n, seed);
  return driveHalves(
    () => new SamplePartition(settings),
    () => new SampleResult(settings),
    partitions,
    new JavaRandom(order),
    options,
  );
}

const NO_CUTS: DriveOptions = { cutAt: () => false };

for (const [last, count] of [
  [0, 1],
  [5, 6],
  [9, 10],
  [10, 10],
  [11, 10],
  [20, 10],
  [30, 10],
  [40, 10],
  [200, 10],
] as const) {
  test(`a sample of 10 of 0..${last} has ${count}, all from there and none twice`, () => {
    const sampled = sample(dealt(range(last + 1), 4), 10, 0) as number[];
    assert.is(sampled.length, count);
    assert.is(new Set(sampled).size, count);
    assert.ok(sampled.every((value) => Number.isInteger(value) && value >= 0 && value <= last));
  });
}

test('the sample of a stream that is dealt out by turns does not depend on how many get it', () => {
  for (let seed = 0; seed < 10; seed++) {
    const once = sample(dealt(range(50), 1), 7, seed, 0, NO_CUTS);
    for (const p of [2, 3, 4, 5, 8, 60]) {
      assertSame(sample(dealt(range(50), p), 7, seed, p, NO_CUTS), once, `seed ${seed}, ${p}`);
    }
  }
});

test('the sample does not depend on which subtask is first, and is in order of the input', () => {
  const partitions = dealt(range(40), 3, new JavaRandom(5));
  const first = sample(partitions, 8, 3);
  for (let order = 1; order < 20; order++) assertSame(sample(partitions, 8, 3, order), first);
  const ordered = sample(dealt(range(100), 4), 20, 1) as number[];
  assertSame(
    ordered,
    ordered.toSorted((a, b) => a - b),
  );
});

test('another seed gives another sample, also where only the high bits differ', () => {
  const samples = [0, 1, 2, -1, 2 ** 32, 2 ** 33, -(2 ** 32), 2 ** 53 - 1].map((seed) =>
    JSON.stringify(sample([range(200)], 10, seed, 0, NO_CUTS)),
  );
  assert.is(new Set(samples).size, samples.length);
});

test('a larger sample has the smaller one and more', () => {
  for (let seed = 0; seed < 5; seed++) {
    let smaller: unknown[] = [];
    for (const n of range(120).map((i) => i + 1)) {
      const larger = sample(dealt(range(120), 3), n, seed, n, NO_CUTS);
      assert.is(larger.length, n);
      assert.ok(
        smaller.every((value) => larger.includes(value)),
        `seed ${seed}, ${n}`,
      );
      smaller = larger;
    }
  }
});

test('a seed gives the same sample in every version', () => {
  assertSame(sample([range(100)], 8, 0), [36, 38, 45, 62, 79, 89, 91, 96]);
  assertSame(sample([range(100)], 8, -7), [2, 26, 48, 55, 71, 74, 90, 94]);
});

test('records that are equal count each by itself', () => {
  assertSame(sample([['a', 'a'], ['a']], 5, 0), ['a', 'a', 'a']);
});

/** Chi-square of counts that should all be `expected`. */
const chiSquare = (counts: Iterable<number>, expected: number): number => {
  let sum = 0;
  for (const count of counts) sum += (count - expected) ** 2 / expected;
  return sum;
};

// Uneven partitions: where a two-stage reservoir that does not weigh them would be biased.
const UNEVEN = [range(2), [], range(13).map((i) => i + 2), range(5).map((i) => i + 15)];
const N = 20;
const K = 6;
const SEEDS = 6000;

test('each record, and each pair of records, is as likely as any other', () => {
  const single = new Float64Array(N);
  const pairs = new Map<string, number>();
  for (let seed = 0; seed < SEEDS; seed++) {
    const sampled = sample(UNEVEN, K, seed, 0, NO_CUTS) as number[];
    assert.is(sampled.length, K);
    const ordered = sampled.toSorted((a, b) => a - b);
    for (const [i, a] of ordered.entries()) {
      single[a]!++;
      for (const b of ordered.slice(i + 1))
        pairs.set(`${a},${b}`, (pairs.get(`${a},${b}`) ?? 0) + 1);
    }
  }
  // Counts of a sample without replacement vary less than a multinomial's: by (N - K) / (N - 1).
  const shrink = (N - K) / (N - 1);
  const ofOne = chiSquare(single, (SEEDS * K) / N) / shrink;
  // 19 degrees of freedom: mean 19, standard deviation 6.2.
  assert.ok(ofOne > 4 && ofOne < 45, `chi-square of records: ${ofOne}`);
  assert.is(pairs.size, (N * (N - 1)) / 2);
  const ofPairs = chiSquare(pairs.values(), (SEEDS * K * (K - 1)) / (N * (N - 1)));
  // About 189 degrees of freedom; counts of pairs are negatively correlated too.
  assert.ok(ofPairs > 90 && ofPairs < 270, `chi-square of pairs: ${ofPairs}`);
});

test('how many are taken of a partition varies as it should', () => {
  // The number of the 13 records of the third subtask in the sample is hypergeometric.
  let [sum, squares] = [0, 0];
  for (let seed = 0; seed < SEEDS; seed++) {
    const sampled = sample(UNEVEN, K, seed, 0, NO_CUTS) as number[];
    const taken = sampled.filter((value) => value >= 2 && value < 15).length;
    sum += taken;
    squares += taken * taken;
  }
  const mean = sum / SEEDS;
  const variance = squares / SEEDS - mean * mean;
  const [p, q] = [13 / N, 7 / N];
  const expected = (K * p * q * (N - K)) / (N - 1);
  // Five standard errors.
  assert.ok(Math.abs(mean - K * p) < 5 * Math.sqrt(expected / SEEDS), `mean ${mean}`);
  assert.ok(Math.abs(variance - expected) < 5 * expected * Math.sqrt(2 / SEEDS), `var ${variance}`);
});

test('a subtask keeps no more than twice the sample, of however many records', () => {
  const operator = new SamplePartition(sampleSettings(10, 4));
  operator.open({ subtask: 0, parallelism: 1 } as never);
  let most = 0;
  for (let i = 0; i < 5000; i++) {
    operator.process(i, null as never);
    const { own } = operator.snapshot() as { own: { kept: unknown[] } };
    most = Math.max(most, own.kept.length);
  }
  assert.ok(most >= 10 && most < 20, `kept ${most}`);
});

test('sizes and seeds that cannot be are refused', () => {
  const code = 'ERR_GYRE_INVALID_PARAM';
  throws(() => sampleSettings(0), code, /^sample.n must be an integer >= 1, got 0\.$/);
  throws(() => sampleSettings(2.5), code, /^sample.n must be/);
  throws(() => sampleSettings(2, 0.5), code, /^sample.seed must be an integer, got 0.5\.$/);
});

test.run();
