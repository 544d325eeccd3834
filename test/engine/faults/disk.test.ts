// @timeout 120
/** Disks that are full, files that may not grow, folders that go away: the job goes on. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FailOnce } from '../checkpoint/fault-operators.js';
import { Add } from '../operators.js';
import { assertSame, closeSessions, range, rejects, sessionOf, within } from '../support.js';
import { listen, removeAll, scratch } from './disturbed.js';
import { Steps } from './steps.js';

const root = scratch('disk');
test.after(async () => {
  await closeSessions();
  removeAll(root);
});

const PROGRAM = fileURLToPath(new URL('./full-disk-process.js', import.meta.url));
// A name space of mounts of its own goes with its process. Not every system lets us have one.
const MOUNT = 'mount -t tmpfs -o size=2m none "$0"';
const canMount =
  spawnSync('unshare', ['-rm', 'sh', '-c', MOUNT, root], { stdio: 'ignore' }).status === 0;

for (const threads of [0, 2]) {
  const on = `${threads} threads`;

  const check = (command: string, args: readonly string[], code: string) => {
    const { stdout, stderr, status } = spawnSync(command, args, {
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.is(status, 0, stderr);
    assert.is(stderr, '');
    const seen = JSON.parse(stdout) as Record<string, unknown>;
    const failed = `ERR_GYRE_CHECKPOINT ${code}`;
    assertSame(seen.outcomes, ['taken', 'taken', failed, failed, 'taken', 'taken']);
    assertSame(seen.warnings, Array(2).fill('disk: a checkpoint failed.'));
    assertSame([seen.sum, seen.taken, seen.left], [1770, 4, []]);
  };

  (canMount ? test : test.skip)(`a full disk costs checkpoints, not the job, on ${on}`, () => {
    const folder = join(root, `full-${threads}`);
    mkdirSync(folder);
    const script = `${MOUNT} && exec "$@"`;
    const node = [process.execPath, PROGRAM, folder, String(threads)];
    check('unshare', ['-rm', 'sh', '-c', script, folder, ...node], 'ENOSPC');
  });

  (process.platform === 'linux' ? test : test.skip)(
    `a limit of file sizes costs checkpoints, not the job, on ${on}`,
    () => {
      const folder = join(root, `limited-${threads}`);
      const node = [process.execPath, PROGRAM, folder, String(threads)];
      // In blocks of 512 bytes.
      check('sh', ['-c', 'ulimit -f 2048 && exec "$@"', 'sh', ...node], 'EFBIG');
    },
  );

  test(`a folder that goes away and comes back costs checkpoints, not the job, on ${on}`, async () => {
    const name = `away-${threads}`;
    const [folder, aside] = [join(root, `job-${name}`), join(root, `aside-${threads}`)];
    const job = sessionOf(threads).job(name, { checkpoint: { folder: root, backoffMs: 1 } });
    const { log, stop } = listen(name);
    const outcomes: unknown[] = [];
    const take = async () => {
      outcomes.push(await job.checkpoint().catch((error) => (error as { code?: string }).code));
    };
    const source = new Steps(100, async (i) => {
      if (log.restarts.length > 0) return;
      if (i === 10) await take();
      if (i === 20) {
        renameSync(folder, aside);
        writeFileSync(folder, 'a file in its place');
        await take();
      }
      if (i === 30) {
        rmSync(folder);
        renameSync(aside, folder);
        await take();
      }
    });
    const fault = { marker: join(root, `marker-${threads}`), at: 50, fault: 'throw' as const };
    const values = job.from(source).process(FailOnce, fault).output().toArray();
    assertSame(await within(20_000, values), range(100));
    stop();
    assert.is(outcomes[0], 1);
    assert.is(outcomes[1], 'ERR_GYRE_CHECKPOINT');
    assert.ok((outcomes[2] as number) >= 2, String(outcomes[2]));
    assertSame(
      log.warnings.map(({ message }) => message),
      [`${name}: a checkpoint failed.`],
    );
    assertSame(
      log.restarts.map(({ checkpoint }) => checkpoint),
      [outcomes[2]],
    );
    assertSame(readdirSync(folder), []);
  });

  test(`a complete job whose folder is gone has its result on ${on}`, async () => {
    const name = `gone-${threads}`;
    const folder = join(root, `job-${name}`);
    const job = sessionOf(threads).job(name, { checkpoint: { folder: root } });
    const { log, stop } = listen(name);
    const source = new Steps(30, async (i) => {
      if (i === 10) await job.checkpoint();
      if (i !== 20) return;
      rmSync(folder, { recursive: true });
      writeFileSync(folder, 'a file in its place');
    });
    const values = job.from(source).map(Add, 1).output().toArray();
    assertSame(await within(20_000, values), range(31).slice(1));
    stop();
    assertSame(
      log.warnings.map(({ message }) => message),
      [`${name}: the job is complete, its checkpoints are left.`],
    );
    rmSync(folder);
  });

  test(`a place for checkpoints that is none is refused at the start on ${on}`, async () => {
    const file = join(root, `file-${threads}`);
    writeFileSync(file, '');
    let read = false;
    const source = new Steps(3, () => {
      read = true;
    });
    const job = sessionOf(threads).job('nowhere', { checkpoint: { folder: file } });
    const out = job.from(source).map(Add, 1).output().toArray();
    await rejects(within(5000, out), 'ERR_GYRE_CHECKPOINT', /must be a folder that can be read/);
    assert.not(read);
    assert.ok(existsSync(file));
  });
}

test.run();
