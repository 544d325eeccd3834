/** Iris, wine, breast cancer, digits and diabetes: pipelines do what scikit-learn does. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  AgglomerativeClustering,
  type DenseVector,
  KBinsDiscretizer,
  KMeans,
  Knn,
  KnnRegression,
  LinearRegression,
  LinearSVC,
  LogisticRegression,
  NaiveBayes,
  Pipeline,
  PolynomialExpansion,
  StandardScaler,
  type Table,
  UnivariateFeatureSelector,
  Vectors,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { type Answer, assertAnswer, assertWithin, pureRows } from './measures.js';
import { loadSet, readJson } from './sets.js';

const STAGES = {
  ...{ KBinsDiscretizer, Knn, KnnRegression, LinearRegression, LinearSVC, LogisticRegression },
  ...{ NaiveBayes, PolynomialExpansion, StandardScaler, UnivariateFeatureSelector },
};

interface Case extends Answer {
  readonly set: string;
  readonly stages: readonly (readonly [keyof typeof STAGES, object])[];
}

interface Clustering {
  readonly set: string;
  readonly k: number;
  readonly start?: 'first' | 'k-means++';
  readonly linkage?: 'ward' | 'average' | 'complete' | 'single';
  readonly cost?: number;
  readonly pure?: number;
  readonly best?: number;
  /** The upper quartile. */
  readonly third?: number;
  readonly sizes?: readonly number[];
}

// Made by test/real-data/make-small.py, which stands in the file with the versions of what it used.
const { cases, clusterings } = readJson('real-data/small.json') as {
  readonly cases: readonly Case[];
  readonly clusterings: readonly Clustering[];
};

const it = (sentence: string, body: () => Promise<void>) => test(sentence, readable(body));

/** Of losses and of R²: both sides are at the minimum, but for what their own tolerances leave. */
const TOLERANCE = 1e-6;

/** The stage that says most, with what tells it from others of its class. */
function nameOf(stages: Case['stages']): string {
  const [Class, params] = stages.at(-1)!;
  const names = stages.map(([name]) => name).slice(0, -1);
  const { modelType, reg, elasticNet, weighting } = params as Record<string, unknown>;
  const details = Object.entries({ modelType, reg, elasticNet, weighting });
  const shown = details.flatMap(([name, value]) => (value === undefined ? [] : `${name} ${value}`));
  return [...names, [Class, ...shown].join(' ')].join(', ');
}

for (const { set, stages, ...answer } of cases) {
  it(`${set}: ${nameOf(stages)} predicts as well as scikit-learn`, async () => {
    const { known, unknown } = loadSet(set);
    const made = stages.map(([name, params]) => {
      const Stage = STAGES[name] as unknown as new (params: object) => Knn;
      return new Stage(params);
    });
    const model = await new Pipeline(made).fit(known);
    assertAnswer((await model.transform(unknown)) as Table, answer, TOLERANCE);
  });
}

/** The features of a set, scaled, and its labels. */
async function scaled(set: string): Promise<Table> {
  const { known } = loadSet(set);
  const scaler = new StandardScaler({ withMean: true, inputCol: 'features', outputCol: 'scaled' });
  const table = await (await scaler.fit(known)).transform(known);
  return table.select(['scaled', 'label']);
}

const KMEANS = { featuresCol: 'scaled', maxIter: 300, tol: 1e-12 } as const;
/** Seeds that are tried. The worst of them says nothing: bad minima are rare, and far worse. */
const SEEDS = [...new Array(11).keys()];

for (const { set, k, start, linkage, cost, pure, best, third, sizes } of clusterings) {
  if (start === 'first') {
    it(`${set}: KMeans from the first ${k} rows ends where scikit-learn does`, async () => {
      const table = await scaled(set);
      const rows = table.column('scaled', 'vector').slice(0, k).toArray() as DenseVector[];
      const model = await new KMeans({ ...KMEANS, k })
        .setInitialModelData({ centroids: rows, weights: Vectors.dense(new Array(k).fill(0)) })
        .fit(table);
      assert.is(model.summary?.reason, 'converged');
      assertWithin(model.summary!.costs.at(-1)!, cost!, 1e-10, 'cost');
      assert.is(pureRows(await model.transform(table)), pure);
    });
  } else if (start === 'k-means++') {
    it(`${set}: KMeans from k-means++ is as good as scikit-learn's, by best and median`, async () => {
      const table = await scaled(set);
      const costs: number[] = [];
      for (const seed of SEEDS) {
        const estimator = new KMeans({ ...KMEANS, k, seed, initMode: 'k-means++' });
        costs.push((await estimator.fit(table)).summary!.costs.at(-1)!);
      }
      costs.sort((a, b) => a - b);
      const [least, median] = [costs[0]!, costs[costs.length >> 1]!];
      assert.ok(least >= best! * (1 - 1e-3) && least <= best! * 1.01, `${least}, best ${best}`);
      assert.ok(median <= third! * (1 + 1e-9), `median ${median}, third quartile ${third}`);
    });
  } else {
    it(`${set}: ${linkage} linkage gives the clusters of SciPy`, async () => {
      const table = await scaled(set);
      const stage = new AgglomerativeClustering({
        ...{ featuresCol: 'scaled', numClusters: k, linkage: linkage! },
      });
      const [clustered] = (await stage.transform(table)) as unknown as readonly [Table];
      const counts = new Array<number>(k).fill(0);
      for (const cluster of clustered.column('prediction', 'int32').values) counts[cluster]!++;
      assert.equal(
        counts.sort((a, b) => b - a),
        sizes,
      );
      assert.is(pureRows(clustered), pure);
    });
  }
}

test.run();
