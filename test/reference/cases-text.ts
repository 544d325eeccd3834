/** Cases of text and of the counts of what stands in it. */
import { BITS, ints, type KernelCases, SIZES, zeros } from './inputs.js';
import type { Random } from './random.js';
import type { Arg } from './run.js';
import * as text from './text.js';

/** Rows of letters of both cases, bytes beside them, white space of all kinds, and UTF-8. */
function textRows(random: Random, count: number): Uint8Array[] {
  const special = [9, 10, 11, 12, 13, 32, 32, 32, 8, 14, 31, 33, 64, 65, 90, 91, 0x85, 0xa0, 0xff];
  return Array.from({ length: count }, (_, i) => {
    const length = i % 5 === 0 ? random.below(3) : random.below(80);
    return Uint8Array.from({ length }, () =>
      random.below(3) === 0 ? special[random.below(special.length)]! : 64 + random.below(60),
    );
  });
}

function offsetsOf(lengths: readonly number[], first: number): Int32Array {
  const offsets = new Int32Array(lengths.length + 1);
  offsets[0] = first;
  for (const [i, length] of lengths.entries()) offsets[i + 1] = offsets[i]! + length;
  return offsets;
}

function splitCase(rows: readonly Uint8Array[], first: number, flags: number): Arg[] {
  const before = Array.from({ length: first }, () => 66);
  const bytes = Uint8Array.from([...before, ...rows.flatMap((row) => [...row])]);
  const lengths = rows.map((row) => row.length);
  const size = bytes.length - first;
  return [
    rows.length,
    offsetsOf(lengths, first),
    bytes,
    flags & 1,
    flags >> 1,
    new Int32Array(rows.length + 1),
    new Int32Array(size + rows.length + 1),
    new Uint8Array(size),
  ];
}

export const TEXT_CASES: readonly KernelCases[] = [
  {
    name: 'splitWhitespace',
    reference: text.splitWhitespace,
    *inputs(random) {
      for (const count of [0, 1, 2, 5, 40]) {
        for (const flags of [0, 1, 2, 3]) {
          yield splitCase(textRows(random, count), random.below(4), flags);
        }
      }
      const encoder = new TextEncoder();
      const known = [
        '',
        ' ',
        '  ',
        'a',
        ' a',
        'a ',
        'a  b',
        'Ä É ß',
        '\u3000x\u00a0Y',
        '東京 OSLO ',
      ];
      yield splitCase(
        known.map((row) => encoder.encode(row)),
        0,
        3,
      );
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'floorMods',
    reference: text.floorMods,
    *inputs(random) {
      for (const n of SIZES) {
        for (const divisor of [1, 2, 3, 100, 262144, 2 ** 31 - 1]) {
          const hashes = ints(random, n, 2 ** 32);
          hashes.set([-(2 ** 31), -1, 2 ** 31 - 1, 0].slice(0, n));
          yield [n, hashes, divisor, n % 2 === 0 ? hashes : new Int32Array(n)];
        }
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'countSlots',
    reference: text.countSlots,
    *inputs(random) {
      for (const longest of [1, 2, 5, 32, 33, 300]) {
        for (const distinct of [1, 3, 50, 2 ** 31 - 2]) {
          for (const [minCount, minShare] of [
            [0, 0],
            [2, 0],
            [1.5, 0],
            [0, 0.25],
          ] as const) {
            const lengths = Array.from({ length: 12 }, () => random.below(longest + 1));
            const offsets = offsetsOf(lengths, 0);
            const n = offsets.at(-1)!;
            const slots = ints(random, n, distinct + 1).map((slot) => slot - 1);
            yield [
              ...[lengths.length, offsets, slots, minCount, minShare, random.below(2)],
              ...[new Int32Array(lengths.length + 1), new Int32Array(n), zeros(n)],
            ];
          }
        }
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
];
