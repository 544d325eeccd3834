/** KMeans against scikit-learn's, plain and patched, by Lloyd and by Elkan, faiss, TensorFlow.js and ml-kmeans. */
import { kmeans as mlKMeans } from 'ml-kmeans';
import { reservoirSample } from '../../src/core/random.js';
import { Column, KMeans, type KMeansModel, Table } from '../../src/index.js';
import {
  type Bench,
  type Contender,
  duel,
  type Parts,
  PythonCase,
  SEED,
  timed,
} from '../harness/duel.js';
import { check, QUICK } from '../harness/measure.js';
import {
  closeLibraries,
  faissContender,
  type KMeansLibraries,
  type Opened,
  openLibraries,
  tfjsContender,
} from './kmeans-peers.js';
import { clusters, mnist } from './kmeans-points.js';
import type { Rows } from './tfjs.js';

interface Shape {
  readonly name: string;
  readonly rows: number;
  readonly dim: number;
  readonly k: number;
  readonly rounds: number;
  /** How many times faster than the better of scikit-learn's algorithms. */
  readonly goal: number;
  /** Elkan's bounds are k numbers a row: left out where they would fill the memory. */
  readonly algorithms: readonly ('lloyd' | 'elkan')[];
  /** Rows that ml-kmeans gets; 0 for none. */
  readonly peerRows: number;
  /** Rows that TensorFlow.js gets. */
  readonly tfjsRows: number;
  readonly points: (shape: Shape) => Float64Array<SharedArrayBuffer>;
}

const BOTH = ['lloyd', 'elkan'] as const;
const ML_GOAL = 30;
/** Other libraries have no goal: one turn A B B A of what takes long. */
const FEWEST = 2;

const size = (rows: number): number => (QUICK ? rows / 50 : rows);

const SHAPES: readonly Shape[] = [
  {
    ...{ name: 'overlapping', rows: size(1_000_000), dim: 100, k: 10, rounds: 10 },
    ...{
      goal: 1.3,
      algorithms: ['lloyd'],
      peerRows: 20_000,
      tfjsRows: 20_000,
      points: clusters(4),
    },
  },
  {
    ...{ name: 'MNIST', rows: size(60_000), dim: 784, k: 100, rounds: 20 },
    ...{ goal: 1.5, algorithms: BOTH, peerRows: 0, tfjsRows: 1000, points: mnist },
  },
  {
    ...{ name: 'touching', rows: size(1_000_000), dim: 3, k: 64, rounds: 20 },
    ...{ goal: 4, algorithms: BOTH, peerRows: 20_000, tfjsRows: 20_000, points: clusters(0.5) },
  },
];

export async function compareKMeans(bench: Bench): Promise<void> {
  const libraries = await openLibraries(bench);
  for (const shape of SHAPES) await compareShape(bench, shape, libraries);
  await closeLibraries(libraries);
}

async function compareShape(bench: Bench, shape: Shape, libraries: KMeansLibraries): Promise<void> {
  const { files, python, session } = bench;
  const { name, rows, dim, k, rounds, goal, algorithms, peerRows } = shape;
  const what = `KMeans, ${name}, ${rows} x ${dim}, k=${k}, ${rounds} rounds`;
  const values = shape.points(shape);
  const table = Table.fromColumns({ features: Column.dense(values, dim) });
  const fit = (points: Table): Promise<KMeansModel> =>
    new KMeans({ k, maxIter: rounds, seed: SEED }).fit(points, { session });
  const gyre = async (): Promise<Parts> => ({ fit: (await timed(() => fit(table)))[0] });

  const file = files.write('points.f64', values);
  const start = [...reservoirSample(rows, k, SEED)];
  const peers: Contender[] = peerRows === 0 ? [] : [mlContender(values, shape)];
  const amounts = { row·rounds: rows * rounds };
  if (peers.length > 0) await duel(bench, { what, amounts, gyre, peers });
  for (const algorithm of python === null ? [] : algorithms) {
    const data = { file, rows, dim, k, rounds, start, algorithm };
    const peer = await PythonCase.open(python!, 'KMeans', data);
    await checkEqual(bench, `${what}, ${algorithm}`, peer, await fit(table), table);
    const contender = { who: `scikit-learn, ${algorithm}`, run: () => peer.run(), goal };
    await duel(bench, { what: `${what}, ${algorithm}`, amounts, gyre, peers: [contender] });
    await peer.close();
  }
  const others = await openOthers(bench, what, shape, values, libraries);
  const contenders = others.map(({ contender }) => contender);
  const work = { what: `${what}, others`, amounts, gyre, peers: contenders, fewest: FEWEST };
  if (others.length > 0) await duel(bench, work);
  for (const other of others) await other.close();
  files.delete('points.f64');
}

/** The libraries that are installed by themselves, with their results checked. */
async function openOthers(
  bench: Bench,
  what: string,
  shape: Shape,
  values: Float64Array<SharedArrayBuffer>,
  { intelex, faiss, tfjs }: KMeansLibraries,
): Promise<Opened[]> {
  const { rows, dim, k, rounds } = shape;
  const fit = async ({ values: own, rows: count }: Rows): Promise<KMeansModel> => {
    const table = Table.fromColumns({ features: Column.dense(own.subarray(0, count * dim), dim) });
    return new KMeans({ k, maxIter: rounds, seed: SEED }).fit(table, { session: bench.session });
  };
  const all = { values, rows, dim };
  const file = bench.files.pathOf('points.f64');
  const data = { file, rows, dim, k, rounds, start: [...reservoirSample(rows, k, SEED)] };
  const opened: Opened[] = [];
  if (intelex !== null) {
    const peer = await PythonCase.open(intelex, 'KMeans', { ...data, algorithm: 'lloyd' });
    const table = Table.fromColumns({ features: Column.dense(values, dim) });
    await checkEqual(bench, `${what}, intelex`, peer, await fit(all), table);
    const contender = { who: 'scikit-learn-intelex', run: () => peer.run() };
    opened.push({ contender, close: () => peer.close() });
  }
  if (faiss !== null) {
    opened.push(await faissContender(bench, faiss, what, data, centroidsOf(await fit(all))));
  }
  if (tfjs !== null) {
    const slice = { ...all, rows: Math.min(rows, shape.tfjsRows) };
    const own = async (few: Rows) => centroidsOf(await fit(few));
    opened.push(await tfjsContender(tfjs, what, slice, shape, own));
  }
  return opened;
}

const centroidsOf = ({ modelData }: KMeansModel): Float64Array =>
  Float64Array.from(modelData.centroids.flatMap(({ values }) => [...values]));

/** ml-kmeans on the first rows, from the centroids that KMeans would start with. */
function mlContender(values: Float64Array, { rows, dim, k, rounds, peerRows }: Shape): Contender {
  const count = Math.min(peerRows, rows);
  const row = (i: number): number[] => [...values.subarray(i * dim, (i + 1) * dim)];
  const data = Array.from({ length: count }, (_, i) => row(i));
  const initialization = [...reservoirSample(count, k, SEED)].map(row);
  // No distance is below a negative tolerance, so all rounds are run.
  const options = { initialization, maxIterations: rounds, tolerance: -1 };
  const run = async (): Promise<Parts> => ({
    fit: (await timed(() => mlKMeans(data, k, options).centroids.length))[0],
  });
  return { who: 'ml-kmeans', run, scale: rows / count, goal: ML_GOAL };
}

/** All labels, and the centroids to 1e-9. */
async function checkEqual(
  { files, session }: Bench,
  what: string,
  peer: PythonCase,
  model: KMeansModel,
  table: Table,
): Promise<void> {
  await peer.run();
  const labeled = await model.transform(table, { session });
  const centroids = centroidsOf(model);
  const { other, by } = await peer.facts({
    labels: files.write('labels.i32', labeled.column('prediction', 'int32').values),
    centroids: files.write('centroids.f64', centroids),
  });
  check(other === 0, `${what}: ${other} rows have another label`);
  check((by as number) <= 1e-9 * Math.max(1, ...centroids), `${what}: centroids are ${by} apart`);
}
