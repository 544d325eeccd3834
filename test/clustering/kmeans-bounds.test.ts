import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { train } from '../../src/algorithm/train.js';
import type { RoundMethod } from '../../src/clustering/kmeans-rounds.js';
import {
  initialState,
  type KMeansState,
  type KMeansTrainingParams,
} from '../../src/clustering/kmeans-training.js';
import { reservoirSample } from '../../src/core/random.js';
import { Column, Session, Table } from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { type Random, seeded } from '../reference/random.js';

// Rounds that go by bounds leave distances out, and must not change a bit of what comes out.

const sessions = [0, 1, 2, 3].map((threads) => new Session({ threads, inlineWork: 0 }));
const strict = new Session({ threads: 0, kernels: 'simd' });
test.after(async () => {
  await Promise.all([...sessions, strict].map((session) => session.close()));
});

interface Shape {
  readonly rows: number;
  readonly dim: number;
  readonly k: number;
}

interface Job extends Shape {
  readonly values: Float64Array;
  readonly weights?: Float64Array;
  readonly rounds?: number;
  readonly start?: Float64Array;
}

/** `chosen`: by the shape of the data, and by what rounds before came to. */
type Method = RoundMethod | 'chosen';

function startOf({ rows, dim, k, values, start }: Job): Float64Array {
  if (start !== undefined) return start;
  const sample = [...reservoirSample(rows, k, 5)];
  return Float64Array.from(sample.flatMap((i) => [...values.subarray(i * dim, (i + 1) * dim)]));
}

function run(job: Job, method: Method, session: Session): Promise<KMeansState> {
  const { dim, k, values, weights, rounds = 12 } = job;
  const params: KMeansTrainingParams = {
    ...{ featuresCol: 'x', weightCol: weights === undefined ? null : 'w' },
    ...{ distanceMeasure: 'euclidean', k, dim, maxIter: rounds, tol: 0 },
    ...(method !== 'chosen' && { method }),
  };
  const table = Table.fromColumns({
    x: Column.dense(values, dim),
    ...(weights !== undefined && { w: weights }),
  });
  const module = new URL('../../src/clustering/kmeans-training.js', import.meta.url).href;
  const ref = { module, name: 'kmeansTraining', params };
  return train('test', ref, table, initialState(startOf(job), k), 1, { session });
}

const bitsOf = ({ centroids, weights, costs }: KMeansState): string =>
  Buffer.from(Float64Array.from([...centroids, ...weights, ...costs]).buffer).toString('base64');

/** All that measure fewer distances; a grid of cells has at most 12 dimensions. */
const methodsFor = ({ dim }: Job): readonly Method[] =>
  dim <= 12 ? ['boxes', 'hamerly', 'elkan', 'chosen'] : ['hamerly', 'elkan', 'chosen'];

async function checkEqual(job: Job, over: readonly Session[] = [sessions[0]!]): Promise<void> {
  const plain = bitsOf(await run(job, 'plain', sessions[0]!));
  for (const session of over) {
    for (const method of methodsFor(job)) {
      assert.is(bitsOf(await run(job, method, session)), plain, `${method}, ${session.threads}`);
    }
  }
}

function clusters(random: Random, { rows, dim, k }: Shape, spread: number): Float64Array {
  const centers = random.f64(k * dim);
  return Float64Array.from({ length: rows * dim }, (_, at) => {
    const center = Math.floor(at / dim) % k;
    return centers[center * dim + (at % dim)]! + spread * (random.unit() - random.unit());
  });
}

const SHAPES: readonly Shape[] = [
  { rows: 3000, dim: 1, k: 9 },
  { rows: 3000, dim: 2, k: 30 },
  { rows: 2000, dim: 3, k: 64 },
  { rows: 1500, dim: 25, k: 12 },
  { rows: 400, dim: 130, k: 31 },
  { rows: 500, dim: 8, k: 2 },
];

test(
  'bounds give the bits of plain rounds on clusters that are apart, touch and overlap',
  readable(async () => {
    for (const [i, shape] of SHAPES.entries()) {
      for (const spread of [0.02, 0.3, 2]) {
        await checkEqual({ ...shape, values: clusters(seeded(30 + i), shape, spread) });
      }
    }
  }),
);

test(
  'bounds give the bits of plain rounds on any number of workers',
  readable(async () => {
    const low = { rows: 20_000, dim: 3, k: 20 };
    const high = { rows: 10_000, dim: 40, k: 12 };
    for (const shape of [low, high]) {
      await checkEqual({ ...shape, values: clusters(seeded(40), shape, 0.5) }, sessions);
    }
  }),
);

test(
  'bounds give the bits of plain rounds with the strict kernels',
  readable(async () => {
    for (const shape of [
      { rows: 2000, dim: 30, k: 12 },
      { rows: 2000, dim: 3, k: 12 },
    ]) {
      const job = { ...shape, values: clusters(seeded(41), shape, 0.5) };
      const plain = bitsOf(await run(job, 'plain', strict));
      for (const method of methodsFor(job)) {
        assert.is(bitsOf(await run(job, method, strict)), plain, method);
      }
    }
  }),
);

test(
  'bounds give the bits of plain rounds with weights, zeros among them',
  readable(async () => {
    for (const shape of [SHAPES[2]!, SHAPES[3]!]) {
      const random = seeded(42);
      const values = clusters(random, shape, 0.4);
      const weights = Float64Array.from({ length: shape.rows }, () => random.below(4) / 3);
      await checkEqual({ ...shape, values, weights });
    }
  }),
);

test(
  'bounds give the bits of plain rounds where many points and centroids are equal',
  readable(async () => {
    for (const dim of [2, 30]) {
      const random = seeded(43);
      // Coordinates of three values: ties everywhere, and centroids that no point is closest to.
      const values = Float64Array.from({ length: 900 * dim }, (_, at) =>
        at % dim < 2 ? random.below(3) : 1,
      );
      await checkEqual({ rows: 900, dim, k: 15, values });
    }
  }),
);

test(
  'bounds give the bits of plain rounds far from the origin, and at the ends of the range',
  readable(async () => {
    const shapes = [26, 3].map((dim) => ({ rows: 800, dim, k: 10 }));
    for (const [offset, scale] of [
      [1e6, 1],
      [1e9, 1],
      [-1e15, 1],
      [0, 1e-30],
      [0, 1e-160],
      [0, 1e30],
      [0, 1e39],
      [0, 1e150],
      [1e-3, 1e-8],
    ] as const) {
      for (const shape of shapes) {
        const values = clusters(seeded(44), shape, 0.5).map((v) => offset + scale * v);
        await checkEqual({ ...shape, values });
      }
    }
  }),
);

test(
  'bounds give the bits of plain rounds when a centroid is far away or a point is',
  readable(async () => {
    for (const shape of [
      { rows: 700, dim: 3, k: 9 },
      { rows: 700, dim: 30, k: 9 },
    ]) {
      const values = clusters(seeded(45), shape, 0.3);
      const job = { ...shape, values };
      const start = startOf(job);
      start.fill(1e8, 0, shape.dim);
      await checkEqual({ ...job, start });
      values.fill(-1e12, 0, shape.dim);
      await checkEqual({ ...job, start });
    }
  }),
);

test(
  'bounds give the bits of plain rounds where one bound a row settles little, and each gets its own',
  readable(async () => {
    // Centroids in the middle of data without clusters: the second best is always close.
    const shape = { rows: 1200, dim: 24, k: 16 };
    await checkEqual({ ...shape, values: seeded(46).f64(shape.rows * shape.dim) }, sessions);
  }),
);

test(
  'bounds give the bits of plain rounds where f32 cannot tell points apart',
  readable(async () => {
    const shape = { rows: 600, dim: 12, k: 6 };
    const random = seeded(47);
    // Clusters that differ by less than f32 does at the length of the first column.
    const values = clusters(random, shape, 0.5).map((v, at) =>
      at % shape.dim === 0 ? (random.below(2) - 0.5) * 1e5 : v * 1e-3,
    );
    await checkEqual({ ...shape, values });
  }),
);

test(
  'bounds give the bits of plain rounds with one column and two centroids, and in one round',
  readable(async () => {
    for (const rounds of [1, 2, 5]) {
      for (const rows of [2, 5, 21, 300]) {
        const shape = { rows, dim: 1, k: 2 };
        await checkEqual({ ...shape, rounds, values: clusters(seeded(48), shape, 0.6) });
      }
    }
  }),
);

test(
  'random shapes: bounds give the bits of plain rounds',
  readable(async () => {
    for (let seed = 100; seed < 130; seed++) {
      const random = seeded(seed);
      const shape = {
        rows: 50 + random.below(900),
        dim: 1 + random.below(40),
        k: 2 + random.below(40),
      };
      const digits = 10 ** random.below(4);
      const values = clusters(random, shape, 2 * random.unit()).map(
        (v) => Math.round(v * digits) / digits,
      );
      await checkEqual({ ...shape, values, rounds: 1 + random.below(20) }).catch((error) => {
        throw new Error(`seed ${seed}: ${error.message}`);
      });
    }
  }),
);

test.run();
