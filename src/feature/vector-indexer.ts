/** VectorIndexer: finds the entries of vectors that are categories, and numbers their values. */
import type { AlgorithmRef } from '../algorithm/training.js';
import { int, oneOf, type ParamOptions, type ParamTable, string } from '../core/params.js';
import { storedEntries, vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { OnePassEstimator } from '../stage/one-pass-estimator.js';
import { sharedParams } from '../stage/stage.js';
import { Table } from '../table/table.js';
import type { CategoriesParams, DistinctValues } from './vector-indexer-aggregation.js';
import {
  VectorIndexerModel,
  type VectorIndexerModelParams,
  vectorIndexerModelParams,
} from './vector-indexer-model.js';

const WHO = 'VectorIndexer.fit';

/** Params of {@link VectorIndexer}. */
export interface VectorIndexerParams extends VectorIndexerModelParams {
  /** Entries with more distinct values than that are continuous; >= 2. **Default:** 20. */
  readonly maxCategories: number;
}

const vectorIndexerParams: ParamTable<VectorIndexerParams> = {
  inputCol: string('input'),
  outputCol: string('output'),
  handleInvalid: oneOf(['error', 'skip', 'keep'], 'error'),
  maxCategories: int(20, { min: 2, max: 2 ** 31 - 1 }),
};

/**
 * Finds out which entries of vectors are categorical, those with at most `maxCategories` distinct
 * values, and gives each of their values an index 0, 1, 2, ...: 0 is always 0, the others ascend,
 * NaN is the last. The model replaces the values of these entries by their indices.
 *
 * Features: vectors, dense or sparse, where what is not stored is 0; -0 is 0; null is an error.
 * Bit-identical models on any number of workers.
 *
 * Differences from Flink ML: a subtask that sees more than `maxCategories` values does not fail;
 * -0 and 0 are one value; a table without rows is refused.
 *
 * Cost: one pass, O(rows · dim) for dense vectors, where an entry is looked at until it has too
 * many values, or O(stored entries) for sparse ones; on the workers when the table is large.
 *
 * @see VectorIndexer of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ input: [[1, 7], [2, -7], [3, 0]] }, { input: 'vector' });
 * const model = await new VectorIndexer({ maxCategories: 2 }).fit(table);
 * console.log(model.modelData.categoryMaps.size); // 0
 * const wider = await new VectorIndexer({ maxCategories: 3 }).fit(table);
 * const indexed = await wider.transform(table);
 * console.log(indexed.column('output').toArray().join(' ')); // [0.0, 2.0] [1.0, 1.0] [2.0, 0.0]
 * ```
 */
export class VectorIndexer extends OnePassEstimator<
  VectorIndexerParams,
  VectorIndexerModel,
  DistinctValues
> {
  static readonly className = 'VectorIndexer';
  static readonly params: ParamTable<VectorIndexerParams> = vectorIndexerParams;

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<VectorIndexer> {
    return loadAs(VectorIndexer, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<VectorIndexerParams>): VectorIndexer {
    return new VectorIndexer(params);
  }

  /**
   * Learns the categories. `onProgress` reports once, at the end.
   *
   * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for null, or no rows.
   */
  protected override rowsToLearn(table: Table, firstRow: number): Table {
    const { inputCol } = this.params;
    return Table.fromColumns({ [inputCol]: vectorColumn(WHO, table, inputCol, firstRow) });
  }

  protected override workToLearn(rows: Table): number {
    return 4 * storedEntries(vectorColumn(WHO, rows, this.params.inputCol));
  }

  protected override get aggregation(): AlgorithmRef {
    const { inputCol, maxCategories } = this.params;
    const params: CategoriesParams = { inputCol, maxCategories };
    return {
      module: new URL('./vector-indexer-aggregation.js', import.meta.url).href,
      name: 'categoriesAggregation',
      params,
    };
  }

  protected override modelOf(categories: DistinctValues): VectorIndexerModel {
    const categoryMaps = new Map<number, Map<number, number>>();
    for (const [entry, values] of categories.entries()) {
      if (values === null) continue;
      categoryMaps.set(entry, new Map(Array.from(values, (value, index) => [value, index])));
    }
    const model = new VectorIndexerModel(sharedParams(this.params, vectorIndexerModelParams));
    return model.setModelData({ categoryMaps });
  }
}
