/** How many messages and bytes a second go from thread to thread, against ringbuf.js? */
import { Piscina } from 'piscina';
import { RingBuffer } from 'ringbuf.js';
import { RING_HEADER_BYTES } from '../src/memory/layout.js';
import { resetRing } from '../src/memory/ring.js';
import { check, QUICK } from './harness/measure.js';
import { Report } from './harness/report.js';
import { median } from './harness/samples.js';
import { expectedSum, type RingJob, type RingResult, type Transport } from './threads/ring-job.js';

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

/** Sends all messages once. Returns the seconds per message, as the consumer saw them. */
async function transfer(shape: Shape, { transport, batch }: Way): Promise<number> {
  const { messages, bytes, capacity } = shape;
  const start = new SharedArrayBuffer(4);
  new Int32Array(start)[0] = 2;
  const buffer = newBuffer(transport, shape);
  const common = { transport, buffer, capacity, messages, bytes, batch, start };
  const jobs: RingJob[] = [
    { side: 'producer', ...common },
    { side: 'consumer', ...common },
  ];
  const [, got] = (await Promise.all(jobs.map((job) => pool.run(job)))) as [RingResult, RingResult];
  check(got.sum === expectedSum(messages, bytes), `${shape.what} (${transport}) lost a message`);
  return got.seconds / messages;
}

const KIB = 1024;
const share = QUICK ? 128 : 1;
const each: Way[] = [
  { who: 'ringbuf.js', transport: 'ringbuf.js', batch: 1 },
  { who: 'gyre', transport: 'ours', batch: 1 },
];
const SHAPES: Shape[] = [
  {
    what: '64 B, visible one by one',
    ...{ bytes: 64, messages: 1_048_576 / share, capacity: 256 * KIB, ways: each },
  },
  {
    what: '64 B, visible 32 at a time',
    ...{ bytes: 64, messages: 1_048_576 / share, capacity: 256 * KIB },
    ways: each.map((way) => ({ ...way, batch: 32 })),
  },
  {
    what: '64 KiB',
    ...{ bytes: 64 * KIB, messages: 8192 / share, capacity: 2048 * KIB, ways: each },
  },
  {
    what: '1 MiB',
    ...{ bytes: 1024 * KIB, messages: 1024 / share, capacity: 4096 * KIB },
    ways: [each[0]!, { who: 'gyre, by descriptor', transport: 'ours, large', batch: 1 }],
  },
];
const TURNS = QUICK ? 1 : 5;

for (const shape of SHAPES) {
  const { what, bytes, ways } = shape;
  const samples = ways.map((): number[] => []);
  for (const way of ways) await transfer(shape, way);
  for (let t = 0; t < TURNS; t++) {
    const order = [...ways.keys(), ...[...ways.keys()].reverse()];
    for (const w of order) samples[w]!.push(await transfer(shape, ways[w]!));
  }
  const peer = { who: 'ringbuf.js', samples: samples[0]! };
  for (const [w, { who }] of ways.entries()) {
    const amounts = { messages: 1, B: bytes };
    const against = w === 0 ? undefined : peer;
    report.add({ what, who, samples: samples[w]!, amounts, against });
  }
  if (bytes === 64) {
    const ratio = median(samples[0]!) / median(samples[1]!);
    report.note(`${what}: against ringbuf.js`, ratio, 'x', { atLeast: 2 });
  }
}
await pool.close();
report.remark(
  'One operation is one message: every payload is filled by the producer, one number per 64 bytes, ' +
    'and every such number is read by the consumer. ringbuf.js moves elements, without frames: its ' +
    '32 at a time is one push and one pop of 2 KiB.',
);
report.end();
