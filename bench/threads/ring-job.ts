/** What the two threads of the ring bench do: who sends, over what, how much. */

/**
 * `ours` writes a frame for each message, `ours, batch` one header for all that become visible at
 * once; `ours, copied` copies a message that lies elsewhere into the ring, `ours, large` sends its
 * address; `ringbuf.js` copies elements in and out.
 */
export type Transport = 'ours' | 'ours, batch' | 'ours, copied' | 'ours, large' | 'ringbuf.js';

export interface RingJob {
  readonly side: 'producer' | 'consumer';
  readonly transport: Transport;
  /** The ring, and for large payloads the producer's memory behind it. */
  readonly buffer: SharedArrayBuffer;
  readonly capacity: number;
  readonly messages: number;
  /** Bytes of a message, a multiple of 64. */
  readonly bytes: number;
  /** Messages that become visible at once; divides their number. */
  readonly batch: number;
  /** Cleared: both threads are there, and go. */
  readonly start: SharedArrayBuffer;
}

/** What the consumer says. */
export interface RingResult {
  readonly seconds: number;
  /** Of all numbers of small messages, of one per 64 bytes of large ones. */
  readonly sum: number;
}

/** A copy of as many bytes, by one thread alone, from private memory into shared memory. */
export interface CopyJob {
  readonly side: 'copy';
  readonly buffer: SharedArrayBuffer;
  readonly bytes: number;
  readonly copies: number;
}

/** Bytes of a message up to which all its numbers are written and read. */
export const SMALL_BYTES = 64;

/** The sum that a consumer must get: every number of a message is the message's own. */
export function expectedSum(messages: number, bytes: number): number {
  const numbers = bytes <= SMALL_BYTES ? bytes / 8 : bytes / 64;
  return numbers * ((messages * (messages - 1)) / 2);
}
