/** The model of {@link CountVectorizer}: a vocabulary, and vectors of counts of its terms. */
import { FormatError, ModelDataError } from '../core/errors.js';
import { boolean, double, type ParamOptions, type ParamTable, string } from '../core/params.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns, RowScope } from '../stage/new-columns.js';
import { Model } from '../stage/stage.js';
import { Table } from '../table/table.js';
import { countRows, type SlotsOf } from './text/count-rows.js';
import {
  asUtf8,
  requireNoNullTokens,
  type TextColumn,
  type TokensColumn,
  tokensColumn,
  tokensWork,
  utf8Of,
} from './text/text-columns.js';
import { TokenTable } from './text/token-table.js';

const WHO = 'CountVectorizerModel.transform';

/** Params of {@link CountVectorizerModel}, which its estimator has too. */
export interface CountVectorizerModelParams {
  /** Column of lists of strings. **Default:** `'input'`. */
  readonly inputCol: string;
  /** Column for the sparse vectors. **Default:** `'output'`. */
  readonly outputCol: string;
  /**
   * A term is counted in a document that has it at least so often: a number of times, or, below 1,
   * a share of all tokens of the document. **Default:** 1.
   */
  readonly minTF: number;
  /** Whether every term that is counted counts as 1. **Default:** false. */
  readonly binary: boolean;
}

export const countVectorizerModelParams: ParamTable<CountVectorizerModelParams> = {
  inputCol: string('input'),
  outputCol: string('output'),
  minTF: double(1, { min: 0 }),
  binary: boolean(false),
};

/** What {@link CountVectorizer} learns. */
export interface CountVectorizerModelData {
  /** The terms; the place of a term is its index in the vectors. */
  readonly vocabulary: readonly string[];
}

/**
 * Counts the terms of a vocabulary in lists of tokens: one sparse vector a document.
 *
 * The entry of term i is how often the document has it, or 1 with `binary`; it is there when that is
 * at least the threshold: `minTF` where that is 1 or more, else `minTF` · (number of all tokens of
 * the document, also those that are not in the vocabulary). A term that does not occur has no entry,
 * whatever the threshold. The size of the vectors is that of the vocabulary; 0 is possible.
 *
 * Input: `string[]`; a list or a token that is null is an error (`ERR_GYRE_DATA`, with its row).
 *
 * Made by {@link CountVectorizer}`.fit`, loaded with `CountVectorizerModel.load`, or given its data by
 * {@link setModelData}. Cost of `transform`: O(bytes, and tokens · log(tokens of the document)); each
 * label of a dictionary is looked up once. Large tables run on all threads.
 *
 * Difference from Flink ML: with `minTF` 0 it gives an entry 0 for every term that a document does
 * not have, and with `binary` a 1.
 *
 * @see CountVectorizerModel of Flink ML.
 */
export class CountVectorizerModel extends Model<
  CountVectorizerModelParams,
  CountVectorizerModelData
> {
  static readonly className = 'CountVectorizerModel';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<CountVectorizerModelParams> = countVectorizerModelParams;
  #data: CountVectorizerModelData | null = null;
  #table = new TokenTable();

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<CountVectorizerModel> {
    return loadAs(CountVectorizerModel, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<CountVectorizerModelParams>,
    data: Table | null,
  ): CountVectorizerModel {
    const model = new CountVectorizerModel(params);
    if (data === null) return model;
    if (data.schema.vocabulary !== 'string') {
      throw new FormatError(
        'CountVectorizerModel.load: the data must have the strings vocabulary.',
      );
    }
    const vocabulary = data.column('vocabulary', 'string').toArray() as string[];
    return model.setModelData({ vocabulary });
  }

  get modelData(): CountVectorizerModelData {
    if (this.#data === null) {
      throw new ModelDataError(
        'CountVectorizerModel: it has no data; call setModelData or load a model.',
      );
    }
    return this.#data;
  }

  /**
   * @param data Different strings, or none.
   * @throws ModelDataError `ERR_GYRE_MODEL`.
   */
  setModelData({ vocabulary }: CountVectorizerModelData): this {
    if (!Array.isArray(vocabulary) || vocabulary.some((term) => typeof term !== 'string')) {
      throw new ModelDataError(
        'CountVectorizerModel.setModelData: vocabulary must be a list of strings.',
      );
    }
    const terms: readonly string[] = Object.freeze([...vocabulary]);
    const table = TokenTable.of(utf8Of(terms));
    if (table.size < terms.length) {
      throw new ModelDataError(
        `CountVectorizerModel.setModelData: the terms of vocabulary must differ, got ` +
          `${terms.length} of which ${table.size} do.`,
        { details: { terms: terms.length, distinct: table.size } },
      );
    }
    this.#data = Object.freeze({ vocabulary: terms });
    this.#table = table;
    return this;
  }

  protected override savedData(): Table | null {
    if (this.#data === null) return null;
    return Table.fromColumns({ vocabulary: utf8Of(this.#data.vocabulary) });
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.inputCol];
  }

  /** @internal */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const { outputCol, minTF, binary } = this.params;
    const { vocabulary } = this.modelData;
    const lists = this.#lists(table, scope.firstRow);
    const counting = {
      size: vocabulary.length,
      minCount: minTF >= 1 ? minTF : 0,
      minShare: minTF >= 1 ? 0 : minTF,
      binary,
    };
    const slots = slotsIn(this.#table, lists.child);
    return { columns: { [outputCol]: countRows(lists, slots, counting, scope) } };
  }

  protected override workOf(table: Table): number {
    return 2 * tokensWork(this.#lists(table, 0));
  }

  #lists(table: Table, firstRow: number): TokensColumn {
    const { inputCol } = this.params;
    const lists = tokensColumn(WHO, table, inputCol, firstRow);
    requireNoNullTokens(WHO, inputCol, lists, firstRow);
    return lists;
  }
}

/** The places of tokens in the vocabulary, -1 for those that are not in it. */
function slotsIn(vocabulary: TokenTable, child: TextColumn): SlotsOf {
  if (child.layout === 'dictionary' && child.labels.length <= child.length) {
    const { bytes, offsets } = utf8Of(child.labels);
    const places = Int32Array.from(child.labels, (_, i) =>
      vocabulary.find(bytes, offsets[i]!, offsets[i + 1]!),
    );
    const { codes } = child;
    return (from, slots) => {
      for (let i = 0; i < slots.length; i++) slots[i] = places[codes[from + i]!]!;
    };
  }
  const { bytes, offsets } = asUtf8(child);
  return (from, slots) => {
    for (let i = 0; i < slots.length; i++) {
      slots[i] = vocabulary.find(bytes, offsets[from + i]!, offsets[from + i + 1]!);
    }
  };
}
