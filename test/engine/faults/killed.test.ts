// @timeout 300
/** Processes that are killed at any time, and others that go on where they were. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../../src/core/random.js';
import { assertSame, closeSessions, sessionOf } from '../support.js';
import { removeAll, scratch } from './disturbed.js';
import { work } from './victim.js';

const root = scratch('kills');
test.after(async () => {
  await closeSessions();
  removeAll(root);
});

const PROGRAM = fileURLToPath(new URL('./victim.js', import.meta.url));
const SEED = Number(process.env.GYRE_SEED ?? 20_261_122);
const KILLS = Number(process.env.GYRE_KILLS ?? 51);
const THREADS = [2, 1, 3, 0];

/** When a process is killed: so long after its start, or after its first checkpoint. */
interface Kill {
  readonly afterMs: number;
  readonly from: 'start' | 'checkpoint';
}

interface Ended {
  readonly killed: boolean;
  /** Checkpoints that it said were durable. */
  readonly checkpoints: readonly number[];
  /** What it printed last. */
  readonly result: string;
}

function run(args: readonly string[], { afterMs, from }: Kill): Promise<Ended> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const kill = () => setTimeout(() => child.kill('SIGKILL'), afterMs);
  let timer = from === 'start' ? kill() : undefined;
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    timer ??= kill();
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const lines = output.split('\n');
      const result = lines.pop()!;
      if (signal === null && code !== 0) fail(new Error(`it ended with code ${code}: ${result}`));
      else done({ killed: signal === 'SIGKILL', checkpoints: lines.map(Number), result });
    });
  });
}

/** The checkpoints in a folder, of whatever job, oldest first. */
function whole(folder: string): number[] {
  const names = readdirSync(folder, { recursive: true }).map(String);
  const ids = names.flatMap((name) => name.match(/checkpoint-(\d+)$/)?.[1] ?? []);
  return ids.map(Number).sort((a, b) => a - b);
}

interface Tally {
  killed: number;
  /** Starts that went on from a checkpoint. */
  resumed: number;
  /** Processes that were killed when they had removed the checkpoints of a complete job. */
  cleared: number;
}

/** Makes processes work on one job until one of them completes it. */
async function finish(job: number, kind: string, random: JavaRandom, tally: Tally): Promise<void> {
  const folder = join(root, `${kind}-${job}`);
  mkdirSync(folder);
  for (let starts = 0; ; starts++) {
    const threads = THREADS[(job + starts) % THREADS.length]!;
    const kill: Kill =
      random.nextInt(5) === 0
        ? { afterMs: random.nextInt(1500), from: 'start' }
        : { afterMs: random.nextInt(300), from: 'checkpoint' };
    const why = `seed ${SEED}, ${kind} ${job}, start ${starts} on ${threads}: ${JSON.stringify(kill)}`;
    assert.ok(starts < 100, `${why}: it comes to no end`);
    const before = whole(folder).at(-1) ?? 0;
    if (before > 0) tally.resumed++;
    const { killed, checkpoints, result } = await run(
      [folder, 'victim', kind, String(threads)],
      kill,
    );
    if (checkpoints.length > 0) assert.ok(checkpoints[0]! > before, `${why}: not above ${before}`);
    if (result !== '') assert.is(result, await expected(kind), why);
    if (!killed) {
      assert.is.not(result, '', why);
      assertSame(whole(folder), [], `${why}: a complete job leaves nothing`);
      return;
    }
    tally.killed++;
    const last = Math.max(before, ...checkpoints);
    const after = whole(folder).at(-1) ?? 0;
    // Checkpoints go when a job is complete: most often its result was there before the kill.
    if (after === 0 && last > 0) tally.cleared += result === '' ? 1 : 0;
    else assert.ok(after >= last, `${why}: ${last} is lost, there is ${after}`);
  }
}

const results = new Map<string, Promise<string>>();

function expected(kind: string): Promise<string> {
  const result =
    results.get(kind) ??
    work(kind, sessionOf(0), 'undisturbed').then((value) => JSON.stringify(value));
  results.set(kind, result);
  return result;
}

for (const kind of ['rounds', 'KMeans', 'stream']) {
  const kills = Math.ceil(KILLS / 3);

  test(`${kind}: ${kills} kills at any time change nothing, whatever the workers`, async () => {
    const tally: Tally = { killed: 0, resumed: 0, cleared: 0 };
    let jobs = 0;
    const lane = async () => {
      while (tally.killed < kills) {
        const job = jobs++;
        await finish(job, kind, new JavaRandom(SEED + job), tally);
      }
    };
    await Promise.all([lane(), lane()]);
    const text = JSON.stringify({ ...tally, jobs });
    assert.ok(tally.resumed >= kills / 2, text);
    assert.ok(tally.cleared <= jobs, text);
  });
}

test.run();
