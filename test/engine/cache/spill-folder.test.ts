import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SpillFolder, sweep } from '../../../src/engine/cache/spill-folder.js';
import { throws } from '../support.js';
import { BASE } from './support.js';

/** A folder that another process, or this one, may have left. */
function leave(base: string, name: string): string {
  const path = join(base, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, '0-0.spill'), 'records');
  return path;
}

/** The id of a process that has ended. */
const deadPid = (): number => spawnSync(process.execPath, ['--version']).pid;

/** A name as this process gives them, of another process. */
const nameOf = (pid: number): string =>
  basename(SpillFolder.under(BASE).path).replace(`-${process.pid}-`, `-${pid}-`);

test('a folder is made with its first file and has the name of its process', () => {
  const base = join(BASE, 'lazy');
  const [a, b] = [SpillFolder.under(base), SpillFolder.under(base)];
  assert.match(basename(a.path), new RegExp(`^gyre-spill-${process.pid}-\\d+-`));
  assert.is.not(a.path, b.path);
  assert.not(existsSync(base));
  const file = a.open();
  assert.equal(readdirSync(a.path), [basename(file.path)]);
  file.close();
  assert.equal(readdirSync(a.path), []);
  file.close();
  a.remove();
  assert.equal(readdirSync(base), []);
});

test('remove deletes all files, may be called again, and never throws', () => {
  const folder = SpillFolder.under(BASE);
  folder.remove();
  const file = folder.open();
  file.write(new Uint8Array(10));
  folder.remove();
  assert.not(existsSync(folder.path));
  folder.remove();
  file.close();
  const notAFolder = join(BASE, 'file');
  writeFileSync(notAFolder, '');
  new SpillFolder(join(notAFolder, 'inside')).remove();
});

test('a folder that cannot be made is out of memory, with the cause', () => {
  const path = join(BASE, 'a-file');
  writeFileSync(path, '');
  const folder = new SpillFolder(join(path, 'inside'));
  throws(() => folder.open(), 'ERR_GYRE_MEMORY', /a-file.*folder could not be made \(ENOTDIR\)/);
});

test('a thread that is ended amid its work leaves nothing once the folder is removed', async () => {
  const folder = SpillFolder.under(BASE);
  const file = folder.open();
  const url = new URL('./spill-worker.js', import.meta.url);
  const workers = [1, 2].map(() => new Worker(url, { workerData: folder.path }));
  try {
    const usages = await Promise.all(workers.map((worker) => once(worker, 'message')));
    for (const [{ diskBytes }] of usages) assert.ok(diskBytes > 0);
    assert.is(readdirSync(folder.path).length, 3, 'every thread has files of its own');
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  file.close();
  assert.is(readdirSync(folder.path).length, 2);
  folder.remove();
  assert.not(existsSync(folder.path));
});

test('folders of processes that have ended are swept, all others stay', () => {
  const base = join(BASE, 'sweep');
  const dead = leave(base, nameOf(deadPid()));
  const before = leave(base, nameOf(process.pid));
  utimesSync(before, new Date(0), new Date(0));
  const parent = leave(base, nameOf(process.ppid));
  const own = leave(base, nameOf(process.pid));
  const elsewhere = leave(base, `gyre-spill-${deadPid()}-0-00000000-abcdef01`);
  const other = leave(base, `gyre-spill-${deadPid()}`);
  writeFileSync(join(base, nameOf(deadPid())), 'a file of that name');
  sweep(base);
  assert.not(existsSync(dead), 'its process has ended');
  assert.not(existsSync(before), 'made before this process began, by one of the same id');
  assert.ok(existsSync(parent), 'its process lives');
  assert.ok(existsSync(own), 'it is ours');
  assert.ok(existsSync(elsewhere), 'its process is on another host');
  assert.ok(existsSync(other), 'it has another name');
  sweep(join(base, 'nothing'));
});

test('folders of other users, and of processes that may not be asked, stay', () => {
  const base = join(BASE, 'others');
  const dead = leave(base, nameOf(deadPid()));
  const { kill, getuid } = process;
  try {
    process.kill = () => {
      throw Object.assign(new Error('not permitted'), { code: 'EPERM' });
    };
    sweep(base);
    assert.ok(existsSync(dead), 'EPERM means that there is such a process');
    process.kill = kill;
    if (getuid !== undefined) process.getuid = () => getuid() + 1;
    sweep(base);
    assert.is(existsSync(dead), getuid !== undefined);
  } finally {
    Object.assign(process, { kill, getuid });
  }
  sweep(base);
  assert.not(existsSync(dead));
});

test('the first folder that is made in a place sweeps it', () => {
  const base = join(BASE, 'first');
  const dead = leave(base, nameOf(deadPid()));
  SpillFolder.under(base).remove();
  assert.ok(existsSync(dead), 'a folder without files makes nothing');
  const folders = [SpillFolder.under(base), SpillFolder.under(base)];
  folders[0]!.open().close();
  assert.not(existsSync(dead));
  const later = leave(base, nameOf(deadPid()));
  folders[1]!.open().close();
  assert.ok(existsSync(later), 'once is enough');
  for (const folder of folders) folder.remove();
});

test.run();
