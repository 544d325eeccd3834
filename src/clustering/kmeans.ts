/** KMeans: clusters points around k means. */
import { train } from '../algorithm/train.js';
import { DataError, DimensionMismatchError, ModelDataError } from '../core/errors.js';
import {
  double,
  int,
  nullable,
  oneOf,
  type ParamOptions,
  type ParamTable,
  string,
} from '../core/params.js';
import { denseColumn, requireRows } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { Estimator, type FitOptions, sharedParams } from '../stage/stage.js';
import { weightsOfRows } from '../stage/weights.js';
import { Column } from '../table/column.js';
import { Table } from '../table/table.js';
import { DenseVector } from '../table/vector.js';
import {
  checkModelData,
  KMeansModel,
  type KMeansModelData,
  type KMeansModelParams,
  kmeansDataTable,
  kmeansModelParams,
} from './kmeans-model.js';
import { type InitMode, initialCentroids, type SeedingPoints } from './kmeans-seeding.js';
import { initialState, type KMeansTrainingParams } from './kmeans-training.js';

const WHO = 'KMeans.fit';

/** The seed of Flink ML when none is given: the hash of its class's name. */
const DEFAULT_SEED = -235125357;

/** Params of {@link KMeans}. */
export interface KMeansParams extends KMeansModelParams {
  /** Seed of the initial centroids, an integer. **Default:** null, which is Flink ML's own. */
  readonly seed: number | null;
  /** Rounds, >= 1; fewer only with `tol`. **Default:** 20. */
  readonly maxIter: number;
  /**
   * How the initial centroids are chosen. **Default:** `'random'`: a sample of the rows, whatever
   * they weigh. `'k-means++'`: one after the other, far rows with a higher probability, each the
   * best of 2 + ⌊ln k⌋; k passes over the rows. `'k-means||'`: about 2k candidates at once in each
   * of `initSteps` steps, of which k-means++ takes k; few passes, for many clusters.
   */
  readonly initMode: InitMode;
  /** Steps of `'k-means||'`, >= 1. **Default:** 2. */
  readonly initSteps: number;
  /**
   * Rounds end when the squares of the centroids' moves add up to `tol` times the variance of a
   * column at most, in the mean over the columns, as scikit-learn does; >= 0. **Default:** 0: there
   * is no earlier stop, but rounds after one in which no centroid moved cost nothing.
   */
  readonly tol: number;
  /** Column of the rows' weights: numbers >= 0. **Default:** null: every row weighs 1. */
  readonly weightCol: string | null;
}

const kmeansParams: ParamTable<KMeansParams> = {
  ...kmeansModelParams,
  seed: nullable(int(0)),
  maxIter: int(20, { min: 1 }),
  initMode: oneOf(['random', 'k-means++', 'k-means||'], 'random'),
  initSteps: int(2, { min: 1 }),
  tol: double(0, { min: 0 }),
  weightCol: nullable(string('weight')),
};

/**
 * Clusters points: k centroids such that each is the mean of the points that are closest to it.
 *
 * Lloyd's algorithm: k rows are chosen as the first centroids; a round assigns every point to its
 * closest centroid and moves the centroids to the (weighted) means of their points, until they move
 * less than `tol` allows or `maxIter` rounds are over. Bit-identical models on any number of
 * workers. {@link KMeansModel.summary} tells how it went.
 *
 * Features: vectors, dense or sparse (made dense), float64 or float32 (made float64); null, NaN and
 * infinities are errors, and with `'cosine'` zero vectors. Differences from Flink ML: `weightCol`,
 * `tol`, `initSteps`, {@link setInitialModelData} and the modes `'k-means++'` and `'k-means||'` are
 * new; an empty cluster keeps its centroid, fewer rows than k are an error, and sampling is that of
 * one subtask whatever the parallelism.
 *
 * Cost: O(maxIter · rows · k · dim) at most; the points are copied once, into the workers' memories.
 * With 8 clusters or more and the euclidean distance, bounds that the triangle inequality gives
 * leave out most distances in later rounds, without changing a bit of the result; they take 12 bytes
 * a row, or 4k + 4 where vectors are long, and are done without where memory is short. In up to 4
 * dimensions points are sorted by place instead, for about 4 + 5·dim bytes a row, and those that lie
 * together are compared with the centroids near them only.
 *
 * @see Lloyd, Least squares quantization in PCM, 1982; KMeans of Flink ML.
 * @see Arthur and Vassilvitskii, k-means++: the advantages of careful seeding, 2007.
 * @see Bahmani et al., Scalable k-means++, 2012.
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
  #initial: KMeansModelData | null = null;

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<KMeans> {
    return loadAs(KMeans, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<KMeansParams>, data: Table | null): KMeans {
    const estimator = new KMeans(params);
    const shared = sharedParams(estimator.params, kmeansModelParams);
    const initial = KMeansModel.fromSaved(shared, data).dataOrNull;
    return initial === null ? estimator : estimator.setInitialModelData(initial);
  }

  /**
   * Starts from these centroids, whatever `initMode` says. Their weights are not used.
   *
   * @param data k centroids of the points' size, and k weights.
   * @throws DimensionMismatchError `ERR_GYRE_DIMENSION`, ModelDataError `ERR_GYRE_MODEL`.
   */
  setInitialModelData(data: KMeansModelData): this {
    const who = 'KMeans.setInitialModelData';
    const { k } = this.params;
    checkModelData(who, k, data);
    const { centroids, weights } = data;
    if (centroids.length !== k) {
      throw new ModelDataError(
        `${who}: there must be k = ${k} centroids, got ${centroids.length}.`,
        {
          details: { k, got: centroids.length },
        },
      );
    }
    const bad = centroids.find(({ values }) => !values.every(Number.isFinite));
    if (bad !== undefined) {
      throw new ModelDataError(`${who}: centroids must be finite, got ${bad}.`);
    }
    this.#initial = { centroids, weights };
    return this;
  }

  protected override savedData(): Table | null {
    return this.#initial === null ? null : kmeansDataTable(this.#initial);
  }

  /**
   * Learns the centroids. `onProgress` reports rounds; `loss` is the cost that the round started
   * with: the sum of squared distances (euclidean) or of distances.
   *
   * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for null, NaN, no rows, or
   *   fewer rows than k; DimensionMismatchError for ragged vectors.
   */
  protected override async fitTable(table: Table, options: FitOptions): Promise<KMeansModel> {
    const { featuresCol, weightCol, k, maxIter, tol, distanceMeasure } = this.params;
    requireRows(WHO, table);
    const points = denseColumn(WHO, table, featuresCol);
    const weights = weightsOfRows(WHO, table, weightCol);
    const rows = table.numRows;
    checkRows(rows, k, weights);
    const { dim } = points;
    // Under a name of its own, in case both are one column.
    const weighing = weights && `${featuresCol}.weight`;
    const columns = { featuresCol, weightCol: weighing, distanceMeasure, k, dim };
    const training: Table = Table.fromColumns({
      [featuresCol]: points,
      ...(weighing !== null && { [weighing]: Column.numeric(weights!) }),
    });
    const data = { table: training, points, weights };
    const start = await this.#start(columns, data, options);
    const params: KMeansTrainingParams = { ...columns, maxIter, tol };
    const { onProgress } = options;
    const end = await train(
      WHO,
      {
        module: new URL('./kmeans-training.js', import.meta.url).href,
        name: 'kmeansTraining',
        params,
      },
      training,
      initialState(start, k),
      rows * dim * k * maxIter,
      {
        ...options,
        onRound:
          onProgress &&
          (({ epoch, metrics }) =>
            onProgress({ epoch: epoch + 1, rows: rows * (epoch + 1), loss: metrics.cost! })),
      },
    );
    const model = new KMeansModel(sharedParams(this.params, kmeansModelParams)).setModelData({
      centroids: Array.from({ length: k }, (_, j) => {
        return new DenseVector(end.centroids.slice(j * dim, (j + 1) * dim));
      }),
      weights: new DenseVector(end.weights),
    });
    return model.setSummary({
      costs: end.costs,
      iterations: end.round,
      reason: end.converged ? 'converged' : 'maxIter',
    });
  }

  /** The first centroids, row-major. */
  async #start(
    params: Omit<KMeansTrainingParams, 'maxIter' | 'tol'>,
    data: SeedingPoints,
    { session, signal }: FitOptions,
  ): Promise<Float64Array> {
    const { initMode, initSteps, seed } = this.params;
    const { dim } = params;
    if (this.#initial === null) {
      const seeding = { ...params, initMode, initSteps, seed: seed ?? DEFAULT_SEED };
      // It is over before there is anything to resume: the same seed chooses the same again.
      return initialCentroids(seeding, data, { session, signal, checkpoint: null });
    }
    const { centroids } = this.#initial;
    const { size } = centroids[0]!;
    if (size !== dim) {
      throw new DimensionMismatchError(
        `${WHO}: column "${params.featuresCol}" must have vectors of size ${size}, as the initial ` +
          `centroids have, got ${dim}.`,
        { details: { who: WHO, column: params.featuresCol, expected: size, got: dim } },
      );
    }
    return Float64Array.from(centroids.flatMap(({ values }) => [...values]));
  }
}

function checkRows(rows: number, k: number, weights: Float64Array | null): void {
  if (rows < k) {
    throw new DataError(`${WHO}: there must be at least k = ${k} rows, got ${rows}.`, {
      details: { k, rows },
    });
  }
  if (weights === null || weights.some((weight) => weight > 0)) return;
  throw new DataError(`${WHO}: a row must weigh more than 0, got none that does.`);
}
