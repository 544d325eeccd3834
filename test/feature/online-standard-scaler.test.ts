import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Column,
  countWindow,
  eventTimeSession,
  eventTimeTumbling,
  globalWindow,
  OnlineStandardScaler,
  type OnlineStandardScalerVersion,
  processingTimeSession,
  processingTimeTumbling,
  StandardScaler,
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

async function versionsOf(
  windows: Windows,
  stream: TableStream,
  initial?: OnlineStandardScalerVersion,
): Promise<OnlineStandardScalerVersion[]> {
  const scaler = new OnlineStandardScaler({ windows });
  if (initial !== undefined) scaler.setInitialModelData(initial);
  const model = await scaler.fit(stream);
  const versions: OnlineStandardScalerVersion[] = [];
  for await (const version of model.updates()) versions.push(version);
  return versions;
}

/** Asserts versions by what windows hold: all values so far, and timestamps. */
function assertWindows(
  versions: readonly OnlineStandardScalerVersion[],
  windows: readonly (readonly [timestamp: number, values: readonly number[]])[],
): void {
  const close = (got: number, expected: number) =>
    assert.ok(Math.abs(got - expected) <= RTOL * Math.max(1, Math.abs(expected)), `${got}`);
  assert.equal(
    versions.map(({ timestamp, version }) => [timestamp, version]),
    windows.map(([timestamp], i) => [timestamp, i]),
  );
  const all: number[] = [];
  windows.forEach(([, values], i) => {
    all.push(...values);
    const { mean, std, rows } = versions[i]!;
    const average = all.reduce((a, b) => a + b) / all.length;
    const squares = all.reduce((sum, x) => sum + (x - average) ** 2, 0);
    assert.is(rows, all.length);
    close(mean.get(0), average);
    close(std.get(0), all.length === 1 ? 0 : Math.sqrt(squares / (all.length - 1)));
  });
}

const NEVER = Number.POSITIVE_INFINITY;
const values = (rows: readonly (readonly [number, number])[]) => rows.map(([, value]) => value);

it('one window is the whole stream, with what StandardScaler learns of it', async () => {
  const random = seeded(1);
  const table = Table.fromColumns({ input: Column.dense(random.f64(30_000), 3) });
  const versions = await versionsOf(globalWindow(), streamOf(table, 700));
  assert.is(versions.length, 1);
  const { mean, std } = (await new StandardScaler().fit(table)).modelData;
  for (let t = 0; t < 3; t++) {
    assert.ok(Math.abs(versions[0]!.mean.get(t) - mean.get(t)) < RTOL);
    assert.ok(Math.abs(versions[0]!.std.get(t) - std.get(t)) < RTOL);
  }
});

it('count windows add up, and rows that fill none are dropped or emitted', async () => {
  const rows = [3, 1, 4, 1, 5, 9, 2, 6].map((value) => [0, value] as const);
  const table = timed(rows).select(['input']);
  const [a, b, c] = [values(rows.slice(0, 3)), values(rows.slice(3, 6)), values(rows.slice(6))];
  assertWindows(await versionsOf(countWindow(3), streamOf(table, 2)), [
    [NEVER, a],
    [NEVER, b],
  ]);
  const emitted = await versionsOf(countWindow(3, { partial: 'emit' }), streamOf(table, 8));
  assertWindows(emitted, [
    [NEVER, a],
    [NEVER, b],
    [NEVER, c],
  ]);
});

it('event-time windows begin at multiples of their size, and empty ones give nothing', async () => {
  const rows = [
    [-1500, 1],
    [0, 2],
    [999, 3],
    [1000, 4],
    [7100, 5],
    [7200, 6],
  ] as const;
  for (const size of [1, 2, 6]) {
    assertWindows(await versionsOf(eventTimeTumbling(1000), streamOf(timed(rows), size)), [
      [-1001, [1]],
      [999, [2, 3]],
      [1999, [4]],
      [7999, [5, 6]],
    ]);
  }
});

it('rows out of order meet their window while the watermark lets them, and no longer', async () => {
  const rows = [
    [100, 1],
    [1100, 2],
    [900, 3],
    [1600, 4],
    [950, 5],
    [1200, 6],
  ] as const;
  assertWindows(await versionsOf(eventTimeTumbling(1000), streamOf(timed(rows), 6, 500)), [
    [999, [1, 3]],
    [1999, [2, 4, 6]],
  ]);
  assertWindows(await versionsOf(eventTimeTumbling(1000), streamOf(timed(rows), 2)), [
    [999, [1]],
    [1999, [2, 4, 6]],
  ]);
});

it('sessions end after a gap, and a row between two makes them one', async () => {
  const rows = [
    [0, 1],
    [90, 2],
    [300, 3],
    [195, 4],
    [600, 5],
    [250, 6],
    [900, 7],
  ] as const;
  for (const size of [1, 3, 7]) {
    const stream = streamOf(timed(rows), size, 350);
    assertWindows(await versionsOf(eventTimeSession(105), stream), [
      [404, [1, 2, 3, 4, 6]],
      [704, [5]],
      [1004, [7]],
    ]);
  }
});

it('random event times give what windows of all rows give', async () => {
  for (const seed of [1, 2, 3]) {
    const random = seeded(seed);
    const rows = Array.from({ length: 3000 }, (_, i) => {
      return [i * 10 + random.below(400), random.unit() * 5] as const;
    });
    const expected = new Map<number, number[]>();
    for (const [time, value] of rows) {
      const end = Math.floor(time / 1000) * 1000 + 999;
      expected.set(end, [...(expected.get(end) ?? []), value]);
    }
    const stream = streamOf(timed(rows), 1 + random.below(500), 400);
    const versions = await versionsOf(eventTimeTumbling(1000), stream);
    assertWindows(
      versions,
      [...expected].sort(([a], [b]) => a - b),
    );
  }
});

it('how a stream is cut into batches does not change a bit', async () => {
  const random = seeded(5);
  const rows = Array.from(
    { length: 5000 },
    (_, i) => [i + random.below(90), random.unit()] as const,
  );
  const all = [globalWindow(), countWindow(1700), eventTimeTumbling(1300), eventTimeSession(2)];
  for (const windows of all) {
    const digests = new Set<string>();
    for (const size of [1, 37, 1024, 5000]) {
      const versions = await versionsOf(windows, streamOf(timed(rows), size, 90));
      assert.ok(versions.length > 0);
      digests.add(JSON.stringify(versions.map(({ mean, std, rows: n }) => [mean, std, n])));
    }
    assert.is(digests.size, 1, windows.kind);
  }
});

it('sparse rows give what dense ones give, in every kind of window', async () => {
  const random = seeded(6);
  const dense = Array.from({ length: 400 }, () =>
    Array.from({ length: 4 }, () => (random.below(3) === 0 ? random.unit() : 0)),
  );
  const time = Float64Array.from(dense.keys());
  const tables = [
    Table.fromColumns({ time, input: dense }, { input: 'vector' }),
    Table.fromColumns({ time, input: dense.map((row) => Vectors.dense(row).toSparse()) }),
  ];
  for (const windows of [countWindow(70), eventTimeTumbling(70), eventTimeSession(3)]) {
    const [a, b] = await Promise.all(
      tables.map((table) => versionsOf(windows, streamOf(table, 33))),
    );
    assert.is(a!.length, b!.length);
    a!.forEach(({ mean, std }, i) => {
      for (let t = 0; t < 4; t++) {
        assert.ok(Math.abs(mean.get(t) - b![i]!.mean.get(t)) < RTOL);
        assert.ok(Math.abs(std.get(t) - b![i]!.std.get(t)) < RTOL);
      }
    });
  }
});

it('large means do not cancel', async () => {
  const rows = Array.from({ length: 3000 }, (_, i) => [i, 1e9 + (i % 2)] as const);
  const [last] = (await versionsOf(countWindow(100), streamOf(timed(rows)))).slice(-1);
  const exact = Math.sqrt((3000 * 0.25) / 2999);
  assert.ok(Math.abs(last!.std.get(0) - exact) < 1e-9, `${last!.std.get(0)}`);
});

it('processing-time windows go by the clock, and the last ends with the stream', async () => {
  async function* slowly() {
    for (const value of [1, 2, 3]) {
      yield Table.fromColumns({ input: [[value]] }, { input: 'vector' });
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
  }
  for (const windows of [processingTimeTumbling(40), processingTimeSession(40)]) {
    const versions = await versionsOf(windows, TableStream.from(slowly()));
    assertWindows(versions, [
      [NEVER, [1]],
      [NEVER, [2]],
      [NEVER, [3]],
    ]);
  }
  const whole = await versionsOf(processingTimeSession(60_000), TableStream.from(slowly()));
  assertWindows(whole, [[NEVER, [1, 2, 3]]]);
});

it('learning goes on from a model, also one that was saved', async () => {
  const random = seeded(8);
  const rows = Array.from({ length: 90 }, (_, i) => [i, random.unit()] as const);
  const table = timed(rows).select(['input']);
  const whole = await versionsOf(countWindow(30), streamOf(table));
  const [first] = await versionsOf(countWindow(30), streamOf(table.slice(0, 30)));
  const folder = mkdtempSync(join(tmpdir(), 'gyre-online-scaler-'));
  const estimator = new OnlineStandardScaler({ windows: countWindow(30) });
  await estimator.setInitialModelData(first!).save(join(folder, 'scaler'));
  const loaded = await OnlineStandardScaler.load(join(folder, 'scaler'));
  rmSync(folder, { recursive: true });
  assert.equal(loaded.params, estimator.params);
  const model = await loaded.fit(streamOf(table.slice(30)));
  const rest: OnlineStandardScalerVersion[] = [];
  for await (const version of model.updates()) rest.push(version);
  assert.equal(
    rest.map(({ version, rows: n }) => [version, n]),
    [
      [1, 60],
      [2, 90],
    ],
  );
  rest.forEach(({ mean, std }, i) => {
    assert.ok(Math.abs(mean.get(0) - whole[i + 1]!.mean.get(0)) < RTOL);
    assert.ok(Math.abs(std.get(0) - whole[i + 1]!.std.get(0)) < RTOL);
  });
  const bare = { mean: first!.mean, std: first!.std };
  const set = () => estimator.setInitialModelData(bare);
  throwsError(set, 'ERR_GYRE_INVALID_PARAM', /must have rows and squares/);
});

it('timestamps of any type give the event time, and null is refused', async () => {
  const ms = [0n, 1000n];
  for (const time of [
    Column.timestamp(BigInt64Array.from(ms)),
    Column.timestamp(
      BigInt64Array.from(ms, (t) => t * 1000n),
      'us',
    ),
    Column.numeric(BigInt64Array.from(ms)),
  ]) {
    const table = Table.fromColumns({ time, input: Column.dense([1, 2], 1) });
    const versions = await versionsOf(eventTimeTumbling(1000), streamOf(table));
    assertWindows(versions, [
      [999, [1]],
      [1999, [2]],
    ]);
  }
  const time = Column.from([1, null], 'float64');
  const table = Table.fromColumns({ time, input: Column.dense([1, 2], 1) });
  const stream = () => streamOf(Table.concat([timed([[0, 1]]), table]), 2);
  const message = /"time" must have a time in every row, got null in row 2/;
  const learning = await new OnlineStandardScaler({ windows: eventTimeTumbling(5) }).fit(stream());
  await rejectsError(learning.completed(), 'ERR_GYRE_DATA', message);
});

test.run();
