/** A thread that follows a shared model until that ends, and tells what it saw. */
import { parentPort, workerData } from 'node:worker_threads';
import { OnlineLogisticRegressionModel, type SharedModelHandle } from '../../src/index.js';

/** What a thread saw. */
export interface Seen {
  /** Looks at the model. */
  readonly looks: number;
  readonly versions: number;
  readonly last: number;
  /** Versions that came after a later one. */
  readonly backwards: number;
  /** Versions whose numbers do not belong together. */
  readonly torn: number;
}

/** The numbers of a version are those that follow from its first: any mixture shows. */
export function expectedAt(version: number, i: number): number {
  return Math.fround((version % 1009) + i * 0.5);
}

/** What a thread is given: the model, and where in `newest` it tells the last version that it saw. */
export interface ReaderData {
  readonly handle: SharedModelHandle;
  readonly newest: Int32Array;
  readonly at: number;
}

function read(model: OnlineLogisticRegressionModel, { newest, at }: ReaderData): Seen {
  let [looks, versions, last, backwards, torn] = [0, 0, -1, 0, 0];
  for (let over = false; !over; looks++) {
    // The end is looked for first: what was published before it is looked at in any case.
    over = model.isComplete;
    const { modelVersion, coefficient } = model.modelData;
    if (modelVersion === last) continue;
    if (modelVersion < last) backwards++;
    last = modelVersion;
    versions++;
    if (coefficient.values.some((value, i) => value !== expectedAt(modelVersion, i))) torn++;
    Atomics.store(newest, at, modelVersion);
  }
  return { looks, versions, last, backwards, torn };
}

if (parentPort !== null) {
  const data = workerData as ReaderData;
  parentPort.postMessage('ready');
  parentPort.postMessage(read(OnlineLogisticRegressionModel.fromShared(data.handle), data));
}
