import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../../src/core/random.js';
import { CheckpointStore, checkpointFolder } from '../../../src/engine/checkpoint/store.js';
import { assertSame, range, rejects, throws } from '../support.js';
import { assertWhole, metaOf, partsOf, writeOne } from './contents.js';
import { FailingFs, type Fault } from './failing-fs.js';

const root = mkdtempSync(join(tmpdir(), 'gyre-checkpoints-'));
test.after(() => rmSync(root, { recursive: true }));

const MIB = 1 << 20;
const SMALL = 300;
let folders = 0;

/** A store over a new folder, or a given one, and what it warned about. */
function newStore(keep = 3, folder = join(root, `${folders++}`, 'job')) {
  const warnings: string[] = [];
  const failing = new FailingFs();
  const warn = (message: string) => void warnings.push(message);
  const store = new CheckpointStore({ folder, keep, warn, fs: failing.fs });
  return { store, folder, warnings, failing };
}

async function assertLoads(store: CheckpointStore, id: number, why = ''): Promise<void> {
  const stored = await store.load();
  assert.is(stored?.id, id, why);
  assertWhole(stored!, SMALL, why);
}

test('a folder that is not there, or is empty, has no checkpoint', async () => {
  const { store, folder } = newStore();
  for (const make of [() => {}, () => mkdirSync(folder, { recursive: true })]) {
    make();
    assert.is(store.peek(), null);
    assert.is(await store.load(), null);
    assert.is(store.nextId(), 1);
    await store.clear();
  }
});

test('what was written is loaded: meta, and any number of parts of any size', async () => {
  const { store, warnings, failing } = newStore();
  for (const id of range(60).map((i) => i + 1)) {
    await writeOne(store, id, SMALL);
    await assertLoads(store, id, `checkpoint ${id}`);
  }
  assert.ok(
    range(60).some((i) => partsOf(i + 1, SMALL).size === 0),
    'one has no parts',
  );
  assertSame(warnings, []);
  assert.is(failing.openHandles, 0);
});

test('parts of shared memory, at any address, and of any key are loaded as they were', async () => {
  const { store, folder } = newStore();
  const memory = new WebAssembly.Memory({ initial: 100, maximum: 100, shared: true });
  const all = new Uint8Array(memory.buffer);
  for (let i = 0; i < all.length; i++) all[i] = i % 251;
  const keys = ['', '../../outside', '__proto__', 'ключ', '\ud800', 'a\n"b"', '0'];
  const parts = keys.map((key, i) => [key, all.subarray(i * 3, i * 500_001)] as const);
  const writer = await store.begin(1);
  await Promise.all(parts.map(([key, bytes]) => writer.write(key, bytes)));
  await writer.commit(metaOf(1));
  const stored = (await store.load())!;
  assertSame([...stored.parts.keys()], keys);
  for (const [key, bytes] of parts) {
    const read = stored.parts.get(key)!;
    assert.ok(Buffer.from(bytes).equals(read), key);
    assert.is(read.byteOffset, 0);
    assert.instance(read.buffer, ArrayBuffer);
  }
  assertSame(readdirSync(dirname(folder)), [basename(folder)]);
});

test('a large part is written in pieces, and other work runs between them', async () => {
  const { store, failing } = newStore();
  const bytes = new Uint8Array(64 * MIB);
  for (let i = 0; i < bytes.length; i += 4096) bytes[i] = i >> 12;
  const writer = await store.begin(1);
  let turns = 0;
  let isOver = false;
  const turn = () => {
    turns++;
    if (!isOver) setImmediate(turn);
  };
  turn();
  await writer.write('large', bytes);
  assert.ok(turns > 16, `${turns} turns`);
  assert.ok(Math.max(...failing.writes) <= 4 * MIB, 'no piece is larger');
  await writer.commit(metaOf(1));
  turns = 0;
  const stored = (await store.load())!;
  isOver = true;
  assert.ok(turns > 16, `${turns} turns`);
  assert.ok(Buffer.from(bytes.buffer).equals(stored.parts.get('large')!));
});

test('a system that writes less than it was asked to is asked again', async () => {
  const { store, failing } = newStore();
  failing.fault = () => 'short';
  for (const id of [1, 2, 3, 4]) {
    await writeOne(store, id, SMALL);
    await assertLoads(store, id);
  }
});

test('the newest are kept, by number and not by name', async () => {
  for (const keep of [1, 2, 3]) {
    const { store, folder } = newStore(keep);
    for (const id of [8, 9, 10, 11, 100]) await writeOne(store, id, SMALL);
    const kept = [100, 11, 10].slice(0, keep).map((id) => `checkpoint-${id}`);
    assertSame(readdirSync(folder).sort(), kept.sort());
    await assertLoads(store, 100);
  }
});

test('a checkpoint that was found broken does not count as kept', async () => {
  const { store, folder } = newStore(2);
  for (const id of [1, 2]) await writeOne(store, id, SMALL);
  rmSync(join(folder, 'checkpoint-2', 'data.bin'));
  await assertLoads(store, 1);
  await writeOne(store, 3, SMALL);
  assertSame(readdirSync(folder).sort(), ['checkpoint-1', 'checkpoint-3']);
});

test('peek gives the newest intact manifest at once, and warns of nothing', async () => {
  const { store, folder, warnings } = newStore();
  for (const id of [9, 10, 11]) await writeOne(store, id, SMALL);
  assertSame(store.peek(), { id: 11, meta: metaOf(11) });
  writeFileSync(join(folder, 'checkpoint-11', 'manifest.json'), '{}');
  assertSame(store.peek(), { id: 10, meta: metaOf(10) });
  rmSync(join(folder, 'checkpoint-10', 'data.bin'));
  assertSame(store.peek(), { id: 10, meta: metaOf(10) }, 'data is not looked at');
  for (const id of [9, 10]) rmSync(join(folder, `checkpoint-${id}`, 'manifest.json'));
  assert.is(store.peek(), null);
  assertSame(warnings, []);
});

test('the next number is above all that exist, are left, or were begun', async () => {
  const { store, folder } = newStore();
  for (const id of [9, 10]) await writeOne(store, id, SMALL);
  assert.is(store.nextId(), 11);
  mkdirSync(join(folder, 'checkpoint-40.tmp'));
  assert.is(store.nextId(), 41);
  await (await store.begin(50)).abort();
  assert.is(store.nextId(), 51);
});

test('a number that is not above those that exist is refused', async () => {
  const { store } = newStore();
  await writeOne(store, 5, SMALL);
  for (const id of [5, 4, 1]) {
    await rejects(store.begin(id), 'ERR_GYRE_CHECKPOINT', /its number must be above 5, which/);
  }
  for (const id of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
    await rejects(store.begin(id), 'ERR_GYRE_INTERNAL', /id must be an integer >= 1/);
  }
  await assertLoads(store, 5);
  await writeOne(store, 6, SMALL);
});

test('names that are not ours are neither read nor removed', async () => {
  const { store, folder } = newStore(1);
  const foreign = [
    'checkpoint-0',
    'checkpoint-07',
    'checkpoint--8',
    'checkpoint-9.TMP',
    'notes.txt',
  ];
  foreign.push(
    'checkpoint-9.tmp.1',
    'checkpoint-99999999999999999999',
    'checkpoint-',
    'checkpoint-1e3',
  );
  for (const name of foreign) mkdirSync(join(folder, name), { recursive: true });
  assert.is(store.nextId(), 1);
  assert.is(await store.load(), null);
  for (const id of [1, 2]) await writeOne(store, id, SMALL);
  mkdirSync(join(folder, 'checkpoint-1.tmp'));
  await assertLoads(store, 2);
  await store.clear();
  assertSame(readdirSync(folder).sort(), foreign.sort());
  assert.is(await store.load(), null);
});

test('begin removes what a dead process has left, and not what is being written', async () => {
  const { store, folder } = newStore();
  mkdirSync(join(folder, 'checkpoint-3.tmp', 'data.bin'), { recursive: true });
  const first = await store.begin(4);
  const second = await store.begin(5);
  assertSame(readdirSync(folder).sort(), ['checkpoint-4.tmp', 'checkpoint-5.tmp']);
  await store.clear();
  await second.commit(metaOf(5));
  await first.commit(metaOf(4));
  assertSame(readdirSync(folder).sort(), ['checkpoint-4', 'checkpoint-5']);
  assert.is((await store.load())?.id, 5);
});

test('an aborted checkpoint leaves nothing, and fails what comes after', async () => {
  const { store, folder, failing, warnings } = newStore();
  await writeOne(store, 1, SMALL);
  const writer = await store.begin(2);
  const written = writer.write('a', new Uint8Array(100 * MIB));
  const waiting = writer.write('b', new Uint8Array(5));
  const late = rejects(waiting, 'ERR_GYRE_CHECKPOINT', /checkpoint 2 in .* was aborted/);
  await Promise.all([writer.abort(), writer.abort()]);
  await rejects(written, 'ERR_GYRE_CHECKPOINT', /was aborted/);
  await late;
  await rejects(writer.write('c', new Uint8Array()), 'ERR_GYRE_CHECKPOINT', /was aborted/);
  await rejects(writer.commit(metaOf(2)), 'ERR_GYRE_CHECKPOINT', /was aborted/);
  assertSame(readdirSync(folder), ['checkpoint-1']);
  assert.is(failing.openHandles, 0);
  assertSame(warnings, []);
});

test('abort leaves a checkpoint that was committed', async () => {
  const { store } = newStore();
  const writer = await store.begin(2);
  for (const [key, bytes] of partsOf(2, SMALL)) writer.write(key, bytes);
  await writer.commit(metaOf(2));
  await writer.abort();
  await assertLoads(store, 2);
});

test('two parts of one key, and a part after the commit, are bugs', async () => {
  const { store } = newStore();
  const writer = await store.begin(1);
  writer.write('a', new Uint8Array(3));
  throws(
    () => writer.write('a', new Uint8Array()),
    'ERR_GYRE_INTERNAL',
    /has the part "a" already/,
  );
  await writer.commit(metaOf(1));
  throws(() => writer.write('b', new Uint8Array()), 'ERR_GYRE_INTERNAL', /"b" comes after it/);
  throws(() => writer.commit(metaOf(1)), 'ERR_GYRE_INTERNAL', /committed already/);
  throws(() => newStore(0), 'ERR_GYRE_INTERNAL', /keep must be an integer >= 1, got 0/);
});

test('all of a checkpoint is on the disk before its name, and that before others are removed', async () => {
  const { store, folder, failing } = newStore(1);
  const writer = await store.begin(1);
  await writer.write('a', new Uint8Array(3));
  await writer.commit(metaOf(1));
  // All folders on the way were new.
  const parents = [dirname(folder), root].map((path) => `sync ${basename(path)}`);
  assertSame(failing.calls.filter((call) => call.startsWith('sync')).slice(0, 2), parents);
  failing.restart();
  await (await store.begin(2)).commit(metaOf(2));
  const calls = failing.calls.filter((call) => !/^(close|open|stat|readdir|mkdir|rm) /.test(call));
  assertSame(calls, [
    'truncate data.bin',
    'sync data.bin',
    'writeFile manifest.json',
    'sync manifest.json',
    'sync checkpoint-2.tmp',
    'rename checkpoint-2.tmp',
    `sync ${basename(folder)}`,
    'rename checkpoint-1',
  ]);
});

/** What is there once a failing call is over: nothing half, nothing open, and the store works. */
async function assertRecovers(made: ReturnType<typeof newStore>, why: string): Promise<number> {
  const { store, folder, failing } = made;
  failing.restart();
  assert.is(failing.openHandles, 0, `${why}: handles`);
  const loaded = (await store.load())!;
  assertWhole(loaded, SMALL, why);
  for (const next of [store, newStore(2, folder).store]) {
    const id = next.nextId();
    await writeOne(next, id, SMALL);
    await assertLoads(next, id, why);
  }
  assert.not.ok(
    readdirSync(folder).some((name) => name.endsWith('.tmp')),
    `${why}: leftovers`,
  );
  assert.is(failing.openHandles, 0, `${why}: handles afterwards`);
  return loaded.id;
}

/** Checkpoints 1 and 2, and what a dead process has left; a third would remove the first. */
async function threeBegun() {
  const made = newStore(2);
  for (const id of [1, 2]) await writeOne(made.store, id, SMALL);
  mkdirSync(join(made.folder, 'checkpoint-3.tmp', 'left'), { recursive: true });
  return made;
}

for (const [fault, times, code] of [
  ['before', 'one', 'ENOSPC'],
  ['after', 'one', 'EIO'],
  ['before', 'all', 'ENOSPC'],
  ['after', 'all', 'EIO'],
] as const) {
  test(`a failure ${fault} ${times} of the calls from any on keeps the checkpoints before`, async () => {
    let failures = 0;
    let isOver = false;
    for (let n = 0; !isOver; n++) {
      const made = await threeBegun();
      made.failing.code = code;
      made.failing.restart((call): Fault | null => {
        return (times === 'one' ? call === n : call >= n) ? fault : null;
      });
      const error = await writeOne(made.store, 7, SMALL).catch((thrown: unknown) => thrown);
      isOver = made.failing.calls.length <= n;
      const why = `${fault} ${times} ${n}: ${made.failing.calls[n]}`;
      const drafts = readdirSync(made.folder).filter((name) => name.endsWith('.tmp'));
      if (error === undefined) {
        assert.is(made.warnings.length > 0, !isOver, `${why}: warned of`);
        assert.is(await assertRecovers(made, why), 7, why);
        continue;
      }
      failures++;
      await rejects(
        Promise.reject(error),
        'ERR_GYRE_CHECKPOINT',
        /^(checkpoint 7 cannot be written to|.*must be a folder that can be read)/,
      );
      const { message, cause, details } = error as Error & { details: object; cause: object };
      assert.ok(message.includes(made.folder), why);
      assert.is((cause as { code?: string }).code, code, why);
      assertSame('folder' in details && details.folder, made.folder, why);
      if (times === 'one') {
        // A folder whose making failed and made it stays until the next checkpoint begins.
        const isMade = fault === 'after' && made.failing.calls[n] === 'mkdir checkpoint-7.tmp';
        assert.is(drafts.includes('checkpoint-7.tmp'), isMade, why);
        // Nobody can tell that a rename that failed was done.
        const isThere = fault === 'after' && made.failing.calls[n] === 'rename checkpoint-7.tmp';
        assert.is(await assertRecovers(made, why), isThere ? 7 : 2, why);
      } else {
        // It may be whole, and could not be taken back.
        assert.ok([2, 7].includes(await assertRecovers(made, why)), why);
      }
    }
    assert.ok(failures > 10, `${failures} calls`);
  });
}

test('a write that failed while nobody waited for it fails the commit', async () => {
  const { store, failing } = newStore();
  const writer = await store.begin(1);
  failing.restart(() => 'before');
  writer.write('a', new Uint8Array(3));
  // Long enough for Node to look for rejections that nobody handles.
  for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
  failing.restart();
  await rejects(writer.commit(metaOf(1)), 'ERR_GYRE_CHECKPOINT', /cannot be written to .* ENOSPC/);
  assert.is(await store.load(), null);
});

test('a checkpoint that could not be begun can be begun again', async () => {
  const { store, failing } = newStore();
  failing.restart(() => 'before');
  await rejects(store.begin(4), 'ERR_GYRE_CHECKPOINT', /checkpoint 4 cannot be written to/);
  failing.restart();
  await writeOne(store, 4, SMALL);
  await assertLoads(store, 4);
});

test('a folder that cannot be made, or is a file, is a clear error', async () => {
  const file = join(root, 'file');
  writeFileSync(file, 'mine');
  await rejects(
    newStore(1, join(file, 'job')).store.begin(1),
    'ERR_GYRE_CHECKPOINT',
    /cannot be wr/,
  );
  const { store } = newStore(1, file);
  await rejects(store.begin(1), 'ERR_GYRE_CHECKPOINT', /file/);
  await rejects(
    store.load(),
    'ERR_GYRE_CHECKPOINT',
    /it must be a folder that can be read: ENOTDIR/,
  );
  await rejects(store.clear(), 'ERR_GYRE_CHECKPOINT', /it must be a folder/);
  for (const call of [() => store.peek(), () => store.nextId()]) {
    throws(call, 'ERR_GYRE_CHECKPOINT', /it must be a folder/);
  }
  assert.ok(existsSync(file));
});

test('clear that fails has removed the oldest ones, and can be called again', async () => {
  const { store, folder, failing, warnings } = newStore(3);
  for (const id of [8, 9, 10]) await writeOne(store, id, SMALL);
  let renames = 0;
  failing.restart(() => {
    if (failing.calls.at(-1)?.startsWith('rename')) renames++;
    return renames === 2 ? 'before' : null;
  });
  await rejects(store.clear(), 'ERR_GYRE_CHECKPOINT', /cannot be removed: ENOSPC/);
  assertSame(readdirSync(folder).sort(), ['checkpoint-10', 'checkpoint-9.tmp']);
  failing.restart();
  await assertLoads(store, 10);
  await store.clear();
  assertSame(readdirSync(folder), []);
  assertSame(warnings, []);
});

test('every job has a folder of its own, below the base', () => {
  const random = new JavaRandom(7);
  const units = [...'aZ09-_.%/\\: ~u20AC', '\0', 'ü', '€', '\ud83d', '\ude00', '\ufffd', '\u00e4'];
  const names = [
    '',
    '.',
    '..',
    '../up',
    '/',
    'a/b',
    'a%2Fb',
    'a%u20ACb',
    'a€b',
    'con',
    'x'.repeat(300),
  ];
  names.push(`${'x'.repeat(300)}y`, '€'.repeat(100), `${'€'.repeat(100)}!`, 'a b', 'a%20b', 'a+b');
  for (let i = 0; i < 2000; i++) {
    const length = random.nextInt(5);
    names.push(
      range(length)
        .map(() => units[random.nextInt(units.length)])
        .join(''),
    );
  }
  const jobs = [...new Set(names)];
  const paths = jobs.map((job) => checkpointFolder(root, job));
  assert.is(new Set(paths).size, jobs.length);
  for (const path of paths) {
    assert.is(dirname(path), root);
    assert.match(basename(path), /^job-[A-Za-z0-9_%-]*$/);
    assert.ok(basename(path).length <= 255);
    mkdirSync(path);
  }
  assert.is(basename(checkpointFolder(root, 'KMeans-fit_2')), 'job-KMeans-fit_2');
});

test('two jobs of similar names do not see the checkpoints of each other', async () => {
  const base = join(root, 'base');
  const stores = ['a/b', 'a', 'a b', 'a.b'].map(
    (job) => newStore(2, checkpointFolder(base, job)).store,
  );
  for (const [i, store] of stores.entries()) await writeOne(store, i + 1, SMALL);
  for (const [i, store] of stores.entries()) await assertLoads(store, i + 1);
  await stores[0]!.clear();
  assert.is(await stores[0]!.load(), null);
  await assertLoads(stores[1]!, 2);
});

test.run();
