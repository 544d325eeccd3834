/** From how much work on are two warm workers faster than the calling thread? */
import { aggregate } from '../src/algorithm/aggregate.js';
import { mapRows } from '../src/algorithm/map-rows.js';
import { train } from '../src/algorithm/train.js';
import type { KMeansMappingParams } from '../src/clustering/kmeans-mapping.js';
import { initialState, type KMeansTrainingParams } from '../src/clustering/kmeans-training.js';
import { JavaRandom } from '../src/core/random.js';
import { Column, Session, Table } from '../src/index.js';
import { float64 } from '../src/table/buffers.js';
import { QUICK, timeLong } from './harness/measure.js';
import { Report, short } from './harness/report.js';
import { median } from './harness/samples.js';

const report = new Report(
  import.meta.url,
  'from how much work on are two warm workers faster than the calling thread?',
);
const THREADS = 2;
const session = new Session({ threads: THREADS });
const COLUMN = 'features';
/** Work that a job is told to have, so that it runs on this thread or on the workers. */
const HERE = 0;
const THERE = Number.POSITIVE_INFINITY;
const module = (path: string): string => new URL(`../src/${path}`, import.meta.url).href;
const random = new JavaRandom(7);

interface Call {
  readonly what: string;
  readonly dim: number;
  /** Multiplications and additions per value of the table, as its stage counts them. */
  readonly workPerValue: number;
  readonly run: (table: Table, work: number) => Promise<unknown>;
}

function scalerFit(dim: number): Call {
  const ref = {
    module: module('feature/standard-scaler-aggregation.js'),
    name: 'standardScalerAggregation',
    params: { inputCol: COLUMN },
  };
  return {
    ...{ what: `aggregate: StandardScaler.fit, dim ${dim}`, dim, workPerValue: 1 },
    run: (table, work) => aggregate('inline', ref, table, work, { session }),
  };
}

function kmeansFit(dim: number, k: number, maxIter: number): Call {
  const centroids = Float64Array.from({ length: k * dim }, () => random.nextDouble());
  const distanceMeasure = 'euclidean';
  const params: KMeansTrainingParams = {
    ...{ featuresCol: COLUMN, weightCol: null, distanceMeasure, k, dim, maxIter, tol: 0 },
  };
  const ref = { module: module('clustering/kmeans-training.js'), name: 'kmeansTraining', params };
  const initial = initialState(centroids, k);
  return {
    what: `train: KMeans.fit, dim ${dim}, k=${k}, ${maxIter} rounds`,
    ...{ dim, workPerValue: k * maxIter },
    run: (table, work) => train('inline', ref, table, initial, work, { session }),
  };
}

function kmeansTransform(dim: number, k: number): Call {
  const centroids = Float64Array.from({ length: k * dim }, () => random.nextDouble());
  const distanceMeasure = 'euclidean';
  const who = 'KMeansModel.transform';
  const names = { who, featuresCol: COLUMN };
  const params: KMeansMappingParams = { ...names, distanceMeasure, k, dim, centroids };
  const ref = { module: module('clustering/kmeans-mapping.js'), name: 'kmeansMapping', params };
  const outputs = { labels: { type: 'int32', width: 1 } } as const;
  return {
    ...{ what: `mapRows: KMeansModel.transform, dim ${dim}, k=${k}`, dim, workPerValue: k },
    run: (table, work) => mapRows('inline', ref, table, outputs, work, { session }),
  };
}

const CALLS: readonly Call[] = [
  scalerFit(20),
  kmeansTransform(20, 10),
  kmeansFit(20, 10, 1),
  kmeansFit(20, 10, 20),
  kmeansFit(4, 4, 20),
];
const VALUES: readonly number[] = QUICK ? [1e4, 1e6] : [1e4, 3e4, 1e5, 3e5, 1e6, 3e6, 1e7, 3e7];
/** Beyond this work nobody doubts that workers are faster. */
const MOST_WORK = 3e9;

/** Where the lines cross: the work from which on workers are faster, between two sizes. */
function crossing(points: readonly (readonly [work: number, ratio: number])[]): number {
  const after = points.findIndex((_, i) => points.slice(i).every(([, ratio]) => ratio > 1));
  if (after < 0) return Number.POSITIVE_INFINITY;
  const [work, ratio] = points[after]!;
  if (after === 0) return work;
  const [lastWork, lastRatio] = points[after - 1]!;
  const share = -Math.log(lastRatio) / (Math.log(ratio) - Math.log(lastRatio));
  return lastWork * (work / lastWork) ** share;
}

const crossings: number[] = [];
for (const { what, dim, workPerValue, run } of CALLS) {
  const points: [number, number][] = [];
  for (const values of VALUES.filter((n) => n * workPerValue <= MOST_WORK)) {
    const rows = Math.floor(values / dim);
    const work = rows * dim * workPerValue;
    const array = float64(rows * dim);
    for (let i = 0; i < array.length; i++) array[i] = random.nextDouble();
    const table = Table.fromColumns({ [COLUMN]: Column.dense(array, dim) });
    const timed = await timeLong(
      { here: () => run(table, HERE), there: () => run(table, THERE) },
      { seconds: QUICK ? 0 : 0.2, fewest: 6 },
    );
    const name = `${what}, ${rows} rows, work ${short(work).trim()}`;
    const against = { who: 'calling thread', samples: timed.here };
    const amounts = { rows };
    report.add({ what: name, who: 'calling thread', samples: timed.here, amounts });
    report.add({ what: name, who: `${THREADS} workers`, samples: timed.there, amounts, against });
    points.push([work, median(timed.here) / median(timed.there)]);
  }
  const at = crossing(points);
  crossings.push(at);
  report.note(`${what}: workers are faster from`, at, ' work');
}
report.note('INLINE_WORK should be about', median(crossings), ' work');
await session.close();
report.remark(
  'The workers are up and know the code; a call includes the start of its job, the copy of the ' +
    'data into their memories and the way back. Sizes are those of one table; work is what the ' +
    'stages tell openJob.',
);
report.end();
