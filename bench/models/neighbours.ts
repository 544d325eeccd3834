/** Knn against scikit-learn's, plain and patched, faiss, TensorFlow.js and ml-knn. */
import { Column, Knn, Table } from '../../src/index.js';
import {
  type Bench,
  type Contender,
  checkClose,
  duel,
  type Parts,
  PythonCase,
  timed,
} from '../harness/duel.js';
import { startLibrary } from '../harness/library-peers.js';
import { check, QUICK } from '../harness/measure.js';
import type { PythonPeer } from '../harness/python-peer.js';
import { clouds, type LabelledRows } from './rows.js';
import { loadTfjs, nearest, type Tfjs, tensorOf } from './tfjs.js';

const ROWS = QUICK ? 5000 : 100_000;
const QUERIES = QUICK ? 500 : 10_000;
/** Queries whose neighbours are compared. */
const COMPARED = 500;
/** Queries that ml-knn gets. */
const NPM_QUERIES = QUICK ? 20 : 5;
/** Queries that TensorFlow.js gets. */
const TFJS_QUERIES = 100;
/** How far the squared distances of a query's neighbours in float32 may be from the exact ones. */
const TOLERANCE = 1e-4;
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

async function tfjsPeer(tf: Tfjs, { points, queries }: Split, what: string, near: number[]) {
  const known = { values: points.features, rows: ROWS, dim: DIM };
  const x = tf.tidy(() => tf.transpose(tensorOf(tf, known)));
  const asked = tensorOf(tf, { values: queries, rows: TFJS_QUERIES, dim: DIM });
  const [, theirs] = await nearest(tf, x, asked, K);
  const split = { points, queries };
  checkDistances(split, theirs, near.slice(0, TFJS_QUERIES * K), `${what}, tfjs`);
  const run = async (): Promise<Parts> => (await nearest(tf, x, asked, K))[0];
  const who = 'tfjs-backend-wasm, float32, neighbours only';
  return { who, run, scale: QUERIES / TFJS_QUERIES };
}

/** Neighbours as near as Gyre's: which of two is nearer float32 cannot always tell. */
function checkDistances(
  { points, queries }: Split,
  theirs: ArrayLike<number>,
  ours: ArrayLike<number>,
  what: string,
): void {
  const squared = (query: number, point: number): number => {
    let sum = 0;
    for (let t = 0; t < DIM; t++) {
      sum += (queries[query * DIM + t]! - points.features[point * DIM + t]!) ** 2;
    }
    return sum;
  };
  const distances = (near: ArrayLike<number>): number[] =>
    Array.from(near, (point, i) => squared(Math.floor(i / K), point));
  checkClose(distances(theirs), distances(ours), TOLERANCE, what);
}

interface Libraries {
  readonly intelex: PythonPeer | null;
  readonly faiss: PythonPeer | null;
  readonly tfjs: Tfjs | null;
}

/** @param spread 0.3: clouds that overlap, as 16 features of real data do; 1.5: clouds apart. */
async function compareClouds(spread: number, bench: Bench, libraries: Libraries): Promise<void> {
  const { files, python } = bench;
  const { intelex, faiss, tfjs } = libraries;
  const what = `Knn, ${QUERIES} queries on ${ROWS} x ${DIM}, k = ${K}, clouds ${spread} apart`;
  const split = splitOf(spread);
  const [, neighbours] = await classify(split, bench);
  const data = {
    points: files.write('points.f64', split.points.features),
    labels: files.write('labels.f64', split.points.labels),
    queries: files.write('queries.f64', split.queries),
  };
  const peers: Contender[] = [];
  const cases: PythonCase[] = [];
  /** Not predictions: tied votes go to the nearer label here, and to the smaller one there. */
  const open = async (process: PythonPeer, who: string) => {
    // 'auto' takes brute force above 15 columns; a k-d tree takes minutes here.
    const opened = await PythonCase.open(process, 'neighbours', { ...data, dim: DIM, k: K });
    await opened.run();
    cases.push(opened);
    const theirs = (await opened.facts({ few: COMPARED })).neighbours as number[];
    return { theirs, contender: { who, run: () => opened.run() } };
  };
  for (const [process, who, goal] of [
    [python, 'scikit-learn', { goal: GOALS.sklearn }],
    [intelex, 'scikit-learn-intelex', {}],
  ] as const) {
    if (process === null) continue;
    const { theirs, contender } = await open(process, who);
    const isSame = neighbours.every((row, i) => row === theirs[i]);
    check(isSame && theirs.length === neighbours.length, `${what}: other neighbours by ${who}`);
    peers.push({ ...contender, ...goal });
  }
  if (faiss !== null) {
    const { theirs, contender } = await open(faiss, 'faiss IndexFlatL2, float32');
    checkDistances(split, theirs, neighbours, `${what}, faiss`);
    peers.push(contender);
  }
  peers.push(await npmPeer(split));
  if (tfjs !== null) peers.push(await tfjsPeer(tfjs, split, what, neighbours));
  const gyre = async (): Promise<Parts> => (await classify(split, bench))[0];
  await duel(bench, { what, amounts: { queries: QUERIES }, gyre, peers });
  for (const opened of cases) await opened.close();
  for (const name of ['points.f64', 'labels.f64', 'queries.f64']) files.delete(name);
}

export async function compareNeighbours(bench: Bench): Promise<void> {
  const tfjs = await loadTfjs(bench);
  const intelex = startLibrary(bench, 'intelex');
  const faiss = startLibrary(bench, 'faiss');
  for (const spread of [0.3, 1.5]) await compareClouds(spread, bench, { intelex, faiss, tfjs });
  await intelex?.close();
  await faiss?.close();
}
