/** IndexToStringModel: indices back to the strings that they stand for. */
import { type MappedRows, mapFewRows, mapRows } from '../algorithm/map-rows.js';
import { ModelDataError } from '../core/errors.js';
import { type ParamOptions, type ParamTable, required, strings } from '../core/params.js';
import { requireNoNull } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { addNewColumns, type NewColumns, type RowScope } from '../stage/new-columns.js';
import { Model, type StageOptions } from '../stage/stage.js';
import { DictionaryColumn } from '../table/dictionary-column.js';
import type { Table } from '../table/table.js';
import { indexColumn } from './index-column.js';
import {
  type CodedColumn,
  type CodesOutput,
  codesName,
  codesOutputs,
  type IndexToStringMappingParams,
  indexToStringMapping,
} from './index-to-string-mapping.js';
import { requireOneForEach } from './one-for-each.js';
import {
  checkStringArrays,
  type StringIndexerModelData,
  stringArraysOf,
  tableOfStringArrays,
} from './string-arrays.js';

const WHO = 'IndexToStringModel.transform';

/** Params of {@link IndexToStringModel}. */
export interface IndexToStringModelParams {
  /** Columns of indices. Required, not empty. */
  readonly inputCols: readonly string[];
  /** A column for the strings of each of inputCols. Required. */
  readonly outputCols: readonly string[];
}

const indexToStringModelParams: ParamTable<IndexToStringModelParams> = {
  inputCols: required(strings([], { nonEmpty: true })),
  outputCols: required(strings([], { nonEmpty: true })),
};

/**
 * Replaces indices by strings: index i of input column c by `stringArrays[c][i]`. The way back
 * from {@link StringIndexerModel}, whose model data it takes.
 *
 * Reads columns of int32, int64, float64 or float32 that hold integers; writes dictionary columns,
 * whose labels are the model's list itself. Null, NaN, a fraction and an index without a string
 * are errors: also the index that a StringIndexerModel with `handleInvalid: 'keep'` gives to what it
 * does not know.
 *
 * Unlike Flink ML's, which takes integers only, it takes what StringIndexerModel puts out.
 *
 * Cost: one check a row, on the workers when the table is large; no string is made.
 *
 * @throws DataError `ERR_GYRE_DATA` for an index that has no string, naming column and row.
 * @see IndexToStringModel of Flink ML.
 *
 * @example
 * ```ts
 * const model = new IndexToStringModel({ inputCols: ['index'], outputCols: ['city'] });
 * model.setModelData({ stringArrays: [['Rome', 'Oslo']] });
 * const table = Table.fromColumns({ index: [1, 0, 1] });
 * console.log((await model.transform(table)).column('city').toArray()); // [ 'Oslo', 'Rome', 'Oslo' ]
 * ```
 */
export class IndexToStringModel extends Model<IndexToStringModelParams, StringIndexerModelData> {
  static readonly className = 'IndexToStringModel';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<IndexToStringModelParams> = indexToStringModelParams;
  #data: StringIndexerModelData | null = null;

  constructor(options: ParamOptions<IndexToStringModelParams> = {}) {
    super(options);
    const { inputCols, outputCols } = this.params;
    requireOneForEach('IndexToStringModel', inputCols, { outputCols });
  }

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<IndexToStringModel> {
    return loadAs(IndexToStringModel, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<IndexToStringModelParams>,
    data: Table | null,
  ): IndexToStringModel {
    const model = new IndexToStringModel(params);
    return data === null
      ? model
      : model.setModelData(stringArraysOf('IndexToStringModel.load', data));
  }

  get modelData(): StringIndexerModelData {
    if (this.#data !== null) return this.#data;
    throw new ModelDataError(
      'IndexToStringModel: it has no data; call setModelData or load a model.',
    );
  }

  /**
   * @param data The strings of each of inputCols, by index. A string may stand more than once.
   * @throws ModelDataError `ERR_GYRE_MODEL`.
   */
  setModelData(data: StringIndexerModelData): this {
    const who = 'IndexToStringModel.setModelData';
    const stringArrays = checkStringArrays(who, data);
    const expected = this.params.inputCols.length;
    if (stringArrays.length !== expected) {
      throw new ModelDataError(
        `${who}: stringArrays must have a list for each of inputCols, got ${stringArrays.length} ` +
          `for ${expected}.`,
        { details: { got: stringArrays.length, expected } },
      );
    }
    this.#data = { stringArrays };
    return this;
  }

  protected override savedData(): Table | null {
    return this.#data === null ? null : tableOfStringArrays(this.#data);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return this.params.inputCols;
  }

  /** @internal */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const { params, input, outputs } = this.#plan(table);
    return {
      columns: this.#strings(mapFewRows(indexToStringMapping(params), input, outputs, scope)),
    };
  }

  protected override async transformOnWorkers(table: Table, options: StageOptions): Promise<Table> {
    const { params, input, outputs } = this.#plan(table);
    const module = new URL('./index-to-string-mapping.js', import.meta.url).href;
    const ref = { module, name: 'indexToStringMapping', params };
    const codes = await mapRows(WHO, ref, input, outputs, this.workOf(table), options);
    return addNewColumns(table, { columns: this.#strings(codes) }, this.columnsRead);
  }

  #plan(table: Table) {
    const { stringArrays } = this.modelData;
    const columns = this.params.inputCols.map((inputCol, c): CodedColumn => {
      requireNoNull(WHO, inputCol, indexColumn(WHO, table, inputCol));
      return { inputCol, labels: stringArrays[c]!.length };
    });
    const params: IndexToStringMappingParams = { who: WHO, columns };
    const input = table.select([...new Set(this.columnsRead)]);
    return { params, input, outputs: codesOutputs(columns) };
  }

  #strings(codes: MappedRows<Record<string, CodesOutput>>): Record<string, DictionaryColumn> {
    const { stringArrays } = this.modelData;
    const named = this.params.outputCols.map((name, c) => {
      return [name, new DictionaryColumn(codes[codesName(c)]!, stringArrays[c]!)] as const;
    });
    return Object.fromEntries(named);
  }
}
