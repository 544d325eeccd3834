/** The model of {@link StandardScaler}: mean and standard deviation, and vectors scaled by them. */
import { DimensionMismatchError, FormatError, ModelDataError } from '../core/errors.js';
import { boolean, type ParamOptions, type ParamTable, string } from '../core/params.js';
import { denseColumn, vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { addNewColumns, type NewColumns, type RowScope } from '../stage/new-columns.js';
import { Model, type StageOptions } from '../stage/stage.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { Table } from '../table/table.js';
import { DenseVector } from '../table/vector.js';
import { scaleOnWorkers, scaleVectors } from './scaling.js';
import type { Scaling } from './scaling-mapping.js';

const WHO = 'StandardScalerModel.transform';

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
export class StandardScalerModel extends Model<StandardScalerParams, StandardScalerModelData> {
  static readonly className = 'StandardScalerModel';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<StandardScalerParams> = standardScalerParams;
  #data: StandardScalerModelData | null = null;
  #scaling: Scaling = { shift: null, scale: null };

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
    if (data === null) return model;
    const { mean, std } = data.schema;
    if (mean !== 'vector' || std !== 'vector' || data.numRows !== 1) {
      throw new FormatError(
        'StandardScalerModel.load: the data must have one row of the vectors mean and std.',
      );
    }
    const vector = (name: string) => data.column(name, 'vector').get(0)!;
    return model.setModelData({ mean: vector('mean'), std: vector('std') });
  }

  get modelData(): StandardScalerModelData {
    if (this.#data === null) {
      throw new ModelDataError(
        'StandardScalerModel: it has no data; call setModelData or load a model.',
      );
    }
    return this.#data;
  }

  /**
   * @param data Two vectors of one size; no entry of `std` is below 0.
   * @throws DimensionMismatchError `ERR_GYRE_DIMENSION`, ModelDataError `ERR_GYRE_MODEL`.
   */
  setModelData({ mean, std }: StandardScalerModelData): this {
    if (!(mean instanceof DenseVector && std instanceof DenseVector)) {
      throw new ModelDataError(
        'StandardScalerModel.setModelData: mean and std must be dense vectors.',
      );
    }
    if (mean.size !== std.size) {
      throw new DimensionMismatchError(
        `StandardScalerModel.setModelData: mean and std must have one size, got ${mean.size} ` +
          `and ${std.size}.`,
        { details: { mean: mean.size, std: std.size } },
      );
    }
    const below = std.values.findIndex((value) => value < 0);
    if (below >= 0) {
      throw new ModelDataError(
        `StandardScalerModel.setModelData: std must not be below 0, got ${std.values[below]} at ` +
          `${below}.`,
        { details: { index: below, got: std.values[below] } },
      );
    }
    const { withMean, withStd } = this.params;
    this.#data = { mean, std };
    this.#scaling = {
      shift: withMean ? mean.values : null,
      scale: withStd ? std.values.map((value) => (value === 0 ? 0 : 1 / value)) : null,
    };
    return this;
  }

  protected override savedData(): Table | null {
    if (this.#data === null) return null;
    const { mean, std } = this.#data;
    return Table.fromColumns({ mean: [mean], std: [std] });
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.inputCol];
  }

  /** @internal */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const scaled = scaleVectors(this.#input(table), this.#scaling, scope);
    return { columns: { [this.params.outputCol]: scaled } };
  }

  protected override workOf(table: Table): number {
    return vectorColumn(WHO, table, this.params.inputCol).values.length;
  }

  protected override async transformOnWorkers(table: Table, options: StageOptions): Promise<Table> {
    const scaled = await scaleOnWorkers(WHO, this.#input(table), this.#scaling, options);
    return addNewColumns(table, { columns: { [this.params.outputCol]: scaled } }, this.columnsRead);
  }

  #input(table: Table): DenseVectorColumn | SparseVectorColumn {
    const { inputCol } = this.params;
    const column = vectorColumn(WHO, table, inputCol);
    const size = column.layout === 'dense' ? column.dim : column.size;
    if (table.numRows > 0) checkSize(inputCol, size, this.modelData.mean.size);
    return column.layout === 'dense' ? denseColumn(WHO, table, inputCol) : column;
  }
}

function checkSize(name: string, got: number, expected: number): void {
  if (got === expected) return;
  throw new DimensionMismatchError(
    `${WHO}: column "${name}" must have vectors of size ${expected}, got ${got}.`,
    { details: { who: WHO, column: name, expected, got } },
  );
}
