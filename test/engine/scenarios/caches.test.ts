/** What replays and feedback keep: in memory as far as there is some, else in files. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DataCache } from '../../../src/engine/cache/data-cache.js';
import { decodeState, encodeState } from '../../../src/engine/checkpoint/cut.js';
import { openSpace, type TestSpaceOptions } from '../cache/support.js';
import { assertSame } from '../support.js';
import { upTo } from './support.js';

const NUMBERS = 10_240;
const PAGE = 4096;

/** A cache with the numbers 0 .. n - 1. */
function filled(n: number, options: TestSpaceOptions) {
  const opened = openSpace({ blockBytes: PAGE, ...options });
  const cache = new DataCache<number>(opened.space);
  for (let i = 0; i < n; i++) cache.append(i);
  const end = () => {
    cache.clear();
    opened.end();
  };
  return { ...opened, cache, end };
}

function assertReads(cache: DataCache<number>, n: number): void {
  let next = 0;
  for (const value of cache.values()) assert.is(value, next++);
  assert.is(next, n);
}

test('an empty cache has nothing to read', () => {
  const { cache, files, end } = filled(0, {});
  assert.is(cache.length, 0);
  assert.not(cache.reader().hasNext);
  assertSame(files(), []);
  end();
});

for (const [where, memoryBytes] of [
  ['memory', 1 << 20],
  ['memory that is too small, and a file,', 4 * PAGE],
  ['a file', 0],
] as const) {
  test(`${NUMBERS} numbers in ${where} are read in order, any number of times`, () => {
    const { cache, files, end } = filled(NUMBERS, { memoryBytes });
    const used = cache.segmentBytes;
    assert.ok(used <= memoryBytes);
    assert.is(used > 0, memoryBytes > 0);
    assert.is(files().length > 0, memoryBytes < 1 << 20);
    for (let i = 0; i < 3; i++) {
      assertReads(cache, NUMBERS);
      assert.is(cache.segmentBytes, used, 'reading takes no memory of the cache');
    }
    end();
  });

  test(`two caches in ${where} come back from one checkpoint, with their readers`, () => {
    const positions = [0, 50];
    const before = positions.map(() => filled(600, { memoryBytes }));
    const saved = encodeState(
      before.map(({ cache }, i) => {
        const reader = cache.reader();
        for (let n = 0; n < positions[i]!; n++) reader.next();
        return { records: [...cache.values()], position: reader.position };
      }),
      [],
    );
    for (const { end } of before) end();
    const none = () => {
      throw new Error('there are no shards here');
    };
    const states = decodeState(saved, none) as { records: number[]; position: number }[];
    assertSame(
      states.map(({ position }) => position),
      positions,
    );
    for (const { records, position } of states) {
      const { space, end } = openSpace({ blockBytes: PAGE, memoryBytes });
      const cache = new DataCache<number>(space);
      for (const record of records) cache.append(record);
      const reader = cache.reader(position);
      for (let n = position; n < 600; n++) assert.is(reader.next(), n);
      assert.not(reader.hasNext);
      assertReads(cache, 600);
      cache.clear();
      end();
    }
  });
}

test('five caches share a memory that has no room for them', () => {
  // Ten texts of 1 MiB in each, and 16 MiB for all.
  const { space, end } = openSpace({ arenaBytes: 20 << 20, memoryBytes: 16 << 20 });
  const caches = upTo(5).map(() => new DataCache<string>(space));
  for (let i = 0; i < 10; i++) {
    const text = String.fromCharCode(97 + i).repeat(1 << 20);
    for (const cache of caches) cache.append(text);
  }
  const records = caches.flatMap((cache) => [...cache.values()].map((text) => text.slice(0, 2)));
  assert.is(records.length, 50);
  const texts = upTo(10).map((i) => String.fromCharCode(97 + i).repeat(2));
  assertSame(
    records,
    upTo(5).flatMap(() => texts),
  );
  for (const cache of caches) cache.clear();
  end();
});

test.run();
