import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Column,
  KMeans,
  type KMeansModel,
  KMeansModel as Model,
  Session,
  Table,
  Vectors,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';

const folder = mkdtempSync(join(tmpdir(), 'gyre-kmeans-'));
const sessions = [0, 1, 2, 3].map((threads) => new Session({ threads, inlineWork: 0 }));
test.after(async () => {
  await Promise.all(sessions.map((session) => session.close()));
  rmSync(folder, { recursive: true });
});

const it = (name: string, body: () => void | Promise<void>) => test(name, readable(body));

/** Points about corners of a cube. */
function corners(rows: number, dim: number, count: number, seed: number, side = 8): Float64Array {
  const random = seeded(seed);
  return Float64Array.from({ length: rows * dim }, (_, at) => {
    const corner = Math.floor(at / dim) % count;
    return ((corner >> (at % dim)) & 1) * side + random.unit();
  });
}

const tableOf = (values: Float64Array, dim: number, weights?: Float64Array): Table =>
  Table.fromColumns({
    features: Column.dense(values, dim),
    ...(weights !== undefined && { weight: weights }),
  });

const flat = ({ modelData }: KMeansModel): number[] =>
  modelData.centroids.flatMap(({ values }) => [...values]);

function assertNear(got: readonly number[], want: readonly number[], tolerance: number): void {
  assert.is(got.length, want.length);
  got.forEach((v, i) => {
    assert.ok(Math.abs(v - want[i]!) <= tolerance, `${i}: ${v} is ${want[i]}`);
  });
}

const last = (model: KMeansModel): number => model.summary!.costs.at(-1)!;

it('the summary has the cost of every round; a loaded model has none', async () => {
  const table = tableOf(corners(500, 3, 8, 1), 3);
  const losses: number[] = [];
  const model = await new KMeans({ k: 8, maxIter: 6, seed: 1 }).fit(table, {
    onProgress: ({ loss }) => losses.push(loss!),
  });
  assert.equal(model.summary, { costs: losses, iterations: 6, reason: 'maxIter' });
  await model.save(join(folder, 'model'));
  assert.is((await Model.load(join(folder, 'model'))).summary, null);
  assert.is(model.setModelData(model.modelData).summary, null);
});

it('without tol all rounds are reported, also those in which nothing moves', async () => {
  const table = tableOf(corners(500, 3, 4, 1), 3);
  const model = await new KMeans({ k: 4, maxIter: 200, initMode: 'k-means++', seed: 2 }).fit(table);
  const { costs, iterations, reason } = model.summary!;
  assert.is(iterations, 200);
  assert.is(costs.length, 200);
  assert.is(reason, 'maxIter');
  assert.is(costs[199], costs[100]);
});

it('tol stops when the squared moves are at most tol times the mean variance', async () => {
  const dim = 4;
  const random = seeded(9);
  const values = Float64Array.from(
    { length: 4000 * dim },
    (_, at) => 1e6 + random.unit() * (1 + (at % dim)),
  );
  const table = tableOf(values, dim);
  let variance = 0;
  for (let t = 0; t < dim; t++) {
    const column = values.filter((_, at) => at % dim === t);
    const mean = column.reduce((sum, v) => sum + v, 0) / column.length;
    variance += column.reduce((sum, v) => sum + (v - mean) ** 2, 0) / column.length / dim;
  }
  const fit = (maxIter: number, tol = 0) => new KMeans({ k: 6, seed: 3, maxIter, tol }).fit(table);
  for (const tol of [1e-2, 1e-3, 1e-4]) {
    const { summary, modelData } = await fit(300, tol);
    const { iterations, reason } = summary!;
    assert.is(reason, 'converged');
    assert.ok(iterations > 1 && iterations < 300, `${iterations} rounds`);
    assert.equal(modelData, (await fit(iterations)).modelData);
    const moved = async (rounds: number) => {
      const [before, after] = [flat(await fit(rounds - 1)), flat(await fit(rounds))];
      return before.reduce((sum, v, i) => sum + (v - after[i]!) ** 2, 0);
    };
    assert.ok((await moved(iterations)) <= tol * variance, 'the last round moved little');
    assert.ok((await moved(iterations - 1)) > tol * variance, 'the round before moved more');
  }
});

it('a weight of 2 is a row that is there twice, a weight of 0 one that is not', async () => {
  const [rows, dim] = [600, 3];
  const values = corners(rows, dim, 8, 4);
  const random = seeded(5);
  const weights = Float64Array.from({ length: rows }, () => random.below(3));
  const repeated: number[] = [];
  weights.forEach((weight, i) => {
    for (let w = 0; w < weight; w++) repeated.push(...values.subarray(i * dim, (i + 1) * dim));
  });
  const once = tableOf(Float64Array.from(repeated), dim);
  for (const distanceMeasure of ['euclidean', 'manhattan', 'cosine'] as const) {
    for (const k of [3, 12]) {
      const start = await new KMeans({ k, distanceMeasure, maxIter: 1 }).fit(once);
      const fit = (table: Table, weightCol: string | null) =>
        new KMeans({ k, distanceMeasure, maxIter: 7, weightCol })
          .setInitialModelData(start.modelData)
          .fit(table);
      const weighed = await fit(tableOf(values, dim, weights), 'weight');
      const copied = await fit(once, null);
      assertNear(flat(weighed), flat(copied), 1e-12);
      assert.equal([...weighed.modelData.weights.values], [...copied.modelData.weights.values]);
      assertNear(weighed.summary!.costs as number[], copied.summary!.costs as number[], 1e-8);
    }
  }
});

it('weights of 1 give the bits of no weights', async () => {
  const values = corners(5000, 3, 8, 6);
  const weights = new Float64Array(5000).fill(1);
  for (const k of [3, 12]) {
    const plain = await new KMeans({ k }).fit(tableOf(values, 3));
    const weighed = await new KMeans({ k, weightCol: 'weight' }).fit(tableOf(values, 3, weights));
    assert.equal(weighed.modelData, plain.modelData);
  }
});

it('weights that are none are refused, naming the row', async () => {
  const values = corners(10, 3, 8, 6);
  const estimator = new KMeans({ weightCol: 'weight' });
  for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    const weights = new Float64Array(10).fill(1);
    weights[4] = bad;
    const message = /^KMeans\.fit: column "weight" must have finite weights >= 0, got .* in row 4/;
    await rejectsError(estimator.fit(tableOf(values, 3, weights)), 'ERR_GYRE_DATA', message);
  }
  const none = tableOf(values, 3, new Float64Array(10));
  await rejectsError(estimator.fit(none), 'ERR_GYRE_DATA', /a row must weigh more than 0/);
});

it('rows in another order, from the same start, change nothing but rounding', async () => {
  const [rows, dim] = [900, 3];
  const values = corners(rows, dim, 8, 7);
  const random = seeded(8);
  const order = Array.from({ length: rows }, (_, i) => i);
  for (let i = rows - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const shuffled = Float64Array.from(
    order.flatMap((i) => [...values.subarray(i * dim, (i + 1) * dim)]),
  );
  const start = await new KMeans({ k: 9, maxIter: 1 }).fit(tableOf(values, dim));
  const fit = (points: Float64Array) =>
    new KMeans({ k: 9 }).setInitialModelData(start.modelData).fit(tableOf(points, dim));
  const [model, other] = [await fit(values), await fit(shuffled)];
  assertNear(flat(other), flat(model), 1e-12);
  const labels = (await model.transform(tableOf(values, dim))).column('prediction', 'int32').values;
  const again = (await other.transform(tableOf(shuffled, dim))).column(
    'prediction',
    'int32',
  ).values;
  order.forEach((row, i) => {
    assert.is(again[i], labels[row]);
  });
});

it('initial centroids are where fit starts, and are saved with the estimator', async () => {
  const table = tableOf(corners(300, 3, 8, 10), 3);
  const centroids = [Vectors.dense([0, 0, 0]), Vectors.dense([8, 8, 8]), Vectors.dense([0, 8, 0])];
  const initial = { centroids, weights: Vectors.dense([0, 0, 0]) };
  const estimator = new KMeans({ k: 3, maxIter: 3 }).setInitialModelData(initial);
  const two = await new KMeans({ k: 3, maxIter: 2 }).setInitialModelData(initial).fit(table);
  const one = await new KMeans({ k: 3, maxIter: 1 }).setInitialModelData(two.modelData).fit(table);
  const all = await estimator.fit(table);
  assert.equal(one.modelData, all.modelData);
  await estimator.save(join(folder, 'estimator'));
  const loaded = await KMeans.load(join(folder, 'estimator'));
  assert.equal((await loaded.fit(table)).modelData, all.modelData);
});

it('initial centroids that do not fit are refused', async () => {
  const set = (rows: readonly number[][]) => () =>
    new KMeans({ k: 2 }).setInitialModelData({
      centroids: rows.map((row) => Vectors.dense(row)),
      weights: Vectors.dense(new Float64Array(rows.length)),
    });
  throwsError(set([[1]]), 'ERR_GYRE_MODEL', /there must be k = 2 centroids, got 1/);
  throwsError(set([[1], [Number.NaN]]), 'ERR_GYRE_MODEL', /centroids must be finite/);
  const sizes = /^KMeans\.setInitialModelData: .*got sizes 1 and 2/;
  throwsError(set([[1], [2, 3]]), 'ERR_GYRE_DIMENSION', sizes);
  const fit = set([[1], [2]])().fit(tableOf(corners(9, 3, 2, 1), 3));
  await rejectsError(fit, 'ERR_GYRE_DIMENSION', /must have vectors of size 1, .*, got 3/);
});

const MODES = ['k-means++', 'k-means||'] as const;

it('k-means++ and k-means|| give the same bits on any number of workers', async () => {
  const [rows, dim] = [17_000, 3];
  const random = seeded(12);
  const weights = Float64Array.from({ length: rows }, () => random.unit());
  const table = tableOf(corners(rows, dim, 8, 11), dim, weights);
  for (const initMode of MODES) {
    for (const weightCol of [null, 'weight']) {
      const params = { k: 12, maxIter: 2, seed: 4, initMode, weightCol };
      const models = await Promise.all(
        sessions.map((session) => new KMeans(params).fit(table, { session })),
      );
      for (const { modelData } of models) assert.equal(modelData, models[0]!.modelData);
      const other = await new KMeans({ ...params, seed: 5 }).fit(table);
      assert.not.equal(other.modelData, models[0]!.modelData, 'another seed, another start');
    }
  }
});

it('k-means++ and k-means|| find clusters that are far apart, each of them', async () => {
  const table = tableOf(corners(4000, 3, 8, 13, 80), 3);
  for (const initMode of MODES) {
    for (let seed = 0; seed < 5; seed++) {
      for (const distanceMeasure of ['euclidean', 'manhattan'] as const) {
        const params = { k: 8, maxIter: 1, seed, initMode, distanceMeasure };
        const { weights } = (await new KMeans(params).fit(table)).modelData;
        assert.equal([...weights.values], new Array(8).fill(500), `${initMode}, seed ${seed}`);
      }
    }
  }
});

it('k-means++ by cosine tells directions apart, whatever the lengths', async () => {
  const random = seeded(14);
  const values = Float64Array.from({ length: 900 }, (_, at) => {
    const along = Math.floor(at / 3) % 3 === at % 3;
    return (along ? 1 : 0.05 * random.unit()) * 10 ** (Math.floor(at / 3) % 4);
  });
  for (const initMode of MODES) {
    for (let seed = 0; seed < 5; seed++) {
      const params = { k: 3, maxIter: 1, seed, initMode, distanceMeasure: 'cosine' } as const;
      const { weights } = (await new KMeans(params).fit(tableOf(values, 3))).modelData;
      assert.equal([...weights.values], [100, 100, 100]);
    }
  }
});

it('rows without weight are never initial centroids', async () => {
  const values = corners(400, 3, 8, 15);
  // All but every eighth row, which lie about one corner, weigh nothing.
  const weights = Float64Array.from({ length: 400 }, (_, i) => (i % 8 === 7 ? 1 : 0));
  for (const initMode of MODES) {
    const params = { k: 2, maxIter: 1, initMode, weightCol: 'weight' };
    const model = await new KMeans(params).fit(tableOf(values, 3, weights));
    assert.ok(
      flat(model).every((v) => v >= 8),
      `${initMode}: ${flat(model)}`,
    );
    assert.is(
      model.modelData.weights.values.reduce((sum, w) => sum + w, 0),
      50,
    );
  }
});

it('fewer distinct points than k leave clusters empty', async () => {
  const values = Float64Array.from({ length: 40 }, (_, at) => Math.floor(at / 2) % 3);
  for (const initMode of MODES) {
    const model = await new KMeans({ k: 6, initMode, maxIter: 3 }).fit(tableOf(values, 2));
    const points = new Set(flat(model));
    assert.equal([...points].sort(), [0, 1, 2], initMode);
    assert.is(last(model), 0);
  }
});

it('NaN is refused by every mode, naming where it is', async () => {
  const values = corners(100, 3, 8, 16);
  values[31] = Number.NaN;
  for (const initMode of MODES) {
    const fit = new KMeans({ initMode }).fit(tableOf(values, 3));
    await rejectsError(fit, 'ERR_GYRE_DATA', /^KMeans\.fit: .* got NaN in row 10, entry 1\.$/);
  }
});

it('k-means++ starts at a lower cost than random rows, k-means|| too', async () => {
  const table = tableOf(corners(3000, 4, 16, 17), 4);
  const mean = async (initMode: 'random' | (typeof MODES)[number]) => {
    let total = 0;
    for (let seed = 0; seed < 5; seed++) {
      total += last(await new KMeans({ k: 16, maxIter: 1, seed, initMode }).fit(table)) / 5;
    }
    return total;
  };
  const random = await mean('random');
  for (const initMode of MODES) assert.ok((await mean(initMode)) < random / 3, initMode);
});

test.run();
