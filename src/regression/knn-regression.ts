/** KnnRegression: the mean label of the k nearest neighbours. */
import { learnRows, neighbourModelParams } from '../classification/knn-neighbour-model.js';
import { type ParamOptions, type ParamTable, string } from '../core/params.js';
import { loadAs } from '../stage/load.js';
import { Estimator, type FitOptions, sharedParams } from '../stage/stage.js';
import type { Table } from '../table/table.js';
import { KnnRegressionModel, type KnnRegressionModelParams } from './knn-regression-model.js';

/** Params of {@link KnnRegression}. */
export interface KnnRegressionParams extends KnnRegressionModelParams {
  /** Column of the labels: numbers. **Default:** `'label'`. */
  readonly labelCol: string;
}

const knnRegressionParams: ParamTable<KnnRegressionParams> = {
  ...neighbourModelParams,
  labelCol: string('label'),
};

/**
 * Predicts a number for a row: the mean label of the k rows that are nearest to it.
 *
 * Features, labels, distances, errors and cost are those of {@link Knn}. Flink ML has no such
 * stage; names and defaults are those of its `Knn`.
 *
 * @see Altman, An introduction to kernel and nearest-neighbor nonparametric regression, 1992.
 *
 * @example
 * ```ts
 * const features = [[0], [1], [2], [10], [11], [12]];
 * const table = Table.fromColumns({ features, label: [0, 1, 2, 5, 6, 7] }, { features: 'vector' });
 * const model = await new KnnRegression({ k: 3 }).fit(table);
 * const queries = Table.fromColumns({ features: [[1.5], [20]] }, { features: 'vector' });
 * console.log((await model.transform(queries)).column('prediction').toArray()); // [1, 6]
 * ```
 */
export class KnnRegression extends Estimator<KnnRegressionParams, KnnRegressionModel> {
  static readonly className = 'KnnRegression';
  static readonly params: ParamTable<KnnRegressionParams> = knnRegressionParams;

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<KnnRegression> {
    return loadAs(KnnRegression, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<KnnRegressionParams>): KnnRegression {
    return new KnnRegression(params);
  }

  /**
   * Keeps the rows.
   *
   * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for no rows, null, NaN or an
   *   infinity; DimensionMismatchError for ragged vectors.
   */
  protected override async fitTable(
    table: Table,
    options: FitOptions,
  ): Promise<KnnRegressionModel> {
    const data = await learnRows('KnnRegression.fit', table, this.params, options);
    return new KnnRegressionModel(sharedParams(this.params, neighbourModelParams)).setModelData(
      data,
    );
  }
}
