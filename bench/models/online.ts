/** OnlineLogisticRegression against scikit-learn's partial_fit, Vowpal Wabbit and river, on real flights. */
import { OnlineLogisticRegression } from '../../src/index.js';
import { type Bench, type Contender, duel, type Parts, timed } from '../harness/duel.js';
import { startLibrary } from '../harness/library-peers.js';
import { QUICK } from '../harness/measure.js';
import { flightRows, type SparseRows, streamOf } from '../harness/sparse-rows.js';
import { prequentialLogLoss } from './log-loss.js';
import { type Learner, openLearners, takenOnce } from './online-peers.js';

const ROWS = QUICK ? 65_536 : 3_000_000;
const ROWS_AT_ONCE = 32_768;
/** Rows of a step here: fewer follow the stream more closely. */
const BATCHES = [1024, 128, 32] as const;

function estimator(globalBatchSize: number): OnlineLogisticRegression {
  return new OnlineLogisticRegression({ globalBatchSize, alpha: 3, beta: 4 });
}

export async function compareOnline(bench: Bench): Promise<void> {
  const { report } = bench;
  const flights = await flightRows(ROWS, ROWS_AT_ONCE);
  if (flights === null) {
    report.remark('vega-datasets is not installed: no flights to learn from.');
    return;
  }
  const processes = { vowpal: startLibrary(bench, 'vowpal'), river: startLibrary(bench, 'river') };
  const learners = await openLearners(bench, flights, processes);
  const peers = learners.map(({ contender }) => takenOnce(contender));
  for (const batch of BATCHES) {
    await compareBatches(
      bench,
      flights,
      batch,
      learners,
      peers.map(({ contender }) => contender),
    );
    for (const peer of peers) peer.again();
  }
  if (learners.length > 0) {
    report.remark(
      `Peers of OnlineLogisticRegression are timed beside batches of ${BATCHES[0]}, and compared with ` +
        'the others by the same samples.',
    );
  }
  for (const learner of learners) await learner.close();
  for (const process of Object.values(processes)) await process?.close();
}

async function compareBatches(
  bench: Bench,
  flights: SparseRows,
  batch: number,
  learners: readonly Learner[],
  peers: readonly Contender[],
): Promise<void> {
  const { report, session } = bench;
  const { rows } = flights;
  const what = `OnlineLogisticRegression, ${rows} flights, batches of ${batch}`;
  const model = await estimator(batch).fit(streamOf(flights), { session, prequential: true });
  const ours = await prequentialLogLoss(model);
  report.note(`${what}: log-loss`, ours, '');
  for (const { contender, logLoss } of learners) {
    // Of the first rows only, a log-loss is not one of all.
    if (contender.scale !== undefined) continue;
    const wanted = contender.goal === undefined ? {} : { atLeast: 0 };
    report.note(`${what}: log-loss below that of ${contender.who} by`, logLoss - ours, '', wanted);
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
