/** What the two threads of the ring bench do: who sends, over what, how much. */

/** `ours` writes frames; `peer` is ringbuf.js, which copies elements in and out. */
export type Transport = 'ours' | 'ours, large' | 'ringbuf.js';

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
  /** Of one number per 64 bytes, which is its message's number. */
  readonly sum: number;
}

/** The sum that a consumer must get. */
export function expectedSum(messages: number, bytes: number): number {
  return (bytes / 64) * ((messages * (messages - 1)) / 2);
}
