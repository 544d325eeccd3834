/** The model of {@link MinMaxScaler}: extremes of entries, and vectors scaled by them. */
import { double, type ParamOptions, type ParamTable, string } from '../core/params.js';
import { loadAs } from '../stage/load.js';
import type { Table } from '../table/table.js';
import type { DenseVector } from '../table/vector.js';
import { ScalerModel } from './scaler-model.js';
import { checkVectors, vectorsOfTable } from './scaling-data.js';
import type { Scaling } from './scaling-mapping.js';

const CLASS_NAME = 'MinMaxScalerModel';
const FIELDS = ['minVector', 'maxVector'] as const;
/** Entries whose range is smaller are constant, as in Flink ML. */
const LEAST_RANGE = 1e-5;

/** Params of {@link MinMaxScalerModel} and of its estimator. */
export interface MinMaxScalerParams {
  /** Column of vectors, dense or sparse. **Default:** `'input'`. */
  readonly inputCol: string;
  /** Column for the scaled vectors, which are dense. **Default:** `'output'`. */
  readonly outputCol: string;
  /** What the smallest value of an entry becomes. **Default:** 0. */
  readonly min: number;
  /** What the largest value becomes; below `min` the order is reversed. **Default:** 1. */
  readonly max: number;
}

export const minMaxScalerParams: ParamTable<MinMaxScalerParams> = {
  inputCol: string('input'),
  outputCol: string('output'),
  min: double(0),
  max: double(1),
};

/** What {@link MinMaxScaler} learns. */
export interface MinMaxScalerModelData {
  /** The smallest value of each entry. */
  readonly minVector: DenseVector;
  /** The largest value of each entry. */
  readonly maxVector: DenseVector;
}

/**
 * Scales vectors: y = x · scale + offset with scale = (max - min) / (maxVector - minVector) and
 * offset = min - minVector · scale, entry by entry.
 *
 * An entry whose range is below 1e-5 becomes (min + max) / 2, whatever a finite x is. Values
 * outside of the range that was learned lie outside of [min, max]: nothing is clipped. NaN stays
 * NaN; null is an error, and so are vectors of another size. The output is dense, for 0 need not
 * stay 0.
 *
 * Made by {@link MinMaxScaler}`.fit`, loaded with `MinMaxScalerModel.load`, or given its data by
 * {@link setModelData}. Cost of `transform`: O(rows · dim), one copy in and one out.
 *
 * @see MinMaxScalerModel of Flink ML.
 */
export class MinMaxScalerModel extends ScalerModel<MinMaxScalerParams, MinMaxScalerModelData> {
  static readonly className: string = CLASS_NAME;
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<MinMaxScalerParams> = minMaxScalerParams;

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<MinMaxScalerModel> {
    return loadAs(MinMaxScalerModel, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<MinMaxScalerParams>,
    data: Table | null,
  ): MinMaxScalerModel {
    const model = new MinMaxScalerModel(params);
    return data === null ? model : model.setModelData(vectorsOfTable(CLASS_NAME, FIELDS, data));
  }

  protected override checked(data: MinMaxScalerModelData): MinMaxScalerModelData {
    return checkVectors(CLASS_NAME, FIELDS, data);
  }

  protected override scalingBy(data: MinMaxScalerModelData): Scaling {
    return scalingOf(data, this.params);
  }

  protected override sizeIn({ minVector }: MinMaxScalerModelData): number {
    return minVector.size;
  }
}

function scalingOf(
  { minVector, maxVector }: MinMaxScalerModelData,
  { min, max }: MinMaxScalerParams,
): Scaling {
  const scale = minVector.values.map((low, t) => {
    const high = maxVector.get(t);
    if (Math.abs(high - low) < LEAST_RANGE) return 0;
    // Halves, for the range of finite values may be beyond the largest number.
    return (max / 2 - min / 2) / (high / 2 - low / 2);
  });
  const offset = minVector.values.map((low, t) => {
    const constant = Math.abs(maxVector.get(t) - low) < LEAST_RANGE;
    return constant ? min / 2 + max / 2 : min - low * scale[t]!;
  });
  return { shift: null, scale, offset };
}
