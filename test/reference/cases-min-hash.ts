/** Cases of min-hashing. */
import { BITS, ints, type KernelCases, values, zeros } from './inputs.js';
import { minHash, nonZeros } from './min-hash.js';
import type { Random } from './random.js';

const PRIME = 2038074743;

/** Rows of items: small ones and ones near the largest; rows from `empty` on may have none. */
function itemRows(random: Random, rows: number, empty: boolean): [Int32Array, Int32Array] {
  const offsets = new Int32Array(rows + 1);
  for (let r = 0; r < rows; r++) {
    offsets[r + 1] = offsets[r]! + random.below(6) + (empty ? 0 : 1);
  }
  const indices = ints(random, offsets[rows]!, 1000).map((j) =>
    random.below(3) === 0 ? PRIME - 1 - j : j,
  );
  return [offsets, indices];
}

function coefficients(random: Random, functions: number): Int32Array {
  const drawn = ints(random, functions, PRIME);
  drawn.set([0, 1, PRIME - 1].slice(0, random.below(functions + 1)));
  return drawn;
}

export const MIN_HASH_CASES: readonly KernelCases[] = [
  {
    name: 'minHash',
    reference: minHash,
    *inputs(random) {
      for (const rows of [0, 1, 2, 17, 100]) {
        for (const functions of [1, 3, 8]) {
          for (const empty of [false, true]) {
            const [offsets, indices] = itemRows(random, rows, empty);
            const [a, b] = [coefficients(random, functions), coefficients(random, functions)];
            yield [rows, offsets, indices, functions, a, b, zeros(rows * functions)];
          }
        }
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'nonZeros',
    reference: nonZeros,
    *inputs(random) {
      for (const rows of [0, 1, 3, 40]) {
        for (const d of [1, 2, 7, 30]) {
          for (const edgy of [false, true]) {
            const x = values(random, rows * d, edgy).map((v) => (random.below(2) === 0 ? 0 : v));
            yield [rows, d, x, new Int32Array(rows + 1), new Int32Array(rows * d)];
          }
        }
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
];
