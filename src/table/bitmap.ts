/**
 * Bitmaps in Arrow's order: bit `i` is bit `i % 8`, from the least significant, of byte `i / 8`.
 * A bitmap of a column always starts at bit 0; a slice that does not start at a byte is shifted.
 */
import { uint8 } from './buffers.js';

/** Bytes that hold `n` bits. */
export function bitmapBytes(n: number): number {
  return (n + 7) >>> 3;
}

/** A bitmap of `n` zeros. */
export function bitmap(n: number): Uint8Array {
  return uint8(bitmapBytes(n));
}

/** A bitmap of `n` ones; the bits after the last one are ones too. */
export function filledBitmap(n: number): Uint8Array {
  return bitmap(n).fill(0xff);
}

/** Tells whether bit `i` is set. */
export function getBit(bits: Uint8Array, i: number): boolean {
  return (bits[i >>> 3]! & (1 << (i & 7))) !== 0;
}

/** Sets bit `i`. */
export function setBit(bits: Uint8Array, i: number): void {
  bits[i >>> 3]! |= 1 << (i & 7);
}

/** Clears bit `i`. */
export function clearBit(bits: Uint8Array, i: number): void {
  bits[i >>> 3]! &= ~(1 << (i & 7));
}

/** The number of zeros among the first `n` bits. */
export function countZeros(bits: Uint8Array, n: number): number {
  const whole = n >>> 3;
  let ones = 0;
  for (let i = 0; i < whole; i++) ones += popCount(bits[i]!);
  if (n & 7) ones += popCount(bits[whole]! & ((1 << (n & 7)) - 1));
  return n - ones;
}

function popCount(byte: number): number {
  const pairs = byte - ((byte >>> 1) & 0x55);
  const quads = (pairs & 0x33) + ((pairs >>> 2) & 0x33);
  return (quads + (quads >>> 4)) & 0x0f;
}

/** Bits `start` to `end` as a bitmap from bit 0: a view when `start` is at a byte, else a copy. */
export function sliceBits(bits: Uint8Array, start: number, end: number): Uint8Array {
  const first = start >>> 3;
  const length = bitmapBytes(end - start);
  const shift = start & 7;
  if (shift === 0) return bits.subarray(first, first + length);
  const sliced = uint8(length);
  for (let i = 0; i < length; i++) {
    sliced[i] = (bits[first + i]! >>> shift) | ((bits[first + i + 1] ?? 0) << (8 - shift));
  }
  return sliced;
}

/** Copies the first `n` bits of `from` to bits `at` and on of `to`. */
export function copyBits(from: Uint8Array, n: number, to: Uint8Array, at: number): void {
  if ((at & 7) === 0) {
    to.set(from.subarray(0, n >>> 3), at >>> 3);
    for (let i = n & ~7; i < n; i++) putBit(to, at + i, getBit(from, i));
    return;
  }
  for (let i = 0; i < n; i++) putBit(to, at + i, getBit(from, i));
}

/** Sets bits `from` to `to`. */
export function setBits(bits: Uint8Array, from: number, to: number): void {
  let i = from;
  for (; i < to && (i & 7) !== 0; i++) setBit(bits, i);
  const whole = Math.max(i, to & ~7);
  bits.fill(0xff, i >>> 3, whole >>> 3);
  for (i = whole; i < to; i++) setBit(bits, i);
}

function putBit(bits: Uint8Array, i: number, on: boolean): void {
  if (on) setBit(bits, i);
  else clearBit(bits, i);
}
