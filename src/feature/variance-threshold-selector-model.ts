/** The model of {@link VarianceThresholdSelector}: entries that are kept, and vectors of them. */
import { FormatError, ModelDataError } from '../core/errors.js';
import { type ParamOptions, type ParamTable, showValue, string } from '../core/params.js';
import { storedEntries, vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns } from '../stage/new-columns.js';
import { Model } from '../stage/stage.js';
import { Table } from '../table/table.js';
import { vectorsOfSize } from './scaling.js';
import { noData } from './scaling-data.js';
import { selectDense, selectSparse } from './variance-threshold-selector-selection.js';

const CLASS_NAME = 'VarianceThresholdSelectorModel';
const WHO = `${CLASS_NAME}.transform`;

/** Params of {@link VarianceThresholdSelectorModel}, which its estimator has too. */
export interface VarianceThresholdSelectorModelParams {
  /** Column of vectors, dense or sparse. **Default:** `'input'`. */
  readonly inputCol: string;
  /** Column for the shorter vectors. **Default:** `'output'`. */
  readonly outputCol: string;
}

export const varianceThresholdSelectorModelParams: ParamTable<VarianceThresholdSelectorModelParams> =
  {
    inputCol: string('input'),
    outputCol: string('output'),
  };

/** What {@link VarianceThresholdSelector} learns. */
export interface VarianceThresholdSelectorModelData {
  /** The size of the vectors. */
  readonly numOfFeatures: number;
  /** The entries that are kept, ascending. */
  readonly indices: Int32Array;
}

/**
 * Keeps some entries of vectors, in their order. Sparse vectors stay sparse, with what they store;
 * vectors of which nothing is kept have no entries. NaN stays NaN; null is an error, and so are
 * vectors of another size.
 *
 * Made by {@link VarianceThresholdSelector}`.fit`, loaded with `VarianceThresholdSelectorModel.load`,
 * or given its data by {@link setModelData}. Cost of `transform`: O(rows · kept), or O(stored
 * entries) of sparse vectors.
 *
 * @see VarianceThresholdSelectorModel of Flink ML.
 */
export class VarianceThresholdSelectorModel extends Model<
  VarianceThresholdSelectorModelParams,
  VarianceThresholdSelectorModelData
> {
  static readonly className: string = CLASS_NAME;
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<VarianceThresholdSelectorModelParams> =
    varianceThresholdSelectorModelParams;
  #data: VarianceThresholdSelectorModelData | null = null;

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<VarianceThresholdSelectorModel> {
    return loadAs(VarianceThresholdSelectorModel, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<VarianceThresholdSelectorModelParams>,
    data: Table | null,
  ): VarianceThresholdSelectorModel {
    const model = new VarianceThresholdSelectorModel(params);
    if (data === null) return model;
    const { numOfFeatures, indices } = data.schema;
    if (numOfFeatures !== 'int32' || indices !== 'int32[]' || data.numRows !== 1) {
      throw new FormatError(
        `${CLASS_NAME}.load: the data must have one row of numOfFeatures and the list indices.`,
      );
    }
    return model.setModelData({
      numOfFeatures: data.column('numOfFeatures', 'int32').values[0]!,
      indices: Int32Array.from(data.column('indices').get(0) as number[]),
    });
  }

  get modelData(): VarianceThresholdSelectorModelData {
    if (this.#data === null) throw noData(CLASS_NAME);
    return this.#data;
  }

  /**
   * @param data Indices ascend, in [0, numOfFeatures).
   * @throws ModelDataError `ERR_GYRE_MODEL`.
   */
  setModelData({ numOfFeatures, indices }: VarianceThresholdSelectorModelData): this {
    const who = `${CLASS_NAME}.setModelData`;
    if (!Number.isInteger(numOfFeatures) || numOfFeatures < 0) {
      throw new ModelDataError(
        `${who}: numOfFeatures must be an integer >= 0, got ${showValue(numOfFeatures)}.`,
      );
    }
    if (!(indices instanceof Int32Array)) {
      throw new ModelDataError(`${who}: indices must be an Int32Array, got ${showValue(indices)}.`);
    }
    indices.forEach((index, i) => {
      const least = i === 0 ? 0 : indices[i - 1]! + 1;
      if (index >= least && index < numOfFeatures) return;
      throw new ModelDataError(
        `${who}: indices must ascend in [0, ${numOfFeatures}), got ${index} at ${i}.`,
        { details: { index: i, got: index } },
      );
    });
    this.#data = { numOfFeatures, indices };
    return this;
  }

  protected override savedData(): Table | null {
    if (this.#data === null) return null;
    const { numOfFeatures, indices } = this.#data;
    return Table.fromColumns(
      { numOfFeatures: Int32Array.of(numOfFeatures), indices: [[...indices]] },
      { indices: 'int32[]' },
    );
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.inputCol];
  }

  /** @internal */
  override transformRows(table: Table): NewColumns {
    const { numOfFeatures, indices } = this.modelData;
    const column = vectorsOfSize(WHO, table, this.params.inputCol, numOfFeatures);
    const selected =
      column.layout === 'dense' ? selectDense(column, indices) : selectSparse(column, indices);
    return { columns: { [this.params.outputCol]: selected } };
  }

  protected override workOf(table: Table): number {
    return storedEntries(vectorColumn(WHO, table, this.params.inputCol));
  }
}
