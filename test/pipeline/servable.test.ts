import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Column,
  type DenseVector,
  FeatureHasher,
  loadServable,
  OnlineLogisticRegressionModel,
  PipelineModel,
  type Schema,
  Servable,
  Session,
  SparseVector,
  StandardScalerModel,
  Table,
  Vectors,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { digestOfTable } from '../estimators/digest.js';
import { throwsError } from '../table/expect-error.js';
import { DropMultiples, numbers, SplitAt, SumModel } from './toy-stages.js';

const it = (sentence: string, body: () => void | Promise<void>) => test(sentence, readable(body));
const folder = mkdtempSync(join(tmpdir(), 'gyre-servable-'));
test.after(() => rmSync(folder, { recursive: true }));

const scaler = new StandardScalerModel({ withMean: true, outputCol: 'features' }).setModelData({
  mean: Vectors.dense(1, 2, 3),
  std: Vectors.dense(2, 0, 4),
});
const classifier = new OnlineLogisticRegressionModel().setModelData({
  coefficient: Vectors.dense(0.5, -1, 2),
  modelVersion: 4,
});
const pipeline = new PipelineModel([scaler, classifier]);
const schema = { input: 'vector' } as const;

it('a row gives a row: its own values first, as they are, then those of the stages', () => {
  const servable = pipeline.toServable({ schema });
  const given = { id: 'a', tags: new Set([1]), input: [3, 2, 7] };
  const row = servable.transform(given)!;
  assert.equal(Object.keys(row), [
    'id',
    'tags',
    'input',
    'features',
    'prediction',
    'rawPrediction',
    'modelVersion',
  ]);
  assert.is(row.tags, given.tags);
  assert.is(row.input, given.input);
  assert.equal([...(row.features as DenseVector).values], [1, 0, 1]);
  assert.is(row.prediction, 1);
  assert.is(row.modelVersion, 4);
  assert.equal(Object.keys(given), ['id', 'tags', 'input'], 'the row that was given is left alone');
});

it('a vector may be given as an array, a typed array or a vector, dense or sparse', async () => {
  const servable = pipeline.toServable({ schema });
  const table = Table.fromColumns({ input: [[3, 0, 7]] }, schema);
  const expected = (await pipeline.transform(table)).row(0).rawPrediction as DenseVector;
  for (const input of [
    [3, 0, 7],
    Float64Array.of(3, 0, 7),
    Float32Array.of(3, 0, 7),
    Vectors.dense(3, 0, 7),
    Vectors.sparse(3, [0, 2], [3, 7]),
  ]) {
    const { rawPrediction } = servable.transform({ input })!;
    assert.equal([...(rawPrediction as DenseVector).values], [...expected.values]);
  }
  const untyped = pipeline.toServable();
  assert.ok(untyped.transform({ input: Vectors.sparse(3, [0], [3]) }));
});

it('a table gives a table, and is not cut up or sent anywhere', async () => {
  const values = Float64Array.from({ length: 300_000 }, (_, i) => Math.sin(i));
  const table = Table.fromColumns({ input: Column.dense(values, 3) });
  const session = new Session({ threads: 2, inlineWork: 0 });
  session.job = () => {
    throw new Error('a job was started');
  };
  const servable = pipeline.toServable({ session });
  const served = servable.transform(table);
  await session.close();
  assert.is(digestOfTable(served), digestOfTable(await pipeline.transform(table)));
});

it('a row that a stage drops gives null, and a table loses it', () => {
  const servable = new PipelineModel([SumModel.of(1), new DropMultiples()]).toServable();
  assert.is(servable.transform({ value: 1 }), null);
  assert.equal(servable.transform({ value: 2 }), { value: 3, rest: 1 });
  assert.is(servable.transform(numbers(1, 2, 3)).numRows, 1);
});

it('a row that is wrong is refused as a table is', () => {
  const servable = pipeline.toServable({ schema });
  throwsError(() => servable.transform({ input: null }), 'ERR_GYRE_DATA', /got null in row 0/);
  throwsError(() => servable.transform({}), 'ERR_GYRE_DATA', /must not have null/);
  throwsError(() => servable.transform({ input: ['a'] }), 'ERR_GYRE_SCHEMA', /"input": row 0 must/);
  throwsError(() => servable.transform({ input: [1] }), 'ERR_GYRE_DIMENSION', /of size 3, got 1/);
  throwsError(() => servable.transform({ input: 'a' }), 'ERR_GYRE_SCHEMA', /must be vector/);
  throwsError(() => servable.transform(null as never), 'ERR_GYRE_SCHEMA', /takes a row or a Table/);
  throwsError(() => servable.transform([1] as never), 'ERR_GYRE_SCHEMA', /got \[1\]/);
  const untyped = pipeline.toServable();
  throwsError(() => untyped.transform({}), 'ERR_GYRE_SCHEMA', /no column "input"/);
  throwsError(() => untyped.transform({ input: [1, 2, 3] }), 'ERR_GYRE_SCHEMA', /give a schema/);
});

it('names of prototypes are no values of a row', () => {
  const servable = new FeatureHasher({ inputCols: ['toString'], numFeatures: 16 }).toServable();
  throwsError(() => servable.transform({}), 'ERR_GYRE_SCHEMA', /no column "toString"/);
  assert.instance(servable.transform({ toString: 'x' })!.output, SparseVector);
});

it('types of a schema decide: an int32 is no double', () => {
  const hasher = new FeatureHasher({ inputCols: ['n'], categoricalCols: ['n'], numFeatures: 1000 });
  const text = (schema: Schema) =>
    String(hasher.toServable({ schema }).transform({ n: 1 })!.output);
  assert.is.not(text({ n: 'int32' }), text({ n: 'float64' }), 'the text is 1 and 1.0');
  const options = { schema: { n: 'complex' } as never };
  throwsError(() => hasher.toServable(options), 'ERR_GYRE_SCHEMA', /unknown type "complex"/);
});

it('a servable follows its model', () => {
  const model = SumModel.of(1);
  const servable = model.toServable();
  assert.equal(servable.transform({ value: 1 }), { value: 2 });
  model.setModelData({ delta: 10 });
  assert.equal(servable.transform({ value: 1 }), { value: 11 });
});

it('a model without data says so when it serves', () => {
  throwsError(
    () => new StandardScalerModel().toServable().transform({ input: Vectors.dense(1) }),
    'ERR_GYRE_MODEL',
    /it has no data/,
  );
});

it('options that are wrong are refused', () => {
  const INVALID = 'ERR_GYRE_INVALID_PARAM';
  throwsError(() => scaler.toServable({ sesion: 1 } as never), INVALID, /no option "sesion"/);
  throwsError(() => scaler.toServable({ session: {} as never }), INVALID, /must be a Session/);
});

it('a pipeline serves when all of its stages look at rows alone', () => {
  const split = new PipelineModel([SumModel.of(1), new SplitAt()]);
  assert.is(split.supportsServable, false);
  throwsError(() => split.toServable(), 'ERR_GYRE_INVALID_PARAM', /SplitAt does not look at every/);
  const nested = new PipelineModel([new PipelineModel([SumModel.of(1)]), SumModel.of(2)]);
  assert.is(nested.supportsServable, true);
  assert.equal(nested.toServable().transform({ value: 1 }), { value: 4 });
});

it('the bits of a row are those of the row in a table, for random pipelines of rows', async () => {
  const servable = pipeline.toServable({ schema });
  const cells = Array.from({ length: 500 }, (_, i) =>
    [0, 1, 2].map((k) => Math.sin(i * 7 + k) * 10 ** ((i % 40) - 20)),
  );
  const table = Table.fromColumns({ input: cells }, schema);
  const whole = await pipeline.transform(table);
  cells.forEach((input, i) => {
    const row = servable.transform({ input })!;
    const expected = whole.row(i);
    for (const name of ['features', 'rawPrediction']) {
      const [got, want] = [row[name] as DenseVector, expected[name] as DenseVector];
      assert.equal(got.values, want.values, `row ${i}`);
    }
  });
});

it('what a row gave stays as it is when others are served', () => {
  const servable = pipeline.toServable({ schema });
  const first = servable.transform({ input: [3, 0, 7] })!;
  const before = String(first.features) + String(first.rawPrediction);
  servable.transform({ input: [9, 9, 9] });
  assert.is(String(first.features) + String(first.rawPrediction), before);
});

it('a loaded servable needs no worker, and leaves nothing that keeps a process or a thread', async () => {
  const path = join(folder, 'model');
  await pipeline.save(path);
  const servable = await loadServable(path, { schema });
  assert.instance(servable, Servable);
  const index = new URL('../../src/index.js', import.meta.url).href;
  const worker = new Worker(
    `import { parentPort } from 'node:worker_threads';
     import { loadServable } from ${JSON.stringify(index)};
     const servable = await loadServable(${JSON.stringify(path)}, { schema: { input: 'vector' } });
     parentPort.postMessage(servable.transform({ input: [3, 0, 7] }).prediction);`,
    { eval: true },
  );
  const messages: unknown[] = [];
  worker.on('message', (message) => messages.push(message));
  const code = await new Promise((resolve, reject) => {
    worker.on('exit', resolve);
    worker.on('error', reject);
  });
  assert.is(code, 0);
  assert.equal(messages, [servable.transform({ input: [3, 0, 7] })!.prediction]);
});

test.run();
