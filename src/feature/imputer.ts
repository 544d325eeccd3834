/** Imputer: learns what stands in for missing values of columns of numbers. */
import type { AlgorithmRef } from '../algorithm/training.js';
import { DataError } from '../core/errors.js';
import { double, oneOf, type ParamOptions, type ParamTable } from '../core/params.js';
import { requireRows } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { OnePassEstimator } from '../stage/one-pass-estimator.js';
import { type FitOptions, sharedParams } from '../stage/stage.js';
import type { Table } from '../table/table.js';
import type { TableStream } from '../table/table-stream.js';
import type { ImputerAggregationParams, Surrogate } from './imputer-aggregation.js';
import {
  ImputerModel,
  type ImputerModelParams,
  imputerModelParams,
  numbers,
  requireCols,
} from './imputer-model.js';
import { orderStatistics } from './quantile.js';

const WHO = 'Imputer.fit';

/** Params of {@link Imputer}. */
export interface ImputerParams extends ImputerModelParams {
  /** What stands in for missing values: a statistic of the others. **Default:** `'mean'`. */
  readonly strategy: 'mean' | 'median' | 'most_frequent';
  /**
   * Allowed error of the median as a share of the rows, which is met by 0: it is exact whatever
   * this is. **Default:** 0.001.
   */
  readonly relativeError: number;
}

const imputerParams: ParamTable<ImputerParams> = {
  ...imputerModelParams,
  strategy: oneOf(['mean', 'median', 'most_frequent'], 'mean'),
  relativeError: double(0.001, { min: 0, max: 1 }),
};

/**
 * Learns what stands in for missing values: by column the mean, the median or the most frequent of
 * the values that are there.
 *
 * Null, NaN and `missingValue` are left out, whatever `missingValue` is. Of n values the mean is
 * Σx / n; the median is the ⌈n / 2⌉-th smallest, the lower one of two, and not their mean; the most
 * frequent value is the smallest of those that come up as often.
 *
 * Columns: float64, float32, int32 or int64. A column without any value is an error. Bit-identical
 * models on any number of workers.
 *
 * Differences from Flink ML: the model reads columns by name, where it reads them by position; a
 * column without any value is an error with every strategy, with its name, where it may become NaN;
 * the median is exact, where it approximates from 1 / `relativeError` rows on; float32 values are
 * widened to the bit, and compared with `missingValue` as 32-bit floats, where they go through text;
 * -0 is 0.
 *
 * Cost: one pass for `'mean'`, two to three for `'median'`, O(rows) a column each; a sort of each
 * column for `'most_frequent'`.
 *
 * @see Imputer of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ age: [20, null, 40], height: [1.7, 1.9, NaN] });
 * const imputer = new Imputer({ inputCols: ['age', 'height'], outputCols: ['a', 'h'] });
 * const model = await imputer.fit(table);
 * console.log(model.modelData.surrogates); // { age: 30, height: 1.7999999999999998 }
 * const output = await model.transform(table);
 * console.log(output.column('a').toArray()); // [ 20, 30, 40 ]
 * ```
 */
export class Imputer extends OnePassEstimator<ImputerParams, ImputerModel, Surrogate[]> {
  static readonly className = 'Imputer';
  static readonly params: ParamTable<ImputerParams> = imputerParams;

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<Imputer> {
    return loadAs(Imputer, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<ImputerParams>): Imputer {
    return new Imputer(params);
  }

  /**
   * Learns the surrogates. `onProgress` reports once, at the end.
   *
   * @throws InvalidParamError `ERR_GYRE_INVALID_PARAM` for columns that are not given or not as
   *   many; SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for no rows, or a column
   *   without a value.
   */
  protected override async fitTable(table: Table, options: FitOptions): Promise<ImputerModel> {
    if (this.params.strategy !== 'median') return super.fitTable(table, options);
    const rows = this.rowsToLearn(table);
    requireRows(WHO, table);
    const surrogates = await medians(rows, this.#aggregationParams, options);
    options.onProgress?.({ epoch: 1, rows: table.numRows });
    return this.modelOf(surrogates);
  }

  /** Medians need all rows; the rest a look at each. */
  protected override async fitStream(
    stream: TableStream,
    options: FitOptions,
  ): Promise<ImputerModel> {
    if (this.params.strategy !== 'median') return super.fitStream(stream, options);
    return this.fitTable(await stream.collect(), options);
  }

  protected override rowsToLearn(table: Table): Table {
    const { inputCols } = requireCols('Imputer', this.params);
    for (const name of inputCols) numbers(WHO, table, name);
    return table.select(this.#aggregationParams.inputCols);
  }

  protected override workToLearn(rows: Table): number {
    return rows.numRows * rows.columnNames.length * (this.params.strategy === 'mean' ? 2 : 16);
  }

  protected override get aggregation(): AlgorithmRef {
    return {
      module: new URL('./imputer-aggregation.js', import.meta.url).href,
      name: this.params.strategy === 'mean' ? 'meanAggregation' : 'modeAggregation',
      params: this.#aggregationParams,
    };
  }

  protected override modelOf(found: Surrogate[]): ImputerModel {
    const surrogates = this.#aggregationParams.inputCols.map((name, c) => {
      const { count, value } = found[c]!;
      if (count === 0) throw withoutValue(name);
      return [name, value] as const;
    });
    return new ImputerModel(sharedParams(this.params, imputerModelParams)).setModelData({
      surrogates: Object.fromEntries(surrogates),
    });
  }

  get #aggregationParams(): ImputerAggregationParams {
    const { inputCols, missingValue } = this.params;
    return { inputCols: [...new Set(inputCols)], missingValue };
  }
}

async function medians(
  table: Table,
  { inputCols, missingValue }: ImputerAggregationParams,
  options: FitOptions,
): Promise<Surrogate[]> {
  const rule = { kind: 'quantiles', probabilities: [0.5] } as const;
  const columns = inputCols.length;
  const found = await orderStatistics(WHO, table, columns, rule, options, missingValue);
  return found.map(({ count, values }) => ({ count, value: values[0]! }));
}

function withoutValue(name: string): DataError {
  return new DataError(
    `${WHO}: column "${name}" must have a value that is not missing, got none in any row.`,
    { details: { who: WHO, column: name } },
  );
}
