import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  KMeans,
  OnlineLogisticRegression,
  type OnlineLogisticRegressionModel,
  Pipeline,
  PipelineModel,
  Session,
  type StageProgress,
  StandardScaler,
  StandardScalerModel,
  Table,
  TableStream,
  Vectors,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { digestOfTable } from '../estimators/digest.js';
import { rejectsError, throwsError } from '../table/expect-error.js';
import {
  DropEven,
  DropMultiples,
  numbers,
  SmallOnly,
  Spell,
  SplitAt,
  SumEstimator,
  SumModel,
  Union,
  valuesOf,
} from './toy-stages.js';

const it = (sentence: string, body: () => void | Promise<void>) => test(sentence, readable(body));
const folder = mkdtempSync(join(tmpdir(), 'gyre-pipeline-'));
const sessions = [0, 1, 2, 3].map((threads) => new Session({ threads, inlineWork: 0 }));
test.after(async () => {
  await Promise.all(sessions.map((session) => session.close()));
  rmSync(folder, { recursive: true });
});
let paths = 0;
const newPath = () => join(folder, String(paths++));

const MANY = 20_000;
const many = numbers(...Array.from({ length: MANY }, (_, i) => i));

/** The stages one by one. */
async function oneByOne(model: PipelineModel, table: Table): Promise<Table> {
  let running = table;
  for (const stage of model.stages as readonly SumModel[]) running = await stage.transform(running);
  return running;
}

it('a pipeline is fitted stage by stage, and its last model transforms nothing in fit', async () => {
  const before = SumEstimator.fitted.length;
  const stages = [SumModel.of(10), new SumEstimator(), SumModel.of(5), new SumEstimator()] as const;
  const model = await new Pipeline(stages).fit(numbers(1, 2, 3));
  const learnedFrom = SumEstimator.fitted.slice(before).map(valuesOf);
  assert.equal(learnedFrom, [
    [11, 12, 13],
    [52, 53, 54],
  ]);
  assert.is(model.stages[0], stages[0], 'what only transforms is the same object');
  assert.is(model.stages[2], stages[2]);
  assert.equal(valuesOf(await model.transform(numbers(1))), [1 + 10 + 36 + 5 + 159]);
});

it('without a stage that learns, fit runs nothing', async () => {
  const failing = { save: async () => {}, transform: () => Promise.reject(new Error('ran')) };
  const model = await new Pipeline([failing, SumModel.of(1)]).fit(numbers(1));
  assert.equal(model.stages.length, 2);
  assert.is(model.stages[0], failing);
});

it('a pipeline of no stages gives back its input', async () => {
  const table = numbers(1);
  const model = await new Pipeline([]).fit(table);
  assert.is(await model.transform(table), table);
  const stream = TableStream.from([table]);
  assert.is(model.transform(stream), stream);
});

it('a pipeline in a pipeline is as its stages in its place', async () => {
  const inner = new Pipeline([SumModel.of(1), new SumEstimator()]);
  const model = await new Pipeline([SumModel.of(10), inner, new SumEstimator()]).fit(numbers(1, 2));
  // 11, 12; 12, 13 sum to 25; 37, 38 sum to 75.
  assert.equal(valuesOf(await model.transform(numbers(1, 2))), [112, 113]);
  assert.instance(model.stages[1], PipelineModel);
});

it('what is no stage is refused, with its place', () => {
  const INVALID = 'ERR_GYRE_INVALID_PARAM';
  throwsError(() => new Pipeline([{} as never]), INVALID, /^Pipeline: stage 0 must be a stage/);
  throwsError(() => new Pipeline([null as never]), INVALID, /got null/);
  throwsError(() => new Pipeline('ab' as never), INVALID, /^Pipeline takes a list of stages/);
  throwsError(
    () => new PipelineModel([SumModel.of(1), new SumEstimator() as never]),
    INVALID,
    /^PipelineModel: stage 1, SumEstimator, must transform/,
  );
});

it('a call that is wrong is refused before anything runs', async () => {
  const model = new PipelineModel([SumModel.of(1)]);
  const INVALID = 'ERR_GYRE_INVALID_PARAM';
  throwsError(
    () => model.transform([{}] as never),
    INVALID,
    /takes a Table, an array of Tables or/,
  );
  throwsError(() => model.transform(many, { sesion: 1 } as never), INVALID, /no option "sesion"/);
  await rejectsError(new Pipeline([]).fit(3 as never), INVALID, /^Pipeline\.fit takes a Table/);
});

it('stages of several inputs or outputs take and give arrays', async () => {
  const model = new PipelineModel([new SplitAt({ bound: 2 }), new Union(), SumModel.of(100)]);
  assert.equal(valuesOf(await model.transform(numbers(3, 1, 2))), [101, 103, 102]);
  const [joined] = await new PipelineModel([new Union()]).transform([numbers(1), numbers(2)]);
  assert.equal(valuesOf(joined!), [1, 2]);
  const split = new PipelineModel([new SplitAt({ bound: 2 })]);
  assert.equal((await split.transform([many])).length, 1 + 1);
});

it('several tables for a caller who handed in one are an error that says what to do', async () => {
  const split = new PipelineModel([new SplitAt({ bound: 2 })]);
  await rejectsError(split.transform(many), 'ERR_GYRE_PLAN', /gives 2 tables; hand in an array/);
});

it('a stage that fails fails the call, as itself', async () => {
  const model = new PipelineModel([SumModel.of(1), new SumModel()]);
  await rejectsError(model.transform(many), 'ERR_GYRE_MODEL', /^SumModel: it has no data/);
  const scaler = new PipelineModel([new StandardScalerModel(), SumModel.of(1)]);
  await rejectsError(scaler.transform(many), 'ERR_GYRE_SCHEMA', /no column "input"/);
});

for (const [name, model] of [
  ['that write in place', new PipelineModel([SumModel.of(1), SumModel.of(2)])],
  [
    'that drop rows',
    new PipelineModel([
      new DropMultiples({ modulus: 3 }),
      SumModel.of(1),
      new DropMultiples({ modulus: 5, outputCol: 'fifth' }),
      new Spell(),
    ]),
  ],
  ['of strings and of nulls', new PipelineModel([new Spell(), SumModel.of(3), new SmallOnly()])],
] as const) {
  it(`stages ${name} run as one job, with the bits of one by one, on any threads`, async () => {
    const expected = digestOfTable(await oneByOne(model, many));
    for (const session of sessions) {
      const jobs: string[] = [];
      const original = session.job;
      session.job = (job, options) => {
        jobs.push(job);
        return original.call(session, job, options);
      };
      const output = await model.transform(many, { session });
      session.job = original;
      assert.is(digestOfTable(output), expected, `${session.threads} threads`);
      assert.equal(jobs, ['PipelineModel.transform']);
    }
    assert.is(digestOfTable(await model.transform(many)), expected, 'on the calling thread');
  });
}

it('the columns of the input are kept in place, and are not sent where they are not read', async () => {
  const table = many.withColumn('other', new Float64Array(MANY));
  const model = new PipelineModel([SumModel.of(1), new Spell()]);
  const output = await model.transform(table, { session: sessions[2] });
  assert.equal(output.columnNames, ['value', 'other', 'text']);
  assert.is(output.column('other'), table.column('other'));
  assert.equal(output.row(7), { value: 8, other: 0, text: '8' });
});

it('a bad row is named as by the stage that gets it, after rows were dropped', async () => {
  const values = Array.from({ length: MANY }, (_, i) => (i === 15_001 ? Number.NaN : i + 1));
  const model = new PipelineModel([new SmallOnly(), new DropMultiples(), SumModel.of(0)]);
  for (const session of sessions) {
    const failing = model.transform(numbers(...values), { session });
    await rejectsError(failing, 'ERR_GYRE_DATA', /got NaN in row 15001\.$/);
  }
  // The second stage gets every other row.
  const thirds = new DropMultiples({ modulus: 3, outputCol: 'third' });
  const dropping = new PipelineModel([new DropEven(), thirds]);
  const alone = await new DropEven().transform(numbers(...values));
  const row = valuesOf(alone).findIndex(Number.isNaN);
  for (const session of sessions) {
    const failing = dropping.transform(numbers(...values), { session });
    await rejectsError(failing, 'ERR_GYRE_DATA', new RegExp(`got NaN in row ${row}\\.$`));
  }
});

it('a stage replaces the column that it reads, where it is named twice, and no other', async () => {
  const table = numbers(1, 2, 3).withColumn('text', ['a', 'b', 'c']);
  assert.equal([...valuesOf(await SumModel.of(1).transform(table))], [2, 3, 4]);
  const message = /^The table has a column "text" already/;
  const model = new PipelineModel([SumModel.of(1), new Spell()]);
  for (const session of sessions) {
    await rejectsError(new Spell().transform(table, { session }), 'ERR_GYRE_SCHEMA', message);
    await rejectsError(model.transform(table, { session }), 'ERR_GYRE_SCHEMA', message);
  }
  throwsError(() => model.toServable().transform(table), 'ERR_GYRE_SCHEMA', message);
  throwsError(() => model.toServable().transform(table.row(0)), 'ERR_GYRE_SCHEMA', message);
  assert.equal(SumModel.of(1).toServable().transform({ value: 1 }), { value: 2 });
});

it('a stream goes through batch by batch, with the bits of the table', async () => {
  const model = new PipelineModel([
    new DropMultiples({ modulus: 3 }),
    SumModel.of(1),
    new PipelineModel([new Spell()]),
  ]);
  const batches = [many.slice(0, 1), many.slice(1, 5000), many.slice(5000, 5000), many.slice(5000)];
  const outputs: Table[] = [];
  for await (const batch of model.transform(TableStream.from(batches))) outputs.push(batch);
  assert.is(outputs.length, batches.length);
  assert.is(outputs[0]!.numRows, 0, 'row 0 is dropped');
  assert.is(
    digestOfTable(Table.concat(outputs)),
    digestOfTable(Table.concat([await model.transform(many)])),
  );
});

it('a stream is refused at once by a stage that looks at whole tables', () => {
  const model = new PipelineModel([SumModel.of(1), new SplitAt()]);
  const stream = TableStream.from([many]);
  throwsError(() => model.transform(stream), 'ERR_GYRE_INVALID_PARAM', /SplitAt looks at whole/);
});

it('a pipeline that ends in online learning is fitted to a stream', async () => {
  const rows = Array.from({ length: 320 }, (_, i) => ({
    input: Vectors.dense(Math.sin(i), 1),
    label: Math.sin(i) > 0 ? 1 : 0,
  }));
  const scaler = new StandardScalerModel({ outputCol: 'features' }).setModelData({
    mean: Vectors.dense(0, 0),
    std: Vectors.dense(0.5, 1),
  });
  const pipeline = new Pipeline([scaler, new OnlineLogisticRegression()]);
  const model = await pipeline.fit(TableStream.from(rows, { batchSize: 32 }));
  const online = model.stages[1] as OnlineLogisticRegressionModel;
  await online.completed();
  const served = await model.transform(Table.fromRows(rows));
  assert.is(online.version, 10);
  assert.equal([...served.column('modelVersion')], new Array(320).fill(10));
  const wrong = rows.filter(({ label }, i) => label !== served.column('prediction').get(i));
  assert.ok(wrong.length < 20, `${wrong.length} wrong`);
});

it('progress says of which stage it is', async () => {
  const table = Table.fromColumns({ input: [[0], [1], [5], [6]] }, { input: 'vector' });
  const pipeline = new Pipeline([
    new StandardScaler({ outputCol: 'features' }),
    new KMeans({ k: 2, maxIter: 3 }),
  ]);
  const seen: StageProgress[] = [];
  await pipeline.fit(table, { onProgress: (progress) => seen.push(progress) });
  assert.equal(
    seen.map(({ stage, epoch }) => [stage, epoch]),
    [
      [0, 1],
      [1, 1],
      [1, 2],
      [1, 3],
    ],
  );
});

it('each stage has a folder of its own for checkpoints', async () => {
  const table = Table.fromColumns({ features: [[0], [1], [5], [6]] }, { features: 'vector' });
  const two = [new KMeans({ k: 2 }), new KMeans({ k: 2, predictionCol: 'second' })];
  const path = newPath();
  const checkpoint = { folder: path, everyEpochs: 1 };
  await new Pipeline(two).fit(table, { checkpoint, session: sessions[1] });
  assert.equal(readdirSync(path).sort(), ['0', '1']);
});

it('an aborted signal stops fit and transform with its reason', async () => {
  const reason = new Error('enough');
  const signal = AbortSignal.abort(reason);
  const model = new PipelineModel([SumModel.of(1), SumModel.of(2)]);
  const ABORTED = 'ERR_GYRE_ABORTED';
  const error = await rejectsError(model.transform(many, { signal }), ABORTED, /was aborted\.$/);
  assert.is(error.cause, reason);
  const table = Table.fromColumns({ input: [[0], [1]] }, { input: 'vector' });
  const fitting = new Pipeline([new StandardScaler()]).fit(table, { signal });
  assert.is((await rejectsError(fitting, ABORTED, /was aborted\.$/)).cause, reason);
});

it('stages lie in folders of their numbers, of one length', async () => {
  const path = newPath();
  await new PipelineModel(Array.from({ length: 10 }, (_, i) => SumModel.of(i))).save(path);
  assert.equal(
    readdirSync(join(path, 'stages')).sort(),
    Array.from({ length: 10 }, (_, i) => `0${i}`),
  );
  const metadata = JSON.parse(readFileSync(join(path, 'metadata.json'), 'utf8'));
  assert.is(metadata.numStages, 10);
  assert.is(metadata.className, 'PipelineModel');
});

it('a pipeline that cannot be saved whole leaves nothing behind', async () => {
  const path = newPath();
  const failing = { save: () => Promise.reject(new Error('disk')), transform: async () => many };
  const model = new PipelineModel([SumModel.of(1), failing]);
  await rejectsError(model.save(path), 'ERR_GYRE_FORMAT', /PipelineModel\.save: .* disk\.$/);
  assert.equal(
    readdirSync(folder).filter((name) => name.includes(String(paths - 1))),
    [],
  );
});

test.run();
