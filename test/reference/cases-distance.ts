/** Cases of the distance kernels. */
import * as distance from './distance.js';
import { BITS, FUSED, ints, type KernelCases, shaped, values, zeros } from './inputs.js';
import type { Random } from './random.js';

/** Points and centroids; every third centroid repeats another, so that there are ties. */
function* clusters(random: Random): Iterable<{ n: number; d: number; k: number; edgy: boolean }> {
  for (let k = 1; k <= 17; k++) {
    for (const d of [1, 2, 3, 8, 20]) {
      const n = [0, 1, 3, 4, 7, 8, 33][random.below(7)]!;
      for (const edgy of [false, true]) yield { n, d, k, edgy };
    }
  }
  for (let d = 1; d <= 20; d++) yield { n: 9, d, k: 5, edgy: false };
  yield { n: 1000, d: 2, k: 3, edgy: false };
  yield { n: 101, d: 100, k: 10, edgy: false };
}

function centroidsOf(random: Random, k: number, d: number, edgy: boolean): Float64Array {
  const c = values(random, k * d, edgy && random.below(2) === 0);
  for (let j = 2; j < k; j += 3) c.copyWithin(j * d, (j - 2) * d, (j - 1) * d);
  return c;
}

type Reference = KernelCases['reference'];

function assignCases(
  name: KernelCases['name'],
  reference: Reference,
  pack: typeof distance.packCentroids,
): KernelCases {
  const accumulates = name.endsWith('Accumulate');
  return {
    name,
    reference,
    *inputs(random) {
      for (const { n, d, k, edgy } of clusters(random)) {
        const padded = Math.ceil(k / 4) * 4;
        const [panels, bias] = [zeros(padded * d), zeros(padded)];
        pack(k, d, centroidsOf(random, k, d, edgy), panels, bias);
        const points = values(random, n * d, edgy);
        if (edgy && n > 0) points.fill(Number.NaN, 0, d);
        const shared = [n, d, k, points, panels, bias, new Int32Array(n).fill(-7)];
        if (accumulates) yield [...shared, values(random, k * d), values(random, k)];
        else yield [...shared, random.below(4) === 0 ? null : zeros(n)];
      }
    },
    simd: BITS,
    relaxed: FUSED,
  };
}

function packCases(name: KernelCases['name'], reference: Reference): KernelCases {
  return {
    name,
    reference,
    *inputs(random) {
      for (const { d, k, edgy } of clusters(random)) {
        const padded = Math.ceil(k / 4) * 4;
        const centroids = values(random, k * d, edgy);
        if (edgy) centroids.fill(0, 0, d);
        yield [k, d, centroids, values(random, padded * d), values(random, padded)];
      }
    },
    simd: BITS,
    relaxed: BITS,
  };
}

export const DISTANCE_CASES: readonly KernelCases[] = [
  packCases('packCentroids', distance.packCentroids),
  packCases('packCosine', distance.packCosine),
  packCases('packManhattan', distance.packManhattan),
  assignCases('assign', distance.assign, distance.packCentroids),
  assignCases('assignAccumulate', distance.assignAccumulate, distance.packCentroids),
  assignCases('assignManhattan', distance.assignManhattan, distance.packManhattan),
  assignCases(
    'assignManhattanAccumulate',
    distance.assignManhattanAccumulate,
    distance.packManhattan,
  ),
  {
    name: 'accumulate',
    reference: distance.accumulate,
    inputs: shaped((n, d, random, edgy) => [
      n,
      d,
      values(random, n * d, edgy),
      ints(random, n, 4),
      random.f64(4 * d),
      random.f64(4),
    ]),
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'squaredNorms',
    reference: distance.squaredNorms,
    inputs: shaped((n, d, random, edgy) => [n, d, values(random, n * d, edgy), zeros(n)]),
    simd: BITS,
    relaxed: FUSED,
  },
];
