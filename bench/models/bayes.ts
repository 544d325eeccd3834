/** NaiveBayes against scikit-learn's and ml-naivebayes. */
import { Column, NaiveBayes, Table } from '../../src/index.js';
import type { NumericColumn } from '../../src/table/numeric-column.js';
import {
  type Bench,
  type Contender,
  duel,
  type Parts,
  PythonCase,
  timed,
} from '../harness/duel.js';
import { check, QUICK } from '../harness/measure.js';
import { clouds, type LabelledRows, wordCounts } from './rows.js';

const ROWS = QUICK ? 10_000 : 500_000;
const NPM_ROWS = QUICK ? 500 : 10_000;
const [DIM, CLASSES] = [100, 4];

type ModelType = 'gaussian' | 'multinomialCounts';

async function learn({ features, labels }: LabelledRows, modelType: ModelType, { session }: Bench) {
  const table = Table.fromColumns({ features: Column.dense(features, DIM), label: labels });
  const estimator = new NaiveBayes({ modelType });
  const [fit, model] = await timed(() => estimator.fit(table, { session }));
  const [transform, output] = await timed(() => model.transform(table, { session }));
  const { values } = output.column('prediction') as NumericColumn<Float64Array>;
  return [{ fit, transform }, values] as const;
}

async function npmPeer({ features, labels, rows }: LabelledRows, modelType: ModelType) {
  const { GaussianNB, MultinomialNB } = await import('ml-naivebayes');
  const list = Array.from({ length: NPM_ROWS }, (_, i) => [
    ...features.subarray(i * DIM, (i + 1) * DIM),
  ]);
  const classes = [...labels.subarray(0, NPM_ROWS)];
  const run = async (): Promise<Parts> => {
    const model = modelType === 'gaussian' ? new GaussianNB() : new MultinomialNB();
    const [fit] = await timed(() => model.train(list, classes));
    const [transform] = await timed(() => model.predict(list));
    return { fit, transform };
  };
  return { who: 'ml-naivebayes', run, scale: rows / NPM_ROWS };
}

async function compareType(
  data: LabelledRows,
  modelType: ModelType,
  peer: 'gaussian' | 'multinomial',
  bench: Bench,
): Promise<void> {
  const { files, python } = bench;
  const what = `NaiveBayes, ${peer}, ${ROWS} x ${DIM}, ${CLASSES} classes`;
  const [, predictions] = await learn(data, modelType, bench);
  const peers: Contender[] = [];
  let opened: PythonCase | null = null;
  if (python !== null) {
    const names = {
      features: files.write('x.f64', data.features),
      labels: files.write('y.f64', data.labels),
    };
    const theirs = await PythonCase.open(python, peer, { ...names, dim: DIM, kind: peer });
    await theirs.run();
    const { same } = await theirs.facts({ predictions: files.write('p.f64', predictions) });
    check(Number(same) > 0.9999, `${what}: ${same} of the predictions as scikit-learn's`);
    peers.push({ who: 'scikit-learn', run: () => theirs.run() });
    opened = theirs;
  }
  peers.push(await npmPeer(data, modelType));
  const gyre = async (): Promise<Parts> => (await learn(data, modelType, bench))[0];
  await duel(bench, { what, amounts: { rows: ROWS }, gyre, peers });
  await opened?.close();
  for (const name of ['x.f64', 'y.f64', 'p.f64']) files.delete(name);
}

export async function compareBayes(bench: Bench): Promise<void> {
  await compareType(clouds(ROWS, DIM, CLASSES, 0.1), 'gaussian', 'gaussian', bench);
  const counts = wordCounts(ROWS, DIM, CLASSES);
  await compareType(counts, 'multinomialCounts', 'multinomial', bench);
}
