/** The two ends of a ring, each on a thread of its own, for ring.test.ts. */
import { parentPort } from 'node:worker_threads';
import { Doorbell } from '../../src/memory/doorbell.js';
import { RingReader, RingWriter } from '../../src/memory/ring.js';

/** Where things lie in the shared memory of a test. */
export const PRODUCER_BELL = 0;
export const CONSUMER_BELL = 128;
export const RING = 256;

export interface RingTask {
  readonly role: 'produce' | 'consume';
  readonly buffer: SharedArrayBuffer;
  readonly capacity: number;
  /** Payload bytes of each frame. */
  readonly sizes: Int32Array;
  /** Frames between two publications, or releases. */
  readonly batch: number;
  /** Busy turns after each batch, to be slow. */
  readonly delay: number;
}

let sink = 0;

function linger(turns: number): void {
  for (let i = 0; i < turns; i++) sink = (sink + i) | 0;
}

const byteOf = (sequence: number, i: number): number => (sequence * 31 + i * 7) & 0xff;

function produce({ buffer, capacity, sizes, batch, delay }: RingTask): void {
  const writer = new RingWriter(buffer, RING, capacity);
  const own = new Doorbell(buffer, PRODUCER_BELL);
  const other = new Doorbell(buffer, CONSUMER_BELL);
  const publish = () => {
    if (writer.publish()) other.ring();
    linger(delay);
  };
  for (let sequence = 0; sequence < sizes.length; sequence++) {
    const size = sizes[sequence]!;
    let offset = writer.claim(size);
    while (offset < 0) {
      publish();
      own.park(() => writer.hasRoomFor(size));
      offset = writer.claim(size);
    }
    for (let i = 0; i < size; i++) writer.region.bytes[offset + i] = byteOf(sequence, i);
    writer.commit(size, (sequence % 1000) + 1, sequence, ~sequence);
    if (sequence % batch === 0) publish();
  }
  publish();
}

function check(reader: RingReader, sequence: number, size: number): string | null {
  const { kind, channel, epoch, length, offset, region } = reader;
  const header = [kind, channel, epoch, length];
  const expected = [(sequence % 1000) + 1, sequence, ~sequence, size];
  if (header.some((word, i) => word !== expected[i])) return `frame ${sequence}: header ${header}`;
  for (let i = 0; i < size; i++) {
    if (region.bytes[offset + i] !== byteOf(sequence, i)) return `frame ${sequence}: byte ${i}`;
  }
  return null;
}

/** Returns what was wrong, or null. */
function consume({ buffer, capacity, sizes, batch, delay }: RingTask): string | null {
  const reader = new RingReader(buffer, RING, capacity);
  const own = new Doorbell(buffer, CONSUMER_BELL);
  const other = new Doorbell(buffer, PRODUCER_BELL);
  const release = () => {
    if (reader.release()) other.ring();
    linger(delay);
  };
  for (let sequence = 0; sequence < sizes.length; sequence++) {
    while (!reader.next()) {
      release();
      own.park(() => reader.hasFrame());
    }
    const wrong = check(reader, sequence, sizes[sequence]!);
    if (wrong !== null) return wrong;
    if (sequence % batch === 0) release();
  }
  release();
  return reader.next() ? 'a frame too many' : null;
}

parentPort?.on('message', (task: RingTask) => {
  if (task.role === 'consume') {
    parentPort?.postMessage(consume(task));
  } else {
    produce(task);
    parentPort?.postMessage(null);
  }
});
