/**
 * Allocation of column memory. Everything that Gyre allocates lives in a `SharedArrayBuffer`, so
 * that workers read it in place; arrays that users hand in are taken as they are.
 */
import { MemoryLimitError } from '../core/errors.js';

/** Buffers below this size are not worth a ballast of whole pages. */
const BALLAST_BYTES = 1 << 16;

const ballast = new WeakMap<SharedArrayBuffer, ArrayBuffer>();

/**
 * Makes V8 count a shared buffer when it decides to collect garbage, which it does not do itself: a
 * loop over batches would hold gigabytes of dead ones. Each large buffer gets a resizable
 * `ArrayBuffer` of its size tied to its life, which is counted, and is never touched, so that it has
 * addresses but no pages. Memory lives until every thread has let go of its handle: one that was
 * sent to another thread is to be counted there as well.
 */
export function countShared(buffer: ArrayBufferLike): void {
  const { byteLength } = buffer;
  if (byteLength < BALLAST_BYTES || !(buffer instanceof SharedArrayBuffer)) return;
  if (ballast.has(buffer)) return;
  try {
    ballast.set(buffer, new ResizableBuffer(byteLength, { maxByteLength: byteLength }));
  } catch {
    // No addresses left for it: the buffer itself is there.
  }
}

function shared(bytes: number): SharedArrayBuffer {
  let buffer: SharedArrayBuffer;
  try {
    buffer = new SharedArrayBuffer(bytes);
  } catch (cause) {
    throw new MemoryLimitError(`A buffer of ${bytes} bytes cannot be allocated.`, {
      details: { bytes },
      cause,
    });
  }
  countShared(buffer);
  return buffer;
}

/** `ArrayBuffer` with the option of ES2024, which every supported Node has. */
const ResizableBuffer = ArrayBuffer as unknown as new (
  bytes: number,
  options: { readonly maxByteLength: number },
) => ArrayBuffer;

/** `n` zeros as 64-bit floats. */
export function float64(n: number): Float64Array<SharedArrayBuffer> {
  return new Float64Array(shared(n * 8));
}

/** `n` zeros as 32-bit floats. */
export function float32(n: number): Float32Array<SharedArrayBuffer> {
  return new Float32Array(shared(n * 4));
}

/** `n` zeros as 32-bit integers. */
export function int32(n: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(shared(n * 4));
}

/** `n` zeros as 64-bit integers. */
export function int64(n: number): BigInt64Array<SharedArrayBuffer> {
  return new BigInt64Array(shared(n * 8));
}

/** `n` zero bytes. */
export function uint8(n: number): Uint8Array<SharedArrayBuffer> {
  return new Uint8Array(shared(n));
}

/** `Uint8Array` of any memory as a Node `Buffer` over the same bytes, for its text methods. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}

/** The two 32-bit halves of 64-bit integers over the same memory: low, high, low, high, ... */
export function words(values: BigInt64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length * 2);
}

const TWO_32 = 2 ** 32;

/** The 64-bit integer at `i` of {@link words} as a number; beyond 2^53 it is rounded. */
export function wordsToNumber(halves: Int32Array, i: number): number {
  return halves[2 * i + 1]! * TWO_32 + (halves[2 * i]! >>> 0);
}

/** Stores an integer number (|value| <= 2^53) as the 64-bit integer at `i` of {@link words}. */
export function numberToWords(halves: Int32Array, i: number, value: number): void {
  halves[2 * i + 1] = Math.floor(value / TWO_32);
  halves[2 * i] = value | 0;
}
