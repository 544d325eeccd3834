/** RobustScaler: learns the median and a range between quantiles of each entry of vectors. */
import { DataError, InvalidParamError } from '../core/errors.js';
import { double, type ParamOptions, type ParamTable } from '../core/params.js';
import { requireRows } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { Estimator, type FitOptions, sharedParams } from '../stage/stage.js';
import { Table } from '../table/table.js';
import { DenseVector } from '../table/vector.js';
import { orderStatistics } from './quantile.js';
import {
  RobustScalerModel,
  type RobustScalerModelParams,
  robustScalerModelParams,
} from './robust-scaler-model.js';
import { sizeOf, vectorsToLearn } from './scaling.js';

const WHO = 'RobustScaler.fit';

/** Params of {@link RobustScaler}. */
export interface RobustScalerParams extends RobustScalerModelParams {
  /** Probability of the lower quantile, between 0 and 1, not above `upper`. **Default:** 0.25. */
  readonly lower: number;
  /** Probability of the upper quantile, between 0 and 1. **Default:** 0.75. */
  readonly upper: number;
  /**
   * Allowed error of quantiles as a share of the rows, which is met by 0: quantiles are exact
   * whatever it is. **Default:** 0.001.
   */
  readonly relativeError: number;
}

const robustScalerParams: ParamTable<RobustScalerParams> = {
  ...robustScalerModelParams,
  lower: double(0.25, { above: 0, below: 1 }),
  upper: double(0.75, { above: 0, below: 1 }),
  relativeError: double(0.001, { min: 0, max: 1 }),
};

/**
 * Learns to scale each entry of vectors by quantiles, which outliers do not move:
 * y = (x - median) / (q(upper) - q(lower)), entry by entry.
 *
 * The quantile q(p) of n values is the ⌈p·n⌉-th smallest, without interpolation; the median is
 * q(0.5), the lower one of two. Medians and ranges are always learned; the params `withCentering`
 * and `withScaling` say what the model does.
 *
 * Features: vectors, dense (float64; float32 is made float64) or sparse, where what is not stored
 * is 0; null is an error. NaN is left out, entry by entry; an entry that is NaN in every row is an
 * error. Infinities are the smallest or largest values. Bit-identical models on any number of
 * workers.
 *
 * Differences from Flink ML: quantiles are exact for any number of rows, where it approximates from
 * 1 / `relativeError` rows on; a median is a median also when `lower` or `upper` is 0.5, where it is
 * 0; `lower` above `upper`, which gives negative ranges there, is refused by `fit`.
 *
 * Cost: O(rows · dim) a round, two to three rounds for most data and at most eight; the vectors are
 * copied once, into the workers' memories.
 *
 * @see RobustScaler of Flink ML.
 *
 * @example
 * ```ts
 * const input = [[1], [2], [3], [4], [5], [6], [7], [1000]];
 * const table = Table.fromColumns({ input }, { input: 'vector' });
 * const model = await new RobustScaler({ withCentering: true }).fit(table);
 * const { medians, ranges } = model.modelData;
 * console.log(String(medians), String(ranges)); // [4.0] [4.0]
 * const scaled = await model.transform(table.slice(4));
 * console.log(scaled.column('output').toArray().join(' ')); // [0.25] [0.5] [0.75] [249.0]
 * ```
 */
export class RobustScaler extends Estimator<RobustScalerParams, RobustScalerModel> {
  static readonly className = 'RobustScaler';
  static readonly params: ParamTable<RobustScalerParams> = robustScalerParams;

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<RobustScaler> {
    return loadAs(RobustScaler, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<RobustScalerParams>): RobustScaler {
    return new RobustScaler(params);
  }

  /**
   * Learns medians and ranges. `onProgress` reports once, at the end.
   *
   * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for null, no rows, or an entry
   *   that is always NaN; InvalidParamError `ERR_GYRE_INVALID_PARAM` for `lower` above `upper`.
   */
  protected override async fitTable(table: Table, options: FitOptions): Promise<RobustScalerModel> {
    const { inputCol, lower, upper } = this.params;
    if (lower > upper) {
      throw new InvalidParamError(
        `RobustScaler.lower must not be above upper, got ${lower} and ${upper}.`,
        { details: { lower, upper } },
      );
    }
    const column = vectorsToLearn(WHO, table, inputCol);
    requireRows(WHO, table);
    const size = sizeOf(column);
    const entries = await orderStatistics(
      WHO,
      Table.fromColumns({ [inputCol]: column }),
      size,
      { kind: 'quantiles', probabilities: [lower, 0.5, upper] },
      options,
    );
    options.onProgress?.({ epoch: 1, rows: table.numRows });
    const medians = new Float64Array(size);
    const ranges = new Float64Array(size);
    entries.forEach(({ count, values: [low, median, high] }, t) => {
      if (count === 0) throw alwaysNaN(inputCol, t);
      medians[t] = median!;
      ranges[t] = high! - low!;
    });
    return new RobustScalerModel(sharedParams(this.params, robustScalerModelParams)).setModelData({
      medians: new DenseVector(medians),
      ranges: new DenseVector(ranges),
    });
  }
}

function alwaysNaN(name: string, entry: number): DataError {
  return new DataError(
    `${WHO}: column "${name}" must have a number in every entry, got NaN alone in entry ${entry}.`,
    { details: { who: WHO, column: name, entry } },
  );
}
