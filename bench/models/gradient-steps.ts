/** Steps of gradient descent on the logistic loss, all rows a step, against TensorFlow.js. */
import { Column, LogisticRegression, Table } from '../../src/index.js';
import {
  type Bench,
  type Contender,
  checkClose,
  duel,
  type Parts,
  timed,
} from '../harness/duel.js';
import { QUICK } from '../harness/measure.js';
import { clouds, type LabelledRows } from './rows.js';
import { gradientSteps, loadTfjs, type Tfjs, tensorOf } from './tfjs.js';

const ROWS = QUICK ? 20_000 : 1_000_000;
const TFJS_ROWS = QUICK ? 2000 : 50_000;
const [DIM, STEPS, RATE] = [100, 20, 0.2];
/** Sums over the rows in float32, step upon step. */
const TOLERANCE = 1e-4;

async function descend({ features, labels, rows }: LabelledRows, { session }: Bench) {
  const table = Table.fromColumns({ features: Column.dense(features, DIM), label: labels });
  const estimator = new LogisticRegression({
    ...{ solver: 'sgd', globalBatchSize: rows, maxIter: STEPS, learningRate: RATE, tol: 0 },
  });
  const [fit, model] = await timed(() => estimator.fit(table, { session }));
  return [{ fit }, model.modelData.coefficient.values] as const;
}

/** The first rows: none is copied. */
const sliceOf = ({ features, labels }: LabelledRows, rows: number): LabelledRows => ({
  ...{ rows, dim: DIM, features: features.subarray(0, rows * DIM) },
  labels: labels.subarray(0, rows),
});

async function tfjsContender(
  tf: Tfjs,
  what: string,
  { features, labels, rows }: LabelledRows,
  coefficients: Float64Array,
): Promise<Contender> {
  const x = tensorOf(tf, { values: features, rows, dim: DIM });
  const both = { x, columns: tf.transpose(x) };
  const y = tensorOf(tf, { values: labels, rows, dim: 1 });
  const [, theirs] = await gradientSteps(tf, both, y, STEPS, RATE);
  checkClose(theirs, coefficients, TOLERANCE, `${what}, tfjs`);
  const run = async (): Promise<Parts> => (await gradientSteps(tf, both, y, STEPS, RATE))[0];
  return { who: 'tfjs-backend-wasm, float32', run, scale: ROWS / rows };
}

export async function compareSteps(bench: Bench): Promise<void> {
  const what = `LogisticRegression, ${ROWS} x ${DIM}, binary, ${STEPS} steps of all rows`;
  const data = clouds(ROWS, DIM, 2, 0.1);
  const peers: Contender[] = [];
  const tf = await loadTfjs(bench);
  if (tf !== null) {
    const slice = sliceOf(data, TFJS_ROWS);
    const [, coefficients] = await descend(slice, bench);
    peers.push(await tfjsContender(tf, what, slice, coefficients));
  }
  const gyre = async (): Promise<Parts> => (await descend(data, bench))[0];
  await duel(bench, { what, amounts: { row·steps: ROWS * STEPS }, gyre, peers, fewest: 2 });
}
