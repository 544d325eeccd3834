/** OnlineKMeans and OnlineLogisticRegression against what stdlib has of them, on dense rows. */
import type * as Binary from '@stdlib/ml-incr-binary-classification';
import type * as Kmeans from '@stdlib/ml-incr-kmeans';
import type * as Nd from '@stdlib/ndarray-ctor';
import {
  Column,
  OnlineKMeans,
  OnlineLogisticRegression,
  Table,
  TableStream,
  Vectors,
} from '../../src/index.js';
import {
  type Bench,
  type Contender,
  checkClose,
  duel,
  type Parts,
  timed,
} from '../harness/duel.js';
import { npmLibrary } from '../harness/library-peers.js';
import { check, QUICK } from '../harness/measure.js';
import { logLossOf, prequentialLogLoss } from './log-loss.js';
import { clouds, type LabelledRows } from './rows.js';

const ROWS = QUICK ? 20_000 : 1_000_000;
/** The first rows, which stdlib gets, and Gyre where models are compared. */
const FEW = QUICK ? 2000 : 20_000;
const [DIM, K, BATCH] = [16, 10, 1024];
/** A mean is updated by its difference there, and made anew from its sum here. */
const TOLERANCE = 1e-9;
/** Rates that stdlib may choose from, by its log-loss. */
const RATES = [0.001, 0.003, 0.01, 0.03];
const FEWEST = 2;

interface Stdlib {
  readonly vectors: readonly Nd.Ndarray[];
  readonly matrix: Nd.Ndarray;
  readonly kmeans: Kmeans.Constructor;
  readonly classification: Binary.Constructor;
}

async function loadStdlib(bench: Bench, { features }: LabelledRows): Promise<Stdlib | null> {
  const load = await npmLibrary(bench, 'stdlib');
  if (load === null) return null;
  const ndarray = load('@stdlib/ndarray-ctor') as Nd.Constructor;
  const vectors = Array.from({ length: FEW }, (_, i) => {
    const own = Float64Array.from(features.subarray(i * DIM, (i + 1) * DIM));
    return ndarray('float64', own, [DIM], [1], 0, 'row-major');
  });
  const first = Float64Array.from(features.subarray(0, K * DIM));
  return {
    vectors,
    matrix: ndarray('float64', first, [K, DIM], [DIM, 1], 0, 'row-major'),
    kmeans: load('@stdlib/ml-incr-kmeans') as Kmeans.Constructor,
    classification: load('@stdlib/ml-incr-binary-classification') as Binary.Constructor,
  };
}

const tableOf = ({ features, labels }: LabelledRows, rows: number): Table =>
  Table.fromColumns({
    features: Column.dense(features.subarray(0, rows * DIM), DIM),
    label: labels.subarray(0, rows),
  });

/** Means of all rows so far, from the first rows as centroids, which weigh nothing. */
async function cluster(data: LabelledRows, rows: number, batch: number, { session }: Bench) {
  const estimator = new OnlineKMeans({ k: K, decayFactor: 1, globalBatchSize: batch });
  const centroids = Array.from({ length: K }, (_, j) =>
    Vectors.dense(...data.features.subarray(j * DIM, (j + 1) * DIM)),
  );
  estimator.setInitialModelData({ centroids, weights: Vectors.dense(...new Float64Array(K)) });
  const stream = TableStream.from(tableOf(data, rows));
  const [fit, model] = await timed(async () => {
    const live = await estimator.fit(stream, { session });
    await live.completed();
    return live;
  });
  return [{ fit }, model.modelData.centroids.flatMap(({ values }) => [...values])] as const;
}

async function compareClusters(bench: Bench, data: LabelledRows, stdlib: Stdlib | null) {
  const peers: Contender[] = [];
  if (stdlib !== null) {
    const learn = (): Nd.Ndarray => {
      const accumulate = stdlib.kmeans(stdlib.matrix);
      for (const vector of stdlib.vectors) accumulate(vector);
      return accumulate().centroids;
    };
    const [, one] = await cluster(data, FEW, 1, bench);
    checkClose(one, learn().data, TOLERANCE, 'OnlineKMeans, batches of 1, stdlib');
    const run = async (): Promise<Parts> => ({ fit: (await timed(learn))[0] });
    peers.push({ who: '@stdlib/ml-incr-kmeans', run });
  }
  for (const [rows, batch] of [
    [FEW, 1],
    [ROWS, BATCH],
  ] as const) {
    const what = `OnlineKMeans, ${rows} x ${DIM}, k=${K}, batches of ${batch}`;
    const gyre = async (): Promise<Parts> => (await cluster(data, rows, batch, bench))[0];
    const scaled = peers.map((peer) => ({ ...peer, scale: rows / FEW }));
    await duel(bench, { what, amounts: { rows }, gyre, peers: scaled, fewest: FEWEST });
  }
}

const regression = (): OnlineLogisticRegression =>
  new OnlineLogisticRegression({ globalBatchSize: BATCH, alpha: 0.3, beta: 1 });

/** One pass of stdlib; its log-loss before each row is learned from, if that is asked for. */
function descend(stdlib: Stdlib, labels: Float64Array, rate: number, isScored: boolean): number {
  const options = { intercept: false, lambda: 0, learningRate: ['constant', rate] } as const;
  const accumulate = stdlib.classification(DIM, options);
  let total = 0;
  for (const [i, vector] of stdlib.vectors.entries()) {
    const label = labels[i] === 1 ? 1 : -1;
    if (isScored) {
      const p = accumulate.predict(vector, 'probability').get();
      total += logLossOf(label === 1 ? p : 1 - p);
    }
    accumulate(vector, label);
  }
  return total / FEW;
}

async function compareClassifiers(bench: Bench, data: LabelledRows, stdlib: Stdlib | null) {
  const { report, session } = bench;
  const what = `OnlineLogisticRegression, ${ROWS} x ${DIM}, batches of ${BATCH}`;
  const peers: Contender[] = [];
  if (stdlib !== null) {
    const losses = RATES.map((rate) => descend(stdlib, data.labels, rate, true));
    const best = Math.min(...losses);
    const rate = RATES[losses.indexOf(best)]!;
    const few = TableStream.from(tableOf(data, FEW));
    const ours = await prequentialLogLoss(
      await regression().fit(few, { session, prequential: true }),
    );
    for (const loss of [best, ours]) check(loss < Math.LN2, `${what}: log-loss ${loss}`);
    report.note(`${what}, stdlib at its best rate ${rate}, ${FEW} rows: log-loss`, best, '');
    report.note(`${what}, ${FEW} rows: log-loss`, ours, '');
    const run = async (): Promise<Parts> => {
      const [fit] = await timed(() => descend(stdlib, data.labels, rate, false));
      return { fit };
    };
    peers.push({ who: '@stdlib/ml-incr-binary-classification', run, scale: ROWS / FEW });
  }
  const gyre = async (): Promise<Parts> => {
    const [fit] = await timed(async () => {
      const stream = TableStream.from(tableOf(data, ROWS));
      const model = await regression().fit(stream, { session });
      await model.completed();
    });
    return { fit };
  };
  await duel(bench, { what, amounts: { rows: ROWS }, gyre, peers, fewest: FEWEST });
}

export async function compareIncremental(bench: Bench): Promise<void> {
  const points = clouds(ROWS, DIM, K, 0.5);
  const classes = clouds(ROWS, DIM, 2, 0.3);
  await compareClusters(bench, points, await loadStdlib(bench, points));
  await compareClassifiers(bench, classes, await loadStdlib(bench, classes));
}
