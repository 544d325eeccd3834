/** Cases of the kernels that compare blocks of points with few centroids. */
import { hilbertRanks } from '../../src/clustering/hilbert-curve.js';
import { boxPoints, boxRound } from './boxes.js';
import { packCentroids } from './distance.js';
import { BITS, FUSED, ints, type KernelCases, values, zeros } from './inputs.js';
import type { Random } from './random.js';
import type { Arg } from './run.js';

const SHAPES = [
  [1, 1, 2],
  [16, 1, 9],
  [17, 2, 3],
  [300, 2, 30],
  [700, 3, 64],
  [129, 3, 10],
  [400, 4, 17],
  [250, 6, 8],
  [90, 12, 21],
] as const;

/** Points, some of which are equal, and what {@link boxPoints} writes. */
function* blocks(random: Random) {
  for (const [n, d, k] of SHAPES) {
    for (const digits of [1, 1e9]) {
      const points = values(random, n * d).map((v) => Math.round(v * digits) / digits);
      const origin = values(random, d);
      const places = Math.ceil(n / 16) * 16;
      const bits = Math.min(8, Math.max(1, Math.floor(12 / d)));
      const made = {
        order: new Int32Array(places),
        columns: new Float32Array(places * d),
        boxes: new Float32Array((places / 16) * 2 * d),
        groups: new Float32Array(Math.ceil(n / 128) * 2 * d),
      };
      yield { n, d, k, points, origin, bits, ranks: hilbertRanks(d, bits), ...made };
    }
  }
}

const sorting: KernelCases = {
  name: 'boxPoints',
  reference: boxPoints,
  *inputs(random): Iterable<Arg[]> {
    for (const { n, d, points, origin, order, columns, boxes, groups, bits, ranks } of blocks(
      random,
    )) {
      const scratch = new Int32Array(n * (d + 1) + ranks.length + 256);
      yield [n, d, points, origin, order, columns, boxes, groups, bits, ranks, scratch];
    }
  },
  scratch: [10],
  simd: BITS,
  relaxed: BITS,
};

const round: KernelCases = {
  name: 'boxRound',
  reference: boxRound,
  *inputs(random): Iterable<Arg[]> {
    for (const { n, d, k, points, origin, order, columns, boxes, groups, bits, ranks } of blocks(
      random,
    )) {
      boxPoints(n, d, points, origin, order, columns, boxes, groups, bits, ranks);
      for (const weights of [null, random.f64(n).map(Math.abs)]) {
        const centroids = values(random, k * d);
        if (k > 3) centroids.copyWithin(2 * d, 0, d);
        const padded = Math.ceil(k / 4) * 4;
        const [panels, bias] = [zeros(padded * d), zeros(padded)];
        packCentroids(k, d, centroids, panels, bias);
        const slack = 1e-4 * d;
        const made = [order, columns, boxes, groups];
        const labels = ints(random, n, k);
        const scratch = new Float32Array((2 * d + 6) * padded + 4);
        yield [
          ...[n, d, k, points, weights, panels, bias, centroids, origin, slack],
          ...[...made, labels, scratch, zeros(k * d), zeros(k)],
        ];
      }
    }
  },
  scratch: [15],
  simd: BITS,
  relaxed: FUSED,
};

export const BOX_CASES: readonly KernelCases[] = [sorting, round];
