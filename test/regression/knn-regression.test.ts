import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Knn, KnnRegression, KnnRegressionModel, Table } from '../../src/index.js';
import { readable } from '../conformance/readable.js';

const it = (sentence: string, body: () => Promise<void>) => test(sentence, readable(body));

const column = (...rows: readonly (readonly number[])[]): Table =>
  Table.fromColumns({ features: rows }, { features: 'vector' });

const TABLE = column([1], [2], [4]).withColumn('label', [10, 20, 40]);

async function predict(params: object, query: number): Promise<unknown> {
  const model = await new KnnRegression(params).fit(TABLE);
  return (await model.transform(column([query]))).row(0).prediction;
}

it('the prediction is the mean label of the k nearest rows', async () => {
  assert.is(await predict({ k: 2 }, 0), 15);
  assert.is(await predict({ k: 2 }, 5), 30);
  assert.is(await predict({ k: 9 }, 5), 70 / 3);
});

it('weights are one over the distance, and a row at distance 0 alone counts', async () => {
  const weighted = { k: 3, weighting: 'distance' };
  assert.is(await predict(weighted, 0), (10 + 20 / 2 + 40 / 4) / (1 + 1 / 2 + 1 / 4));
  assert.is(await predict(weighted, 2), 20);
});

it('neighbours are those of Knn', async () => {
  const queries = column([0], [3], [3.1]);
  const [knn, regression] = [await new Knn().fit(TABLE), await new KnnRegression().fit(TABLE)];
  const [a, b] = [await knn.nearest(queries, 2), await regression.nearest(queries, 2)];
  assert.equal(b.toRows(), a.toRows());
});

it('a model takes the data of a model of Knn', async () => {
  const { modelData } = await new Knn().fit(TABLE);
  const model = new KnnRegressionModel({ k: 1 }).setModelData(modelData);
  assert.is((await model.transform(column([3.5]))).row(0).prediction, 40);
});

test.run();
