/**
 * A thread that predicts one row after the other, with the newest model it knows, and notes when it
 * first predicted with each version. After some predictions it lets its event loop turn, as a service
 * does that answers requests as they come, one or many at a time; by `receiveMessageOnPort`, it asks
 * its port for a model before each prediction.
 */
import {
  type MessagePort,
  parentPort,
  receiveMessageOnPort,
  workerData,
} from 'node:worker_threads';
import {
  DenseVector,
  OnlineLogisticRegressionModel,
  type SharedModelHandle,
} from '../../src/index.js';

export interface VisibilityJob {
  readonly way: 'shared' | 'postMessage' | 'receiveMessageOnPort';
  /** The model to begin with; followed when shared. */
  readonly handle: SharedModelHandle;
  readonly port: MessagePort;
  /** Predictions between two turns of the event loop. */
  readonly perTurn: number;
  /** i64: by version, the time of its first prediction in nanoseconds. Element 0 is a {@link State}. */
  readonly times: BigInt64Array;
}

/** What the thread is to do; it says itself when it is ready. */
export const State = { LOADING: 0n, READY: 1n, PREDICTING: 2n, LEAVING: 3n } as const;

interface Message {
  readonly modelVersion: number;
  readonly coefficient: Float64Array;
}

async function predict({ way, handle, port, perTurn, times }: VisibilityJob): Promise<void> {
  const model = OnlineLogisticRegressionModel.fromShared(handle);
  const set = ({ modelVersion, coefficient }: Message): void => {
    model.setModelData({ modelVersion, coefficient: new DenseVector(coefficient) });
  };
  const { modelVersion, coefficient } = model.modelData;
  if (way !== 'shared') set({ modelVersion, coefficient: coefficient.values });
  if (way === 'postMessage') port.on('message', set);
  const servable = model.toServable({ schema: { features: 'vector' } });
  const row = { features: Float64Array.from({ length: coefficient.size }, (_, i) => (i % 7) - 3) };
  let last = model.version;
  Atomics.store(times, 0, State.READY);
  for (let count = 1; Atomics.load(times, 0) !== State.LEAVING; count++) {
    // While another thread is measured, this one leaves it the core.
    Atomics.wait(times, 0, State.READY);
    if (way === 'receiveMessageOnPort') {
      const received = receiveMessageOnPort(port) as { readonly message: Message } | undefined;
      if (received !== undefined) set(received.message);
    }
    const version = Number(servable.transform(row)!.modelVersion);
    if (version !== last) Atomics.store(times, version, process.hrtime.bigint());
    last = version;
    if (count % perTurn === 0) await new Promise(setImmediate);
  }
  port.close();
}

if (parentPort !== null) await predict(workerData as VisibilityJob);
