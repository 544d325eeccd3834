/** What does a checkpoint cost the job? */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckpointEvent } from '../src/core/diagnostics.js';
import type { Job } from '../src/engine/job.js';
import type { Output } from '../src/engine/output.js';
import { Session } from '../src/engine/session.js';
import type { RewindableSource } from '../src/engine/source.js';
import type { DataStream } from '../src/engine/stream.js';
import { check, QUICK } from './harness/measure.js';
import { Report } from './harness/report.js';
import { median, quantile } from './harness/samples.js';
import {
  Itself,
  PROGRESS,
  REPORTING,
  RESULT,
  SEGMENT_BYTES,
  SteadyArray,
  SteadyKeys,
  type SteadyResult,
  WAITING,
  WITH_CHECKPOINTS,
  WITHOUT_CHECKPOINTS,
} from './threads/steady-operators.js';

const THREADS = 2;
const EVERY_MS = QUICK ? 400 : 1000;
/** A checkpoint in the middle of each of its turns, or none. */
const TURNS_A_BLOCK = QUICK ? 1 : 2;
/** Blocks of a job: without, with, with, without. */
const BLOCKS = QUICK ? 4 : 12;
const JOBS = QUICK ? 1 : 2;
const STATE_BYTES = 100e6;
/** One such entry of a keyed state is 16 bytes of a checkpoint: two numbers. */
const ENTRY_BYTES = 16;
/** Records that go round at the same time where they change threads. */
const KEY_RECORDS = 256;

const report = new Report(import.meta.url, 'what does a checkpoint cost the job?');
const session = new Session({ threads: THREADS });

/** State of a job, and what its records do with it. */
interface Variant {
  readonly what: string;
  /** The first records. */
  readonly records: readonly number[];
  /** Records until all of the state is there. */
  readonly warmUp: number;
  /** Fewest bytes of a checkpoint. */
  readonly bytes: number;
  /** Adds what records do, for as long as they go round. */
  readonly loop: (job: Job, records: DataStream<number>) => DataStream<SteadyResult>;
}

const segments = (bytes: number): number => Math.ceil(bytes / SEGMENT_BYTES) * SEGMENT_BYTES;

function arrays(what: string, shares: readonly number[]): Variant {
  const bytes = shares.map((share) => segments(share * STATE_BYTES));
  return {
    what,
    records: shares.map((_, i) => i),
    warmUp: 20_000,
    bytes: bytes.reduce((a, b) => a + b),
    loop: (job, records) => {
      const body = ([variable]: readonly [DataStream<number>]) => {
        const next = variable.process(SteadyArray, { bytes });
        return { feedback: [next], outputs: { result: next.side<SteadyResult>(RESULT) } };
      };
      return job.iterateUnbounded({ variables: [records.rebalance(THREADS)], body }).result;
    },
  };
}

function keyed(what: string, bytes: number): Variant {
  const keys = Math.ceil(bytes / ENTRY_BYTES);
  const records = Array.from({ length: KEY_RECORDS }, (_, i) =>
    Math.floor((i * keys) / KEY_RECORDS),
  );
  return {
    what,
    records,
    // Each of the records makes its way to where the next one began, some later than others.
    warmUp: Math.ceil(1.25 * keys),
    bytes,
    loop: (job, first) => {
      const body = ([variable]: readonly [DataStream<number>]) => {
        const next = variable.keyBy(Itself).process(SteadyKeys, { keys });
        return { feedback: [next], outputs: { result: next.side<SteadyResult>(RESULT) } };
      };
      return job.iterateUnbounded({ variables: [first.rebalance(THREADS)], body }).result;
    },
  };
}

const VARIANTS = [
  arrays('100 MB, half in each of two subtasks', [0.5, 0.5]),
  arrays('100 MB in one of two subtasks', [1, 0]),
  keyed('10 MB of keyed numbers', 0.1 * STATE_BYTES),
  ...(QUICK ? [] : [keyed('100 MB of keyed numbers', STATE_BYTES)]),
];

/** Gives some records, and never ends. */
class OpenSource implements RewindableSource<number> {
  readonly #records: readonly number[];
  #position = 0;

  constructor(records: readonly number[]) {
    this.#records = records;
  }

  position(): number {
    return this.#position;
  }

  seek(position: unknown): void {
    this.#position = position as number;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<number> {
    while (this.#position < this.#records.length) yield this.#records[this.#position++]!;
    await new Promise(() => {});
  }
}

type Phase = typeof WITH_CHECKPOINTS | typeof WITHOUT_CHECKPOINTS;

/** Some seconds of a job. */
interface Block {
  readonly phase: Phase;
  readonly secondsPerRecord: number;
  /** How long the main thread was held up at most. */
  readonly heldUpMs: number;
  readonly checkpoints: readonly CheckpointEvent[];
}

/** One job, from its start to its end. */
interface Played {
  readonly blocks: readonly Block[];
  /** By phase. */
  readonly longestGapsMs: readonly number[];
}

async function playJob(variant: Variant): Promise<Played> {
  const folder = mkdtempSync(join(tmpdir(), 'gyre-bench-'));
  const job = session.job(variant.what, { checkpoint: { folder } });
  const progress = new Int32Array(new SharedArrayBuffer(4 * (1 + THREADS)));
  job.buffer(PROGRESS, progress.buffer);
  const records = job.from(new OpenSource(variant.records));
  const running = firstResults(variant.loop(job, records).output({ unconfirmed: true }));
  try {
    const recordsSoFar = () => progress.subarray(1).reduce((a, b) => a + b, 0);
    while (recordsSoFar() < variant.warmUp) await Promise.race([sleep(10), running]);
    const blocks: Block[] = [];
    for (let i = 0; i < BLOCKS; i++) {
      const phase = i % 4 === 0 || i % 4 === 3 ? WITHOUT_CHECKPOINTS : WITH_CHECKPOINTS;
      blocks.push(await playBlock(job, progress, recordsSoFar, phase));
    }
    Atomics.store(progress, 0, REPORTING);
    const results = await running;
    checkResults(variant, results);
    for (const { bytes } of blocks.flatMap(({ checkpoints }) => checkpoints)) {
      check(bytes >= variant.bytes, `${bytes} bytes`);
    }
    const longestGapsMs = [0, 1, 2].map((phase) =>
      Math.max(...results.map((result) => result.longestGapsMs[phase]!)),
    );
    return { blocks, longestGapsMs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One of each subtask; to read no more of them ends the job. */
async function firstResults(output: Output<SteadyResult>): Promise<SteadyResult[]> {
  const results: SteadyResult[] = [];
  for await (const result of output) {
    results.push(result);
    if (results.length === THREADS) break;
  }
  return results;
}

/** All that records did is in the state, nothing twice. */
function checkResults({ what }: Variant, results: readonly SteadyResult[]): void {
  check(results.length === THREADS, `${what}: ${results.length} results`);
  for (const { records, added } of results) {
    check(records === added, `${what}: ${records} records added ${added}`);
  }
}

async function playBlock(
  job: Job,
  progress: Int32Array,
  recordsSoFar: () => number,
  phase: Phase,
): Promise<Block> {
  const checkpoints: CheckpointEvent[] = [];
  const onCheckpoint = (event: unknown) => checkpoints.push(event as CheckpointEvent);
  subscribe('gyre:checkpoint', onCheckpoint);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  Atomics.store(progress, 0, phase);
  const [start, first] = [performance.now(), recordsSoFar()];
  const taking: Promise<number>[] = [];
  for (let turn = 0; turn < TURNS_A_BLOCK; turn++) {
    await sleep(start + (turn + 0.5) * EVERY_MS - performance.now());
    if (phase === WITH_CHECKPOINTS) taking.push(job.checkpoint());
  }
  await sleep(start + TURNS_A_BLOCK * EVERY_MS - performance.now());
  // The last one belongs to the block, whatever it takes.
  await Promise.all(taking);
  const secondsPerRecord = (performance.now() - start) / 1000 / (recordsSoFar() - first);
  Atomics.store(progress, 0, WAITING);
  delay.disable();
  unsubscribe('gyre:checkpoint', onCheckpoint);
  return { phase, secondsPerRecord, heldUpMs: delay.max / 1e6, checkpoints };
}

for (const variant of VARIANTS) {
  const jobs: Played[] = [];
  for (let i = 0; i < JOBS; i++) jobs.push(await playJob(variant));
  reportVariant(variant, jobs);
}

function reportVariant({ what }: Variant, jobs: readonly Played[]) {
  const blocksOf = (phase: Phase) =>
    jobs.flatMap(({ blocks }) => blocks.filter((block) => block.phase === phase));
  const [withOnes, without] = [blocksOf(WITH_CHECKPOINTS), blocksOf(WITHOUT_CHECKPOINTS)];
  const events = withOnes.flatMap(({ checkpoints }) => checkpoints);
  const seconds = (blocks: readonly Block[]) => blocks.map((block) => block.secondsPerRecord);
  const against = { who: 'no checkpoints', samples: seconds(without) };
  report.add({ what: `a record, ${what}`, ...against, amounts: { records: 1 } });
  report.add({
    what: `a record, ${what}`,
    who: `one every ${EVERY_MS / 1000} s`,
    samples: seconds(withOnes),
    amounts: { records: 1 },
    against,
  });
  // Each block against the one beside it: what drifts with the machine is in both.
  const losses = withOnes.map(
    (block, i) => 1 - without[i]!.secondsPerRecord / block.secondsPerRecord,
  );
  const pauses = events.map(({ pauseMs }) => pauseMs);
  const gap = (phase: Phase) => Math.max(...jobs.map(({ longestGapsMs }) => longestGapsMs[phase]!));
  const heldUp = (blocks: readonly Block[]) => Math.max(...blocks.map(({ heldUpMs }) => heldUpMs));
  report.note(`${what}: throughput lost, median of pairs`, 100 * median(losses), '%', {
    atMost: 5,
  });
  report.note(`${what}: quarters of the pairs below`, 100 * quantile(losses, 0.25), '%');
  report.note(`${what}: and above`, 100 * quantile(losses, 0.75), '%');
  // Each job begins with fresh memory for its snapshots, and uses it again from then on.
  const firsts = jobs.map(({ blocks }) => {
    return blocks.find(({ checkpoints }) => checkpoints.length > 0)!.checkpoints[0]!.pauseMs;
  });
  report.note(`${what}: pause, first of a job`, Math.max(...firsts), 'ms', { atMost: 50 });
  report.note(`${what}: pause, median`, median(pauses), 'ms', { atMost: 50 });
  report.note(`${what}: pause, longest`, Math.max(...pauses), 'ms', { atMost: 50 });
  report.note(`${what}: longest gap between records`, gap(WITH_CHECKPOINTS), 'ms', { atMost: 50 });
  report.note(`${what}: the same without checkpoints`, gap(WITHOUT_CHECKPOINTS), 'ms');
  report.note(`${what}: main thread held up, longest`, heldUp(withOnes), 'ms');
  report.note(`${what}: the same without checkpoints`, heldUp(without), 'ms');
  const durations = events.map(({ durationMs }) => durationMs / 1000);
  report.note(`${what}: until it lasts, median`, median(durations), 's');
  report.note(`${what}: until it lasts, longest tenth`, quantile(durations, 0.9), 's');
  report.note(`${what}: checkpoint`, median(events.map(({ bytes }) => bytes)), 'B');
}

report.remark(
  `${JOBS} jobs of ${BLOCKS} blocks of ${(TURNS_A_BLOCK * EVERY_MS) / 1000} s each, half of them with a ` +
    `checkpoint every ${EVERY_MS / 1000} s: without, with, with, without. The records never leave the ` +
    'workers, which have both cores: what the main thread and the system do for a checkpoint is taken ' +
    'from them. The file system is that of the temporary folder.',
);
await session.close();
report.end();
