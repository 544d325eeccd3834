/**
 * Where an endpoint's shared words and inbound rings lie in its memory.
 *
 * An endpoint is a thread that takes part in a job: the workers 0 .. W-1, and the main thread, W.
 * Each has its own shared WebAssembly.Memory; what others send to it is written there, so that its
 * kernels can read a payload where it arrived.
 *
 * ```text
 * 0            kernels' constant tables
 * BASE         doorbell line                 one word: parked or awake
 * + 128        ring from endpoint 0          header 2 x 128 B, then its capacity
 *              ring from endpoint 1
 *              ...
 *              ring from endpoint W          the main thread's ring is larger: batches enter here
 * arenaBase    arena                         pinned segments up, scratch down
 * limit
 * ```
 *
 * A ring:
 *
 * ```text
 * line 0   [0] write cursor      bytes ever published; the producer writes, for those who watch
 * line 1   [0] read cursor       bytes ever given back; the consumer writes, the producer reads
 *          [1] producer waits    the ring was full: ring its doorbell after the next release
 *          [2] large released    large payloads the consumer is done with
 * data     capacity bytes, a power of two; a frame never wraps: a PAD frame fills the end
 *
 * frame    i32 payload bytes | i32 kind and flags | i32 channel | i32 epoch | payload, padded to 16
 * none     -                 | i32 0              where the next frame will begin
 * batch    i32 payload bytes | i32 BATCH          | i32 count   | 0
 *          i32 bytes of each | i32 kind and flags | i32 channel | i32 epoch | count payloads, each
 *                                                                             padded to 8
 * ```
 *
 * A frame says itself that it is published: the consumer looks at the kind where the next frame
 * will begin, so that a small one has come with the very line that announces it, where a cursor on a
 * line of its own would be a second trip between the caches. Frames that are published together
 * become visible by the kind of the first one, which is written last.
 *
 * Cursors count modulo 2^32 and are compared by difference. Each lies on a 128-byte line of its
 * own (two 64-byte lines: prefetchers fetch pairs, and Apple's lines are that long). The producer
 * keeps a private copy of the read cursor, which it refreshes only when that copy says full. The
 * word that says that the producer waits is on the consumer's line, since the consumer looks at it
 * after each release and the producer writes it only when it has nothing else to do.
 *
 * What a thread may touch, at cursors r (read) <= w (write), and why no frame is seen torn:
 *
 * ```text
 *            given back     published, not given back     none    free
 *        ──┬──────────────┬──────────────────────────────┬──────┬────────┬──
 *          w - capacity   r                              w              r + capacity
 *                         consumer alone                 producer alone but for the kind at w
 *
 * producer   plain stores to [w, w'), but for the kind at w
 *            plain store of 0 to the kind at w'
 *            Atomics.store(kind at w)         consumer   Atomics.load(kind at w), not 0
 *                                                        plain loads from [w, w')
 *            Atomics.load(read cursor) = r'              Atomics.store(read cursor, r')
 *            plain stores before r' + capacity - header
 * ```
 *
 * Data is read and written by plain accesses, the kind that publishes and the read cursor by
 * `Atomics`. In ECMAScript's memory model an `Atomics.load` that reads what an `Atomics.store` wrote
 * synchronizes with it, so all that the producer wrote before its store happens before all that the
 * consumer reads after its load, and the other way round for bytes that are given back: the plain
 * accesses are free of races. The 0 at w' is among what was written before, so the consumer, who
 * goes there next, never sees what a lap ago was there. The words that announce a wait rely on more,
 * on the single order of all `Atomics` operations: the
 * producer stores "waits" and then loads the read cursor, the consumer stores the read cursor and
 * then loads "waits", so one of the two sees the other.
 */

/** Bytes of a line that two threads do not share by accident. */
export const LINE_BYTES = 128;
/** Bytes that a processor's caches pass from one to another at a time, at least. */
export const CACHE_LINE_BYTES = 64;
/** Bytes of a ring's header: the producer's line and the consumer's. */
export const RING_HEADER_BYTES: number = 2 * LINE_BYTES;
/** Int32 words of a ring's header. */
export const WRITE_CURSOR = 0;
export const READ_CURSOR: number = LINE_BYTES / 4;
export const PRODUCER_WAITS: number = READ_CURSOR + 1;
export const LARGE_RELEASED: number = READ_CURSOR + 2;
/** Bytes of a frame's header; frames start at multiples of it. */
export const FRAME_HEADER_BYTES = 16;
/** First byte of the endpoint block; kernels' constant tables end before it. */
export const ENDPOINT_BASE = 65_536;
/** Capacity of a ring between two workers. */
export const WORKER_RING_BYTES: number = 1 << 18;
/** Capacity of a ring from or to the main thread. */
export const MAIN_RING_BYTES: number = 1 << 21;

/** Rounds up to a multiple of a power of two. */
export function alignUp(bytes: number, to: number): number {
  return Math.ceil(bytes / to) * to;
}

/** The addresses of one endpoint's block. */
export interface EndpointLayout {
  readonly doorbell: number;
  /** Address and capacity of the ring from each endpoint; index = producer. */
  readonly rings: readonly { readonly address: number; readonly capacity: number }[];
  /** First byte after the block, where the arena may start. */
  readonly end: number;
}

/** The layout of endpoint `consumer` in a job of `workers` workers and the main thread. */
export function endpointLayout(consumer: number, workers: number): EndpointLayout {
  let address = ENDPOINT_BASE + LINE_BYTES;
  const rings = Array.from({ length: workers + 1 }, (_, producer) => {
    const toMain = producer === workers || consumer === workers;
    const capacity = toMain ? MAIN_RING_BYTES : WORKER_RING_BYTES;
    const ring = { address, capacity };
    address += RING_HEADER_BYTES + capacity;
    return ring;
  });
  return { doorbell: ENDPOINT_BASE, rings, end: alignUp(address, 65_536) };
}
