import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../src/core/random.js';
import { READ_CURSOR, RING_HEADER_BYTES, WRITE_CURSOR } from '../../src/memory/layout.js';
import { batchStride, RingReader, RingWriter, resetRing } from '../../src/memory/ring.js';
import { RING, type RingTask } from './ring-worker.js';

const SEED = 20_261_122;

const url = new URL('./ring-worker.js', import.meta.url);
const spawn = (): readonly [Worker, Worker] => [new Worker(url), new Worker(url)];
let threads = spawn();

const stop = async (): Promise<void> => {
  await Promise.all(threads.map((thread) => thread.terminate()));
};

test.after(stop);

const maxPayload = (capacity: number): number => capacity / 4 - 16;

/** Messages of one run have the size of its first. */
const sizesOfRuns = (sizes: readonly number[], run: number): Int32Array =>
  Int32Array.from(sizes, (_, i) => sizes[i - (i % run)]!);

/** A ring between two threads, whose cursors start at `start`. */
async function transfer(
  capacity: number,
  start: number,
  sizes: readonly number[],
  run: number,
  [batchIn, delayIn]: readonly [number, number],
  [batchOut, delayOut]: readonly [number, number],
): Promise<void> {
  const buffer = new SharedArrayBuffer(RING + RING_HEADER_BYTES + capacity);
  resetRing(buffer, RING);
  const words = new Int32Array(buffer);
  words[RING / 4 + WRITE_CURSOR] = start;
  words[RING / 4 + READ_CURSOR] = start;
  const common = { buffer, capacity, run, sizes: sizesOfRuns(sizes, run) };
  const tasks: RingTask[] = [
    { ...common, role: 'produce', batch: batchIn, delay: delayIn },
    { ...common, role: 'consume', batch: batchOut, delay: delayOut },
  ];
  const [sent, checked] = threads.map((thread) => once(thread, 'message'));
  threads.forEach((thread, i) => {
    thread.postMessage(tasks[i]);
  });
  const [wrong] = (await checked) as [string | null];
  if (wrong !== null) {
    // The producer waits for room that nobody will make.
    await stop();
    threads = spawn();
  }
  assert.is(wrong, null);
  await sent;
}

/** Both ends of a ring in one thread, whose cursors start at `start`. */
function ringOf(capacity: number, start = 0): { writer: RingWriter; reader: RingReader } {
  const buffer = new SharedArrayBuffer(RING_HEADER_BYTES + capacity);
  new Int32Array(buffer)[WRITE_CURSOR] = start;
  new Int32Array(buffer)[READ_CURSOR] = start;
  return {
    writer: new RingWriter(buffer, 0, capacity),
    reader: new RingReader(buffer, 0, capacity),
  };
}

const capacities = fc.constantFrom(256, 1024, 16_384);

/** Close to where the cursors wrap around 2^32, and to where they change sign. */
const starts = fc.constantFrom(0, -4096, -16, 2 ** 31 - 4096, 2 ** 31 - 16).map((at) => at | 0);

const transfers = capacities.chain((capacity) => {
  const max = maxPayload(capacity);
  const size = fc.oneof(
    fc.integer({ min: 0, max }),
    fc.integer({ min: 0, max: Math.min(40, max) }),
    fc.constantFrom(0, max, max - 1),
  );
  return fc.record({
    capacity: fc.constant(capacity),
    start: starts,
    run: fc.constantFrom(1, 1, 2, 7, 32),
    sizes: fc.array(size, { minLength: 1, maxLength: 3000, size: 'max' }),
    producer: fc.tuple(fc.constantFrom(1, 3, 100), fc.constantFrom(0, 0, 300, 5000)),
    consumer: fc.tuple(fc.constantFrom(1, 3, 100), fc.constantFrom(0, 0, 300, 5000)),
  });
});

test(`frames cross threads whole, in order and all of them, seed ${SEED}`, async () => {
  const property = fc.asyncProperty(transfers, (t) =>
    transfer(t.capacity, t.start, t.sizes, t.run, t.producer, t.consumer),
  );
  await fc.assert(property, { seed: SEED, numRuns: 120 });
});

test('many small frames cross a small ring, where both sides park often', async () => {
  const sizes = Array.from({ length: 100_000 }, (_, i) => (i * 7) % 49);
  await transfer(256, 0, sizes, 1, [1, 0], [1, 0]);
  await transfer(256, -64, sizes, 1, [100, 0], [1, 0]);
  await transfer(1024, 2 ** 31 - 64, sizes, 1, [1, 0], [100, 0]);
  await transfer(1024, -64, sizes, 9, [1, 0], [1, 0]);
});

test('frames of the largest payload fill the ring but for the room of one header', () => {
  const capacity = 1024;
  for (let round = 0; round < 10; round++) {
    const { writer, reader } = ringOf(capacity, round * capacity);
    assert.is(writer.maxPayload, 240);
    for (let i = 0; i < 4; i++) {
      if (i === 3) assert.is(writer.claim(240), -1, 'what says that no frame follows takes room');
      const payload = i === 3 ? 224 : 240;
      assert.ok(writer.claim(payload) >= 0);
      writer.commit(payload, 1, i, round);
    }
    assert.is(writer.claim(0), -1, 'full');
    assert.not(reader.hasFrame(), 'nothing is seen before it is published');
    assert.ok(writer.publish());
    assert.not(writer.publish(), 'nothing new');
    for (let i = 0; i < 4; i++) {
      assert.ok(reader.next());
      assert.equal([reader.channel, reader.length], [i, i === 3 ? 224 : 240]);
    }
    assert.not(reader.next());
    assert.is(writer.claim(0), -1, 'what is read is not yet released');
    assert.ok(reader.release(), 'the producer waits');
    assert.not(reader.release());
  }
});

test('a frame never wraps: the rest of the ring is skipped', () => {
  const capacity = 256;
  const { writer, reader } = ringOf(capacity);
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
  const { writer, reader } = ringOf(256);
  for (let i = 0; i < 3; i++) {
    writer.claim(48);
    writer.commit(48, 1, i, 0);
  }
  writer.claim(32);
  writer.commit(32, 1, 3, 0);
  writer.publish();
  assert.not(writer.hasRoomFor(0));
  for (let i = 0; i < 2; i++) {
    reader.next();
    assert.ok(reader.release(), 'the producer waits');
    assert.ok(writer.hasRoomFor(32));
    assert.not(writer.hasRoomFor(48 + 64 * (i + 1)), 'looking for room is asking to be woken');
  }
});

test('a batch arrives message by message under one header, and its room returns as a whole', () => {
  const { writer, reader } = ringOf(1024);
  const offset = writer.claimBatch(10, 12);
  for (let k = 0; k < 10; k++)
    writer.region.bytes.fill(k + 1, offset + 16 * k, offset + 16 * k + 12);
  writer.commitBatch(10, 12, 3, 4, 5);
  assert.not(reader.next(), 'nothing is seen before it is published');
  writer.publish();
  for (let k = 0; k < 10; k++) {
    assert.ok(reader.hasFrame());
    assert.ok(reader.next());
    const { kind, channel, epoch, length, region } = reader;
    assert.equal([kind, channel, epoch, length], [3, 4, 5, 12]);
    assert.ok(region.bytes.subarray(reader.offset, reader.offset + 12).every((b) => b === k + 1));
    assert.not(writer.hasRoomFor(900), 'the producer waits');
    assert.is(reader.release(), k === 9);
  }
  assert.not(reader.hasFrame());
  assert.not(reader.next());
});

test('the largest batch fills a quarter of the ring, and its messages may be empty', () => {
  const { writer, reader } = ringOf(1024);
  assert.is(writer.maxBatch(16), 14);
  assert.is(writer.maxBatch(240), 0);
  for (let i = 0; i < 4; i++) {
    assert.ok(writer.claimBatch(i === 3 ? 13 : 14, 16) >= 0);
    writer.commitBatch(i === 3 ? 1 : 14, 16, 1, i, 0);
  }
  assert.ok(writer.claimBatch(10, 0) >= 0, 'what was not used is free');
  writer.commitBatch(10, 0, 2, 0, 0);
  writer.publish();
  const got = new Map<number, number>();
  while (reader.next()) got.set(reader.kind, (got.get(reader.kind) ?? 0) + 1);
  assert.equal(
    [...got],
    [
      [1, 43],
      [2, 10],
    ],
  );
});

test('a frame that is not published yet takes flags, one that is another or is published does not', () => {
  const { writer, reader } = ringOf(1024);
  const commit = (kind: number) => {
    writer.claim(8);
    writer.commit(8, kind, 5, 6);
  };
  assert.not(writer.amend(1, 5, 6, 0x100), 'there is none');
  commit(1);
  assert.not(writer.amend(2, 5, 6, 0x100), 'another kind');
  assert.not(writer.amend(1, 4, 6, 0x100), 'another channel');
  assert.not(writer.amend(1, 5, 7, 0x100), 'another epoch');
  assert.ok(writer.amend(1, 5, 6, 0x100));
  commit(2);
  assert.not(writer.amend(1, 5, 6, 0x200), 'not the last one');
  assert.ok(writer.amend(2, 5, 6, 0x200));
  writer.publish();
  assert.not(writer.amend(2, 5, 6, 0x400), 'published');
  const kinds: number[] = [];
  while (reader.next()) kinds.push(reader.kind);
  assert.equal(kinds, [0x101, 0x202]);
});

test('a commit of more than was claimed is refused', () => {
  const { writer } = ringOf(1024);
  const refused = /commit of more than was claimed/;
  assert.throws(() => writer.commit(0, 1, 0, 0), refused);
  writer.claim(32);
  assert.throws(() => writer.commit(33, 1, 0, 0), refused);
  writer.commit(32, 1, 0, 0);
  assert.throws(() => writer.commit(32, 1, 0, 0), refused);
  writer.claimBatch(2, 8);
  assert.throws(() => writer.commitBatch(3, 8, 1, 0, 0), refused);
});

test('a ring that was read empty takes the largest frame, however little was given back', () => {
  for (let filled = 0; filled < 1024; filled += 16) {
    const { writer, reader } = ringOf(1024);
    for (let i = 0; i < filled; i += 16) {
      writer.claim(0);
      writer.commit(0, 1, 0, 0);
    }
    writer.publish();
    while (reader.next()) reader.release();
    assert.ok(writer.claim(writer.maxPayload) >= 0, `after ${filled} bytes`);
  }
});

interface Message {
  readonly header: readonly [number, number, number];
  readonly size: number;
  readonly byte: number;
}

/** Random claims, batches, publications, reads and releases, against a queue of what was sent. */
function compareWithQueue(seed: number, start: number): void {
  const random = new JavaRandom(seed);
  const { writer, reader } = ringOf(4096, start);
  const [committed, published]: [Message[], Message[]] = [[], []];
  let current: Message | null = null;
  const where = `seed ${seed}, start ${start}`;
  const write = (): void => {
    const size = random.nextInt(random.nextInt(4) === 0 ? writer.maxPayload + 1 : 70);
    const count = Math.min(random.nextInt(9), writer.maxBatch(size));
    const offset = count === 0 ? writer.claim(size) : writer.claimBatch(count, size);
    if (offset < 0 || random.nextInt(10) === 0) return;
    const header = [1 + random.nextInt(500), random.nextInt(1 << 30), random.nextInt(99)] as const;
    for (let k = 0; k < Math.max(count, 1); k++) {
      const at = offset + k * batchStride(size);
      const byte = random.nextInt(256);
      writer.region.bytes.fill(byte, at, at + size);
      committed.push({ header, size, byte });
    }
    if (count === 0) writer.commit(size, ...header);
    else writer.commitBatch(count, size, ...header);
  };
  const read = (): void => {
    assert.is(reader.next(), published.length > 0, where);
    current = published.shift() ?? null;
  };
  /** Whatever the producer does, the message that is being read stays as it was sent. */
  const check = ({ header, size, byte }: Message): void => {
    const { kind, channel, epoch, length, offset, region } = reader;
    assert.equal([kind, channel, epoch, length], [...header, size], where);
    const bytes = region.bytes.subarray(offset, offset + size);
    assert.ok(
      bytes.every((b) => b === byte),
      where,
    );
  };
  for (let turn = 0; turn < 4000; turn++) {
    const what = random.nextInt(10);
    if (what < 4) write();
    else if (what < 5) {
      writer.publish();
      published.push(...committed.splice(0));
    } else if (what < 9) read();
    else {
      reader.release();
      current = null;
    }
    if (current !== null) check(current);
  }
}

test('whatever is claimed, published, read and given back, a ring is a queue', () => {
  for (let seed = 1; seed <= 30; seed++) {
    for (const start of [0, -16, -4096, 2 ** 31 - 16, 2 ** 31 - 4096]) {
      compareWithQueue(seed, start | 0);
    }
  }
});

test.run();
