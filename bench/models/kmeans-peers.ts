/** KMeans by libraries that are installed by themselves: oneDAL, faiss and TensorFlow.js. */
import { reservoirSample } from '../../src/core/random.js';
import type { Bench } from '../harness/duel.js';
import { type Contender, type Parts, PythonCase, SEED } from '../harness/duel.js';
import { startLibrary } from '../harness/library-peers.js';
import { check } from '../harness/measure.js';
import type { PythonPeer } from '../harness/python-peer.js';
import { lloydRounds, loadTfjs, type Rows, type Tfjs, tensorOf } from './tfjs.js';

/**
 * How far the costs of centroids may be apart, relative to them. In float32 rows about halfway between
 * centroids fall on either side, and centroids that differ by so much move rows of the next round.
 */
const COST_TOLERANCE = 1e-4;

export interface KMeansLibraries {
  readonly intelex: PythonPeer | null;
  readonly faiss: PythonPeer | null;
  readonly tfjs: Tfjs | null;
}

export async function openLibraries(bench: Bench): Promise<KMeansLibraries> {
  const tfjs = await loadTfjs(bench);
  return {
    intelex: startLibrary(bench, 'intelex'),
    faiss: startLibrary(bench, 'faiss'),
    tfjs,
  };
}

export async function closeLibraries({ intelex, faiss }: KMeansLibraries): Promise<void> {
  await intelex?.close();
  await faiss?.close();
}

/** A contender and what is to be closed after it. */
export interface Opened {
  readonly contender: Contender;
  close(): Promise<void> | void;
}

/** faiss from the same centroids; its cost is compared with that of Gyre's centroids. */
export async function faissContender(
  { files }: Bench,
  faiss: PythonPeer,
  what: string,
  data: object,
  centroids: Float64Array,
): Promise<Opened> {
  const peer = await PythonCase.open(faiss, 'KMeans', data);
  await peer.run();
  const { theirs, ours } = await peer.facts({ centroids: files.write('own.f64', centroids) });
  files.delete('own.f64');
  checkCosts(`${what}, faiss`, Number(theirs), Number(ours));
  const contender = { who: 'faiss, float32', run: () => peer.run() };
  return { contender, close: () => peer.close() };
}

/** TensorFlow.js on the first rows; `fit` gives Gyre's centroids on them. */
export async function tfjsContender(
  tf: Tfjs,
  what: string,
  slice: Rows,
  { k, rounds, rows }: { readonly k: number; readonly rounds: number; readonly rows: number },
  fit: (slice: Rows) => Promise<Float64Array>,
): Promise<Opened> {
  const x = tensorOf(tf, slice);
  const start = tf.gather(x, [...reservoirSample(slice.rows, k, SEED)]);
  const [, centroids] = await lloydRounds(tf, x, start, rounds);
  checkCosts(`${what}, tfjs`, costOf(slice, centroids, k), costOf(slice, await fit(slice), k));
  const run = async (): Promise<Parts> => (await lloydRounds(tf, x, start, rounds))[0];
  const contender = { who: 'tfjs-backend-wasm, float32', run, scale: rows / slice.rows };
  const close = () => {
    for (const tensor of [x, start]) tensor.dispose();
  };
  return { contender, close };
}

function checkCosts(what: string, theirs: number, ours: number): void {
  const apart = Math.abs(theirs - ours) / ours;
  check(apart <= COST_TOLERANCE, `${what}: cost ${theirs}, expected ${ours}`);
}

/** The sum of squared distances to the closest centroid. */
export function costOf({ values, rows, dim }: Rows, c: ArrayLike<number>, k: number): number {
  let total = 0;
  for (let row = 0; row < rows; row++) {
    let best = Number.POSITIVE_INFINITY;
    for (let j = 0; j < k; j++) {
      let squared = 0;
      for (let t = 0; t < dim; t++) squared += (values[row * dim + t]! - c[j * dim + t]!) ** 2;
      best = Math.min(best, squared);
    }
    total += best;
  }
  return total;
}
