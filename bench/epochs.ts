/** Does an epoch cost the same after a million? */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { once } from '../src/engine/iterate.js';
import { Session } from '../src/engine/session.js';
import { check, QUICK } from './harness/measure.js';
import { Report } from './harness/report.js';
import { median, quantile } from './harness/samples.js';
import { EpochPartial, EpochUpdate, HEAP, type HeapSeen } from './threads/epoch-operators.js';
import { CONTINUE, TIMES } from './threads/superstep-operators.js';

const THREADS = 2;
const EPOCHS = QUICK ? 100_000 : 1_000_000;
const SLICES = 10;
/** What is compared at the start and at the end, after code is compiled. */
const WARM_UP = QUICK ? 5000 : 20_000;
const COMPARED = 10_000;
const MIB = 1 << 20;

const report = new Report(import.meta.url, 'does an epoch cost the same after a million?');

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes that this thread's heap has at the least. */
function ownHeapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

interface Run {
  /** By epoch, when it ended. */
  readonly times: Float64Array;
  /** By worker. */
  readonly heaps: readonly HeapSeen[];
}

async function runEpochs(session: Session, epochs: number): Promise<Run> {
  const params = { epochs, slices: SLICES };
  const job = session.job('epochs');
  const outputs = job.iterate({
    variables: [job.of([0])],
    data: [once(job.of([0, 0]).rebalance(THREADS))],
    body: ([state], [data]) => {
      const partials = data.connect(state.broadcast()).process(EpochPartial, params);
      const next = partials.gather().process(EpochUpdate, params);
      return {
        feedback: [next],
        outputs: { times: next.side<Float64Array>(TIMES), heaps: partials.side<HeapSeen>(HEAP) },
        criteria: next.side(CONTINUE),
      };
    },
  });
  const results = [outputs.times.output().last(), outputs.heaps.output().toArray()] as const;
  const [times, heaps] = await Promise.all(results);
  return { times, heaps };
}

const session = new Session({ threads: THREADS });
await runEpochs(session, 1000);
const before = ownHeapBytes();
const { times, heaps } = await runEpochs(session, EPOCHS);
const after = ownHeapBytes();

check(times.length === EPOCHS && times.every((time) => time > 0), 'an epoch was left out');
check(new Set(heaps.map(({ thread }) => thread)).size === THREADS, 'threads that were watched');
const seconds = times.subarray(1).map((time, i) => (time - times[i]!) / 1000);
const [first, last] = [
  seconds.subarray(WARM_UP, WARM_UP + COMPARED),
  seconds.subarray(seconds.length - COMPARED),
];
const slice = (i: number): Float64Array =>
  seconds.subarray((i * EPOCHS) / SLICES, ((i + 1) * EPOCHS) / SLICES);

const amounts = { epochs: 1 };
const peer = { who: 'the first', samples: [...first] };
report.add({ what: `${COMPARED} epochs`, ...peer, amounts });
report.add({
  what: `${COMPARED} epochs`,
  ...{ who: 'the last', samples: [...last], amounts, against: peer },
});
report.note('last epochs against the first', median(last) / median(first), 'x', { atMost: 1.1 });
for (let i = 0; i < SLICES; i++) {
  const part = slice(i);
  const shares = [0.5, 0.9, 0.99, 0.999].map((share) => 1e6 * quantile(part, share));
  const [p50, p90, p99, p999] = shares.map((value) => value.toPrecision(3));
  report.note(`epochs of tenth ${i + 1}: p50`, shares[0]!, 'µs');
  report.remark(`tenth ${i + 1}: p50 ${p50}, p90 ${p90}, p99 ${p99}, p99.9 ${p999} µs`);
}
// In the first tenth code is compiled.
const growth = (bytes: Float64Array): number => bytes.at(-1)! - bytes[1]!;
for (const { thread, heapBytes } of heaps) {
  const what = `heap of worker ${thread}`;
  report.note(`${what}: second tenth`, heapBytes[1]! / MIB, 'MiB');
  report.note(`${what}: grown by the last`, growth(heapBytes) / MIB, 'MiB', { atMost: 1 });
}
report.note('heap of the main thread, grown', (after - before) / MIB, 'MiB', { atMost: 1 });
const { residentBytes } = heaps[0]!;
report.note('memory of the process: second tenth', residentBytes[1]! / MIB, 'MiB');
report.note('memory of the process: grown by the last', growth(residentBytes) / MIB, 'MiB', {
  atMost: 16,
});
report.remark(
  `${EPOCHS} epochs, each a broadcast to and a gather from both workers; times are taken inside the ` +
    'worker. Heaps are the least that was seen in a tenth, the process the most.',
);
await session.close();
report.end();
