/** VarianceThresholdSelector: learns which entries of vectors vary enough to be kept. */
import type { AlgorithmRef } from '../algorithm/training.js';
import { double, type ParamOptions, type ParamTable } from '../core/params.js';
import { storedEntries, vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { OnePassEstimator } from '../stage/one-pass-estimator.js';
import { sharedParams } from '../stage/stage.js';
import { Table } from '../table/table.js';
import { vectorsToLearn } from './scaling.js';
import type { StandardScalerAggregationParams } from './standard-scaler-aggregation.js';
import {
  VarianceThresholdSelectorModel,
  type VarianceThresholdSelectorModelParams,
  varianceThresholdSelectorModelParams,
} from './variance-threshold-selector-model.js';

const WHO = 'VarianceThresholdSelector.fit';

/** Params of {@link VarianceThresholdSelector}. */
export interface VarianceThresholdSelectorParams extends VarianceThresholdSelectorModelParams {
  /** Entries whose variance is not above it are dropped. At least 0. **Default:** 0. */
  readonly varianceThreshold: number;
}

const varianceThresholdSelectorParams: ParamTable<VarianceThresholdSelectorParams> = {
  ...varianceThresholdSelectorModelParams,
  varianceThreshold: double(0, { min: 0 }),
};

/**
 * Learns which entries of vectors to keep: those with Σ(x - mean)² / n > varianceThreshold.
 *
 * With the default threshold these are the entries that are not constant. The variance is that of
 * the population, with divisor n.
 *
 * Features: vectors, dense (float64; float32 is made float64) or sparse, where what is not stored
 * is 0; null is an error. An entry that is NaN or infinite in some row, or so large that squares
 * overflow, has no variance and is dropped. Bit-identical models on any number of workers.
 *
 * Differences from Flink ML: variance is computed about a shift and merged pairwise, so that it is
 * exactly 0 for any constant, where Σx² / n - mean² may keep one.
 *
 * Cost: one pass, O(rows · dim) or O(stored entries + dim); the vectors are copied once, into the
 * workers' memories.
 *
 * @see VarianceThresholdSelector of Flink ML; Chan, Golub, LeVeque, Algorithms for computing the
 *   sample variance, 1983.
 *
 * @example
 * ```ts
 * const input = [[5, 7, 0.1], [0, 9, 0.1], [1, 8, 0.1]];
 * const table = Table.fromColumns({ input }, { input: 'vector' });
 * const model = await new VarianceThresholdSelector().fit(table);
 * console.log(model.modelData.indices.join(' ')); // 0 1
 * const output = await model.transform(table);
 * console.log(output.column('output').toArray().join(' ')); // [5.0, 7.0] [0.0, 9.0] [1.0, 8.0]
 * ```
 */
export class VarianceThresholdSelector extends OnePassEstimator<
  VarianceThresholdSelectorParams,
  VarianceThresholdSelectorModel,
  Float64Array
> {
  static readonly className = 'VarianceThresholdSelector';
  static readonly params: ParamTable<VarianceThresholdSelectorParams> =
    varianceThresholdSelectorParams;

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<VarianceThresholdSelector> {
    return loadAs(VarianceThresholdSelector, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<VarianceThresholdSelectorParams>,
  ): VarianceThresholdSelector {
    return new VarianceThresholdSelector(params);
  }

  /**
   * Learns the entries. `onProgress` reports once, at the end.
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
      module: new URL('./variance-threshold-selector-aggregation.js', import.meta.url).href,
      name: 'varianceAggregation',
      params,
    };
  }

  protected override modelOf(variances: Float64Array): VarianceThresholdSelectorModel {
    const { varianceThreshold } = this.params;
    const shared = sharedParams(this.params, varianceThresholdSelectorModelParams);
    return new VarianceThresholdSelectorModel(shared).setModelData({
      numOfFeatures: variances.length,
      indices: Int32Array.from(variances.keys()).filter((t) => variances[t]! > varianceThreshold),
    });
  }
}
