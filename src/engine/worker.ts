/**
 * The worker's entry, `gyre/worker`: one Piscina task per worker runs for the life of a job.
 *
 * A service that lends its own pool exports this function from its own worker file:
 *
 * ```ts
 * export { gyre } from 'gyre/worker';
 * ```
 */
import type { MessagePort } from 'node:worker_threads';
import { type ErrorRecord, errorToRecord } from '../core/errors.js';
import { Arena } from '../memory/arena.js';
import { type CompiledKernels, instantiateKernels, type Kernels } from '../memory/kernels.js';
import { sendParts } from './checkpoint/port.js';
import { type EndpointResources, openLoop, runBlocking } from './endpoint.js';
import { BEGUN, type RestoredEndpoint, stopEndpoints } from './endpoint-spec.js';
import type { Plan } from './plan.js';
import type { TaskLoop } from './task-loop.js';

/** A worker's part of a job. */
export interface WorkerTask {
  readonly plan: Plan;
  readonly workers: number;
  readonly endpoint: number;
  /** The worker's own memory, for its kernels, and the name that it keeps from job to job. */
  readonly memory: WebAssembly.Memory;
  readonly memoryId: string;
  /** The memory of every endpoint, for rings and large payloads. */
  readonly buffers: readonly SharedArrayBuffer[];
  readonly credits: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
  readonly metrics: SharedArrayBuffer;
  readonly compiled: CompiledKernels;
  /** From here on the worker's arena owns the memory; what lies before holds placed shards. */
  readonly arenaStart: number;
  readonly resources: EndpointResources;
  readonly everyEpochs: number | null;
  readonly spillPath: string;
  /** What the worker begins with, when the job goes on from a checkpoint. */
  readonly restored: RestoredEndpoint | null;
  /** Where the worker hands out its parts of checkpoints; null in a job without any. */
  readonly port: MessagePort | null;
}

/** What a worker's task resolves with: nothing, or why it failed. */
export interface WorkerOutcome {
  readonly error: ErrorRecord | null;
}

/** The last memory this thread worked in, with its kernels: one session's jobs reuse it. */
let known: { readonly memoryId: string; readonly kernels: Kernels } | null = null;

function kernelsFor({ memory, memoryId, compiled }: WorkerTask): Kernels {
  // Each task brings its own handle of the same memory, so the name decides.
  if (known?.memoryId !== memoryId) {
    known = { memoryId, kernels: instantiateKernels(compiled, memory) };
  }
  return known.kernels;
}

/** Runs one worker's part of a job to its end. Called by Gyre through the pool, not by users. */
export async function gyre(task: WorkerTask): Promise<WorkerOutcome> {
  const { control, buffers, workers } = task;
  let loop: TaskLoop | null = null;
  Atomics.add(new Int32Array(control), BEGUN, 1);
  try {
    const kernels = kernelsFor(task);
    const arena = new Arena(kernels, { base: task.arenaStart });
    const snapshots = task.port === null ? null : sendParts(task.port);
    loop = await openLoop({ ...task, kernels, arena, snapshots }, task.resources);
    runBlocking(loop, workers);
    return { error: null };
  } catch (error) {
    stopEndpoints(control, buffers, workers);
    return { error: errorToRecord(error) };
  } finally {
    loop?.close();
    task.port?.close();
  }
}
