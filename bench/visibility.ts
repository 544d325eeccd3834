/** How soon does a predictor in another thread use a new model, shared against sent by postMessage? */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel, Worker } from 'node:worker_threads';
import { DenseVector, OnlineLogisticRegressionModel } from '../src/index.js';
import { check, QUICK } from './harness/measure.js';
import { Report } from './harness/report.js';
import { median, quantile } from './harness/samples.js';
import { State, type VisibilityJob } from './threads/visibility-worker.js';

const report = new Report(
  import.meta.url,
  'how soon does a predictor in another thread use a new model, shared against sent by postMessage?',
);
const WAYS = ['shared', 'postMessage', 'receiveMessageOnPort'] as const;
const SIZES = [100, 10_000];
/** Predictions that the service makes at a time: one request, or a request of many rows. */
const PER_TURN = [1, 100];
/** Versions of a window; ways take turns, window by window, so that all meet the same machine. */
const VERSIONS = QUICK ? 25 : 100;
const WINDOWS = QUICK ? 1 : 12;
/** Windows that are not counted: code is compiled. */
const WARM_UP = QUICK ? 1 : 3;
/** How long a version is learned before it is published. */
const LEARN_NS = 50_000n;

/** A thread that predicts, and how it gets its models. */
class Predictor {
  readonly #way: VisibilityJob['way'];
  readonly #size: number;
  readonly #model = new OnlineLogisticRegressionModel();
  readonly #channel = new MessageChannel();
  readonly #times: BigInt64Array<SharedArrayBuffer>;
  #version = 0;
  #exited: Promise<unknown> | null = null;

  constructor(way: VisibilityJob['way'], size: number) {
    this.#way = way;
    this.#size = size;
    const versions = VERSIONS * (WINDOWS + WARM_UP);
    this.#times = new BigInt64Array(new SharedArrayBuffer(8 * (versions + 1)));
  }

  async start(perTurn: number): Promise<void> {
    this.#model.setModelData(this.#learn());
    const { port1, port2: port } = this.#channel;
    const handle = await this.#model.share();
    const workerData: VisibilityJob = { way: this.#way, handle, port, perTurn, times: this.#times };
    const worker = new Worker(new URL('./threads/visibility-worker.js', import.meta.url), {
      workerData,
      transferList: [port],
    });
    this.#exited = once(worker, 'exit').then(() => port1.close());
    while (Atomics.load(this.#times, 0) === State.LOADING) await sleep(5);
  }

  /** Seconds from publishing each version of a window to the end of the first prediction with it. */
  async window(): Promise<number[]> {
    this.#tell(State.PREDICTING);
    await sleep(2);
    const seconds: number[] = [];
    for (let i = 0; i < VERSIONS; i++) seconds.push(await this.#publish());
    Atomics.store(this.#times, 0, State.READY);
    await sleep(2);
    return seconds;
  }

  async leave(): Promise<void> {
    this.#tell(State.LEAVING);
    await this.#exited;
  }

  async #publish(): Promise<number> {
    const version = ++this.#version;
    // Not in step with the predictions.
    await sleep(version % 3);
    const data = this.#learn();
    const published = process.hrtime.bigint();
    if (this.#way === 'shared') this.#model.setModelData(data);
    else this.#send(version, data.coefficient.values);
    while (Atomics.load(this.#times, version) === 0n) await sleep(1);
    return Number(this.#times[version]! - published) / 1e9;
  }

  #send(modelVersion: number, coefficient: Float64Array): void {
    this.#channel.port1.postMessage({ modelVersion, coefficient });
  }

  /** A version is published by a thread that has just been at work on it. */
  #learn(): { readonly modelVersion: number; readonly coefficient: DenseVector } {
    const values = new Float64Array(this.#size);
    const until = process.hrtime.bigint() + LEARN_NS;
    do {
      for (let i = 0; i < values.length; i++) values[i]! += (this.#version + 1) / 1e6;
    } while (process.hrtime.bigint() < until);
    return { modelVersion: this.#version, coefficient: new DenseVector(values) };
  }

  #tell(state: bigint): void {
    Atomics.store(this.#times, 0, state);
    Atomics.notify(this.#times, 0);
  }
}

/** By way: the windows, each with its seconds. */
async function play(size: number, perTurn: number): Promise<Map<string, number[][]>> {
  const predictors = WAYS.map((way) => [way, new Predictor(way, size)] as const);
  const windows = new Map<string, number[][]>(WAYS.map((way) => [way, []]));
  for (const [, predictor] of predictors) await predictor.start(perTurn);
  for (let i = -WARM_UP; i < WINDOWS; i++) {
    for (const [way, predictor] of predictors) {
      const seconds = await predictor.window();
      check(
        seconds.length === VERSIONS && seconds.every((s) => s > 0),
        `${way}: all versions seen`,
      );
      if (i >= 0) windows.get(way)!.push(seconds);
    }
  }
  for (const [, predictor] of predictors) await predictor.leave();
  return windows;
}

/** The quarter of the windows that the machine disturbed least, by each way's own measure. */
function calmest(windows: readonly number[][]): number[] {
  const worst = (seconds: readonly number[]) => quantile(seconds, 0.99);
  const sorted = [...windows].sort((a, b) => worst(a) - worst(b));
  return sorted.slice(0, Math.ceil(windows.length / 4)).flat();
}

for (const size of SIZES) {
  for (const perTurn of PER_TURN) {
    const windows = await play(size, perTurn);
    const what = `${size} coefficients, ${perTurn} a turn`;
    for (const [way, own] of windows) {
      const all = own.flat();
      report.note(`${what}, ${way}: p50`, 1e6 * median(all), 'µs');
      report.note(`${what}, ${way}: p90`, 1e6 * quantile(all, 0.9), 'µs');
      report.note(`${what}, ${way}: p99`, 1e6 * quantile(all, 0.99), 'µs');
      report.note(`${what}, ${way}: p99, calm`, 1e6 * quantile(calmest(own), 0.99), 'µs');
    }
    const [shared, sent] = [windows.get('shared')!, windows.get('postMessage')!];
    for (const share of [0.5, 0.9, 0.99]) {
      const sooner = quantile(sent.flat(), share) / quantile(shared.flat(), share);
      const goal = share === 0.99 ? { atLeast: 10 } : {};
      report.note(`${what}: p${100 * share} against postMessage`, sooner, 'x', goal);
    }
    const calm = quantile(calmest(sent), 0.99) / quantile(calmest(shared), 0.99);
    report.note(`${what}: p99 against postMessage, calm`, calm, 'x');
  }
}
report.remark(
  'From publishing to the end of the first prediction of one dense row with the new version. The ' +
    'predictor makes one prediction, or 100, before it turns its event loop, which postMessage waits for. ' +
    'Calm: the quarter of the windows with the lowest p99, each way its own.',
);
report.end();
