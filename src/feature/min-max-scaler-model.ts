/** The model of {@link MinMaxScaler}: extremes of entries, and vectors scaled by them. */
import { double, type ParamOptions, type ParamTable, string } from '../core/params.js';
import { vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { addNewColumns, type NewColumns, type RowScope } from '../stage/new-columns.js';
import { Model, type StageOptions } from '../stage/stage.js';
import type { Table } from '../table/table.js';
import type { DenseVector } from '../table/vector.js';
import {
  scaleOnWorkers,
  scaleVectors,
  sizeOf,
  type VectorColumn,
  vectorsOfSize,
} from './scaling.js';
import { checkVectors, noData, vectorsOfTable, vectorsToTable } from './scaling-data.js';
import type { Scaling } from './scaling-mapping.js';

const CLASS_NAME = 'MinMaxScalerModel';
const WHO = `${CLASS_NAME}.transform`;
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
export class MinMaxScalerModel extends Model<MinMaxScalerParams, MinMaxScalerModelData> {
  static readonly className: string = CLASS_NAME;
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<MinMaxScalerParams> = minMaxScalerParams;
  #data: MinMaxScalerModelData | null = null;
  #scaling: Scaling | null = null;

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

  get modelData(): MinMaxScalerModelData {
    if (this.#data === null) throw noData(CLASS_NAME);
    return this.#data;
  }

  /**
   * @param data Two vectors of one size.
   * @throws DimensionMismatchError `ERR_GYRE_DIMENSION`, ModelDataError `ERR_GYRE_MODEL`.
   */
  setModelData(data: MinMaxScalerModelData): this {
    this.#data = checkVectors(CLASS_NAME, FIELDS, data);
    this.#scaling = scalingOf(this.#data, this.params);
    return this;
  }

  protected override savedData(): Table | null {
    return this.#data === null ? null : vectorsToTable(this.#data);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.inputCol];
  }

  /** @internal */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const scaled = scaleVectors(this.#input(table), this.#scaling!, scope);
    return { columns: { [this.params.outputCol]: scaled } };
  }

  protected override workOf(table: Table): number {
    return table.numRows * sizeOf(vectorColumn(WHO, table, this.params.inputCol));
  }

  protected override async transformOnWorkers(table: Table, options: StageOptions): Promise<Table> {
    const scaled = await scaleOnWorkers(WHO, this.#input(table), this.#scaling!, options);
    return addNewColumns(table, { columns: { [this.params.outputCol]: scaled } }, this.columnsRead);
  }

  #input(table: Table): VectorColumn {
    return vectorsOfSize(WHO, table, this.params.inputCol, this.modelData.minVector.size);
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
