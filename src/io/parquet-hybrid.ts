/**
 * Parquet's hybrid of run-length encoding and bit packing, into typed arrays.
 *
 * ```text
 * run      := header (varint), then
 *   header even: one value of ceil(width / 8) bytes, header / 2 times
 *   header odd:  (header >> 1) groups of 8 values, width bits each, from the least significant bit
 * ```
 *
 * @see https://parquet.apache.org/docs/file-format/data-pages/encodings/
 */

/** What decoded values are written to. */
type Output = Int32Array | Uint8Array;

/** Widest value that fits the accumulator together with the rest of a byte. */
const MAX_NARROW_WIDTH = 24;

/**
 * Decodes `count` values of `width` bits from `bytes[start..end)` to `out[at..]`.
 *
 * @throws Error when the bytes end before the values; callers say which file.
 */
export function decodeHybrid(
  bytes: Uint8Array,
  start: number,
  end: number,
  width: number,
  out: Output,
  at: number,
  count: number,
): void {
  if (width === 0) {
    out.fill(0, at, at + count);
    return;
  }
  if (width > 32) throw new Error(`bit width must be at most 32, got ${width}`);
  let position = start;
  let done = 0;
  while (done < count) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      if (position >= end) throw new Error('encoded values end too early');
      const byte = bytes[position++]!;
      header |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    header >>>= 0;
    const packed = (header & 1) === 1;
    const values = Math.min(packed ? (header >>> 1) * 8 : header >>> 1, count - done);
    const needed = packed ? Math.ceil((values * width) / 8) : (width + 7) >>> 3;
    if (position + needed > end) throw new Error('encoded values end too early');
    if (!packed) {
      let value = 0;
      for (let b = 0; b < needed; b++) value |= bytes[position + b]! << (8 * b);
      out.fill(value, at + done, at + done + values);
      position += needed;
    } else {
      unpack(bytes, position, width, out, at + done, values);
      position += (header >>> 1) * width;
    }
    done += values;
  }
}

function unpack(
  bytes: Uint8Array,
  start: number,
  width: number,
  out: Output,
  at: number,
  count: number,
): void {
  if (width === 8) {
    for (let i = 0; i < count; i++) out[at + i] = bytes[start + i]!;
  } else if (width <= MAX_NARROW_WIDTH) {
    unpackNarrow(bytes, start, width, out, at, count);
  } else {
    unpackWide(bytes, start, width, out, at, count);
  }
}

function unpackNarrow(
  bytes: Uint8Array,
  start: number,
  width: number,
  out: Output,
  at: number,
  count: number,
): void {
  const mask = (1 << width) - 1;
  const end = at + count;
  let position = start;
  let accumulator = 0;
  let bits = 0;
  for (let i = at; i < end; i++) {
    while (bits < width) {
      accumulator |= bytes[position++]! << bits;
      bits += 8;
    }
    out[i] = accumulator & mask;
    accumulator >>>= width;
    bits -= width;
  }
}

/** Rare: dictionaries of more than 16 million entries. */
function unpackWide(
  bytes: Uint8Array,
  start: number,
  width: number,
  out: Output,
  at: number,
  count: number,
): void {
  let bit = start * 8;
  for (let i = 0; i < count; i++) {
    let value = 0;
    for (let b = 0; b < width; b++, bit++) {
      value |= ((bytes[bit >>> 3]! >>> (bit & 7)) & 1) << b;
    }
    out[at + i] = value;
  }
}

/**
 * Decodes definition levels, or says `null` when every one is `max`: the usual case of an optional
 * column without nulls, one run that is not written out.
 */
export function decodeLevels(
  bytes: Uint8Array,
  start: number,
  end: number,
  max: number,
  count: number,
): Uint8Array | null {
  const width = 32 - Math.clz32(max);
  if (isOneRun(bytes, start, end, max, count)) return null;
  const levels = new Uint8Array(count);
  decodeHybrid(bytes, start, end, width, levels, 0, count);
  return levels.every((level) => level === max) ? null : levels;
}

function isOneRun(
  bytes: Uint8Array,
  start: number,
  end: number,
  max: number,
  count: number,
): boolean {
  let header = 0;
  let position = start;
  for (let shift = 0; position < end; shift += 7) {
    const byte = bytes[position++]!;
    header |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return (header & 1) === 0 && header >>> 1 >= count && bytes[position] === max;
}
