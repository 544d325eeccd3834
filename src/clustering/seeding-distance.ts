/** Distances as seeding weighs them: what a point far from all centroids adds to the cost. */
import type { KernelScope } from '../algorithm/training.js';
import type { DistanceMeasure } from './kmeans-points.js';

/** Squared euclidean distances, manhattan distances, or 1 - the cosine of the angle. */
export function seedingDistance(
  measure: DistanceMeasure,
  dim: number,
  a: Float64Array,
  aStart: number,
  b: Float64Array,
  bStart: number,
): number {
  if (measure === 'cosine') return cosineDistance(dim, a, aStart, b, bStart);
  let total = 0;
  for (let t = 0; t < dim; t++) {
    const by = a[aStart + t]! - b[bStart + t]!;
    total += measure === 'euclidean' ? by * by : Math.abs(by);
  }
  return total;
}

function cosineDistance(
  dim: number,
  a: Float64Array,
  aStart: number,
  b: Float64Array,
  bStart: number,
): number {
  let [product, squareA, squareB] = [0, 0, 0];
  for (let t = 0; t < dim; t++) {
    const [x, y] = [a[aStart + t]!, b[bStart + t]!];
    product += x * y;
    squareA += x * x;
    squareB += y * y;
  }
  return Math.max(0, 1 - product / Math.sqrt(squareA * squareB));
}

/** `out[i]` ← the distance of row i to a candidate. All are addresses in kernel memory. */
export function distancesTo(
  measure: DistanceMeasure,
  rows: number,
  dim: number,
  points: number,
  candidate: number,
  out: number,
  { kernels, arena }: KernelScope,
): void {
  if (measure === 'euclidean') {
    kernels.exports.squaredDistances(rows, dim, points, candidate, out);
    return;
  }
  const { heap } = arena;
  for (let i = 0; i < rows; i++) {
    const row = points / 8 + i * dim;
    heap[out / 8 + i] = seedingDistance(measure, dim, heap, row, heap, candidate / 8);
  }
}
