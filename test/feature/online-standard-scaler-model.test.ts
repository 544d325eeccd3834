import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Column,
  countWindow,
  type DenseVector,
  eventTimeTumbling,
  globalWindow,
  OnlineStandardScaler,
  OnlineStandardScalerModel,
  processingTimeSession,
  Session,
  Table,
  TableStream,
  Vectors,
  type Windows,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';
import { streamOf, timed } from './timed-streams.js';

const it = (sentence: string, body: () => void | Promise<void>) => test(sentence, readable(body));

const RTOL = 1e-12;

/** A stream that gives a batch when it is told to. */
function gated(): { stream: TableStream; give: (table: Table) => void; end: () => void } {
  let controller!: ReadableStreamDefaultController<Table>;
  const source = new ReadableStream<Table>({
    start(given) {
      controller = given;
    },
  });
  const stream = TableStream.from(source, { timestampCol: 'time' });
  return { stream, give: (table) => controller.enqueue(table), end: () => controller.close() };
}

it('a live model scales by the newest version, and waits for the first', async () => {
  const { stream, give, end } = gated();
  const model = await new OnlineStandardScaler({ windows: countWindow(2) }).fit(stream);
  assert.is(model.version, -1);
  throwsError(() => model.modelData, 'ERR_GYRE_MODEL', /it has no data yet/);
  const updates = model.updates();
  const row = timed([[0, 6]]);
  const waiting = model.transform(row);
  give(
    timed([
      [0, 1],
      [1, 3],
    ]),
  );
  assert.equal((await waiting).column('version').toArray(), [0]);
  await updates.next();
  const before = (await model.transform(row)).column('output').get(0) as DenseVector;
  assert.ok(Math.abs(before.get(0) - 6 / Math.SQRT2) < RTOL);
  give(
    timed([
      [2, 5],
      [3, 7],
    ]),
  );
  assert.is((await updates.next()).value?.version, 1);
  assert.equal((await model.transform(row)).column('version').toArray(), [1]);
  assert.is(model.version, 1);
  end();
  assert.is((await updates.next()).done, true);
  await model.completed();
});

it('stop ends the stream, and what was learned stays', async () => {
  let closed = false;
  async function* endless() {
    try {
      for (let i = 0; ; i++) {
        yield timed([[i, i]]);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    } finally {
      closed = true;
    }
  }
  const model = await new OnlineStandardScaler({ windows: countWindow(3) }).fit(
    TableStream.from(endless()),
  );
  await model.snapshot();
  await model.stop();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.is(closed, true);
  const { version } = model;
  assert.ok(version >= 0);
  assert.equal((await model.transform(timed([[0, 1]]))).column('version').get(0), version);
});

const scalerBy = (windows: Windows, maxAllowedModelDelayMs: number) =>
  new OnlineStandardScaler({ windows, maxAllowedModelDelayMs });

/** Times and versions of the output rows. */
async function scaled(model: OnlineStandardScalerModel, stream: TableStream): Promise<number[][]> {
  const output = await model.transform(stream).collect();
  return output.toRows().map(({ time, version }) => [time as number, version as number]);
}

it('rows of a stream wait for a version that is not too old for them', async () => {
  const training = gated();
  const rows = gated();
  const model = await scalerBy(eventTimeTumbling(1000), 100).fit(training.stream);
  const output = model.transform(rows.stream)[Symbol.asyncIterator]();
  const next = async () => {
    const { value } = await output.next();
    return (value as Table).toRows().map(({ time, version }) => [time, version]);
  };
  rows.give(
    timed([
      [1500, 1],
      [1099, 2],
      [1100, 3],
      [0, 4],
    ]),
  );
  const first = next();
  training.give(
    timed([
      [10, 1],
      [20, 2],
      [1000, 3],
    ]),
  );
  // The first version knows until 999.
  assert.equal(await first, [
    [1099, 0],
    [0, 0],
  ]);
  rows.give(timed([[900, 5]]));
  assert.equal(await next(), [[900, 0]]);
  const waiting = next();
  training.give(timed([[2000, 4]]));
  assert.equal(await waiting, [
    [1500, 1],
    [1100, 1],
  ]);
  training.end();
  await model.completed();
  rows.give(timed([[3099, 6]]));
  rows.end();
  assert.equal(await next(), [[3099, 2]]);
  assert.is((await output.next()).done, true);
});

it('rows that no version will be good enough for are an error, not lost', async () => {
  const model = await scalerBy(eventTimeTumbling(1000), 0).fit(streamOf(timed([[10, 1]])));
  const rows = timed([
    [999, 1],
    [1000, 2],
  ]);
  assert.equal(await scaled(model, streamOf(rows.slice(0, 1))), [[999, 0]]);
  const message =
    /row 1 is of time 1000 and needs a model that is at most 0 ms older, but the last one is of 999/;
  await rejectsError(scaled(model, streamOf(rows)), 'ERR_GYRE_DATA', message);
});

it('a delay of any size and windows without event time let every row pass', async () => {
  const rows = timed([
    [1e15, 1],
    [-1e15, 2],
  ]);
  const model = await scalerBy(globalWindow(), 0).fit(streamOf(rows));
  assert.equal(await scaled(model, streamOf(rows, 1)), [
    [1e15, 0],
    [-1e15, 0],
  ]);
});

it('a stream without event times is scaled as soon as there is a version', async () => {
  const model = await scalerBy(eventTimeTumbling(10), 5).fit(streamOf(timed([[0, 1]])));
  const plain = TableStream.from(timed([[1e9, 2]]), {});
  const output = await model.transform(plain).collect();
  assert.equal(output.column('version').toArray(), [0]);
  assert.equal([...output.columnNames], ['time', 'input', 'output', 'version']);
});

it('a row without a time is refused, naming it', async () => {
  const time = Column.from([0, 1, null], 'float64');
  const rows = Table.fromColumns({ time, input: Column.dense([1, 2, 3], 1) });
  const model = await scalerBy(globalWindow(), 0).fit(timed([[0, 1]]));
  const message = /"time" must have a time in every row, got null in row 2/;
  await rejectsError(scaled(model, streamOf(rows, 2)), 'ERR_GYRE_DATA', message);
});

it('a model follows a stream of data', async () => {
  const data = (mean: number, version: number) => ({
    mean: Vectors.dense([mean]),
    std: Vectors.dense([1]),
    version,
  });
  async function* versions() {
    yield data(1, 0);
    yield data(5, 7);
  }
  const model = new OnlineStandardScalerModel({ withMean: true }).setModelData(versions());
  await model.completed();
  const output = await model.transform(timed([[0, 6]]));
  assert.equal(output.column('version').toArray(), [7]);
  assert.equal((output.column('output').get(0) as DenseVector).get(0), 1);
  async function* broken() {
    yield { ...data(1, 0), std: Vectors.dense([-1]) };
  }
  const failing = new OnlineStandardScalerModel().setModelData(broken());
  const transforming = failing.transform(timed([[0, 6]]));
  await rejectsError(transforming, 'ERR_GYRE_MODEL', /std must not be below 0, got -1/);
});

it('what fails in the training stream reaches everyone who waits', async () => {
  async function* failing(): AsyncGenerator<Table> {
    await new Promise((resolve) => setTimeout(resolve, 5));
    throw new Error('no more rows');
  }
  const model = await new OnlineStandardScaler().fit(TableStream.from(failing()));
  const stream = model.transform(streamOf(timed([[0, 1]])));
  const waiting = [
    model.snapshot(),
    model.transform(timed([[0, 1]])),
    model.updates().next(),
    stream.collect(),
    model.completed(),
  ];
  for (const outcome of await Promise.allSettled(waiting)) {
    assert.is(outcome.status, 'rejected');
    assert.match(String((outcome as PromiseRejectedResult).reason), /no more rows/);
  }
});

it('a stream that ends before a window is complete leaves no model, and says so', async () => {
  const model = await new OnlineStandardScaler({ windows: countWindow(9) }).fit(
    streamOf(timed([[0, 1]])),
  );
  const message = /the stream ended before a window was complete/;
  await rejectsError(model.transform(timed([[0, 1]])), 'ERR_GYRE_MODEL', message);
  const stream = model.transform(streamOf(timed([[0, 1]])));
  await rejectsError(stream.collect(), 'ERR_GYRE_MODEL', message);
  const few = new OnlineStandardScaler({ windows: countWindow(9) }).fit(timed([[0, 1]]));
  await rejectsError(few, 'ERR_GYRE_DATA', /the rows of a window, 9, got 1/);
});

it('windows by event time need a time, and vectors one size', async () => {
  const scaler = new OnlineStandardScaler({ windows: eventTimeTumbling(10) });
  const code = 'ERR_GYRE_INVALID_PARAM';
  await rejectsError(scaler.fit(timed([[0, 1]])), code, /need a stream with timestampCol/);
  const batches = [2, 3].map((dim) =>
    Table.fromColumns({ input: Column.dense([1, 2, 3, 4, 5, 6], dim) }),
  );
  const model = await new OnlineStandardScaler().fit(TableStream.from(batches));
  const message = /"input" must have vectors of size 2, got 3 in row 3/;
  await rejectsError(model.completed(), 'ERR_GYRE_DIMENSION', message);
});

it('a large table is scaled on the workers, with the same bits', async () => {
  const table = Table.fromColumns({ input: Column.dense(seeded(3).f64(300_000), 10) });
  const model = await new OnlineStandardScaler({ withMean: true }).fit(table);
  const outputs: Float64Array[] = [];
  for (const threads of [0, 2]) {
    const session = new Session({ threads, inlineWork: 0 });
    const output = await model.transform(table, { session });
    assert.is(Number(output.column('version').get(29_999)), 0);
    outputs.push(output.column('output', 'vector').values as Float64Array);
    await session.close();
  }
  assert.equal(outputs[0], outputs[1]);
});

it('no version column is made when none is wanted', async () => {
  const model = await new OnlineStandardScaler({ modelVersionCol: null }).fit(timed([[0, 1]]));
  assert.equal(
    [...(await model.transform(timed([[0, 1]]))).columnNames],
    ['time', 'input', 'output'],
  );
});

it('the form of windows in what Flink ML saves is taken too', () => {
  const flink = (name: string, more: object) => ({
    class: `org.apache.flink.ml.common.window.${name}`,
    ...more,
  });
  for (const [given, expected] of [
    [flink('GlobalWindows', {}), globalWindow()],
    [flink('CountTumblingWindows', { size: 3 }), countWindow(3)],
    [flink('EventTimeTumblingWindows', { size: 3000 }), eventTimeTumbling(3000)],
    [flink('ProcessingTimeSessionWindows', { gap: 50 }), processingTimeSession(50)],
  ] as const) {
    const { windows } = new OnlineStandardScaler({ windows: given as never }).params;
    assert.equal(windows, expected);
  }
});

it('progress tells of versions and rows', async () => {
  const seen: unknown[] = [];
  const onProgress = (progress: unknown) => seen.push(progress);
  const rows = Array.from({ length: 5 }, (_, i) => [i, i] as const);
  const scaler = new OnlineStandardScaler({ windows: countWindow(2) });
  await scaler.fit(timed(rows), { onProgress });
  assert.equal(seen, [
    { epoch: 1, rows: 2 },
    { epoch: 2, rows: 4 },
  ]);
});

it('model data that cannot be right is refused', () => {
  const vector = Vectors.dense([1, 2]);
  const good = { mean: vector, std: vector };
  for (const [data, code, message] of [
    [{ ...good, std: Vectors.dense([1]) }, 'ERR_GYRE_DIMENSION', /must have one size, got 2, 1/],
    [{ ...good, mean: [1, 2] }, 'ERR_GYRE_MODEL', /must be dense vectors/],
    [{ ...good, version: -1 }, 'ERR_GYRE_MODEL', /version must be an integer >= 0/],
    [{ ...good, timestamp: Number.NaN }, 'ERR_GYRE_MODEL', /timestamp a number/],
    [{ ...good, rows: 3 }, 'ERR_GYRE_MODEL', /given together with squares/],
  ] as const) {
    throwsError(() => new OnlineStandardScalerModel().setModelData(data as never), code, message);
  }
});

test.run();
