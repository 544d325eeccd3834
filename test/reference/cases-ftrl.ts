/** Cases of FTRL, the logistic link and linear predictors. */
import * as ftrl from './ftrl.js';
import { BITS, FUSED, type KernelCases, SIZES, shaped, values, zeros } from './inputs.js';
import * as margins from './margins.js';
import type { Random } from './random.js';
import type { Arg } from './run.js';

/** CSR rows with ascending indices below `features`, some of them empty. */
function csr(
  random: Random,
  rows: number,
  features: number,
  edgy: boolean,
): [Int32Array, Int32Array, Float64Array] {
  const offsets = new Int32Array(rows + 1);
  const indices: number[] = [];
  for (let r = 0; r < rows; r++) {
    const share = random.below(4);
    for (let f = 0; f < features; f++) if (random.below(8) < share) indices.push(f);
    offsets[r + 1] = indices.length;
  }
  return [offsets, Int32Array.from(indices), values(random, indices.length, edgy)];
}

/** Slots of [0, count): c, z any, n not negative; every other one as after a gradient. */
function slotsOf(random: Random, count: number, edgy: boolean): Float64Array {
  const slots = values(random, count * 8, edgy);
  for (let i = 0; i < count; i++) {
    slots[i * 8 + 2] = Math.abs(slots[i * 8 + 2]!);
    slots[i * 8 + 4] = i % 2 === 0 ? 0 : random.below(5);
    slots[i * 8 + 5] = 0;
  }
  return slots;
}

/** Ranges of 17 features as workers own them. */
const RANGES = [
  [0, 17],
  [0, 8],
  [8, 17],
  [5, 6],
  [4, 4],
] as const;

function* sparseFtrl(random: Random, make: (...args: FtrlInput) => Arg[]): Iterable<Arg[]> {
  for (const rows of [0, 1, 2, 3, 8, 64, 1000]) {
    for (const [lo, hi] of RANGES) {
      for (const edgy of [false, true]) {
        yield make(rows, csr(random, rows, 17, edgy), slotsOf(random, hi - lo, edgy), lo, hi, edgy);
      }
    }
  }
}

type FtrlInput = [
  rows: number,
  rowsOf: [Int32Array, Int32Array, Float64Array],
  slots: Float64Array,
  lo: number,
  hi: number,
  edgy: boolean,
];

const STEPS = [
  [0.1, 0.1, 0, 0],
  [0.5, 1, 0.3, 0.2],
  [0.01, 0.1, 0, 1],
] as const;

export const FTRL_CASES: readonly KernelCases[] = [
  {
    name: 'ftrlMargins',
    reference: ftrl.ftrlMargins,
    inputs: (random) =>
      sparseFtrl(random, (rows, csrRows, slots, lo, hi) => [
        ...[rows, ...csrRows, slots, lo, hi],
        zeros(rows),
      ]),
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'ftrlGradient',
    reference: ftrl.ftrlGradient,
    inputs: (random) =>
      sparseFtrl(random, (rows, csrRows, slots, lo, hi, edgy) => [
        ...[rows, ...csrRows, slots, lo, hi],
        random.f64(rows),
        edgy ? Float64Array.from({ length: rows }, () => random.below(3)) : null,
        new Int32Array(Math.min(csrRows[1].length, hi - lo + 1)),
      ]),
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'ftrlUpdate',
    reference: ftrl.ftrlUpdate,
    *inputs(random) {
      for (const count of [0, 1, 2, 3, 8, 17]) {
        for (const step of STEPS) {
          const touched = Int32Array.from({ length: count }, (_, i) => 100 + 2 * ((i * 7) % 17));
          yield [count, touched, slotsOf(random, 40, false), 100, ...step];
          yield [count, touched, slotsOf(random, 40, true), 100, ...step];
        }
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'ftrlUpdateAll',
    reference: ftrl.ftrlUpdateAll,
    *inputs(random) {
      for (const count of [0, 1, 2, 3, 8, 17]) {
        for (const step of STEPS) {
          yield [5, 5 + count, slotsOf(random, count, false), ...step];
          yield [5, 5 + count, slotsOf(random, count, true), ...step];
        }
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'ftrlMarginsDense',
    reference: ftrl.ftrlMarginsDense,
    inputs: shaped((n, d, random, edgy) => {
      const lo = random.below(d);
      const hi = lo + random.below(d - lo + 1);
      const slots = slotsOf(random, hi - lo, edgy);
      return [n, d, values(random, n * d, edgy), slots, lo, hi, zeros(n)];
    }),
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'ftrlGradientDense',
    reference: ftrl.ftrlGradientDense,
    inputs: shaped((n, d, random, edgy) => {
      const lo = random.below(d);
      const hi = lo + random.below(d - lo + 1);
      const slots = slotsOf(random, hi - lo, edgy);
      return [n, d, values(random, n * d, edgy), slots, lo, hi, random.f64(n)];
    }),
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'denseMargins',
    reference: margins.denseMargins,
    inputs: shaped((n, d, random, edgy) => [
      ...[n, d, values(random, n * d, edgy), random.f64(d)],
      zeros(n),
    ]),
    simd: BITS,
    relaxed: FUSED,
  },
  {
    name: 'sparseMargins',
    reference: margins.sparseMargins,
    *inputs(random) {
      for (const rows of [0, 1, 2, 3, 8, 64, 1000]) {
        yield [rows, ...csr(random, rows, 17, false), random.f64(17), zeros(rows)];
        yield [rows, ...csr(random, rows, 17, true), random.f64(17), zeros(rows)];
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'logisticResiduals',
    reference: ftrl.logisticResiduals,
    *inputs(random) {
      for (const n of SIZES) {
        for (const scale of [1, 10, 800]) {
          const labels = Float64Array.from({ length: n }, () => random.below(2));
          const margins = random.f64(n).map((v) => v * scale);
          yield [n, margins, labels, zeros(n), zeros(n)];
          yield [n, margins, random.f64(n).map(Math.abs), zeros(n), margins];
        }
      }
      const edges = Float64Array.of(
        0,
        -0,
        36,
        -36,
        709.5,
        -709.5,
        745.2,
        -746,
        Infinity,
        -Infinity,
      );
      const n = edges.length;
      yield [n, edges, zeros(n), zeros(n), zeros(n)];
      yield [n, edges, zeros(n).fill(1), zeros(n), zeros(n)];
      yield [3, Float64Array.of(1, Number.NaN, 2), zeros(3), zeros(3), zeros(3)];
    },
    // Math.exp of V8 and the kernel's both err by less than an ulp; atol covers p - label.
    simd: { rtol: 2e-15, atol: 3e-16 },
    relaxed: { rtol: 2e-15, atol: 3e-16 },
  },
];
