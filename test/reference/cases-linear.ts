/** Cases of the losses of linear models. */
import { BITS, FUSED, type KernelCases, shaped, values, zeros } from './inputs.js';
import * as linear from './linear.js';
import type { Random } from './random.js';
import type { Arg } from './run.js';

/** Rows and columns around the sizes of tiles and blocks. */
const SHAPES = [
  [0, 3],
  [1, 1],
  [2, 5],
  [3, 4],
  [7, 8],
  [13, 3],
  [40, 21],
  [50, 100],
] as const;
const BLOCK = 12;
/** Exponentials are not those of Math, to the last bit. */
const NEAR = FUSED;

/** Margins from a few to so many that exponentials vanish. */
const SCALES = [1, 30, 1e6] as const;

function csr(random: Random, rows: number, d: number): [Int32Array, Int32Array, Float64Array] {
  const offsets = Int32Array.of(0, ...Array<number>(rows).fill(0));
  const indices: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let t = 0; t < d; t++) if (random.below(3) === 0) indices.push(t);
    offsets[row + 1] = indices.length;
  }
  return [offsets, Int32Array.from(indices), random.f64(indices.length)];
}

const times = (x: Float64Array, by: number): Float64Array => x.map((v) => v * by);

const labelsOf = (random: Random, rows: number, loss: number): Float64Array =>
  loss === 3 ? random.f64(rows) : Float64Array.from({ length: rows }, () => random.below(2));

const weightsOf = (random: Random, rows: number): Float64Array =>
  random.f64(rows).map((w) => Math.abs(w));

function* linearInputs(random: Random, isSparse: boolean): Iterable<Arg[]> {
  for (const [rows, d] of SHAPES) {
    for (const loss of [0, 1, 2, 3]) {
      for (const intercept of [0, 1]) {
        for (const scale of SCALES) {
          // What grows faster than the margin leaves nothing to compare when it cancels.
          if (loss >= 2 && scale > 30) continue;
          const weights = random.below(2) === 0 ? null : weightsOf(random, rows);
          const size = d + intercept;
          const last = [
            ...[labelsOf(random, rows, loss), weights, times(random.f64(size), scale), intercept],
            ...[random.f64(size), BLOCK],
          ];
          if (isSparse) yield [loss, rows, d, ...csr(random, rows, d), ...last, zeros(BLOCK + 1)];
          else {
            for (const width of [4, 8]) {
              const x = random.f64(rows * d);
              const features = width === 8 ? x : Float32Array.from(x);
              const scratch = zeros(BLOCK + 2 + (width === 4 ? BLOCK * d : 0));
              yield [loss, rows, d, width, features, ...last, scratch];
            }
          }
        }
      }
    }
  }
}

/** Of the classes, `padded` are even; the last one may be there for that alone. */
function* multinomialInputs(random: Random, isSparse: boolean): Iterable<Arg[]> {
  for (const [rows, d] of SHAPES) {
    for (const classes of [2, 3, 4, 5, 10]) {
      for (const scale of SCALES) {
        const padded = classes + (classes % 2);
        const parameters = times(random.f64((d + 1) * padded), scale);
        if (padded > classes) {
          for (let t = 0; t < d; t++) parameters[t * padded + classes] = 0;
          parameters[d * padded + classes] = -Infinity;
        }
        const labels = Float64Array.from({ length: rows }, () => random.below(classes));
        const weights = random.below(2) === 0 ? null : weightsOf(random, rows);
        const gradient = random.f64((d + 1) * padded);
        const last = [labels, weights, parameters, gradient];
        if (isSparse) yield [rows, d, padded, ...csr(random, rows, d), ...last, zeros(padded)];
        else {
          for (const width of [4, 8]) {
            const x = random.f64(rows * d);
            const features = width === 8 ? x : Float32Array.from(x);
            const scratch = zeros(BLOCK * (padded + (width === 4 ? d : 0)));
            yield [rows, d, padded, width, features, ...last, BLOCK, scratch];
          }
        }
      }
    }
  }
}

export const LINEAR_CASES: readonly KernelCases[] = [
  {
    name: 'linearLoss',
    reference: linear.linearLoss,
    inputs: (random) => linearInputs(random, false),
    scratch: [11],
    simd: NEAR,
    relaxed: NEAR,
  },
  {
    name: 'linearLossSparse',
    reference: linear.linearLossSparse,
    inputs: (random) => linearInputs(random, true),
    scratch: [12],
    simd: NEAR,
    relaxed: NEAR,
  },
  {
    name: 'multinomialLoss',
    reference: linear.multinomialLoss,
    inputs: (random) => multinomialInputs(random, false),
    scratch: [10],
    simd: NEAR,
    relaxed: NEAR,
  },
  {
    name: 'multinomialLossSparse',
    reference: linear.multinomialLossSparse,
    inputs: (random) => multinomialInputs(random, true),
    scratch: [10],
    simd: NEAR,
    relaxed: NEAR,
  },
  {
    name: 'crossProducts',
    reference: linear.crossProducts,
    *inputs(random) {
      for (const [n, d] of SHAPES) {
        for (const k of [2, 4, 6]) {
          yield [n, d, k, random.f64(n * d), random.f64(n * k), random.f64(d * k)];
        }
      }
    },
    simd: BITS,
    relaxed: FUSED,
  },
  {
    name: 'weightedMoments',
    reference: linear.weightedMoments,
    inputs: shaped((n, d, random, edgy) => [
      ...[n, d, values(random, n * d, edgy), weightsOf(random, n), random.f64(d)],
      ...[random.f64(d), random.f64(d)],
    ]),
    simd: BITS,
    relaxed: FUSED,
  },
];
