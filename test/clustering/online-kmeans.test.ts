import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { batchShards } from '../../src/clustering/online-kmeans-rows.js';
import { reservoirSample } from '../../src/core/random.js';
import {
  Column,
  loadStage,
  OnlineKMeans,
  OnlineKMeansModel,
  type OnlineKMeansModelData,
  type OnlineKMeansParams,
  type OnlineKMeansVersion,
  Session,
  Table,
  TableStream,
  Vectors,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { removeAll, scratch } from '../engine/faults/disturbed.js';
import { digestOfData, digestOfTable } from '../estimators/digest.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';

type Rows = readonly (readonly number[])[];

const folder = scratch('online-kmeans');
const sessions = [0, 1, 2, 3].map((threads) => new Session({ threads, inlineWork: 0 }));

test.after(async () => {
  await Promise.all(sessions.map((session) => session.close()));
  removeAll(folder);
});

function tableOf(features: Rows): Table {
  return Table.fromColumns({ features }, { features: 'vector' });
}

function dataOf(centroids: Rows, weights: readonly number[], version?: number) {
  const data: OnlineKMeansModelData = {
    centroids: centroids.map((centroid) => Vectors.dense(centroid)),
    weights: Vectors.dense(weights),
    version,
  };
  return data;
}

const rowsOf = ({ centroids }: OnlineKMeansVersion): number[][] =>
  centroids.map(({ values }) => [...values]);

function randomPoints(rows: number, dim: number, seed: number): Table {
  return Table.fromColumns({ features: Column.dense(seeded(seed).f64(rows * dim), dim) });
}

const START = dataOf(
  [
    [0, 0],
    [9, 9],
  ],
  [1, 1],
);
const NEAR = tableOf([
  [0, 2],
  [0, 4],
]);

async function versionsOf(
  kmeans: OnlineKMeans,
  stream: TableStream,
): Promise<OnlineKMeansVersion[]> {
  const model = await kmeans.fit(stream);
  const seen: OnlineKMeansVersion[] = [];
  for await (const version of model.updates()) seen.push(version);
  return seen;
}

test(
  'a cluster without rows keeps its centroid, and its weight decays',
  readable(async () => {
    for (const [decayFactor, weight, moved] of [
      [0, 0, 3],
      [0.5, 0.5, 6 / 2.5],
      [1, 1, 2],
    ] as const) {
      for (const session of sessions) {
        const kmeans = new OnlineKMeans({ globalBatchSize: 2, decayFactor });
        const model = await kmeans.setInitialModelData(START).fit(NEAR, { session });
        assert.equal(rowsOf(model.modelData), [
          [0, moved],
          [9, 9],
        ]);
        assert.equal([...model.modelData.weights.values], [2 + weight, weight]);
      }
    }
  }),
);

test(
  'versions start with the initial model, go up by one a batch, and rows left over are not used',
  readable(async () => {
    const kmeans = new OnlineKMeans({ globalBatchSize: 2 });
    kmeans.setInitialModelData(dataOf(rowsOf(START as OnlineKMeansVersion), [1, 1], 7));
    const tables = [NEAR.slice(0, 1), NEAR, NEAR, tableOf([[7, 7]]).slice(0, 0)];
    const seen = await versionsOf(kmeans, TableStream.from(tables));
    assert.equal(
      seen.map(({ version }) => version),
      [7, 8, 9],
    );
    assert.equal(seen.map(rowsOf), [
      [
        [0, 0],
        [9, 9],
      ],
      [
        [0, 2],
        [9, 9],
      ],
      [
        [0, 3],
        [9, 9],
      ],
    ]);
  }),
);

test(
  'without an initial model the first centroids are a sample of the first batch',
  readable(async () => {
    const points = randomPoints(200, 3, 5);
    const kmeans = new OnlineKMeans({ k: 5, globalBatchSize: 64, seed: 11 });
    const cuts = [points.slice(0, 10), points.slice(10, 150), points.slice(150)];
    const [first, ...others] = await versionsOf(kmeans, TableStream.from(cuts));
    const rows = points.column('features', 'vector').toArray();
    const sample = [...reservoirSample(64, 5, 11)];
    assert.equal(
      rowsOf(first!),
      sample.map((row) => [...rows[row]!.values]),
    );
    assert.equal([...first!.weights.values], [0, 0, 0, 0, 0]);
    assert.equal(
      [first!, ...others].map(({ version }) => version),
      [1, 2, 3, 4],
    );
    assert.is(
      others[0]!.weights.values.reduce((sum, weight) => sum + weight, 0),
      64,
    );
  }),
);

const shapes: readonly (Partial<OnlineKMeansParams> & { dim: number; rows: number })[] = [
  { k: 3, dim: 2, globalBatchSize: 7, rows: 100, decayFactor: 0.9 },
  { k: 128, dim: 16, globalBatchSize: 4096, rows: 10_000, decayFactor: 1 },
  { k: 130, dim: 9, globalBatchSize: 5001, rows: 12_000, distanceMeasure: 'manhattan' },
  { k: 160, dim: 7, globalBatchSize: 4500, rows: 10_000, distanceMeasure: 'cosine' },
];

for (const { rows, dim, ...params } of shapes) {
  const { k, globalBatchSize, distanceMeasure = 'euclidean' } = params;
  const shards = batchShards(globalBatchSize!, k!, dim);
  test(
    `${distanceMeasure}, ${globalBatchSize} rows in ${shards} shards: same bits on any number of threads, however the stream is cut`,
    readable(async () => {
      const points = randomPoints(rows, dim, 3);
      const random = seeded(17);
      const digests = new Set<string>();
      for (const session of sessions) {
        const tables: Table[] = [];
        for (let start = 0; start < rows; ) {
          const end = Math.min(rows, start + 1 + random.below(globalBatchSize! * 2));
          tables.push(points.slice(start, end));
          start = end;
        }
        const model = await new OnlineKMeans(params).fit(TableStream.from(tables), { session });
        await model.completed();
        assert.is(model.version, 1 + Math.floor(rows / globalBatchSize!));
        digests.add(digestOfData(model.modelData));
      }
      digests.add(digestOfData((await new OnlineKMeans(params).fit(points)).modelData));
      assert.is(digests.size, 1);
    }),
  );
}

test('large batches are shared among learners, small ones are not', () => {
  assert.is(batchShards(1024, 10, 16), 1);
  assert.is(batchShards(511, 10_000, 1000), 1);
  assert.is(batchShards(4096, 128, 16), 8);
  assert.is(batchShards(2 ** 24, 100, 100), 64);
});

test(
  'sparse rows learn what the same rows do dense',
  readable(async () => {
    const rows = [
      [1, 0, 0],
      [0, 0, 2],
      [0, 3, 0],
      [0, 0, 0],
      [5, 0, 6],
      [0, 0, 1],
    ];
    const sparse = rows.map((row) => {
      const indices = [...row.keys()].filter((i) => row[i] !== 0);
      return Vectors.sparse(
        3,
        indices,
        indices.map((i) => row[i]!),
      );
    });
    const kmeans = new OnlineKMeans({ globalBatchSize: 3, decayFactor: 0.3 });
    const dense = await kmeans.fit(tableOf(rows));
    const table = Table.fromColumns({ features: sparse }, { features: 'sparseVector' });
    const model = await kmeans.fit(table);
    assert.is(digestOfData(model.modelData), digestOfData(dense.modelData));
    const [a, b] = [await model.transform(table), await dense.transform(tableOf(rows))];
    assert.equal(a.column('prediction').toArray(), b.column('prediction').toArray());
  }),
);

test(
  'a live model predicts with the newest version and follows a stream of batches',
  readable(async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    async function* stream() {
      yield NEAR;
      await gate;
      yield tableOf([
        [-50, 0],
        [-50, 0],
      ]);
    }
    const kmeans = new OnlineKMeans({ globalBatchSize: 2, modelVersionCol: 'version' });
    const model = await kmeans.setInitialModelData(START).fit(TableStream.from(stream()));
    assert.is(model.version, 1, 'the initial model is there at once');
    const servable = model.toServable({ schema: { features: 'vector' } });
    assert.is(servable.transform({ features: [1, 1] })?.version, 1);
    const updates = model.updates();
    await updates.next();
    await updates.next();
    const predicted = await model.transform(NEAR);
    assert.equal(predicted.column('version').toArray(), [2, 2]);
    assert.equal(predicted.column('prediction').toArray(), [0, 0]);
    open();
    await updates.next();
    assert.is(servable.transform({ features: [1, 1] })?.version, 3);
    await model.completed();
    // The centroid of the row has left for (-50, 0): now the one at (9, 9) is closer.
    assert.is(servable.transform({ features: [1, 1] })?.prediction, 1);
  }),
);

test(
  'stop ends a stream that has no end, and the model stays',
  readable(async () => {
    async function* forever() {
      for (;;) {
        yield NEAR;
        await setTimeout(1);
      }
    }
    for (const session of sessions) {
      const kmeans = new OnlineKMeans({ globalBatchSize: 2 }).setInitialModelData(START);
      const model = await kmeans.fit(TableStream.from(forever()), { session });
      const updates = model.updates();
      for (let i = 0; i < 3; i++) await updates.next();
      await updates.return?.();
      await model.stop();
      assert.equal(rowsOf(model.modelData)[0], [0, 3]);
    }
  }),
);

test(
  'a saved estimator starts from its initial model, a saved model goes on from where it was',
  readable(async () => {
    const points = randomPoints(64, 2, 8);
    const params = { globalBatchSize: 16, decayFactor: 0.8 };
    const kmeans = new OnlineKMeans(params).setInitialModelData(START);
    await kmeans.save(join(folder, 'estimator'));
    const whole = await kmeans.fit(points);
    const again = (await loadStage(join(folder, 'estimator'))) as OnlineKMeans;
    assert.is(digestOfData((await again.fit(points)).modelData), digestOfData(whole.modelData));
    const half = await kmeans.fit(points.slice(0, 32));
    await half.save(join(folder, 'model'));
    const { modelData } = await OnlineKMeansModel.load(join(folder, 'model'));
    assert.is(modelData.version, 3);
    const rest = new OnlineKMeans(params).setInitialModelData(modelData);
    assert.is(
      digestOfData((await rest.fit(points.slice(32))).modelData),
      digestOfData(whole.modelData),
    );
  }),
);

/** Of a checkpoint that is whole. */
const isManifest = (path: string | Buffer): boolean =>
  /checkpoint-\d+.manifest\.json$/.test(String(path));

test(
  'a job that was stopped goes on from its checkpoint, to the same bits and versions',
  readable(async () => {
    const points = randomPoints(40_000, 16, 12);
    const tables = Array.from({ length: 40 }, (_, i) => points.slice(i * 1000, (i + 1) * 1000));
    for (const params of [
      { k: 9, globalBatchSize: 700, decayFactor: 0.9 },
      { k: 128, globalBatchSize: 4096, decayFactor: 0.9 },
    ]) {
      const kmeans = new OnlineKMeans(params);
      const whole = await kmeans.fit(points);
      const checkpoint = { folder: join(folder, `k${params.k}`), everyRows: 2 };
      mkdirSync(checkpoint.folder);
      const isThere = () => readdirSync(checkpoint.folder, { recursive: true }).some(isManifest);
      const session = sessions[2]!;
      const controller = new AbortController();
      const { signal } = controller;
      const stopped = await kmeans.fit(TableStream.from(tables), { session, signal, checkpoint });
      const seen: number[] = [];
      await rejectsError(
        (async () => {
          for await (const { version } of stopped.updates()) {
            seen.push(version);
            // Disks take their time, and there must be something left to learn: the stream waits for
            // its reader.
            for (let waits = 0; version > 2 && !isThere() && waits < 4000; waits++) {
              await setTimeout(5);
            }
            if (isThere()) controller.abort();
          }
        })(),
        'ERR_GYRE_ABORTED',
        / was aborted\.$/,
      );
      const resumed = await kmeans.fit(TableStream.from(tables), {
        session,
        checkpoint: { ...checkpoint, resume: true },
      });
      const rest: number[] = [];
      for await (const { version } of resumed.updates()) rest.push(version);
      assert.ok(rest[0]! > 1, 'it does not begin again');
      seen.push(...rest);
      assert.is(digestOfData(resumed.modelData), digestOfData(whole.modelData));
      assert.is(resumed.version, whole.version);
      const versions = [...new Set(seen)].sort((a, b) => a - b);
      assert.equal(
        versions,
        versions.map((_, i) => i + 1),
        'no version is left out',
      );
    }
  }),
);

test(
  'a shared model is followed in other threads',
  readable(async () => {
    const points = randomPoints(96, 2, 4);
    const kmeans = new OnlineKMeans({ k: 3, modelVersionCol: 'version' });
    const model = await kmeans.fit(points);
    const follower = OnlineKMeansModel.fromShared(structuredClone(await model.share()));
    const both = await Promise.all([model, follower].map((each) => each.transform(points)));
    assert.is(digestOfTable(both[1]!), digestOfTable(both[0]!));
    assert.is(digestOfData(follower.modelData), digestOfData(model.modelData));
    assert.is(follower.version, 4);
  }),
);

test(
  'fit reports batches, rows and the loss before the step',
  readable(async () => {
    const reports: object[] = [];
    const kmeans = new OnlineKMeans({ globalBatchSize: 2 }).setInitialModelData(START);
    const stream = TableStream.from([NEAR, NEAR]);
    const model = await kmeans.fit(stream, { onProgress: (report) => reports.push(report) });
    await model.completed();
    assert.equal(reports, [
      { epoch: 1, rows: 2, loss: 10 },
      { epoch: 2, rows: 4, loss: 1 },
    ]);
  }),
);

test(
  'what is wrong with a stream comes from the live model, with the row',
  readable(async () => {
    const kmeans = new OnlineKMeans({ globalBatchSize: 2 }).setInitialModelData(START);
    const bad = (table: Table, code: string, message: RegExp) =>
      Promise.all(
        sessions.map(async (session) => {
          const model = await kmeans.fit(TableStream.from([NEAR, table]), { session });
          await rejectsError(model.completed(), code, message);
        }),
      );
    await bad(
      tableOf([
        [1, 1],
        [1, Number.NaN],
      ]),
      'ERR_GYRE_DATA',
      /^OnlineKMeans\.fit: column "features" must be finite, got NaN in row 3, entry 1\.$/,
    );
    await bad(
      tableOf([[1, 1, 1]]),
      'ERR_GYRE_DIMENSION',
      /^OnlineKMeans\.fit: column "features" must have vectors of size 2, got 3\.$/,
    );
    await bad(
      Table.fromColumns({ features: [[1, 1], null] }, { features: 'vector' }),
      'ERR_GYRE_DATA',
      /^OnlineKMeans\.fit: column "features" must not have null, got null in row 3\.$/,
    );
    const cosine = new OnlineKMeans({ globalBatchSize: 2, distanceMeasure: 'cosine' });
    await rejectsError(
      cosine.setInitialModelData(START).fit(
        tableOf([
          [1, 1],
          [0, 0],
        ]),
      ),
      'ERR_GYRE_DATA',
      /^OnlineKMeans\.fit: column "features" must not have zero vectors .* got one in row 1\.$/,
    );
  }),
);

test(
  'a stream that ends before a batch leaves the initial model, or none',
  readable(async () => {
    const kmeans = new OnlineKMeans({ globalBatchSize: 3 });
    const none = await kmeans.fit(TableStream.from(NEAR));
    await rejectsError(
      none.snapshot(),
      'ERR_GYRE_MODEL',
      /no model; use a smaller globalBatchSize/,
    );
    const model = await kmeans.setInitialModelData(START).fit(TableStream.from(NEAR));
    await model.completed();
    assert.equal(rowsOf(await model.snapshot()), rowsOf(START as OnlineKMeansVersion));
    await rejectsError(kmeans.fit(NEAR), 'ERR_GYRE_DATA', /globalBatchSize = 3, got 2\.$/);
  }),
);

test('model data that do not fit are refused', () => {
  const kmeans = new OnlineKMeans({ k: 2 });
  const model = new OnlineKMeansModel({ k: 2 });
  const [{ centroids }, weights] = [START, Vectors.dense(1, 1)];
  const three = [...centroids, Vectors.dense(1, 2)];
  const cases: readonly (readonly [object, string, RegExp])[] = [
    [
      { centroids: three, weights },
      'ERR_GYRE_MODEL',
      /there must be 1 to k = 2 centroids, got 3\.$/,
    ],
    [{ centroids: [], weights }, 'ERR_GYRE_MODEL', /there must be 1 to k = 2 centroids, got 0\.$/],
    [
      {
        centroids: [
          [0, 0],
          [9, 9],
        ],
        weights,
      },
      'ERR_GYRE_MODEL',
      /must be DenseVectors/,
    ],
    [{ centroids, weights: [1, 1] }, 'ERR_GYRE_MODEL', /must be DenseVectors/],
    [{ centroids, weights: Vectors.dense(1) }, 'ERR_GYRE_DIMENSION', /1 weights for 2\.$/],
    [
      { centroids: [Vectors.dense(1, 1), Vectors.dense(1)], weights },
      'ERR_GYRE_DIMENSION',
      /got sizes 2 and 1/,
    ],
    [
      { centroids: [Vectors.dense(1, 1), Vectors.dense(Number.NaN, 1)], weights },
      'ERR_GYRE_MODEL',
      /centroids must be finite/,
    ],
    [
      { centroids, weights: Vectors.dense(1, -1) },
      'ERR_GYRE_MODEL',
      /weights must be .* got -1\.$/,
    ],
    [{ centroids, weights, version: 1.5 }, 'ERR_GYRE_MODEL', /version must be an integer >= 0/],
  ];
  for (const [data, code, message] of cases) {
    throwsError(() => model.setModelData(data as OnlineKMeansModelData), code, message);
    throwsError(() => kmeans.setInitialModelData(data as OnlineKMeansModelData), code, message);
  }
  const one = { centroids: centroids.slice(1), weights: Vectors.dense(1) };
  model.setModelData(one);
  throwsError(() => kmeans.setInitialModelData(one), 'ERR_GYRE_MODEL', /must be k = 2 centroids/);
});

test(
  'a batch must have k rows where they are to be drawn',
  readable(async () => {
    const kmeans = new OnlineKMeans({ k: 9, globalBatchSize: 8 });
    const message = /^OnlineKMeans\.fit: globalBatchSize must be at least k = 9 .*, got 8\.$/;
    const fit = kmeans.fit(randomPoints(20, 2, 1));
    await rejectsError(fit, 'ERR_GYRE_INVALID_PARAM', message);
  }),
);

test('generateRandomModelData is uniform in [0, 1), by the seed, and refuses what is no size', () => {
  const data = OnlineKMeans.generateRandomModelData(3, 4, 2, 42);
  const again = OnlineKMeans.generateRandomModelData(3, 4, 2, 42);
  assert.is(digestOfData(data), digestOfData(again));
  assert.ok(data.centroids.every(({ values }) => values.every((v) => v >= 0 && v < 1)));
  assert.equal([...data.weights.values], [2, 2, 2]);
  for (const args of [
    [0, 1, 0, 0],
    [1, 1.5, 0, 0],
    [1, 1, 0, Number.NaN],
  ]) {
    const [k, dim, weight, seed] = args as [number, number, number, number];
    const make = () => OnlineKMeans.generateRandomModelData(k, dim, weight, seed);
    throwsError(make, 'ERR_GYRE_INVALID_PARAM', /must be an integer/);
  }
});

test(
  'predictions are those of the KMeansModel with the same centroids, for every distance',
  readable(async () => {
    const points = randomPoints(500, 5, 2);
    for (const distanceMeasure of ['euclidean', 'manhattan', 'cosine'] as const) {
      const model = await new OnlineKMeans({ k: 7, distanceMeasure }).fit(points);
      const digests = await Promise.all(
        sessions.map(async (session) => digestOfTable(await model.transform(points, { session }))),
      );
      assert.is(new Set(digests).size, 1, distanceMeasure);
    }
  }),
);

test.run();
