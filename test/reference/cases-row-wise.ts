/** Cases of the kernels of row-wise stages: norms, monomials and cosine transforms. */
import { chirpTables, cosineTables, fourierTables } from '../../src/feature/cosine-transform.js';
import { monomialCount, monomialNodes } from '../../src/feature/monomials.js';
import { BITS, FUSED, type KernelCases, values, zeros } from './inputs.js';
import type { Random } from './random.js';
import * as rowWise from './row-wise.js';
import type { Tolerance } from './run.js';

const NORMS = [1, 2, Number.POSITIVE_INFINITY];
/** Entries whose norm overflows, all but vanishes, or is a subnormal number. */
const SCALES = [1, 1e300, 1.7e308, 1e-200, 1e-310, 0];
/** Sums of up to some hundred terms below 1, of length at most √d. */
const COSINES: Tolerance = { rtol: 0, atol: 2e-13 };
const ROWS = [0, 1, 2, 3, 5];

function scaled(random: Random, n: number, scale: number): Float64Array {
  return random.f64(n).map((v) => v * scale);
}

export const ROW_WISE_CASES: readonly KernelCases[] = [
  {
    name: 'normalizeRows',
    reference: rowWise.normalizeRows,
    *inputs(random) {
      for (const p of NORMS) {
        for (const [n, d] of [
          [0, 3],
          [3, 0],
          [1, 1],
          [4, 2],
          [3, 7],
          [5, 33],
        ] as const) {
          for (const scale of SCALES) yield [n, d, p, scaled(random, n * d, scale), zeros(n * d)];
          yield [n, d, p, values(random, n * d, true), zeros(n * d)];
        }
      }
    },
    simd: BITS,
    relaxed: FUSED,
  },
  {
    name: 'normalizeSparse',
    reference: rowWise.normalizeSparse,
    *inputs(random) {
      const offsets = Int32Array.of(0, 0, 1, 4, 4, 20, 53);
      for (const p of NORMS) {
        for (const scale of SCALES) yield [6, offsets, p, scaled(random, 53, scale), zeros(53)];
        yield [6, offsets, p, values(random, 53, true), zeros(53)];
        yield [0, Int32Array.of(0), p, zeros(0), zeros(0)];
      }
    },
    simd: BITS,
    relaxed: FUSED,
  },
  {
    name: 'expandRows',
    reference: rowWise.expandRows,
    *inputs(random) {
      for (const [d, degree] of [
        [1, 1],
        [1, 5],
        [2, 3],
        [5, 1],
        [5, 2],
        [4, 4],
        [30, 2],
      ] as const) {
        const size = monomialCount(d, degree);
        const nodes = monomialNodes(d, degree);
        for (const n of [0, 1, 3]) {
          for (const edgy of [false, true]) {
            const x = values(random, n * d, edgy);
            yield [n, d, size, nodes.length / 4, nodes, x, zeros(n * size)];
          }
        }
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'cosineByTables',
    reference: rowWise.cosineByTables,
    *inputs(random) {
      for (const d of [1, 2, 3, 4, 7, 8, 9, 20, 33]) {
        for (const inverse of [false, true]) {
          const { even, odd } = cosineTables(d, inverse);
          for (const n of ROWS) {
            const x = random.f64(n * d);
            yield [n, d, Number(inverse), even, odd, x, zeros(4 * d), zeros(n * d)];
          }
        }
      }
    },
    scratch: [6],
    simd: COSINES,
    relaxed: COSINES,
  },
  {
    name: 'cosineByFourier',
    reference: rowWise.cosineByFourier,
    *inputs(random) {
      for (const d of [2, 4, 8, 32, 128]) {
        const { order, turns, twiddles } = fourierTables(d);
        for (const inverse of [0, 1]) {
          for (const n of ROWS) {
            const x = random.f64(n * d);
            yield [n, d, inverse, order, turns, twiddles, x, zeros(4 * d), zeros(n * d)];
          }
        }
      }
    },
    scratch: [7],
    simd: COSINES,
    relaxed: COSINES,
  },
  {
    name: 'cosineByChirp',
    reference: rowWise.cosineByChirp,
    *inputs(random) {
      for (const d of [2, 3, 5, 17, 100]) {
        for (const inverse of [false, true]) {
          const { length, pre, post, spectrum, twiddles } = chirpTables(d, inverse);
          for (const n of ROWS) {
            const x = random.f64(n * d);
            const scratch = zeros(4 * length);
            yield [n, d, length, pre, post, spectrum, twiddles, x, scratch, zeros(n * d)];
          }
        }
      }
    },
    scratch: [8],
    simd: COSINES,
    relaxed: COSINES,
  },
];
