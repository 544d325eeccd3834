/** Learning from streams in chunks: the same bits however the rows come. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Column,
  CountVectorizer,
  Imputer,
  MaxAbsScaler,
  MinMaxScaler,
  NaiveBayes,
  OneHotEncoder,
  Session,
  StandardScaler,
  Table,
  TableStream,
} from '../../src/index.js';
import { float64 } from '../../src/table/buffers.js';
import { readable } from '../conformance/readable.js';
import { digestOfData } from '../estimators/digest.js';
import { seeded } from '../reference/random.js';
import { rejectsError } from '../table/expect-error.js';

const it = (sentence: string, body: () => void | Promise<void>) => test(sentence, readable(body));
const SEED = Number(process.env.GYRE_SEED ?? 20_261_122);

/** A shard of a stream of such vectors has 2048 rows. */
const DIM = 256;
const SHARD_ROWS = 2048;
const ROWS = 20_000;

function vectors(): Table {
  const random = seeded(SEED);
  const values = float64(ROWS * DIM);
  for (let i = 0; i < values.length; i++) values[i] = random.unit() - 0.3 * (i % 3);
  return Table.fromColumns({ input: Column.dense(values, DIM) });
}
const table = vectors();

function* batches(whole: Table, rows: number) {
  for (let at = 0; at < whole.numRows; at += rows) yield whole.slice(at, at + rows);
}
const streamOf = (whole: Table, rows: number) => TableStream.from([...batches(whole, rows)]);

it('batches of any size and any number of threads give one model', async () => {
  const digests = new Set<string>();
  for (const threads of [0, 1, 2]) {
    const session = new Session({ threads, inlineWork: 0 });
    for (const rows of [ROWS, 4 * SHARD_ROWS, 3001, 1000, 7]) {
      const stream = streamOf(table, rows);
      const { modelData } = await new StandardScaler().fit(stream, { session });
      digests.add(digestOfData(modelData));
    }
    await session.close();
  }
  assert.is(digests.size, 1);
});

it('a stream of several shards gives the statistic of the table, but for the rounding of sums', async () => {
  const stream = streamOf(table, 999);
  const [ours, whole] = await Promise.all([
    new StandardScaler().fit(stream),
    new StandardScaler().fit(table),
  ]);
  // The sum of n numbers is off by n units in the last place at most.
  const bound = ROWS * Number.EPSILON;
  for (const name of ['mean', 'std'] as const) {
    const [got, want] = [ours.modelData[name].values, whole.modelData[name].values];
    for (const [i, value] of got.entries()) {
      assert.ok(
        Math.abs(value - want[i]!) <= bound * Math.max(1, Math.abs(want[i]!)),
        `${name} ${i}`,
      );
    }
  }
  for (const Scaler of [MinMaxScaler, MaxAbsScaler]) {
    const streamed = await new Scaler().fit(streamOf(table, 999));
    const { modelData } = await new Scaler().fit(table);
    assert.is(digestOfData(streamed.modelData), digestOfData(modelData));
  }
});

it('a stream may be one that is read once, and no more of it is asked for than is needed', async () => {
  let [given, learned] = [0, 0];
  let most = 0;
  async function* rows() {
    for (const batch of batches(table, 300)) {
      given += batch.numRows;
      most = Math.max(most, given - learned);
      yield batch;
    }
  }
  await new MaxAbsScaler().fit(TableStream.from(rows()), {
    onProgress: (progress) => {
      learned = progress.rows;
    },
  });
  assert.is(learned, ROWS);
  // What workers are at, what is next, and the batch that did not fit into it.
  assert.ok(
    most <= 2 * 4 * SHARD_ROWS + 2 * 300,
    `${most} rows were asked for before they were learned from`,
  );
});

it('an error names the row of the stream', async () => {
  const indices = Array.from({ length: 3000 }, (_, i) => (i === 2345 ? -1 : i % 4));
  const columns = { c: indices, v: indices.map((_, i) => (i === 1234 ? null : [i, 1])) };
  const bad = Table.fromColumns(columns, { v: 'vector' });
  const encoder = new OneHotEncoder({ inputCols: ['c'], outputCols: ['o'] });
  await rejectsError(encoder.fit(streamOf(bad, 100)), 'ERR_GYRE_DATA', /got -1 in row 2345/);
  const scaler = new StandardScaler({ inputCol: 'v' });
  await rejectsError(scaler.fit(streamOf(bad, 100)), 'ERR_GYRE_DATA', /got null in row 1234/);
});

it('a row of a later shard is named by its place in the stream', async () => {
  const indices = new Int32Array(3_000_000).fill(3);
  indices[2_999_990] = -5;
  const encoder = new OneHotEncoder({ inputCols: ['c'], outputCols: ['o'] });
  const stream = streamOf(Table.fromColumns({ c: indices }), 999_999);
  await rejectsError(encoder.fit(stream), 'ERR_GYRE_DATA', /got -5 in row 2999990/);
});

it('vectors of another size are refused, with the row', async () => {
  const parts = [2, 3].map((dim) =>
    Table.fromColumns({ input: Column.dense(float64(6 * dim), dim) }),
  );
  await rejectsError(
    new MinMaxScaler().fit(TableStream.from(parts)),
    'ERR_GYRE_DIMENSION',
    /^MinMaxScaler\.fit: column "input" must have vectors of size 2, got 3 in row 6\.$/,
  );
});

it('a stream without rows is refused', async () => {
  const none = table.slice(0, 0);
  for (const stream of [TableStream.from([]), TableStream.from([none, none])]) {
    await rejectsError(
      new MaxAbsScaler().fit(stream),
      'ERR_GYRE_DATA',
      /^MaxAbsScaler\.fit: the stream/,
    );
  }
});

it('an abort ends a fit that waits for its source, and closes that', async () => {
  const controller = new AbortController();
  let closed = false;
  async function* stuck() {
    try {
      yield table.slice(0, 3);
      await new Promise((resolve) => controller.signal.addEventListener('abort', resolve));
    } finally {
      closed = true;
    }
  }
  const { signal } = controller;
  const fitting = new MaxAbsScaler().fit(TableStream.from(stuck()), { signal });
  setTimeout(() => controller.abort(), 20);
  await rejectsError(fitting, 'ERR_GYRE_ABORTED', /abort/);
  await new Promise(setImmediate);
  assert.ok(closed);
  await rejectsError(
    new MaxAbsScaler().fit(streamOf(table, 10), { signal }),
    'ERR_GYRE_ABORTED',
    /MaxAbsScaler\.fit/,
  );
});

it('counts of classes and of terms do not depend on batches', async () => {
  const random = seeded(SEED + 1);
  const many = Table.fromColumns(
    {
      features: Array.from({ length: 3000 }, () => [random.below(3), random.below(5)]),
      label: Array.from({ length: 3000 }, () => random.below(3)),
      weight: Array.from({ length: 3000 }, () => random.below(3)),
      words: Array.from({ length: 3000 }, () => [`w${random.below(50)}`, `w${random.below(9)}`]),
      number: Array.from({ length: 3000 }, () => (random.below(9) === 0 ? null : random.below(30))),
    },
    { features: 'vector', words: 'string[]', number: 'float64' },
  );
  const columns = { inputCols: ['number'], outputCols: ['o'] };
  for (const estimator of [
    new NaiveBayes({ weightCol: 'weight' }),
    new NaiveBayes({ modelType: 'gaussian' }),
    new CountVectorizer({ inputCol: 'words' }),
    new Imputer({ ...columns, strategy: 'most_frequent' }),
    new Imputer({ ...columns, strategy: 'median' }),
    new Imputer(columns),
  ] as const) {
    const { modelData } = await estimator.fit(many);
    for (const rows of [1, 333]) {
      const streamed = await estimator.fit(streamOf(many, rows));
      const name = `${estimator.constructor.name}, batches of ${rows}`;
      assert.is(digestOfData(streamed.modelData as never), digestOfData(modelData as never), name);
    }
  }
});

test.run();
