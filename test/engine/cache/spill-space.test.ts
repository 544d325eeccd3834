import * as fs from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { GyreError } from '../../../src/core/errors.js';
import { JavaRandom } from '../../../src/core/random.js';
import { DataCache } from '../../../src/engine/cache/data-cache.js';
import type { FileCalls } from '../../../src/engine/cache/spill-file.js';
import { SpillQueue } from '../../../src/engine/cache/spill-queue.js';
import { range, throws } from '../support.js';
import { anyRecord, assertEqual, oneOf, openSpace } from './support.js';

const BLOCK = 256;
/** Numbers below 2^31 take so many to a block. */
const PER_BLOCK = BLOCK / 16;

function fill(cache: DataCache<number>, blocks: number): void {
  for (let i = 0; i < blocks * PER_BLOCK; i++) cache.append(cache.length);
}

const contents = (cache: DataCache<number>): number[] => [...cache.values()];

test('a cache that comes late gets its share from one that took all memory', () => {
  const { space, end } = openSpace({ memoryBytes: 12 * BLOCK, blockBytes: BLOCK });
  const [a, b, c] = [1, 2, 3].map(() => new DataCache<number>(space));
  const held = () => [a, b, c].map((cache) => cache!.segmentBytes / BLOCK);
  fill(a!, 20);
  assert.equal(held(), [12, 0, 0]);
  const reading = a!.reader(11 * PER_BLOCK + 3);
  assert.is(reading.next(), 11 * PER_BLOCK + 3);
  fill(b!, 20);
  assert.equal(held(), [6, 6, 0]);
  fill(c!, 20);
  assert.equal(held(), [4, 4, 4]);
  fill(a!, 5);
  fill(b!, 5);
  assert.equal(held(), [4, 4, 4], 'nobody above its share takes from others');
  assert.is(reading.next(), 11 * PER_BLOCK + 4, 'what was being read has moved to the file');
  for (const cache of [a!, b!, c!]) assertEqual(contents(cache), range(cache.length), 'contents');
  a!.clear();
  fill(b!, 9);
  assert.is(b!.segmentBytes, 8 * BLOCK, 'what one has freed, others may take');
  end();
});

test('caches that cannot have equal shares do not take memory from each other in turns', () => {
  const { space, end } = openSpace({ memoryBytes: 5 * BLOCK, blockBytes: BLOCK });
  const [a, b] = [new DataCache<number>(space), new DataCache<number>(space)];
  const held = () => [a, b].map((cache) => cache.segmentBytes / BLOCK);
  fill(a, 8);
  fill(b, 8);
  assert.equal(held(), [3, 2]);
  fill(a, 8);
  fill(b, 8);
  assert.equal(held(), [3, 2]);
  end();
});

test('an arena that others have filled sends records to disk, and to memory again later', () => {
  const { space, arena, end } = openSpace({ arenaBytes: 4096, blockBytes: BLOCK });
  const theirs = arena.allocate(arena.free - 2 * BLOCK);
  const [a, b] = [new DataCache<number>(space), new DataCache<number>(space)];
  fill(a, 5);
  assert.is(a.segmentBytes, 2 * BLOCK);
  fill(b, 5);
  assert.equal([a.segmentBytes, b.segmentBytes], [BLOCK, BLOCK], 'shares of what there is');
  theirs.free();
  fill(b, 5);
  assert.is(b.segmentBytes, 6 * BLOCK);
  assert.ok(b.usage.diskBytes > 0);
  for (const cache of [a, b]) assertEqual(contents(cache), range(cache.length), 'contents');
  end();
});

test('caches and queues that share a space keep their records apart', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = new JavaRandom(seed);
    const blockBytes = oneOf(random, [64, 256]);
    const memoryBytes = oneOf(random, [1, 2, 5, 11]) * blockBytes;
    const { space, arena, end } = openSpace({ blockBytes, memoryBytes });
    const queues = range(3).map((live) => ({
      queue: new SpillQueue<unknown>(space, live),
      expected: [] as unknown[],
    }));
    const caches = range(2).map(() => {
      const cache = new DataCache<unknown>(space);
      return { cache, expected: [] as unknown[], reader: cache.reader() };
    });
    for (let step = 0; step < 1200; step++) {
      const at = `seed ${seed}, step ${step}`;
      const value = anyRecord(random);
      const what = random.nextInt(10);
      if (what < 4) {
        const { queue, expected } = oneOf(random, queues);
        queue.push(value);
        expected.push(value);
      } else if (what < 7) {
        const { queue, expected } = oneOf(random, queues);
        if (expected.length > 0) assertEqual(queue.shift(), expected.shift(), at);
      } else if (what < 8) {
        const { cache, expected } = oneOf(random, caches);
        cache.append(value);
        expected.push(value);
      } else {
        const { reader, expected } = oneOf(random, caches);
        const { position } = reader;
        if (reader.hasNext) assertEqual(reader.next(), expected[position], at);
        else assert.is(position, expected.length, at);
      }
      assert.ok(arena.used - 64 <= memoryBytes, `${at}: more memory than the budget`);
    }
    for (const { queue, expected } of queues) {
      assertEqual([...queue.values()], expected, `seed ${seed}: a queue`);
    }
    for (const { cache, expected } of caches) {
      assertEqual([...cache.values()], expected, `seed ${seed}: a cache`);
    }
    end();
  }
});

/** A disk that takes so many bytes, and then is full until it gets more. */
function smallDisk(): { readonly calls: FileCalls; room: number } {
  const disk = {
    room: 0,
    calls: {
      ...fs,
      writeSync: ((fd: number, block: Uint8Array, at: number, bytes: number, to: number) => {
        if (disk.room === 0) {
          throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        }
        const most = Math.min(bytes, disk.room);
        disk.room -= most;
        return fs.writeSync(fd, block, at, most, to);
      }) as typeof fs.writeSync,
    },
  };
  return disk;
}

test('a full disk is out of memory: who, how much and why; nothing is lost', () => {
  const disk = smallDisk();
  const { calls } = disk;
  const { space, folder, files, end } = openSpace({ memoryBytes: BLOCK, blockBytes: BLOCK, calls });
  const queue = new SpillQueue<number>(space, 0);
  disk.room = BLOCK + 100;
  let pushed = 0;
  let error: GyreError | null = null;
  while (error === null) {
    try {
      queue.push(pushed);
      pushed++;
    } catch (thrown) {
      error = thrown as GyreError;
    }
  }
  assert.is(pushed, 3 * PER_BLOCK, 'one block in memory, one on disk, one between');
  assert.is(error.code, 'ERR_GYRE_MEMORY');
  assert.match(error.message, /^Spill file .*\.spill: 256 bytes could not be written \(ENOSPC\); /);
  assert.is((error.cause as { code: string }).code, 'ENOSPC');
  assert.is(error.details.bytes, BLOCK);
  assert.is(queue.length, pushed);
  const size = () => fs.statSync(`${folder.path}/${files()[0]}`).size;
  assertEqual([...queue.values()], range(pushed), 'all that was pushed before');
  disk.room = 10 * BLOCK;
  queue.push(pushed++);
  assert.is(size(), 4096 + BLOCK, 'the room of what failed was taken again');
  for (let i = 0; i < pushed; i++) assert.is(queue.shift(), i);
  end();
});

test('a large record that the disk has no room for is not in the cache', () => {
  const disk = smallDisk();
  const { space, end } = openSpace({ memoryBytes: 0, blockBytes: BLOCK, calls: disk.calls });
  const cache = new DataCache<unknown>(space);
  cache.append(1);
  disk.room = 3000;
  const large = new Float64Array(1000);
  throws(() => cache.append(large), 'ERR_GYRE_MEMORY', /80\d\d bytes could not be written/);
  assert.equal([...cache.values()], [1]);
  disk.room = 1 << 20;
  cache.append(2);
  cache.append(large);
  assertEqual([...cache.values()], [1, 2, large], 'all that could be appended');
  end();
});

test('a disk that is full when another cache must give memory back loses nothing', () => {
  const disk = smallDisk();
  const { space, end } = openSpace({
    memoryBytes: 4 * BLOCK,
    blockBytes: BLOCK,
    calls: disk.calls,
  });
  const [a, b] = [new DataCache<number>(space), new DataCache<number>(space)];
  fill(a, 4);
  throws(() => b.append(0), 'ERR_GYRE_MEMORY', /ENOSPC/);
  assert.is(b.length, 0);
  assertEqual(contents(a), range(4 * PER_BLOCK), 'the other cache');
  end();
});

test('a system that writes and reads in small pieces is asked again', () => {
  const most = 100;
  const writeSync = ((fd: number, block: Uint8Array, at: number, bytes: number, to: number) =>
    fs.writeSync(fd, block, at, Math.min(bytes, most), to)) as typeof fs.writeSync;
  const readSync = ((fd: number, block: Uint8Array, at: number, bytes: number, from: number) =>
    fs.readSync(fd, block, at, Math.min(bytes, most), from)) as typeof fs.readSync;
  const calls = { ...fs, writeSync, readSync };
  const { space, end } = openSpace({ memoryBytes: 0, blockBytes: BLOCK, calls });
  const cache = new DataCache<number>(space);
  fill(cache, 4);
  assertEqual(contents(cache), range(cache.length), 'contents');
  end();
});

test('a spill file that was cut or cannot be read is named', () => {
  let code: string | null = null;
  const readSync = ((...args: Parameters<typeof fs.readSync>) => {
    if (code !== null) throw Object.assign(new Error('input/output error'), { code });
    return fs.readSync(...args);
  }) as typeof fs.readSync;
  const calls = { ...fs, readSync };
  const { space, folder, files, end } = openSpace({ memoryBytes: 0, blockBytes: BLOCK, calls });
  const cache = new DataCache<number>(space);
  fill(cache, 3);
  const path = `${folder.path}/${files()[0]}`;
  code = 'EIO';
  throws(() => cache.reader().next(), 'ERR_GYRE_FORMAT', /expected 256 bytes at 0, but got EIO/);
  code = null;
  fs.truncateSync(path, 100);
  throws(() => cache.reader().next(), 'ERR_GYRE_FORMAT', /the file ends before/);
  end();
});

test('closing a space frees caches that nobody cleared, also amid reading', () => {
  const { space, arena, files, end } = openSpace({ memoryBytes: 2 * BLOCK, blockBytes: BLOCK });
  const caches = range(3).map(() => new DataCache<number>(space));
  for (const cache of caches) fill(cache, 4);
  const reader = caches[1]!.reader(PER_BLOCK);
  reader.next();
  assert.is(files().length, 3);
  assert.ok(arena.used > 64);
  space.close();
  assert.is(arena.used, 64);
  assert.equal(files(), []);
  assert.not(reader.hasNext);
  space.close();
  end();
});

test('a disk whose files cannot be deleted does not keep memory from being freed', () => {
  const rmSync = () => {
    throw Object.assign(new Error('not permitted'), { code: 'EPERM' });
  };
  const { space, arena, files, folder } = openSpace({
    memoryBytes: BLOCK,
    blockBytes: BLOCK,
    calls: { ...fs, rmSync, ftruncateSync: rmSync },
  });
  const caches = range(2).map(() => new DataCache<number>(space));
  for (const cache of caches) fill(cache, 3);
  space.close();
  assert.is(arena.used, 64);
  assert.is(files().length, 2);
  folder.remove();
  assert.equal(files(), []);
});

test.run();
