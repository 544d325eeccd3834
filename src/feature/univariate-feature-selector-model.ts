/** The model of {@link UnivariateFeatureSelector}: indices of features, and vectors of those. */
import { DimensionMismatchError, FormatError, ModelDataError } from '../core/errors.js';
import { type ParamOptions, type ParamTable, showValue, string } from '../core/params.js';
import { vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns } from '../stage/new-columns.js';
import { Model } from '../stage/stage.js';
import { float32, float64 } from '../table/buffers.js';
import { Column } from '../table/column.js';
import { DenseVectorColumn } from '../table/dense-vector-column.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { Table } from '../table/table.js';

const WHO = 'UnivariateFeatureSelectorModel.transform';

/** Params of {@link UnivariateFeatureSelectorModel}. */
export interface UnivariateFeatureSelectorModelParams {
  /** Column of vectors, dense or sparse. **Default:** `'features'`. */
  readonly featuresCol: string;
  /** Column for the vectors of selected features. **Default:** `'output'`. */
  readonly outputCol: string;
}

export const univariateFeatureSelectorModelParams: ParamTable<UnivariateFeatureSelectorModelParams> =
  {
    featuresCol: string('features'),
    outputCol: string('output'),
  };

/** What {@link UnivariateFeatureSelector} learns. */
export interface UnivariateFeatureSelectorModelData {
  /** The selected features in the order of selection. */
  readonly indices: Int32Array;
}

/**
 * Keeps the selected features of vectors, in ascending order of their index.
 *
 * Vectors: dense ones stay dense (of 32-bit floats too), sparse ones sparse, with their size the
 * number of selected features, which may be 0. NaN stays NaN; null is an error. Vectors may have any
 * size above the largest selected index.
 *
 * Made by {@link UnivariateFeatureSelector}`.fit`, loaded with `UnivariateFeatureSelectorModel.load`,
 * or given its data by {@link setModelData}. Cost of `transform`: one copy of what is selected, on
 * the calling thread: to hand the vectors to workers would copy all of them.
 *
 * @see UnivariateFeatureSelectorModel of Flink ML.
 */
export class UnivariateFeatureSelectorModel extends Model<
  UnivariateFeatureSelectorModelParams,
  UnivariateFeatureSelectorModelData
> {
  static readonly className = 'UnivariateFeatureSelectorModel';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<UnivariateFeatureSelectorModelParams> =
    univariateFeatureSelectorModelParams;
  #data: UnivariateFeatureSelectorModelData | null = null;
  /** The selected features, ascending. */
  #selected: Int32Array = new Int32Array(0);
  /** Where in the output each selected feature is. */
  #places: ReadonlyMap<number, number> = new Map();

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<UnivariateFeatureSelectorModel> {
    return loadAs(UnivariateFeatureSelectorModel, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<UnivariateFeatureSelectorModelParams>,
    data: Table | null,
  ): UnivariateFeatureSelectorModel {
    const model = new UnivariateFeatureSelectorModel(params);
    if (data === null) return model;
    if (data.schema.indices !== 'int32') {
      throw new FormatError(
        'UnivariateFeatureSelectorModel.load: the data must be a column of int32, indices.',
      );
    }
    return model.setModelData({ indices: data.column('indices', 'int32').values });
  }

  get modelData(): UnivariateFeatureSelectorModelData {
    if (this.#data === null) {
      throw new ModelDataError(
        'UnivariateFeatureSelectorModel: it has no data; call setModelData or load a model.',
      );
    }
    return this.#data;
  }

  /**
   * @param data Distinct indices, none below 0, in any order.
   * @throws ModelDataError `ERR_GYRE_MODEL`.
   */
  setModelData({ indices }: UnivariateFeatureSelectorModelData): this {
    if (!(indices instanceof Int32Array)) {
      throw new ModelDataError(
        `UnivariateFeatureSelectorModel.setModelData: indices must be an Int32Array, got ` +
          `${showValue(indices)}.`,
      );
    }
    const selected = Int32Array.from(indices).sort();
    const wrong = selected.find((index, at) => index < 0 || index === selected[at - 1]);
    if (wrong !== undefined) {
      throw new ModelDataError(
        `UnivariateFeatureSelectorModel.setModelData: indices must be distinct and >= 0, got ` +
          `${wrong}${wrong < 0 ? '' : ' twice'}.`,
        { details: { got: wrong } },
      );
    }
    this.#data = { indices };
    this.#selected = selected;
    this.#places = new Map(Array.from(selected, (index, place) => [index, place]));
    return this;
  }

  protected override savedData(): Table | null {
    return this.#data && Table.fromColumns({ indices: Column.numeric(this.#data.indices) });
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.featuresCol];
  }

  protected override workOf(): number {
    return 0;
  }

  /** @internal */
  override transformRows(table: Table): NewColumns {
    const { featuresCol, outputCol } = this.params;
    const column = vectorColumn(WHO, table, featuresCol);
    const size = column.layout === 'dense' ? column.dim : column.size;
    this.#checkSize(size, table.numRows);
    const output =
      column.layout === 'dense'
        ? selectDense(column, this.#selected)
        : selectSparse(column, this.#places);
    return { columns: { [outputCol]: output } };
  }

  #checkSize(got: number, rows: number): void {
    const { indices } = this.modelData;
    const least = (this.#selected.at(-1) ?? -1) + 1;
    if (rows === 0 || got >= least) return;
    const { featuresCol } = this.params;
    throw new DimensionMismatchError(
      `${WHO}: column "${featuresCol}" must have vectors of size ${least} or more, got ${got}.`,
      { details: { who: WHO, column: featuresCol, expected: least, got, indices: [...indices] } },
    );
  }
}

function selectDense(
  { values, dim, length }: DenseVectorColumn,
  selected: Int32Array,
): DenseVectorColumn {
  const width = selected.length;
  const allocate = values instanceof Float64Array ? float64 : float32;
  const out = allocate(length * width);
  for (let row = 0; row < length; row++) {
    for (let j = 0; j < width; j++) out[row * width + j] = values[row * dim + selected[j]!]!;
  }
  return new DenseVectorColumn(out, width, length);
}

function selectSparse(
  { offsets, indices, values, length }: SparseVectorColumn,
  places: ReadonlyMap<number, number>,
): SparseVectorColumn {
  const kept: number[] = [];
  const keptIndices: number[] = [];
  const newOffsets = new Int32Array(length + 1);
  for (let row = 0; row < length; row++) {
    for (let e = offsets[row]!; e < offsets[row + 1]!; e++) {
      const place = places.get(indices[e]!);
      if (place === undefined) continue;
      kept.push(values[e]!);
      keptIndices.push(place);
    }
    newOffsets[row + 1] = kept.length;
  }
  return new SparseVectorColumn(
    places.size,
    newOffsets,
    Int32Array.from(keptIndices),
    Float64Array.from(kept),
  );
}
