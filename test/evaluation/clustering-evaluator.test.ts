import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ClusteringEvaluator, Column, Table } from '../../src/index.js';
import { seeded } from '../reference/random.js';
import { rejectsError } from '../table/expect-error.js';

async function silhouette(
  columns: Parameters<typeof Table.fromColumns>[0],
  params: object = {},
): Promise<number> {
  const output = await new ClusteringEvaluator(params).transform(Table.fromColumns(columns));
  return output.column('silhouette').get(0) as number;
}

type Distance = (a: Float64Array, b: Float64Array) => number;

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, t) => sum + x * b[t]!, 0);
const distances: Readonly<Record<string, Distance>> = {
  squaredEuclidean: (a, b) => a.reduce((sum, x, t) => sum + (x - b[t]!) ** 2, 0),
  cosine: (a, b) => 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)),
};

/** By the definition, over all pairs; weights are counts of equal points. */
function overPairs(
  points: readonly Float64Array[],
  labels: readonly number[],
  weights: readonly number[],
  distance: Distance,
): number {
  const clusters = [...new Set(labels)];
  let [sum, total] = [0, 0];
  points.forEach((point, i) => {
    const meanTo = (cluster: number) => {
      let [near, weight] = [0, cluster === labels[i] ? -1 : 0];
      points.forEach((other, j) => {
        if (labels[j] !== cluster) return;
        near += weights[j]! * distance(point, other);
        weight += weights[j]!;
      });
      return weight === 0 ? null : near / weight;
    };
    const a = meanTo(labels[i]!);
    const b = Math.min(...clusters.filter((c) => c !== labels[i]).map((c) => meanTo(c)!));
    total += weights[i]!;
    if (a !== null) sum += weights[i]! * ((b - a) / Math.max(a, b));
  });
  return sum / total;
}

test('the silhouette is that of all pairs, of dense and sparse points, to 1e-12', async () => {
  const random = seeded(6);
  const values = Float64Array.from({ length: 80 * 4 }, () =>
    random.unit() < 0.4 ? 0 : random.unit() * 3 - 1,
  );
  for (let row = 0; row < 80; row++) values[row * 4] = 2 + random.unit();
  const features = Column.dense(values, 4);
  const points = features.toArray().map((vector) => vector!.values);
  const prediction = Array.from({ length: 80 }, () => random.below(3) * 5);
  for (const [measure, distance] of Object.entries(distances)) {
    const expected = overPairs(points, prediction, new Array(80).fill(1), distance);
    const sparse = Column.from(features.toArray().map((vector) => vector!.toSparse()));
    for (const column of [features, sparse]) {
      const columns = { features: column, prediction };
      const got = await silhouette(columns, { distanceMeasure: measure });
      assert.ok(Math.abs(got - expected) < 1e-12, `${measure}: ${got}, expected ${expected}`);
    }
  }
});

test('points far from zero lose nothing', async () => {
  const random = seeded(8);
  const values = Float64Array.from({ length: 400 }, (_, i) => (i % 4 < 2 ? 0 : 3) + random.unit());
  const prediction = Int32Array.from({ length: 200 }, (_, i) => i % 2);
  const near = await silhouette({ features: Column.dense(values, 2), prediction });
  const far = Column.dense(
    values.map((x) => x + 2 ** 24),
    2,
  );
  assert.ok(Math.abs((await silhouette({ features: far, prediction })) - near) < 1e-7);
});

test('points of clusters that are one place each have the silhouette 1', async () => {
  const features = Column.dense([0.1, 0.1, 0.7, 0.7], 1);
  assert.is(await silhouette({ features, prediction: [0, 0, 1, 1] }), 1);
});

test('a point that is alone counts as 0, and one place for two clusters too', async () => {
  const features = Column.dense([0, 1, 5], 1);
  const alone = await silhouette({ features, prediction: [0, 1, 2] });
  assert.is(alone, 0);
  const same = Column.dense([3, 3, 3, 3], 1);
  assert.is(await silhouette({ features: same, prediction: [0, 0, 1, 1] }), 0);
});

test('rows of weight 0 are as if they were not there', async () => {
  const features = Column.dense([0, 1, 5, 7, 100], 1);
  const columns = { features, prediction: [0, 0, 1, 1, 2], weight: [1, 1, 1, 1, 0] };
  const expected = await silhouette({ features: features.slice(0, 4), prediction: [0, 0, 1, 1] });
  assert.is(await silhouette(columns, { weightCol: 'weight' }), expected);
});

test('one cluster, vectors of zeros by angle, and infinities are refused, naming where', async () => {
  const features = Column.dense([1, 0, 2], 1);
  const one = silhouette({ features, prediction: [4, 4, 4] });
  await rejectsError(one, 'ERR_GYRE_DATA', /"prediction" must have at least two clusters, got 1/);
  const cosine = silhouette({ features, prediction: [0, 1, 1] }, { distanceMeasure: 'cosine' });
  await rejectsError(cosine, 'ERR_GYRE_DATA', /must not have vectors of zeros, .* in row 1\.$/);
  const infinite = silhouette({ features: Column.dense([1, Infinity], 1), prediction: [0, 1] });
  await rejectsError(infinite, 'ERR_GYRE_DATA', /"features" must be finite, got Infinity in row 1/);
});

test.run();
