/** What the ways of choosing initial centroids share: measuring the points of a shard. */
import type { KernelScope } from '../algorithm/training.js';
import type { Shard } from '../engine/shard.js';
import { addressOf, toScratch, withScratch } from '../stage/kernel-data.js';
import { type DistanceMeasure, pointsOf } from './kmeans-points.js';
import { distancesTo } from './seeding-distance.js';

export interface SeedingParams {
  readonly featuresCol: string;
  readonly weightCol: string | null;
  readonly distanceMeasure: DistanceMeasure;
  readonly k: number;
  readonly dim: number;
}

/** The weights of a shard's points; null when all are 1. */
export function weightsOf({ weightCol }: SeedingParams, shard: Shard): Float64Array | null {
  return weightCol === null
    ? null
    : (shard.table.column(weightCol, 'float64').values as Float64Array);
}

/** Measures the points of a shard, inside of a scope of scratch memory. */
export class MeasuredShard {
  readonly #params: SeedingParams;
  readonly #shard: Shard;
  readonly #scope: KernelScope;
  readonly #points: number;
  readonly #out: number;

  constructor(params: SeedingParams, shard: Shard, scope: KernelScope) {
    this.#params = params;
    this.#shard = shard;
    this.#scope = scope;
    this.#points = addressOf(pointsOf(shard, params.featuresCol).values, scope);
    this.#out = scope.arena.scratch(8 * shard.table.numRows);
  }

  /** Distances to one vector; valid until the next call. */
  to(vector: Float64Array): Float64Array {
    const { distanceMeasure, dim } = this.#params;
    const rows = this.#shard.table.numRows;
    withScratch(this.#scope, () => {
      const at = toScratch(this.#scope, vector);
      distancesTo(distanceMeasure, rows, dim, this.#points, at, this.#out, this.#scope);
    });
    return this.#scope.arena.f64(this.#out, rows);
  }
}
