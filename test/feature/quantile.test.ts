import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { orderStatistics } from '../../src/feature/quantile.js';
import { keyOf, ofKey, PARTS, partBounds, partShift } from '../../src/feature/quantile-keys.js';
import { ranksOf } from '../../src/feature/quantile-training.js';
import { Column, Session, Table } from '../../src/index.js';
import { seeded } from '../reference/random.js';

/** Rows beyond what is gathered at once, so that ranges are counted in parts. */
const MANY = 70_000;
const { NEGATIVE_INFINITY, POSITIVE_INFINITY } = Number;

const sessions = [0, 2].map((threads) => new Session({ threads, inlineWork: 0 }));
test.after(async () => {
  await Promise.all(sessions.map((session) => session.close()));
});

function columnOf(values: ArrayLike<number>, dim = 1): Table {
  return Table.fromColumns({ x: Column.dense(Float64Array.from(values), dim) });
}

/** The elements by sorting all. */
function sorted(values: Iterable<number>): Float64Array {
  return Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort();
}

async function quantiles(values: ArrayLike<number>, probabilities: readonly number[]) {
  const rule = { kind: 'quantiles', probabilities } as const;
  const results = await Promise.all(
    sessions.map((session) => orderStatistics('test', columnOf(values), 1, rule, { session })),
  );
  assert.equal(results[0], results[1], 'on threads as without');
  return results[0]![0]!;
}

const SHAPES: Readonly<Record<string, (u: number, i: number) => number>> = {
  uniform: (u) => u,
  'far from 0': (u) => 1e15 + u,
  'over all magnitudes': (u, i) => (i % 2 === 0 ? -1 : 1) * 10 ** (u * 600 - 300),
  'whole numbers': (u) => Math.floor(u * 10) - 5,
  'nearly all equal': (u) => (u < 0.999 ? 7 : u),
  'one value': () => -0.1,
  ascending: (_, i) => i,
  'adjacent doubles': (u) => 1 + Math.floor(u * 3) * Number.EPSILON,
  'subnormal numbers': (u) => (Math.floor(u * 2000) - 1000) * 5e-324,
  'with infinities': (u) => (u < 0.3 ? NEGATIVE_INFINITY : u > 0.8 ? POSITIVE_INFINITY : u),
  'with NaN': (u) => (u < 0.3 ? Number.NaN : u),
};

for (const [name, shape] of Object.entries(SHAPES)) {
  test(`quantiles of many values are elements of the sorted values: ${name}`, async () => {
    const random = seeded(31);
    const values = Float64Array.from({ length: MANY }, (_, i) => shape(random.unit(), i));
    const probabilities = [0, 1e-5, 0.1, 0.25, 0.5, 0.5, 0.75, 0.999, 1];
    const all = sorted(values);
    const { count, values: got } = await quantiles(values, probabilities);
    assert.is(count, all.length);
    const expected = probabilities.map((p) => all[Math.max(0, Math.ceil(p * count) - 1)]! + 0);
    assert.equal([...got], expected);
  });
}

test('quantiles of any few values are elements of the sorted values', async () => {
  const value = fc.oneof(
    fc.double(),
    fc.constantFrom(0, -0, 1, Number.NaN, POSITIVE_INFINITY, NEGATIVE_INFINITY),
  );
  const property = fc.asyncProperty(
    fc.array(value, { minLength: 1, maxLength: 40 }),
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 }),
    async (values, probabilities) => {
      const all = sorted(values);
      const { count, values: got } = await quantiles(values, probabilities);
      assert.is(count, all.length);
      const ranks = probabilities.map((p) => Math.max(0, Math.ceil(p * count) - 1));
      assert.equal([...got], count === 0 ? [] : ranks.map((rank) => all[rank]! + 0));
    },
  );
  await fc.assert(property, { seed: 32, numRuns: 60 });
});

test('many ranks of many entries are found, of entries with different counts', async () => {
  const dim = 3;
  const random = seeded(33);
  const values = Float64Array.from({ length: MANY * dim }, (_, at) => {
    const u = random.unit();
    if (at % dim === 1 && u < 0.5) return Number.NaN;
    return at % dim === 2 ? Math.round(u * 50) : u;
  });
  const bins = 300;
  for (const session of sessions) {
    const table = columnOf(values, dim);
    const rule = { kind: 'bins', bins } as const;
    const entries = await orderStatistics('test', table, dim, rule, { session });
    entries.forEach(({ count, values: got }, t) => {
      const all = sorted(values.filter((_, at) => at % dim === t));
      assert.is(count, all.length);
      assert.equal(
        got,
        Float64Array.from(ranksOf(rule, count), (rank) => all[rank]!),
      );
    });
  }
});

test('sparse vectors have the order statistics of dense ones', async () => {
  const [rows, size] = [MANY, 3];
  const random = seeded(34);
  const offsets = new Int32Array(rows + 1);
  const indices: number[] = [];
  const stored: number[] = [];
  const values = new Float64Array(rows * size);
  for (let row = 0; row < rows; row++) {
    for (let t = 0; t < size; t++) {
      if (random.unit() < 0.7) continue;
      indices.push(t);
      stored.push(random.unit() - 0.6);
      values[row * size + t] = stored.at(-1)!;
    }
    offsets[row + 1] = indices.length;
  }
  const sparse = Column.sparse(size, offsets, Int32Array.from(indices), Float64Array.from(stored));
  const rule = { kind: 'quantiles', probabilities: [0.05, 0.5, 0.97] } as const;
  const [ofDense, ofSparse] = await Promise.all(
    [columnOf(values, size), Table.fromColumns({ x: sparse })].map((table) =>
      orderStatistics('test', table, size, rule, { session: sessions[1] }),
    ),
  );
  assert.equal(ofSparse, ofDense);
});

test('columns of numbers of any type leave out null, NaN and what is missing', async () => {
  const validity = Uint8Array.of(0b11101);
  const table = Table.fromColumns({
    double: Column.numeric(Float64Array.of(3, 1, Number.NaN, -9, 5), validity),
    float: Column.numeric(Float32Array.of(0.1, 0.2, 0.3, 0.4, -9), validity),
    int: Column.numeric(Int32Array.of(-9, 2, -9, -9, 7), validity),
    long: Column.numeric(BigInt64Array.of(-9n, 2n, 8n, 2n ** 40n, 7n), validity),
  });
  const rule = { kind: 'quantiles', probabilities: [0.5] } as const;
  const entries = await orderStatistics('test', table, 4, rule, {}, -9);
  assert.equal(
    entries.map(({ count, values }) => [count, ...values]),
    [
      [2, 3],
      [3, Math.fround(0.3)],
      [1, 7],
      [3, 8],
    ],
  );
});

test('keys are in the order of numbers, have them back, and -0 has the key of 0', () => {
  const numbers = [NEGATIVE_INFINITY, -1e308, -1, -5e-324, 0, 5e-324, 1, 1e308, POSITIVE_INFINITY];
  for (let i = 0; i < numbers.length; i++) {
    assert.is(ofKey(keyOf(numbers[i]!)), numbers[i]);
    if (i > 0) assert.ok(keyOf(numbers[i]!) > keyOf(numbers[i - 1]!));
  }
  assert.is(keyOf(-0), 0n);
});

test('parts of any range cover it without a gap, and there are at most as many as may be', () => {
  const bound = fc.double({ noNaN: true });
  const property = fc.property(bound, bound, (a, b) => {
    const [low, high] = a < b ? [a, b] : [b, a];
    const shift = BigInt(partShift(low, high));
    const last = Number((keyOf(high) - keyOf(low)) >> shift);
    assert.ok(last < PARTS);
    assert.is(keyOf(partBounds(low, high, 0)[0]), keyOf(low));
    assert.is(keyOf(partBounds(low, high, last)[1]), keyOf(high));
    if (last === 0) return;
    const [, end] = partBounds(low, high, last - 1);
    assert.is(keyOf(partBounds(low, high, last)[0]), keyOf(end) + 1n);
  });
  fc.assert(property, { seed: 35, numRuns: 300 });
});

test('ranks of quantiles are those of the smallest elements that cover them', () => {
  const quantile = (p: number, n: number) =>
    ranksOf({ kind: 'quantiles', probabilities: [p] }, n)[0];
  assert.equal(
    [0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1].map((p) => quantile(p, 100)),
    [0, 0, 9, 24, 49, 74, 89, 98, 99],
  );
  assert.is(quantile(0.5, 1), 0);
});

test('a table of vectors without entries has no order statistics', async () => {
  const table = Table.fromColumns({ x: [[], []] }, { x: 'vector' });
  assert.equal(await orderStatistics('test', table, 0, { kind: 'bins', bins: 2 }, {}), []);
});

test.run();
