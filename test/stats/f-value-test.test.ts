import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FValueTest, Table } from '../../src/index.js';
import { seeded } from '../reference/random.js';
import { rejectsError } from '../table/expect-error.js';
import { assertResultsClose, bothForms, testFeatures } from './feature-tests.js';

const flat = new FValueTest({ flatten: true });

test('a multiple of the label has an infinite F and p = 0, for any number of rows', async () => {
  for (const rows of [3, 4, 6, 100, 20_000]) {
    const label = Array.from({ length: rows }, (_, i) => i + 1);
    const [row] = await testFeatures(
      flat,
      label.map((y) => [y, -2 * y]),
      label,
    );
    assert.is(row!.fValue, Infinity, `${rows} rows`);
    assert.is(row!.pValue, 0);
  }
});

test('a line through the label has a tiny p, whatever its slope and offset', async () => {
  const random = seeded(9);
  for (let run = 0; run < 50; run++) {
    const [slope, offset] = [random.unit() * 10 + 0.1, random.unit() * 100];
    const label = Array.from({ length: 50 }, () => random.unit());
    const features = label.map((y) => [slope * y + offset]);
    const [row] = await testFeatures(flat, features, label);
    assert.ok(row!.pValue < 1e-200, `slope ${slope}, offset ${offset}: p ${row!.pValue}`);
  }
});

test('a constant feature, and any feature of a constant label, has no F', async () => {
  const features = Array.from({ length: 20_000 }, (_, i) => [0.1, i % 3]);
  const byFeature = await testFeatures(
    flat,
    features,
    features.map((_, i) => i % 5),
  );
  assert.ok(Number.isNaN(byFeature[0]!.fValue) && Number.isNaN(byFeature[0]!.pValue));
  assert.ok(byFeature[1]!.pValue > 0);
  const byLabel = await testFeatures(flat, features, new Array(20_000).fill(0.7));
  assert.ok(byLabel.every(({ fValue }) => Number.isNaN(fValue)));
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
      const [broken, good] = await testFeatures(flat, features, [1, 2, 3, 5]);
      assert.ok(Number.isNaN(broken!.fValue) && Number.isNaN(broken!.pValue), String(value));
      assert.ok(good!.pValue > 0.1);
    }
  }
  const rows = await testFeatures(flat, [[1], [2], [3], [4]], [1, 2, NaN, 5]);
  assert.ok(Number.isNaN(rows[0]!.pValue));
});

test('sparse vectors give what dense ones do, to 1e-9, in one shard and in many', async () => {
  for (const rows of [50, 20_000]) {
    const random = seeded(rows + 1);
    const { dense, sparse } = bothForms(rows, 5, random);
    const label = random.f64(rows);
    const [a, b] = [
      await flat.transform(Table.fromColumns({ features: dense, label })),
      await flat.transform(Table.fromColumns({ features: sparse, label })),
    ];
    assertResultsClose(b, a, 1e-9);
  }
});

test('both forms of the result have the columns of Flink ML, with int64 degrees', async () => {
  const table = Table.fromColumns(
    { test_features: [[1], [2], [4]], test_label: [0, 1, 1] },
    { test_features: 'vector' },
  );
  const params = { featuresCol: 'test_features', labelCol: 'test_label' };
  const { schema } = await new FValueTest(params).transform(table);
  assert.equal(Object.entries(schema), [
    ['pValues', 'vector'],
    ['degreesOfFreedom', 'int64[]'],
    ['fValues', 'vector'],
  ]);
  const flattened = await new FValueTest({ ...params, flatten: true }).transform(table);
  assert.equal(Object.entries(flattened.schema), [
    ['featureIndex', 'int32'],
    ['pValue', 'float64'],
    ['degreeOfFreedom', 'int64'],
    ['fValue', 'float64'],
  ]);
});

test('fewer than three rows are refused, naming how many there are', async () => {
  const message = /^FValueTest\.transform: the table must have at least 3 rows, got 2\.$/;
  await rejectsError(testFeatures(flat, [[1], [2]], [3, 4]), 'ERR_GYRE_DATA', message);
});

test.run();
