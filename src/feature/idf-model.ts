/** The model of {@link IDF}: inverse document frequencies, and vectors multiplied by them. */
import { FormatError, ModelDataError } from '../core/errors.js';
import { type ParamOptions, type ParamTable, showValue, string } from '../core/params.js';
import { vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { addNewColumns, type NewColumns, type RowScope } from '../stage/new-columns.js';
import { Model, type StageOptions } from '../stage/stage.js';
import { Table } from '../table/table.js';
import type { DenseVector } from '../table/vector.js';
import {
  scaleOnWorkers,
  scaleVectors,
  storedIn,
  type VectorColumn,
  vectorsOfSize,
} from './scaling.js';
import { checkVectors, noData, vectorsOfTable } from './scaling-data.js';
import type { Scaling } from './scaling-mapping.js';

const CLASS_NAME = 'IDFModel';
const WHO = `${CLASS_NAME}.transform`;
const FIELDS = ['idf', 'docFreq'] as const;

/** Params of {@link IDFModel}, which its estimator has too. */
export interface IDFModelParams {
  /** Column of vectors, dense or sparse. **Default:** `'input'`. */
  readonly inputCol: string;
  /** Column for the vectors that were multiplied. **Default:** `'output'`. */
  readonly outputCol: string;
}

export const idfModelParams: ParamTable<IDFModelParams> = {
  inputCol: string('input'),
  outputCol: string('output'),
};

/** What {@link IDF} learns. */
export interface IDFModelData {
  /** The inverse document frequency of each entry; 0 where `minDocFreq` left it out. */
  readonly idf: DenseVector;
  /** In how many rows each entry is above 0; 0 where `minDocFreq` left it out. */
  readonly docFreq: DenseVector;
  /** How many rows there were. */
  readonly numDocs: number;
}

/**
 * Multiplies vectors by the inverse document frequency of their entries: y = x · idf.
 *
 * Sparse vectors stay sparse, with their own indices, also where the product is 0; dense ones stay
 * dense. NaN stays NaN; null is an error (`ERR_GYRE_DATA`), and so are vectors of another size
 * (`ERR_GYRE_DIMENSION`).
 *
 * Made by {@link IDF}`.fit`, loaded with `IDFModel.load`, or given its data by {@link setModelData}.
 * Cost of `transform`: O(rows · dim), or O(stored entries); one copy in and one out. Large tables run
 * on all threads.
 *
 * @see IDFModel of Flink ML.
 */
export class IDFModel extends Model<IDFModelParams, IDFModelData> {
  static readonly className: string = CLASS_NAME;
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<IDFModelParams> = idfModelParams;
  #data: IDFModelData | null = null;

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<IDFModel> {
    return loadAs(IDFModel, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<IDFModelParams>, data: Table | null): IDFModel {
    const model = new IDFModel(params);
    if (data === null) return model;
    const vectors = vectorsOfTable(CLASS_NAME, FIELDS, data);
    if (data.schema.numDocs !== 'float64') {
      throw new FormatError(`${CLASS_NAME}.load: the data must have the float64 numDocs.`);
    }
    return model.setModelData({ ...vectors, numDocs: data.column('numDocs', 'float64').get(0)! });
  }

  get modelData(): IDFModelData {
    if (this.#data === null) throw noData(CLASS_NAME);
    return this.#data;
  }

  /**
   * @param data Two vectors of one size, and an integer of 0 or more.
   * @throws DimensionMismatchError `ERR_GYRE_DIMENSION`, ModelDataError `ERR_GYRE_MODEL`.
   */
  setModelData(data: IDFModelData): this {
    const { idf, docFreq } = checkVectors(CLASS_NAME, FIELDS, data);
    const { numDocs } = data;
    if (!Number.isSafeInteger(numDocs) || numDocs < 0) {
      throw new ModelDataError(
        `${CLASS_NAME}.setModelData: numDocs must be an integer >= 0, got ${showValue(numDocs)}.`,
        { details: { got: numDocs } },
      );
    }
    this.#data = { idf, docFreq, numDocs };
    return this;
  }

  protected override savedData(): Table | null {
    if (this.#data === null) return null;
    const { idf, docFreq, numDocs } = this.#data;
    return Table.fromColumns({ idf: [idf], docFreq: [docFreq], numDocs: [numDocs] });
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.inputCol];
  }

  /** @internal */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const scaled = scaleVectors(this.#input(table), this.#scaling(), scope);
    return { columns: { [this.params.outputCol]: scaled } };
  }

  protected override workOf(table: Table): number {
    return storedIn(vectorColumn(WHO, table, this.params.inputCol));
  }

  protected override async transformOnWorkers(table: Table, options: StageOptions): Promise<Table> {
    const scaled = await scaleOnWorkers(WHO, this.#input(table), this.#scaling(), options);
    return addNewColumns(table, { columns: { [this.params.outputCol]: scaled } }, this.columnsRead);
  }

  #scaling(): Scaling {
    return { shift: null, scale: this.modelData.idf.values };
  }

  #input(table: Table): VectorColumn {
    return vectorsOfSize(WHO, table, this.params.inputCol, this.modelData.idf.size);
  }
}
