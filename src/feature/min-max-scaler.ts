/** MinMaxScaler: learns the smallest and the largest value of each entry of vectors. */
import type { AlgorithmRef } from '../algorithm/training.js';
import type { ParamOptions, ParamTable } from '../core/params.js';
import { storedEntries, vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { OnePassEstimator } from '../stage/one-pass-estimator.js';
import { Table } from '../table/table.js';
import { DenseVector } from '../table/vector.js';
import type { MinMax, MinMaxAggregationParams } from './min-max-scaler-aggregation.js';
import {
  MinMaxScalerModel,
  type MinMaxScalerParams,
  minMaxScalerParams,
} from './min-max-scaler-model.js';
import { vectorsToLearn } from './scaling.js';

const WHO = 'MinMaxScaler.fit';

/**
 * Learns to scale each entry of vectors to the range [min, max], by default [0, 1].
 *
 * With the smallest value minᵢ and the largest maxᵢ of entry i, the model gives
 * (xᵢ - minᵢ) / (maxᵢ - minᵢ) · (max - min) + min. An entry that is constant, or whose range is
 * below 1e-5, becomes the middle of the range.
 *
 * Features: vectors, dense (float64; float32 is made float64) or sparse, where what is not stored
 * is 0 and counts; null is an error. An entry that is NaN in some row has NaN for both extremes, and
 * the model gives NaN for it; infinities are extremes as any number. Bit-identical models on any
 * number of workers.
 *
 * Differences from Flink ML: vectors that are longer than those learned from are refused, where it
 * cuts them off; a range beyond the largest number is scaled, where it becomes constant.
 *
 * Cost: one pass, O(rows · dim) or O(stored entries + dim); the vectors are copied once, into the
 * workers' memories.
 *
 * @see MinMaxScaler of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ input: [[0, 5], [2, 7], [4, 13]] }, { input: 'vector' });
 * const model = await new MinMaxScaler().fit(table);
 * const { minVector, maxVector } = model.modelData;
 * console.log(String(minVector), String(maxVector)); // [0.0, 5.0] [4.0, 13.0]
 * const scaled = await model.transform(table);
 * console.log(scaled.column('output').toArray().join(' ')); // [0.0, 0.0] [0.5, 0.25] [1.0, 1.0]
 * ```
 */
export class MinMaxScaler extends OnePassEstimator<MinMaxScalerParams, MinMaxScalerModel, MinMax> {
  static readonly className = 'MinMaxScaler';
  static readonly params: ParamTable<MinMaxScalerParams> = minMaxScalerParams;

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<MinMaxScaler> {
    return loadAs(MinMaxScaler, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<MinMaxScalerParams>): MinMaxScaler {
    return new MinMaxScaler(params);
  }

  /**
   * Learns the extremes. `onProgress` reports once, at the end.
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
    const params: MinMaxAggregationParams = { inputCol };
    return {
      module: new URL('./min-max-scaler-aggregation.js', import.meta.url).href,
      name: 'minMaxAggregation',
      params,
    };
  }

  protected override modelOf({ min, max, nan }: MinMax): MinMaxScalerModel {
    const known = (value: number, t: number) => (nan[t] === 1 ? Number.NaN : value);
    return new MinMaxScalerModel(this.params).setModelData({
      minVector: new DenseVector(min.map(known)),
      maxVector: new DenseVector(max.map(known)),
    });
  }
}
