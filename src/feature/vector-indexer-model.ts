/** The model of {@link VectorIndexer}: the categories of entries, and entries as their indices. */
import { DimensionMismatchError, FormatError, ModelDataError } from '../core/errors.js';
import { oneOf, type ParamOptions, type ParamTable, showValue, string } from '../core/params.js';
import { vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns, RowScope } from '../stage/new-columns.js';
import { Model } from '../stage/stage.js';
import { Table } from '../table/table.js';
import { type CategoricalEntry, indexDense, indexSparse } from './index-vectors.js';

const WHO = 'VectorIndexerModel.transform';

/** Params of {@link VectorIndexerModel}. */
export interface VectorIndexerModelParams {
  /** Column of vectors, dense or sparse. **Default:** `'input'`. */
  readonly inputCol: string;
  /** Column for the indexed vectors. **Default:** `'output'`. */
  readonly outputCol: string;
  /**
   * What happens to a row with a value of a categorical entry that `fit` has not seen: `'error'`,
   * `'skip'` (the row is left out), or `'keep'` (its index is the number of categories of the
   * entry). **Default:** `'error'`.
   */
  readonly handleInvalid: 'error' | 'skip' | 'keep';
}

export const vectorIndexerModelParams: ParamTable<VectorIndexerModelParams> = {
  inputCol: string('input'),
  outputCol: string('output'),
  handleInvalid: oneOf(['error', 'skip', 'keep'], 'error'),
};

/** What {@link VectorIndexer} learns. */
export interface VectorIndexerModelData {
  /** By categorical entry: the index of each of its values. Other entries are continuous. */
  readonly categoryMaps: ReadonlyMap<number, ReadonlyMap<number, number>>;
}

/**
 * Replaces the values of categorical entries by their indices; others stay as they are.
 *
 * Dense vectors become dense ones of float64. Sparse ones stay sparse: a stored entry stays stored,
 * also when its index is 0, and one that is not stored, which is 0, is added where its index is not
 * 0. NaN is a value like others, equal to itself, and -0 is 0. Null is an error; values that `fit`
 * has not seen are invalid: see `handleInvalid`.
 *
 * Made by {@link VectorIndexer}`.fit`, loaded with `VectorIndexerModel.load`, or given its data by
 * {@link setModelData}. Cost: a copy, and a look-up for each categorical entry that is stored; in
 * shards on the workers when the table is large.
 *
 * @throws DataError `ERR_GYRE_DATA` for an unseen value with `'error'`, naming row and entry.
 * @throws DimensionMismatchError `ERR_GYRE_DIMENSION` for vectors without a categorical entry.
 * @see VectorIndexerModel of Flink ML.
 */
export class VectorIndexerModel extends Model<VectorIndexerModelParams, VectorIndexerModelData> {
  static readonly className = 'VectorIndexerModel';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<VectorIndexerModelParams> = vectorIndexerModelParams;
  /** In ascending order of entries. */
  #entries: readonly CategoricalEntry[] | null = null;

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<VectorIndexerModel> {
    return loadAs(VectorIndexerModel, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<VectorIndexerModelParams>,
    data: Table | null,
  ): VectorIndexerModel {
    const model = new VectorIndexerModel(params);
    return data === null ? model : model.setModelData({ categoryMaps: mapsOf(data) });
  }

  get modelData(): VectorIndexerModelData {
    const maps = this.#categories().map(({ entry, indices }) => [entry, indices] as const);
    return { categoryMaps: new Map(maps) };
  }

  /**
   * @param data Maps by entry, from values to indices that are integers >= 0.
   * @throws ModelDataError `ERR_GYRE_MODEL`.
   */
  setModelData({ categoryMaps }: VectorIndexerModelData): this {
    const maps: unknown = categoryMaps;
    if (!(maps instanceof Map && [...maps.values()].every((map) => map instanceof Map))) {
      throw new ModelDataError(
        `VectorIndexerModel.setModelData: categoryMaps must be a Map of Maps, got ${showValue(maps)}.`,
      );
    }
    this.#entries = Array.from(categoryMaps, ([entry, indices]) =>
      categoricalEntry(entry, indices),
    );
    this.#entries = this.#entries.toSorted((a, b) => a.entry - b.entry);
    return this;
  }

  protected override savedData(): Table | null {
    if (this.#entries === null) return null;
    const rows = this.#entries.flatMap(({ entry, indices }) =>
      Array.from(indices, ([value, index]) => ({ entry, value, index })),
    );
    return Table.fromRows(rows, { entry: 'int32', value: 'float64', index: 'int32' });
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.inputCol];
  }

  /** @internal */
  override transformRows(table: Table, { firstRow }: RowScope): NewColumns {
    const { inputCol, outputCol, handleInvalid } = this.params;
    const entries = this.#categories();
    const column = vectorColumn(WHO, table, inputCol);
    const size = column.layout === 'dense' ? column.dim : column.size;
    const least = (entries.at(-1)?.entry ?? -1) + 1;
    if (size < least && table.numRows > 0) {
      throw new DimensionMismatchError(
        `${WHO}: column "${inputCol}" must have vectors of size >= ${least}, got ${size}.`,
        { details: { who: WHO, column: inputCol, expected: least, got: size } },
      );
    }
    const rows = { who: WHO, name: inputCol, entries, handleInvalid, firstRow };
    const { vectors, kept } =
      column.layout === 'dense' ? indexDense(column, rows) : indexSparse(column, rows);
    const made = { columns: { [outputCol]: vectors } };
    return handleInvalid === 'skip' ? { ...made, kept } : made;
  }

  protected override workOf(table: Table): number {
    return 4 * vectorColumn(WHO, table, this.params.inputCol).values.length;
  }

  #categories(): readonly CategoricalEntry[] {
    if (this.#entries !== null) return this.#entries;
    throw new ModelDataError(
      'VectorIndexerModel: it has no data; call setModelData or load a model.',
    );
  }
}

function categoricalEntry(entry: number, indices: ReadonlyMap<number, number>): CategoricalEntry {
  requireIndex('entries', entry);
  if (indices.size === 0) {
    throw new ModelDataError(
      `VectorIndexerModel.setModelData: entry ${entry} must have at least one value, got none.`,
      { details: { entry } },
    );
  }
  for (const index of indices.values()) requireIndex('indices', index);
  return { entry, indices: new Map(indices) };
}

function requireIndex(what: string, value: unknown): void {
  if (Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 31) return;
  throw new ModelDataError(
    `VectorIndexerModel.setModelData: ${what} must be integers in [0, 2^31), got ` +
      `${showValue(value)}.`,
    { details: { got: value } },
  );
}

function mapsOf(data: Table): Map<number, Map<number, number>> {
  const { entry, value, index } = data.schema;
  if (entry !== 'int32' || value !== 'float64' || index !== 'int32') {
    throw new FormatError(
      'VectorIndexerModel.load: the data must have the columns entry, value and index.',
    );
  }
  const maps = new Map<number, Map<number, number>>();
  const entries = data.column('entry', 'int32').values;
  const values = data.column('value', 'float64').values;
  const indices = data.column('index', 'int32').values;
  for (let i = 0; i < data.numRows; i++) {
    const map = maps.get(entries[i]!) ?? new Map<number, number>();
    maps.set(entries[i]!, map.set(values[i]!, indices[i]!));
  }
  return maps;
}
