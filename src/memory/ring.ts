/**
 * A single-producer single-consumer ring of frames in shared memory; see layout.ts for the picture.
 *
 * Neither side ever waits here: a full ring refuses a claim, an empty one has no frame. Parking is
 * the caller's, through a {@link Doorbell}.
 */
import { invariant } from '../core/errors.js';
import {
  CACHE_LINE_BYTES,
  FRAME_HEADER_BYTES,
  LARGE_RELEASED,
  PRODUCER_WAITS,
  READ_CURSOR,
  RING_HEADER_BYTES,
  WRITE_CURSOR,
} from './layout.js';

/** Kind of the frame that fills the end of the data when the next one does not fit there. */
const PAD = -1;
/** Kind of a frame that holds several messages of equal size, after the header that they share. */
const BATCH = -2;
/** Free bytes whose lines the producer takes into its cache at a time. */
const TAKEN_BYTES = 512;

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

/** A constant of this module is folded into machine code, an imported one is loaded each time. */
const HEADER: number = FRAME_HEADER_BYTES;
/** Word of a frame's header; not 0 once the frame is published. */
const KIND_WORD = 1;

/** Sets a ring up as empty. Only while no thread uses it. */
export function resetRing(buffer: SharedArrayBuffer, address: number): void {
  new Int32Array(buffer, address, (RING_HEADER_BYTES + HEADER) >> 2).fill(0);
}

/** Bytes that a frame of this payload takes in a ring. */
const frameBytes = (payload: number): number => (payload + 2 * HEADER - 1) & -HEADER;

/** Bytes from one payload of a batch to the next, so that each begins at a multiple of 8. */
export const batchStride = (payload: number): number => (payload + 7) & -8;

/** The producer's side. Frames are visible to the consumer after {@link publish}. */
export class RingWriter {
  /** The data bytes; a claim's offset counts from here. */
  readonly region: Region;
  readonly capacity: number;
  /**
   * The largest payload that goes through the ring itself; a larger one goes by descriptor. A
   * quarter of the capacity: with a pad before it, such a frame still fits a ring half full.
   */
  readonly maxPayload: number;
  readonly #header: Int32Array;
  readonly #i32: Int32Array;
  readonly #mask: number;
  #cursor: number;
  /** Where the first frame begins that is not published, and its kind, which is not written yet. */
  #published: number;
  #heldKind = 0;
  /** Where the last frame begins. */
  #last: number;
  #consumerCursor: number;
  /** Up to here the bytes are free, in this lap, and their lines were taken. */
  #limit: number;
  /** Bytes of the frame that is claimed and not committed. */
  #claimed = 0;

  constructor(buffer: SharedArrayBuffer, address: number, capacity: number) {
    invariant(capacity >= 64 && (capacity & (capacity - 1)) === 0, 'ring capacity: power of two');
    this.#header = new Int32Array(buffer, address, RING_HEADER_BYTES >> 2);
    this.region = new Region(buffer, address + RING_HEADER_BYTES, capacity);
    this.capacity = capacity;
    this.maxPayload = (capacity >> 2) - HEADER;
    this.#i32 = this.region.i32;
    this.#mask = capacity - 1;
    this.#cursor = Atomics.load(this.#header, WRITE_CURSOR);
    this.#published = this.#cursor;
    this.#last = this.#cursor;
    this.#limit = this.#cursor;
    this.#consumerCursor = Atomics.load(this.#header, READ_CURSOR);
  }

  /**
   * Reserves room for one frame.
   *
   * @returns The payload's byte offset in {@link region}, or -1 when the ring has no room now; the
   *   consumer is then asked to say when it has made some, see {@link RingReader.release}.
   */
  claim(payload: number): number {
    const bytes = frameBytes(payload);
    if (((this.#limit - this.#cursor) | 0) < bytes && !this.#moveLimit(bytes)) return -1;
    this.#claimed = bytes;
    return (this.#cursor & this.#mask) + HEADER;
  }

  /**
   * Whether a claim of that payload would succeed. When it would not, the consumer is asked to say
   * when it has made some room: each time, since what it makes at once may not be enough.
   */
  hasRoomFor(payload: number): boolean {
    const bytes = frameBytes(payload);
    const needed = bytes <= this.#tail ? bytes : this.#tail + bytes;
    if (this.#hasRoom(needed)) return true;
    Atomics.store(this.#header, PRODUCER_WAITS, 1);
    return this.#hasRoom(needed);
  }

  /** Completes the claimed frame, of that payload or less. Not visible before {@link publish}. */
  commit(payload: number, kind: number, channel: number, epoch: number): void {
    const bytes = frameBytes(payload);
    invariant(bytes <= this.#claimed, 'ring: commit of more than was claimed');
    this.#append(bytes, payload, kind, channel, epoch);
    this.#claimed = 0;
  }

  /**
   * Adds flags to the kind of the frame that was committed last, if it is of that kind, channel and
   * epoch, and not published yet. Returns whether it was.
   */
  amend(kind: number, channel: number, epoch: number, flags: number): boolean {
    if (this.#published === this.#cursor) return false;
    const i32 = this.#i32;
    const at = (this.#last & this.#mask) >> 2;
    if (i32[at + 2] !== channel || i32[at + 3] !== epoch) return false;
    if (this.#last === this.#published) {
      if (this.#heldKind !== kind) return false;
      this.#heldKind |= flags;
    } else {
      if (i32[at + 1] !== kind) return false;
      i32[at + 1] = kind | flags;
    }
    return true;
  }

  /** How many payloads of that size one batch can hold. */
  maxBatch(payload: number): number {
    return Math.floor((this.maxPayload - HEADER) / Math.max(batchStride(payload), 1));
  }

  /**
   * Reserves room for a number of payloads of equal size, {@link batchStride} apart: what they
   * share, their header, is written once. At most {@link maxBatch}.
   *
   * @returns The first payload's byte offset in {@link region}, or -1, as {@link claim} does.
   */
  claimBatch(count: number, payload: number): number {
    const offset = this.claim(HEADER + count * batchStride(payload));
    return offset < 0 ? -1 : offset + HEADER;
  }

  /** Completes the claimed batch, of that many payloads or fewer, but of one at least. */
  commitBatch(count: number, payload: number, kind: number, channel: number, epoch: number): void {
    const at = ((this.#cursor & this.#mask) + HEADER) >> 2;
    this.commit(HEADER + count * batchStride(payload), BATCH, count, 0);
    this.#writeHeader(at, payload, kind, channel, epoch);
  }

  /** Makes all committed frames visible. Returns whether there were any. */
  publish(): boolean {
    if (this.#published === this.#cursor) return false;
    const i32 = this.#i32;
    // Where the next frame will begin, there is none yet.
    i32[((this.#cursor & this.#mask) >> 2) + KIND_WORD] = 0;
    Atomics.store(i32, ((this.#published & this.#mask) >> 2) + KIND_WORD, this.#heldKind);
    this.#published = this.#cursor;
    this.#header[WRITE_CURSOR] = this.#cursor;
    return true;
  }

  /** How many large payloads the consumer has released since the ring was set up. */
  get largeReleased(): number {
    return Atomics.load(this.#header, LARGE_RELEASED);
  }

  /** Bytes to the end of the data. */
  get #tail(): number {
    return this.capacity - (this.#cursor & this.#mask);
  }

  /** A header more than is needed stays free, for the sign that no frame follows. */
  #hasRoom(bytes: number): boolean {
    if (((this.#cursor - this.#consumerCursor) | 0) + bytes + HEADER <= this.capacity) return true;
    this.#consumerCursor = Atomics.load(this.#header, READ_CURSOR);
    return ((this.#cursor - this.#consumerCursor) | 0) + bytes + HEADER <= this.capacity;
  }

  /** Writes the header of the frame at the cursor, but for the kind of one that is to be published. */
  #append(bytes: number, payload: number, kind: number, channel: number, epoch: number): void {
    const at = (this.#cursor & this.#mask) >> 2;
    this.#last = this.#cursor;
    if (this.#published === this.#cursor) {
      this.#heldKind = kind;
      this.#writeHeader(at, payload, 0, channel, epoch);
    } else {
      this.#writeHeader(at, payload, kind, channel, epoch);
    }
    this.#cursor = (this.#cursor + bytes) | 0;
  }

  /** Numbers are made int32 here, or V8 takes each through a double. */
  #writeHeader(at: number, payload: number, kind: number, channel: number, epoch: number): void {
    const i32 = this.#i32;
    i32[at] = payload | 0;
    i32[at + KIND_WORD] = kind | 0;
    i32[at + 2] = channel | 0;
    i32[at + 3] = epoch | 0;
  }

  /** Makes the next frame's bytes lie before the limit, after a pad if need be. */
  #moveLimit(bytes: number): boolean {
    if (!this.hasRoomFor(bytes - HEADER)) return false;
    const tail = this.#tail;
    if (bytes > tail) {
      this.#append(tail, tail - HEADER, PAD, 0, 0);
      this.#limit = this.#cursor;
    }
    const free = this.capacity - HEADER - ((this.#cursor - this.#consumerCursor) | 0);
    const ahead = Math.min(Math.max(bytes, TAKEN_BYTES), free, this.#tail);
    if (bytes < TAKEN_BYTES) this.#take((this.#cursor + ahead) | 0);
    this.#limit = (this.#cursor + ahead) | 0;
    return true;
  }

  /**
   * Writes a word to each line from the limit on. The consumer's cache holds those lines since it
   * read them a lap ago, and to get one back takes longer than to fill it: like this several are on
   * their way at a time, where otherwise each publication waits for those before it.
   */
  #take(limit: number): void {
    const first = (this.#limit + CACHE_LINE_BYTES - 1) & -CACHE_LINE_BYTES;
    const words = ((limit - first) | 0) >> 2;
    const at = (first & this.#mask) >> 2;
    for (let w = 0; w < words; w += CACHE_LINE_BYTES / 4) this.#i32[at + w] = 0;
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
  readonly #i32: Int32Array;
  readonly #mask: number;
  #cursor: number;
  #released: number;
  /** Messages of the current batch that are still to come, and where it begins. */
  #left = 0;
  #batch = 0;
  #stride = 0;

  constructor(buffer: SharedArrayBuffer, address: number, capacity: number) {
    this.#header = new Int32Array(buffer, address, RING_HEADER_BYTES >> 2);
    this.region = new Region(buffer, address + RING_HEADER_BYTES, capacity);
    this.capacity = capacity;
    this.#i32 = this.region.i32;
    this.#mask = capacity - 1;
    this.#cursor = Atomics.load(this.#header, READ_CURSOR);
    this.#released = this.#cursor;
  }

  /** Whether a frame waits. */
  hasFrame(): boolean {
    return this.#left !== 0 || this.#kindAtCursor() !== 0;
  }

  /** Moves to the next frame, or message of a batch. False when there is none. */
  next(): boolean {
    if (this.#left !== 0) {
      this.#left--;
      this.offset += this.#stride;
      return true;
    }
    for (let kind = this.#kindAtCursor(); kind !== 0; kind = this.#kindAtCursor()) {
      const i32 = this.#i32;
      const position = this.#cursor & this.#mask;
      const at = position >> 2;
      const start = this.#cursor;
      this.#cursor = (start + frameBytes(i32[at]!)) | 0;
      if (kind === PAD) continue;
      if (kind !== BATCH) {
        this.#open(position);
        return true;
      }
      this.#open(position + HEADER);
      this.#batch = start;
      this.#left = i32[at + 2]! - 1;
      this.#stride = batchStride(this.length);
      return true;
    }
    return false;
  }

  /**
   * Gives the room of all frames read so far back to the producer, once it is an eighth of the
   * ring: less is not worth a store. A drained ring has room for any frame all the same.
   *
   * @returns Whether the producer waits for room, and its doorbell is to be rung.
   */
  release(): boolean {
    // A batch is given back as a whole.
    const read = this.#left === 0 ? this.#cursor : this.#batch;
    if (((read - this.#released) | 0) < this.capacity >> 3) return false;
    this.#released = read;
    Atomics.store(this.#header, READ_CURSOR, read);
    if (Atomics.load(this.#header, PRODUCER_WAITS) === 0) return false;
    Atomics.store(this.#header, PRODUCER_WAITS, 0);
    return true;
  }

  /** Tells the producer that one more large payload may be freed. Payloads are taken in order. */
  releaseLarge(): void {
    Atomics.add(this.#header, LARGE_RELEASED, 1);
  }

  /** 0 while no frame is published there. */
  #kindAtCursor(): number {
    return Atomics.load(this.#i32, ((this.#cursor & this.#mask) >> 2) + KIND_WORD);
  }

  #open(position: number): void {
    const i32 = this.#i32;
    const at = position >> 2;
    this.length = i32[at]!;
    this.kind = i32[at + KIND_WORD]!;
    this.channel = i32[at + 2]!;
    this.epoch = i32[at + 3]!;
    this.offset = position + HEADER;
  }
}
