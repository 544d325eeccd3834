/** How many messages and bytes a second go from thread to thread, against ringbuf.js? */
import { Piscina } from 'piscina';
import { RingBuffer } from 'ringbuf.js';
import { RING_HEADER_BYTES } from '../src/memory/layout.js';
import { resetRing } from '../src/memory/ring.js';
import { check, QUICK } from './harness/measure.js';
import { Report } from './harness/report.js';
import { median } from './harness/samples.js';
import {
  type CopyJob,
  expectedSum,
  type RingJob,
  type RingResult,
  type Transport,
} from './threads/ring-job.js';

const report = new Report(
  import.meta.url,
  'how many messages and bytes a second go from thread to thread, against ringbuf.js?',
);
const pool = new Piscina({
  filename: new URL('./threads/ring-worker.js', import.meta.url).href,
  name: 'ringWorker',
  minThreads: 2,
  maxThreads: 2,
  idleTimeout: Number.POSITIVE_INFINITY,
});

interface Way {
  readonly who: string;
  readonly transport: Transport;
  readonly batch: number;
}

interface Shape {
  readonly what: string;
  readonly bytes: number;
  readonly messages: number;
  readonly capacity: number;
  readonly ways: readonly Way[];
  /** What the second way's ratio to ringbuf.js should be. */
  readonly goal?: number;
}

/** Payloads by descriptor lie behind the ring: four at a time. */
function newBuffer(transport: Transport, { capacity, bytes }: Shape): SharedArrayBuffer {
  if (transport === 'ringbuf.js') {
    return RingBuffer.getStorageForCapacity(capacity >> 3, Float64Array) as SharedArrayBuffer;
  }
  const behind = transport === 'ours, large' ? 8 * bytes : 0;
  const buffer = new SharedArrayBuffer(RING_HEADER_BYTES + capacity + behind);
  resetRing(buffer, 0);
  return buffer;
}

/** A page costs its first write, which is not what is measured. Zero is what is there. */
function touchPages(buffer: SharedArrayBuffer): void {
  new Uint8Array(buffer).fill(0);
}

/** Sends all messages once. Returns the seconds per message, as the consumer saw them. */
async function transfer(shape: Shape, { transport, batch }: Way): Promise<number> {
  const { messages, bytes, capacity } = shape;
  const start = new SharedArrayBuffer(4);
  new Int32Array(start)[0] = 2;
  const buffer = newBuffer(transport, shape);
  touchPages(buffer);
  const common = { transport, buffer, capacity, messages, bytes, batch, start };
  const jobs: RingJob[] = [
    { side: 'producer', ...common },
    { side: 'consumer', ...common },
  ];
  const [, got] = (await Promise.all(jobs.map((job) => pool.run(job)))) as [RingResult, RingResult];
  check(got.sum === expectedSum(messages, bytes), `${shape.what} (${transport}) lost a message`);
  return got.seconds / messages;
}

/** Seconds that one thread alone takes to copy a message into as much shared memory. */
async function copy({ bytes, capacity }: Shape, copies: number): Promise<number> {
  const buffer = new SharedArrayBuffer(capacity);
  touchPages(buffer);
  const job: CopyJob = { side: 'copy', buffer, bytes, copies };
  const { seconds } = (await pool.run(job)) as RingResult;
  return seconds / copies;
}

const KIB = 1024;
const share = QUICK ? 64 : 1;
const peer: Way = { who: 'ringbuf.js', transport: 'ringbuf.js', batch: 1 };
const frames: Way = { who: 'gyre', transport: 'ours', batch: 1 };
const small = { bytes: 64, messages: 131_072 / share };
const batches: Way[] = [
  { ...peer, batch: 32 },
  { who: 'gyre, a batch', transport: 'ours, batch', batch: 32 },
  { who: 'gyre, 32 frames', transport: 'ours', batch: 32 },
];
const SHAPES: Shape[] = [
  {
    what: '64 B, visible one by one, ring of 256 KiB',
    ...{ ...small, capacity: 256 * KIB, ways: [peer, frames], goal: 2 },
  },
  {
    what: '64 B, visible one by one, ring of 2 MiB',
    ...{ ...small, capacity: 2048 * KIB, ways: [peer, frames], goal: 2 },
  },
  {
    what: '64 B, visible 32 at a time, ring of 256 KiB',
    ...{ ...small, capacity: 256 * KIB, ways: batches, goal: 2 },
  },
  {
    what: '64 B, visible 32 at a time, ring of 2 MiB',
    ...{ ...small, capacity: 2048 * KIB, ways: batches, goal: 2 },
  },
  {
    what: '64 KiB',
    ...{ bytes: 64 * KIB, messages: 8192 / share, capacity: 2048 * KIB, ways: [peer, frames] },
  },
  {
    what: '1 MiB',
    ...{ bytes: 1024 * KIB, messages: 512 / share, capacity: 8192 * KIB },
    ways: [
      peer,
      { who: 'gyre, copied into the ring', transport: 'ours, copied', batch: 1 },
      { who: 'gyre, by descriptor', transport: 'ours, large', batch: 1 },
    ],
  },
];
const TURNS = QUICK ? 1 : 9;

for (const shape of SHAPES) {
  const { what, bytes, ways, goal } = shape;
  const samples = ways.map((): number[] => []);
  const copies: number[] = [];
  for (let t = 0; t < 3; t++) for (const way of ways) await transfer(shape, way);
  for (let t = 0; t < TURNS; t++) {
    const order = [...ways.keys(), ...[...ways.keys()].reverse()];
    for (const w of order) samples[w]!.push(await transfer(shape, ways[w]!));
    if (bytes > shape.capacity / 16) copies.push(await copy(shape, 64));
  }
  const against = { who: 'ringbuf.js', samples: samples[0]! };
  for (const [w, { who }] of ways.entries()) {
    const amounts = { messages: 1, B: bytes };
    report.add({
      what,
      who,
      samples: samples[w]!,
      amounts,
      against: w === 0 ? undefined : against,
    });
    if (w === 0 || goal === undefined) continue;
    // Neighbours in time are compared: the machine is not the same all along.
    const ratio = median(samples[w]!.map((seconds, i) => samples[0]![i]! / seconds));
    const least = w === 1 ? { atLeast: goal } : {};
    report.note(`${what}: ${who} against ringbuf.js`, ratio, 'x', least);
  }
  if (copies.length === 0) continue;
  report.add({ what, who: 'one thread alone copies', samples: copies, amounts: { B: bytes } });
  const ratio = median(copies) / median(samples[1]!);
  report.note(`${what}: through the ring, of the bandwidth of a copy`, ratio, 'x', {
    atLeast: 0.7,
  });
}
await pool.close();
report.remark(
  'One operation is one message. Of 64 bytes all are written by the producer and all are read by ' +
    'the consumer; of larger messages one number per 64 bytes is. Gyre writes a message where the ' +
    'consumer reads it, in the ring, under a header (of each frame, or of a batch of 32); ' +
    'ringbuf.js moves elements without headers and copies them in and out, 32 by one push and one ' +
    'pop of 2 KiB. Both look again at once when the ring is full or empty; both rings have the ' +
    'same capacity.',
);
report.end();
