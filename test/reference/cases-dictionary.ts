/** Cases of dictionaries. Keys of more than 16 bytes lie elsewhere: they are added, and not kept. */
import * as dictionary from './dictionary.js';
import { BITS, type KernelCases } from './inputs.js';
import type { Random } from './random.js';

interface Rows {
  readonly n: number;
  readonly offsets: Int32Array | null;
  readonly width: number;
  readonly bytes: Uint8Array;
  readonly validity: Uint8Array | null;
}

/** Rows of few distinct keys: some the beginning of others, some with zeros at their end. */
function rowsOf(random: Random, n: number, longest: number, width = 0): Rows {
  const keys = Array.from({ length: 1 + random.below(40) }, () =>
    Uint8Array.from({ length: width || random.below(longest + 1) }, () => random.below(3)),
  );
  const cells = Array.from({ length: n }, () => keys[random.below(keys.length)]!);
  const offsets = new Int32Array(n + 1);
  cells.forEach((cell, i) => {
    offsets[i + 1] = offsets[i]! + cell.length;
  });
  const hasNull = random.below(2) === 0;
  return {
    n,
    offsets: width > 0 ? null : offsets,
    width,
    bytes: Uint8Array.from(cells.flatMap((cell) => [...cell])),
    validity: hasNull ? Uint8Array.from({ length: (n + 7) >> 3 }, () => random.below(256)) : null,
  };
}

const SHAPES = [
  [0, 8, 0],
  [1, 3, 0],
  [5, 16, 0],
  [200, 5, 0],
  [300, 16, 0],
  [300, 0, 8],
  [300, 0, 4],
] as const;

/** A table with the keys of some rows. */
function filled(rows: Rows, slots: number): { slots: Int32Array; entries: Int32Array } {
  const table = { slots: new Int32Array(8 * slots), entries: new Int32Array(slots / 2 + 1) };
  const { n, offsets, width, bytes, validity } = rows;
  const args = [0, n, offsets, width, bytes, bytes.length, validity, null] as const;
  dictionary.dictionaryAdd(...args, table.slots, slots - 1, table.entries, slots / 2);
  return table;
}

export const DICTIONARY_CASES: readonly KernelCases[] = [
  {
    name: 'dictionaryAdd',
    // Slots have addresses, which the reference has not; what is in them shows in the others.
    scratch: [8],
    reference: dictionary.dictionaryAdd,
    *inputs(random) {
      for (const [n, longest, width] of [...SHAPES, [200, 17, 0], [200, 100, 0]] as const) {
        for (const room of [1, 16, 64]) {
          const { offsets, bytes, validity } = rowsOf(random, n, longest, width);
          const hasWeights = random.below(2) === 0;
          const weights = hasWeights ? Int32Array.from({ length: n }, () => random.below(9)) : null;
          const start = random.below(n + 1);
          const table = [new Int32Array(16 * room), 2 * room - 1, new Int32Array(room + 1), room];
          yield [start, n, offsets, width, bytes, bytes.length, validity, weights, ...table];
        }
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'dictionaryFind',
    reference: dictionary.dictionaryFind,
    *inputs(random) {
      for (const [n, longest, width] of SHAPES) {
        for (const slots of [32, 128]) {
          const { slots: table } = filled(rowsOf(random, n, longest, width), slots);
          const { offsets, bytes, validity } = rowsOf(random, n, longest, width);
          const rows = [n, offsets, width, bytes, bytes.length, validity];
          yield [...rows, table, slots - 1, n % 2 === 0 ? -1 : 7, new Float64Array(n)];
        }
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'dictionaryGrow',
    reference: dictionary.dictionaryGrow,
    *inputs(random) {
      for (const [n, longest, width] of SHAPES) {
        const { slots, entries } = filled(rowsOf(random, n, longest, width), 64);
        for (const larger of [64, 256]) {
          yield [slots, entries, new Int32Array(8 * larger), larger - 1];
        }
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'dictionaryKeep',
    reference: dictionary.dictionaryKeep,
    *inputs(random) {
      for (const [n, longest, width] of [...SHAPES, [200, 17, 0], [200, 100, 0]] as const) {
        const { slots, entries } = filled(rowsOf(random, n, longest, width), 128);
        for (const from of [0, entries[0]!, random.below(entries[0]! + 1)]) {
          yield [slots, entries, from, null];
        }
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'dictionaryList',
    reference: dictionary.dictionaryList,
    *inputs(random) {
      for (const [n, longest, width] of SHAPES) {
        const { slots, entries } = filled(rowsOf(random, n, longest, width), 64);
        const count = entries[0]!;
        const [offsets, values] = [new Int32Array(count + 1), new Int32Array(count)];
        yield [slots, entries, offsets, new Uint8Array(16 * count), values];
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
];
