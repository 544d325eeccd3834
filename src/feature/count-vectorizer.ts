/** CountVectorizer: learns a vocabulary from lists of tokens. */
import type { AlgorithmRef } from '../algorithm/training.js';
import { InvalidParamError } from '../core/errors.js';
import { double, int, type ParamOptions, type ParamTable } from '../core/params.js';
import { loadAs } from '../stage/load.js';
import { OnePassEstimator } from '../stage/one-pass-estimator.js';
import { sharedParams } from '../stage/stage.js';
import { Table } from '../table/table.js';
import type {
  CountVectorizerAggregationParams,
  Vocabulary,
} from './count-vectorizer-aggregation.js';
import {
  CountVectorizerModel,
  type CountVectorizerModelParams,
  countVectorizerModelParams,
} from './count-vectorizer-model.js';
import { requireNoNullTokens, tokensColumn, tokensWork } from './text/text-columns.js';

const WHO = 'CountVectorizer.fit';

/** Params of {@link CountVectorizer}. */
export interface CountVectorizerParams extends CountVectorizerModelParams {
  /** The most terms, >= 1: those in the most documents are taken. **Default:** 262144. */
  readonly vocabularySize: number;
  /**
   * A term must be in at least so many documents: a number of them, or, below 1, a share of all.
   * **Default:** 1.
   */
  readonly minDF: number;
  /** A term must be in at most so many documents, counted as by `minDF`. **Default:** 2^63. */
  readonly maxDF: number;
}

const countVectorizerParams: ParamTable<CountVectorizerParams> = {
  ...countVectorizerModelParams,
  vocabularySize: int(2 ** 18, { min: 1, max: 2 ** 31 - 1 }),
  minDF: double(1, { min: 0 }),
  maxDF: double(2 ** 63, { min: 0 }),
};

/**
 * Learns a vocabulary from lists of tokens; its model makes vectors of counts of the terms.
 *
 * The document frequency df of a term is the number of lists that have it, however often. Terms with
 * `minDF` <= df <= `maxDF` are ranked by df, the largest first, equal ones by their UTF-16 code units,
 * and the first `vocabularySize` of them are the vocabulary. A bound of 1 or more is a number of
 * documents (1.5 too), one below 1 a share of all. All terms may fall out: then vectors have size 0.
 *
 * Input: `string[]`, with tokens in UTF-8 or a dictionary. A list or a token that is null is an
 * error, and so is a table without rows (`ERR_GYRE_DATA`). The same vocabulary on any number of
 * workers.
 *
 * Difference from Flink ML: terms of one df come in the order of a Java hash map there. (That terms
 * are ranked by document frequency is as there; its documentation says term frequency.)
 *
 * Cost: one pass, O(bytes) on all threads, and a sort of the distinct terms on one.
 *
 * @see CountVectorizer of Flink ML.
 *
 * @example
 * ```ts
 * const input = [['a', 'c', 'b', 'c'], ['c', 'd', 'e'], ['a', 'b', 'c']];
 * const table = Table.fromColumns({ input });
 * const model = await new CountVectorizer({ minDF: 2 }).fit(table);
 * console.log(model.modelData.vocabulary); // [ 'c', 'a', 'b' ]
 * const counts = await model.transform(table);
 * console.log(String(counts.column('output').get(0))); // (3, [0, 1, 2], [2.0, 1.0, 1.0])
 * ```
 */
export class CountVectorizer extends OnePassEstimator<
  CountVectorizerParams,
  CountVectorizerModel,
  Vocabulary
> {
  static readonly className = 'CountVectorizer';
  static readonly params: ParamTable<CountVectorizerParams> = countVectorizerParams;

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<CountVectorizer> {
    return loadAs(CountVectorizer, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<CountVectorizerParams>): CountVectorizer {
    return new CountVectorizer(params);
  }

  /**
   * Learns the vocabulary. `onProgress` reports once, at the end.
   *
   * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` when `maxDF` is below `minDF`, for these rows
   *   where one of them is a share; SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA`.
   */
  protected override rowsToLearn(table: Table, firstRow: number): Table {
    const { inputCol } = this.params;
    const lists = tokensColumn(WHO, table, inputCol, firstRow);
    requireNoNullTokens(WHO, inputCol, lists, firstRow);
    return Table.fromColumns({ [inputCol]: lists });
  }

  protected override workToLearn(rows: Table): number {
    return 4 * tokensWork(tokensColumn(WHO, rows, this.params.inputCol, 0));
  }

  protected override get aggregation(): AlgorithmRef {
    const { inputCol, minDF, maxDF, vocabularySize } = this.params;
    if (maxDF < minDF && minDF < 1 === maxDF < 1) {
      throw new InvalidParamError(
        `CountVectorizer.maxDF must not be below minDF, got ${maxDF} and ${minDF}.`,
        { details: { minDF, maxDF } },
      );
    }
    const params: CountVectorizerAggregationParams = { inputCol, minDF, maxDF, vocabularySize };
    return {
      module: new URL('./count-vectorizer-aggregation.js', import.meta.url).href,
      name: 'countVectorizerAggregation',
      params,
    };
  }

  protected override modelOf({ terms }: Vocabulary): CountVectorizerModel {
    const shared = sharedParams(this.params, countVectorizerModelParams);
    return new CountVectorizerModel(shared).setModelData({ vocabulary: terms });
  }
}
