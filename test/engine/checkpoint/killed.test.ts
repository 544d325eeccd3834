// @timeout 240
/** Checkpoints of processes that are killed, and of a disk that is really full. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../../src/core/random.js';
import { CheckpointStore } from '../../../src/engine/checkpoint/store.js';
import { assertSame } from '../support.js';
import { assertWhole } from './contents.js';

const root = mkdtempSync(join(tmpdir(), 'gyre-killed-'));
test.after(() => rmSync(root, { recursive: true }));

const PROGRAM = fileURLToPath(new URL('./writing-process.js', import.meta.url));
const MAX = 20_000;

interface Ended {
  readonly signal: NodeJS.Signals | null;
  /** What it said that it committed. */
  readonly committed: readonly number[];
}

/** Runs the writing process; `onLine` is called with each number that it commits. */
function run(folder: string, call: number, onLine: (child: ChildProcess) => void): Promise<Ended> {
  const args = [PROGRAM, folder, String(MAX), String(call)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    onLine(child);
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (_, signal) => {
      done({ signal, committed: text.split('\n').slice(0, -1).map(Number) });
    });
  });
}

/** The newest checkpoint is whole, and none that was committed is lost. Returns its number. */
async function assertNothingLost(folder: string, last: number, why: string): Promise<number> {
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const stored = await new CheckpointStore({ folder, keep: 2, warn }).load();
  assertSame(warnings, [], why);
  if (stored === null) {
    assert.is(last, 0, `${why}: all are gone`);
    return 0;
  }
  assertWhole(stored, MAX, why);
  // The process may have been killed after it committed and before it said so.
  assert.ok(stored.id === last || stored.id === last + 1, `${why}: ${stored.id} after ${last}`);
  return stored.id;
}

test('a process that is killed at any time leaves the last checkpoint that it committed', async () => {
  const seed = 20_260_101;
  const random = new JavaRandom(seed);
  const folder = join(root, 'any time');
  let highest = 0;
  for (let kill = 0; kill < 20; kill++) {
    const delay = random.nextDouble() * 40;
    let isWaiting = false;
    const { signal, committed } = await run(folder, -1, (child) => {
      if (!isWaiting) setTimeout(() => child.kill('SIGKILL'), delay);
      isWaiting = true;
    });
    const why = `seed ${seed}, kill ${kill} after ${delay} ms`;
    assert.is(signal, 'SIGKILL', why);
    assert.is(committed[0], highest + 1, why);
    const newest = await assertNothingLost(folder, committed.at(-1)!, why);
    highest = Math.max(newest, ...readdirSync(folder).map((name) => Number(name.match(/\d+/))));
  }
});

test('a process that is killed at each of its calls leaves the last that it committed', async () => {
  let calls = 0;
  let isOver = false;
  const lane = async () => {
    while (!isOver) {
      const call = calls++;
      const folder = join(root, `call ${call}`);
      const { signal, committed } = await run(folder, call, () => {});
      assert.is(signal, 'SIGKILL', `call ${call}`);
      const last = committed.at(-1) ?? 0;
      await assertNothingLost(folder, last, `call ${call}`);
      // The third has removed the first, so all kinds of calls were gone through.
      isOver ||= last === 3;
    }
  };
  await Promise.all([lane(), lane()]);
  assert.ok(calls > 40, `${calls} calls`);
});

// A name space of mounts of its own goes with its process. Not every system lets us have one.
const MOUNT = 'mount -t tmpfs -o size=2m none "$0"';
const canMount =
  spawnSync('unshare', ['-rm', 'sh', '-c', MOUNT, root], { stdio: 'ignore' }).status === 0;

(canMount ? test : test.skip)('a disk that is full keeps the checkpoints that fitted', () => {
  const folder = join(root, 'full');
  mkdirSync(folder);
  const { stdout, stderr, status } = spawnSync(
    'unshare',
    ['-rm', 'sh', '-c', `${MOUNT} && exec "$@"`, folder].concat([
      process.execPath,
      PROGRAM,
      join(folder, 'job'),
      '0',
      'fill',
    ]),
    { encoding: 'utf8' },
  );
  assert.is(status, 0, stderr);
  const { failed, ...rest } = JSON.parse(stdout) as Record<string, unknown> & { failed: number };
  assert.ok(failed > 3, `checkpoint ${failed} failed`);
  const loaded = failed - 1;
  assertSame(rest, { isOurs: true, code: 'ENOSPC', loaded, next: failed + 1, handles: 0 });
});

test.run();
