import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ANOVATest, Session, Table } from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { seeded } from '../reference/random.js';
import { rejectsError } from '../table/expect-error.js';
import { assertResultsClose, bothForms, testFeatures } from './feature-tests.js';

const flat = new ANOVATest({ flatten: true });

test('a feature that tells the classes apart has an infinite F and p = 0', async () => {
  const [row] = await testFeatures(flat, [[0.1], [0.1], [0.3], [0.3]], [0, 0, 1, 1]);
  assert.is(row!.fValue, Infinity);
  assert.is(row!.pValue, 0);
});

test('a constant has no F, wherever it lies and over however many shards', async () => {
  for (const [rows, constant] of [
    [6, 0.1],
    [20_000, 1e15 / 3],
  ] as const) {
    const features = Array.from({ length: rows }, (_, i) => [constant, i % 5]);
    const label = features.map((_, i) => i % 3);
    const [row] = await testFeatures(flat, features, label);
    assert.ok(Number.isNaN(row!.fValue) && Number.isNaN(row!.pValue), `${rows} rows`);
  }
});

test('NaN, infinities and squares that overflow make F and p NaN, in their feature alone', async () => {
  for (const value of [NaN, Infinity, -Infinity, 1e200]) {
    for (const at of [0, 1]) {
      const features = [
        [1, 1],
        [2, 5],
        [3, 2],
        [4, 4],
      ];
      features[at]![0] = value;
      const [broken, good] = await testFeatures(flat, features, [0, 0, 1, 1]);
      assert.ok(Number.isNaN(broken!.fValue) && Number.isNaN(broken!.pValue), String(value));
      assert.ok(good!.pValue > 0.9);
    }
  }
});

test('a mean far from zero does not change F, where sums of squares would cancel', async () => {
  const near = [[1], [2], [4], [7], [5], [9]];
  const label = [0, 0, 0, 1, 1, 1];
  const [expected] = await testFeatures(flat, near, label);
  const far = near.map(([x]) => [x! + 2 ** 40]);
  const [row] = await testFeatures(flat, far, label);
  assert.is(row!.fValue, expected!.fValue);
});

test('p-values below 1e-16 keep their order, where 1 - cdf is 0 for all', async () => {
  const random = seeded(5);
  const label = Array.from({ length: 60 }, (_, i) => i % 2);
  const features = label.map((y) => [y * 4 + random.unit(), y * 5 + random.unit()]);
  const [weaker, stronger] = await testFeatures(flat, features, label);
  assert.ok(stronger!.fValue > weaker!.fValue);
  assert.ok(1e-30 > weaker!.pValue && weaker!.pValue > stronger!.pValue && stronger!.pValue > 0);
});

test('classes may be any numbers, NaN is one, and 0 and -0 are the same', async () => {
  const features = [[1], [2], [3], [5], [8], [13], [21]];
  const plain = await testFeatures(flat, features, [0, 0, 1, 1, 2, 2, 2]);
  const odd = await testFeatures(flat, features, [0, -0, -7.5, -7.5, NaN, NaN, NaN]);
  assert.ok(Math.abs(odd[0]!.fValue / plain[0]!.fValue - 1) < 1e-14);
  assert.is(odd[0]!.degreeOfFreedom, 6);
});

test('sparse vectors give what dense ones do, to 1e-9, in one shard and in many', async () => {
  for (const rows of [50, 20_000]) {
    const random = seeded(rows);
    const { dense, sparse } = bothForms(rows, 5, random);
    const label = Int32Array.from({ length: rows }, () => random.below(3));
    const [a, b] = [
      await flat.transform(Table.fromColumns({ features: dense, label })),
      await flat.transform(Table.fromColumns({ features: sparse, label })),
    ];
    assertResultsClose(b, a, 1e-9);
  }
});

test(
  'a class that is in one shard alone is counted once',
  readable(async () => {
    const rows = 20_000;
    const features = Array.from({ length: rows }, (_, i) => [i % 7]);
    const label = features.map((_, i) => (i < 10 ? 9 : i > rows - 10 ? 8 : 1));
    const table = Table.fromColumns({ features, label }, { features: 'vector' });
    const session = new Session({ threads: 1, inlineWork: 0 });
    const [row] = (await flat.transform(table, { session })).toRows();
    await session.close();
    assert.is(row!.degreeOfFreedom, rows - 1);
    // By hand, over all rows at once.
    const mean = (values: readonly number[]) => values.reduce((s, x) => s + x, 0) / values.length;
    const all = features.map(([x]) => x!);
    const groups = [9, 8, 1].map((c) => all.filter((_, i) => label[i] === c));
    const between = groups.reduce((s, g) => s + g.length * (mean(g) - mean(all)) ** 2, 0);
    const within = groups.reduce((s, g) => s + g.reduce((t, x) => t + (x - mean(g)) ** 2, 0), 0);
    const f = between / 2 / (within / (rows - 3));
    assert.ok(Math.abs((row!.fValue as number) / f - 1) < 1e-9);
  }),
);

test('one class, and no more rows than classes, are refused', async () => {
  const message = /^ANOVATest\.transform: column "label" must have at least two classes, got 1\.$/;
  await rejectsError(testFeatures(flat, [[1], [2]], [3, 3]), 'ERR_GYRE_DATA', message);
  const rows = /there must be more rows than classes, got 2 rows of 2 classes/;
  await rejectsError(testFeatures(flat, [[1], [2]], [3, 4]), 'ERR_GYRE_DATA', rows);
});

test.run();
