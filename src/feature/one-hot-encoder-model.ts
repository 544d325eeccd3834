/** The model of {@link OneHotEncoder}: the largest index of each column, and indices as vectors. */
import { mapRows } from '../algorithm/map-rows.js';
import { FormatError, InvalidParamError, ModelDataError } from '../core/errors.js';
import {
  boolean,
  nullable,
  oneOf,
  type ParamOptions,
  type ParamTable,
  showValue,
  strings,
} from '../core/params.js';
import { loadAs } from '../stage/load.js';
import { addNewColumns, type NewColumns, type RowScope } from '../stage/new-columns.js';
import { Model, type StageOptions } from '../stage/stage.js';
import { int32 } from '../table/buffers.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { Table } from '../table/table.js';
import { INVALID, indexColumn, MOST_INDEX } from './index-column.js';
import { rowsWithout, takeRows } from './kept-rows.js';
import { requireOneForEach } from './one-for-each.js';
import {
  type EncodedColumn,
  joinShards,
  type OneHotMappingParams,
  oneHotOutputs,
  oneHotVectors,
  writeCategories,
} from './one-hot-mapping.js';

const WHO = 'OneHotEncoderModel.transform';

/** Params of {@link OneHotEncoderModel}. */
export interface OneHotEncoderModelParams {
  /** Columns of indices. **Default:** null, which `transform` refuses. */
  readonly inputCols: readonly string[] | null;
  /** A column of vectors for each of inputCols. **Default:** null, which `transform` refuses. */
  readonly outputCols: readonly string[] | null;
  /**
   * What happens to a row with null, a number that is no index, or an index that is larger than
   * what `fit` has seen: `'error'`, `'skip'` (the row is left out, whatever column it is in), or
   * `'keep'` (they are one more category, the last). **Default:** `'error'`.
   */
  readonly handleInvalid: 'error' | 'skip' | 'keep';
  /** Whether the last category is the vector without entries. **Default:** true. */
  readonly dropLast: boolean;
}

export const oneHotEncoderModelParams: ParamTable<OneHotEncoderModelParams> = {
  inputCols: nullable(strings([], { nonEmpty: true })),
  outputCols: nullable(strings([], { nonEmpty: true })),
  handleInvalid: oneOf(['error', 'skip', 'keep'], 'error'),
  dropLast: boolean(true),
};

/** What {@link OneHotEncoder} learns. */
export interface OneHotEncoderModelData {
  /** The largest index of each of inputCols. */
  readonly maxIndices: readonly number[];
}

/**
 * Replaces an index i by the sparse vector with 1 at i.
 *
 * With M, the largest index that `fit` has seen, there are M + 1 categories, and one more with
 * `handleInvalid: 'keep'`; vectors have a size of the number of categories, less 1 with `dropLast`:
 * the last category then is the vector without entries. Reads columns of integers as float64,
 * float32, int32 or int64. Null, NaN, negative numbers, fractions and indices above M are invalid:
 * see `handleInvalid`. An index below M that `fit` has not seen is valid.
 *
 * Made by {@link OneHotEncoder}`.fit`, loaded with `OneHotEncoderModel.load`, or given its data by
 * {@link setModelData}. Cost: O(rows), on the workers when the table is large, which write the
 * vectors in place; with `'skip'` the vectors of each worker are copied once more.
 *
 * @throws DataError `ERR_GYRE_DATA` for an invalid cell with `'error'`, naming column and row.
 * @see OneHotEncoderModel of Flink ML.
 */
export class OneHotEncoderModel extends Model<OneHotEncoderModelParams, OneHotEncoderModelData> {
  static readonly className = 'OneHotEncoderModel';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<OneHotEncoderModelParams> = oneHotEncoderModelParams;
  #data: OneHotEncoderModelData | null = null;

  constructor(options: ParamOptions<OneHotEncoderModelParams> = {}) {
    super(options);
    const { inputCols, outputCols } = this.params;
    if (inputCols === null || outputCols === null) return;
    requireOneForEach('OneHotEncoderModel', inputCols, { outputCols });
  }

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<OneHotEncoderModel> {
    return loadAs(OneHotEncoderModel, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<OneHotEncoderModelParams>,
    data: Table | null,
  ): OneHotEncoderModel {
    const model = new OneHotEncoderModel(params);
    if (data === null) return model;
    if (data.schema.maxIndices !== 'int32') {
      throw new FormatError('OneHotEncoderModel.load: the data must have the column maxIndices.');
    }
    return model.setModelData({ maxIndices: [...data.column('maxIndices', 'int32').values] });
  }

  get modelData(): OneHotEncoderModelData {
    if (this.#data !== null) return this.#data;
    throw new ModelDataError(
      'OneHotEncoderModel: it has no data; call setModelData or load a model.',
    );
  }

  /**
   * @param data An integer in [0, 2³¹ - 3] for each of inputCols.
   * @throws ModelDataError `ERR_GYRE_MODEL`.
   */
  setModelData({ maxIndices }: OneHotEncoderModelData): this {
    const isIndex = (v: unknown) =>
      Number.isInteger(v) && Number(v) >= 0 && Number(v) <= MOST_INDEX;
    if (!Array.isArray(maxIndices) || !maxIndices.every(isIndex)) {
      throw new ModelDataError(
        'OneHotEncoderModel.setModelData: maxIndices must be a list of integers in ' +
          `[0, ${MOST_INDEX}], got ${showValue(maxIndices)}.`,
        { details: { got: maxIndices } },
      );
    }
    this.#data = { maxIndices: [...maxIndices] };
    return this;
  }

  protected override savedData(): Table | null {
    if (this.#data === null) return null;
    return Table.fromColumns({ maxIndices: Int32Array.from(this.#data.maxIndices) });
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return this.params.inputCols ?? [];
  }

  /** @internal */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const encoded = this.#encoded();
    const params = this.#mappingParams(encoded);
    const indices = encoded.map((one) => {
      const out = int32(table.numRows);
      writeCategories(params, one, indexColumn(WHO, table, one.inputCol), out, scope);
      return out;
    });
    if (params.handleInvalid !== 'skip') return { columns: this.#named(encoded, indices) };
    const kept = rowsWithout(INVALID, indices);
    const isWhole = kept.length === table.numRows;
    const taken = indices.map((all) => (isWhole ? all : takeRows(all, kept, int32(kept.length))));
    return { columns: this.#named(encoded, taken), kept };
  }

  protected override async transformOnWorkers(table: Table, options: StageOptions): Promise<Table> {
    // How many rows a shard keeps is known when it has been looked at: it cannot write in place.
    if (this.params.handleInvalid === 'skip') return super.transformOnWorkers(table, options);
    const encoded = this.#encoded();
    for (const { inputCol } of encoded) indexColumn(WHO, table, inputCol);
    const ref = {
      module: new URL('./one-hot-mapping.js', import.meta.url).href,
      name: 'oneHotMapping',
      params: this.#mappingParams(encoded),
    };
    const input = table.select([...new Set(this.columnsRead)]);
    const outputs = oneHotOutputs(encoded);
    const arrays = await mapRows(WHO, ref, input, outputs, this.workOf(table), options);
    const columns = Object.fromEntries(
      encoded.map(({ outputCol, size }, c) => [outputCol, joinShards(size, arrays, c)]),
    );
    return addNewColumns(table, { columns }, this.columnsRead);
  }

  #mappingParams(columns: readonly EncodedColumn[]): OneHotMappingParams {
    return { who: WHO, columns, handleInvalid: this.params.handleInvalid };
  }

  /** How each of inputCols is encoded. */
  #encoded(): EncodedColumn[] {
    const { maxIndices } = this.modelData;
    const { inputCols, outputCols, handleInvalid, dropLast } = this.params;
    if (inputCols === null || outputCols === null) {
      const param = inputCols === null ? 'inputCols' : 'outputCols';
      throw new InvalidParamError(`OneHotEncoderModel.${param} must be set, got null.`, {
        details: { param },
      });
    }
    if (maxIndices.length !== inputCols.length) {
      throw new ModelDataError(
        'OneHotEncoderModel: maxIndices must have one entry for each of inputCols, got ' +
          `${maxIndices.length} for ${inputCols.length}.`,
        { details: { got: maxIndices.length, expected: inputCols.length } },
      );
    }
    return inputCols.map((inputCol, c) => {
      const maxIndex = maxIndices[c]!;
      const categories = maxIndex + (handleInvalid === 'keep' ? 2 : 1);
      return {
        inputCol,
        outputCol: outputCols[c]!,
        maxIndex,
        size: dropLast ? categories - 1 : categories,
      };
    });
  }

  #named(
    encoded: readonly EncodedColumn[],
    indices: readonly Int32Array[],
  ): Record<string, SparseVectorColumn> {
    return Object.fromEntries(
      encoded.map(({ outputCol, size }, c) => [outputCol, oneHotVectors(size, indices[c]!)]),
    );
  }
}
