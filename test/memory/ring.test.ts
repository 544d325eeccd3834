import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RING_HEADER_BYTES } from '../../src/memory/layout.js';
import { RingReader, RingWriter, resetRing } from '../../src/memory/ring.js';
import { RING, type RingTask } from './ring-worker.js';

const SEED = 20_261_122;
const READ_CURSOR = RING / 4 + 32;

const url = new URL('./ring-worker.js', import.meta.url);
const [producer, consumer] = [new Worker(url), new Worker(url)];

test.after(async () => {
  await Promise.all([producer.terminate(), consumer.terminate()]);
});

const maxPayload = (capacity: number): number => capacity / 4 - 16;

/** A ring between two threads, whose cursors start at `start`. */
async function transfer(
  capacity: number,
  start: number,
  sizes: readonly number[],
  [batchIn, delayIn]: readonly [number, number],
  [batchOut, delayOut]: readonly [number, number],
): Promise<void> {
  const buffer = new SharedArrayBuffer(RING + RING_HEADER_BYTES + capacity);
  resetRing(buffer, RING);
  const words = new Int32Array(buffer);
  words[RING / 4] = start;
  words[READ_CURSOR] = start;
  const common = { buffer, capacity, sizes: Int32Array.from(sizes) };
  const tasks: RingTask[] = [
    { ...common, role: 'produce', batch: batchIn, delay: delayIn },
    { ...common, role: 'consume', batch: batchOut, delay: delayOut },
  ];
  const ends = Promise.all([once(producer, 'message'), once(consumer, 'message')]);
  producer.postMessage(tasks[0]);
  consumer.postMessage(tasks[1]);
  const [, [wrong]] = await ends;
  assert.is(wrong, null);
}

const capacities = fc.constantFrom(256, 1024, 16_384);

const transfers = capacities.chain((capacity) => {
  const max = maxPayload(capacity);
  const size = fc.oneof(
    fc.integer({ min: 0, max }),
    fc.integer({ min: 0, max: Math.min(40, max) }),
    fc.constantFrom(0, max, max - 1),
  );
  return fc.record({
    capacity: fc.constant(capacity),
    // Close to where the cursors wrap around 2^32, and to where they change sign.
    start: fc.constantFrom(0, -4096, 2 ** 31 - 4096).map((at) => at | 0),
    sizes: fc.array(size, { minLength: 1, maxLength: 3000, size: 'max' }),
    producer: fc.tuple(fc.constantFrom(1, 3, 100), fc.constantFrom(0, 0, 300, 5000)),
    consumer: fc.tuple(fc.constantFrom(1, 3, 100), fc.constantFrom(0, 0, 300, 5000)),
  });
});

test(`frames cross threads whole, in order and all of them, seed ${SEED}`, async () => {
  const property = fc.asyncProperty(transfers, (t) =>
    transfer(t.capacity, t.start, t.sizes, t.producer, t.consumer),
  );
  await fc.assert(property, { seed: SEED, numRuns: 120 });
});

test('many small frames cross a small ring, where both sides park often', async () => {
  const sizes = Array.from({ length: 100_000 }, (_, i) => (i * 7) % 49);
  await transfer(256, 0, sizes, [1, 0], [1, 0]);
  await transfer(256, -64, sizes, [100, 0], [1, 0]);
  await transfer(1024, 2 ** 31 - 64, sizes, [1, 0], [100, 0]);
});

test('frames of exactly the largest payload fill the ring, and larger ones do not fit', () => {
  const capacity = 1024;
  const buffer = new SharedArrayBuffer(RING_HEADER_BYTES + capacity);
  const writer = new RingWriter(buffer, 0, capacity);
  const reader = new RingReader(buffer, 0, capacity);
  assert.is(writer.maxPayload, 240);
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < 4; i++) {
      assert.ok(writer.claim(240) >= 0);
      writer.commit(240, 1, i, round);
    }
    assert.is(writer.claim(0), -1, 'full');
    assert.not(reader.hasFrame(), 'nothing is seen before it is published');
    assert.ok(writer.publish());
    assert.not(writer.publish(), 'nothing new');
    for (let i = 0; i < 4; i++) {
      assert.ok(reader.next());
      assert.equal([reader.channel, reader.length], [i, 240]);
    }
    assert.not(reader.next());
    assert.is(writer.claim(0), -1, 'what is read is not yet released');
    assert.ok(reader.release(), 'the producer waits');
    assert.not(reader.release());
  }
});

test('a frame never wraps: the rest of the ring is skipped', () => {
  const capacity = 256;
  const buffer = new SharedArrayBuffer(RING_HEADER_BYTES + capacity);
  const writer = new RingWriter(buffer, 0, capacity);
  const reader = new RingReader(buffer, 0, capacity);
  const offsets: number[] = [];
  for (let i = 0; i < 30; i++) {
    const payload = [0, 48, 17, 5][i % 4]!;
    const offset = writer.claim(payload);
    assert.ok(offset >= 16 && offset + payload <= capacity && offset % 16 === 0);
    offsets.push(offset);
    writer.region.bytes.fill(i, offset, offset + payload);
    writer.commit(payload, 7, i, 0);
    writer.publish();
    assert.ok(reader.next());
    assert.equal([reader.kind, reader.channel, reader.length], [7, i, payload]);
    assert.is(reader.offset, offset);
    for (let b = 0; b < payload; b++) assert.is(reader.region.bytes[offset + b], i);
    reader.release();
  }
  assert.ok(new Set(offsets).size > 4);
});

test('a producer that still has no room after a release asks again', () => {
  const buffer = new SharedArrayBuffer(RING_HEADER_BYTES + 256);
  const writer = new RingWriter(buffer, 0, 256);
  const reader = new RingReader(buffer, 0, 256);
  for (let i = 0; i < 4; i++) {
    writer.claim(48);
    writer.commit(48, 1, i, 0);
  }
  writer.publish();
  assert.not(writer.hasRoomFor(48));
  for (let i = 0; i < 2; i++) {
    reader.next();
    assert.ok(reader.release(), 'the producer waits');
    assert.ok(writer.hasRoomFor(48));
    assert.not(writer.hasRoomFor(48 + 64 * (i + 1)), 'looking for room is asking to be woken');
  }
});

test.run();
