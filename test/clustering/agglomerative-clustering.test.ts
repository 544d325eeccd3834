import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  AgglomerativeClustering,
  type AgglomerativeClusteringParams,
  Column,
  countWindow,
  eventTimeSession,
  eventTimeTumbling,
  processingTimeSession,
  processingTimeTumbling,
  Session,
  Table,
  TableStream,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { seeded } from '../reference/random.js';
import { rejectsError } from '../table/expect-error.js';

type Params = Partial<AgglomerativeClusteringParams>;

const SIX = [
  [1, 1],
  [1, 4],
  [1, 0],
  [4, 4],
  [4, 1.5],
  [4, 0],
];

function tableOf(rows: readonly (readonly number[])[]): Table {
  return Table.fromColumns({ features: Column.dense(rows.flat(), rows[0]!.length) });
}

/** Points on a line, with times. */
function timed(rows: readonly (readonly [time: number, x: number])[]): Table {
  return Table.fromColumns({
    time: Float64Array.from(rows, ([time]) => time),
    features: Column.dense(
      rows.map(([, x]) => x),
      1,
    ),
  });
}

const clustersOf = (table: Table): unknown[] => table.column('prediction').toArray() as unknown[];

async function run(rows: readonly (readonly number[])[], params: Params = {}) {
  return new AgglomerativeClustering(params).transform(tableOf(rows));
}

async function read(stream: TableStream): Promise<Table[]> {
  const tables: Table[] = [];
  for await (const table of stream) tables.push(table);
  return tables;
}

const it = (name: string, body: () => void | Promise<void>) => test(name, readable(body));

it('outputs are the input with clusters, and merges', async () => {
  const [clustered, merges] = await run(SIX, { computeFullTree: true });
  assert.equal(clustered.schema, { features: 'vector', prediction: 'int32' });
  assert.equal(merges.schema, {
    clusterId1: 'int32',
    clusterId2: 'int32',
    distance: 'float64',
    sizeOfMergedCluster: 'int32',
  });
  assert.is(merges.numRows, 5);
  assert.equal(merges.column('sizeOfMergedCluster').toArray().at(-1), 6);
});

it('sizes are those of the merged clusters where sorting has renumbered the merges', async () => {
  const [, merges] = await run(SIX, { linkage: 'single', computeFullTree: true });
  assert.equal(merges.column('distance').toArray(), [1, 1.5, 2.5, 3, 3]);
  assert.equal(merges.column('sizeOfMergedCluster').toArray(), [2, 2, 3, 3, 6]);
});

it('only merges that were applied are given, or all', async () => {
  for (const [params, rows] of [
    [{ numClusters: 4 }, 2],
    [{ numClusters: 4, computeFullTree: true }, 5],
    [{ numClusters: null, distanceThreshold: 1 }, 1],
    [{ numClusters: null, distanceThreshold: 0.5 }, 0],
    [{ numClusters: 100 }, 0],
  ] as const) {
    const [, merges] = await run(SIX, params);
    assert.is(merges.numRows, rows, JSON.stringify(params));
  }
});

it('a threshold includes merges at just that distance', async () => {
  const [clustered] = await run([[0], [1], [3]], {
    ...{ linkage: 'single', numClusters: null, distanceThreshold: 2 },
  });
  assert.equal(clustersOf(clustered), [0, 0, 0]);
});

it('one row is one cluster, no rows are none, and equal rows are at distance 0', async () => {
  for (const linkage of ['ward', 'complete', 'average', 'single'] as const) {
    const [one, none] = await run([[7, 7]], { linkage, computeFullTree: true });
    assert.equal(clustersOf(one), [0]);
    assert.is(none.numRows, 0);
    const empty = await new AgglomerativeClustering({ linkage }).transform(
      tableOf(SIX).slice(0, 0),
    );
    assert.equal(
      empty.map(({ numRows }) => numRows),
      [0, 0],
    );
    const [same, merges] = await run(
      SIX.map(() => [1, 2]),
      { linkage, numClusters: 1 },
    );
    assert.equal(clustersOf(same), [0, 0, 0, 0, 0, 0]);
    assert.equal(merges.column('distance').toArray(), [0, 0, 0, 0, 0]);
  }
});

it('fewer rows than clusters leave every row its own cluster', async () => {
  const [clustered] = await run(SIX, { numClusters: 10 });
  assert.equal(clustersOf(clustered), [0, 1, 2, 3, 4, 5]);
});

it('sparse vectors, float32 and dense ones give the same clusters', async () => {
  const random = seeded(5);
  const values = Float64Array.from({ length: 80 * 4 }, () => Math.fround(random.below(7) / 4));
  const dense = Column.dense(values, 4);
  const cells = Array.from({ length: 80 }, (_, row) => {
    const entries = [...values.subarray(row * 4, row * 4 + 4).entries()].filter(([, v]) => v !== 0);
    return { size: 4, indices: entries.map(([i]) => i), values: entries.map(([, v]) => v) };
  });
  const offsets = Int32Array.from({ length: 81 }, (_, row) =>
    cells.slice(0, row).reduce((sum, { indices }) => sum + indices.length, 0),
  );
  const sparse = Column.sparse(
    4,
    offsets,
    Int32Array.from(cells.flatMap(({ indices }) => indices)),
    Float64Array.from(cells.flatMap(({ values: stored }) => stored)),
  );
  const outputs = [];
  for (const features of [dense, sparse, Column.dense(new Float32Array(values), 4)]) {
    const stage = new AgglomerativeClustering({ numClusters: 6, computeFullTree: true });
    const [clustered, merges] = await stage.transform(Table.fromColumns({ features }));
    outputs.push([clustersOf(clustered), merges.toRows()]);
  }
  assert.equal(outputs[1], outputs[0]);
  assert.equal(outputs[2], outputs[0]);
});

/** The greedy algorithm, by distances of all points: the definition. */
function greedyHeights(points: readonly (readonly number[])[], linkage: string): number[] {
  const distance = (a: readonly number[], b: readonly number[]) =>
    Math.sqrt(a.reduce((sum, x, t) => sum + (x - b[t]!) ** 2, 0));
  const mean = (cluster: readonly (readonly number[])[]) =>
    cluster[0]!.map((_, t) => cluster.reduce((sum, x) => sum + x[t]!, 0) / cluster.length);
  const between = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]) => {
    if (linkage === 'ward') {
      const weight = (2 * a.length * b.length) / (a.length + b.length);
      return Math.sqrt(weight) * distance(mean(a), mean(b));
    }
    const all = a.flatMap((x) => b.map((y) => distance(x, y)));
    if (linkage === 'single') return Math.min(...all);
    if (linkage === 'complete') return Math.max(...all);
    return all.reduce((sum, d) => sum + d) / all.length;
  };
  const clusters = points.map((point) => [point]);
  const heights: number[] = [];
  while (clusters.length > 1) {
    let best = { height: Number.POSITIVE_INFINITY, a: 0, b: 0 };
    for (let a = 0; a < clusters.length; a++) {
      for (let b = a + 1; b < clusters.length; b++) {
        const height = between(clusters[a]!, clusters[b]!);
        if (height < best.height) best = { height, a, b };
      }
    }
    heights.push(best.height);
    clusters[best.a]!.push(...clusters[best.b]!);
    clusters.splice(best.b, 1);
  }
  return heights;
}

it('heights are those of the greedy algorithm by definition, for random points', async () => {
  for (const linkage of ['ward', 'complete', 'average', 'single'] as const) {
    for (let seed = 1; seed <= 6; seed++) {
      const random = seeded(seed);
      const points = Array.from({ length: 2 + random.below(35) }, () => [...random.f64(3)]);
      const [, merges] = await run(points, { linkage, numClusters: 1 });
      const expected = greedyHeights(points, linkage);
      merges
        .column('distance')
        .toArray()
        .forEach((height, i) => {
          const off = Math.abs((height as number) - expected[i]!);
          assert.ok(off <= 1e-12 * expected[i]!, `${linkage}, seed ${seed}, merge ${i}: ${height}`);
        });
    }
  }
});

it('params that do not go together are refused by transform', async () => {
  const cases: [Params, RegExp][] = [
    [{ numClusters: null }, /exactly one of .* must be null, got null and null\.$/],
    [{ distanceThreshold: 1 }, /exactly one of .* must be null, got 2 and 1\.$/],
    [
      { distanceMeasure: 'cosine' },
      /linkage 'ward' needs the distanceMeasure 'euclidean', got 'cosine'\.$/,
    ],
    [{ windows: eventTimeTumbling(5) }, /windows by event time need a stream with timestampCol/],
  ];
  for (const [params, message] of cases) {
    await rejectsError(run(SIX, params), 'ERR_GYRE_INVALID_PARAM', message);
    const stage = new AgglomerativeClustering(params);
    assert.throws(() => stage.transform(TableStream.from(tableOf(SIX))), message);
  }
});

it('points without distances are refused, with their row', async () => {
  const bad = (row: number[]) => [...SIX.slice(0, 4), row, SIX[5]!];
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const message = new RegExp(`"features" must be finite, got ${value} in row 4\\.$`);
    await rejectsError(run(bad([1, value])), 'ERR_GYRE_DATA', message);
  }
  const cosine: Params = { linkage: 'average', distanceMeasure: 'cosine' };
  const message = /must not have vectors of zeros, which have no cosine, got one in row 4\.$/;
  await rejectsError(run(bad([0, 0]), cosine), 'ERR_GYRE_DATA', message);
  for (const linkage of ['average', 'single'] as const) {
    const far = run([[1e300], [-1e300], [3]], { linkage });
    await rejectsError(far, 'ERR_GYRE_DATA', /must have vectors whose distances are finite/);
  }
  const taken = tableOf(SIX).withColumn('prediction', [1, 2, 3, 4, 5, 6]);
  const call = new AgglomerativeClustering().transform(taken);
  await rejectsError(call, 'ERR_GYRE_SCHEMA', /has a column "prediction" already/);
});

it('rows of a stream are counted from its start in messages', async () => {
  const stream = TableStream.from([
    tableOf(SIX),
    tableOf([
      [1, 1],
      [1, Number.NaN],
    ]),
  ]);
  const [clustered] = new AgglomerativeClustering().transform(stream);
  await rejectsError(clustered.collect(), 'ERR_GYRE_DATA', /got NaN in row 7\.$/);
  const mixed = TableStream.from([tableOf(SIX), tableOf([[1], [2]])]);
  const [other] = new AgglomerativeClustering().transform(mixed);
  await rejectsError(other.collect(), 'ERR_GYRE_DIMENSION', /of size 2, got 1 in row 6\.$/);
});

it('cosine does not depend on lengths, however large or small', async () => {
  const params: Params = { linkage: 'complete', distanceMeasure: 'cosine', numClusters: 1 };
  const points = [
    [3, 4],
    [6, 8],
    [4, 3],
    [-3, 4],
  ];
  const [, merges] = await run(points, params);
  const scaled = points.map((point, i) => point.map((x) => x * [1e-300, 1e300, 1, 1e200][i]!));
  const [, same] = await run(scaled, params);
  const heights = [merges, same].map((table) => table.column('distance').toArray() as number[]);
  heights[0]!.forEach((height, i) => {
    assert.ok(Math.abs(height - heights[1]![i]!) < 1e-15);
    assert.ok(Math.abs(height - [0, 1 - 24 / 25, 1 - 0][i]!) < 1e-15, `merge ${i}: ${height}`);
  });
});

it('count windows are clustered on their own, and rows of a last one are dropped or not', async () => {
  const points = [[0], [9], [1], [5], [50], [5], [7]];
  const params = { linkage: 'single' } as const;
  const [dropped, merges] = await run(points, { ...params, windows: countWindow(3) });
  assert.equal(clustersOf(dropped), [0, 1, 0, 0, 1, 0]);
  assert.equal(
    merges
      .toRows()
      .map(({ clusterId1, clusterId2, distance }) => [clusterId1, clusterId2, distance]),
    [
      [0, 2, 1],
      [0, 2, 0],
    ],
  );
  const kept = countWindow(3, { partial: 'emit' });
  const [emitted] = await run(points, { ...params, windows: kept });
  assert.equal(clustersOf(emitted), [0, 1, 0, 0, 1, 0, 0]);
  const [none] = await run(points, { ...params, windows: countWindow(8) });
  assert.is(none.numRows, 0);
  assert.equal(none.schema, emitted.schema);
});

it('a stream gives a table for every count window, however it is cut into batches', async () => {
  const rows = tableOf(Array.from({ length: 20 }, (_, i) => [(i * i) % 17]));
  const stage = new AgglomerativeClustering({ windows: countWindow(6), linkage: 'average' });
  const [whole, wholeMerges] = await stage.transform(rows);
  for (const size of [1, 5, 6, 20]) {
    const batches = [];
    for (let at = 0; at < 20; at += size) batches.push(rows.slice(at, at + size));
    const [clustered, merges] = stage.transform(TableStream.from(batches));
    const tables = await read(clustered);
    assert.equal(
      tables.map(({ numRows }) => numRows),
      [6, 6, 6],
    );
    assert.equal(Table.concat(tables).toRows(), whole.toRows());
    assert.equal((await merges.collect()).toRows(), wholeMerges.toRows());
  }
});

it('windows by event time have their rows in order of time, and late rows are left out', async () => {
  const rows = timed([
    [1, 10],
    [4, 20],
    [2, 11],
    [11, 1],
    [3, 99],
    [12, 2],
    [25, 7],
  ]);
  const stage = new AgglomerativeClustering({ windows: eventTimeTumbling(10) });
  const stream = TableStream.from(rows, { timestampCol: 'time' });
  const tables = await read(stage.transform(stream)[0]);
  assert.equal(
    tables.map((table) => [table.column('time').toArray(), clustersOf(table)]),
    [
      [
        [1, 2, 4],
        [0, 0, 1],
      ],
      [
        [11, 12],
        [0, 1],
      ],
      [[25], [0]],
    ],
  );
  const patient = TableStream.from(rows, { timestampCol: 'time', watermarkDelayMs: 9 });
  const [first] = await read(stage.transform(patient)[0]);
  assert.equal(first!.column('time').toArray(), [1, 2, 3, 4]);
});

it('sessions by event time end after a gap', async () => {
  const rows = timed([
    [0, 1],
    [3, 2],
    [20, 5],
    [22, 9],
  ]);
  const stage = new AgglomerativeClustering({ windows: eventTimeSession(5), numClusters: 1 });
  const stream = TableStream.from(rows, { timestampCol: 'time' });
  const [clustered, merges] = stage.transform(stream);
  assert.equal(
    (await read(clustered)).map(({ numRows }) => numRows),
    [2, 2],
  );
  assert.equal((await merges.collect()).column('distance').toArray(), [1, 4]);
});

it('windows by processing time fire by the clock, and at the end of the stream', async () => {
  for (const windows of [processingTimeSession(40), processingTimeTumbling(40)]) {
    const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    async function* batches(): AsyncGenerator<Table> {
      yield tableOf([[1], [2], [9]]);
      await wait(200);
      yield tableOf([[4], [5]]);
    }
    const [clustered] = new AgglomerativeClustering({ windows }).transform(
      TableStream.from(batches()),
    );
    const seen: number[] = [];
    let firedBeforeTheEnd = false;
    for await (const table of clustered) {
      firedBeforeTheEnd ||= seen.length === 0 && table.numRows === 3;
      seen.push(table.numRows);
    }
    assert.equal(seen, [3, 2], windows.kind);
    assert.ok(firedBeforeTheEnd);
  }
  const [table] = await run(SIX, { windows: processingTimeTumbling(1) });
  assert.is(table.numRows, 6);
});

it('both outputs of a stream that can be read once share its reading', async () => {
  const stage = new AgglomerativeClustering({ windows: countWindow(2), numClusters: 1 });
  async function* batches(): AsyncGenerator<Table> {
    for (let i = 0; i < 200; i++) yield tableOf([[i], [2 * i + 1]]);
  }
  const [clustered, merges] = stage.transform(TableStream.from(batches()));
  const [tables, merged] = await Promise.all([read(clustered), merges.collect()]);
  assert.is(tables.length, 200);
  assert.is(merged.numRows, 200);

  const [alone, late] = stage.transform(TableStream.from(batches()));
  assert.is((await read(alone)).length, 200);
  await rejectsError(late.collect(), 'ERR_GYRE_CLOSED', /output 1 must be read from the start/);
});

it('a reader who leaves lets the source close', async () => {
  let isClosed = false;
  async function* batches(): AsyncGenerator<Table> {
    try {
      for (;;) yield tableOf([[1], [2]]);
    } finally {
      isClosed = true;
    }
  }
  const stage = new AgglomerativeClustering({ windows: countWindow(2) });
  for await (const _ of stage.transform(TableStream.from(batches()))[0]) break;
  assert.ok(isClosed);
});

it('progress tells windows and rows', async () => {
  const seen: unknown[] = [];
  const stage = new AgglomerativeClustering({ windows: countWindow(3) });
  await stage.transform(tableOf(SIX), { onProgress: (progress) => seen.push(progress) });
  assert.equal(seen, [
    { epoch: 1, rows: 3 },
    { epoch: 2, rows: 6 },
  ]);
});

const points = (rows: number): Table =>
  Table.fromColumns({ features: Column.dense(seeded(3).f64(rows * 2), 2) });

it('distances that are stored, measured again, or measured at once give the same merges', async () => {
  const [rows, dim] = [1300, 3];
  const random = seeded(21);
  const narrow = Float64Array.from({ length: rows * dim }, () => 1 + random.below(9));
  // Zeros change no distance, but vectors of so many entries are measured once, if there is room.
  const wide = new Float64Array(rows * 80);
  narrow.forEach((x, at) => {
    wide[Math.floor(at / dim) * 80 + (at % dim)] = x;
  });
  const tables = [Column.dense(narrow, dim), Column.dense(wide, 80)].map((features) =>
    Table.fromColumns({ features }),
  );
  const sessions = [
    new Session({ threads: 0, inlineWork: Number.MAX_SAFE_INTEGER }),
    new Session({ threads: 0, inlineWork: 0 }),
    new Session({ threads: 2, inlineWork: 0 }),
    new Session({ threads: 0, inlineWork: 0, memory: { maxBytes: 1 << 24 } }),
  ];
  for (const linkage of ['ward', 'complete', 'average'] as const) {
    const stage = new AgglomerativeClustering({ linkage, computeFullTree: true });
    const outputs = [];
    for (const session of sessions) {
      for (const table of tables) {
        const [, merges] = await stage.transform(table, { session });
        outputs.push(Object.keys(merges.schema).map((name) => merges.column(name).toArray()));
        assert.is(session.inline.arena.used, 0);
      }
    }
    for (const output of outputs.slice(1)) assert.equal(output, outputs[0], linkage);
  }
  await Promise.all(sessions.map((session) => session.close()));
});

it('more distances than a kernel memory holds are refused, with the numbers', async () => {
  const session = new Session({ threads: 0, memory: { maxBytes: 1 << 24 } });
  const call = new AgglomerativeClustering().transform(points(2500), { session });
  const message =
    /the distances of 2500 points must fit into a kernel memory of \d+ bytes, got 25\d+ bytes/;
  await rejectsError(call, 'ERR_GYRE_MEMORY', message);
  const single = new AgglomerativeClustering({ linkage: 'single' });
  assert.is((await single.transform(points(2500), { session }))[1].numRows, 2498);
  await session.close();
});

it('a job on the calling thread leaves the event loop its turns, and can be aborted', async () => {
  const session = new Session({ threads: 0, inlineWork: 0 });
  for (const [linkage, rows] of [
    ['ward', 4000],
    ['single', 16_000],
  ] as const) {
    const controller = new AbortController();
    let turns = 0;
    const timer = setInterval(() => {
      if (++turns === 2) controller.abort();
    }, 1);
    try {
      const stage = new AgglomerativeClustering({ linkage });
      const call = stage.transform(points(rows), { session, signal: controller.signal });
      await rejectsError(call, 'ERR_GYRE_ABORTED', /was aborted\.$/);
    } finally {
      clearInterval(timer);
    }
  }
  assert.is(session.inline.arena.used, 0, 'nothing is left in the kernel memory');
  await session.close();
});

test.run();
