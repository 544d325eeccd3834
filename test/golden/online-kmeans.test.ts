import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Column,
  OnlineKMeans,
  type OnlineKMeansParams,
  Table,
  TableStream,
  Vectors,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { seeded } from '../reference/random.js';

type Rows = readonly (readonly number[])[];

interface Learned {
  readonly centroids: Rows;
  readonly weights: readonly number[];
}

// Made by test/golden/make-online-kmeans.py, which stands in the file with the versions of what it used.
const { moving, iris } = JSON.parse(
  readFileSync(new URL('../../../test/golden/online-kmeans.json', import.meta.url), 'utf8'),
) as {
  readonly moving: {
    readonly seed: number;
    readonly batch: number;
    readonly steps: number;
    readonly dim: number;
    readonly k: number;
    readonly start: Rows;
    readonly sklearn: Learned & { readonly labels: readonly number[] };
    readonly replays: readonly (Learned & {
      readonly distanceMeasure: OnlineKMeansParams['distanceMeasure'];
      readonly decayFactor: number;
      readonly losses: readonly number[];
    })[];
  };
  readonly iris: {
    readonly batch: number;
    readonly rows: Rows;
    readonly start: Rows;
    readonly sklearn: Learned & { readonly labels: readonly number[] };
  };
};

/** Sums in another order. */
const TOLERANCE = 1e-13;

/** The points of the script. */
function movingPoints(): Table {
  const { seed, batch, steps, dim, k } = moving;
  const random = seeded(seed);
  const values = new Float64Array(steps * batch * dim);
  for (let i = 0; i < steps * batch; i++) {
    const corner = random.below(k);
    for (let t = 0; t < dim; t++) {
      values[i * dim + t] = random.unit() + 4 * ((corner >> t) & 1) + 0.1 * Math.floor(i / batch);
    }
  }
  return Table.fromColumns({ features: Column.dense(values, dim) });
}

function estimator(start: Rows, params: Partial<OnlineKMeansParams>): OnlineKMeans {
  return new OnlineKMeans({ k: start.length, ...params }).setInitialModelData({
    centroids: start.map((row) => Vectors.dense(row)),
    weights: Vectors.dense(new Float64Array(start.length)),
  });
}

function assertNear(got: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  assert.is(got.length, expected.length);
  expected.forEach((value, i) => {
    const error = Math.abs(got[i]! - value) / Math.max(1, Math.abs(value));
    assert.ok(error <= tolerance, `entry ${i}: got ${got[i]}, expected ${value}`);
  });
}

const tables = {
  moving: movingPoints(),
  iris: Table.fromColumns({ features: iris.rows }, { features: 'vector' }),
};

for (const [name, { batch, start, sklearn }] of Object.entries({ moving, iris })) {
  test(
    `${name}: decayFactor 1 learns what partial_fit of MiniBatchKMeans does`,
    readable(async () => {
      const table = tables[name as keyof typeof tables];
      const model = await estimator(start, { globalBatchSize: batch, decayFactor: 1 }).fit(table);
      const { centroids, weights } = model.modelData;
      assertNear(
        centroids.flatMap(({ values }) => [...values]),
        sklearn.centroids.flat(),
        TOLERANCE,
      );
      assert.equal([...weights.values], sklearn.weights);
      const predicted = (await model.transform(table)).column('prediction', 'int32').values;
      assert.equal([...predicted], sklearn.labels);
    }),
  );
}

for (const { distanceMeasure, decayFactor, centroids, weights, losses } of moving.replays) {
  test(
    `${distanceMeasure}, decayFactor ${decayFactor}: centroids, weights and losses are the formula's`,
    readable(async () => {
      const seen: number[] = [];
      const kmeans = estimator(moving.start, {
        globalBatchSize: moving.batch,
        ...{ distanceMeasure, decayFactor },
      });
      const model = await kmeans.fit(TableStream.from(tables.moving), {
        onProgress: ({ loss }) => seen.push(loss ?? Number.NaN),
      });
      await model.completed();
      const { modelData } = model;
      const got = modelData.centroids.flatMap(({ values }) => [...values]);
      assertNear(got, centroids.flat(), TOLERANCE);
      assertNear(modelData.weights.values, weights, TOLERANCE);
      if (distanceMeasure === 'cosine') assert.ok(seen.every(Number.isNaN));
      // The squared distances are what is left of |x|² and x·c, which are larger.
      else assertNear(seen, losses, 1e-11);
    }),
  );
}

test.run();
