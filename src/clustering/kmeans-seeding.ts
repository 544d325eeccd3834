/** The initial centroids of KMeans. */
import { type TrainOptions, train } from '../algorithm/train.js';
import { JavaRandom, reservoirSample } from '../core/random.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { Table } from '../table/table.js';
import type { ParallelParams, ParallelState } from './kmeans-parallel.js';
import type { PlusPlusParams, PlusPlusState } from './kmeans-plus-plus.js';
import type { SeedingParams } from './seeding-shard.js';
import { placeOf, trialsFor } from './weighted-choice.js';
import { weightedPlusPlus } from './weighted-plus-plus.js';

/** How the initial centroids are chosen. */
export type InitMode = 'random' | 'k-means++' | 'k-means||';

export interface Seeding extends SeedingParams {
  readonly initMode: InitMode;
  readonly initSteps: number;
  readonly seed: number;
}

/** Points with weights; `table` has both as columns. */
export interface SeedingPoints {
  readonly table: Table;
  readonly points: DenseVectorColumn;
  readonly weights: Float64Array | null;
}

const WHO = 'KMeans.fit';

/** k initial centroids, row-major: the same on any number of workers. */
export function initialCentroids(
  seeding: Seeding,
  data: SeedingPoints,
  options: TrainOptions,
): Promise<Float64Array> {
  const { initMode, k, seed } = seeding;
  if (initMode === 'k-means++') return plusPlus(seeding, data, options);
  if (initMode === 'k-means||') return parallel(seeding, data, options);
  return Promise.resolve(rowsOf(data.points, reservoirSample(data.points.length, k, seed)));
}

function rowsOf({ values, dim }: DenseVectorColumn, rows: Int32Array): Float64Array {
  const centroids = new Float64Array(rows.length * dim);
  rows.forEach((row, j) => {
    centroids.set(values.subarray(row * dim, (row + 1) * dim), j * dim);
  });
  return centroids;
}

/** A row by weight. */
function firstRow({ points, weights }: SeedingPoints, random: JavaRandom): Float64Array {
  if (weights === null) return rowsOf(points, Int32Array.of(random.nextInt(points.length)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return rowsOf(points, Int32Array.of(placeOf(weights, random.nextDouble() * total)));
}

async function plusPlus(
  { featuresCol, weightCol, distanceMeasure, k, dim, seed }: Seeding,
  data: SeedingPoints,
  options: TrainOptions,
): Promise<Float64Array> {
  const random = new JavaRandom(seed);
  const trials = trialsFor(k);
  const first = firstRow(data, random);
  const draws = Float64Array.from({ length: (k - 1) * trials }, () => random.nextDouble());
  const params: PlusPlusParams = {
    ...{ featuresCol, weightCol, distanceMeasure, k, dim, trials, draws },
  };
  const initial: PlusPlusState = { chosen: new Float64Array(0), candidates: first, targets: [] };
  const module = new URL('./kmeans-plus-plus.js', import.meta.url).href;
  const work = data.points.length * dim * k * trials;
  const ref = { module, name: 'plusPlusTraining', params };
  return (await train(WHO, ref, data.table, initial, work, options)).chosen;
}

async function parallel(
  { featuresCol, weightCol, distanceMeasure, k, dim, seed, initSteps }: Seeding,
  data: SeedingPoints,
  options: TrainOptions,
): Promise<Float64Array> {
  const random = new JavaRandom(seed);
  const oversampling = 2 * k;
  const params: ParallelParams = {
    ...{ featuresCol, weightCol, distanceMeasure, k, dim, seed, oversampling, steps: initSteps },
  };
  const initial: ParallelState = {
    candidates: firstRow(data, random),
    counts: new Float64Array(0),
    cost: null,
    step: 0,
  };
  const module = new URL('./kmeans-parallel.js', import.meta.url).href;
  const work = data.points.length * dim * oversampling * initSteps;
  const ref = { module, name: 'parallelTraining', params };
  const { candidates, counts } = await train(WHO, ref, data.table, initial, work, options);
  // Where points are few or alike there may be fewer candidates than centroids: rows make up for it.
  const spare = rowsOf(data.points, reservoirSample(data.points.length, k, seed));
  const values = new Float64Array(candidates.length + spare.length);
  values.set(candidates);
  values.set(spare, candidates.length);
  const weights = new Float64Array(values.length / dim);
  weights.set(counts);
  return weightedPlusPlus(distanceMeasure, { values, weights, dim }, k, random);
}
