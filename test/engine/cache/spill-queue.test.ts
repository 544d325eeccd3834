// @timeout 240
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../../src/core/random.js';
import { SpillQueue } from '../../../src/engine/cache/spill-queue.js';
import { range, throws } from '../support.js';
import { anyRecord, assertEqual, oneOf, openSpace } from './support.js';

const SEEDS = 80;

/** One random life of a queue beside an array. Returns the places that its records came to. */
function live(seed: number): { memory: boolean; disk: boolean } {
  const random = new JavaRandom(seed);
  const blockBytes = oneOf(random, [64, 256, 1024]);
  const memoryBytes = oneOf(random, [0, 1, 3, 20, 1000]) * blockBytes;
  const { space, arena, end } = openSpace({
    blockBytes,
    memoryBytes,
    arenaBytes: oneOf(random, [4096, 1 << 20]),
  });
  const queue = new SpillQueue<unknown>(space, oneOf(random, [0, 1, 2, 7]));
  const places = { memory: false, disk: false };
  let expected: unknown[] = [];
  // Long runs of more pushes than shifts and of fewer, so that all boundaries are crossed often.
  let pushes = 50;
  for (let step = 0; step < 900; step++) {
    const at = `seed ${seed}, step ${step}`;
    if (step % 60 === 0) pushes = oneOf(random, [15, 40, 70]);
    const what = random.nextInt(100);
    if (what < pushes) {
      const value = anyRecord(random);
      queue.push(value);
      expected.push(value);
    } else if (what < 90) {
      if (expected.length > 0) assertEqual(queue.shift(), expected.shift(), `${at}: shift`);
    } else if (what < 96) {
      assertEqual(queue.peek(), expected[0], `${at}: peek`);
    } else if (what < 99) {
      assertEqual([...queue.values()], expected, `${at}: values`);
    } else if (random.nextInt(4) === 0) {
      queue.clear();
      assert.is(arena.used, 64, `${at}: a cleared queue holds memory`);
      expected = [];
    }
    assert.is(queue.length, expected.length, at);
    const { records, diskBytes } = queue.usage;
    assert.is(records, expected.length, at);
    if (expected.length === 0) assert.is(arena.used, 64, `${at}: an empty queue holds memory`);
    places.memory ||= arena.used > 64;
    places.disk ||= diskBytes > 0;
  }
  while (expected.length > 0) {
    assertEqual(queue.shift(), expected.shift(), `seed ${seed}: the rest`);
  }
  assert.is(queue.length, 0);
  end();
  return places;
}

test('records come out as they went in, over objects, memory and disk', () => {
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

// Scenario d-spill-fifo, without the loop around it.
test('200000 records with a tiny budget keep their order and leave no file', () => {
  const { space, files, end } = openSpace({ memoryBytes: 4096, blockBytes: 1024 });
  const queue = new SpillQueue<number>(space, 10);
  const count = 200_000;
  for (let i = 0; i < count; i++) queue.push(i);
  assert.is(files().length, 1);
  assert.ok(queue.usage.diskBytes > 0.9 * 16 * count);
  for (let i = 0; i < count; i++) {
    const value = queue.shift();
    if (value !== i) assert.unreachable(`record ${i} was ${value}`);
  }
  assert.is(queue.length, 0);
  end();
});

test('segments are freed when their last record is taken, and the file is cut when it is read', () => {
  const { space, arena, folder, files, end } = openSpace({ memoryBytes: 512, blockBytes: 256 });
  const queue = new SpillQueue<number>(space, 4);
  for (let i = 0; i < 4; i++) queue.push(i);
  assert.is(arena.used, 64, 'a few are objects');
  // 16 records to a block: two in memory, three in the file, one record on its way there.
  for (let i = 4; i < 4 + 5 * 16 + 1; i++) queue.push(i);
  assert.equal(queue.usage, { records: 85, memoryBytes: 512 + 16, diskBytes: 3 * 256 });
  const size = () => statSync(join(folder.path, files()[0]!)).size;
  assert.ok(size() >= 3 * 256);
  for (let i = 0; i < 4 + 15; i++) queue.shift();
  assert.is(arena.used, 64 + 512);
  queue.shift();
  assert.is(arena.used, 64 + 256);
  assert.is(space.usage.records, 4 * 16 + 1, 'what the space holds');
  for (let i = 0; i < 4 * 16 - 1; i++) queue.shift();
  assert.is(arena.used, 64);
  assert.ok(size() > 0);
  assert.is(queue.shift(), 4 + 5 * 16 - 1);
  assert.is(size(), 0);
  assert.is(queue.length, 1);
  queue.clear();
  assert.equal(files(), []);
  end();
});

test('a queue that never empties does not make its file longer and longer', () => {
  const { space, folder, files, end } = openSpace({ memoryBytes: 0, blockBytes: 4096 });
  const queue = new SpillQueue<number>(space, 0);
  const depth = 10_000;
  for (let i = 0; i < depth; i++) queue.push(i);
  const size = () => statSync(join(folder.path, files()[0]!)).size;
  const before = size();
  for (let i = depth; i < 20 * depth; i++) {
    queue.push(i);
    if (queue.shift() !== i - depth) assert.unreachable(`record ${i - depth}`);
  }
  assert.ok(size() <= before + 4 * 4096, `${before} bytes have become ${size()}`);
  end();
});

test('a queue that is empty again keeps objects first', () => {
  const { space, arena, end } = openSpace({ blockBytes: 64 });
  const queue = new SpillQueue<object>(space, 2);
  const records = range(9).map((i) => ({ i }));
  for (let turn = 0; turn < 3; turn++) {
    for (const record of records) queue.push(record);
    assert.is(queue.shift(), records[0], 'the first are the objects themselves');
    assert.is(queue.shift(), records[1]);
    const copy = queue.shift();
    assert.is.not(copy, records[2]);
    assert.equal(copy, records[2]);
    while (queue.length > 0) queue.shift();
    assert.is(arena.used, 64);
  }
  end();
});

test('what is changed after it was pushed beyond the live ones comes out unchanged', () => {
  for (const memoryBytes of [0, 4096]) {
    const { space, end } = openSpace({ memoryBytes, blockBytes: 64 });
    const queue = new SpillQueue<number[]>(space, 1);
    const record = [1, 2];
    for (let i = 0; i < 20; i++) queue.push(record);
    record[0] = 9;
    assert.equal(queue.shift(), [9, 2], 'a live object is the object');
    while (queue.length > 0) assert.equal(queue.shift(), [1, 2]);
    end();
  }
});

test('peek decodes a record once', () => {
  const { space, end } = openSpace({ memoryBytes: 0 });
  const queue = new SpillQueue<object>(space, 0);
  assert.is(queue.peek(), undefined);
  queue.push({ a: 1 });
  queue.push({ a: 2 });
  const first = queue.peek();
  assert.equal(first, { a: 1 });
  assert.is(queue.peek(), first);
  assert.is(queue.length, 2);
  assert.equal([...queue.values()], [{ a: 1 }, { a: 2 }]);
  assert.is(queue.shift(), first);
  assert.equal(queue.shift(), { a: 2 });
  end();
});

test('misuse is named: a shift of nothing, a shift amid values, a push after close', () => {
  const { space, end } = openSpace({ blockBytes: 64 });
  const queue = new SpillQueue<number>(space, 1);
  throws(() => queue.shift(), 'ERR_GYRE_INTERNAL', /empty queue/);
  for (let i = 0; i < 9; i++) queue.push(i);
  const amid = () => {
    for (const _ of queue.values()) queue.shift();
  };
  throws(amid, 'ERR_GYRE_INTERNAL', /values\(\) and by shift\(\)/);
  space.close();
  assert.is(queue.length, 0, 'the object was taken, the others are gone with their space');
  queue.push(1);
  throws(() => queue.push(2), 'ERR_GYRE_INTERNAL', /closed SpillSpace/);
  end();
});

test.run();
