/** Greedy k-means++ on a few weighted points, on one thread. */
import type { JavaRandom } from '../core/random.js';
import type { DistanceMeasure } from './kmeans-points.js';
import { seedingDistance } from './seeding-distance.js';
import { placeOf, trialsFor } from './weighted-choice.js';

/** Points with weights, row-major. */
export interface WeightedPoints {
  readonly values: Float64Array;
  readonly weights: Float64Array;
  readonly dim: number;
}

/**
 * Chooses k of the points as centroids: the first by weight, each further one as the best of some
 * that are drawn by weight times distance. Where no distance is left, the first points that have
 * not been taken.
 *
 * @param points At least k.
 * @returns k × dim, row-major.
 */
export function weightedPlusPlus(
  measure: DistanceMeasure,
  { values, weights, dim }: WeightedPoints,
  k: number,
  random: JavaRandom,
): Float64Array {
  const count = weights.length;
  const trials = trialsFor(k);
  const taken = new Set<number>();
  const centroids = new Float64Array(k * dim);
  let distances = new Float64Array(count).fill(1);
  const draw = (costs: Float64Array, total: number): number => {
    const place = placeOf(costs, random.nextDouble() * total);
    if (place >= 0) return place;
    let free = 0;
    while (taken.has(free)) free++;
    return free;
  };
  const distancesWith = (row: number): Float64Array<ArrayBuffer> =>
    Float64Array.from({ length: count }, (_, i) => {
      const to = seedingDistance(measure, dim, values, i * dim, values, row * dim);
      return taken.size === 0 ? to : Math.min(distances[i]!, to);
    });
  for (let j = 0; j < k; j++) {
    const costs = distances.map((distance, i) => distance * weights[i]!);
    const total = costs.reduce((sum, cost) => sum + cost, 0);
    let best = { row: -1, cost: Number.POSITIVE_INFINITY, distances };
    for (let trial = 0; trial < (j === 0 ? 1 : trials); trial++) {
      const row = draw(costs, total);
      const left = distancesWith(row);
      const cost = left.reduce((sum, distance, i) => sum + distance * weights[i]!, 0);
      if (cost < best.cost) best = { row, cost, distances: left };
    }
    taken.add(best.row);
    distances = best.distances;
    centroids.set(values.subarray(best.row * dim, (best.row + 1) * dim), j * dim);
  }
  return centroids;
}
