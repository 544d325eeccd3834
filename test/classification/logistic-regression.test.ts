import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type ClassWeight,
  Column,
  type DenseVector,
  LogisticRegression,
  LogisticRegressionModel,
  type LogisticRegressionParams,
  loadServable,
  Table,
  Vectors,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { assertClose } from '../conformance/tables.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';

const it = (sentence: string, body: () => void | Promise<void>) => test(sentence, readable(body));
const folder = mkdtempSync(join(tmpdir(), 'gyre-logistic-'));
test.after(() => rmSync(folder, { recursive: true }));

const EXACT = { solver: 'lbfgs', maxIter: 500, tol: 1e-14, reg: 0.05, fitIntercept: true } as const;

interface Rows {
  readonly features: readonly (readonly number[])[];
  readonly label: readonly number[];
  readonly weight: readonly number[];
}

/** Rows of classes that overlap, named by `names`. */
function rowsOf(count: number, names: readonly number[], seed: number): Rows {
  const { f64, below } = seeded(seed);
  const classes = Array.from({ length: count }, () => below(names.length));
  const noise = f64(count * 3);
  return {
    features: classes.map((k, i) => [
      Math.cos(2 * k) + noise[3 * i]!,
      Math.sin(3 * k) + noise[3 * i + 1]!,
      noise[3 * i + 2]!,
    ]),
    label: classes.map((k) => names[k]!),
    weight: classes.map(() => 1 + below(3)),
  };
}

function tableOf({ features, label, weight }: Rows): Table {
  return Table.fromColumns({
    features: Column.dense(Float64Array.from(features.flat()), features[0]!.length),
    label: Float64Array.from(label),
    weight: Float64Array.from(weight),
  });
}

const take = (rows: Rows, at: readonly number[]): Rows => ({
  features: at.map((i) => rows.features[i]!),
  label: at.map((i) => rows.label[i]!),
  weight: at.map((i) => rows.weight[i]!),
});

type Options = Partial<LogisticRegressionParams>;

const fit = (rows: Rows, options: Options = {}) =>
  new LogisticRegression({ ...EXACT, ...options }).fit(tableOf(rows));

function assertSame(
  got: LogisticRegressionModel,
  wanted: LogisticRegressionModel,
  tolerance: number,
): void {
  const { coefficient } = wanted.modelData;
  assertClose(got.modelData.coefficient.values, coefficient.values, tolerance, 'coefficient');
  assertClose(got.intercepts.values, wanted.intercepts.values, tolerance, 'intercepts');
  assert.equal(got.labels, wanted.labels);
}

const FEW_CLASSES: readonly (readonly number[])[] = [
  [0, 1],
  [0, 1, 2],
];

for (const names of FEW_CLASSES) {
  const what = `${names.length} classes`;
  const rows = rowsOf(120, names, 7);

  it(`${what}: the order of rows changes nothing but rounding`, async () => {
    const order = rows.label.map((_, i) => (i * 77) % 120);
    assertSame(await fit(take(rows, order)), await fit(rows), 1e-6);
  });

  it(`${what}: a weight of 2 is the row twice`, async () => {
    const twice = rows.weight.flatMap((weight, i) => new Array<number>(weight).fill(i));
    assertSame(await fit(take(rows, twice)), await fit(rows, { weightCol: 'weight' }), 1e-6);
  });

  it(`${what}: weights times a number change nothing but rounding`, async () => {
    const scaled = { ...rows, weight: rows.weight.map((weight) => weight * 1000) };
    const weightCol = 'weight';
    assertSame(await fit(scaled, { weightCol }), await fit(rows, { weightCol }), 1e-6);
  });

  it(`${what}: weights of classes are weights of their rows`, async () => {
    const classWeight: ClassWeight = { 0: 0.5, 1: 3 };
    const weight = rows.weight.map((w, i) => w * (classWeight[rows.label[i]!] ?? 1));
    const weightCol = 'weight';
    assertSame(
      await fit(rows, { weightCol, classWeight }),
      await fit({ ...rows, weight }, { weightCol }),
      1e-12,
    );
  });

  it(`${what}: balanced classes weigh the same, whatever their rows weigh`, async () => {
    const mass = new Map<number, number>();
    rows.label.forEach((label, i) => {
      mass.set(label, (mass.get(label) ?? 0) + rows.weight[i]!);
    });
    const weight = rows.weight.map((w, i) => w / mass.get(rows.label[i]!)!);
    const weightCol = 'weight';
    assertSame(
      await fit(rows, { weightCol, classWeight: 'balanced' }),
      await fit({ ...rows, weight }, { weightCol }),
      1e-6,
    );
  });

  it(`${what}: probabilities add up to 1, and the likeliest class is predicted`, async () => {
    const model = await fit(rows);
    const output = await model.transform(tableOf(rows));
    for (const { prediction, rawPrediction } of output.toRows()) {
      const { values } = rawPrediction as DenseVector;
      assert.is(values.length, names.length);
      assertClose([values.reduce((a, b) => a + b)], [1], 1e-15, 'sum');
      assert.is(model.labels[values.indexOf(Math.max(...values))], prediction);
    }
  });
}

it('labels of two classes may be any numbers with lbfgs, and are what is predicted', async () => {
  const rows = rowsOf(80, [0, 1], 3);
  const plain = await fit(rows);
  for (const names of [
    [-1, 1],
    [3, 7.5],
  ] as const) {
    const named = { ...rows, label: rows.label.map((k) => names[k]!) };
    for (const multiClass of ['auto', 'binomial'] as const) {
      const model = await fit(named, { multiClass });
      assert.equal(model.labels, [...names]);
      assert.equal(model.modelData.coefficient, plain.modelData.coefficient);
      const predicted = (await model.transform(tableOf(named))).column('prediction').toArray();
      const expected = (await plain.transform(tableOf(rows))).column('prediction').toArray();
      assert.equal(
        predicted,
        expected.map((k) => names[k as 0 | 1]),
      );
    }
  }
});

it('a model of labels 0 and 1 has no field for them, and one of others has', async () => {
  const rows = rowsOf(30, [0, 1], 3);
  assert.equal(Object.keys((await fit(rows, { fitIntercept: false })).modelData), [
    ...['coefficient', 'modelVersion'],
  ]);
  const other = { ...rows, label: rows.label.map((k) => k + 1) };
  assert.equal(Object.keys((await fit(other)).modelData), [
    ...['coefficient', 'modelVersion', 'intercept', 'labels'],
  ]);
});

it('two classes may have weights of their own, which tell them apart as one row does', async () => {
  const rows = rowsOf(80, [0, 1], 5);
  const model = await fit(rows, { multiClass: 'multinomial', reg: 0.1 });
  assert.is(model.coefficients.length, 2);
  const one = await fit(rows, { reg: 0.05 });
  // The same penalty, of (w, -w) in place of 2w.
  const [first, second] = model.coefficients as readonly [DenseVector, DenseVector];
  const apart = second.values.map((w, t) => w - first.values[t]!);
  assertClose(apart, one.modelData.coefficient.values, 1e-5, 'coefficient');
});

it('solver sgd takes 0 and 1 alone, and -0 as 0, unless it is told of several classes', async () => {
  const rows = rowsOf(40, [-0, 1], 2);
  const table = tableOf(rows);
  const plain = tableOf({ ...rows, label: rows.label.map((y) => y + 0) });
  const estimator = new LogisticRegression();
  const [got, wanted] = [await estimator.fit(table), await estimator.fit(plain)];
  assert.equal(got.modelData.coefficient, wanted.modelData.coefficient);
  const named = tableOf({ ...rows, label: rows.label.map((y) => y + 1) });
  const message =
    /^LogisticRegression\.fit: column "label" must be 0 or 1, got 2 in row \d+; multiClass 'multinomial' takes other labels\.$/;
  for (const multiClass of ['auto', 'binomial'] as const) {
    const fit = new LogisticRegression({ multiClass }).fit(named);
    await rejectsError(fit, 'ERR_GYRE_DATA', message);
  }
  const model = await new LogisticRegression({ multiClass: 'multinomial' }).fit(named);
  assert.equal(model.labels, [1, 2]);
});

it('labels that do not make the classes asked for are refused', async () => {
  const rows = rowsOf(40, [3, 4, 5], 2);
  await rejectsError(
    fit(rows, { multiClass: 'binomial' }),
    'ERR_GYRE_DATA',
    /^LogisticRegression\.fit: column "label" must have rows of two classes, got 3\.$/,
  );
  const one = { ...rows, label: rows.label.map(() => 6) };
  await rejectsError(fit(one), 'ERR_GYRE_DATA', /must have rows of two classes, got 1\.$/);
  await rejectsError(
    fit(one, { multiClass: 'multinomial' }),
    'ERR_GYRE_DATA',
    /must have rows of two or more classes, got 1\.$/,
  );
});

it('a weight for a label that no row has is refused', async () => {
  const message =
    /^LogisticRegression\.fit: classWeight must name labels of the column, 0, 1, got 2\.$/;
  const options: Options = { classWeight: { 2: 5 } };
  await rejectsError(fit(rowsOf(20, [0, 1], 1), options), 'ERR_GYRE_DATA', message);
});

it('weights of classes are copied, and survive save and load', async () => {
  const classWeight: Record<string, number> = { 0: 1, 1: 2.5 };
  const estimator = new LogisticRegression({ classWeight });
  classWeight[0] = 9;
  assert.equal(estimator.params.classWeight, { 0: 1, 1: 2.5 });
  assert.ok(Object.isFrozen(estimator.params.classWeight));
  await estimator.save(join(folder, 'estimator'));
  const loaded = await LogisticRegression.load(join(folder, 'estimator'));
  assert.equal(loaded.params, estimator.params);
});

it('the summary tells how the model was trained, and is not saved', async () => {
  const rows = rowsOf(60, [0, 1, 2], 4);
  const model = await fit(rows);
  const { objectiveHistory, totalIterations, reason } = model.summary!;
  assert.is(objectiveHistory.length, totalIterations + 1);
  assert.not.equal(reason, 'maxIter');
  assertClose([objectiveHistory[0]!], [Math.log(3)], 0.1, 'the first objective');
  assert.ok(objectiveHistory.every((value, i) => i === 0 || value <= objectiveHistory[i - 1]!));
  await model.save(join(folder, 'summary'));
  const loaded = await LogisticRegressionModel.load(join(folder, 'summary'));
  assert.is(loaded.summary, null);
  assertSame(loaded, model, 0);
  assert.is(model.setModelData(model.modelData).summary, null);
});

it('a servable of a model of several classes answers as transform does', async () => {
  const rows = rowsOf(60, [4, 5, 9], 6);
  const model = await fit(rows);
  await model.save(join(folder, 'served'));
  const servable = await loadServable(join(folder, 'served'), { schema: { features: 'vector' } });
  const output = (await model.transform(tableOf(rows))).toRows();
  for (const i of [0, 1, 2]) {
    const row = servable.transform({ features: [...rows.features[i]!] })!;
    assert.equal(row.rawPrediction, output[i]!.rawPrediction);
    assert.is(row.prediction, output[i]!.prediction);
  }
});

it('a null rawPredictionCol gives no such column', async () => {
  const model = await fit(rowsOf(20, [0, 1], 1), { rawPredictionCol: null });
  const { columnNames } = await model.transform(tableOf(rowsOf(5, [0, 1], 1)));
  assert.equal(columnNames.slice(3), ['prediction']);
});

it('small probabilities keep their digits, on either side', async () => {
  const model = new LogisticRegressionModel().setModelData({
    coefficient: Vectors.dense(1),
    modelVersion: 0,
  });
  const margins = [-800, -50, -1e-3, 0, 1e-3, 50, 800];
  const table = Table.fromColumns({ features: Column.dense(Float64Array.from(margins), 1) });
  const output = await model.transform(table);
  const raw = output.column('rawPrediction', 'vector').toArray() as DenseVector[];
  margins.forEach((margin, i) => {
    const [zero, one] = raw[i]!.values as unknown as [number, number];
    const expected = (m: number) =>
      m > 0 ? 1 / (1 + Math.exp(-m)) : Math.exp(m) / (1 + Math.exp(m));
    assertClose([one], [expected(margin)], 1e-15 * expected(margin), `P(1) at ${margin}`);
    assertClose([zero], [expected(-margin)], 1e-15 * expected(-margin), `P(0) at ${margin}`);
  });
  assert.equal(output.column('prediction').toArray(), [0, 0, 0, 1, 1, 1, 1]);
});

it('equal margins are decided by the first class, and NaN is the first class too', async () => {
  const model = new LogisticRegressionModel().setModelData({
    ...{ coefficient: Vectors.dense(1, 1, -1), coefficientRows: 3, modelVersion: 0 },
    labels: Vectors.dense(5, 6, 7),
  });
  const features = Column.dense(Float64Array.of(2, -2, 0, Number.NaN, 1e9), 1);
  const output = await model.transform(Table.fromColumns({ features }));
  assert.equal(output.column('prediction').toArray(), [5, 7, 5, 5, 5]);
  const { values } = output.column('rawPrediction', 'vector').toArray()[3] as DenseVector;
  assert.ok(values.every(Number.isNaN));
});

it('model data that do not fit are refused, naming what does not', () => {
  const model = new LogisticRegressionModel();
  const coefficient = Vectors.dense(1, 2, 3);
  const set = (data: object) => () => model.setModelData({ coefficient, modelVersion: 0, ...data });
  const who = 'LogisticRegressionModel.setModelData';
  throwsError(set({ coefficient: [1] }), 'ERR_GYRE_MODEL', /coefficient must be a dense vector/);
  throwsError(set({ modelVersion: '0' }), 'ERR_GYRE_MODEL', /modelVersion must be a number/);
  for (const coefficientRows of [0, 1.5, -1]) {
    const message = new RegExp(`^${who}: coefficientRows must be an integer >= 1, got`);
    throwsError(set({ coefficientRows }), 'ERR_GYRE_MODEL', message);
  }
  const rows = /coefficient must have rows of one size, got 3 entries for 2 rows\.$/;
  throwsError(set({ coefficientRows: 2 }), 'ERR_GYRE_DIMENSION', rows);
  const intercept = /intercept must have 1 entries, got 2\.$/;
  throwsError(set({ intercept: Vectors.dense(1, 2) }), 'ERR_GYRE_DIMENSION', intercept);
  throwsError(
    set({ labels: Vectors.dense(1) }),
    'ERR_GYRE_DIMENSION',
    /labels must have 2 entries/,
  );
  throwsError(set({ coefficientRows: 3 }), 'ERR_GYRE_MODEL', /labels must be a dense vector/);
});

it('data of another stage are refused when a model is loaded', () => {
  const load = (data: Table) => () => LogisticRegressionModel.fromSaved({}, data);
  const message =
    /^LogisticRegressionModel\.load: the data must be one row of coefficient, intercept, labels, modelVersion, coefficientRows, where intercept, labels, coefficientRows may be missing\.$/;
  const coefficient = [Vectors.dense(1, 2)];
  for (const data of [
    { coefficient },
    { modelVersion: [0] },
    { coefficient: ['x'], modelVersion: [0] },
    { coefficient: [...coefficient, ...coefficient], modelVersion: [0, 1] },
    { coefficient, modelVersion: [0], intercept: [1] },
  ]) {
    throwsError(load(Table.fromColumns(data)), 'ERR_GYRE_FORMAT', message);
  }
});

test.run();
