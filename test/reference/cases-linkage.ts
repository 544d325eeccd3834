/** Cases of the rows of distances between clusters. */
import { BITS, ints, type KernelCases, values, zeros } from './inputs.js';
import {
  changedNeighbours,
  gatherColumn,
  gatherEntries,
  nearestTwo,
  scatterEntries,
  unionDistances,
} from './linkage.js';
import type { Random } from './random.js';

/** Entries of rows, as kernels take them. */
const COUNTS: readonly number[] = [0, 4, 8, 12, 64, 100, 1000];

/** Distances: ordinary, with edge values, and of small integers, which tie. */
function* rowsOf(random: Random, count: number): Iterable<() => Float64Array> {
  yield () => values(random, count).map(Math.abs);
  yield () => values(random, count, true).map(Math.abs);
  yield () => Float64Array.from(ints(random, count, 3));
}

/** NaN for one place of `share`; for 1, all are empty. */
function absentOf(random: Random, count: number, share: number): Float64Array {
  return zeros(count).map(() => (random.below(share) === 0 ? Number.NaN : 0));
}

const positions = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);

export const LINKAGE_CASES: readonly KernelCases[] = [
  {
    name: 'unionDistances',
    reference: unionDistances,
    *inputs(random) {
      for (const count of COUNTS) {
        for (const draw of rowsOf(random, count)) {
          for (const linkage of [0, 1, 2]) {
            const [x, y] = [draw(), draw()];
            const sizes = Float64Array.from(ints(random, count, 50), (n) => n + 1);
            const absent = absentOf(random, count, 5);
            const [nx, ny] = [1 + random.below(9), 1 + random.below(9)];
            for (const out of [zeros(count), x, y]) {
              yield [linkage, count, x, y, 0.25, nx, ny, sizes, absent, out];
            }
          }
        }
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'nearestTwo',
    reference: nearestTwo,
    *inputs(random) {
      for (const count of COUNTS) {
        for (const draw of rowsOf(random, count)) {
          for (const share of [1, 2, 50]) {
            yield [count, draw(), absentOf(random, count, share), zeros(2), new Int32Array(2)];
          }
        }
        const far = zeros(count).fill(Number.POSITIVE_INFINITY);
        yield [count, far, zeros(count), zeros(2), new Int32Array(2)];
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'changedNeighbours',
    reference: changedNeighbours,
    *inputs(random) {
      for (const count of COUNTS) {
        for (const draw of rowsOf(random, count)) {
          for (const end of [2, 40, 2000]) {
            const places = () => ints(random, count, end).map((place) => place - 1);
            const [x, y] = [random.below(end), random.below(end)];
            // Few of the others are near.
            const bound = draw().map((distance) => distance / 20);
            yield [count, draw(), bound, places(), places(), x, y, new Int32Array(count)];
          }
        }
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'gatherColumn',
    reference: gatherColumn,
    *inputs(random) {
      for (const count of [0, 1, 7, 40]) {
        const [rows, stride] = [5, 8];
        const which = ints(random, count, rows);
        const places = positions(count).map((place) => 2 * place);
        const all = values(random, rows * stride, true);
        yield [count, all, stride, which, places, random.below(stride), zeros(2 * count)];
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'gatherEntries',
    reference: gatherEntries,
    *inputs(random) {
      for (const count of [0, 1, 7, 100]) {
        const x = values(random, 3 * count, true);
        const ascending = positions(count).map((place) => 3 * place + random.below(3));
        yield [count, x, ints(random, count, 3 * count), zeros(count)];
        yield [count, x, ascending, x];
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'scatterEntries',
    reference: scatterEntries,
    *inputs(random) {
      for (const count of [0, 1, 7, 100]) {
        const places = positions(count).map((place) => 3 * place + random.below(3));
        yield [count, values(random, count, true), places, zeros(3 * count)];
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
];
