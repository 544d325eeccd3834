/** The two ends of a ring, each on a thread of its own, for ring.test.ts. */
import { parentPort } from 'node:worker_threads';
import { Doorbell } from '../../src/memory/doorbell.js';
import { batchStride, RingReader, RingWriter } from '../../src/memory/ring.js';

/** Where things lie in the shared memory of a test. */
export const PRODUCER_BELL = 0;
export const CONSUMER_BELL = 128;
export const RING = 256;

export interface RingTask {
  readonly role: 'produce' | 'consume';
  readonly buffer: SharedArrayBuffer;
  readonly capacity: number;
  /** Payload bytes of each message. */
  readonly sizes: Int32Array;
  /** Messages of equal size that go as batches, one behind the other; 1 for a frame each. */
  readonly run: number;
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

/** What a frame's header says beside the length; messages of a run share it. */
const headerOf = (sequence: number): readonly [number, number, number] => [
  (sequence % 1000) + 1,
  sequence,
  ~sequence,
];

function fill({ region }: RingWriter, offset: number, sequence: number, size: number): void {
  for (let i = 0; i < size; i++) region.bytes[offset + i] = byteOf(sequence, i);
}

function produce({ buffer, capacity, sizes, run, batch, delay }: RingTask): void {
  const writer = new RingWriter(buffer, RING, capacity);
  const own = new Doorbell(buffer, PRODUCER_BELL);
  const other = new Doorbell(buffer, CONSUMER_BELL);
  let unpublished = 0;
  const publish = () => {
    if (writer.publish()) other.ring();
    unpublished = 0;
    linger(delay);
  };
  /** @param payload What the claim takes of the ring. */
  const claimed = (claim: () => number, payload: number): number => {
    let offset = claim();
    while (offset < 0) {
      publish();
      own.park(() => writer.hasRoomFor(payload));
      offset = claim();
    }
    return offset;
  };
  for (let sequence = 0; sequence < sizes.length; ) {
    const size = sizes[sequence]!;
    const header = headerOf(sequence - (sequence % run));
    const left = Math.min(run - (sequence % run), sizes.length - sequence);
    const count = Math.min(left, writer.maxBatch(size));
    if (run === 1 || count === 0) {
      fill(
        writer,
        claimed(() => writer.claim(size), size),
        sequence,
        size,
      );
      writer.commit(size, ...header);
      sequence++;
    } else {
      const stride = batchStride(size);
      const offset = claimed(() => writer.claimBatch(count, size), 16 + count * stride);
      for (let k = 0; k < count; k++) fill(writer, offset + k * stride, sequence + k, size);
      writer.commitBatch(count, size, ...header);
      sequence += count;
    }
    if (++unpublished >= batch) publish();
  }
  publish();
}

function check(reader: RingReader, sequence: number, size: number, run: number): string | null {
  const { kind, channel, epoch, length, offset, region } = reader;
  const header = [kind, channel, epoch, length];
  const expected = [...headerOf(sequence - (sequence % run)), size];
  if (header.some((word, i) => word !== expected[i])) return `frame ${sequence}: header ${header}`;
  for (let i = 0; i < size; i++) {
    if (region.bytes[offset + i] !== byteOf(sequence, i)) return `frame ${sequence}: byte ${i}`;
  }
  return null;
}

/** Returns what was wrong, or null. */
function consume({ buffer, capacity, sizes, run, batch, delay }: RingTask): string | null {
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
    const wrong = check(reader, sequence, sizes[sequence]!, run);
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
