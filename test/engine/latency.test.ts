import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../src/core/random.js';
import { LATENCY_BUCKETS, latencyBucket, latencyMetrics } from '../../src/engine/latency.js';

const test = suite('latency');

const SEED = 20;

function countsOf(durations: readonly number[]): Uint32Array {
  const counts = new Uint32Array(LATENCY_BUCKETS);
  for (const us of durations) counts[latencyBucket(us)]!++;
  return counts;
}

test('a duration lies in its bucket, whose ends are at most an eighth apart', () => {
  const random = new JavaRandom(SEED);
  for (let i = 0; i < 5000; i++) {
    // From a nanosecond to four minutes, in every octave alike.
    const us = 2 ** (random.nextDouble() * 37 - 10);
    const { buckets } = latencyMetrics(countsOf([us]), us);
    const { fromUs, toUs, count } = buckets[0]!;
    const message = `seed ${SEED}: ${us} in [${fromUs}, ${toUs})`;
    assert.is(count, 1, message);
    assert.ok(fromUs <= us && us < toUs, message);
    assert.ok(toUs - fromUs <= Math.max(fromUs / 8, 1 / 8), message);
  }
});

test('quantiles are those of the sorted durations, at most an eighth above', () => {
  const random = new JavaRandom(SEED);
  for (const n of [1, 2, 3, 10, 101, 1000]) {
    const sorted = Array.from({ length: n }, () => 2 ** (random.nextDouble() * 20));
    sorted.sort((a, b) => a - b);
    const { count, p50Us, p90Us, p99Us } = latencyMetrics(countsOf(sorted), sorted.at(-1)!);
    assert.is(count, n);
    for (const [q, told] of [
      [0.5, p50Us],
      [0.9, p90Us],
      [0.99, p99Us],
    ] as const) {
      const exact = sorted[Math.ceil(q * n) - 1]!;
      const message = `seed ${SEED}: ${q} of ${n}: ${told} for ${exact}`;
      assert.ok(told >= exact && told <= exact * (1 + 1 / 8) + 1e-9, message);
    }
  }
});

test('what is out of range counts in the first or last bucket', () => {
  assert.is(latencyBucket(0), 0);
  assert.is(latencyBucket(-1), 0);
  assert.is(latencyBucket(Number.POSITIVE_INFINITY), LATENCY_BUCKETS - 1);
  assert.is(latencyMetrics(countsOf([]), 0).p99Us, 0);
});

test.run();
