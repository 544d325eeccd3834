/**
 * Greedy k-means++ over shards. A round takes the best of the candidates as the next centroid, or
 * fetches the rows that are the next candidates.
 */
import type { ShardMemory } from '../algorithm/shard-memory.js';
import type { KernelScope, Step, Training } from '../algorithm/training.js';
import type { Shard } from '../engine/shard.js';
import { withScratch } from '../stage/kernel-data.js';
import { checkPoints, pointsOf } from './kmeans-points.js';
import { MeasuredShard, type SeedingParams, weightsOf } from './seeding-shard.js';
import { placeOf } from './weighted-choice.js';

export interface PlusPlusParams extends SeedingParams {
  /** Candidates for each centroid but the first. */
  readonly trials: number;
  /** Uniform numbers in [0, 1): `trials` for each of the k - 1 centroids. */
  readonly draws: Float64Array;
}

export interface PlusPlusState {
  /** The centroids so far, row-major. */
  readonly chosen: Float64Array;
  /** Rows of which the next one is taken; null while they are looked for. */
  readonly candidates: Float64Array | null;
  /** Where the next candidates are: by trial, a shard and a share of its cost. */
  readonly targets: readonly Target[];
}

interface Target {
  readonly shard: number;
  readonly at: number;
}

/** What a shard tells: the cost left with each candidate, or rows that were looked for. */
export interface PlusPlusPartial {
  readonly costs: readonly Float64Array[];
  readonly rows: readonly { readonly trial: number; readonly row: Float64Array }[];
}

/** Distances of a shard's points to the closest of the first `count` centroids. */
interface Closest {
  distances: Float64Array;
  count: number;
}

export function plusPlusTraining(params: PlusPlusParams): Training<PlusPlusState, PlusPlusPartial> {
  const { k, dim, featuresCol, trials, draws } = params;

  const partial = (
    shard: Shard,
    { chosen, candidates, targets }: PlusPlusState,
    scope: KernelScope,
    memory: ShardMemory,
  ): PlusPlusPartial => {
    if (chosen.length === 0) checkPoints('KMeans.fit', params, shard, scope);
    const weights = weightsOf(params, shard);
    return withScratch(scope, () => {
      const measured = new MeasuredShard(params, shard, scope);
      const distances = closestDistances(measured, shard, chosen, dim, memory);
      if (candidates !== null) {
        const costs = costsWith(measured, candidates, distances, weights, dim);
        return { costs: [costs], rows: [] };
      }
      const { values } = pointsOf(shard, featuresCol);
      const rows = targets.flatMap(({ shard: index, at }, trial) => {
        if (index !== shard.index) return [];
        const costs = weights === null ? distances : distances.map((d, i) => d * weights[i]!);
        const i = Math.max(0, placeOf(costs, at));
        return [{ trial, row: Float64Array.from(values.subarray(i * dim, (i + 1) * dim)) }];
      });
      return { costs: [], rows };
    });
  };

  const combine = (a: PlusPlusPartial, b: PlusPlusPartial): PlusPlusPartial => ({
    costs: [...a.costs, ...b.costs],
    rows: [...a.rows, ...b.rows],
  });

  const update = (state: PlusPlusState, { costs, rows }: PlusPlusPartial): Step<PlusPlusState> => {
    const { chosen, candidates } = state;
    if (candidates === null) {
      const found = new Float64Array(rows.length * dim);
      for (const { trial, row } of rows) found.set(row, trial * dim);
      return { state: { chosen, candidates: found, targets: [] }, done: false };
    }
    const best = cheapest(costs, candidates.length / dim);
    const next = new Float64Array(chosen.length + dim);
    next.set(chosen);
    next.set(candidates.subarray(best * dim, (best + 1) * dim), chosen.length);
    const count = next.length / dim;
    const left = costs.map((shard) => shard[best]!);
    const total = left.reduce((sum, cost) => sum + cost, 0);
    const drawn = draws.subarray((count - 1) * trials, count * trials);
    const targets = count === k ? [] : Array.from(drawn, (u) => targetOf(left, u * total));
    return { state: { chosen: next, candidates: null, targets }, done: count === k };
  };

  return { partial, combine, update };
}

/** The candidate with which the least cost is left, the first of equals. */
function cheapest(costs: readonly Float64Array[], count: number): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (let c = 0; c < count; c++) {
    const cost = costs.reduce((sum, shard) => sum + shard[c]!, 0);
    if (cost < least) [best, least] = [c, cost];
  }
  return best;
}

function targetOf(costs: readonly number[], at: number): Target {
  // Where no cost is left, all points are on centroids: any is as good.
  const shard = Math.max(0, placeOf(costs, at));
  let before = 0;
  for (let i = 0; i < shard; i++) before += costs[i]!;
  return { shard, at: at - before };
}

/** What each candidate would leave of the cost. */
function costsWith(
  measured: MeasuredShard,
  candidates: Float64Array,
  distances: Float64Array,
  weights: Float64Array | null,
  dim: number,
): Float64Array {
  const costs = new Float64Array(candidates.length / dim);
  for (let c = 0; c < costs.length; c++) {
    const to = measured.to(candidates.subarray(c * dim, (c + 1) * dim));
    let cost = 0;
    for (let i = 0; i < to.length; i++) {
      cost += (weights?.[i] ?? 1) * Math.min(distances[i]!, to[i]!);
    }
    costs[c] = cost;
  }
  return costs;
}

/** The distances to the closest centroid so far, of which the shard remembers what it can. */
function closestDistances(
  measured: MeasuredShard,
  shard: Shard,
  chosen: Float64Array,
  dim: number,
  memory: ShardMemory,
): Float64Array {
  memory.kept ??= {
    distances: new Float64Array(shard.table.numRows).fill(Number.POSITIVE_INFINITY),
    count: 0,
  } satisfies Closest;
  const kept = memory.kept as Closest;
  for (; kept.count < chosen.length / dim; kept.count++) {
    const to = measured.to(chosen.subarray(kept.count * dim, (kept.count + 1) * dim));
    const { distances } = kept;
    for (let i = 0; i < to.length; i++) if (to[i]! < distances[i]!) distances[i] = to[i]!;
  }
  return kept.distances;
}
