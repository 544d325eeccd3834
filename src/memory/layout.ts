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
 * line 0   [0] write cursor      bytes ever published; the producer writes, the consumer reads
 *          [1] producer waits    the ring was full: ring its doorbell after the next release
 * line 1   [0] read cursor       bytes ever consumed; the consumer writes, the producer reads
 *          [1] large released    large payloads the consumer is done with
 * data     capacity bytes, a power of two; a frame never wraps: a PAD frame fills the end
 *
 * frame    i32 payload bytes | i32 kind and flags | i32 channel | i32 epoch | payload, padded to 16
 * ```
 *
 * Cursors count modulo 2^32 and are compared by difference. Each lies on a 128-byte line of its
 * own (two 64-byte lines: prefetchers fetch pairs, and Apple's lines are that long), and each side
 * keeps a private copy of the other's cursor, which it refreshes only when that copy says full or
 * empty.
 */

/** Bytes of a line that two threads do not share by accident. */
export const LINE_BYTES = 128;
/** Bytes of a ring's header: the producer's line and the consumer's. */
export const RING_HEADER_BYTES: number = 2 * LINE_BYTES;
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
