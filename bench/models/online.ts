/** OnlineLogisticRegression against scikit-learn's partial_fit, on real flights. */
import { OnlineLogisticRegression } from '../../src/index.js';
import { int32 } from '../../src/table/buffers.js';
import type { NumericColumn } from '../../src/table/numeric-column.js';
import {
  type Bench,
  type Contender,
  duel,
  type Parts,
  PythonCase,
  timed,
} from '../harness/duel.js';
import { check, QUICK } from '../harness/measure.js';
import { flightRows, SIZE, type SparseRows, streamOf } from '../harness/sparse-rows.js';

const ROWS = QUICK ? 65_536 : 3_000_000;
const ROWS_AT_ONCE = 32_768;
/** Rows of a step here: fewer follow the stream more closely. */
const BATCHES = [1024, 64] as const;
/** Rows that scikit-learn gets at a time: it steps row by row, so more cost it nothing but delay. */
const PEER_BATCH = 1024;
const GOAL = 3;
/** Steps that scikit-learn may choose from, by its log-loss. */
const RATES = [0.003, 0.01, 0.03, 0.1];

function estimator(globalBatchSize: number): OnlineLogisticRegression {
  return new OnlineLogisticRegression({ globalBatchSize, alpha: 3, beta: 4 });
}

/** The log-loss of predictions before their batch is learned from, but for the first batch. */
async function logLossOf(rows: SparseRows, batch: number, { session }: Bench): Promise<number> {
  const model = await estimator(batch).fit(streamOf(rows), { session, prequential: true });
  let [total, seen, isFirst] = [0, 0, true];
  for await (const { labels, probabilities } of model.predictions()) {
    if (!isFirst) {
      seen += labels.length;
      for (let i = 0; i < labels.length; i++) {
        const p = labels[i] === 1 ? probabilities[i]! : 1 - probabilities[i]!;
        total -= Math.log(Math.min(Math.max(p, 1e-15), 1 - 1e-15));
      }
    }
    isFirst = false;
  }
  await model.completed();
  return total / seen;
}

/** The indices of all rows, which have equally many, and their labels. */
function arraysOf({ rows, batches }: SparseRows) {
  const parts = batches.map((table) => table.column('features', 'sparseVector'));
  const entries = parts[0]!.indices.length / parts[0]!.length;
  const indices = int32(rows * entries);
  const labels = new Float64Array(rows);
  let at = 0;
  for (const [b, { indices: own, length }] of parts.entries()) {
    check(own.length === length * entries, 'flights have equally many features');
    indices.set(own, at * entries);
    labels.set((batches[b]!.column('label') as NumericColumn<Float64Array>).values, at);
    at += length;
  }
  return { indices, labels, entries };
}

export async function compareOnline(bench: Bench): Promise<void> {
  const { files, python, report, session } = bench;
  const flights = await flightRows(ROWS, ROWS_AT_ONCE);
  if (flights === null) {
    report.remark('vega-datasets is not installed: no flights to learn from.');
    return;
  }
  const { rows } = flights;
  let opened: PythonCase | null = null;
  let theirs = Number.NaN;
  if (python !== null) {
    const { indices, labels, entries } = arraysOf(flights);
    opened = await PythonCase.open(python, 'partial_fit', {
      indices: files.write('indices.i32', indices),
      labels: files.write('labels.f64', labels),
      ...{ size: SIZE, entries, batch: PEER_BATCH, rates: RATES },
    });
    const { logLoss, rate } = await opened.facts();
    theirs = Number(logLoss);
    report.note(`${rows} flights, scikit-learn at its best rate ${rate}: log-loss`, theirs, '');
  }
  for (const batch of BATCHES) {
    const what = `OnlineLogisticRegression, ${rows} flights, batches of ${batch}`;
    const ours = await logLossOf(flights, batch, bench);
    report.note(`${what}: log-loss`, ours, '');
    const peers: Contender[] = [];
    if (opened !== null) {
      const peer = opened;
      report.note(`${what}: log-loss below scikit-learn's by`, theirs - ours, '', { atLeast: 0 });
      peers.push({ who: 'scikit-learn partial_fit', run: () => peer.run(), goal: GOAL });
    }
    const gyre = async (): Promise<Parts> => {
      const [fit] = await timed(async () => {
        const model = await estimator(batch).fit(streamOf(flights), { session });
        await model.completed();
      });
      return { fit };
    };
    await duel(bench, { what, amounts: { flights: rows }, gyre, peers });
  }
  await opened?.close();
}
