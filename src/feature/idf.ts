/** IDF: learns how rare the entries of vectors are among documents. */
import type { AlgorithmRef } from '../algorithm/training.js';
import { int, type ParamOptions, type ParamTable } from '../core/params.js';
import { storedEntries, vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { OnePassEstimator } from '../stage/one-pass-estimator.js';
import { sharedParams } from '../stage/stage.js';
import { Table } from '../table/table.js';
import { DenseVector } from '../table/vector.js';
import type { EntryFrequencies, IDFAggregationParams } from './idf-aggregation.js';
import { IDFModel, type IDFModelParams, idfModelParams } from './idf-model.js';

const WHO = 'IDF.fit';

/** Params of {@link IDF}. */
export interface IDFParams extends IDFModelParams {
  /** An entry that is above 0 in fewer rows gets the weight 0; >= 0. **Default:** 0. */
  readonly minDocFreq: number;
}

const idfParams: ParamTable<IDFParams> = {
  ...idfModelParams,
  minDocFreq: int(0, { min: 0, max: 2 ** 31 - 1 }),
};

/**
 * Learns the inverse document frequency of each entry of vectors of term counts, by which its model
 * multiplies them: terms that are in most documents count for little.
 *
 * idf = ln((m + 1) / (df + 1)), where m is the number of rows and df that of the rows in which the
 * entry is above 0; where df < `minDocFreq`, idf and the model's docFreq are 0. An entry that is
 * above 0 in no row has the largest idf, ln(m + 1), unless `minDocFreq` is 1 or more; one that is in
 * every row has 0.
 *
 * Input: vectors, dense or sparse, such as those of {@link HashingTF} and {@link CountVectorizer}.
 * NaN and negative entries are not above 0. Null is an error, and so is a table without rows
 * (`ERR_GYRE_DATA`). The same model on any number of workers, to the bit.
 *
 * Cost: one pass, O(rows · dim) or O(stored entries + dim).
 *
 * @see IDF of Flink ML; Spärck Jones, A statistical interpretation of term specificity and its
 *   application in retrieval, 1972.
 *
 * @example
 * ```ts
 * const input = [[0, 1, 0, 2], [0, 1, 2, 3], [0, 1, 0, 0]];
 * const table = Table.fromColumns({ input }, { input: 'vector' });
 * const model = await new IDF({ minDocFreq: 2 }).fit(table);
 * console.log(String(model.modelData.docFreq)); // [0.0, 3.0, 0.0, 2.0]
 * const weighted = await model.transform(table);
 * console.log(weighted.column('output').get(0).get(3).toFixed(4)); // 0.5754
 * ```
 */
export class IDF extends OnePassEstimator<IDFParams, IDFModel, EntryFrequencies> {
  static readonly className = 'IDF';
  static readonly params: ParamTable<IDFParams> = idfParams;

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<IDF> {
    return loadAs(IDF, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<IDFParams>): IDF {
    return new IDF(params);
  }

  /**
   * Learns the document frequencies. `onProgress` reports once, at the end.
   *
   * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for null, or no rows.
   */
  protected override rowsToLearn(table: Table, firstRow: number): Table {
    const { inputCol } = this.params;
    return Table.fromColumns({ [inputCol]: vectorColumn(WHO, table, inputCol, firstRow) });
  }

  protected override workToLearn(rows: Table): number {
    return storedEntries(vectorColumn(WHO, rows, this.params.inputCol));
  }

  protected override get aggregation(): AlgorithmRef {
    const { inputCol } = this.params;
    const params: IDFAggregationParams = { inputCol };
    return {
      module: new URL('./idf-aggregation.js', import.meta.url).href,
      name: 'idfAggregation',
      params,
    };
  }

  protected override modelOf({ rows, frequencies }: EntryFrequencies): IDFModel {
    const { minDocFreq } = this.params;
    const idf = frequencies.map((df) => (df < minDocFreq ? 0 : Math.log((rows + 1) / (df + 1))));
    const docFreq = frequencies.map((df) => (df < minDocFreq ? 0 : df));
    return new IDFModel(sharedParams(this.params, idfModelParams)).setModelData({
      idf: new DenseVector(idf),
      docFreq: new DenseVector(docFreq),
      numDocs: rows,
    });
  }
}
