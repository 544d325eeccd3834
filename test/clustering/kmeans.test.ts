import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, KMeans, KMeansModel, Table, Vectors } from '../../src/index.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';

type Rows = readonly (readonly number[])[];

function tableOf(features: Rows): Table {
  return Table.fromColumns({ features }, { features: 'vector' });
}

function modelOf(centroids: Rows, params: object = {}): KMeansModel {
  const k = Math.max(2, centroids.length);
  return new KMeansModel({ k, ...params }).setModelData({
    centroids: centroids.map((centroid) => Vectors.dense(centroid)),
    weights: Vectors.dense(new Float64Array(centroids.length)),
  });
}

async function labels(model: KMeansModel, rows: Rows): Promise<number[]> {
  return [...(await model.transform(tableOf(rows))).column('prediction', 'int32').values];
}

test('a tie goes to the lowest index, for every distance and any number of centroids', async () => {
  for (const distanceMeasure of ['euclidean', 'manhattan', 'cosine']) {
    for (const k of [2, 3, 4, 5, 9]) {
      const centroids = Array.from({ length: k }, (_, j) => (j === 0 ? [-1, 1] : [1, 1]));
      assert.equal(await labels(modelOf(centroids, { distanceMeasure }), [[3, 3]]), [1]);
    }
  }
});

test('distances are what their names say', async () => {
  // From (0, 3): 3.6 and 4 euclidean, 5 and 4 manhattan; the angle is smaller to the second.
  const centroids = [
    [2, 6],
    [0, 7],
  ];
  assert.equal(await labels(modelOf(centroids), [[0, 3]]), [0]);
  assert.equal(await labels(modelOf(centroids, { distanceMeasure: 'manhattan' }), [[0, 3]]), [1]);
  assert.equal(await labels(modelOf(centroids, { distanceMeasure: 'cosine' }), [[0, 3]]), [1]);
});

test('an empty cluster keeps its centroid, with weight 0', async () => {
  const table = tableOf([
    [1, 1],
    [1, 1],
    [1, 1],
  ]);
  const { centroids, weights } = (await new KMeans({ k: 2 }).fit(table)).modelData;
  assert.equal(
    centroids.map(({ values }) => [...values]),
    [
      [1, 1],
      [1, 1],
    ],
  );
  assert.equal([...weights.values], [3, 0]);
});

test('the cost of the rounds is reported and never rises', async () => {
  const table = Table.fromColumns({ features: Column.dense(seeded(4).f64(3000), 3) });
  for (const distanceMeasure of ['euclidean', 'cosine'] as const) {
    const heard: { epoch: number; rows: number; loss?: number }[] = [];
    await new KMeans({ k: 6, maxIter: 8, distanceMeasure }).fit(table, {
      onProgress: (progress) => heard.push(progress),
    });
    assert.equal(
      heard.map(({ epoch }) => epoch),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
    assert.equal(
      heard.map(({ rows }) => rows),
      [1, 2, 3, 4, 5, 6, 7, 8].map((epoch) => epoch * 1000),
    );
    if (distanceMeasure === 'cosine') continue;
    for (let i = 1; i < heard.length; i++) assert.ok(heard[i]!.loss! <= heard[i - 1]!.loss!);
  }
});

test('the euclidean cost is the sum of squared distances to the centroids of the round', async () => {
  const values = seeded(5).f64(400);
  const table = Table.fromColumns({ features: Column.dense(values, 2) });
  const losses: number[] = [];
  const estimator = new KMeans({ k: 3, maxIter: 4, seed: 2 });
  await estimator.fit(table, { onProgress: ({ loss }) => losses.push(loss!) });
  const before = await new KMeans({ k: 3, maxIter: 3, seed: 2 }).fit(table);
  let cost = 0;
  for (let i = 0; i < 200; i++) {
    const distances = before.modelData.centroids.map(
      (c) => (c.get(0) - values[2 * i]!) ** 2 + (c.get(1) - values[2 * i + 1]!) ** 2,
    );
    cost += Math.min(...distances);
  }
  assert.ok(Math.abs(losses[3]! - cost) <= 1e-12 * cost, `${losses[3]} is ${cost}`);
});

test('the zero vector has no angle: cosine refuses it, naming its row', async () => {
  const table = tableOf([
    [1, 2],
    [0, 0],
  ]);
  const message = /must not have zero vectors with distanceMeasure 'cosine', got one in row 1\.$/;
  const estimator = new KMeans({ distanceMeasure: 'cosine' });
  const error = await rejectsError(estimator.fit(table), 'ERR_GYRE_DATA', message);
  assert.match(error.message, /^KMeans\.fit: /);
  const model = modelOf([[1, 0]], { distanceMeasure: 'cosine' });
  await rejectsError(model.transform(table), 'ERR_GYRE_DATA', /^KMeansModel\.transform: /);
});

test('a value that is not finite is named with its row and entry, beyond the first shard too', async () => {
  const values = seeded(6).f64(40_000);
  values[2 * 17_000 + 1] = Number.POSITIVE_INFINITY;
  const table = Table.fromColumns({ features: Column.dense(values, 2) });
  const message = /must be finite, got Infinity in row 17000, entry 1\.$/;
  await rejectsError(new KMeans().fit(table), 'ERR_GYRE_DATA', message);
  await rejectsError(modelOf([[0, 0]]).transform(table), 'ERR_GYRE_DATA', message);
});

test('sparse and 32-bit features give what their dense 64-bit copies give', async () => {
  const narrow = Float32Array.from(seeded(7).f64(600), (x) => (x > 0 ? x : 0));
  const wide = Column.dense(Float64Array.from(narrow), 3);
  const forms = [
    wide,
    Column.dense(narrow, 3),
    Column.from(wide.toArray().map((v) => v!.toSparse())),
  ];
  const models = await Promise.all(
    forms.map(async (features) => {
      const table = Table.fromColumns({ features });
      const model = await new KMeans({ k: 4 }).fit(table);
      return [model.modelData, (await model.transform(table)).column('prediction').toArray()];
    }),
  );
  assert.equal(models[1], models[0]);
  assert.equal(models[2], models[0]);
});

test('model data that does not fit is refused, naming what', () => {
  const model = new KMeansModel({ k: 2 });
  const set = (centroids: Rows, weights: readonly number[]) => () =>
    model.setModelData({
      centroids: centroids.map((centroid) => Vectors.dense(centroid)),
      weights: Vectors.dense(weights),
    });
  throwsError(set([], []), 'ERR_GYRE_MODEL', /1 to k = 2 centroids, got 0/);
  throwsError(set([[1], [2], [3]], [1, 1, 1]), 'ERR_GYRE_MODEL', /1 to k = 2 centroids, got 3/);
  throwsError(set([[1], [2, 3]], [1, 1]), 'ERR_GYRE_DIMENSION', /got sizes 1 and 2/);
  throwsError(set([[1], [2]], [1]), 'ERR_GYRE_DIMENSION', /1 weights for 2/);
  assert.is(set([[1]], [5])(), model);
});

test.run();
