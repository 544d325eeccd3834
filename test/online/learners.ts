/** Online estimators, what they learn from, and what they learned, for tests of all of them. */
import { createHash } from 'node:crypto';
import {
  Column,
  countWindow,
  type DenseVector,
  eventTimeTumbling,
  OnlineKMeans,
  type OnlineKMeansModel,
  type OnlineKMeansVersion,
  OnlineLogisticRegression,
  type OnlineLogisticRegressionModel,
  type OnlineLogisticRegressionModelData,
  OnlineStandardScaler,
  type OnlineStandardScalerModel,
  type OnlineStandardScalerVersion,
  Table,
  TableStream,
} from '../../src/index.js';
import type { FitOptions } from '../../src/stage/stage.js';
import { seeded } from '../reference/random.js';

const SIZE = 9000;
const ENTRIES = 5;

/** Rows of five sparse entries whose label follows the first one, more or less. */
export function sparseRows(count: number, seed: number, size: number = SIZE): Table {
  const random = seeded(seed);
  const offsets = Int32Array.from({ length: count + 1 }, (_, i) => i * ENTRIES);
  const indices = new Int32Array(count * ENTRIES);
  const label = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    for (let j = 0; j < ENTRIES; j++) {
      indices[row * ENTRIES + j] = j * Math.floor(size / ENTRIES) + random.below(50);
    }
    label[row] = (indices[row * ENTRIES]! + random.below(40)) % 90 > 45 ? 1 : 0;
  }
  const values = new Float64Array(count * ENTRIES).fill(1);
  return Table.fromColumns({ features: Column.sparse(size, offsets, indices, values), label });
}

/** Vectors with times that rise by about ten a row, some of them late. */
export function timedRows(count: number, seed: number, dim = 3): Table {
  const random = seeded(seed);
  const time = Float64Array.from({ length: count }, (_, i) => 10 * i + random.below(30));
  return Table.fromColumns({ time, input: Column.dense(random.f64(count * dim), dim) });
}

/** A table in batches of so many rows. */
export function inBatches(table: Table, rows: number): Table[] {
  const count = Math.ceil(table.numRows / rows);
  return Array.from({ length: count }, (_, i) => table.slice(i * rows, (i + 1) * rows));
}

/** Batches that can be read from any one on; some reads fail, each once. */
export class Batches implements AsyncIterable<Table> {
  readonly #batches: readonly Table[];
  readonly #failures: Set<number>;
  readonly #pauseMs: number;
  #next = 0;

  constructor(batches: readonly Table[], failures: readonly number[] = [], pauseMs = 0) {
    this.#batches = batches;
    this.#failures = new Set(failures);
    this.#pauseMs = pauseMs;
  }

  position(): unknown {
    return this.#next;
  }

  seek(position: unknown): void {
    this.#next = (position as number | null) ?? 0;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Table> {
    while (this.#next < this.#batches.length) {
      await new Promise((resolve) => {
        if (this.#pauseMs > 0) setTimeout(resolve, this.#pauseMs);
        else setImmediate(resolve);
      });
      if (this.#failures.delete(this.#next)) throw new Error(`batch ${this.#next} was not there`);
      yield this.#batches[this.#next++]!;
    }
  }
}

const bits = (...vectors: readonly (DenseVector | undefined)[]): string => {
  const hash = createHash('sha256');
  for (const vector of vectors) if (vector !== undefined) hash.update(vector.values);
  return hash.digest('base64');
};

type Model = OnlineKMeansModel | OnlineLogisticRegressionModel | OnlineStandardScalerModel;
type Version =
  | OnlineKMeansVersion
  | OnlineLogisticRegressionModelData
  | OnlineStandardScalerVersion;

/** Every bit of a version. */
export function digest(data: Version): string {
  if ('coefficient' in data) {
    return [data.modelVersion, bits(data.coefficient), bits(data.z), bits(data.n)].join(' ');
  }
  if ('centroids' in data) {
    return [data.version, bits(...data.centroids), bits(data.weights)].join(' ');
  }
  return [data.version, data.timestamp, bits(data.mean), bits(data.squares), data.rows].join(' ');
}

export const numberOf = (data: Version): number =>
  'coefficient' in data ? data.modelVersion : data.version;

/** Something that learns from a stream. */
export interface Learner {
  readonly batches: readonly Table[];
  readonly timestampCol?: string;
  /** Versions of an undisturbed run. */
  readonly versions: number;
  fit(stream: TableStream, options: FitOptions): Promise<Model>;
}

const logistic = (globalBatchSize: number) =>
  new OnlineLogisticRegression({ globalBatchSize, reg: 0.01, elasticNet: 0.5 });

/** What a learner learns from, out of whatever gives its batches. */
export function streamOf({ timestampCol }: Learner, source: AsyncIterable<Table>): TableStream {
  return TableStream.from(source, timestampCol === undefined ? {} : { timestampCol });
}

/** Two centroids that know nothing yet. */
const twoCentroids = OnlineKMeans.generateRandomModelData(2, 3, 0, 11);

/**
 * Small, so that tests are quick. The second one is cut by features over two learners; the last one
 * has batches that learners share.
 */
export const LEARNERS: Readonly<Record<string, Learner>> = {
  'logistic regression': {
    batches: inBatches(sparseRows(6000, 1), 150),
    versions: 60,
    fit: (stream, options) => logistic(100).fit(stream, options),
  },
  'logistic regression of two feature ranges': {
    batches: inBatches(sparseRows(200_000, 2), 10_000),
    versions: 6,
    fit: (stream, options) => logistic(32_768).fit(stream, options),
  },
  'scaler by count': {
    batches: inBatches(timedRows(6000, 3), 70),
    versions: 60,
    fit: (stream, options) =>
      new OnlineStandardScaler({ windows: countWindow(100) }).fit(stream, options),
  },
  'scaler by event time': {
    batches: inBatches(timedRows(6000, 4), 70),
    timestampCol: 'time',
    versions: 60,
    fit: (stream, options) =>
      new OnlineStandardScaler({ windows: eventTimeTumbling(1000) }).fit(stream, options),
  },
  'k-means from a model': {
    batches: inBatches(timedRows(6000, 5), 70),
    versions: 61,
    fit: (stream, options) =>
      new OnlineKMeans({ featuresCol: 'input', globalBatchSize: 100, decayFactor: 0.5 })
        .setInitialModelData(twoCentroids)
        .fit(stream, options),
  },
  'k-means of shared batches': {
    batches: inBatches(timedRows(30_000, 6, 8), 400),
    versions: 8,
    fit: (stream, options) =>
      new OnlineKMeans({ featuresCol: 'input', globalBatchSize: 4096, k: 32 }).fit(stream, options),
  },
};
