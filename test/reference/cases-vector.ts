/** Cases of the vector and column kernels. */
import * as blas1 from './blas1.js';
import {
  BITS,
  FUSED,
  ints,
  type KernelCases,
  SIZES,
  shaped,
  sized,
  values,
  zeros,
} from './inputs.js';
import * as stats from './stats.js';

export const VECTOR_CASES: readonly KernelCases[] = [
  {
    name: 'dot',
    reference: blas1.dot,
    inputs: sized((n, random, edgy) => [n, values(random, n, edgy), values(random, n)]),
    simd: BITS,
    relaxed: FUSED,
  },
  {
    name: 'axpy',
    reference: blas1.axpy,
    inputs: sized((n, random, edgy) => [n, random.unit(), values(random, n, edgy), random.f64(n)]),
    simd: BITS,
    relaxed: FUSED,
  },
  {
    name: 'scal',
    reference: blas1.scal,
    inputs: sized((n, random, edgy) => [n, random.unit(), values(random, n, edgy)]),
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'asum',
    reference: blas1.asum,
    inputs: sized((n, random, edgy) => [n, values(random, n, edgy)]),
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'sum',
    reference: blas1.sum,
    inputs: sized((n, random, edgy) => [n, values(random, n, edgy)]),
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'nrm2',
    reference: blas1.nrm2,
    *inputs(random) {
      for (const n of SIZES) {
        yield [n, values(random, n, true)];
        for (const scale of [1, 1e200, 1e-200, 1e-160, 5e-324]) {
          yield [n, random.f64(n).map((v) => v * scale)];
        }
      }
    },
    simd: BITS,
    relaxed: FUSED,
  },
  {
    name: 'spdot',
    reference: blas1.spdot,
    inputs: sized((n, random, edgy) => [
      n,
      ints(random, n, 50),
      values(random, n, edgy),
      random.f64(50),
    ]),
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'spaxpy',
    reference: blas1.spaxpy,
    inputs: sized((n, random, edgy) => [
      n,
      random.unit(),
      ints(random, n, 50),
      values(random, n, edgy),
      random.f64(50),
    ]),
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'f32ToF64',
    reference: blas1.convert,
    inputs: sized((n, random, edgy) => [n, Float32Array.from(values(random, n, edgy)), zeros(n)]),
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'i32ToF64',
    reference: blas1.convert,
    inputs: sized((n, random) => [n, ints(random, n, 2 ** 32), zeros(n)]),
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'f64ToF32',
    reference: blas1.convert,
    inputs: sized((n, random, edgy) => [n, values(random, n, edgy), new Float32Array(n)]),
    simd: BITS,
    relaxed: BITS,
  },
  ...(['allFinite', 'allFiniteF32'] as const).map(
    (name): KernelCases => ({
      name,
      reference: blas1.allFinite,
      *inputs(random) {
        const array = (x: Float64Array) => (name === 'allFinite' ? x : Float32Array.from(x));
        for (const n of SIZES) {
          yield [n, array(random.f64(n))];
          for (const bad of [Number.NaN, Infinity, -Infinity]) {
            const x = random.f64(n);
            x[random.below(n)] = bad;
            yield [n, array(x)];
          }
        }
      },
      simd: BITS,
      relaxed: BITS,
    }),
  ),
  {
    name: 'columnMoments',
    reference: stats.columnMoments,
    inputs: shaped((n, d, random, edgy) => [
      ...[n, d, values(random, n * d, edgy), random.f64(d)],
      ...[random.f64(d), random.f64(d)],
    ]),
    simd: BITS,
    relaxed: FUSED,
  },
  {
    name: 'columnMinMax',
    reference: stats.columnMinMax,
    inputs: shaped((n, d, random, edgy) => [
      ...[n, d, values(random, n * d, edgy)],
      ...[zeros(d).fill(Infinity), zeros(d).fill(-Infinity)],
    ]),
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'columnMaxAbs',
    reference: stats.columnMaxAbs,
    inputs: shaped((n, d, random, edgy) => [
      ...[n, d, values(random, n * d, edgy)],
      random.f64(d).map(Math.abs),
    ]),
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'affineRows',
    reference: stats.affineRows,
    inputs: shaped((n, d, random, edgy) => [
      ...[n, d, values(random, n * d, edgy), random.f64(d), random.f64(d)],
      zeros(n * d),
    ]),
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'scaleRows',
    reference: stats.scaleRows,
    *inputs(random) {
      for (const inPlace of [false, true]) {
        for (const parts of [0, 1, 2, 3]) {
          const make = shaped((n, d, _, edgy) => {
            const x = values(random, n * d, edgy);
            const shift = parts & 1 ? random.f64(d) : null;
            return [n, d, x, shift, parts & 2 ? random.f64(d) : null, inPlace ? x : zeros(n * d)];
          });
          yield* make(random);
        }
      }
    },
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'sparseMoments',
    reference: stats.sparseMoments,
    inputs: sized((n, random, edgy) => [
      n,
      ints(random, n, 20),
      values(random, n, edgy),
      zeros(80),
    ]),
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'scaleSparse',
    reference: stats.scaleSparse,
    inputs: sized((n, random, edgy) => {
      const x = values(random, n, edgy);
      return [n, ints(random, n, 20), x, random.f64(20), edgy ? x : zeros(n)];
    }),
    simd: BITS,
    relaxed: BITS,
  },
];
