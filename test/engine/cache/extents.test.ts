import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../../src/core/random.js';
import { Extents } from '../../../src/engine/cache/extents.js';

const PAGE = 4096;

test('pieces never overlap, and all given back leave an empty file', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = new JavaRandom(seed);
    const extents = new Extents();
    const taken: { start: number; bytes: number }[] = [];
    for (let step = 0; step < 200; step++) {
      if (random.nextInt(5) < 3) {
        const bytes = 1 + random.nextInt(4 * PAGE);
        const start = extents.take(bytes);
        assert.ok(start + bytes <= extents.end, `seed ${seed}: beyond the end`);
        const over = taken.some((t) => start < t.start + t.bytes && t.start < start + bytes);
        assert.not(over, `seed ${seed}: an overlap`);
        taken.push({ start, bytes });
      } else if (taken.length > 0) {
        const [piece] = taken.splice(random.nextInt(taken.length), 1);
        extents.give(piece!.start, piece!.bytes);
      }
      const last = Math.max(0, ...taken.map((t) => t.start + Math.ceil(t.bytes / PAGE) * PAGE));
      assert.is(extents.end, last, `seed ${seed}: the end is that of the last piece`);
    }
    for (const { start, bytes } of taken) extents.give(start, bytes);
    assert.is(extents.end, 0);
  }
});

test('the lowest hole that is large enough is taken first', () => {
  const extents = new Extents();
  const starts = [1, 2, 1, 3].map((pages) => extents.take(pages * PAGE));
  assert.equal(starts, [0, PAGE, 3 * PAGE, 4 * PAGE]);
  extents.give(starts[0]!, PAGE);
  extents.give(starts[2]!, PAGE);
  assert.is(extents.take(2 * PAGE), 7 * PAGE);
  assert.is(extents.take(100), 0);
  extents.give(starts[1]!, 2 * PAGE);
  assert.is(extents.take(3 * PAGE), PAGE, 'neighbours have joined');
});

test('first in first out uses a bounded part of the file', () => {
  const random = new JavaRandom(5);
  const extents = new Extents();
  const queue: { start: number; bytes: number }[] = [];
  for (let step = 0; step < 5000; step++) {
    const bytes = (60 + random.nextInt(5)) * PAGE;
    queue.push({ start: extents.take(bytes), bytes });
    if (queue.length <= 10) continue;
    const { start, bytes: size } = queue.shift()!;
    extents.give(start, size);
  }
  assert.ok(extents.end <= 2 * 11 * 64 * PAGE, `${extents.end / PAGE} pages`);
});

test.run();
