/** Cases of the kernels that go by bounds. */
import { accumulateWeighted, packCentroids } from './distance.js';
import { BITS, FUSED, ints, type KernelCases, shaped, values, zeros } from './inputs.js';
import { elkanRound, hamerlyRound, packCentred, packPairs, squaredDistances } from './kmeans.js';
import type { Random } from './random.js';
import type { Arg } from './run.js';

const sum = (x: Float64Array): number => x.reduce((total, v) => total + v * v, 0);

/**
 * Points, centroids of which some are equal, labels and weights; bounds that are true: all, or none
 * of them, zero.
 */
function* rounds(random: Random) {
  for (const [n, d, k] of [
    [0, 3, 4],
    [1, 1, 2],
    [7, 2, 3],
    [33, 3, 64],
    [300, 3, 10],
    [300, 20, 17],
    [70, 33, 9],
    [100, 100, 10],
    [21, 784, 30],
  ] as const) {
    for (const known of [false, true]) {
      for (const weighed of [false, true]) {
        const points = values(random, n * d);
        const centroids = values(random, k * d);
        if (k > 3) centroids.copyWithin(2 * d, 0, d);
        const distances = (i: number) =>
          Array.from({ length: k }, (_, j) => {
            const by = points.slice(i * d, (i + 1) * d).map((x, t) => x - centroids[j * d + t]!);
            return Math.sqrt(sum(by));
          });
        const labels = ints(random, n, k);
        const weights = weighed ? random.f64(n).map(Math.abs) : null;
        const margin = 1e-10;
        const padded = Math.ceil(k / 4) * 4;
        const [panels, bias] = [zeros(padded * d), zeros(padded)];
        packCentroids(k, d, centroids, panels, bias);
        yield {
          ...{ n, d, k, padded, points, centroids, distances, labels, weights, margin, known },
          panels,
          bias,
        };
      }
    }
  }
}

const hamerly: KernelCases = {
  name: 'hamerlyRound',
  reference: hamerlyRound,
  *inputs(random): Iterable<Arg[]> {
    for (const r of rounds(random)) {
      const { n, d, k, padded, points, weights, panels, bias, centroids, margin, labels } = r;
      const origin = values(random, d);
      const [pairs, biases] = [new Float32Array(padded * d), new Float32Array(padded)];
      const most = Math.sqrt(packPairs(k, d, centroids, origin, pairs, biases));
      const share = 1.25 * (d + 24) * 2 ** -24;
      const moves = Float32Array.from({ length: padded }, () => random.unit() / 10);
      const drops = Float32Array.from({ length: padded }, () => random.unit() / 10);
      // True before the centroids moved: above the distance to the label, and below all others.
      const [upper, lower] = [new Float32Array(n), new Float32Array(n)];
      for (let i = 0; i < n && r.known; i++) {
        const distances = r.distances(i);
        const label = labels[i]!;
        upper[i] = distances[label]! * (1 + 1e-6);
        distances[label] = Infinity;
        lower[i] = (Math.min(...distances) + drops[label]!) * (1 - 1e-6);
      }
      yield [
        n,
        d,
        k,
        points,
        weights,
        panels,
        bias,
        centroids,
        origin,
        pairs,
        biases,
        share,
        share * most,
        share * most * most + margin,
        moves,
        drops,
        margin,
        labels,
        upper,
        lower,
        new Float32Array((d + 22) * 16),
        zeros(k * d),
        zeros(k),
      ];
    }
  },
  scratch: [18, 19, 20],
  simd: BITS,
  relaxed: FUSED,
};

const elkan: KernelCases = {
  name: 'elkanRound',
  reference: elkanRound,
  *inputs(random): Iterable<Arg[]> {
    for (const r of rounds(random)) {
      const { n, d, k, padded, points, weights, panels, bias, centroids, margin, labels } = r;
      const origin = values(random, d);
      const width = Math.ceil(d / 8) * 8;
      const [packed, squares] = [new Float32Array(k * width), zeros(k)];
      packCentred(k, d, centroids, origin, packed, squares);
      const moves = Float32Array.from({ length: padded }, () => random.unit() / 10);
      const lower = new Float32Array(n * padded);
      for (let i = 0; i < n && r.known; i++) {
        r.distances(i).forEach((distance, j) => {
          lower[i * padded + j] = (distance + moves[j]!) * (1 - 1e-6);
        });
      }
      const most = Math.sqrt(Math.max(...squares));
      const share = (width / 8 + 8) * 2 ** -24 * 1.05;
      const scratch = new Float32Array(width + 2 * (k + 4));
      yield [
        n,
        d,
        k,
        points,
        weights,
        panels,
        bias,
        centroids,
        origin,
        packed,
        squares,
        most,
        moves,
        share,
        margin,
        labels,
        lower,
        scratch,
        zeros(k * d),
        zeros(k),
      ];
    }
  },
  scratch: [16, 17],
  simd: BITS,
  relaxed: FUSED,
};

export const KMEANS_CASES: readonly KernelCases[] = [
  hamerly,
  elkan,
  {
    name: 'accumulateWeighted',
    reference: accumulateWeighted,
    inputs: shaped((n, d, random, edgy) => [
      n,
      d,
      values(random, n * d, edgy),
      ints(random, n, 4),
      values(random, n),
      random.f64(4 * d),
      random.f64(4),
    ]),
    simd: BITS,
    relaxed: FUSED,
  },
  {
    name: 'squaredDistances',
    reference: squaredDistances,
    inputs: shaped((n, d, random, edgy) => [
      n,
      d,
      values(random, n * d, edgy),
      values(random, d),
      zeros(n),
    ]),
    simd: FUSED,
    relaxed: FUSED,
  },
  {
    name: 'packPairs',
    reference: packPairs,
    inputs: shaped((k, d, random) => [
      k,
      d,
      values(random, k * d),
      values(random, d),
      new Float32Array(2 * Math.ceil(k / 2) * d),
      new Float32Array(2 * Math.ceil(k / 2)),
    ]),
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'packCentred',
    reference: packCentred,
    inputs: shaped((k, d, random) => [
      k,
      d,
      values(random, k * d),
      values(random, d),
      new Float32Array(k * Math.ceil(d / 8) * 8),
      zeros(k),
    ]),
    simd: FUSED,
    relaxed: FUSED,
  },
];
