// @timeout 240
/**
 * A file sink that is stopped at every call of the file system, and goes on as the engine makes it:
 * with the last checkpoint that lasts, and the records after it.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../src/core/random.js';
import { decodeState, encodeState } from '../../src/engine/checkpoint/cut.js';
import { FileSink } from '../../src/io/file-sink.js';
import { FailingFs, type Fault } from '../engine/checkpoint/failing-fs.js';
import { range } from '../engine/support.js';
import { rejectsError } from '../table/expect-error.js';
import { contentOf, otherNames, partNames } from './part-files.js';
import { tempFolder } from './temp-folder.js';

const root = tempFolder('file-sink-crash');
const RECORDS = 12;

/** What the engine does after so many records. `lost`: the checkpoint fails after `prepare`. */
type Checkpoint = 'lasts' | 'lost';
type Schedule = ReadonlyMap<number, Checkpoint>;

const lineOf = (i: number): string => `${JSON.stringify({ i, text: 'x'.repeat(i * 5) })}\n`;
const linesUpTo = (end: number): string => range(end).map(lineOf).join('');

function scheduleOf(random: JavaRandom): Schedule {
  const schedule = new Map<number, Checkpoint>();
  for (let i = 0; i < RECORDS; i++) {
    if (random.nextInt(3) === 0) schedule.set(i, random.nextInt(3) === 0 ? 'lost' : 'lasts');
  }
  return schedule;
}

/** A checkpoint that lasts, as it is on the disk. */
interface Durable {
  readonly records: number;
  readonly state: Uint8Array<ArrayBuffer>;
}

/** One job: its folder, its checkpoints, and what goes wrong with the file system. */
class Job {
  readonly folder: string;
  readonly why: string;
  readonly failing: FailingFs = new FailingFs();
  readonly #schedule: Schedule;
  #durable: Durable | null = null;

  constructor(folder: string, schedule: Schedule, why: string) {
    this.folder = folder;
    this.why = why;
    this.#schedule = schedule;
  }

  newSink(): FileSink {
    return new FileSink({ folder: this.folder, format: 'jsonl' }, this.failing.fs);
  }

  /** One attempt, from the last checkpoint that lasts to the end. */
  async attempt(sink: FileSink): Promise<void> {
    const from = this.#durable;
    await sink.open(
      from === null ? undefined : decodeState(from.state, () => assert.unreachable() as never),
    );
    this.#assertShown(from?.records ?? 0);
    for (let i = from?.records ?? 0; i < RECORDS; i++) {
      if (this.#schedule.has(i) && i !== from?.records) await this.#checkpoint(sink, i);
      await sink.write({ i, text: 'x'.repeat(i * 5) });
    }
    const state = await sink.prepare();
    await sink.commit(state);
    this.#assertShown(RECORDS);
  }

  /** The job goes on when it fails, as long as the sink takes records. */
  async #checkpoint(sink: FileSink, records: number): Promise<void> {
    try {
      const state = await sink.prepare();
      if (this.#schedule.get(records) === 'lost') return;
      this.#durable = { records, state: encodeState(state, []) };
      await sink.commit(state);
    } catch {
      this.assertPrefix();
      return;
    }
    this.#assertShown(records);
  }

  /** Whoever reads the folder now sees whole records, in order and each once. */
  assertPrefix(): void {
    const content = contentOf(this.folder);
    const lines = content.split('\n').length - 1;
    assert.ok(content === linesUpTo(lines), `${this.why}: parts are ${content}`);
  }

  #assertShown(records: number): void {
    assert.ok(
      contentOf(this.folder) === linesUpTo(records),
      `${this.why}: ${records} records are covered, parts are ${contentOf(this.folder)}`,
    );
  }

  /** Whether there is a checkpoint to go on from. */
  get hasCheckpoint(): boolean {
    return this.#durable !== null;
  }
}

let folders = 0;

/** Runs a job that is stopped again and again, each time with a new sink. Returns its calls. */
async function killed(schedule: Schedule, faults: readonly number[], why: string): Promise<number> {
  const job = new Job(join(root, `job-${folders++}`), schedule, why);
  let calls = 0;
  for (const fault of [...faults, Number.POSITIVE_INFINITY]) {
    // From this call on nothing reaches the disk: the process is dead.
    job.failing.restart((call) => (call >= fault ? 'before' : null));
    const sink = job.newSink();
    const outcome = await job.attempt(sink).then(() => null, String);
    calls = Math.max(calls, job.failing.calls.length);
    await sink.close();
    assert.is(job.failing.openHandles, 0, why);
    if (fault > job.failing.calls.length) assert.is(outcome, null, why);
    if (outcome === null && fault === Number.POSITIVE_INFINITY) break;
    if (partNames(job.folder).length > 0 && !job.hasCheckpoint) {
      // It was complete, but for being told so: who begins anew is asked first.
      job.failing.restart();
      const anew = job.newSink();
      await rejectsError(anew.open(undefined), 'ERR_GYRE_FORMAT', /must have no parts/);
      await anew.close();
      rmSync(job.folder, { recursive: true });
    } else if (outcome !== null) job.assertPrefix();
  }
  assert.is(contentOf(job.folder), linesUpTo(RECORDS), why);
  assert.is(otherNames(job.folder).length, 0, why);
  return calls;
}

test('a process that ends at any call of the file system loses no record and shows none twice', async () => {
  for (let seed = 1; seed <= 3; seed++) {
    const schedule = scheduleOf(new JavaRandom(seed));
    const calls = await killed(schedule, [], `seed ${seed}`);
    assert.ok(calls > 8, `seed ${seed}: ${calls} calls`);
    for (const call of range(calls)) await killed(schedule, [call], `seed ${seed}, call ${call}`);
  }
});

test('nor does one that ends again and again', async () => {
  for (let seed = 100; seed < 130; seed++) {
    const random = new JavaRandom(seed);
    const schedule = scheduleOf(random);
    const faults = range(1 + random.nextInt(5)).map(() => random.nextInt(30));
    await killed(schedule, faults, `seed ${seed}, calls ${faults}`);
  }
});

/** Runs a job whose file system fails once, and that goes on with the same sink. */
async function failed(schedule: Schedule, at: number, fault: Fault, why: string): Promise<number> {
  const job = new Job(join(root, `job-${folders++}`), schedule, why);
  job.failing.restart((call) => (call === at ? fault : null));
  const sink = job.newSink();
  for (let attempts = 0; attempts < 3; attempts++) {
    const outcome = await job.attempt(sink).then(() => null, String);
    if (outcome === null) break;
    assert.match(outcome, /ENOSPC: made up/, why);
    job.assertPrefix();
  }
  await sink.close();
  assert.is(contentOf(job.folder), linesUpTo(RECORDS), why);
  assert.is(otherNames(job.folder).length, 0, why);
  assert.is(job.failing.openHandles, 0, why);
  return job.failing.calls.length;
}

test('a file system that fails once, at any call, makes no difference to the same sink', async () => {
  for (let seed = 1; seed <= 2; seed++) {
    const schedule = scheduleOf(new JavaRandom(seed));
    const calls = await failed(schedule, -1, 'before', `seed ${seed}`);
    for (const fault of ['before', 'after', 'short'] as const) {
      for (const call of range(calls)) {
        await failed(schedule, call, fault, `seed ${seed}, ${fault} call ${call}`);
      }
    }
  }
});

test.run();
