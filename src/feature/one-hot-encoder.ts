/** OneHotEncoder: learns how many categories columns of indices have. */
import type { AlgorithmRef } from '../algorithm/training.js';
import { DataError } from '../core/errors.js';
import {
  boolean,
  oneOf,
  type ParamOptions,
  type ParamTable,
  required,
  strings,
} from '../core/params.js';
import { loadAs } from '../stage/load.js';
import { OnePassEstimator } from '../stage/one-pass-estimator.js';
import { sharedParams } from '../stage/stage.js';
import type { Table } from '../table/table.js';
import { indexColumn } from './index-column.js';
import { requireOneForEach } from './one-for-each.js';
import type { MaxIndicesParams } from './one-hot-encoder-aggregation.js';
import { OneHotEncoderModel, oneHotEncoderModelParams } from './one-hot-encoder-model.js';

const WHO = 'OneHotEncoder.fit';

/** Params of {@link OneHotEncoder}. */
export interface OneHotEncoderParams {
  /** Columns of indices. Required, not empty. */
  readonly inputCols: readonly string[];
  /** A column of vectors for each of inputCols. Required. */
  readonly outputCols: readonly string[];
  /**
   * What the model does with null, with what is no index, and with indices above all that `fit` has
   * seen. `fit` itself refuses null and what is no index with `'error'`, and passes over them with
   * `'skip'` and `'keep'`. **Default:** `'error'`.
   */
  readonly handleInvalid: 'error' | 'skip' | 'keep';
  /** Whether the last category is the vector without entries. **Default:** true. */
  readonly dropLast: boolean;
}

const oneHotEncoderParams: ParamTable<OneHotEncoderParams> = {
  inputCols: required(strings([], { nonEmpty: true })),
  outputCols: required(strings([], { nonEmpty: true })),
  handleInvalid: oneOf(['error', 'skip', 'keep'], 'error'),
  dropLast: boolean(true),
};

/**
 * Learns the largest index M of each column, so that the model can replace an index i by the
 * sparse vector of size M (or M + 1 without `dropLast`) with 1 at i.
 *
 * Reads columns of integers as float64, float32, int32 or int64, such as those of
 * {@link StringIndexerModel}. An index is an integer in [0, 2³¹ - 3]; null, NaN, negative numbers
 * and fractions are none: see `handleInvalid`. Bit-identical models on any number of workers.
 *
 * Differences from Flink ML: `'skip'` and `'keep'` work, which Flink ML's params allow and its code
 * refuses; an index of M + 1 is invalid without `dropLast` too, and gives no empty vector; a column
 * without any index is refused in `fit`; lists of different lengths are in the constructor.
 *
 * Cost: one pass, O(rows · columns), on the workers when the table is large.
 *
 * @see OneHotEncoder of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ index: [0, 1, 2, 0] });
 * const encoder = new OneHotEncoder({ inputCols: ['index'], outputCols: ['vector'] });
 * const model = await encoder.fit(table);
 * const { vector } = (await model.transform(table)).row(1);
 * console.log(model.modelData.maxIndices, String(vector)); // [ 2 ] (2, [1], [1.0])
 * ```
 */
export class OneHotEncoder extends OnePassEstimator<
  OneHotEncoderParams,
  OneHotEncoderModel,
  number[]
> {
  static readonly className = 'OneHotEncoder';
  static readonly params: ParamTable<OneHotEncoderParams> = oneHotEncoderParams;

  constructor(options: ParamOptions<OneHotEncoderParams> = {}) {
    super(options);
    const { inputCols, outputCols } = this.params;
    requireOneForEach('OneHotEncoder', inputCols, { outputCols });
  }

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<OneHotEncoder> {
    return loadAs(OneHotEncoder, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<OneHotEncoderParams>): OneHotEncoder {
    return new OneHotEncoder(params);
  }

  /**
   * Learns the largest indices. `onProgress` reports once, at the end.
   *
   * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for no rows, a column without
   *   any index, and with `'error'` for a cell that is none.
   */
  protected override rowsToLearn(table: Table): Table {
    const { inputCols } = this.params;
    for (const name of inputCols) indexColumn(WHO, table, name);
    return table.select(inputCols);
  }

  protected override workToLearn(rows: Table): number {
    return rows.numRows * this.params.inputCols.length;
  }

  protected override get aggregation(): AlgorithmRef {
    const { inputCols, handleInvalid } = this.params;
    const params: MaxIndicesParams = { who: WHO, inputCols, refuses: handleInvalid === 'error' };
    return {
      module: new URL('./one-hot-encoder-aggregation.js', import.meta.url).href,
      name: 'maxIndicesAggregation',
      params,
    };
  }

  protected override modelOf(maxIndices: number[]): OneHotEncoderModel {
    const without = maxIndices.findIndex((index) => index < 0);
    if (without >= 0) {
      const column = this.params.inputCols[without]!;
      throw new DataError(`${WHO}: column "${column}" must have at least one index, got none.`, {
        details: { who: WHO, column },
      });
    }
    const model = new OneHotEncoderModel(sharedParams(this.params, oneHotEncoderModelParams));
    return model.setModelData({ maxIndices });
  }
}
