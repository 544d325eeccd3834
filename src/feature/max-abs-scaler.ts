/** MaxAbsScaler: learns the largest magnitude of each entry of vectors. */
import type { AlgorithmRef } from '../algorithm/training.js';
import type { ParamOptions, ParamTable } from '../core/params.js';
import { storedEntries, vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { OnePassEstimator } from '../stage/one-pass-estimator.js';
import { Table } from '../table/table.js';
import { DenseVector } from '../table/vector.js';
import type { MaxAbsAggregationParams } from './max-abs-scaler-aggregation.js';
import {
  MaxAbsScalerModel,
  type MaxAbsScalerParams,
  maxAbsScalerParams,
} from './max-abs-scaler-model.js';
import { vectorsToLearn } from './scaling.js';

const WHO = 'MaxAbsScaler.fit';

/**
 * Learns to scale each entry of vectors to [-1, 1]: y = x / max|x|, entry by entry.
 *
 * Zeros stay zeros, so sparse vectors stay sparse.
 *
 * Features: vectors, dense (float64; float32 is made float64) or sparse, where what is not stored
 * is 0; null is an error. An entry that is NaN in some row has a largest magnitude of NaN, and the
 * model gives NaN for it; one that is infinite becomes 0, or NaN where it is infinite.
 * Bit-identical models on any number of workers.
 *
 * Differences from Flink ML: an empty table is refused, where it gives no model at all; an entry
 * whose largest magnitude has no finite reciprocal (below about 5.6e-309) stays as it is, where zeros
 * become NaN.
 *
 * Cost: one pass, O(rows · dim) or O(stored entries + dim); the vectors are copied once, into the
 * workers' memories.
 *
 * @see MaxAbsScaler of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ input: [[-4, 0], [2, 0], [1, 0]] }, { input: 'vector' });
 * const model = await new MaxAbsScaler().fit(table);
 * console.log(String(model.modelData.maxVector)); // [4.0, 0.0]
 * const scaled = await model.transform(table);
 * console.log(scaled.column('output').toArray().join(' ')); // [-1.0, 0.0] [0.5, 0.0] [0.25, 0.0]
 * ```
 */
export class MaxAbsScaler extends OnePassEstimator<
  MaxAbsScalerParams,
  MaxAbsScalerModel,
  Float64Array
> {
  static readonly className = 'MaxAbsScaler';
  static readonly params: ParamTable<MaxAbsScalerParams> = maxAbsScalerParams;

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<MaxAbsScaler> {
    return loadAs(MaxAbsScaler, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<MaxAbsScalerParams>): MaxAbsScaler {
    return new MaxAbsScaler(params);
  }

  /**
   * Learns the largest magnitudes. `onProgress` reports once, at the end.
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
    const params: MaxAbsAggregationParams = { inputCol };
    return {
      module: new URL('./max-abs-scaler-aggregation.js', import.meta.url).href,
      name: 'maxAbsAggregation',
      params,
    };
  }

  protected override modelOf(max: Float64Array): MaxAbsScalerModel {
    return new MaxAbsScalerModel(this.params).setModelData({ maxVector: new DenseVector(max) });
  }
}
