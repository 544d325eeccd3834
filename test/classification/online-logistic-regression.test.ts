import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Column,
  DenseVector,
  OnlineLogisticRegression,
  type OnlineLogisticRegressionModelData,
  Session,
  Table,
  TableStream,
} from '../../src/index.js';
import { seeded } from '../reference/random.js';
import { rejectsError } from '../table/expect-error.js';

const test = suite('OnlineLogisticRegression');

const SIZE = 20_000;

/** Rows of five sparse entries whose label follows the first one, more or less. */
function rows(count: number, seed: number): Table {
  const random = seeded(seed);
  const offsets = Int32Array.from({ length: count + 1 }, (_, i) => i * 5);
  const indices = new Int32Array(count * 5);
  const label = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    for (let j = 0; j < 5; j++) indices[row * 5 + j] = j * (SIZE / 5) + random.below(50);
    label[row] = (indices[row * 5]! + random.below(40)) % 90 > 45 ? 1 : 0;
  }
  const values = new Float64Array(count * 5).fill(1);
  return Table.fromColumns({ features: Column.sparse(SIZE, offsets, indices, values), label });
}

const bits = (vector: DenseVector | undefined) =>
  Buffer.from(vector!.values.buffer).toString('hex');

const digest = (data: OnlineLogisticRegressionModelData) =>
  [data.modelVersion, bits(data.coefficient), bits(data.z), bits(data.n)].join(' ');

async function learned(
  threads: number,
  tables: readonly Table[],
  estimator = new OnlineLogisticRegression({ globalBatchSize: 100, reg: 0.01, elasticNet: 0.5 }),
): Promise<OnlineLogisticRegressionModelData> {
  const session = new Session({ threads });
  try {
    const model = await estimator.fit(TableStream.from(tables), { session });
    await model.completed();
    return model.modelData;
  } finally {
    await session.close();
  }
}

test('a model has the same bits on 0, 1, 2 and 3 workers, of one feature range or several', async () => {
  const table = rows(70_000, 1);
  // Batches of 32,768 sparse rows cut 20,000 features into two ranges, 100 rows leave them one.
  for (const globalBatchSize of [100, 32_768]) {
    const estimator = () => new OnlineLogisticRegression({ globalBatchSize, reg: 0.01 });
    const expected = await learned(0, [table], estimator());
    assert.is(expected.modelVersion, Math.floor(70_000 / globalBatchSize));
    for (const threads of [1, 2, 3]) {
      const model = await learned(threads, [table], estimator());
      assert.is(digest(model), digest(expected));
    }
  }
});

test('how the stream is cut into tables changes nothing', async () => {
  const table = rows(80_000, 2);
  const cuts = [0, 1, 130, 131, 45_000, 80_000];
  const pieces = cuts.slice(1).map((end, i) => table.slice(cuts[i], end));
  const estimator = () => new OnlineLogisticRegression({ globalBatchSize: 40_000 });
  const whole = digest(await learned(0, [table], estimator()));
  assert.is(digest(await learned(2, pieces, estimator())), whole);
});

test('batches are not cut by parallelism: more workers than rows of a batch learn the same', async () => {
  const table = rows(40, 3);
  const estimator = () => new OnlineLogisticRegression({ globalBatchSize: 2 });
  const expected = digest(await learned(0, [table], estimator()));
  assert.is(digest(await learned(3, [table], estimator())), expected);
});

test('learning that goes on from a model gives the bits of learning at once', async () => {
  const table = rows(1000, 4);
  const estimator = () => new OnlineLogisticRegression({ globalBatchSize: 100 });
  const half = await learned(0, [table.slice(0, 500)], estimator());
  const resumed = estimator().setInitialModelData(half);
  assert.is(half.modelVersion, 5);
  const whole = await learned(2, [table], estimator());
  assert.is(digest(await learned(2, [table.slice(500)], resumed)), digest(whole));
});

test('rows that do not fill a batch are never learned from', async () => {
  const table = rows(250, 5);
  const model = await learned(0, [table]);
  assert.is(model.modelVersion, 2);
  assert.is(digest(model), digest(await learned(0, [table.slice(0, 200)])));
});

test('prequential predictions come from the model before the batch, for all rows', async () => {
  const table = rows(250, 6);
  const session = new Session({ threads: 2 });
  const estimator = new OnlineLogisticRegression({ globalBatchSize: 100 });
  const model = await estimator.fit(TableStream.from([table]), { session, prequential: true });
  const batches = [];
  for await (const batch of model.predictions()) batches.push(batch);
  assert.equal(
    batches.map(({ modelVersion, labels }) => [modelVersion, labels.length]),
    [
      [0, 100],
      [1, 100],
      [2, 50],
    ],
  );
  assert.ok(batches[0]!.probabilities.every((p) => p === 0.5));
  const first = await learned(0, [table.slice(0, 100)], estimator);
  const start = table.column('features', 'sparseVector');
  const margin = Array.from({ length: 5 }, (_, j) => {
    return first.coefficient.get(start.indices[start.offsets[100]! + j]!);
  }).reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(batches[1]!.probabilities[0]! - 1 / (1 + Math.exp(-margin))) < 1e-12);
  await session.close();
});

test('a live model gives snapshots while its stream waits, and stops when told', async () => {
  const table = rows(100, 7);
  let proceed: () => void = () => {};
  const source = async function* () {
    for (;;) {
      yield table;
      await new Promise<void>((resolve) => {
        proceed = resolve;
      });
    }
  };
  const session = new Session({ threads: 2 });
  const estimator = new OnlineLogisticRegression({ globalBatchSize: 100 });
  const model = await estimator.fit(TableStream.from(source()), { session });
  assert.is((await model.snapshot()).modelVersion, 1);
  const updates = model.updates();
  const next = updates.next();
  await new Promise((resolve) => setTimeout(resolve, 20));
  proceed();
  assert.is((await next).value?.modelVersion, 2);
  await updates.return?.();
  const transformed = await model.transform(table.slice(0, 3));
  assert.equal(transformed.column('modelVersion').toArray(), [2, 2, 2]);
  const stopped = model.stop();
  proceed();
  await stopped;
  assert.is(model.version, 2);
  await session.close();
});

test('bad rows fail the model with the row, the column and the value', async () => {
  const fails = async (change: Record<string, unknown>, code: string, message: RegExp) => {
    const table = rows(300, 8).withColumns(change as never);
    const session = new Session({ threads: 2 });
    const estimator = new OnlineLogisticRegression({ globalBatchSize: 100 });
    const model = await estimator.fit(TableStream.from([table]), { session });
    await rejectsError(model.completed(), code, message);
    await rejectsError(model.snapshot(), code, message);
    await session.close();
  };
  const label = new Float64Array(300);
  label[217] = 2;
  await fails({ label }, 'ERR_GYRE_DATA', /column "label" must be 0 or 1, got 2 in row 217/);
  const nan = new Float64Array(600).fill(1);
  nan[401] = Number.NaN;
  const features = Column.dense(nan, 2);
  await fails({ features }, 'ERR_GYRE_DATA', /"features" must be finite, got NaN in row 200/);
  await fails({ label: Array(300).fill('x') }, 'ERR_GYRE_SCHEMA', /"label" must be/);
});

test('vectors that change their size, or are not the initial model’s, are refused', async () => {
  const session = new Session({ threads: 0 });
  const dense = (dim: number) =>
    Table.fromColumns({
      features: Column.dense(new Float64Array(4 * dim), dim),
      label: new Float64Array(4),
    });
  const estimator = new OnlineLogisticRegression({ globalBatchSize: 4 });
  const model = await estimator.fit(TableStream.from([dense(2), dense(3)]), { session });
  await rejectsError(model.completed(), 'ERR_GYRE_DIMENSION', /size 2, got 3 in row 4/);
  estimator.setInitialModelData({
    coefficient: new DenseVector(new Float64Array(5)),
    modelVersion: 0,
  });
  await rejectsError(estimator.fit(dense(2), { session }), 'ERR_GYRE_DIMENSION', /size 5, got 2/);
  await session.close();
});

test('a stream that ends before a batch is complete gives no model, and says why', async () => {
  const session = new Session({ threads: 0 });
  const stream = TableStream.from([rows(10, 9)]);
  const model = await new OnlineLogisticRegression().fit(stream, { session });
  await model.completed();
  await rejectsError(model.snapshot(), 'ERR_GYRE_MODEL', /smaller globalBatchSize/);
  await session.close();
});

test('an abort ends learning with the reason, and the session goes on', async () => {
  const table = rows(200, 10);
  const endless = async function* () {
    for (;;) {
      yield table;
      await new Promise(setImmediate);
    }
  };
  const session = new Session({ threads: 2 });
  const controller = new AbortController();
  const estimator = new OnlineLogisticRegression({ globalBatchSize: 100 });
  const stream = TableStream.from(endless());
  const model = await estimator.fit(stream, { session, signal: controller.signal });
  await model.snapshot();
  controller.abort(new Error('enough'));
  await rejectsError(model.completed(), 'ERR_GYRE_ABORTED', /was aborted/);
  assert.is((await learnedOn(session, table)).modelVersion, 2);
  await session.close();
});

async function learnedOn(session: Session, table: Table) {
  const model = await new OnlineLogisticRegression({ globalBatchSize: 100 }).fit(table, {
    session,
  });
  return model.modelData;
}

test.run();
