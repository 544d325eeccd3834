import * as fs from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../../src/core/random.js';
import { DataCache } from '../../../src/engine/cache/data-cache.js';
import type { DataCacheReader } from '../../../src/engine/cache/data-cache-reader.js';
import { range, throws } from '../support.js';
import { anyRecord, assertEqual, oneOf, openSpace } from './support.js';

const SEEDS = 60;

interface Tracked {
  readonly reader: DataCacheReader<unknown>;
  position: number;
}

/** One random life of a cache beside an array. Returns the places that its records came to. */
function live(seed: number): { memory: boolean; disk: boolean } {
  const random = new JavaRandom(seed);
  const blockBytes = oneOf(random, [64, 256, 1024]);
  const memoryBytes = oneOf(random, [0, 1, 3, 20, 1000]) * blockBytes;
  const arenaBytes = oneOf(random, [4096, 1 << 20]);
  const { space, files, end } = openSpace({ blockBytes, memoryBytes, arenaBytes });
  const cache = new DataCache<unknown>(space);
  const places = { memory: false, disk: false };
  let expected: unknown[] = [];
  let readers: Tracked[] = [];
  let cleared: Tracked[] = [];
  for (let step = 0; step < 500; step++) {
    const at = `seed ${seed}, step ${step}`;
    const what = random.nextInt(100);
    if (what < 50) {
      const value = anyRecord(random);
      cache.append(value);
      expected.push(value);
    } else if (what < 53) {
      const position = random.nextInt(expected.length + 1);
      readers.push({ reader: cache.reader(position), position });
    } else if (what < 98 && readers.length > 0) {
      const tracked = oneOf(random, readers);
      for (let n = random.nextInt(8); n > 0 && tracked.position < expected.length; n--) {
        assertEqual(tracked.reader.next(), expected[tracked.position++], `${at}: a record`);
      }
      assert.is(tracked.reader.position, tracked.position, at);
      assert.is(tracked.reader.hasNext, tracked.position < expected.length, at);
    } else if (what === 98) {
      assertEqual([...cache.values()], expected, `${at}: all records`);
    } else if (random.nextInt(4) === 0) {
      cache.clear();
      assertEqual(files(), [], `${at}: a file of a cleared cache`);
      assert.equal(cache.usage, { records: 0, memoryBytes: 0, diskBytes: 0 });
      expected = [];
      cleared = readers;
      readers = [];
    }
    for (const { reader } of cleared) assert.not(reader.hasNext, `${at}: a cleared reader`);
    assert.is(cache.length, expected.length, at);
    assert.is(cache.usage.records, expected.length, at);
    places.memory ||= cache.segmentBytes > 0;
    places.disk ||= cache.usage.diskBytes > 0;
    assert.ok(cache.segmentBytes <= memoryBytes, `${at}: more memory than the budget`);
  }
  end();
  return places;
}

test('readers at any positions see what was appended, wherever it lies', () => {
  const lives = range(SEEDS).map(live);
  for (const [memory, disk] of [
    [true, false],
    [false, true],
    [true, true],
  ]) {
    const met = lives.some((places) => places.memory === memory && places.disk === disk);
    assert.ok(met, `no life was in memory: ${memory}, on disk: ${disk}`);
  }
});

test('an encoded record is a copy, for the producer and for every reader', () => {
  for (const memoryBytes of [0, 1 << 16]) {
    const { space, end } = openSpace({ memoryBytes, blockBytes: 64 });
    const cache = new DataCache<{ values: Float64Array }>(space);
    const value = { values: Float64Array.from([1, 2]) };
    for (let i = 0; i < 10; i++) cache.append(value);
    value.values[0] = 9;
    const first = cache.reader().next();
    assert.equal(first, { values: Float64Array.from([1, 2]) });
    first.values[0] = 7;
    assert.equal(cache.reader().next(), { values: Float64Array.from([1, 2]) });
    assert.not(first.values.buffer instanceof SharedArrayBuffer);
    end();
  }
});

test('residents and what has no encoded form are kept by reference, in order', () => {
  class Mine {}
  const circle: { self?: unknown } = {};
  circle.self = circle;
  const references = [{ shard: 1 }, () => 1, new Mine(), Symbol('s'), circle, { deep: new Mine() }];
  for (const memoryBytes of [0, 1 << 16]) {
    const resident = (value: unknown) => value === references[0];
    const { space, files, end } = openSpace({ memoryBytes, blockBytes: 64, resident });
    const cache = new DataCache<unknown>(space);
    for (let i = 0; i < 60; i++) {
      cache.append(i % 3 === 0 ? references[(i / 3) % references.length] : i);
    }
    assert.is(files().length > 0, memoryBytes === 0);
    for (const from of [0, 1, 31, 59]) {
      let i = from;
      for (const reader = cache.reader(from); reader.hasNext; i++) {
        const wanted = i % 3 === 0 ? references[(i / 3) % references.length] : i;
        assert.is(reader.next(), wanted, `record ${i}`);
      }
      assert.is(i, 60);
    }
    end();
  }
});

test('a record larger than a block has a segment of its own, or goes to the file at once', () => {
  const large = (i: number) => new Float64Array(1000).fill(i);
  for (const memoryBytes of [0, 10_000, 1 << 20]) {
    const { space, end } = openSpace({ memoryBytes, blockBytes: 256 });
    const cache = new DataCache<unknown>(space);
    const expected: unknown[] = [];
    for (let i = 0; i < 6; i++) {
      for (const value of [i, large(i)]) {
        cache.append(value);
        expected.push(value);
      }
    }
    const { memoryBytes: inMemory, diskBytes } = cache.usage;
    if (memoryBytes === 0) assert.ok(inMemory < 256, `${inMemory} bytes wait in memory`);
    else assert.ok(inMemory >= 8000);
    if (memoryBytes === 1 << 20) assert.is(diskBytes, 0);
    else assert.ok(diskBytes >= 5 * 8000);
    assertEqual([...cache.values()], expected, `with ${memoryBytes} bytes`);
    assertEqual([...cache.values()], expected, `again, with ${memoryBytes} bytes`);
    end();
  }
});

test('usage tells what is in memory and what in the file', () => {
  const { space, files, end } = openSpace({ memoryBytes: 512, blockBytes: 256 });
  const cache = new DataCache<number>(space);
  // 16 bytes each: 16 to a block.
  for (let i = 0; i < 100; i++) cache.append(i);
  assert.is(cache.segmentBytes, 512);
  assert.equal(cache.usage, { records: 100, memoryBytes: 512 + 4 * 16, diskBytes: 4 * 256 });
  assert.equal(space.usage, cache.usage);
  assert.is(files().length, 1);
  cache.clear();
  assert.equal(space.usage, { records: 0, memoryBytes: 0, diskBytes: 0 });
  end();
});

test('a block of the file is read once by each reader, and not at all when it is skipped', () => {
  let reads = 0;
  const readSync = ((...args: Parameters<typeof fs.readSync>) => {
    reads++;
    return fs.readSync(...args);
  }) as typeof fs.readSync;
  const { space, end } = openSpace({ memoryBytes: 0, blockBytes: 256, calls: { ...fs, readSync } });
  const cache = new DataCache<number>(space);
  for (let i = 0; i < 10 * 16 + 1; i++) cache.append(i);
  assert.equal([...cache.values()], range(161));
  assert.is(reads, 10);
  const reader = cache.reader(8 * 16 + 1);
  while (reader.hasNext) reader.next();
  assert.is(reads, 12);
  end();
});

test('reading beyond the end, or from beyond it, is a bug that is named', () => {
  const { space, end } = openSpace();
  const cache = new DataCache<number>(space);
  cache.append(1);
  const reader = cache.reader(1);
  throws(() => reader.next(), 'ERR_GYRE_INTERNAL', /beyond its end/);
  throws(() => cache.reader(2), 'ERR_GYRE_INTERNAL', /no record 2/);
  throws(() => cache.reader(-1), 'ERR_GYRE_INTERNAL', /no record -1/);
  cache.append(2);
  assert.is(reader.next(), 2, 'a reader at the end goes on when there is more');
  end();
});

test.run();
