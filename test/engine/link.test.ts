import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CREDIT_WORDS, InChannel, Link, RemoteChannel } from '../../src/engine/channel.js';
import { decode } from '../../src/engine/decoder.js';
import { Encoder } from '../../src/engine/encoder.js';
import { LARGE, RECORD } from '../../src/engine/frame.js';
import type { ChannelPlan } from '../../src/engine/plan.js';
import { Arena } from '../../src/memory/arena.js';
import { LocalBell } from '../../src/memory/doorbell.js';
import { RING_HEADER_BYTES } from '../../src/memory/layout.js';
import { Region, RingReader, RingWriter } from '../../src/memory/ring.js';

const CAPACITY = 4096;
const WINDOW = 1 << 19;

/** Both ends of a link in one thread: its ring, the arena of the producer, the consumer's reader. */
function linkOf(memoryBytes: number) {
  const ring = new SharedArrayBuffer(RING_HEADER_BYTES + CAPACITY);
  const memory = new SharedArrayBuffer(memoryBytes);
  const arena = new Arena({ buffer: memory }, { base: 64 });
  const writer = new RingWriter(ring, 0, CAPACITY);
  const link = new Link(writer, new LocalBell(), arena, memory);
  const reader = new RingReader(ring, 0, CAPACITY);
  const plan: ChannelPlan = {
    id: 5,
    edge: {
      id: 0,
      from: 0,
      to: 1,
      input: 0,
      partitioner: 'forward',
      kind: 'data',
      tag: null,
      key: null,
    },
    fromSubtask: 0,
    toSubtask: 0,
    fromEndpoint: 0,
    toEndpoint: 1,
  };
  const credit = new Int32Array(new SharedArrayBuffer(CREDIT_WORDS * 4));
  const channel = new RemoteChannel(plan, link, credit, []);
  const consumer = new InChannel(plan, null as never, credit, new LocalBell());
  /** Takes the next frame as a task loop does. */
  const receive = (): { value: unknown; large: boolean } | null => {
    if (!reader.next()) return null;
    const large = (reader.kind & LARGE) !== 0;
    let bytes = reader.length;
    let value: unknown;
    if (large) {
      // After the timestamp.
      const [address, length] = reader.region.f64.subarray(
        reader.offset / 8 + 1,
        reader.offset / 8 + 3,
      );
      bytes = length!;
      value = decode(new Region(memory, address!, bytes), 0);
      reader.releaseLarge();
    } else {
      value = decode(reader.region, reader.offset);
    }
    reader.release();
    consumer.consumed(bytes + 16);
    return { value, large };
  };
  return { link, arena, writer, channel, receive };
}

/** An array whose record takes exactly so many bytes. */
const recordOf = (bytes: number): Float64Array =>
  new Float64Array((bytes - 16) / 8).map((_, i) => i + bytes);

test('a payload of exactly the limit goes through the ring, 8 bytes more by descriptor', () => {
  const { link, arena, writer, channel, receive } = linkOf(1 << 20);
  const limit = writer.maxPayload;
  for (const [bytes, large] of [
    [limit - 8, false],
    [limit, false],
    [limit + 8, true],
    [CAPACITY, true],
    [20 * CAPACITY, true],
  ] as const) {
    const value = recordOf(bytes);
    assert.is(new Encoder(value).bytes, bytes);
    channel.send(RECORD, value, 3, Number.NaN);
    assert.is(receive(), null, 'not published yet');
    link.publish();
    assert.is(arena.used > 0, large);
    const got = receive();
    assert.equal(got, { value, large });
    link.publish();
    assert.is(arena.used, 0, 'the segment is freed');
  }
});

test('payloads of all sizes keep their order, and all segments are freed', () => {
  const { link, arena, channel, receive } = linkOf(1 << 22);
  const sizes = Array.from({ length: 2000 }, (_, i) => 16 + 8 * ((i * i * 13) % 1500));
  let received = 0;
  const take = () => {
    for (let got = receive(); got !== null; got = receive()) {
      assert.equal(got.value, recordOf(sizes[received++]!));
    }
  };
  for (const bytes of sizes) {
    channel.send(RECORD, recordOf(bytes), 0, Number.NaN);
    while (channel.blocked()) {
      link.publish();
      take();
      channel.flush();
    }
  }
  link.publish();
  take();
  link.publish();
  assert.is(received, sizes.length);
  assert.is(arena.used, 0);
  assert.ok(arena.peak > 0);
});

test('what is not consumed never exceeds the window by more than a record', () => {
  const { link, arena, channel, receive } = linkOf(1 << 22);
  let sent = 0;
  while (!channel.blocked()) {
    channel.send(RECORD, recordOf(8192), 0, Number.NaN);
    link.publish();
    sent++;
  }
  assert.is(sent, Math.ceil(WINDOW / (8192 + 16)));
  channel.send(RECORD, recordOf(8192), 0, Number.NaN);
  assert.ok(channel.waiting);
  assert.not(channel.canTransmit());
  assert.is(arena.used, sent * 8192);
  receive();
  assert.ok(channel.canTransmit());
  assert.ok(channel.flush());
  assert.not(channel.waiting);
});

test('memory that is too small for a payload is an error with the numbers', () => {
  const { channel, arena } = linkOf(1 << 16);
  assert.throws(
    () => channel.send(RECORD, recordOf(1 << 17), 0, Number.NaN),
    (error: { code?: string }) => error.code === 'ERR_GYRE_MEMORY',
  );
  assert.is(arena.used, 0);
});

test.run();
