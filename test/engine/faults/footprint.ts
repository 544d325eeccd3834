/** What a process has open, and many jobs in a row that must leave nothing of it behind. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckpointOptions } from '../../../src/engine/checkpoint/options.js';
import type { Session } from '../../../src/engine/session.js';
import { SumAtEnd } from '../checkpoint/fault-operators.js';
import { Add, AtEpochEnd, Misbehave, Sum, TerminateOnMaxIter } from '../operators.js';
import { range, within } from '../support.js';
import { bytesInUse } from './slow-reader.js';

/** How much a process has of what can leak. */
export interface Footprint {
  readonly threads: number;
  readonly files: number;
  /** Timers, ports, requests: what keeps the event loop busy. */
  readonly resources: number;
  readonly bytes: number;
}

const count = (folder: string): number => (existsSync(folder) ? readdirSync(folder).length : 0);

export async function footprint(): Promise<Footprint> {
  const bytes = await bytesInUse();
  return {
    bytes,
    threads: count('/proc/self/task'),
    files: count('/proc/self/fd'),
    resources: process.getActiveResourcesInfo().length,
  };
}

async function sum(session: Session, name: string, checkpoint: CheckpointOptions | null) {
  const job = session.job(name, { checkpoint });
  const total = await job.of(range(100)).rebalance().map(Add, 0).reduceAll(Sum).output().last();
  if (total !== 4950) throw new Error(`${name}: got ${total}`);
}

async function loop(session: Session, name: string, checkpoint: CheckpointOptions | null) {
  const job = session.job(name, { checkpoint });
  const { state } = job.iterate({
    variables: [job.of([7])],
    body: ([value]) => {
      const next = value.process(AtEpochEnd);
      const criteria = next.process(TerminateOnMaxIter, 5);
      return { feedback: [next], outputs: { state: next }, criteria };
    },
  });
  const seen = await state.output().toArray();
  if (seen.length !== 5) throw new Error(`${name}: got ${seen.length} rounds`);
}

async function fails(session: Session, name: string, checkpoint: CheckpointOptions | null) {
  const job = session.job(name, { checkpoint });
  const out = job.of(range(10)).map(Add, 1).process(Misbehave, 'onInputEnd').output();
  await out.toArray().then(
    () => Promise.reject(new Error(`${name}: it did not fail`)),
    () => {},
  );
}

async function isAborted(session: Session, name: string, checkpoint: CheckpointOptions | null) {
  const controller = new AbortController();
  const job = session.job(name, { checkpoint, signal: controller.signal });
  const endless = { [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 1 }) }) };
  const reading = job
    .from(endless as Iterable<number>)
    .process(SumAtEnd)
    .output()
    .last();
  setTimeout(() => controller.abort(), 2);
  await reading.catch(() => {});
}

const KINDS = [sum, loop, sum, fails, sum, isAborted];

/** Runs jobs of all kinds, with checkpoints and without, one after the other. */
export async function runMany(
  session: Session,
  folder: string,
  jobs: number,
  onJob: (done: number) => void | Promise<void> = () => {},
): Promise<void> {
  const checkpoint = { folder, everyMs: 1, everyEpochs: 1, restarts: 1, backoffMs: 0 };
  for (let i = 0; i < jobs; i++) {
    const kind = KINDS[i % KINDS.length]!;
    await within(30_000, kind(session, `many-${i % 12}`, i % 4 < 2 ? checkpoint : null));
    await onJob(i + 1);
  }
}

/** Checkpoints, and what is left of some, in a folder of jobs. Those of jobs that failed stay. */
export function drafts(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.tmp'));
}

export const jobFolders = (folder: string): number =>
  readdirSync(folder).filter((name) => existsSync(join(folder, name))).length;
