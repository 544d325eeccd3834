import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Column,
  type DenseVector,
  LinearSVC,
  LinearSVCModel,
  Session,
  Table,
  Vectors,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { assertClose } from '../conformance/tables.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';

const it = (sentence: string, body: () => void | Promise<void>) => test(sentence, readable(body));

function tableOf(features: readonly number[], label: readonly number[]): Table {
  return Table.fromColumns({
    features: Column.dense(Float64Array.from(features), 1),
    label: Float64Array.from(label),
  });
}

const line = tableOf([-3, -2, -1, 1, 2, 3], [0, 0, 0, 1, 1, 1]);

it('solver lbfgs takes the squared hinge loss alone, and says so', async () => {
  const message =
    /^LinearSVC\.fit: loss must be 'squaredHinge' with solver 'lbfgs', got 'hinge'\.$/;
  const fit = new LinearSVC({ solver: 'lbfgs' }).fit(line);
  await rejectsError(fit, 'ERR_GYRE_INVALID_PARAM', message);
});

it('labels are 0 and 1', async () => {
  const message = /^LinearSVC\.fit: column "label" must be 0 or 1, got -1 in row 1\.$/;
  await rejectsError(new LinearSVC().fit(tableOf([1, 2], [1, -1])), 'ERR_GYRE_DATA', message);
});

it('the minimum of the squared hinge loss is where its derivative says', async () => {
  // Mean of max(0, 1 - 3w)², max(0, 1 - 2w)² and max(0, 1 - w)² + reg/2 · w², of both signs alike.
  const reg = 0.2;
  const options = { solver: 'lbfgs', loss: 'squaredHinge', maxIter: 200, tol: 1e-14 } as const;
  const { modelData } = await new LinearSVC({ ...options, reg }).fit(line);
  const w = modelData.coefficient.values[0]!;
  const slope = [1, 2, 3].reduce((sum, x) => sum - (2 * x * Math.max(0, 1 - x * w)) / 3, reg * w);
  assertClose([slope], [0], 1e-6, 'derivative');
});

it('the squared hinge loss may be stepped down, too', async () => {
  const options = { loss: 'squaredHinge', maxIter: 1, learningRate: 0.5 } as const;
  const { modelData } = await new LinearSVC(options).fit(tableOf([2], [1]));
  // The derivative at 0 is -2 · s · x.
  assert.equal([...modelData.coefficient.values], [2]);
});

it('the threshold decides, infinite ones included, and NaN is not above it', async () => {
  const data = { coefficient: Vectors.dense(2), intercept: 1 };
  const table = Table.fromColumns({
    features: Column.dense(Float64Array.of(-0.5, 0, 1, Number.NaN), 1),
  });
  const predictions = async (threshold: number) => {
    const output = await new LinearSVCModel({ threshold }).setModelData(data).transform(table);
    return output.column('prediction').toArray();
  };
  assert.equal(await predictions(0), [1, 1, 1, 0]);
  assert.equal(await predictions(1), [0, 1, 1, 0]);
  assert.equal(await predictions(Number.NEGATIVE_INFINITY), [1, 1, 1, 0]);
  assert.equal(await predictions(Number.POSITIVE_INFINITY), [0, 0, 0, 0]);
  const output = await new LinearSVCModel().setModelData(data).transform(table);
  const raw = output.column('rawPrediction', 'vector').toArray() as DenseVector[];
  assert.equal(
    raw.slice(0, 3).map(({ values }) => [...values]),
    [
      [0, -0],
      [1, -1],
      [3, -3],
    ],
  );
});

it('a threshold that is NaN is refused', () => {
  const message = /^LinearSVCModel\.threshold must be a number, which may be infinite, got NaN\.$/;
  throwsError(
    () => new LinearSVCModel({ threshold: Number.NaN }),
    'ERR_GYRE_INVALID_PARAM',
    message,
  );
});

it('an intercept is what a feature of ones gives when nothing is penalised', async () => {
  const { f64 } = seeded(4);
  const x = f64(200);
  const noise = f64(200);
  const label = Float64Array.from(x, (value, i) => (value + noise[i]! > 0.3 ? 1 : 0));
  const plain = Table.fromColumns({ features: Column.dense(x, 1), label });
  const ones = Float64Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? x[i / 2]! : 1));
  const wide = Table.fromColumns({ features: Column.dense(ones, 2), label });
  const options = { solver: 'lbfgs', loss: 'squaredHinge', maxIter: 300, tol: 1e-14 } as const;
  const { modelData } = await new LinearSVC({ ...options, fitIntercept: true }).fit(plain);
  const other = await new LinearSVC(options).fit(wide);
  const got = [modelData.coefficient.values[0]!, modelData.intercept!];
  assertClose(got, other.modelData.coefficient.values, 1e-6, 'weights');
});

it('hinge steps give the same bits wherever batches end, on workers and without', async () => {
  const { f64, below } = seeded(31);
  const features = Column.dense(f64(30_000 * 3), 3);
  const label = Float64Array.from({ length: 30_000 }, () => below(2));
  const table = Table.fromColumns({ features, label });
  const models: DenseVector[] = [];
  for (const threads of [0, 1, 3]) {
    const session = new Session({ threads, inlineWork: 0 });
    const estimator = new LinearSVC({ globalBatchSize: 7001, maxIter: 11, reg: 0.01 });
    models.push((await estimator.fit(table, { session })).modelData.coefficient);
    await session.close();
  }
  assert.equal(models[1], models[0]);
  assert.equal(models[2], models[0]);
});

it('model data that do not fit are refused', () => {
  const set = (data: object) => () => new LinearSVCModel().setModelData(data as never);
  const message = /^LinearSVCModel\.setModelData: intercept must be a number, got "1"\.$/;
  throwsError(set({ coefficient: [1] }), 'ERR_GYRE_MODEL', /coefficient must be a dense vector/);
  throwsError(set({ coefficient: Vectors.dense(1), intercept: '1' }), 'ERR_GYRE_MODEL', message);
  const load = () => LinearSVCModel.fromSaved({}, Table.fromColumns({ intercept: [1] }));
  throwsError(
    load,
    'ERR_GYRE_FORMAT',
    /must be one row of coefficient, intercept, where intercept/,
  );
});

test.run();
