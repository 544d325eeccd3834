import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ChiSqTest, Table, Vectors } from '../../src/index.js';
import { seeded } from '../reference/random.js';
import { assertResultsClose, bothForms, testFeatures } from './feature-tests.js';

const flat = new ChiSqTest({ flatten: true });

test('tiny p-values are not rounded to 0: 200 rows of two categories that are the label', async () => {
  const features = Array.from({ length: 200 }, (_, i) => [i % 2]);
  const [row] = await testFeatures(flat, features, features.flat());
  assert.is(row!.statistic, 200);
  // Q(1/2, 100) by SciPy: 2.0884875837625e-45.
  assert.ok(Math.abs(row!.pValue / 2.0884875837625446e-45 - 1) < 1e-11);
});

test('tables that say the same have the same p, in whatever order their categories are', async () => {
  const random = seeded(3);
  const a = Array.from({ length: 500 }, () => random.below(7));
  const label = a.map((value) => (random.unit() < 0.5 ? value % 3 : random.below(3)));
  const renamed = [5, 3, 6, 0, 1, 4, 2];
  const features = a.map((value) => [value, renamed[value]! * 1.5 - 2, -value]);
  const [first, ...others] = await testFeatures(flat, features, label);
  for (const other of others) {
    assert.is(other.pValue, first!.pValue);
    assert.is(other.statistic, first!.statistic);
  }
});

test('NaN is a category, 0 and -0 are one, and so it is with labels', async () => {
  const [plain] = await testFeatures(flat, [[2], [0], [0], [2], [0]], [1, 0, 0, 1, 1]);
  const odd = await testFeatures(flat, [[NaN], [0], [-0], [NaN], [0]], [NaN, -0, 0, NaN, NaN]);
  assert.is(odd[0]!.statistic, plain!.statistic);
  assert.is(odd[0]!.degreeOfFreedom, 1);
});

test('categories may be any numbers: large, negative, fractions, infinite', async () => {
  const names = [1e300, -4, 0.5, Infinity, 1023, 1024, 2 ** 40];
  const codes = Array.from({ length: 70 }, (_, i) => i % 7);
  const label = codes.map((code, i) => (code + (i % 3)) % 2);
  const features = codes.map((code) => [names[code]!, code]);
  const [odd, plain] = await testFeatures(flat, features, label);
  assert.is(odd!.statistic, plain!.statistic);
  assert.is(odd!.degreeOfFreedom, 6);
});

test('one label or one category has no degree of freedom: p is 1', async () => {
  const [row] = await testFeatures(flat, [[1], [2], [3]], [4, 4, 4]);
  assert.equal([row!.pValue, row!.degreeOfFreedom, row!.statistic], [1, 0, 0]);
});

test('sparse vectors give what dense ones do, to the bit, in one shard and in many', async () => {
  for (const rows of [50, 20_000]) {
    const random = seeded(rows);
    const { dense, sparse } = bothForms(rows, 5, random);
    const label = Int32Array.from({ length: rows }, () => random.below(3));
    const [a, b] = [
      await flat.transform(Table.fromColumns({ features: dense, label })),
      await flat.transform(Table.fromColumns({ features: sparse, label })),
    ];
    assertResultsClose(b, a, 0);
  }
});

test('a sparse feature that is never stored is a constant', async () => {
  const features = [0, 1, 0, 1].map((value) => Vectors.sparse(3, [1], [value]));
  const rows = (
    await flat.transform(Table.fromColumns({ features, label: [0, 1, 0, 1] }))
  ).toRows();
  assert.equal(
    rows.map(({ pValue, degreeOfFreedom }) => [pValue === 1, degreeOfFreedom]),
    [
      [true, 0],
      [false, 1],
      [true, 0],
    ],
  );
});

test('one row has the columns of Flink ML, with int32 degrees', async () => {
  const table = Table.fromColumns({ features: [[1], [2]], label: [0, 1] }, { features: 'vector' });
  const { schema } = await new ChiSqTest().transform(table);
  assert.equal(Object.entries(schema), [
    ['pValues', 'vector'],
    ['degreesOfFreedom', 'int32[]'],
    ['statistics', 'vector'],
  ]);
});

test.run();
