/** Knn: the label of the k nearest neighbours. */
import { type ParamOptions, type ParamTable, string } from '../core/params.js';
import { loadAs } from '../stage/load.js';
import { Estimator, type FitOptions, sharedParams } from '../stage/stage.js';
import type { Table } from '../table/table.js';
import { KnnModel, type KnnModelParams, knnModelParams } from './knn-model.js';
import { learnRows } from './knn-neighbour-model.js';

/** Params of {@link Knn}. */
export interface KnnParams extends KnnModelParams {
  /** Column of the labels: numbers. **Default:** `'label'`. */
  readonly labelCol: string;
}

const knnParams: ParamTable<KnnParams> = { ...knnModelParams, labelCol: string('label') };

/**
 * Classifies a row by the labels of the k rows that are nearest to it.
 *
 * Distances of rows x and y: euclidean, √Σ(xₜ - yₜ)²; manhattan, Σ|xₜ - yₜ|; cosine,
 * 1 - x·y / (|x| |y|). There is nothing to learn: the model keeps the rows.
 *
 * Features: vectors, dense or sparse (made dense), float64 or float32 (made float64). Labels:
 * numbers of any type; each value is a class. Null, NaN and infinities are errors, and with
 * `'cosine'` vectors of zeros. Features are worth scaling first, for example by
 * {@link StandardScaler}: a column counts as much as its range.
 *
 * Differences from Flink ML: distances are those of brute force, (x - y)², where Flink ML's
 * x² - 2xy + y² loses digits, so that neighbours are exact wherever the data lie; an empty table is
 * a clear error; `distanceMeasure`, `weighting` and `rawPredictionCol` are added, and default to
 * what Flink ML does.
 *
 * Cost of `fit`: O(rows · dim), on the calling thread; features of 64-bit floats are not copied.
 *
 * @see Cover and Hart, Nearest neighbor pattern classification, 1967; Friedman, Bentley and Finkel,
 *   An algorithm for finding best matches in logarithmic expected time, 1977; Knn of Flink ML.
 *
 * @example
 * ```ts
 * const features = [[0, 0], [0, 1], [1, 0], [9, 9], [9, 8], [8, 9]];
 * const table = Table.fromColumns({ features, label: [1, 1, 1, 2, 2, 2] }, { features: 'vector' });
 * const model = await new Knn({ k: 3 }).fit(table);
 * const queries = Table.fromColumns({ features: [[1, 1], [7, 7]] }, { features: 'vector' });
 * console.log((await model.transform(queries)).column('prediction').toArray()); // [1, 2]
 * const near = await model.nearest(queries, 2);
 * console.log(near.row(0).indices); // [1, 2]
 * ```
 */
export class Knn extends Estimator<KnnParams, KnnModel> {
  static readonly className = 'Knn';
  static readonly params: ParamTable<KnnParams> = knnParams;

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<Knn> {
    return loadAs(Knn, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<KnnParams>): Knn {
    return new Knn(params);
  }

  /**
   * Keeps the rows.
   *
   * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for no rows, null, NaN or an
   *   infinity; DimensionMismatchError for ragged vectors.
   */
  protected override async fitTable(table: Table, options: FitOptions): Promise<KnnModel> {
    const data = await learnRows('Knn.fit', table, this.params, options);
    return new KnnModel(sharedParams(this.params, knnModelParams)).setModelData(data);
  }
}
