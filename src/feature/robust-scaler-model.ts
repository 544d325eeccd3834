/** The model of {@link RobustScaler}: medians and ranges of entries, and vectors scaled by them. */
import { boolean, type ParamOptions, type ParamTable, string } from '../core/params.js';
import { loadAs } from '../stage/load.js';
import type { Table } from '../table/table.js';
import type { DenseVector } from '../table/vector.js';
import { ScalerModel } from './scaler-model.js';
import { checkNotBelowZero, checkVectors, vectorsOfTable } from './scaling-data.js';
import type { Scaling } from './scaling-mapping.js';

const CLASS_NAME = 'RobustScalerModel';
const FIELDS = ['medians', 'ranges'] as const;

/** Params of {@link RobustScalerModel}, which its estimator has too. */
export interface RobustScalerModelParams {
  /** Column of vectors, dense or sparse. **Default:** `'input'`. */
  readonly inputCol: string;
  /** Column for the scaled vectors, which are dense. **Default:** `'output'`. */
  readonly outputCol: string;
  /** Whether the median is subtracted. **Default:** false. */
  readonly withCentering: boolean;
  /** Whether entries are divided by their quantile range. **Default:** true. */
  readonly withScaling: boolean;
}

export const robustScalerModelParams: ParamTable<RobustScalerModelParams> = {
  inputCol: string('input'),
  outputCol: string('output'),
  withCentering: boolean(false),
  withScaling: boolean(true),
};

/** What {@link RobustScaler} learns. */
export interface RobustScalerModelData {
  /** The median of each entry. */
  readonly medians: DenseVector;
  /** The upper quantile of each entry less the lower one. */
  readonly ranges: DenseVector;
}

/**
 * Scales vectors: y = (x - median) · (1 / range), each part where the params ask for it.
 *
 * An entry whose range is 0 becomes 0 when `withScaling` is set. The output is dense, also of sparse
 * vectors. NaN stays NaN; null is an error, and so are vectors of another size.
 *
 * Made by {@link RobustScaler}`.fit`, loaded with `RobustScalerModel.load`, or given its data by
 * {@link setModelData}. Cost of `transform`: O(rows · dim), one copy in and one out; with neither
 * flag the output is the input column itself, where that is dense and not of 32-bit floats.
 *
 * @see RobustScalerModel of Flink ML.
 */
export class RobustScalerModel extends ScalerModel<RobustScalerModelParams, RobustScalerModelData> {
  static readonly className: string = CLASS_NAME;
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<RobustScalerModelParams> = robustScalerModelParams;

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<RobustScalerModel> {
    return loadAs(RobustScalerModel, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<RobustScalerModelParams>,
    data: Table | null,
  ): RobustScalerModel {
    const model = new RobustScalerModel(params);
    return data === null ? model : model.setModelData(vectorsOfTable(CLASS_NAME, FIELDS, data));
  }

  protected override checked(data: RobustScalerModelData): RobustScalerModelData {
    const { medians, ranges } = checkVectors(CLASS_NAME, FIELDS, data);
    checkNotBelowZero(CLASS_NAME, 'ranges', ranges);
    return { medians, ranges };
  }

  protected override scalingBy({ medians, ranges }: RobustScalerModelData): Scaling {
    const { withCentering, withScaling } = this.params;
    return {
      shift: withCentering ? medians.values : null,
      scale: withScaling ? ranges.values.map((range) => (range === 0 ? 0 : 1 / range)) : null,
      dense: true,
    };
  }

  protected override sizeIn({ medians }: RobustScalerModelData): number {
    return medians.size;
  }
}
