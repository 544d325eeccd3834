/**
 * Channels: the way from one subtask to another, within a thread or across.
 *
 * Backpressure is per channel, so that a slow consumer never holds up frames for others that share
 * its ring: the consumer's thread always empties its rings into inboxes, and a producer whose
 * channel has WINDOW_BYTES unconsumed is not run until some are consumed. The bytes consumed are a
 * counter in shared memory. A feedback channel has no window: a cycle cannot block on itself.
 */
import type { Arena, Segment } from '../memory/arena.js';
import type { Bell } from '../memory/doorbell.js';
import { Region, type RingWriter } from '../memory/ring.js';
import { decode } from './decoder.js';
import { Encoder, type SharedEncoder } from './encoder.js';
import { BARRIER, ENDS_EPOCH, type Frame, LARGE, LEFT, RECORD, TIMED, WATERMARK } from './frame.js';
import type { ChannelPlan } from './plan.js';
import type { Subtask } from './subtask.js';

/** Unconsumed bytes after which a remote channel's producer pauses. */
const WINDOW_BYTES = 1 << 19;
/** Unconsumed records after which a local channel's producer pauses; few, since they may be large. */
const WINDOW_RECORDS = 16;
/** What a frame counts beside its payload. */
const FRAME_WEIGHT = 16;

/** What a frame takes of its channel's window; payloads of gigabytes must not overflow it. */
export function frameWeight(payloadBytes: number): number {
  return Math.min(payloadBytes, 1 << 30) + FRAME_WEIGHT;
}

/** Int32 words of one channel's credit line: [0] bytes consumed, [1] the producer waits. */
export const CREDIT_WORDS = 32;
const CONSUMED = 0;
const WAITS = 1;

/** One frame as an inbox holds it. */
export interface Delivery extends Frame {
  readonly channel: InChannel;
  /** What is given back as credit when the frame has been handled. */
  readonly weight: number;
}

/** The consumer's end. */
export class InChannel {
  readonly plan: ChannelPlan;
  readonly consumer: Subtask;
  readonly input: number;
  /** Epoch watermark and event time seen last, and whether the channel has ended. */
  mark = -1;
  time: number = Number.NEGATIVE_INFINITY;
  ended = false;
  /** Frames delivered and not yet handled; the window of a local channel. */
  pending = 0;
  readonly #credit: Int32Array | null;
  readonly #producer: Bell | null;

  constructor(
    plan: ChannelPlan,
    consumer: Subtask,
    credit: Int32Array | null,
    producer: Bell | null,
  ) {
    this.plan = plan;
    this.consumer = consumer;
    this.input = plan.edge.input;
    this.#credit = credit;
    this.#producer = producer;
  }

  /** A frame that was in the inbox has been handled. */
  consumed(weight: number): void {
    this.pending--;
    this.giveBack(weight);
  }

  /** Gives the credit of a handled frame back to the producer. */
  giveBack(weight: number): void {
    const credit = this.#credit;
    if (credit === null) return;
    Atomics.store(credit, CONSUMED, (credit[CONSUMED]! + weight) | 0);
    if (Atomics.load(credit, WAITS) === 1) {
      Atomics.store(credit, WAITS, 0);
      this.#producer!.ring();
    }
  }
}

/** The producer's end. */
export interface OutChannel {
  /** Whether the consumer is on another thread. */
  readonly isRemote: boolean;
  /** @param shared The encoding, when the record goes to other channels as well. */
  send(
    kind: number,
    value: unknown,
    epoch: number,
    timestamp: number,
    shared?: SharedEncoder,
  ): void;
  /** Whether the producer should pause. */
  blocked(): boolean;
}

/** Between two subtasks of one thread: a reference in the consumer's inbox. */
export class LocalChannel implements OutChannel {
  readonly isRemote = false;
  readonly #in: InChannel;
  readonly #window: number;

  constructor(target: InChannel) {
    this.#in = target;
    this.#window = target.plan.edge.kind === 'feedback' ? Number.POSITIVE_INFINITY : WINDOW_RECORDS;
  }

  send(kind: number, value: unknown, epoch: number, timestamp: number): void {
    this.#in.consumer.receive(this.#in, kind, value, epoch, timestamp, 0);
  }

  blocked(): boolean {
    return this.#in.pending >= this.#window;
  }
}

/** What lies in the ring for a large payload. */
const LARGE_BYTES = 24;

/** The way to another endpoint: its ring, its doorbell, and the large payloads on the way. */
export class Link {
  readonly #writer: RingWriter;
  readonly #doorbell: Bell;
  readonly #arena: Arena;
  readonly #buffer: SharedArrayBuffer;
  readonly #large: Segment[] = [];
  #freed = 0;
  /** Frames of the link itself that found no room; nothing may overtake them. */
  #pending: { readonly kind: number; readonly id: number }[] = [];
  #closed = false;

  constructor(writer: RingWriter, doorbell: Bell, arena: Arena, buffer: SharedArrayBuffer) {
    this.#writer = writer;
    this.#doorbell = doorbell;
    this.#arena = arena;
    this.#buffer = buffer;
  }

  /**
   * Writes a frame if the ring has room for it. A watermark behind a record of its epoch is a flag of
   * that one: a round is a frame less for either side.
   */
  write(
    kind: number,
    channel: number,
    epoch: number,
    timestamp: number,
    payload: Encoder | Copy | null,
  ): boolean {
    if (this.#pending.length > 0 && !this.flush()) return false;
    if (kind === WATERMARK && this.#writer.amend(RECORD, channel, epoch, ENDS_EPOCH)) return true;
    const timed = !Number.isNaN(timestamp);
    const head = timed ? 8 : 0;
    const bytes = head + (payload === null ? 0 : payload.bytes);
    if (bytes > this.#writer.maxPayload) {
      return this.#writeLarge(kind, channel, epoch, timestamp, payload!);
    }
    const offset = this.#writer.claim(bytes);
    if (offset < 0) return false;
    const { region } = this.#writer;
    if (timed) region.f64[offset >> 3] = timestamp;
    payload?.writeTo(region, offset + head);
    this.#writer.commit(bytes, timed ? kind | TIMED : kind, channel, epoch);
    return true;
  }

  /** Lies in the ring where else a payload would: timestamp, address and length. */
  #writeLarge(
    kind: number,
    channel: number,
    epoch: number,
    timestamp: number,
    payload: Encoder | Copy,
  ): boolean {
    const offset = this.#writer.claim(LARGE_BYTES);
    if (offset < 0) return false;
    const segment = this.#arena.allocate(payload.bytes);
    payload.writeTo(new Region(this.#buffer, segment.address, payload.bytes), 0);
    const { f64 } = this.#writer.region;
    f64[offset >> 3] = timestamp;
    f64[(offset >> 3) + 1] = segment.address;
    f64[(offset >> 3) + 2] = payload.bytes;
    this.#writer.commit(LARGE_BYTES, kind | TIMED | LARGE, channel, epoch);
    this.#large.push(segment);
    return true;
  }

  /** A checkpoint's barrier: what was written before belongs to it, what follows does not. */
  barrier(id: number): void {
    this.#sendOwn(BARRIER, id);
  }

  /** Tells the other side that this one has left the job. */
  leave(): void {
    this.#sendOwn(LEFT, 0);
  }

  /** The other side has left: nobody reads the ring any more. */
  close(): void {
    this.#closed = true;
    this.#pending = [];
  }

  #sendOwn(kind: number, id: number): void {
    if (this.#closed) return;
    this.#pending.push({ kind, id });
    this.flush();
  }

  /** Sends the link's own frames, as far as there is room. Returns whether none is left. */
  flush(): boolean {
    while (this.#pending.length > 0) {
      const { kind, id } = this.#pending[0]!;
      if (this.#writer.claim(0) < 0) return false;
      this.#writer.commit(0, kind, 0, id);
      this.#pending.shift();
    }
    return true;
  }

  /** Whether frames of the link itself wait for room. */
  get waiting(): boolean {
    return this.#pending.length > 0;
  }

  /** Frees the large payloads that the other side has read. */
  reclaim(): void {
    while (this.#large.length > 0 && this.#freed !== this.#writer.largeReleased) {
      this.#large.shift()!.free();
      this.#freed = (this.#freed + 1) | 0;
    }
  }

  /** Whether a frame of that payload could be written now. */
  hasRoom(bytes: number): boolean {
    return this.#writer.hasRoomFor(bytes + 8 > this.#writer.maxPayload ? LARGE_BYTES : bytes + 8);
  }

  /** Makes what was written visible, and wakes the other side if it sleeps. */
  publish(): void {
    if (this.#writer.publish()) this.#doorbell.ring();
    if (this.#large.length > 0) this.reclaim();
  }
}

/** An encoded value that waits for room. */
class Copy {
  readonly region: Region;

  constructor(encoder: Encoder) {
    this.region = new Region(new ArrayBuffer(encoder.bytes), 0, encoder.bytes);
    encoder.writeTo(this.region, 0);
  }

  get bytes(): number {
    return this.region.bytes.length;
  }

  writeTo(region: Region, offset: number): void {
    region.bytes.set(this.region.bytes, offset);
  }
}

interface Waiting {
  readonly kind: number;
  readonly epoch: number;
  readonly timestamp: number;
  readonly payload: Copy | null;
}

/** To a subtask of another thread, through the link between the two. */
export class RemoteChannel implements OutChannel {
  readonly isRemote = true;
  readonly id: number;
  readonly #link: Link;
  readonly #credit: Int32Array;
  /** Frames that found no room, in order. At most what one call of an operator emits. */
  readonly #waiting: Waiting[] = [];
  readonly #allWaiting: RemoteChannel[];
  readonly #unlimited: boolean;
  #sent = 0;
  #consumed = 0;

  /** @param allWaiting Where the channel adds itself when frames begin to wait; see {@link flush}. */
  constructor(plan: ChannelPlan, link: Link, credit: Int32Array, allWaiting: RemoteChannel[]) {
    this.#allWaiting = allWaiting;
    this.id = plan.id;
    this.#link = link;
    this.#credit = credit;
    this.#unlimited = plan.edge.kind !== 'data';
  }

  send(
    kind: number,
    value: unknown,
    epoch: number,
    timestamp: number,
    shared?: SharedEncoder,
  ): void {
    const payload = kind === RECORD ? (shared?.encoder ?? new Encoder(value)) : null;
    if (this.#waiting.length > 0 || !this.#transmit(kind, epoch, timestamp, payload)) {
      if (this.#waiting.length === 0) this.#allWaiting.push(this);
      this.#waiting.push({ kind, epoch, timestamp, payload: payload && new Copy(payload) });
    }
  }

  blocked(): boolean {
    return this.#waiting.length > 0 || !this.#hasCredit();
  }

  /** Sends what waits, as far as there is room. Returns whether anything went. */
  flush(): boolean {
    let sent = 0;
    for (const { kind, epoch, timestamp, payload } of this.#waiting) {
      if (!this.#transmit(kind, epoch, timestamp, payload)) break;
      sent++;
    }
    this.#waiting.splice(0, sent);
    return sent > 0;
  }

  /** Whether {@link flush} is worth a try. */
  canTransmit(): boolean {
    return this.#hasCredit() && this.#link.hasRoom(this.#waiting[0]?.payload?.bytes ?? 0);
  }

  get waiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** The frames that found no room yet: a checkpoint's barrier overtakes them. */
  *waitingFrames(): IterableIterator<Frame> {
    for (const { kind, epoch, timestamp, payload } of this.#waiting) {
      const value = payload === null ? undefined : decode(payload.region, 0);
      yield { kind, epoch, timestamp, value };
    }
  }

  #transmit(
    kind: number,
    epoch: number,
    timestamp: number,
    payload: Encoder | Copy | null,
  ): boolean {
    if (!this.#hasCredit()) return false;
    if (!this.#link.write(kind, this.id, epoch, timestamp, payload)) return false;
    this.#sent = (this.#sent + frameWeight(payload?.bytes ?? 0)) | 0;
    return true;
  }

  #hasCredit(): boolean {
    if (this.#unlimited || this.#inFlight() < WINDOW_BYTES) return true;
    this.#consumed = Atomics.load(this.#credit, CONSUMED);
    if (this.#inFlight() < WINDOW_BYTES) return true;
    Atomics.store(this.#credit, WAITS, 1);
    this.#consumed = Atomics.load(this.#credit, CONSUMED);
    return this.#inFlight() < WINDOW_BYTES;
  }

  #inFlight(): number {
    return (this.#sent - this.#consumed) | 0;
  }
}
