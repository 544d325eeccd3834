/**
 * LZ4 frames to bytes.
 *
 * ```text
 * 04 22 4D 18 | flags | sizes | content size 8? | dictionary 4? | check
 * block size 4 (high bit: as it is) | block | check 4?     again and again
 * 00 00 00 00 | check 4?
 * ```
 *
 * Checksums are not compared.
 *
 * @see https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md there.
 */
import { FormatError } from '../core/errors.js';

const MAGIC = 0x184d2204;
const MIN_MATCH = 4;
const STORED = 0x8000_0000;

/** Blocks may refer to those before them, so all are put into one growing array. */
class Output {
  bytes = new Uint8Array(1 << 16);
  length = 0;

  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

/** @throws {@link FormatError} `ERR_GYRE_FORMAT` for what is no frame, or a broken one. */
export function decompressLz4Frame(input: Uint8Array): Uint8Array {
  const words = new DataView(input.buffer, input.byteOffset, input.byteLength);
  if (input.length < 7 || words.getUint32(0, true) !== MAGIC) throw broken('no magic number');
  const flags = input[4]!;
  const [hasBlockCheck, hasSize, hasDictionary] = [flags & 16, flags & 8, flags & 1];
  if (hasDictionary) throw broken('it needs a dictionary');
  const output = new Output();
  if (hasSize && input.length >= 14) {
    // It is a hint: a broken file may name any size.
    output.reserve(Math.min(Number(words.getBigUint64(6, true)), input.length * 255));
  }
  let at = hasSize ? 15 : 7;
  for (;;) {
    if (at + 4 > input.length) throw broken('it ends early');
    const size = words.getUint32(at, true);
    at += 4;
    if (size === 0) return output.bytes.subarray(0, output.length);
    const end = at + (size & ~STORED);
    if (end > input.length) throw broken('a block ends early');
    const block = input.subarray(at, end);
    if (size >= STORED) {
      output.reserve(block.length);
      output.bytes.set(block, output.length);
      output.length += block.length;
    } else decompressBlock(block, output);
    at = hasBlockCheck ? end + 4 : end;
  }
}

/** Sequences of a token, literals, and a match: how far back, and how long. */
function decompressBlock(input: Uint8Array, output: Output): void {
  let at = 0;
  const length = (short: number): number => {
    let total = short;
    if (short < 15) return total;
    for (let more = 255; more === 255; total += more) {
      if (at >= input.length) throw broken('a length ends early');
      more = input[at++]!;
    }
    return total;
  };
  while (at < input.length) {
    const token = input[at++]!;
    const literals = length(token >>> 4);
    if (at + literals > input.length) throw broken('literals end early');
    output.reserve(literals);
    output.bytes.set(input.subarray(at, at + literals), output.length);
    output.length += literals;
    at += literals;
    // The last sequence has no match.
    if (at >= input.length) return;
    if (at + 2 > input.length) throw broken('an offset ends early');
    const back = input[at]! | (input[at + 1]! << 8);
    at += 2;
    copyMatch(output, back, length(token & 15) + MIN_MATCH);
  }
}

/** A match may reach into what it writes, which then repeats. */
function copyMatch(output: Output, back: number, count: number): void {
  const from = output.length - back;
  if (back === 0 || from < 0) throw broken('a match begins before the data');
  output.reserve(count);
  const { bytes, length } = output;
  if (back >= count) bytes.copyWithin(length, from, from + count);
  else for (let i = 0; i < count; i++) bytes[length + i] = bytes[from + i]!;
  output.length += count;
}

function broken(what: string): FormatError {
  return new FormatError(`An LZ4 frame cannot be decompressed: ${what}.`);
}
