/** StandardScaler and MinMaxScaler against scikit-learn's. */
import { totalmem } from 'node:os';
import {
  Column,
  MinMaxScaler,
  type MinMaxScalerModel,
  StandardScaler,
  type StandardScalerModel,
  Table,
} from '../../src/index.js';
import { float64 } from '../../src/table/buffers.js';
import { seeded } from '../../test/reference/random.js';
import {
  type Bench,
  checkClose,
  duel,
  type Parts,
  PythonCase,
  SEED,
  timed,
} from '../harness/duel.js';
import { QUICK } from '../harness/measure.js';

const DIM = 100;
/** What is in memory at a time: data here and there, its copy in the workers, and outputs of all turns. */
const COPIES = 16;
const FULL_ROWS = 2_000_000;
const ROWS = QUICK ? 20_000 : FULL_ROWS * COPIES * DIM * 8 < totalmem() ? FULL_ROWS : FULL_ROWS / 2;
const GOAL = 2.5;
const TOLERANCE = 1e-9;
/** Rows whose scaled entries are compared. */
const SAMPLE = Array.from({ length: 10 }, (_, i) => Math.floor(((i + 0.5) * ROWS) / 10));

interface Learned {
  readonly names: readonly string[];
  readonly vectors: readonly Float64Array[];
  readonly output: Float64Array;
}

function points(): Float64Array<SharedArrayBuffer> {
  const random = seeded(SEED);
  const values = float64(ROWS * DIM);
  for (let i = 0; i < values.length; i++) values[i] = (i % DIM) + 4 * random.unit();
  return values;
}

async function scale(
  estimator: StandardScaler | MinMaxScaler,
  table: Table,
  { session }: Bench,
): Promise<readonly [Parts, Learned]> {
  const [fit, model] = await timed<StandardScalerModel | MinMaxScalerModel>(() =>
    estimator.fit(table, { session }),
  );
  const [transform, output] = await timed(() => model.transform(table, { session }));
  const data = Object.entries(model.modelData);
  return [
    { fit, transform },
    {
      names: data.map(([name]) => name),
      vectors: data.map(([, { values }]) => values),
      output: output.column('output', 'vector').values as Float64Array,
    },
  ];
}

export async function compareScalers(bench: Bench): Promise<void> {
  const { files, python, report } = bench;
  if (!QUICK && ROWS < FULL_ROWS) {
    report.remark(`${ROWS} rows are scaled, as ${FULL_ROWS} need more memory than there is.`);
  }
  const values = points();
  const table = Table.fromColumns({ input: Column.dense(values, DIM) });
  const file = files.write('points.f64', values);
  const estimators = [new StandardScaler({ withMean: true, withStd: true }), new MinMaxScaler()];
  for (const estimator of estimators) {
    const name = estimator.constructor.name;
    const what = `${name}, ${ROWS} x ${DIM}`;
    const gyre = async (): Promise<Parts> => (await scale(estimator, table, bench))[0];
    const peer = python && (await PythonCase.open(python, name, { file, rows: ROWS, dim: DIM }));
    if (peer !== null) await checkEqual(what, peer, (await scale(estimator, table, bench))[1]);
    const run = peer && { who: 'scikit-learn', run: () => peer.run(), goal: GOAL };
    const amounts = { rows: ROWS, B: values.byteLength };
    await duel(bench, { what, amounts, gyre, peers: run === null ? [] : [run] });
    await peer?.close();
  }
  files.delete('points.f64');
}

/** Models entry by entry, and all entries of some scaled rows. */
async function checkEqual(what: string, peer: PythonCase, learned: Learned): Promise<void> {
  await peer.run();
  const facts = await peer.facts({ sample: SAMPLE });
  for (const [i, name] of learned.names.entries()) {
    checkClose(learned.vectors[i]!, facts[name] as number[], TOLERANCE, `${what}: ${name}`);
  }
  const rows = SAMPLE.flatMap((row) => [...learned.output.subarray(row * DIM, (row + 1) * DIM)]);
  checkClose(rows, facts.output as number[], TOLERANCE, `${what}: output`);
}
