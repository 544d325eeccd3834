/**
 * One thread of the ring bench: sends or receives messages as fast as the other side lets it.
 *
 * A message of 64 bytes is eight f64, which are all written by the producer and all read and added
 * up by the consumer; of a larger one that is one f64 per 64 bytes. A side that finds the ring full
 * or empty looks again at once.
 */
import { RingBuffer } from 'ringbuf.js';
import { Arena, type Segment } from '../../src/memory/arena.js';
import { RING_HEADER_BYTES } from '../../src/memory/layout.js';
import { RingReader, RingWriter } from '../../src/memory/ring.js';
import { type CopyJob, type RingJob, type RingResult, SMALL_BYTES } from './ring-job.js';

/** Numbers from one of 64 bytes to the next. */
const STRIDE = 8;
const RECORD = 1;

function fill(values: Float64Array, from: number, count: number, value: number): void {
  if (count > SMALL_BYTES / 8) {
    for (let i = from; i < from + count; i += STRIDE) values[i] = value;
    return;
  }
  values[from] = value;
  values[from + 1] = value;
  values[from + 2] = value;
  values[from + 3] = value;
  values[from + 4] = value;
  values[from + 5] = value;
  values[from + 6] = value;
  values[from + 7] = value;
}

function add(values: Float64Array, from: number, count: number): number {
  let sum = 0;
  if (count > SMALL_BYTES / 8) {
    for (let i = from; i < from + count; i += STRIDE) sum += values[i]!;
    return sum;
  }
  sum = values[from]! + values[from + 1]! + (values[from + 2]! + values[from + 3]!);
  return sum + (values[from + 4]! + values[from + 5]! + (values[from + 6]! + values[from + 7]!));
}

function send({ buffer, capacity, messages, bytes, batch }: RingJob): void {
  const writer = new RingWriter(buffer, 0, capacity);
  const { f64 } = writer.region;
  for (let m = 0; m < messages; m++) {
    let offset = writer.claim(bytes);
    while (offset < 0) {
      writer.publish();
      offset = writer.claim(bytes);
    }
    fill(f64, offset >> 3, bytes >> 3, m);
    writer.commit(bytes, RECORD, 0, 0);
    if (m % batch === batch - 1) writer.publish();
  }
  writer.publish();
}

function sendBatches({ buffer, capacity, messages, bytes, batch }: RingJob): void {
  const writer = new RingWriter(buffer, 0, capacity);
  const { f64 } = writer.region;
  const count = bytes >> 3;
  for (let m = 0; m < messages; m += batch) {
    let offset = writer.claimBatch(batch, bytes);
    while (offset < 0) offset = writer.claimBatch(batch, bytes);
    for (let b = 0; b < batch; b++) fill(f64, (offset >> 3) + b * count, count, m + b);
    writer.commitBatch(batch, bytes, RECORD, 0, 0);
    writer.publish();
  }
}

function sendCopies({ buffer, capacity, messages, bytes }: RingJob): void {
  const writer = new RingWriter(buffer, 0, capacity);
  const { f64 } = writer.region;
  const message = new Float64Array(bytes >> 3);
  for (let m = 0; m < messages; m++) {
    fill(message, 0, message.length, m);
    let offset = writer.claim(bytes);
    while (offset < 0) offset = writer.claim(bytes);
    f64.set(message, offset >> 3);
    writer.commit(bytes, RECORD, 0, 0);
    writer.publish();
  }
}

function receive({ buffer, capacity, messages, bytes }: RingJob): number {
  const reader = new RingReader(buffer, 0, capacity);
  const { f64 } = reader.region;
  let sum = 0;
  for (let m = 0; m < messages; ) {
    while (reader.next()) {
      sum += add(f64, reader.offset >> 3, bytes >> 3);
      m++;
    }
    reader.release();
  }
  return sum;
}

/** As the engine does for payloads that are large for a ring: a descriptor goes through it. */
function sendLarge({ buffer, capacity, messages, bytes }: RingJob): void {
  const writer = new RingWriter(buffer, 0, capacity);
  const arena = new Arena({ buffer }, { base: RING_HEADER_BYTES + capacity });
  const memory = new Float64Array(buffer);
  const ring = writer.region.f64;
  const sent: Segment[] = [];
  let freed = 0;
  for (let m = 0; m < messages; m++) {
    while (sent.length > 0 && (sent.length >= 4 || freed !== writer.largeReleased)) {
      if (freed === writer.largeReleased) continue;
      sent.shift()!.free();
      freed++;
    }
    const segment = arena.allocate(bytes);
    sent.push(segment);
    fill(memory, segment.address >> 3, bytes >> 3, m);
    const offset = writer.claim(16);
    ring[offset >> 3] = segment.address;
    ring[(offset >> 3) + 1] = bytes;
    writer.commit(16, RECORD, 0, 0);
    writer.publish();
  }
}

function receiveLarge({ buffer, capacity, messages }: RingJob): number {
  const reader = new RingReader(buffer, 0, capacity);
  const memory = new Float64Array(buffer);
  const ring = reader.region.f64;
  let sum = 0;
  for (let m = 0; m < messages; ) {
    while (reader.next()) {
      const at = reader.offset >> 3;
      sum += add(memory, ring[at]! >> 3, ring[at + 1]! >> 3);
      reader.releaseLarge();
      m++;
    }
    reader.release();
  }
  return sum;
}

function sendPeer({ buffer, messages, bytes, batch }: RingJob): void {
  const ring = new RingBuffer(buffer, Float64Array);
  const count = bytes >> 3;
  const message = new Float64Array(count * batch);
  for (let m = 0; m < messages; m += batch) {
    for (let b = 0; b < batch; b++) fill(message, b * count, count, m + b);
    while (ring.available_write() < message.length);
    ring.push(message);
  }
}

function receivePeer({ buffer, messages, bytes, batch }: RingJob): number {
  const ring = new RingBuffer(buffer, Float64Array);
  const count = bytes >> 3;
  const message = new Float64Array(count * batch);
  let sum = 0;
  for (let m = 0; m < messages; m += batch) {
    while (ring.available_read() < message.length);
    ring.pop(message);
    for (let b = 0; b < batch; b++) sum += add(message, b * count, count);
  }
  return sum;
}

/** Seconds of one thread alone for as many copies, all over the buffer. */
function copySeconds({ buffer, bytes, copies }: CopyJob): number {
  const memory = new Float64Array(buffer);
  const message = new Float64Array(bytes >> 3);
  const began = performance.now();
  for (let c = 0; c < copies; c++) {
    fill(message, 0, message.length, c);
    memory.set(message, (c * message.length) % memory.length);
  }
  return (performance.now() - began) / 1000;
}

const SIDES = {
  ours: [send, receive],
  'ours, batch': [sendBatches, receive],
  'ours, copied': [sendCopies, receive],
  'ours, large': [sendLarge, receiveLarge],
  'ringbuf.js': [sendPeer, receivePeer],
} as const;

/** Runs one side of a job, from when both are ready. Only a consumer has a sum. */
export function ringWorker(job: RingJob | CopyJob): RingResult {
  if (job.side === 'copy') return { seconds: copySeconds(job), sum: 0 };
  const start = new Int32Array(job.start);
  Atomics.sub(start, 0, 1);
  while (Atomics.load(start, 0) > 0);
  const [produce, consume] = SIDES[job.transport];
  const began = performance.now();
  let sum = 0;
  if (job.side === 'producer') produce(job);
  else sum = consume(job);
  return { seconds: (performance.now() - began) / 1000, sum };
}
