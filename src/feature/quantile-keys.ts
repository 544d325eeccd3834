/**
 * Keys: doubles as integers in the same order, so that a range of doubles has a middle and parts
 * even where its ends are many powers of two apart. -0 and 0 have one key, which is 0. Kernels
 * compute the same keys (assembly/quantile.ts).
 */
const word = new DataView(new ArrayBuffer(8));

/** Ranges of values are counted in at most this many parts: 2^10. */
export const PARTS = 1024;
const PART_BITS = 10;

/** The key of a number that is not NaN. */
export function keyOf(value: number): bigint {
  word.setFloat64(0, Math.abs(value));
  const magnitude = word.getBigInt64(0);
  return value < 0 ? -magnitude : magnitude;
}

/** The number that has the key; 0 for 0. */
export function ofKey(key: bigint): number {
  word.setBigInt64(0, key < 0n ? -key : key);
  const magnitude = word.getFloat64(0);
  return key < 0n ? -magnitude : magnitude;
}

/**
 * The shift of keys by which the range [low, high] falls into at most {@link PARTS} parts:
 * `(key - key(low)) >> shift` is the part.
 */
export function partShift(low: number, high: number): number {
  const widest = (keyOf(high) - keyOf(low)).toString(2).length;
  return Math.max(0, widest - PART_BITS);
}

/** The first and the last number of a part of the range [low, high]. */
export function partBounds(low: number, high: number, part: number): [number, number] {
  const shift = BigInt(partShift(low, high));
  const first = keyOf(low) + (BigInt(part) << shift);
  const last = first + (1n << shift) - 1n;
  const end = keyOf(high);
  return [ofKey(first), ofKey(last < end ? last : end)];
}
