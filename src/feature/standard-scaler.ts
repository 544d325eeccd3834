/** StandardScaler: learns the mean and the standard deviation of each entry of vectors. */
import type { AlgorithmRef } from '../algorithm/training.js';
import type { ParamOptions, ParamTable } from '../core/params.js';
import { storedEntries, vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { OnePassEstimator } from '../stage/one-pass-estimator.js';
import { Table } from '../table/table.js';
import { DenseVector } from '../table/vector.js';
import { vectorsToLearn } from './scaling.js';
import type { MeanAndStd, StandardScalerAggregationParams } from './standard-scaler-aggregation.js';
import {
  StandardScalerModel,
  type StandardScalerParams,
  standardScalerParams,
} from './standard-scaler-model.js';

const WHO = 'StandardScaler.fit';

/**
 * Learns to scale vectors to zero mean and unit variance: z = (x - mean) / std by entry.
 *
 * The mean is Σx / n, std is √(Σ(x - mean)² / (n - 1)), and 0 for a single row. Both are always
 * learned; the params `withMean` and `withStd` say what the model does. Useful before methods that
 * compare entries, such as {@link KMeans}, and before gradient descent.
 *
 * Features: vectors, dense (float64; float32 is made float64) or sparse, where what is not stored
 * is 0; null is an error. An entry that is NaN or infinite in some row, or so large that squares
 * overflow, has mean and std NaN where it makes them so, and the model gives NaN for it.
 * Bit-identical models on any number of workers.
 *
 * Differences from Flink ML: variance is computed about a shift and merged pairwise, so it is exact
 * where Σx² - n·mean² cancels, and exactly 0 for any constant; the model data has no version and
 * timestamp (always 0 and the largest long there), which belong to online models.
 *
 * Cost: one pass, O(rows · dim) or O(stored entries + dim); the vectors are copied once, into the
 * workers' memories.
 *
 * @see Chan, Golub, LeVeque, Algorithms for computing the sample variance, 1983; StandardScaler of
 *   Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ input: [[1, 5], [2, 5], [3, 5]] }, { input: 'vector' });
 * const model = await new StandardScaler({ withMean: true }).fit(table);
 * const { mean, std } = model.modelData;
 * console.log(String(mean), String(std)); // [2.0, 5.0] [1.0, 0.0]
 * const scaled = await model.transform(table);
 * console.log(scaled.column('output').toArray().join(' ')); // [-1.0, 0.0] [0.0, 0.0] [1.0, 0.0]
 * ```
 */
export class StandardScaler extends OnePassEstimator<
  StandardScalerParams,
  StandardScalerModel,
  MeanAndStd
> {
  static readonly className = 'StandardScaler';
  static readonly params: ParamTable<StandardScalerParams> = standardScalerParams;

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<StandardScaler> {
    return loadAs(StandardScaler, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<StandardScalerParams>): StandardScaler {
    return new StandardScaler(params);
  }

  /**
   * Learns mean and standard deviation. `onProgress` reports once, at the end.
   *
   * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for null, or no rows.
   */
  protected override rowsToLearn(table: Table, firstRow: number): Table {
    const { inputCol } = this.params;
    return Table.fromColumns({ [inputCol]: vectorsToLearn(WHO, table, inputCol, firstRow) });
  }

  protected override workToLearn(rows: Table): number {
    return storedEntries(vectorColumn(WHO, rows, this.params.inputCol));
  }

  protected override get aggregation(): AlgorithmRef {
    const { inputCol } = this.params;
    const params: StandardScalerAggregationParams = { inputCol };
    return {
      module: new URL('./standard-scaler-aggregation.js', import.meta.url).href,
      name: 'standardScalerAggregation',
      params,
    };
  }

  protected override modelOf({ mean, std }: MeanAndStd): StandardScalerModel {
    return new StandardScalerModel(this.params).setModelData({
      mean: new DenseVector(mean),
      std: new DenseVector(std),
    });
  }
}
