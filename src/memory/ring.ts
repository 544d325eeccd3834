/**
 * A single-producer single-consumer ring of frames in shared memory; see layout.ts for the picture.
 *
 * Neither side ever waits here: a full ring refuses a claim, an empty one has no frame. Parking is
 * the caller's, through a {@link Doorbell}.
 */
import { invariant } from '../core/errors.js';
import { alignUp, FRAME_HEADER_BYTES, LINE_BYTES, RING_HEADER_BYTES } from './layout.js';

const WRITE_CURSOR = 0;
const PRODUCER_WAITS = 1;
const READ_CURSOR = LINE_BYTES / 4;
const LARGE_RELEASED = READ_CURSOR + 1;
/** Kind of the frame that fills the end of the data when the next one does not fit there. */
const PAD = -1;

/** Shared views over a piece of memory, for those who encode into it and decode from it. */
export class Region {
  readonly bytes: Buffer;
  readonly i32: Int32Array;
  readonly f64: Float64Array;

  /** @param address A multiple of 8. @param length In bytes, a multiple of 8. */
  constructor(buffer: ArrayBufferLike, address: number, length: number) {
    this.bytes = Buffer.from(buffer as ArrayBuffer, address, length);
    this.i32 = new Int32Array(buffer, address, Math.floor(length / 4));
    this.f64 = new Float64Array(buffer, address, Math.floor(length / 8));
  }
}

/** Sets a ring up as empty. Only while no thread uses it. */
export function resetRing(buffer: SharedArrayBuffer, address: number): void {
  new Int32Array(buffer, address, RING_HEADER_BYTES >> 2).fill(0);
}

/** Bytes that a frame of this payload takes in a ring. */
const frameBytes = (payload: number): number =>
  FRAME_HEADER_BYTES + alignUp(payload, FRAME_HEADER_BYTES);

/** The producer's side. Frames are visible to the consumer after {@link publish}. */
export class RingWriter {
  /** The data bytes; a claim's offset counts from here. */
  readonly region: Region;
  readonly capacity: number;
  readonly #header: Int32Array;
  #cursor = 0;
  #published = 0;
  #consumerCursor = 0;
  #claimed = -1;

  constructor(buffer: SharedArrayBuffer, address: number, capacity: number) {
    invariant(capacity >= 64 && (capacity & (capacity - 1)) === 0, 'ring capacity: power of two');
    this.#header = new Int32Array(buffer, address, RING_HEADER_BYTES >> 2);
    this.region = new Region(buffer, address + RING_HEADER_BYTES, capacity);
    this.capacity = capacity;
    this.#cursor = Atomics.load(this.#header, WRITE_CURSOR);
    this.#published = this.#cursor;
    this.#consumerCursor = Atomics.load(this.#header, READ_CURSOR);
  }

  /**
   * The largest payload that goes through the ring itself; a larger one goes by descriptor. A
   * quarter of the capacity: with a pad before it, such a frame still fits a ring half full.
   */
  get maxPayload(): number {
    return (this.capacity >> 2) - FRAME_HEADER_BYTES;
  }

  /**
   * Reserves room for one frame.
   *
   * @returns The payload's byte offset in {@link region}, or -1 when the ring has no room now; the
   *   consumer is then asked to say when it has made some, see {@link RingReader.release}.
   */
  claim(payload: number): number {
    if (!this.hasRoomFor(payload)) return -1;
    const bytes = frameBytes(payload);
    const position = this.#cursor & (this.capacity - 1);
    const tail = this.capacity - position;
    let start = position;
    if (bytes > tail) {
      this.#writeHeader(position, tail - FRAME_HEADER_BYTES, PAD, 0, 0);
      this.#cursor = (this.#cursor + tail) | 0;
      start = 0;
    }
    this.#claimed = start;
    return start + FRAME_HEADER_BYTES;
  }

  /**
   * Whether a claim of that payload would succeed. When it would not, the consumer is asked to say
   * when it has made some room: each time, since what it makes at once may not be enough.
   */
  hasRoomFor(payload: number): boolean {
    const bytes = frameBytes(payload);
    const tail = this.capacity - (this.#cursor & (this.capacity - 1));
    const needed = bytes <= tail ? bytes : tail + bytes;
    if (this.#hasRoom(needed)) return true;
    Atomics.store(this.#header, PRODUCER_WAITS, 1);
    return this.#hasRoom(needed);
  }

  /** Completes the claimed frame. It is not visible before {@link publish}. */
  commit(payload: number, kind: number, channel: number, epoch: number): void {
    invariant(this.#claimed >= 0, 'ring: commit without claim');
    this.#writeHeader(this.#claimed, payload, kind, channel, epoch);
    this.#cursor = (this.#cursor + frameBytes(payload)) | 0;
    this.#claimed = -1;
  }

  /** Makes all committed frames visible. Returns whether there were any. */
  publish(): boolean {
    if (this.#published === this.#cursor) return false;
    Atomics.store(this.#header, WRITE_CURSOR, this.#cursor);
    this.#published = this.#cursor;
    return true;
  }

  /** How many large payloads the consumer has released since the ring was set up. */
  get largeReleased(): number {
    return Atomics.load(this.#header, LARGE_RELEASED);
  }

  #hasRoom(bytes: number): boolean {
    if (((this.#cursor - this.#consumerCursor) | 0) + bytes <= this.capacity) return true;
    this.#consumerCursor = Atomics.load(this.#header, READ_CURSOR);
    return ((this.#cursor - this.#consumerCursor) | 0) + bytes <= this.capacity;
  }

  #writeHeader(
    position: number,
    payload: number,
    kind: number,
    channel: number,
    epoch: number,
  ): void {
    const { i32 } = this.region;
    const at = position >> 2;
    i32[at] = payload;
    i32[at + 1] = kind;
    i32[at + 2] = channel;
    i32[at + 3] = epoch;
  }
}

/** The consumer's side. */
export class RingReader {
  readonly region: Region;
  readonly capacity: number;
  /** The current frame, valid after {@link next} returned true and until {@link release}. */
  kind = 0;
  channel = 0;
  epoch = 0;
  /** Byte offset and length of the payload in {@link region}. */
  offset = 0;
  length = 0;
  readonly #header: Int32Array;
  #cursor: number;
  #released: number;
  #producerCursor: number;

  constructor(buffer: SharedArrayBuffer, address: number, capacity: number) {
    this.#header = new Int32Array(buffer, address, RING_HEADER_BYTES >> 2);
    this.region = new Region(buffer, address + RING_HEADER_BYTES, capacity);
    this.capacity = capacity;
    this.#cursor = Atomics.load(this.#header, READ_CURSOR);
    this.#released = this.#cursor;
    this.#producerCursor = this.#cursor;
  }

  /** Whether a frame waits. */
  hasFrame(): boolean {
    if (this.#cursor !== this.#producerCursor) return true;
    this.#producerCursor = Atomics.load(this.#header, WRITE_CURSOR);
    return this.#cursor !== this.#producerCursor;
  }

  /** Moves to the next frame. False when there is none. */
  next(): boolean {
    const { i32 } = this.region;
    while (this.hasFrame()) {
      const position = this.#cursor & (this.capacity - 1);
      const at = position >> 2;
      const length = i32[at]!;
      const kind = i32[at + 1]!;
      this.#cursor = (this.#cursor + frameBytes(length)) | 0;
      if (kind === PAD) continue;
      this.kind = kind;
      this.length = length;
      this.channel = i32[at + 2]!;
      this.epoch = i32[at + 3]!;
      this.offset = position + FRAME_HEADER_BYTES;
      return true;
    }
    return false;
  }

  /**
   * Gives the room of all frames read so far back to the producer.
   *
   * @returns Whether the producer waits for room, and its doorbell is to be rung.
   */
  release(): boolean {
    if (this.#released === this.#cursor) return false;
    this.#released = this.#cursor;
    Atomics.store(this.#header, READ_CURSOR, this.#cursor);
    if (Atomics.load(this.#header, PRODUCER_WAITS) === 0) return false;
    Atomics.store(this.#header, PRODUCER_WAITS, 0);
    return true;
  }

  /** Tells the producer that one more large payload may be freed. Payloads are taken in order. */
  releaseLarge(): void {
    Atomics.add(this.#header, LARGE_RELEASED, 1);
  }
}
