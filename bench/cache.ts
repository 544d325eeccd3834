/** What does it cost to keep records in memory or on disk instead of as objects? */
import { tmpdir } from 'node:os';
import { DataCache } from '../src/engine/cache/data-cache.js';
import { SpillFolder } from '../src/engine/cache/spill-folder.js';
import { SpillQueue } from '../src/engine/cache/spill-queue.js';
import { SpillSpace } from '../src/engine/cache/spill-space.js';
import { decode } from '../src/engine/decoder.js';
import { Encoder } from '../src/engine/encoder.js';
import { Arena } from '../src/memory/arena.js';
import { Region } from '../src/memory/ring.js';
import { check, QUICK, time, timeLong } from './harness/measure.js';
import { Report } from './harness/report.js';

const report = new Report(
  import.meta.url,
  'what does it cost to keep records in memory or on disk instead of as objects?',
);
const MIB = 1 << 20;
const CACHED_BYTES = QUICK ? 16 * MIB : 200 * MIB;

const folder = SpillFolder.under(tmpdir());
process.once('exit', () => folder.remove());
const memory = { buffer: new SharedArrayBuffer(CACHED_BYTES + 64 * MIB) };
// Pages cost their first write, which is not what is measured.
new Uint8Array(memory.buffer).fill(1);

function newSpace(memoryBytes: number): SpillSpace {
  return new SpillSpace({ arena: new Arena(memory, { base: 64 }), memoryBytes, folder });
}

interface FeedbackRecord {
  readonly epoch: number;
  readonly values: Float64Array;
}

const RECORDS = 20_000;
const RECORD: FeedbackRecord = {
  epoch: 3,
  values: Float64Array.from({ length: 8 }, (_, i) => i / 3),
};

interface Fifo {
  push(value: FeedbackRecord): void;
  shift(): FeedbackRecord;
}

/** All in, all out. */
function pass(queue: Fifo): number {
  for (let i = 0; i < RECORDS; i++) queue.push(RECORD);
  let sum = 0;
  for (let i = 0; i < RECORDS; i++) sum += queue.shift().values[7]!;
  return sum;
}

/** What a queue of objects costs at least. */
function arrayQueue(): Fifo {
  let items: (FeedbackRecord | undefined)[] = [];
  let head = 0;
  return {
    push: (value) => void items.push(value),
    shift: () => {
      const value = items[head]!;
      items[head++] = undefined;
      if (head === items.length) {
        items = [];
        head = 0;
      }
      return value;
    },
  };
}

/** What records cost on their way, without a queue: written to and read from one place. */
function encodedQueue(): Fifo {
  const region = new Region(new SharedArrayBuffer(4096), 0, 4096);
  return {
    push: (value) => new Encoder(value).writeTo(region, 0),
    shift: () => decode(region, 0) as FeedbackRecord,
  };
}

const spaces = [newSpace(0), newSpace(memory.buffer.byteLength), newSpace(0)];
const queues: Readonly<Record<string, Fifo>> = {
  array: arrayQueue(),
  'encode and decode': encodedQueue(),
  'SpillQueue, live': new SpillQueue<FeedbackRecord>(spaces[0]!, RECORDS),
  'SpillQueue, memory': new SpillQueue<FeedbackRecord>(spaces[1]!, 0),
  'SpillQueue, disk': new SpillQueue<FeedbackRecord>(spaces[2]!, 0),
};
const right = pass(queues.array!);
for (const [who, queue] of Object.entries(queues)) check(pass(queue) === right, who);
const passes = time(
  Object.fromEntries(Object.entries(queues).map(([who, queue]) => [who, () => pass(queue)])),
);
for (const [who, samples] of Object.entries(passes)) {
  const what = `push and shift, ${RECORDS} deep, records of 8 f64`;
  const peer = who.endsWith('live') ? 'array' : 'encode and decode';
  const against = who.startsWith('SpillQueue') ? { who: peer, samples: passes[peer]! } : undefined;
  report.add({ what, who, samples, amounts: { records: RECORDS }, against });
}
for (const space of spaces) space.close();

/** Reads all arrays of a cache. */
function readAll(cache: DataCache<Float64Array>): number {
  let sum = 0;
  for (const reader = cache.reader(); reader.hasNext; ) sum += reader.next()[0]!;
  return sum;
}

/** What new arrays cost at least: no records, no cache. */
function copyAll(source: Uint8Array, bytes: number): number {
  let sum = 0;
  for (let at = 0; at < source.length; at += bytes) sum += source.slice(at, at + bytes)[0]!;
  return sum;
}

async function measureReading(length: number): Promise<void> {
  const count = Math.floor(CACHED_BYTES / (length * 8));
  const array = new Float64Array(length).fill(1);
  const places = { memory: newSpace(memory.buffer.byteLength), disk: newSpace(0) };
  const fill = (space: SpillSpace): DataCache<Float64Array> => {
    const cache = new DataCache<Float64Array>(space);
    for (let i = 0; i < count; i++) cache.append(array);
    return cache;
  };
  const [inMemory, onDisk] = [fill(places.memory), fill(places.disk)];
  check(inMemory.usage.diskBytes === 0, 'the cache in memory is on disk');
  check(onDisk.usage.memoryBytes < MIB, 'the cache on disk is in memory');
  check(readAll(inMemory) === count, 'read from memory');
  check(readAll(onDisk) === count, 'read from disk');
  const source = new Uint8Array(memory.buffer, 64, count * length * 8);
  const target = new Uint8Array(source.length).fill(1);
  const refill = (space: SpillSpace) => (): void => fill(space).clear();
  const [freshMemory, freshDisk] = [newSpace(places.memory.memoryBytes), newSpace(0)];
  const reads = await timeLong(
    {
      'plain copy': () => target.set(source),
      'new arrays': () => copyAll(source, length * 8),
      'from memory': () => readAll(inMemory),
      'from disk': () => readAll(onDisk),
    },
    { seconds: 1.5, fewest: 6 },
  );
  add(`read, records of ${length} f64`, reads, count * length * 8);
  // The memory is written over from here on.
  places.memory.close();
  const writes = await timeLong(
    {
      'plain copy': () => target.set(source),
      'to memory': refill(freshMemory),
      'to disk': refill(freshDisk),
    },
    { seconds: 1.5, fewest: 6 },
  );
  add(`append and clear, records of ${length} f64`, writes, count * length * 8);
  for (const space of [places.disk, freshMemory, freshDisk]) space.close();
}

function add(
  what: string,
  timed: Readonly<Record<string, readonly number[]>>,
  bytes: number,
): void {
  const peer = { who: 'plain copy', samples: timed['plain copy']! };
  for (const [who, samples] of Object.entries(timed)) {
    const against = who === peer.who ? undefined : peer;
    report.add({ what, who, samples, amounts: { B: bytes }, against });
  }
}

await measureReading(8192);
await measureReading(64);
report.remark(
  'A plain copy is one call of TypedArray.set, from shared memory to memory of its own; B/s count ' +
    'what is read, once. Records that are read are new arrays. What is on disk is in the cache of ' +
    'the file system: this is what Gyre and the system cost, not the disk.',
);
report.end();
