/** What a thread is given to take part in a job, and the words by which it is told to do something. */
import type { Arena } from '../memory/arena.js';
import { Doorbell } from '../memory/doorbell.js';
import type { Kernels } from '../memory/kernels.js';
import { endpointLayout } from '../memory/layout.js';
import type { RestoredFrame, SnapshotCollector } from './checkpoint/cut.js';
import type { Plan } from './plan.js';

/** What an endpoint needs to take part in a job. */
export interface EndpointSpec {
  readonly plan: Plan;
  /** Number of workers; the main thread is endpoint `workers`. */
  readonly workers: number;
  readonly endpoint: number;
  /** The shared memory of every endpoint. */
  readonly buffers: readonly SharedArrayBuffer[];
  /** One credit line per channel. */
  readonly credits: SharedArrayBuffer;
  /** See {@link STOP} and {@link CHECKPOINT}. */
  readonly control: SharedArrayBuffer;
  /** What the endpoints count, see metrics.ts. */
  readonly metrics: SharedArrayBuffer;
  readonly kernels: Kernels;
  readonly arena: Arena;
  /** Takes the parts of checkpoints; null in a job without any. */
  readonly snapshots: SnapshotCollector | null;
  /** What the endpoint begins with, when the job goes on from a checkpoint. */
  readonly restored: RestoredEndpoint | null;
  /** Rounds of an iteration after which a checkpoint is asked for; null: none for their sake. */
  readonly everyEpochs: number | null;
  /** Path of the folder for what does not fit into memory. */
  readonly spillPath: string;
}

/** One endpoint's part of a checkpoint that a job goes on from. */
export interface RestoredEndpoint {
  /** States by their keys; subtasks that have none had finished. */
  readonly states: Readonly<Record<string, Uint8Array>>;
  /** Frames that were on their way to the endpoint's subtasks. */
  readonly frames: readonly RestoredFrame[];
}

/** Bytes of the control words. */
export const CONTROL_BYTES = 128;
/** Control word: not zero when the job has failed or is aborted, and everyone leaves. */
export const STOP = 0;
/** Control word: id of the checkpoint that was asked for last, or {@link PREPARE}. */
export const CHECKPOINT = 1;
/** In place of an id: memory for the first checkpoint is to be made ready. */
export const PREPARE = -1;
/** Control word: number of workers whose tasks have begun. */
export const BEGUN = 2;

/** Makes every endpoint leave the job; those that sleep are woken. */
export function stopEndpoints(
  control: SharedArrayBuffer,
  buffers: readonly SharedArrayBuffer[],
  workers: number,
): void {
  Atomics.store(new Int32Array(control), STOP, 1);
  ringAll(buffers, workers);
}

/** Asks every endpoint for its part of a checkpoint, or to {@link PREPARE}. */
export function requestCheckpoint(
  id: number,
  control: SharedArrayBuffer,
  buffers: readonly SharedArrayBuffer[],
  workers: number,
): void {
  Atomics.store(new Int32Array(control), CHECKPOINT, id);
  ringAll(buffers, workers);
}

function ringAll(buffers: readonly SharedArrayBuffer[], workers: number): void {
  if (workers === 0) return;
  buffers.forEach((buffer, endpoint) => {
    new Doorbell(buffer, endpointLayout(endpoint, workers).doorbell).ring();
  });
}
