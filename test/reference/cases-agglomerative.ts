/** Cases of the distances of points to each other. */
import { pairDistances, pointDistances, spanningStep } from './agglomerative.js';
import { BITS, ints, type KernelCases, values, zeros } from './inputs.js';
import type { Random } from './random.js';
import type { Arg } from './run.js';

const SHAPES: readonly (readonly [count: number, d: number])[] = [
  [0, 3],
  [1, 1],
  [2, 2],
  [3, 7],
  [9, 16],
  [25, 3],
];

/** Inputs for every measure: ordinary, with edge values, and of small integers, which tie. */
function* everywhere(
  random: Random,
  rows: number,
  make: (count: number, draw: (n: number) => Float64Array) => Float64Array,
): Iterable<Arg[]> {
  const draws = [
    (n: number) => values(random, n),
    (n: number) => values(random, n, true),
    (n: number) => Float64Array.from(ints(random, n, 3)),
  ];
  for (const [count, d] of SHAPES) {
    for (const draw of draws) {
      for (const measure of [0, 1, 2]) {
        yield [measure, d, draw(rows * d), count, draw(4 * count * d), make(count, draw)];
      }
    }
  }
}

export const AGGLOMERATIVE_CASES: readonly KernelCases[] = [
  {
    name: 'pairDistances',
    reference: pairDistances,
    inputs: (random) => everywhere(random, 4, (count) => zeros(256 * Math.ceil(count / 4))),
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'pointDistances',
    reference: pointDistances,
    inputs: (random) => everywhere(random, 1, (count) => zeros(4 * count)),
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'spanningStep',
    reference: spanningStep,
    *inputs(random) {
      // Nothing is known yet; some points are in the tree; all are.
      yield* everywhere(random, 1, (count) => zeros(4 * count).fill(Number.POSITIVE_INFINITY));
      yield* everywhere(random, 1, (count, draw) =>
        draw(4 * count).map((v) => (random.below(3) === 0 ? Number.NaN : Math.abs(v) * 2)),
      );
      yield* everywhere(random, 1, (count) => zeros(4 * count).fill(Number.NaN));
    },
    simd: BITS,
    relaxed: BITS,
  },
];
