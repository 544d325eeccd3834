/** The model of {@link MaxAbsScaler}: largest magnitudes of entries, and vectors divided by them. */
import { type ParamOptions, type ParamTable, string } from '../core/params.js';
import { loadAs } from '../stage/load.js';
import type { Table } from '../table/table.js';
import type { DenseVector } from '../table/vector.js';
import { ScalerModel } from './scaler-model.js';
import { checkNotBelowZero, checkVectors, vectorsOfTable } from './scaling-data.js';
import type { Scaling } from './scaling-mapping.js';

const CLASS_NAME = 'MaxAbsScalerModel';
const FIELDS = ['maxVector'] as const;

/** Params of {@link MaxAbsScalerModel} and of its estimator. */
export interface MaxAbsScalerParams {
  /** Column of vectors, dense or sparse. **Default:** `'input'`. */
  readonly inputCol: string;
  /** Column for the scaled vectors. **Default:** `'output'`. */
  readonly outputCol: string;
}

export const maxAbsScalerParams: ParamTable<MaxAbsScalerParams> = {
  inputCol: string('input'),
  outputCol: string('output'),
};

/** What {@link MaxAbsScaler} learns. */
export interface MaxAbsScalerModelData {
  /** The largest magnitude of each entry; 0 where all values are 0. */
  readonly maxVector: DenseVector;
}

/**
 * Scales vectors: y = x · (1 / maxVector), entry by entry.
 *
 * An entry whose largest magnitude is 0, or so small that its reciprocal overflows, stays as it is.
 * Larger values than were learned lie outside of [-1, 1]: nothing is clipped. Sparse vectors stay
 * sparse, with the offsets and indices of the input. NaN stays NaN; null is an error, and so are
 * vectors of another size.
 *
 * Made by {@link MaxAbsScaler}`.fit`, loaded with `MaxAbsScalerModel.load`, or given its data by
 * {@link setModelData}. Cost of `transform`: O(rows · dim), or O(stored entries) of sparse vectors,
 * one copy in and one out.
 *
 * @see MaxAbsScalerModel of Flink ML.
 */
export class MaxAbsScalerModel extends ScalerModel<MaxAbsScalerParams, MaxAbsScalerModelData> {
  static readonly className: string = CLASS_NAME;
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<MaxAbsScalerParams> = maxAbsScalerParams;

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<MaxAbsScalerModel> {
    return loadAs(MaxAbsScalerModel, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<MaxAbsScalerParams>,
    data: Table | null,
  ): MaxAbsScalerModel {
    const model = new MaxAbsScalerModel(params);
    return data === null ? model : model.setModelData(vectorsOfTable(CLASS_NAME, FIELDS, data));
  }

  protected override checked(data: MaxAbsScalerModelData): MaxAbsScalerModelData {
    const { maxVector } = checkVectors(CLASS_NAME, FIELDS, data);
    checkNotBelowZero(CLASS_NAME, 'maxVector', maxVector);
    return { maxVector };
  }

  protected override scalingBy({ maxVector }: MaxAbsScalerModelData): Scaling {
    return { shift: null, scale: maxVector.values.map(reciprocal) };
  }

  protected override sizeIn({ maxVector }: MaxAbsScalerModelData): number {
    return maxVector.size;
  }
}

function reciprocal(max: number): number {
  const scale = 1 / max;
  return scale === Number.POSITIVE_INFINITY ? 1 : scale;
}
