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
const BATCH = 1024;
const GOAL = 3;
/** Steps that scikit-learn may choose from, by its log-loss. */
const RATES = [0.003, 0.01, 0.03, 0.1];

function estimator(): OnlineLogisticRegression {
  return new OnlineLogisticRegression({ globalBatchSize: BATCH, alpha: 3, beta: 4 });
}

/** The log-loss of predictions before their batch is learned from, but for the first batch. */
async function logLossOf(rows: SparseRows, { session }: Bench): Promise<number> {
  const model = await estimator().fit(streamOf(rows), { session, prequential: true });
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
  const what = `OnlineLogisticRegression, ${rows} flights, batches of ${BATCH}`;
  const ours = await logLossOf(flights, bench);
  report.note(`${what}: log-loss`, ours, '');
  const peers: Contender[] = [];
  if (python !== null) {
    const { indices, labels, entries } = arraysOf(flights);
    const data = {
      indices: files.write('indices.i32', indices),
      labels: files.write('labels.f64', labels),
      ...{ size: SIZE, entries, batch: BATCH, rates: RATES },
    };
    const opened = await PythonCase.open(python, 'partial_fit', data);
    const { logLoss, rate } = await opened.facts();
    report.note(`${what}, scikit-learn at its best rate ${rate}: log-loss`, Number(logLoss), '');
    report.note(`${what}: log-loss below scikit-learn's by`, Number(logLoss) - ours, '', {
      atLeast: 0,
    });
    peers.push({ who: 'scikit-learn partial_fit', run: () => opened.run(), goal: GOAL });
  }
  const gyre = async (): Promise<Parts> => {
    const [fit] = await timed(async () => {
      const model = await estimator().fit(streamOf(flights), { session });
      await model.completed();
    });
    return { fit };
  };
  await duel(bench, { what, amounts: { flights: rows }, gyre, peers });
}
