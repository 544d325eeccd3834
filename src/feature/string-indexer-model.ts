/** The model of {@link StringIndexer}: labels, and cells as their indices. */
import { InvalidParamError, ModelDataError } from '../core/errors.js';
import {
  nullable,
  oneOf,
  type ParamOptions,
  type ParamTable,
  showValue,
  strings,
} from '../core/params.js';
import { defaultSession } from '../engine/session.js';
import { loadAs } from '../stage/load.js';
import { addNewColumns, type NewColumns, type RowScope } from '../stage/new-columns.js';
import { Model, type StageOptions } from '../stage/stage.js';
import { float64 } from '../table/buffers.js';
import type { DictionaryColumn } from '../table/dictionary-column.js';
import { NumericColumn } from '../table/numeric-column.js';
import { requireColumn } from '../table/require-column.js';
import type { Table } from '../table/table.js';
import { indexKeys, unseen } from './index-keys.js';
import { rowsWithout, takeRows } from './kept-rows.js';
import type { KeyColumn } from './key-column.js';
import { LabelIndex, type LabelledColumn } from './label-index.js';
import { requireOneForEach } from './one-for-each.js';
import { inRowBlocks } from './row-blocks.js';
import {
  checkStringArrays,
  type StringIndexerModelData,
  stringArraysOf,
  tableOfStringArrays,
} from './string-arrays.js';

const WHO = 'StringIndexerModel.transform';

/** Params of {@link StringIndexerModel}. */
export interface StringIndexerModelParams {
  /** Columns of strings or numbers. **Default:** null, which `transform` refuses. */
  readonly inputCols: readonly string[] | null;
  /** A column for the indices of each of inputCols. **Default:** null, which `transform` refuses. */
  readonly outputCols: readonly string[] | null;
  /**
   * What happens to a row with null, or a value that `fit` has not seen: `'error'`, `'skip'` (the
   * row is left out, whatever column it is in), or `'keep'` (its index is the number of labels).
   * **Default:** `'error'`.
   */
  readonly handleInvalid: 'error' | 'skip' | 'keep';
}

export const stringIndexerModelParams: ParamTable<StringIndexerModelParams> = {
  inputCols: nullable(strings([], { nonEmpty: true })),
  outputCols: nullable(strings([], { nonEmpty: true })),
  handleInvalid: oneOf(['error', 'skip', 'keep'], 'error'),
};

/** A column to be indexed. */
interface IndexedColumn {
  readonly inputCol: string;
  readonly outputCol: string;
  readonly index: LabelIndex;
  readonly missing: number;
  readonly column: LabelledColumn;
}

/**
 * Replaces strings and numbers by indices: the place of the cell's text among the labels.
 *
 * Reads columns of strings (UTF-8 or dictionary), float64, float32, int32 or int64; the text of a
 * number is Java's, by its type: `1.0` in a float64 column and `1` in an int32 column are different
 * labels, and so are `0.0` and `-0.0`. Writes float64. Null and what is no label are invalid: see
 * `handleInvalid`.
 *
 * Made by {@link StringIndexer}`.fit`, loaded with `StringIndexerModel.load`, or given its data by
 * {@link setModelData}. Cost: one look-up of a cell's bytes in a hash table, on the workers when
 * the table is large, written in place; each label of a dictionary column is looked up once, and
 * its rows are read on the calling thread.
 *
 * @throws DataError `ERR_GYRE_DATA` for an invalid cell with `'error'`, naming column and row.
 * @see StringIndexerModel of Flink ML.
 */
export class StringIndexerModel extends Model<StringIndexerModelParams, StringIndexerModelData> {
  static readonly className = 'StringIndexerModel';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<StringIndexerModelParams> = stringIndexerModelParams;
  #indexes: readonly LabelIndex[] | null = null;

  constructor(options: ParamOptions<StringIndexerModelParams> = {}) {
    super(options);
    const { inputCols, outputCols } = this.params;
    if (inputCols === null || outputCols === null) return;
    requireOneForEach('StringIndexerModel', inputCols, { outputCols });
  }

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<StringIndexerModel> {
    return loadAs(StringIndexerModel, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<StringIndexerModelParams>,
    data: Table | null,
  ): StringIndexerModel {
    const model = new StringIndexerModel(params);
    return data === null
      ? model
      : model.setModelData(stringArraysOf('StringIndexerModel.load', data));
  }

  /** @internal A model of labels that are known to be different, column by column. */
  static ofLabels(
    params: ParamOptions<StringIndexerModelParams>,
    labels: readonly (readonly string[])[],
  ): StringIndexerModel {
    const model = new StringIndexerModel(params);
    model.#indexes = labels.map((list) => new LabelIndex(list));
    return model;
  }

  get modelData(): StringIndexerModelData {
    return { stringArrays: this.#labelIndexes().map(({ labels }) => labels) };
  }

  /**
   * @param data The labels of each of inputCols, in order of their indices, each once.
   * @throws ModelDataError `ERR_GYRE_MODEL`.
   */
  setModelData(data: StringIndexerModelData): this {
    const who = 'StringIndexerModel.setModelData';
    const indexes = checkStringArrays(who, data).map((labels) => new LabelIndex(labels));
    for (const { labels, byText } of indexes) {
      if (byText.size === labels.length) continue;
      const repeated = labels.find((label, i) => byText.get(label) !== i);
      throw new ModelDataError(
        `${who}: labels must be different, got ${showValue(repeated)} twice.`,
        {
          details: { got: repeated },
        },
      );
    }
    this.#indexes = indexes;
    return this;
  }

  protected override savedData(): Table | null {
    return this.#indexes === null ? null : tableOfStringArrays(this.modelData);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return this.params.inputCols ?? [];
  }

  /** @internal */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const columns = this.#columnsOf(table);
    const outputs = columns.map(({ index, column, missing, inputCol }) => {
      const out = float64(column.length);
      const misses = index.write(column, missing, out, scope);
      this.#refuse(inputCol, column, misses, missing, out, scope.firstRow);
      return out;
    });
    return this.#newColumns(columns, outputs);
  }

  protected override workOf(table: Table): number {
    let work = 0;
    for (const { column } of this.#columnsOf(table)) work += workOfColumn(column);
    return work;
  }

  protected override async transformOnWorkers(table: Table, options: StageOptions): Promise<Table> {
    const columns = this.#columnsOf(table);
    const outputs = columns.map(() => float64(table.numRows));
    const shipped = columns.flatMap((entry, c) => (isDictionary(entry.column) ? [] : [c]));
    await this.#indexOnWorkers(columns, outputs, shipped, table, options);
    const scope = (options.session ?? defaultSession()).inline;
    for (const [c, { column, index, missing, inputCol }] of columns.entries()) {
      if (!isDictionary(column)) continue;
      const indices = index.indicesOf(column.labels, missing, scope);
      await inRowBlocks(WHO, table.numRows, options, (start, end) => {
        const rows = column.slice(start, end);
        const out = outputs[c]!.subarray(start, end);
        const misses = index.writeCodes(rows, indices, missing, out);
        this.#refuse(inputCol, rows, misses, missing, out, start);
      });
    }
    return addNewColumns(table, this.#newColumns(columns, outputs), this.columnsRead);
  }

  async #indexOnWorkers(
    columns: readonly IndexedColumn[],
    outputs: readonly Float64Array<SharedArrayBuffer>[],
    shipped: readonly number[],
    table: Table,
    options: StageOptions,
  ): Promise<void> {
    if (shipped.length === 0) return;
    const params = shipped.map((c) => {
      const { inputCol, index, missing, column } = columns[c]!;
      const type = (column as KeyColumn).type;
      return { inputCol, labels: index.keysFor(type), nan: index.nanOf(type), missing };
    });
    await indexKeys(
      { who: WHO, columns: params, refuses: this.params.handleInvalid === 'error' },
      table.select(params.map(({ inputCol }) => inputCol)),
      shipped.map((c) => outputs[c]!),
      this.workOf(table),
      options,
    );
  }

  #labelIndexes(): readonly LabelIndex[] {
    if (this.#indexes !== null) return this.#indexes;
    throw new ModelDataError(
      'StringIndexerModel: it has no data; call setModelData or load a model.',
    );
  }

  #columnsOf(table: Table): IndexedColumn[] {
    const indexes = this.#labelIndexes();
    const { inputCols, outputCols, handleInvalid } = this.params;
    if (inputCols === null || outputCols === null) {
      const param = inputCols === null ? 'inputCols' : 'outputCols';
      throw new InvalidParamError(`StringIndexerModel.${param} must be set, got null.`, {
        details: { param },
      });
    }
    if (indexes.length !== inputCols.length) {
      throw new ModelDataError(
        `StringIndexerModel: its data must have labels for each of inputCols, got ` +
          `${indexes.length} for ${inputCols.length}.`,
        { details: { got: indexes.length, expected: inputCols.length } },
      );
    }
    return inputCols.map((inputCol, c) => ({
      inputCol,
      outputCol: outputCols[c]!,
      index: indexes[c]!,
      missing: handleInvalid === 'keep' ? indexes[c]!.labels.length : -1,
      column: labelledColumn(WHO, table, inputCol),
    }));
  }

  #refuse(
    inputCol: string,
    column: LabelledColumn,
    misses: number,
    missing: number,
    out: Float64Array,
    firstRow: number,
  ): void {
    if (misses === 0 || this.params.handleInvalid !== 'error') return;
    throw unseen(WHO, inputCol, column, out.indexOf(missing), firstRow);
  }

  #newColumns(columns: readonly IndexedColumn[], outputs: readonly Float64Array[]): NewColumns {
    const kept = this.params.handleInvalid === 'skip' ? rowsWithout(-1, outputs) : null;
    const named = columns.map(({ outputCol }, c) => {
      const all = outputs[c]!;
      const isWhole = kept === null || kept.length === all.length;
      return [
        outputCol,
        new NumericColumn(isWhole ? all : takeRows(all, kept, float64(kept.length))),
      ] as const;
    });
    const made = { columns: Object.fromEntries(named) };
    return kept === null ? made : { ...made, kept };
  }
}

/** A column that StringIndexer reads, checked. */
export function labelledColumn(who: string, table: Table, name: string): LabelledColumn {
  const types = ['string', 'float64', 'float32', 'int32', 'int64'] as const;
  return requireColumn(who, table, name, types) as LabelledColumn;
}

/** What a column costs: its bytes, and the work on each row. */
export function workOfColumn(column: LabelledColumn): number {
  const { length } = column;
  if (column.layout !== 'utf8') return 8 * length;
  return 8 * length + column.offsets[length]! - column.offsets[0]!;
}

function isDictionary(column: LabelledColumn): column is DictionaryColumn {
  return column.layout === 'dictionary';
}
