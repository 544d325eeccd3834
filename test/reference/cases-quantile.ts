/** Cases of the kernels of order statistics and bins. */
import { BITS, type KernelCases, SIZES, shaped, values, zeros } from './inputs.js';
import * as quantile from './quantile.js';
import type { Random } from './random.js';

const { NEGATIVE_INFINITY, POSITIVE_INFINITY } = Number;

/** Values from low up, without NaN, with both zeros and both ends. */
function valuesFrom(random: Random, n: number, low: number, high: number): Float64Array {
  const ends = [low, high, 0, -0].filter((v) => v >= low && v <= high);
  return Float64Array.from({ length: n }, () => {
    if (random.below(4) === 0) return ends[random.below(ends.length)]!;
    return Math.min(high, Math.max(low, (random.unit() - 0.5) * 10 ** random.below(9)));
  });
}

/** Up to 20 edges a column, some of them equal, some columns without any. */
function edgesOf(random: Random, d: number): [Int32Array, Float64Array] {
  const columns = Array.from({ length: d }, () => {
    const some = random.f64(random.below(20)).map((v) => Math.round(v * 16) / 16);
    return some.sort();
  });
  const offsets = Int32Array.from({ length: d + 1 }, (_, t) => {
    return columns.slice(0, t).reduce((sum, { length }) => sum + length, 0);
  });
  return [offsets, Float64Array.from(columns.flatMap((column) => [...column]))];
}

export const QUANTILE_CASES: readonly KernelCases[] = [
  {
    name: 'selectBetween',
    reference: quantile.selectBetween,
    *inputs(random) {
      for (const n of SIZES) {
        for (const [low, high] of [
          [-0.5, 0.25],
          [0, 0],
          [-0, POSITIVE_INFINITY],
          [NEGATIVE_INFINITY, POSITIVE_INFINITY],
          [2, 3],
        ] as const) {
          yield [n, values(random, n, true), low, high, zeros(n)];
        }
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'countKeys',
    reference: quantile.countKeys,
    *inputs(random) {
      // The shift lets the range fall into at most 1024 parts.
      for (const [low, high, shift] of [
        [NEGATIVE_INFINITY, POSITIVE_INFINITY, 54],
        [-1, 1, 53],
        [0, 5e-324 * 1000, 0],
        [-5e-324 * 500, 5e-324 * 500, 0],
        [1, 2, 43],
        [-2, -1, 43],
      ] as const) {
        for (const n of SIZES) {
          const x = valuesFrom(random, n, low, high);
          yield [n, x, Float64Array.of(low), shift, 1024, new Int32Array(4 * 1024)];
        }
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'transposeRows',
    reference: quantile.transposeRows,
    inputs: shaped((n, d, random, edgy) => [n, d, values(random, n * d, edgy), zeros(n * d)]),
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'countEdges',
    reference: quantile.countEdges,
    inputs: shaped((n, d, random, edgy) => {
      const x = values(random, n * d, edgy).map((v) =>
        random.below(2) ? v : Math.round(v * 16) / 16,
      );
      return [n, d, x, ...edgesOf(random, d), zeros(n * d)];
    }),
    simd: BITS,
    relaxed: BITS,
  },
];
