/** What travels on a channel, and the epochs that mean something else than a round. */

/** Frame kinds. `LARGE` is a flag: the payload is a descriptor of a segment in the producer's memory. */
export const RECORD = 1;
export const WATERMARK = 2;
export const END_OF_INPUT = 3;
export const LARGE = 0x100;

/** The epoch watermark that means "the iteration is over", as operators see it. */
export const END_EPOCH = 2147483646;
/** What END_EPOCH becomes when the tail adds one: the head's sign to end its outputs. */
export const FINAL_EPOCH = 2147483647;
/** Before the first epoch watermark. */
export const NO_EPOCH = -1;
