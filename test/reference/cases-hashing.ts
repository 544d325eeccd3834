/** Cases of hashing and of what turns hashes into rows. */
import * as hashing from './hashing.js';
import { BITS, ints, type KernelCases, SIZES, sized, values, zeros } from './inputs.js';
import type { Random } from './random.js';

/** Strings with ASCII, two-, three- and four-byte characters, and lone surrogates. */
export function randomText(random: Random, units: number): string {
  let text = '';
  while (text.length < units) {
    const kind = random.below(8);
    if (kind < 4) text += String.fromCharCode(random.below(128));
    else if (kind === 4) text += String.fromCharCode(random.below(0x800));
    else if (kind === 5) text += String.fromCharCode(random.below(0x10000));
    else text += String.fromCodePoint(0x10000 + random.below(0x100000));
  }
  return text;
}

function strings(random: Random): string[] {
  return [0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 33, 100].map((n, i) =>
    i % 2 === 0 ? randomText(random, n) : 'x'.repeat(n),
  );
}

function offsetsOf(parts: readonly { length: number }[]): Int32Array {
  const offsets = new Int32Array(parts.length + 1);
  for (const [i, part] of parts.entries()) offsets[i + 1] = offsets[i]! + part.length;
  return offsets;
}

const flat = (parts: readonly ArrayLike<number>[]): number[] => parts.flatMap((p) => Array.from(p));

const PREFIXES = ['', 'a', 'color=', 'é=☃'];

/** Byte strings: valid UTF-8, cut in the middle, and noise. */
function byteStrings(random: Random): Uint8Array[] {
  const valid = strings(random).map((s) => new TextEncoder().encode(s));
  const cut = valid.map((b) => b.slice(random.below(2), Math.max(0, b.length - random.below(4))));
  const noise = Array.from({ length: 60 }, () =>
    Uint8Array.from({ length: random.below(12) }, () => 0x70 + random.below(0x90)),
  );
  const known = [
    [0xef, 0xbb, 0xbf, 0x41],
    [0xc0, 0x80],
    [0xe0, 0x80, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xf0, 0x9f, 0x98],
    [0xf0, 0x9f, 0x41, 0xe2, 0x98],
  ].map((b) => Uint8Array.from(b));
  return [...valid, ...cut, ...noise, ...known];
}

export const HASHING_CASES: readonly KernelCases[] = [
  {
    name: 'murmur3Utf16',
    reference: hashing.murmur3Utf16,
    *inputs(random) {
      for (let n = 0; n < 40; n++) {
        yield [hashing.unitsOf(randomText(random, n)).slice(0, n), n, random.below(2 ** 31)];
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'murmur3Utf16Batch',
    reference: hashing.murmur3Utf16Batch,
    *inputs(random) {
      for (const prefix of PREFIXES) {
        const units = strings(random).map(hashing.unitsOf);
        const n = units.length;
        const all = Uint16Array.from(flat(units));
        yield [n, offsetsOf(units), all, hashing.unitsOf(prefix), prefix.length, new Int32Array(n)];
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'murmur3Utf8Batch',
    scratch: [5],
    reference: hashing.murmur3Utf8Batch,
    *inputs(random) {
      for (const prefix of PREFIXES) {
        const bytes = byteStrings(random);
        const n = bytes.length;
        const longest = Math.max(...bytes.map((b) => b.length));
        const text = [offsetsOf(bytes), Uint8Array.from(flat(bytes))];
        const scratch = new Uint16Array(longest);
        yield [n, ...text, hashing.unitsOf(prefix), prefix.length, scratch, new Int32Array(n)];
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'slotsOfHashes',
    reference: hashing.slotsOfHashes,
    *inputs(random) {
      for (const n of SIZES) {
        for (const numFeatures of [1, 2, 3, 100, 262144, 2 ** 30, 2 ** 31 - 1]) {
          const hashes = ints(random, n, 2 ** 32);
          hashes.set([-(2 ** 31), -1, 2 ** 31 - 1, 0].slice(0, n));
          yield [n, hashes, numFeatures, n % 2 === 0 ? hashes : new Int32Array(n)];
        }
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'gatherI32',
    reference: hashing.gatherI32,
    inputs: sized((n, random) => {
      const codes = ints(random, n, 21).map((c) => c - 1);
      return [n, codes, ints(random, 20, 1000), n % 2 === 0 ? codes : new Int32Array(n)];
    }),
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'assembleRows',
    reference: hashing.assembleRows,
    *inputs(random) {
      for (const rows of [0, 1, 2, 17, 100]) {
        for (const cols of [0, 1, 2, 7, 40]) {
          for (const slots of [1, 5, 1000]) {
            const n = rows * cols;
            const indices = ints(random, n, slots + 1).map((i) => i - 1);
            const x = random.below(3) === 0 ? null : values(random, n);
            yield [rows, cols, indices, x, new Int32Array(rows + 1), new Int32Array(n), zeros(n)];
          }
        }
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
];
