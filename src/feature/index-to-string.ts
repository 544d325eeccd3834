/** IndexToStringModel: indices back to the strings that they stand for. */
import { DataError, ModelDataError } from '../core/errors.js';
import { type ParamOptions, type ParamTable, required, strings } from '../core/params.js';
import { requireNoNull } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { addNewColumns, type NewColumns, type RowScope } from '../stage/new-columns.js';
import { Model, type StageOptions } from '../stage/stage.js';
import { int32 } from '../table/buffers.js';
import { DictionaryColumn } from '../table/dictionary-column.js';
import type { Int64Column } from '../table/int64-column.js';
import type { NumericColumn } from '../table/numeric-column.js';
import { requireColumn } from '../table/require-column.js';
import type { Table } from '../table/table.js';
import { requireOneForEach } from './one-for-each.js';
import { inRowBlocks } from './row-blocks.js';
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
 * Cost: one check a row, on the calling thread, between other events; no string is made.
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
  override transformRows(table: Table, { firstRow }: RowScope): NewColumns {
    const columns = this.#inputs(table).map(({ column, labels, name }) => {
      const codes = int32(column.length);
      writeCodes(column, labels, name, firstRow, codes);
      return new DictionaryColumn(codes, labels);
    });
    return { columns: this.#named(columns) };
  }

  protected override async transformOnWorkers(table: Table, options: StageOptions): Promise<Table> {
    const columns: DictionaryColumn[] = [];
    for (const { column, labels, name } of this.#inputs(table)) {
      const codes = int32(column.length);
      await inRowBlocks(WHO, column.length, options, (start, end) => {
        writeCodes(column.slice(start, end), labels, name, start, codes.subarray(start, end));
      });
      columns.push(new DictionaryColumn(codes, labels));
    }
    return addNewColumns(table, { columns: this.#named(columns) }, this.columnsRead);
  }

  #inputs(table: Table) {
    const { stringArrays } = this.modelData;
    return this.params.inputCols.map((name, c) => {
      const types = ['int32', 'int64', 'float64', 'float32'] as const;
      const column = requireColumn(WHO, table, name, types) as NumericColumn | Int64Column;
      requireNoNull(WHO, name, column);
      return { name, column, labels: stringArrays[c]! };
    });
  }

  #named(columns: readonly DictionaryColumn[]): Record<string, DictionaryColumn> {
    return Object.fromEntries(this.params.outputCols.map((name, c) => [name, columns[c]!]));
  }
}

function writeCodes(
  column: NumericColumn | Int64Column,
  labels: readonly string[],
  name: string,
  firstRow: number,
  codes: Int32Array,
): void {
  const values = column.layout === 'int64' ? column.toFloat64() : column.values;
  for (let i = 0; i < codes.length; i++) {
    const index = values[i]!;
    if (!(index >= 0 && index < labels.length && Number.isInteger(index))) {
      throw new DataError(
        `${WHO}: column "${name}" must have integers in [0, ${labels.length}), got ${index} in ` +
          `row ${firstRow + i}.`,
        { details: { who: WHO, column: name, row: firstRow + i, got: index } },
      );
    }
    codes[i] = index;
  }
}
