/** The model of {@link MaxAbsScaler}: largest magnitudes of entries, and vectors divided by them. */
import { type ParamOptions, type ParamTable, string } from '../core/params.js';
import { vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { addNewColumns, type NewColumns, type RowScope } from '../stage/new-columns.js';
import { Model, type StageOptions } from '../stage/stage.js';
import type { Table } from '../table/table.js';
import type { DenseVector } from '../table/vector.js';
import {
  scaleOnWorkers,
  scaleVectors,
  storedIn,
  type VectorColumn,
  vectorsOfSize,
} from './scaling.js';
import {
  checkNotBelowZero,
  checkVectors,
  noData,
  vectorsOfTable,
  vectorsToTable,
} from './scaling-data.js';
import type { Scaling } from './scaling-mapping.js';

const CLASS_NAME = 'MaxAbsScalerModel';
const WHO = `${CLASS_NAME}.transform`;
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
export class MaxAbsScalerModel extends Model<MaxAbsScalerParams, MaxAbsScalerModelData> {
  static readonly className: string = CLASS_NAME;
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<MaxAbsScalerParams> = maxAbsScalerParams;
  #data: MaxAbsScalerModelData | null = null;
  #scaling: Scaling | null = null;

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

  get modelData(): MaxAbsScalerModelData {
    if (this.#data === null) throw noData(CLASS_NAME);
    return this.#data;
  }

  /**
   * @param data A vector without an entry below 0.
   * @throws ModelDataError `ERR_GYRE_MODEL`.
   */
  setModelData(data: MaxAbsScalerModelData): this {
    const { maxVector } = checkVectors(CLASS_NAME, FIELDS, data);
    checkNotBelowZero(CLASS_NAME, 'maxVector', maxVector);
    this.#data = { maxVector };
    this.#scaling = { shift: null, scale: maxVector.values.map(reciprocal) };
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
    return storedIn(vectorColumn(WHO, table, this.params.inputCol));
  }

  protected override async transformOnWorkers(table: Table, options: StageOptions): Promise<Table> {
    const scaled = await scaleOnWorkers(WHO, this.#input(table), this.#scaling!, options);
    return addNewColumns(table, { columns: { [this.params.outputCol]: scaled } }, this.columnsRead);
  }

  #input(table: Table): VectorColumn {
    return vectorsOfSize(WHO, table, this.params.inputCol, this.modelData.maxVector.size);
  }
}

function reciprocal(max: number): number {
  const scale = 1 / max;
  return scale === Number.POSITIVE_INFINITY ? 1 : scale;
}
