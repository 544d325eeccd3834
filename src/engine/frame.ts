/** What travels on a channel, and the epochs that mean something else than a round. */

/** Frame kinds that a subtask handles. */
export const RECORD = 1;
/** An epoch watermark. */
export const WATERMARK = 2;
export const END_OF_INPUT = 3;
/** An event-time watermark; its time is the frame's timestamp. */
export const EVENT_TIME = 4;

/** Frame kinds of a link between two threads, which belong to no channel. */
export const BARRIER = 8;
/** The other thread has left the job: nothing more will come from it. */
export const LEFT = 9;

/** Flag: the payload is a descriptor of a segment in the producer's memory. */
export const LARGE = 0x100;
/** Flag: the payload begins with a timestamp, a float64. */
export const TIMED = 0x200;
/** Flag: an epoch watermark of the record's channel and epoch follows it. */
export const ENDS_EPOCH = 0x400;
/** The kind without its flags. */
export const KIND = 0xff;

/** The epoch watermark that means "the iteration is over", as operators see it. */
export const END_EPOCH = 2147483646;
/** What END_EPOCH becomes when the tail adds one: the head's sign to end its outputs. */
export const FINAL_EPOCH = 2147483647;
/** Before the first epoch watermark. */
export const NO_EPOCH = -1;

/** One frame of a channel, as its consumer gets it. */
export interface Frame {
  readonly kind: number;
  readonly value: unknown;
  readonly epoch: number;
  /** Event time in milliseconds, NaN for none. */
  readonly timestamp: number;
}
