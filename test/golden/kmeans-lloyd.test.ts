import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, KMeans, type KMeansParams, Table, Vectors } from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { seeded } from '../reference/random.js';

// Made by test/golden/make-kmeans.py, which stands in the file with the versions of what it used.
interface Golden {
  readonly name: string;
  readonly k: number;
  readonly start: readonly number[];
  readonly weighted: boolean;
  readonly labels: string;
  readonly centroids: readonly number[];
  readonly cost: number;
  readonly tolerantRounds: number;
  readonly best: number;
  readonly worst: number;
  readonly data?: readonly (readonly number[])[];
  readonly pixels?: string;
  readonly shape?: Readonly<Record<'rows' | 'dim' | 'clusters' | 'seed', number>>;
}

const file = new URL('../../../test/golden/kmeans-lloyd.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly Golden[] };
const iris = cases.find(({ name }) => name === 'iris')!;

const PIXELS = 64;
const ROUNDS = 100;

function pointsOf({ data, pixels, shape }: Golden): { dim: number; values: Float64Array } {
  if (pixels !== undefined) {
    const values = Float64Array.from(pixels, (letter) => letter.charCodeAt(0) - 65);
    return { dim: PIXELS, values };
  }
  if (shape === undefined)
    return { dim: 4, values: Float64Array.from((data ?? iris.data!).flat()) };
  const { rows, dim, clusters, seed } = shape;
  const random = seeded(seed);
  const centers = Float64Array.from({ length: clusters * dim }, () => random.unit());
  const values = Float64Array.from({ length: rows * dim }, (_, at) => {
    const center = (Math.floor(at / dim) % clusters) * dim;
    return centers[center + (at % dim)]! + 0.4 * (random.unit() - random.unit());
  });
  return { dim, values };
}

function tableOf(golden: Golden): Table {
  const { dim, values } = pointsOf(golden);
  const weight = Float64Array.from({ length: values.length / dim }, (_, i) => i % 4);
  return Table.fromColumns({ features: Column.dense(values, dim), weight });
}

function estimatorOf(golden: Golden, params: Partial<KMeansParams>): KMeans {
  const { k, weighted } = golden;
  return new KMeans({ k, maxIter: ROUNDS, weightCol: weighted ? 'weight' : null, ...params });
}

function fromStart(golden: Golden, params: Partial<KMeansParams> = {}): KMeans {
  const { dim, values } = pointsOf(golden);
  return estimatorOf(golden, params).setInitialModelData({
    centroids: golden.start.map((i) => Vectors.dense(values.subarray(i * dim, (i + 1) * dim))),
    weights: Vectors.dense(new Float64Array(golden.k)),
  });
}

for (const golden of cases) {
  const { name, k, labels, centroids, cost, best, worst } = golden;

  test(
    `${name}: scikit-learn's Lloyd from the same start, label by label`,
    readable(async () => {
      const table = tableOf(golden);
      const model = await fromStart(golden).fit(table);
      const got = (await model.transform(table)).column('prediction', 'int32').values;
      assert.is([...got].map((label) => label.toString(36).toUpperCase()).join(''), labels);
      const flat = model.modelData.centroids.flatMap(({ values }) => [...values]);
      flat.forEach((v, i) => {
        assert.ok(
          Math.abs(v - centroids[i]!) <= 1e-12 * Math.max(1, Math.abs(v)),
          `centroid value ${i}`,
        );
      });
      const reached = model.summary!.costs.at(-1)!;
      assert.ok(Math.abs(reached - cost) <= 1e-10 * cost, `cost ${reached} is ${cost}`);
    }),
  );

  test(
    `${name}: tol ends after the round in which scikit-learn ends`,
    readable(async () => {
      const { summary } = await fromStart(golden, { tol: 1e-3 }).fit(tableOf(golden));
      assert.equal([summary!.iterations, summary!.reason], [golden.tolerantRounds, 'converged']);
    }),
  );

  // scikit-learn's ten runs lie between `best` and `worst`; so do ours, but for their own luck.
  for (const initMode of ['k-means++', 'k-means||'] as const) {
    test(
      `${name}: ${initMode} reaches the lowest cost of ten runs to 1 %`,
      readable(async () => {
        const table = tableOf(golden);
        const costs: number[] = [];
        for (let seed = 0; seed < 10; seed++) {
          const model = await estimatorOf(golden, { initMode, seed }).fit(table);
          costs.push(model.summary!.costs.at(-1)!);
        }
        const [least, most] = [Math.min(...costs), Math.max(...costs)];
        assert.ok(least <= 1.01 * best, `the best of ten costs ${least}, scikit-learn's ${best}`);
        assert.ok(least >= 0.97 * best, `the best of ten costs ${least}, scikit-learn's ${best}`);
        assert.ok(
          most <= 1.1 * worst,
          `the worst of ten costs ${most}, scikit-learn's ${worst}, k=${k}`,
        );
      }),
    );
  }
}

test.run();
