/** A reader that is much slower than its job, and what the process needs meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Job } from '../../../src/engine/job.js';
import type { Session } from '../../../src/engine/session.js';
import { Add } from '../operators.js';
import { listen } from './disturbed.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is in use on this thread, after a collection. */
export async function bytesInUse(): Promise<number> {
  // Buffers are swept by another thread after a collection; their bytes are counted until then.
  for (let i = 0; i < 2; i++) {
    collect();
    await sleep(20);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

export interface SlowReading {
  readonly records: number;
  /** Of the records, whether they were 0, 1, 2 and so on. */
  readonly inOrder: boolean;
  readonly checkpoints: number;
  /** The most at any time, after what was in use before. */
  readonly grownBytes: number;
}

/** A source without an end, as fast as it is read. */
class Numbers {
  *[Symbol.iterator](): Generator<number> {
    for (let i = 0; ; i++) yield i;
  }
}

/** Reads one record of a job every `everyMs`, until it has so many. */
export async function readSlowly(
  session: Session,
  options: { folder: string | null; records: number; everyMs: number; checkpointMs: number },
): Promise<SlowReading> {
  const { folder, everyMs, checkpointMs } = options;
  const checkpoint = folder === null ? null : { folder, everyMs: checkpointMs };
  const job: Job = session.job(`slow-${session.threads}`, { checkpoint });
  const { log, stop } = listen(job.name);
  const before = await bytesInUse();
  let [records, inOrder, most] = [0, true, 0];
  for await (const value of job.from(new Numbers()).rebalance().map(Add, 0).gather().output()) {
    if (session.threads < 2 && value !== records) inOrder = false;
    records++;
    if (records % 10 === 0) most = Math.max(most, await bytesInUse());
    if (records === options.records) break;
    await sleep(everyMs);
  }
  await job.run().catch(() => {});
  stop();
  return { records, inOrder, checkpoints: log.checkpoints.length, grownBytes: most - before };
}
