/** The model of {@link OneHotEncoder}: the largest index of each column, and indices as vectors. */
import { DataError, FormatError, InvalidParamError, ModelDataError } from '../core/errors.js';
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
import { float64, int32 } from '../table/buffers.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { Table } from '../table/table.js';
import {
  INVALID,
  type IndexColumn,
  indexColumn,
  MOST_INDEX,
  writeIndices,
} from './index-column.js';
import { rowsWithout, takeRows } from './kept-rows.js';
import { requireOneForEach } from './one-for-each.js';
import { inRowBlocks } from './row-blocks.js';

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

/** A column to be encoded. */
interface EncodedColumn {
  readonly inputCol: string;
  readonly outputCol: string;
  readonly column: IndexColumn;
  /** Larger indices are invalid. */
  readonly maxIndex: number;
  /** The size of the vectors; an index that is not below it gives no entry. */
  readonly size: number;
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
 * {@link setModelData}. Cost: O(rows), on the calling thread, between other events: it takes less
 * time than sending the rows to workers.
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
  override transformRows(table: Table, { firstRow }: RowScope): NewColumns {
    const columns = this.#columnsOf(table);
    const indices = columns.map((encoded) => {
      const out = int32(table.numRows);
      this.#write(encoded, encoded.column, out, firstRow);
      return out;
    });
    return this.#newColumns(columns, indices);
  }

  protected override async transformOnWorkers(table: Table, options: StageOptions): Promise<Table> {
    const columns = this.#columnsOf(table);
    const indices = columns.map(() => int32(table.numRows));
    await inRowBlocks(WHO, table.numRows, options, (start, end) => {
      columns.forEach((encoded, c) => {
        const rows = encoded.column.slice(start, end);
        this.#write(encoded, rows, indices[c]!.subarray(start, end), start);
      });
    });
    return addNewColumns(table, this.#newColumns(columns, indices), this.columnsRead);
  }

  #columnsOf(table: Table): EncodedColumn[] {
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
        column: indexColumn(WHO, table, inputCol),
        maxIndex,
        size: dropLast ? categories - 1 : categories,
      };
    });
  }

  /** Writes the categories of some rows; {@link INVALID} stays where the rows will be left out. */
  #write(
    { inputCol, maxIndex }: EncodedColumn,
    rows: IndexColumn,
    out: Int32Array,
    firstRow: number,
  ): void {
    const { handleInvalid } = this.params;
    if (writeIndices(rows, maxIndex, out) === 0 || handleInvalid === 'skip') return;
    if (handleInvalid === 'error') {
      const row = out.indexOf(INVALID);
      throw new DataError(
        `${WHO}: column "${inputCol}" must have integers in [0, ${maxIndex}], got ` +
          `${rows.get(row)} in row ${firstRow + row}; or set handleInvalid to 'skip' or 'keep'.`,
        { details: { who: WHO, column: inputCol, row: firstRow + row, got: rows.get(row) } },
      );
    }
    for (let i = 0; i < out.length; i++) if (out[i] === INVALID) out[i] = maxIndex + 1;
  }

  #newColumns(columns: readonly EncodedColumn[], indices: readonly Int32Array[]): NewColumns {
    const kept = this.params.handleInvalid === 'skip' ? rowsWithout(INVALID, indices) : null;
    const named = columns.map(({ outputCol, size }, c) => {
      const all = indices[c]!;
      const isWhole = kept === null || kept.length === all.length;
      return [
        outputCol,
        oneHotColumn(isWhole ? all : takeRows(all, kept, int32(kept.length)), size),
      ] as const;
    });
    const made = { columns: Object.fromEntries(named) };
    return kept === null ? made : { ...made, kept };
  }
}

/** Vectors with 1 at the index, or without an entry where it is not below the size. */
function oneHotColumn(indices: Int32Array, size: number): SparseVectorColumn {
  const rows = indices.length;
  const offsets = int32(rows + 1);
  let entries = 0;
  for (let i = 0; i < rows; i++) {
    if (indices[i]! < size) entries++;
    offsets[i + 1] = entries;
  }
  const values = float64(entries).fill(1);
  if (entries === rows) return new SparseVectorColumn(size, offsets, indices, values);
  const stored = int32(entries);
  for (let i = 0; i < rows; i++) {
    if (indices[i]! < size) stored[offsets[i]!] = indices[i]!;
  }
  return new SparseVectorColumn(size, offsets, stored, values);
}
