/**
 * k-means|| over shards: every step takes some points at once as candidates, far ones with a higher
 * probability. Rounds take turns: distances to the new candidates, then the choice of more.
 */
import type { ShardMemory } from '../algorithm/shard-memory.js';
import type { KernelScope, Step, Training } from '../algorithm/training.js';
import { JavaRandom } from '../core/random.js';
import type { Shard } from '../engine/shard.js';
import { withScratch } from '../stage/kernel-data.js';
import { checkPoints, pointsOf } from './kmeans-points.js';
import { MeasuredShard, type SeedingParams, weightsOf } from './seeding-shard.js';

export interface ParallelParams extends SeedingParams {
  /** Steps that take more candidates. */
  readonly steps: number;
  /** Candidates that a step takes, about. */
  readonly oversampling: number;
  readonly seed: number;
}

export interface ParallelState {
  /** The candidates so far, row-major. */
  readonly candidates: Float64Array;
  /** The points, by weight, that are closest to each candidate. */
  readonly counts: Float64Array;
  /** The cost with these candidates; null until it is known. */
  readonly cost: number | null;
  /** Steps that have been taken. */
  readonly step: number;
}

export interface ParallelPartial {
  readonly cost: number;
  readonly counts: Float64Array | null;
  readonly rows: readonly Float64Array[];
}

/** The closest of the first `count` candidates to each point of a shard, and how far it is. */
interface Nearest {
  distances: Float64Array;
  labels: Int32Array;
  count: number;
}

export function parallelTraining(params: ParallelParams): Training<ParallelState, ParallelPartial> {
  const partial = (
    shard: Shard,
    state: ParallelState,
    scope: KernelScope,
    memory: ShardMemory,
  ): ParallelPartial => {
    if (state.step === 0 && state.cost === null) checkPoints('KMeans.fit', params, shard, scope);
    const nearest = nearestCandidates(params, shard, state, scope, memory);
    const weights = weightsOf(params, shard);
    if (state.cost === null) return costAndCounts(nearest, weights);
    return { cost: 0, counts: null, rows: sampleRows(params, shard, state, nearest, weights) };
  };

  const combine = (a: ParallelPartial, b: ParallelPartial): ParallelPartial => {
    if (a.counts !== null) for (let j = 0; j < a.counts.length; j++) a.counts[j]! += b.counts![j]!;
    return { cost: a.cost + b.cost, counts: a.counts, rows: [...a.rows, ...b.rows] };
  };

  const update = (state: ParallelState, total: ParallelPartial): Step<ParallelState> => {
    const { cost, counts, rows } = total;
    if (state.cost === null) {
      const done = state.step === params.steps || cost === 0;
      return { state: { ...state, cost, counts: counts! }, done };
    }
    const candidates = new Float64Array(state.candidates.length + rows.length * params.dim);
    candidates.set(state.candidates);
    rows.forEach((row, i) => {
      candidates.set(row, state.candidates.length + i * params.dim);
    });
    return {
      state: { candidates, counts: new Float64Array(0), cost: null, step: state.step + 1 },
      done: false,
    };
  };

  return { partial, combine, update };
}

/** Brings up to date what the shard remembers, as far as it does. */
function nearestCandidates(
  params: ParallelParams,
  shard: Shard,
  { candidates }: ParallelState,
  scope: KernelScope,
  memory: ShardMemory,
): Nearest {
  const { dim } = params;
  const n = shard.table.numRows;
  memory.kept ??= {
    distances: new Float64Array(n).fill(Number.POSITIVE_INFINITY),
    labels: new Int32Array(n),
    count: 0,
  } satisfies Nearest;
  const nearest = memory.kept as Nearest;
  const { distances, labels } = nearest;
  withScratch(scope, () => {
    const measured = new MeasuredShard(params, shard, scope);
    for (; nearest.count < candidates.length / dim; nearest.count++) {
      const start = nearest.count * dim;
      const to = measured.to(candidates.subarray(start, start + dim));
      for (let i = 0; i < n; i++) {
        if (to[i]! >= distances[i]!) continue;
        distances[i] = to[i]!;
        labels[i] = nearest.count;
      }
    }
  });
  return nearest;
}

function costAndCounts(
  { distances, labels, count }: Nearest,
  weights: Float64Array | null,
): ParallelPartial {
  const counts = new Float64Array(count);
  let cost = 0;
  for (let i = 0; i < distances.length; i++) {
    const weight = weights?.[i] ?? 1;
    cost += weight * distances[i]!;
    counts[labels[i]!]! += weight;
  }
  return { cost, counts, rows: [] };
}

function sampleRows(
  { featuresCol, dim, oversampling, seed }: ParallelParams,
  shard: Shard,
  { cost, step }: ParallelState,
  { distances }: Nearest,
  weights: Float64Array | null,
): Float64Array[] {
  const { values } = pointsOf(shard, featuresCol);
  const random = randomOf(seed, step, shard.index);
  const rows: Float64Array[] = [];
  for (let i = 0; i < distances.length; i++) {
    const share = ((weights?.[i] ?? 1) * distances[i]!) / cost!;
    if (random.nextDouble() >= oversampling * share) continue;
    rows.push(Float64Array.from(values.subarray(i * dim, (i + 1) * dim)));
  }
  return rows;
}

/** A generator of its own for each step and shard: neighbouring seeds give related sequences. */
function randomOf(seed: number, step: number, shard: number): JavaRandom {
  const halves = [0x9e3779b9, 0x85ebca6b].map((salt) => {
    let hash = Math.imul((seed | 0) ^ salt, 0xcc9e2d51);
    for (const part of [Math.floor(seed / 2 ** 32), step, shard]) {
      hash = Math.imul(hash ^ (hash >>> 15) ^ part, 0x2c1b3c6d);
      hash = Math.imul(hash ^ (hash >>> 13), 0x297a2d39);
    }
    return BigInt((hash ^ (hash >>> 16)) >>> 0);
  });
  return new JavaRandom((halves[0]! << 32n) | halves[1]!);
}
