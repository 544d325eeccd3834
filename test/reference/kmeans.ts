/** Plain references of assembly/kmeans.ts. */
import { accumulate, accumulateWeighted, assign } from './distance.js';

export function squaredDistances(
  n: number,
  d: number,
  x: Float64Array,
  c: Float64Array,
  out: Float64Array,
): void {
  for (let i = 0; i < n; i++) {
    out[i] = 0;
    for (let t = 0; t < d; t++) out[i]! += (x[i * d + t]! - c[t]!) ** 2;
  }
}

export function packCentred(
  k: number,
  d: number,
  centroids: Float64Array,
  origin: Float64Array,
  rows: Float32Array,
  squares: Float64Array,
): void {
  const width = Math.ceil(d / 8) * 8;
  rows.fill(0);
  squares.fill(0);
  for (let j = 0; j < k; j++) {
    for (let t = 0; t < d; t++) {
      const v = centroids[j * d + t]! - origin[t]!;
      rows[j * width + t] = v;
      squares[j]! += v * v;
    }
  }
}

export function packPairs(
  k: number,
  d: number,
  centroids: Float64Array,
  origin: Float64Array,
  pairs: Float32Array,
  biases: Float32Array,
): number {
  pairs.fill(0);
  biases.fill(-Infinity);
  let most = 0;
  for (let j = 0; j < k; j++) {
    let square = 0;
    for (let t = 0; t < d; t++) {
      const v = centroids[j * d + t]! - origin[t]!;
      pairs[((j >> 1) * d + t) * 2 + (j & 1)] = v;
      square += v * v;
    }
    biases[j] = -0.5 * square;
    most = Math.max(most, square);
  }
  return most;
}

/** What a round comes to, whatever bounds it goes by. */
function round(
  n: number,
  d: number,
  k: number,
  points: Float64Array,
  weights: Float64Array | null,
  panels: Float64Array,
  bias: Float64Array,
  labels: Int32Array,
  sums: Float64Array,
  counts: Float64Array,
): void {
  assign(n, d, k, points, panels, bias, labels, null);
  if (weights === null) accumulate(n, d, points, labels, sums, counts);
  else accumulateWeighted(n, d, points, labels, weights, sums, counts);
}

type Shared = Parameters<typeof round>;

/** The places of what {@link round} takes among the arguments of a kernel. */
function roundAt(places: readonly number[]) {
  return (...args: readonly unknown[]): void => round(...(places.map((i) => args[i]) as Shared));
}

export const hamerlyRound: (...args: readonly unknown[]) => void = roundAt([
  ...[0, 1, 2, 3, 4, 5, 6, 17, 21, 22],
]);
export const elkanRound: (...args: readonly unknown[]) => void = roundAt([
  ...[0, 1, 2, 3, 4, 5, 6, 15, 18, 19],
]);
