import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom, reservoirSample } from '../../src/core/random.js';

/** java.util.Random as its documentation gives it, on 64-bit integers. */
class BigRandom {
  #seed: bigint;

  constructor(seed: bigint) {
    this.#seed = (seed ^ 0x5deece66dn) & ((1n << 48n) - 1n);
  }

  next(bits: number): number {
    this.#seed = (this.#seed * 0x5deece66dn + 0xbn) & ((1n << 48n) - 1n);
    return Number(BigInt.asIntN(32, this.#seed >> BigInt(48 - bits)));
  }

  nextInt(bound: number): number {
    if ((bound & -bound) === bound) {
      return Number(BigInt.asIntN(32, (BigInt(bound) * BigInt(this.next(31))) >> 31n));
    }
    for (;;) {
      const bits = this.next(31);
      const value = bits % bound;
      if (((bits - value + (bound - 1)) | 0) >= 0) return value;
    }
  }
}

const times = <T>(n: number, call: () => T): T[] => Array.from({ length: n }, call);

// Values of java.util.Random as its specification gives them.
test('nextDouble of seed 0 is that of java.util.Random', () => {
  const random = new JavaRandom(0);
  assert.equal(
    times(4, () => random.nextDouble()),
    [0.730967787376657, 0.24053641567148587, 0.6374174253501083, 0.5504370051176339],
  );
});

test('nextInt of seed 1 is that of java.util.Random', () => {
  const random = new JavaRandom(1);
  assert.equal(
    [3, 4, 5, 6].map((bound) => random.nextInt(bound)),
    [0, 0, 2, 3],
  );
  const tens = new JavaRandom(1);
  assert.equal(
    times(5, () => tens.nextInt(10)),
    [5, 8, 7, 3, 4],
  );
});

test('bits are those of 64-bit arithmetic, for any seed and any number of bits', () => {
  const seeds = fc.oneof(
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  );
  const property = fc.property(seeds, fc.integer({ min: 1, max: 32 }), (seed, bits) => {
    const [random, expected] = [new JavaRandom(seed), new BigRandom(BigInt(seed))];
    assert.equal(
      times(20, () => random.next(bits)),
      times(20, () => expected.next(bits)),
    );
  });
  fc.assert(property, { seed: 1, numRuns: 300 });
});

test('nextInt is that of 32-bit arithmetic, also for bounds that reject many draws', () => {
  const bounds = fc.oneof(
    fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    fc.integer({ min: 2 ** 30, max: 2 ** 30 + 5 }),
    fc.constantFrom(1, 2, 2 ** 30, 2 ** 31 - 1),
  );
  const property = fc.property(fc.maxSafeInteger(), bounds, (seed, bound) => {
    const [random, expected] = [new JavaRandom(seed), new BigRandom(BigInt(seed))];
    assert.equal(
      times(20, () => random.nextInt(bound)),
      times(20, () => expected.nextInt(bound)),
    );
  });
  fc.assert(property, { seed: 2, numRuns: 300 });
});

// The rows that DataStreamUtils.sample of Flink ML takes of 6 rows, replayed with java.util.Random.
test('a sample of 2 of 6 rows is that of Flink ML for the same seed', () => {
  for (const [seed, rows] of [
    [0, [2, 1]],
    [1, [3, 1]],
    [100, [5, 2]],
    [-235125357, [3, 2]],
  ] as const) {
    assert.equal([...reservoirSample(6, 2, seed)], rows, `seed ${seed}`);
  }
});

test('a sample has no index twice, and is all indices where there are no more', () => {
  const property = fc.property(fc.nat(60), fc.nat(70), fc.maxSafeInteger(), (n, k, seed) => {
    const sample = [...reservoirSample(n, k, seed)];
    assert.is(sample.length, Math.min(n, k));
    assert.is(new Set(sample).size, sample.length);
    assert.ok(sample.every((index) => index >= 0 && index < n));
    if (k >= n) assert.equal(sample, [...Array(n).keys()]);
  });
  fc.assert(property, { seed: 3, numRuns: 300 });
});

test('every index is sampled about equally often', () => {
  const counts = new Array<number>(20).fill(0);
  const runs = 4000;
  for (let seed = 0; seed < runs; seed++) {
    for (const index of reservoirSample(20, 5, seed * 7919)) counts[index]!++;
  }
  // Each count is binomial with mean 1000 and deviation 27.4: five of them, either way.
  for (const count of counts) assert.ok(Math.abs(count - 1000) < 137, counts.join(' '));
});

test.run();
