import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Column,
  LinearRegression,
  LinearRegressionModel,
  type LinearRegressionParams,
  Table,
  Vectors,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { assertClose } from '../conformance/tables.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';

const it = (sentence: string, body: () => void | Promise<void>) => test(sentence, readable(body));
const folder = mkdtempSync(join(tmpdir(), 'gyre-regression-'));
test.after(() => rmSync(folder, { recursive: true }));

const DIM = 4;
const TRUE = [1.5, -2, 0, 0.25];
const ROWS = 150;

/** Rows of y = x·TRUE + 3 + noise, features in units that differ by orders of magnitude. */
function tableOf(noise: number, at: readonly number[] = [...new Array(ROWS).keys()]): Table {
  const random = seeded(17);
  const units = [1, 100, 0.01, 10];
  const x = random.f64(ROWS * DIM).map((value, e) => (value + (e % 3)) * units[e % DIM]!);
  const y = Array.from(random.f64(ROWS), (e, i) =>
    TRUE.reduce((sum, w, t) => sum + w * x[i * DIM + t]!, 3 + noise * e),
  );
  return Table.fromColumns({
    features: Column.dense(
      Float64Array.from(at.flatMap((i) => [...x.subarray(i * DIM, (i + 1) * DIM)])),
      DIM,
    ),
    label: Float64Array.from(at, (i) => y[i]!),
    weight: Float64Array.from(at, (i) => 1 + (i % 3)),
  });
}

const EXACT = { solver: 'lbfgs', maxIter: 1000, tol: 1e-15, fitIntercept: true } as const;

async function fit(table: Table, options: Partial<LinearRegressionParams> = {}): Promise<number[]> {
  const { modelData } = await new LinearRegression({ ...EXACT, ...options }).fit(table);
  return [...modelData.coefficient.values, modelData.intercept ?? 0];
}

it('without noise the weights are found, whatever the units', async () => {
  assertClose(await fit(tableOf(0)), [...TRUE, 3], 1e-4, 'weights');
});

it('the order of rows changes nothing but rounding, and a weight of 2 is the row twice', async () => {
  const options = { weightCol: 'weight', reg: 0.01, elasticNet: 0.3 };
  const rows = [...new Array(ROWS).keys()];
  const plain = await fit(tableOf(1), options);
  const order = rows.map((i) => (i * 77) % ROWS);
  assertClose(await fit(tableOf(1, order), options), plain, 1e-5, 'in another order');
  const twice = rows.flatMap((i) => new Array<number>(1 + (i % 3)).fill(i));
  assertClose(await fit(tableOf(1, twice), { ...options, weightCol: null }), plain, 1e-5, 'twice');
});

it('a large |w|₁ leaves no weight but the intercept, which is the mean', async () => {
  const table = tableOf(1);
  const weights = await fit(table, { reg: 1e6, elasticNet: 1 });
  const labels = table.column('label', 'float64').values;
  const mean = labels.reduce((a, b) => a + b) / ROWS;
  assert.equal(weights.slice(0, DIM), [0, 0, 0, 0]);
  assertClose([weights[DIM]!], [mean], 1e-6 * Math.abs(mean), 'intercept');
});

it('columns may have any names, and one column two uses', async () => {
  const table = tableOf(1);
  const renamed = Table.fromColumns({
    label: table.column('features'),
    weight: table.column('label', 'float64').values.map(Math.abs),
  });
  const options = { featuresCol: 'label', labelCol: 'weight', weightCol: 'weight', ...EXACT };
  const model = await new LinearRegression(options).fit(renamed);
  assert.is(model.params.featuresCol, 'label');
  assert.is(model.modelData.coefficient.size, DIM);
});

it('labels of every type of number give the same model', async () => {
  const table = tableOf(0).withColumn(
    'label',
    Int32Array.from({ length: ROWS }, (_, i) => i % 7),
  );
  const expected = await fit(table, { solver: 'sgd', learningRate: 1e-6 });
  for (const label of [
    Float64Array.from({ length: ROWS }, (_, i) => i % 7),
    Float32Array.from({ length: ROWS }, (_, i) => i % 7),
    BigInt64Array.from({ length: ROWS }, (_, i) => BigInt(i % 7)),
  ]) {
    const other = table.withColumn('label', Column.numeric(label as Float64Array));
    assert.equal(await fit(other, { solver: 'sgd', learningRate: 1e-6 }), expected);
  }
});

it('null in labels and weights is refused, naming its row', async () => {
  for (const name of ['label', 'weight']) {
    const values = [1, null, 2];
    const table = tableOf(0, [0, 1, 2]).withColumn(name, values, 'float64');
    const fit = new LinearRegression({ weightCol: 'weight' }).fit(table);
    const message = new RegExp(`"${name}" must not have null, got null in row 1`);
    await rejectsError(fit, 'ERR_GYRE_DATA', message);
  }
});

it('NaN in the features gives NaN, in that row alone', async () => {
  const model = new LinearRegressionModel().setModelData({ coefficient: Vectors.dense(1, 2) });
  const features = Column.dense(Float64Array.of(1, 1, Number.NaN, 0, 2, 2), 2);
  const output = await model.transform(Table.fromColumns({ features }));
  assert.equal(output.column('prediction').toArray(), [3, Number.NaN, 6]);
});

it('an intercept is saved where there is one', async () => {
  for (const [name, data] of [
    ['with', { coefficient: Vectors.dense(1, 2), intercept: -0.5 }],
    ['without', { coefficient: Vectors.dense(1, 2) }],
  ] as const) {
    const model = new LinearRegressionModel().setModelData(data);
    await model.save(join(folder, name));
    const loaded = await LinearRegressionModel.load(join(folder, name));
    assert.equal(loaded.modelData, data);
    assert.equal(Object.keys(loaded.modelData), Object.keys(data));
  }
});

it('data of another stage are refused when a model is loaded', () => {
  const load = (data: Table) => () => LinearRegressionModel.fromSaved({}, data);
  const message =
    /^LinearRegressionModel\.load: the data must be one row of coefficient, intercept, where intercept may be missing\.$/;
  for (const data of [{ coefficient: [1] }, { mean: [Vectors.dense(1)] }]) {
    throwsError(load(Table.fromColumns(data)), 'ERR_GYRE_FORMAT', message);
  }
});

test.run();
