/** How soon does a predictor in another thread use a new model, shared against sent by postMessage? */
import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import { DenseVector, OnlineLogisticRegressionModel } from '../src/index.js';
import { check, QUICK } from './harness/measure.js';
import { Report } from './harness/report.js';
import { median, quantile } from './harness/samples.js';
import type { VisibilityJob } from './threads/visibility-worker.js';

const report = new Report(
  import.meta.url,
  'how soon does a predictor in another thread use a new model, shared against sent by postMessage?',
);
const WAYS = ['shared', 'postMessage', 'receiveMessageOnPort'] as const;
const SIZES = [100, 10_000];
/** Predictions that the service makes at a time: one request, or a request of many rows. */
const PER_TURN = [1, 100];
const VERSIONS = QUICK ? 50 : 500;
const TURNS = QUICK ? 1 : 2;
/** Versions that are not counted: code is compiled. */
const WARM_UP = QUICK ? 10 : 100;

/** Seconds from publishing a version to the end of the first prediction with it. */
async function play(way: VisibilityJob['way'], size: number, perTurn: number): Promise<number[]> {
  const data = (modelVersion: number) => {
    const values = new Float64Array(size).fill(modelVersion / VERSIONS);
    return { modelVersion, coefficient: new DenseVector(values) };
  };
  const model = new OnlineLogisticRegressionModel().setModelData(data(0));
  const times = new BigInt64Array(new SharedArrayBuffer(8 * (VERSIONS + WARM_UP + 1)));
  const { port1, port2 } = new MessageChannel();
  const handle = await model.share();
  const workerData: VisibilityJob = { way, handle, port: port2, perTurn, times };
  const worker = new Worker(new URL('./threads/visibility-worker.js', import.meta.url), {
    workerData,
    transferList: [port2],
  });
  const exited = once(worker, 'exit');
  while (Atomics.load(times, 0) === 0n) await new Promise((resolve) => setTimeout(resolve, 5));
  const seconds: number[] = [];
  for (let version = 1; version <= VERSIONS + WARM_UP; version++) {
    const next = data(version);
    const published = process.hrtime.bigint();
    if (way === 'shared') model.setModelData(next);
    else port1.postMessage({ modelVersion: version, coefficient: next.coefficient.values });
    while (Atomics.load(times, version) === 0n) await new Promise((wake) => setTimeout(wake, 1));
    if (version > WARM_UP) seconds.push(Number(times[version]! - published) / 1e9);
    // Not in step with the predictions.
    await new Promise((resolve) => setTimeout(resolve, version % 3));
  }
  Atomics.store(times, 0, -1n);
  await exited;
  port1.close();
  check(seconds.length === VERSIONS && seconds.every((s) => s > 0), `${way}: all versions seen`);
  return seconds;
}

for (const size of SIZES) {
  for (const perTurn of PER_TURN) {
    const samples = new Map<string, number[]>(WAYS.map((way) => [way, []]));
    for (let turn = 0; turn < TURNS; turn++) {
      for (const way of WAYS) samples.get(way)!.push(...(await play(way, size, perTurn)));
    }
    const what = `${size} coefficients, ${perTurn} a turn`;
    const shared = samples.get('shared')!;
    for (const [way, own] of samples) {
      report.note(`${what}, ${way}: p50`, 1e6 * median(own), 'µs');
      report.note(`${what}, ${way}: p99`, 1e6 * quantile(own, 0.99), 'µs');
    }
    for (const share of [0.5, 0.99]) {
      const sooner = quantile(samples.get('postMessage')!, share) / quantile(shared, share);
      const goal = share === 0.99 ? { atLeast: 10 } : {};
      report.note(`${what}: p${100 * share} against postMessage`, sooner, 'x', goal);
    }
  }
}
report.remark(
  'From publishing to the end of the first prediction of one dense row with the new version. The ' +
    'predictor makes one prediction, or 100, before it turns its event loop, which postMessage waits for.',
);
report.end();
