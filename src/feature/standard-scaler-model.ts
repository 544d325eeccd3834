/** The model of {@link StandardScaler}: mean and standard deviation, and vectors scaled by them. */
import { boolean, type ParamOptions, type ParamTable, string } from '../core/params.js';
import { loadAs } from '../stage/load.js';
import type { Table } from '../table/table.js';
import type { DenseVector } from '../table/vector.js';
import { ScalerModel } from './scaler-model.js';
import { checkNotBelowZero, checkVectors, vectorsOfTable } from './scaling-data.js';
import type { Scaling } from './scaling-mapping.js';

const CLASS_NAME = 'StandardScalerModel';
const FIELDS = ['mean', 'std'] as const;

/** Params of {@link StandardScalerModel} and of its estimator. */
export interface StandardScalerParams {
  /** Column of vectors, dense or sparse. **Default:** `'input'`. */
  readonly inputCol: string;
  /** Column for the scaled vectors. **Default:** `'output'`. */
  readonly outputCol: string;
  /** Whether the mean is subtracted, which makes sparse vectors dense. **Default:** false. */
  readonly withMean: boolean;
  /** Whether entries are divided by their standard deviation. **Default:** true. */
  readonly withStd: boolean;
}

export const standardScalerParams: ParamTable<StandardScalerParams> = {
  inputCol: string('input'),
  outputCol: string('output'),
  withMean: boolean(false),
  withStd: boolean(true),
};

/** What {@link StandardScaler} learns. */
export interface StandardScalerModelData {
  /** The mean of each entry. */
  readonly mean: DenseVector;
  /** The sample standard deviation (divisor n - 1) of each entry; 0 where it is constant. */
  readonly std: DenseVector;
}

/**
 * Scales vectors: z = (x - mean) / std, each part where the params ask for it.
 *
 * An entry whose std is 0 becomes 0 when `withStd` is set. Sparse vectors stay sparse, with the
 * offsets and indices of the input, unless `withMean` is set. NaN stays NaN; null is an error.
 *
 * Made by {@link StandardScaler}`.fit`, loaded with `StandardScalerModel.load`, or given its data
 * by {@link setModelData}. Cost of `transform`: O(rows · dim), or O(stored entries) where vectors
 * stay sparse, one copy in and one out; with neither flag the output is the input column itself,
 * where that is not of 32-bit floats.
 *
 * @see StandardScalerModel of Flink ML.
 */
export class StandardScalerModel extends ScalerModel<
  StandardScalerParams,
  StandardScalerModelData
> {
  static readonly className: string = CLASS_NAME;
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<StandardScalerParams> = standardScalerParams;

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<StandardScalerModel> {
    return loadAs(StandardScalerModel, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<StandardScalerParams>,
    data: Table | null,
  ): StandardScalerModel {
    const model = new StandardScalerModel(params);
    return data === null ? model : model.setModelData(vectorsOfTable(CLASS_NAME, FIELDS, data));
  }

  protected override checked(data: StandardScalerModelData): StandardScalerModelData {
    const { mean, std } = checkVectors(CLASS_NAME, FIELDS, data);
    checkNotBelowZero(CLASS_NAME, 'std', std);
    return { mean, std };
  }

  protected override scalingBy({ mean, std }: StandardScalerModelData): Scaling {
    const { withMean, withStd } = this.params;
    return {
      shift: withMean ? mean.values : null,
      scale: withStd ? std.values.map((value) => (value === 0 ? 0 : 1 / value)) : null,
    };
  }

  protected override sizeIn({ mean }: StandardScalerModelData): number {
    return mean.size;
  }
}
