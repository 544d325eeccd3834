/** How many rows a second does OnlineLogisticRegression learn, against FTRL in TypeScript? */
import { OnlineLogisticRegression, Session } from '../src/index.js';
import type { NumericColumn } from '../src/table/numeric-column.js';
import {
  ftrlGradient,
  ftrlMargins,
  ftrlUpdate,
  ftrlUpdateAll,
  logisticResiduals,
} from '../test/reference/ftrl.js';
import { check, QUICK, timeLong } from './harness/measure.js';
import { Report } from './harness/report.js';
import { median, type Samples } from './harness/samples.js';
import { flightRows, SIZE, type SparseRows, streamOf, zipfRows } from './harness/sparse-rows.js';

const report = new Report(
  import.meta.url,
  'how many rows a second does OnlineLogisticRegression learn, against FTRL in TypeScript?',
);
const THREADS = [0, 1, 2] as const;
const BATCHES = [1024, 8192] as const;
const [ALPHA, BETA] = [3, 4];
const ROWS_AT_ONCE = 32_768;
const MADE_UP = QUICK ? 65_536 : 1_000_000;
const FLIGHTS = QUICK ? 65_536 : 3_000_000;
/** The peer gets fewer rows: it is compared by rows a second. */
const PEER_ROWS = QUICK ? 32_768 : 262_144;
const SLOT = 8;

async function learn(rows: SparseRows, batch: number, session: Session): Promise<Float64Array> {
  const estimator = new OnlineLogisticRegression({
    ...{ featuresCol: 'features', labelCol: 'label', globalBatchSize: batch },
    ...{ alpha: ALPHA, beta: BETA },
  });
  const model = await estimator.fit(streamOf(rows), { session });
  await model.completed();
  check(model.version === Math.floor(rows.rows / batch), `${model.version} versions`);
  return model.modelData.coefficient.values;
}

/** The same steps by the references of the kernels, batches cut alike. */
function learnByReference({ batches }: SparseRows, batch: number): Float64Array {
  const slots = new Float64Array(SIZE * SLOT);
  const [margins, probabilities] = [new Float64Array(batch), new Float64Array(batch)];
  const touched = new Int32Array(SIZE + 1);
  let isFirst = true;
  for (const table of batches) {
    const { offsets, indices, values } = table.column('features', 'sparseVector');
    const labels = (table.column('label') as NumericColumn<Float64Array>).values;
    for (let start = 0; start + batch <= table.numRows; start += batch) {
      const own = offsets.subarray(start, start + batch + 1);
      ftrlMargins(batch, own, indices, values, slots, 0, SIZE, margins);
      logisticResiduals(batch, margins, labels.subarray(start), probabilities, margins);
      const args = [batch, own, indices, values, slots, 0, SIZE, margins, null, touched] as const;
      const count = ftrlGradient(...args);
      if (isFirst) ftrlUpdateAll(0, SIZE, slots, ALPHA, BETA, 0, 0);
      else ftrlUpdate(count, touched, slots, 0, ALPHA, BETA, 0, 0);
      isFirst = false;
    }
  }
  return Float64Array.from({ length: SIZE }, (_, i) => slots[i * SLOT]!);
}

/** Margins are added up in another order than the learners', so equal only nearly. */
function checkClose(got: Float64Array, want: Float64Array, what: string): void {
  const isClose = (v: number, i: number): boolean => Math.abs(v - want[i]!) <= 1e-7;
  check(got.every(isClose), `${what}: other coefficients than by the reference`);
}

const sessions = THREADS.map((threads) => new Session({ threads }));
const inputs: [string, SparseRows][] = [['made up', zipfRows(MADE_UP, ROWS_AT_ONCE)]];
const flights = await flightRows(FLIGHTS, ROWS_AT_ONCE);
if (flights === null) report.remark('vega-datasets is not installed: no real flights.');
else inputs.push(['flights', flights]);

for (const [name, rows] of inputs) {
  const few = Math.floor(PEER_ROWS / ROWS_AT_ONCE);
  const part: SparseRows = { rows: few * ROWS_AT_ONCE, batches: rows.batches.slice(0, few) };
  for (const batch of BATCHES) {
    const what = `${name}, ${rows.rows} rows, batch ${batch}`;
    const want = learnByReference(part, batch);
    const results: Float64Array[] = [];
    for (const session of sessions) results.push(await learn(part, batch, session));
    for (const [i, got] of results.entries()) {
      checkClose(got, want, `${what}, threads: ${THREADS[i]}`);
      check(
        got.every((v, f) => Object.is(v, results[0]![f])),
        `${what}: bits depend on the threads`,
      );
    }
    const timed: Record<string, Samples> = await timeLong(
      {
        TypeScript: () => learnByReference(part, batch),
        ...Object.fromEntries(
          sessions.map((session) => [
            `gyre, threads: ${session.threads}`,
            () => learn(rows, batch, session),
          ]),
        ),
      },
      { seconds: QUICK ? 0 : 2 },
    );
    const scaled = timed.TypeScript!.map((s) => (s * rows.rows) / part.rows);
    const amounts = { rows: rows.rows };
    const peer = `TypeScript, ${part.rows} rows, scaled up`;
    report.add({ what, who: peer, samples: scaled, amounts });
    for (const { threads } of sessions) {
      const who = `gyre, threads: ${threads}`;
      const against = { who: 'TypeScript', samples: scaled };
      report.add({ what, who, samples: timed[who]!, amounts, against });
    }
    const best = Math.max(
      ...sessions.map(({ threads }) => {
        return rows.rows / median(timed[`gyre, threads: ${threads}`]!);
      }),
    );
    report.note(`${what}: fastest`, best, ' rows/s', { atLeast: 1e6 });
  }
}
for (const session of sessions) await session.close();
report.remark(
  `Hashed features in, model out; ${SIZE} features, 7 a row, in tables of ${ROWS_AT_ONCE} rows that ` +
    'were made before. Models agree with the reference to 1e-7, and to the bit with each other.',
);
report.end();
