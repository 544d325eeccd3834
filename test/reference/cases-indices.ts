/** Cases of the kernels of columns of indices. */
import * as indices from './indices.js';
import { BITS, ints, type KernelCases, SIZES } from './inputs.js';
import type { Random } from './random.js';
import type { Arg } from './run.js';

const MOST = 2 ** 31 - 3;
/** What is an index, and what is none: fractions, signs, and integers around the ends of i32. */
const EDGES: readonly number[] = [
  ...[0, -0, 1, MOST, 2 ** 31 - 2, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 53, 1e300],
  ...[
    -1,
    -(2 ** 31),
    -(2 ** 31) - 1,
    0.5,
    -0.5,
    MOST - 0.5,
    5e-324,
    Infinity,
    -Infinity,
    Number.NaN,
  ],
];

/** Indices below 50, then the same with an edge value somewhere. */
function* columns(random: Random): Iterable<Float64Array> {
  for (const n of SIZES) {
    const x = Float64Array.from(ints(random, n, 50));
    yield x;
    for (const edge of n > 0 ? EDGES : []) {
      const changed = x.slice();
      changed[random.below(n)] = edge;
      yield changed;
    }
  }
}

const mosts = [-1, 0, 30, 49, MOST];

export const INDEX_CASES: readonly KernelCases[] = [
  {
    name: 'toIndices',
    reference: indices.toIndices,
    *inputs(random): Iterable<Arg[]> {
      for (const x of columns(random)) {
        for (const most of mosts) {
          for (const other of [-1, 50]) yield [x.length, x, most, other, new Int32Array(x.length)];
        }
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'largestIndex',
    reference: indices.largestIndex,
    *inputs(random): Iterable<Arg[]> {
      for (const x of columns(random)) for (const most of mosts) yield [x.length, x, most];
    },
    simd: BITS,
    relaxed: BITS,
  },
];
