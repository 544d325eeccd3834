/** The model of {@link Imputer}: surrogates, and columns whose missing values they replace. */
import { FormatError, InvalidParamError, ModelDataError } from '../core/errors.js';
import {
  nullable,
  number,
  type ParamOptions,
  type ParamTable,
  showValue,
  strings,
} from '../core/params.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns } from '../stage/new-columns.js';
import { Model } from '../stage/stage.js';
import { float64 } from '../table/buffers.js';
import type { Column } from '../table/column.js';
import { NumericColumn } from '../table/numeric-column.js';
import { requireColumn } from '../table/require-column.js';
import { Table } from '../table/table.js';
import { requireOneForEach } from './one-for-each.js';
import { comparable, type NumberColumn } from './quantile-columns.js';
import { noData } from './scaling-data.js';

const CLASS_NAME = 'ImputerModel';
const WHO = `${CLASS_NAME}.transform`;

/** Params of {@link ImputerModel}, which its estimator has too. */
export interface ImputerModelParams {
  /** Columns of numbers. **Default:** null, which `fit` and `transform` refuse. */
  readonly inputCols: readonly string[] | null;
  /** Columns for the results, as many. **Default:** null, which `fit` and `transform` refuse. */
  readonly outputCols: readonly string[] | null;
  /** The number that is missing beside null. **Default:** NaN. */
  readonly missingValue: number;
}

export const imputerModelParams: ParamTable<ImputerModelParams> = {
  inputCols: nullable(strings([], { nonEmpty: true })),
  outputCols: nullable(strings([], { nonEmpty: true })),
  missingValue: number(Number.NaN),
};

/** What {@link Imputer} learns. */
export interface ImputerModelData {
  /** What stands in for missing values, by input column. */
  readonly surrogates: Readonly<Record<string, number>>;
}

/**
 * Replaces missing values of columns of numbers, null and `missingValue`, by the surrogate of their
 * column. Output columns are float64 without null.
 *
 * NaN is missing when `missingValue` is NaN, and stays NaN when it is another number. A cell of a
 * float32 column is missing when it is `missingValue` as a 32-bit float; 0 as `missingValue` is also
 * -0. 64-bit integers beyond 2^53 are rounded.
 *
 * Made by {@link Imputer}`.fit`, loaded with `ImputerModel.load`, or given its data by
 * {@link setModelData}. Cost of `transform`: O(rows) a column.
 *
 * @see ImputerModel of Flink ML.
 */
export class ImputerModel extends Model<ImputerModelParams, ImputerModelData> {
  static readonly className: string = CLASS_NAME;
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<ImputerModelParams> = imputerModelParams;
  #data: ImputerModelData | null = null;

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<ImputerModel> {
    return loadAs(ImputerModel, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<ImputerModelParams>, data: Table | null): ImputerModel {
    const model = new ImputerModel(params);
    if (data === null) return model;
    const { column, surrogate } = data.schema;
    if (column !== 'string' || surrogate !== 'float64') {
      throw new FormatError(
        `${CLASS_NAME}.load: the data must have the columns column of strings and surrogate of ` +
          'numbers.',
      );
    }
    const names = data.column('column', 'string').toArray() as string[];
    const { values } = data.column('surrogate', 'float64');
    const entries = names.map((name, i) => [name, values[i]] as const);
    return model.setModelData({ surrogates: Object.fromEntries(entries) as never });
  }

  get modelData(): ImputerModelData {
    if (this.#data === null) throw noData(CLASS_NAME);
    return this.#data;
  }

  /**
   * @param data A number for each input column; it may have more.
   * @throws ModelDataError `ERR_GYRE_MODEL` for a surrogate that is no number.
   */
  setModelData({ surrogates }: ImputerModelData): this {
    const entries = Object.entries(surrogates);
    for (const [name, surrogate] of entries) {
      if (typeof surrogate === 'number') continue;
      throw new ModelDataError(
        `${CLASS_NAME}.setModelData: the surrogate of "${name}" must be a number, got ` +
          `${showValue(surrogate)}.`,
        { details: { column: name, got: surrogate } },
      );
    }
    this.#data = { surrogates: Object.fromEntries(entries) };
    return this;
  }

  protected override savedData(): Table | null {
    if (this.#data === null) return null;
    const { surrogates } = this.#data;
    return Table.fromColumns(
      { column: Object.keys(surrogates), surrogate: Object.values(surrogates) },
      { column: 'string', surrogate: 'float64' },
    );
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return this.params.inputCols ?? [];
  }

  /** @internal */
  override transformRows(table: Table): NewColumns {
    const { surrogates } = this.modelData;
    const { inputCols, outputCols } = requireCols(CLASS_NAME, this.params);
    const columns: [string, Column][] = inputCols.map((name, i) => {
      if (!Object.hasOwn(surrogates, name)) {
        throw new ModelDataError(`${WHO}: the model has no surrogate for column "${name}".`, {
          details: { column: name, known: Object.keys(surrogates) },
        });
      }
      const column = numbers(WHO, table, name);
      return [outputCols[i]!, imputed(column, this.params.missingValue, surrogates[name]!)];
    });
    return { columns: Object.fromEntries(columns) };
  }
}

/**
 * Input and output columns, checked to be given and as many.
 *
 * @param owner The stage's class name, for the message.
 * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM`.
 */
export function requireCols(
  owner: string,
  { inputCols, outputCols }: ImputerModelParams,
): { readonly inputCols: readonly string[]; readonly outputCols: readonly string[] } {
  if (inputCols === null || outputCols === null) {
    throw new InvalidParamError(
      `${owner}: inputCols and outputCols must be given, got ${showValue(inputCols)} and ` +
        `${showValue(outputCols)}.`,
      { details: { inputCols, outputCols } },
    );
  }
  requireOneForEach(owner, inputCols, { outputCols });
  return { inputCols, outputCols };
}

/** A column of numbers of any type, which may have null. @throws SchemaError `ERR_GYRE_SCHEMA`. */
export function numbers(who: string, table: Table, name: string): NumberColumn {
  return requireColumn(who, table, name, ['float64', 'float32', 'int32', 'int64']);
}

function imputed(column: NumberColumn, missingValue: number, surrogate: number): NumericColumn {
  const doubles = column.toFloat64();
  const values = float64(doubles.length);
  const missing = comparable(column, missingValue);
  const missesNaN = Number.isNaN(missing);
  for (let i = 0; i < values.length; i++) {
    const value = doubles[i]!;
    const isMissing = value === missing || (missesNaN && Number.isNaN(value));
    values[i] = isMissing ? surrogate : value;
  }
  if (!missesNaN && column.nullCount > 0) {
    for (let i = 0; i < values.length; i++) if (column.isNull(i)) values[i] = surrogate;
  }
  return new NumericColumn(values);
}
