/** Knn against scikit-learn's and ml-knn. */
import { Column, Knn, Table } from '../../src/index.js';
import {
  type Bench,
  type Contender,
  duel,
  type Parts,
  PythonCase,
  timed,
} from '../harness/duel.js';
import { check, QUICK } from '../harness/measure.js';
import { clouds, type LabelledRows } from './rows.js';

const ROWS = QUICK ? 5000 : 100_000;
const QUERIES = QUICK ? 500 : 10_000;
/** Queries whose neighbours are compared. */
const COMPARED = 500;
/** Queries that ml-knn gets. */
const NPM_QUERIES = QUICK ? 20 : 5;
const [DIM, CLASSES, K] = [16, 10, 5];
const GOALS = { sklearn: 1.5, npm: 30 };

interface Split {
  readonly points: LabelledRows;
  readonly queries: Float64Array<SharedArrayBuffer>;
}

function splitOf(spread: number): Split {
  const { features, labels } = clouds(ROWS + QUERIES, DIM, CLASSES, spread);
  return {
    points: {
      ...{ rows: ROWS, dim: DIM },
      features: features.subarray(0, ROWS * DIM),
      labels: labels.subarray(0, ROWS),
    },
    queries: features.subarray(ROWS * DIM),
  };
}

async function classify({ points, queries }: Split, { session }: Bench) {
  const { features, labels } = points;
  const table = Table.fromColumns({ features: Column.dense(features, DIM), label: labels });
  const asked = Table.fromColumns({ features: Column.dense(queries, DIM) });
  const [fit, model] = await timed(() => new Knn({ k: K }).fit(table, { session }));
  const [transform, output] = await timed(() => model.transform(asked, { session }));
  check(output.column('prediction').nullCount === 0, 'every query has a prediction');
  const near = await model.nearest(asked.slice(0, COMPARED), K, { session });
  const neighbours = near
    .column('indices')
    .toArray()
    .flatMap((list) => [...(list as unknown as Iterable<number>)]);
  return [{ fit, transform }, neighbours] as const;
}

async function npmPeer({ points, queries }: Split): Promise<Contender> {
  const { default: Neighbours } = await import('ml-knn');
  const rowsOf = (values: Float64Array, rows: number) =>
    Array.from({ length: rows }, (_, i) => [...values.subarray(i * DIM, (i + 1) * DIM)]);
  const tree = new Neighbours(rowsOf(points.features, ROWS), [...points.labels], { k: K });
  const asked = rowsOf(queries, NPM_QUERIES);
  const run = async (): Promise<Parts> => {
    const [transform] = await timed(() => tree.predict(asked));
    return { transform };
  };
  return { who: 'ml-knn, without fit', run, scale: QUERIES / NPM_QUERIES, goal: GOALS.npm };
}

/** @param spread 0.3: clouds that overlap, as 16 features of real data do; 1.5: clouds apart. */
async function compareClouds(spread: number, bench: Bench): Promise<void> {
  const { files, python } = bench;
  const what = `Knn, ${QUERIES} queries on ${ROWS} x ${DIM}, k = ${K}, clouds ${spread} apart`;
  const split = splitOf(spread);
  const [, neighbours] = await classify(split, bench);
  const peers: Contender[] = [];
  const cases: PythonCase[] = [];
  if (python !== null) {
    const data = {
      points: files.write('points.f64', split.points.features),
      labels: files.write('labels.f64', split.points.labels),
      queries: files.write('queries.f64', split.queries),
    };
    // 'auto' takes brute force above 15 columns; a k-d tree takes minutes here.
    const opened = await PythonCase.open(python, 'neighbours', { ...data, dim: DIM, k: K });
    await opened.run();
    // Not predictions: tied votes go to the nearer label here, and to the smaller one there.
    const theirs = (await opened.facts({ few: COMPARED })).neighbours as number[];
    const isSame = neighbours.every((row, i) => row === theirs[i]);
    check(isSame && theirs.length === neighbours.length, `${what}: other neighbours`);
    peers.push({ who: 'scikit-learn', run: () => opened.run(), goal: GOALS.sklearn });
    cases.push(opened);
  }
  peers.push(await npmPeer(split));
  const gyre = async (): Promise<Parts> => (await classify(split, bench))[0];
  await duel(bench, { what, amounts: { queries: QUERIES }, gyre, peers });
  for (const opened of cases) await opened.close();
  for (const name of ['points.f64', 'labels.f64', 'queries.f64']) files.delete(name);
}

export async function compareNeighbours(bench: Bench): Promise<void> {
  for (const spread of [0.3, 1.5]) await compareClouds(spread, bench);
}
