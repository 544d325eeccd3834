import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RegressionEvaluator, Table } from '../../src/index.js';
import { seeded } from '../reference/random.js';

const ALL = ['rmse', 'mse', 'r2', 'mae', 'var'] as const;

async function evaluate(
  columns: Parameters<typeof Table.fromColumns>[0],
  params: object = {},
): Promise<Record<string, number>> {
  const evaluator = new RegressionEvaluator({ metricsNames: ALL, ...params });
  return (await evaluator.transform(Table.fromColumns(columns))).row(0) as Record<string, number>;
}

test('right predictions have no error and an r2 of 1', async () => {
  const label = Float64Array.from({ length: 20_000 }, (_, i) => Math.sin(i));
  const { rmse, mae, r2 } = await evaluate({ label, prediction: label });
  assert.equal([rmse, mae, r2], [0, 0, 1]);
});

test('labels that do not differ leave r2 NaN when right, and -Infinity when not', async () => {
  const label = new Float64Array(20_000).fill(0.1);
  assert.ok(Number.isNaN((await evaluate({ label, prediction: label })).r2));
  const prediction = label.map((y, i) => y + (i % 2));
  assert.is((await evaluate({ label, prediction })).r2, -Infinity);
});

test('r2 through the origin compares with 0', async () => {
  const columns = { label: [1, 2, 3], prediction: [1, 2, 4] };
  assert.is((await evaluate(columns, { throughOrigin: true })).r2, 1 - 1 / 14);
  assert.is((await evaluate(columns)).r2, 1 - 1 / 2);
});

test('r2 and var keep their digits far from zero', async () => {
  const random = seeded(4);
  const label = random.f64(10_000);
  const prediction = label.map((y) => y + 0.1 * random.unit());
  const near = await evaluate({ label, prediction });
  const far = (values: Float64Array) => values.map((value) => value + 2 ** 30);
  const got = await evaluate({ label: far(label), prediction: far(prediction) });
  for (const name of ['r2', 'var'] as const) {
    assert.ok(Math.abs(got[name]! / near[name]! - 1) < 1e-6, name);
  }
});

test('rows of weight 0 are as if they were not there, and nothing but them gives NaN', async () => {
  const columns = { label: [9, 1, 2, 3], prediction: [0, 1, 2, 4] };
  const weighted = { weightCol: 'weight' };
  const got = await evaluate({ ...columns, weight: [0, 1, 1, 1] }, weighted);
  const { label, prediction } = columns;
  assert.equal(got, await evaluate({ label: label.slice(1), prediction: prediction.slice(1) }));
  const none = await evaluate({ ...columns, weight: [0, 0, 0, 0] }, weighted);
  assert.ok(Object.values(none).every(Number.isNaN));
});

test.run();
