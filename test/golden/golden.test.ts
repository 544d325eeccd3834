import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reservoirSample } from '../../src/core/random.js';
import { Column, KMeans, StandardScaler, Table, Vectors } from '../../src/index.js';
import { seeded } from '../reference/random.js';

// Made by test/golden/make.py, which stands in the files with the versions of what it used.
function golden<T>(name: string): T {
  const url = new URL(`../../../test/golden/${name}`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as T;
}

interface ScalerGolden {
  readonly dense: {
    readonly rows: number;
    readonly seed: number;
    readonly shape: readonly (readonly [number, number])[];
    readonly mean: readonly number[];
    readonly std: readonly number[];
    readonly exactMean: readonly number[];
    readonly exactStd: readonly number[];
    readonly firstScaled: readonly (readonly number[])[];
  };
  readonly sparse: {
    readonly rows: number;
    readonly size: number;
    readonly seed: number;
    readonly stored: number;
    readonly std: readonly number[];
    readonly firstScaled: readonly (readonly number[])[];
  };
}

interface KMeansCase {
  readonly rows: number;
  readonly dim: number;
  readonly k: number;
  readonly maxIter: number;
  readonly seed: number;
  readonly javaSeed: number;
  readonly start: readonly number[];
  readonly centroids: readonly (readonly number[])[];
  readonly weights: readonly number[];
  readonly labelCounts: readonly number[];
  readonly firstLabels: readonly number[];
  readonly scikitLearn: {
    readonly rounds: number;
    readonly centroids: readonly (readonly number[])[];
    readonly labelsEqual: boolean;
  };
}

const scaler = golden<ScalerGolden>('standard-scaler.json');
const { cases } = golden<{ readonly cases: readonly KMeansCase[] }>('kmeans.json');

/** |got - expected| <= rtol |expected| + atol, entry by entry. */
function assertNear(
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  { rtol = 0, atol = 0 },
  what: string,
): void {
  assert.is(got.length, expected.length, what);
  for (let i = 0; i < expected.length; i++) {
    const tolerance = rtol * Math.abs(expected[i]!) + atol;
    const close = Math.abs(got[i]! - expected[i]!) <= tolerance;
    assert.ok(close, `${what}, entry ${i}: got ${got[i]}, expected ${expected[i]} +- ${tolerance}`);
  }
}

function denseTable(): Table {
  const { rows, seed, shape } = scaler.dense;
  const random = seeded(seed);
  const values = new Float64Array(rows * shape.length);
  for (let at = 0; at < values.length; at++) {
    const [mean, spread] = shape[at % shape.length]!;
    values[at] = mean + spread * random.unit();
  }
  return Table.fromColumns({ input: Column.dense(values, shape.length) });
}

function sparseTable(): Table {
  const { rows, size, seed } = scaler.sparse;
  const random = seeded(seed);
  const cells = Array.from({ length: rows }, () => {
    const indices: number[] = [];
    const values: number[] = [];
    for (let j = 0; j < size; j++) {
      if (random.unit() >= 1 / 3) continue;
      indices.push(j);
      values.push((random.unit() - 0.3) * 10 ** j);
    }
    return Vectors.sparse(size, indices, values);
  });
  return Table.fromColumns({ input: cells });
}

test('StandardScaler learns the mean and std of rational arithmetic, to 1e-15 and 1e-12', async () => {
  const { modelData } = await new StandardScaler().fit(denseTable());
  const { exactMean, exactStd } = scaler.dense;
  assertNear(modelData.mean.values, exactMean, { rtol: 1e-15 }, 'mean');
  assertNear(modelData.std.values, exactStd, { rtol: 1e-12 }, 'std');
  assert.is(modelData.std.get(5), 0, 'a constant');
});

// The columns with mean / std of 1e11 and 1e9 are where scikit-learn itself is off from the exact
// mean by 2e-12 relative, and from the exact std by 1e-12.
test('StandardScaler learns what scikit-learn does, to 1e-11', async () => {
  const { modelData } = await new StandardScaler().fit(denseTable());
  assertNear(modelData.mean.values, scaler.dense.mean, { rtol: 1e-11 }, 'mean');
  assertNear(modelData.std.values, scaler.dense.std, { rtol: 1e-11 }, 'std');
});

// A mean of 1e8 that is off by 3e-7 in scikit-learn is off by 1e-3 standard deviations of 3e-4.
test('StandardScaler scales as scikit-learn does, to 1e-12 but for its badly known mean', async () => {
  const table = denseTable();
  const model = await new StandardScaler({ withMean: true }).fit(table);
  const output = (await model.transform(table.slice(0, 5))).column('output', 'vector');
  const tolerances = [1e-12, 1e-3, 1e-5, 1e-11, 1e-4, 0];
  scaler.dense.firstScaled.forEach((row, i) => {
    row.forEach((expected, t) => {
      const got = [output.get(i)!.get(t)];
      assertNear(got, [expected], { atol: tolerances[t]! }, `row ${i}, column ${t}`);
    });
  });
});

test('StandardScaler scales sparse vectors as scikit-learn does without mean, to 1e-12', async () => {
  const { stored, std, firstScaled } = scaler.sparse;
  const table = sparseTable();
  const { values } = table.column('input', 'sparseVector');
  assert.is(values.length, stored, 'the inputs are those of the script');
  const model = await new StandardScaler().fit(table);
  assertNear(model.modelData.std.values, std, { rtol: 1e-12 }, 'std');
  const output = (await model.transform(table)).column('output', 'sparseVector');
  firstScaled.forEach((row, i) => {
    assertNear(output.get(i)!.toArray(), row, { rtol: 1e-12 }, `row ${i}`);
  });
});

function blobs({ rows, dim, seed }: KMeansCase): Float64Array {
  const random = seeded(seed);
  const values = new Float64Array(rows * dim);
  for (let at = 0; at < values.length; at++) {
    const corner = Math.floor(at / dim) % 8;
    values[at] = ((corner >> (at % dim)) & 1) * 4 + random.unit();
  }
  return values;
}

function closest(point: Float64Array, centroids: readonly (readonly number[])[]): number {
  const distances = centroids.map((c) => c.reduce((sum, x, t) => sum + (x - point[t]!) ** 2, 0));
  return distances.indexOf(Math.min(...distances));
}

for (const golden of cases) {
  const { rows, dim, k, maxIter, javaSeed } = golden;

  test(`KMeans of ${rows} x ${dim}, k = ${k}: Lloyd in NumPy from the same rows, to 1e-12`, async () => {
    assert.equal([...reservoirSample(rows, k, javaSeed)], [...golden.start], 'the first rows');
    const points = blobs(golden);
    const table = Table.fromColumns({ features: Column.dense(points, dim) });
    const model = await new KMeans({ k, maxIter, seed: javaSeed }).fit(table);
    const { centroids, weights } = model.modelData;
    centroids.forEach(({ values }, j) => {
      assertNear(values, golden.centroids[j]!, { atol: 1e-12 }, `centroid ${j}`);
    });
    assert.equal([...weights.values], [...golden.weights]);

    const labels = (await model.transform(table)).column('prediction', 'int32').values;
    assert.equal([...labels.subarray(0, 40)], [...golden.firstLabels]);
    const counts = new Array<number>(k).fill(0);
    labels.forEach((label, i) => {
      counts[label]!++;
      assert.is(
        label,
        closest(points.subarray(i * dim, (i + 1) * dim), golden.centroids),
        `row ${i}`,
      );
    });
    assert.equal(counts, [...golden.labelCounts]);
  });

  test(`KMeans of ${rows} x ${dim}, k = ${k}: scikit-learn from the same rows, to 1e-12`, async () => {
    const table = Table.fromColumns({ features: Column.dense(blobs(golden), dim) });
    const model = await new KMeans({ k, maxIter, seed: javaSeed }).fit(table);
    const { rounds, labelsEqual, centroids } = golden.scikitLearn;
    assert.ok(rounds <= maxIter && labelsEqual, 'the peer had the rounds, and the same labels');
    model.modelData.centroids.forEach(({ values }, j) => {
      assertNear(values, centroids[j]!, { atol: 1e-12 }, `centroid ${j}`);
    });
  });
}

test.run();
