/** The model of {@link IDF}: inverse document frequencies, and vectors multiplied by them. */
import { FormatError, ModelDataError } from '../core/errors.js';
import { type ParamOptions, type ParamTable, showValue, string } from '../core/params.js';
import { loadAs } from '../stage/load.js';
import type { Table } from '../table/table.js';
import type { DenseVector } from '../table/vector.js';
import { ScalerModel } from './scaler-model.js';
import { checkVectors, vectorsOfTable } from './scaling-data.js';
import type { Scaling } from './scaling-mapping.js';

const CLASS_NAME = 'IDFModel';
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
export class IDFModel extends ScalerModel<IDFModelParams, IDFModelData> {
  static readonly className: string = CLASS_NAME;
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<IDFModelParams> = idfModelParams;

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

  protected override checked(data: IDFModelData): IDFModelData {
    const { idf, docFreq } = checkVectors(CLASS_NAME, FIELDS, data);
    const { numDocs } = data;
    if (!Number.isSafeInteger(numDocs) || numDocs < 0) {
      throw new ModelDataError(
        `${CLASS_NAME}.setModelData: numDocs must be an integer >= 0, got ${showValue(numDocs)}.`,
        { details: { got: numDocs } },
      );
    }
    return { idf, docFreq, numDocs };
  }

  protected override scalingBy({ idf }: IDFModelData): Scaling {
    return { shift: null, scale: idf.values };
  }

  protected override sizeIn({ idf }: IDFModelData): number {
    return idf.size;
  }
}
