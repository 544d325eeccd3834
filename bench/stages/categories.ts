/** OneHotEncoder against scikit-learn's. */
import { OneHotEncoder, Table } from '../../src/index.js';
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

const ROWS = QUICK ? 50_000 : 10_000_000;
const CATEGORIES = 100;
const GOAL = 10;

async function encode(
  values: Float64Array,
  { session }: Bench,
): Promise<readonly [Parts, Int32Array]> {
  const table = Table.fromColumns({ x: values });
  const encoder = new OneHotEncoder({ inputCols: ['x'], outputCols: ['v'], dropLast: false });
  const [fit, model] = await timed(() => encoder.fit(table, { session }));
  const [transform, output] = await timed(() => model.transform(table, { session }));
  return [{ fit, transform }, output.column('v', 'sparseVector').indices];
}

export async function compareCategories(bench: Bench): Promise<void> {
  const { files, python } = bench;
  const what = `OneHotEncoder, ${ROWS} rows, ${CATEGORIES} categories`;
  const random = seeded(SEED);
  const values = float64(ROWS);
  for (let i = 0; i < ROWS; i++) values[i] = random.below(CATEGORIES);
  const [, indices] = await encode(values, bench);
  check(
    indices.length === ROWS && indices.every((index, i) => index === values[i]),
    `${what}: other vectors`,
  );
  const peers: Contender[] = [];
  if (python !== null) {
    const file = files.write('categories.f64', values);
    const peer = await PythonCase.open(python, 'OneHotEncoder', { file });
    await peer.run();
    const { same } = await peer.facts({ indices: files.write('indices.i32', indices) });
    check(same === true, `${what}: scikit-learn has other vectors`);
    peers.push({ who: 'scikit-learn', run: () => peer.run(), goal: GOAL });
  }
  const gyre = async (): Promise<Parts> => (await encode(values, bench))[0];
  await duel(bench, { what, amounts: { rows: ROWS }, gyre, peers });
  await python?.ask({ do: 'close', case: 'OneHotEncoder' });
  for (const name of ['categories.f64', 'indices.i32']) files.delete(name);
}
