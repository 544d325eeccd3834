/** KMeans: clusters points around k means. */
import { train } from '../algorithm/train.js';
import { DataError } from '../core/errors.js';
import { int, nullable, oneOf, type ParamOptions, type ParamTable } from '../core/params.js';
import { reservoirSample } from '../core/random.js';
import { denseColumn, requireRows } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { Estimator, type FitOptions, sharedParams } from '../stage/stage.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import { Table } from '../table/table.js';
import { DenseVector } from '../table/vector.js';
import { KMeansModel, type KMeansModelParams, kmeansModelParams } from './kmeans-model.js';
import type { KMeansState, KMeansTrainingParams } from './kmeans-training.js';

/** The seed of Flink ML when none is given: the hash of its class's name. */
const DEFAULT_SEED = -235125357;

/** Params of {@link KMeans}. */
export interface KMeansParams extends KMeansModelParams {
  /** Seed of the initial sample, an integer. **Default:** null, which is Flink ML's own. */
  readonly seed: number | null;
  /** Number of rounds, >= 1; there is no earlier stop. **Default:** 20. */
  readonly maxIter: number;
  /** How the initial centroids are chosen. **Default:** `'random'`: a sample of the rows. */
  readonly initMode: 'random';
}

const kmeansParams: ParamTable<KMeansParams> = {
  ...kmeansModelParams,
  seed: nullable(int(0)),
  maxIter: int(20, { min: 1 }),
  initMode: oneOf(['random'], 'random'),
};

/**
 * Clusters points: k centroids such that each is the mean of the points that are closest to it.
 *
 * Lloyd's algorithm: k rows are sampled as the first centroids; a round assigns every point to its
 * closest centroid and moves the centroids to the means of their points. Bit-identical models on
 * any number of workers.
 *
 * Features: vectors, dense or sparse (made dense), float64 or float32 (made float64); null, NaN
 * and infinities are errors, and with `'cosine'` zero vectors. Differences from Flink ML: an empty cluster keeps its centroid, fewer
 * rows than k are an error, and sampling is that of one subtask whatever the parallelism.
 *
 * Cost: O(maxIter · rows · k · dim); the points are copied once, into the workers' memories.
 *
 * @see Lloyd, Least squares quantization in PCM, 1982; KMeans of Flink ML.
 *
 * @example
 * ```ts
 * const points = [[0, 0], [0, 0.3], [0.3, 0], [9, 0], [9, 0.6], [9.6, 0]];
 * const table = Table.fromColumns({ features: points }, { features: 'vector' });
 * const model = await new KMeans({ k: 2, seed: 1 }).fit(table);
 * const labeled = await model.transform(table);
 * console.log(labeled.column('prediction').toArray()); // [1, 1, 1, 0, 0, 0]
 * ```
 */
export class KMeans extends Estimator<KMeansParams, KMeansModel> {
  static readonly className = 'KMeans';
  static readonly params: ParamTable<KMeansParams> = kmeansParams;

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<KMeans> {
    return loadAs(KMeans, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<KMeansParams>): KMeans {
    return new KMeans(params);
  }

  /**
   * Learns the centroids. `onProgress` reports rounds; `loss` is the cost that the round started
   * with: the sum of squared distances (euclidean) or of distances.
   *
   * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for null, NaN, no rows, or
   *   fewer rows than k; DimensionMismatchError for ragged vectors.
   */
  protected override async fitTable(table: Table, options: FitOptions): Promise<KMeansModel> {
    const { featuresCol, k, maxIter, distanceMeasure, seed } = this.params;
    requireRows('KMeans.fit', table);
    const points = denseColumn('KMeans.fit', table, featuresCol);
    const rows = table.numRows;
    if (rows < k) {
      throw new DataError(`KMeans.fit: there must be at least k = ${k} rows, got ${rows}.`, {
        details: { k, rows },
      });
    }
    const { dim } = points;
    const params: KMeansTrainingParams = { featuresCol, distanceMeasure, k, dim, maxIter };
    const initial: KMeansState = {
      centroids: initialCentroids(points, k, seed ?? DEFAULT_SEED),
      weights: new Float64Array(k),
      squares: null,
    };
    const { onProgress } = options;
    const { centroids, weights } = await train(
      'KMeans.fit',
      {
        module: new URL('./kmeans-training.js', import.meta.url).href,
        name: 'kmeansTraining',
        params,
      },
      Table.fromColumns({ [featuresCol]: points }),
      initial,
      rows * dim * k * maxIter,
      {
        ...options,
        onRound:
          onProgress &&
          (({ epoch, metrics }) =>
            onProgress({ epoch: epoch + 1, rows: rows * (epoch + 1), loss: metrics.cost! })),
      },
    );
    return new KMeansModel(sharedParams(this.params, kmeansModelParams)).setModelData({
      centroids: Array.from({ length: k }, (_, j) => {
        return new DenseVector(centroids.slice(j * dim, (j + 1) * dim));
      }),
      weights: new DenseVector(weights),
    });
  }
}

function initialCentroids({ values, dim, length }: DenseVectorColumn, k: number, seed: number) {
  const centroids = new Float64Array(k * dim);
  reservoirSample(length, k, seed).forEach((row, j) => {
    centroids.set(values.subarray(row * dim, (row + 1) * dim), j * dim);
  });
  return centroids;
}
