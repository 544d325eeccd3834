/** The model of {@link MinHashLSH}: hashes sets, and finds near ones. */
import { FormatError, ModelDataError } from '../core/errors.js';
import { type ParamOptions, type ParamTable, showValue, string } from '../core/params.js';
import { defaultSession } from '../engine/session.js';
import { checkCall } from '../stage/call.js';
import { denseColumn, vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns, RowScope } from '../stage/new-columns.js';
import { Model, type StageOptions } from '../stage/stage.js';
import { int32 } from '../table/buffers.js';
import { DenseVectorColumn } from '../table/dense-vector-column.js';
import { ListColumn } from '../table/list-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { Table } from '../table/table.js';
import type { Vector } from '../table/vector.js';
import type { Signatures } from './hash-buckets.js';
import { itemSetOf, itemSets, jaccardDistance } from './item-sets.js';
import { type HashFunctions, MIN_HASH_PRIME, minHashes } from './min-hash.js';
import {
  candidateRows,
  checkKey,
  checkName,
  checkThat,
  columnOfKey,
  signaturesOf,
} from './min-hash-search.js';
import { type JoinSide, similarityJoin } from './similarity-join.js';

/** Params of {@link MinHashLSHModel}. */
export interface MinHashLSHModelParams {
  /** Column of vectors, dense or sparse: the sets. **Default:** `'input'`. */
  readonly inputCol: string;
  /** Column for the hashes: a list of vectors, one a hash table. **Default:** `'output'`. */
  readonly outputCol: string;
}

export const minHashLSHModelParams: ParamTable<MinHashLSHModelParams> = {
  inputCol: string('input'),
  outputCol: string('output'),
};

/** What {@link MinHashLSH} draws. */
export interface MinHashLSHModelData {
  /** Hash tables, >= 1: rows that agree in one of them are candidates. */
  readonly numHashTables: number;
  /** Hash functions of a table, >= 1: rows agree in it when all of them do. */
  readonly numHashFunctionsPerTable: number;
  /** The multiplier of each function, table by table: integers in [0, 2038074743). */
  readonly randCoefficientA: ArrayLike<number>;
  /** The offset of each function, likewise. */
  readonly randCoefficientB: ArrayLike<number>;
}

/**
 * Hashes sets such that near ones are likely to share a hash, and finds them by it.
 *
 * The items of a vector are the indices that it stores (of a dense one: of the entries that are not
 * zero; the values do not count). Hash (t, f) of a set S is min over j in S of ((1 + j)·a + b) mod
 * 2038074743. Two sets share one with a probability of about their Jaccard similarity |A ∩ B| /
 * |A ∪ B|. The output of a row is a list of `numHashTables` vectors of `numHashFunctionsPerTable`
 * hashes (type `vector[]`).
 *
 * A vector without items is an error, and so is null; an explicit zero of a sparse vector is an
 * item, as in Flink ML. Cost of `transform`: O(items · tables · functions).
 *
 * @see MinHashLSHModel of Flink ML; Broder, On the resemblance and containment of documents, 1997.
 */
export class MinHashLSHModel extends Model<MinHashLSHModelParams, MinHashLSHModelData> {
  static readonly className = 'MinHashLSHModel';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<MinHashLSHModelParams> = minHashLSHModelParams;
  #data: MinHashLSHModelData | null = null;
  #functions: HashFunctions = { a: new Int32Array(), b: new Int32Array() };

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<MinHashLSHModel> {
    return loadAs(MinHashLSHModel, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<MinHashLSHModelParams>,
    data: Table | null,
  ): MinHashLSHModel {
    const model = new MinHashLSHModel(params);
    if (data === null) return model;
    const { table, randCoefficientA, randCoefficientB } = data.schema;
    if (table !== 'int32' || randCoefficientA !== 'int32' || randCoefficientB !== 'int32') {
      throw new FormatError(
        'MinHashLSHModel.load: the data must be a row of table, randCoefficientA and ' +
          'randCoefficientB for each hash function.',
        { details: { schema: data.schema } },
      );
    }
    const numHashTables = (data.column('table', 'int32').values.at(-1) ?? -1) + 1;
    return model.setModelData({
      numHashTables,
      numHashFunctionsPerTable: data.numRows / numHashTables,
      randCoefficientA: data.column('randCoefficientA', 'int32').values,
      randCoefficientB: data.column('randCoefficientB', 'int32').values,
    });
  }

  get modelData(): MinHashLSHModelData {
    if (this.#data === null) {
      throw new ModelDataError(
        'MinHashLSHModel: it has no data; call setModelData or load a model.',
      );
    }
    return this.#data;
  }

  /**
   * @param data Coefficients are copied.
   * @throws ModelDataError `ERR_GYRE_MODEL` for counts below 1 or that do not fit the
   *   coefficients, or coefficients that are out of range.
   */
  setModelData(data: MinHashLSHModelData): this {
    const { numHashTables, numHashFunctionsPerTable } = data;
    const isCount = (value: number) => Number.isInteger(value) && value >= 1;
    if (!isCount(numHashTables) || !isCount(numHashFunctionsPerTable)) {
      throw new ModelDataError(
        'MinHashLSHModel.setModelData: numHashTables and numHashFunctionsPerTable must be integers ' +
          `>= 1, got ${showValue(numHashTables)} and ${showValue(numHashFunctionsPerTable)}.`,
      );
    }
    const count = numHashTables * numHashFunctionsPerTable;
    const a = coefficients('randCoefficientA', data.randCoefficientA, count);
    const b = coefficients('randCoefficientB', data.randCoefficientB, count);
    this.#functions = { a, b };
    this.#data = { ...data, randCoefficientA: a, randCoefficientB: b };
    return this;
  }

  protected override savedData(): Table | null {
    if (this.#data === null) return null;
    const { numHashFunctionsPerTable: perTable } = this.#data;
    const { a, b } = this.#functions;
    const tables = Int32Array.from(a, (_, k) => Math.floor(k / perTable));
    return Table.fromColumns({ table: tables, randCoefficientA: a, randCoefficientB: b });
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.inputCol];
  }

  /** @internal */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const { inputCol, outputCol } = this.params;
    const { numHashTables, numHashFunctionsPerTable } = this.modelData;
    const who = 'MinHashLSHModel.transform';
    const column = this.#vectors(who, table);
    const hashes = minHashes(who, inputCol, column, this.#functions, scope);
    const rows = column.length * numHashTables;
    const vectors = new DenseVectorColumn(hashes, numHashFunctionsPerTable, rows);
    const offsets = int32(column.length + 1);
    for (let row = 0; row <= column.length; row++) offsets[row] = row * numHashTables;
    return { columns: { [outputCol]: new ListColumn(offsets, vectors) } };
  }

  protected override workOf(table: Table): number {
    const { values } = vectorColumn('MinHashLSHModel.transform', table, this.params.inputCol);
    return values.length * this.#functions.a.length;
  }

  #vectors(who: string, table: Table): DenseVectorColumn | SparseVectorColumn {
    const column = vectorColumn(who, table, this.params.inputCol);
    return column.layout === 'dense' ? denseColumn(who, table, this.params.inputCol) : column;
  }

  /**
   * The k rows that are nearest to a vector, among those that agree with it in some hash table; all
   * of these where there are fewer.
   *
   * @param dataset Hashed first, unless it has the column `outputCol`.
   * @param k An integer >= 1.
   * @param distCol Column for the Jaccard distance, 1 - |A ∩ B| / |A ∪ B|: float64.
   * @returns The rows with their hashes and distances, nearest first; equal ones in row order.
   * @throws DataError `ERR_GYRE_DATA` for vectors without items, the key among them.
   */
  async approxNearestNeighbors(
    dataset: Table,
    key: Vector,
    k: number,
    distCol = 'distCol',
    options: StageOptions = {},
  ): Promise<Table> {
    const who = 'MinHashLSHModel.approxNearestNeighbors';
    checkCall(who, dataset, 'table', options);
    checkKey(who, key);
    checkThat(who, 'k', k, 'an integer >= 1', Number.isInteger(k) && k >= 1);
    checkName(who, distCol);
    const hashed = await this.#hashed(dataset, options);
    const { numHashFunctionsPerTable: perTable } = this.modelData;
    const { kernels, arena } = (options.session ?? defaultSession()).inline;
    const scope = { kernels, arena, firstRow: 0 };
    const keyHashes = minHashes(who, 'key', columnOfKey(key), this.#functions, scope);
    const candidates = candidateRows(this.#signatures(who, hashed), keyHashes, perTable);
    const near = hashed.take(candidates);
    const sets = itemSets(vectorColumn(who, near, this.params.inputCol));
    const distances = new Float64Array(candidates.length);
    const keySet = itemSetOf(key);
    for (let i = 0; i < distances.length; i++) distances[i] = jaccardDistance(keySet, 0, sets, i);
    const nearest = Int32Array.from(distances.keys())
      .sort((i, j) => distances[i]! - distances[j]! || i - j)
      .slice(0, k);
    return near.take(nearest).withColumn(
      distCol,
      Float64Array.from(nearest, (i) => distances[i]!),
    );
  }

  /**
   * The pairs of rows of two tables that agree in some hash table and are at most `threshold` apart;
   * of a table with itself too.
   *
   * @param datasetA Hashed first, unless it has the column `outputCol`; so is `datasetB`.
   * @param threshold The largest Jaccard distance, inclusive.
   * @param idCol A column of both tables, of any type, by which pairs are named.
   * @returns Columns `datasetA.id`, `datasetB.id` and `distCol`, in order of the rows of A, then B.
   */
  async approxSimilarityJoin(
    datasetA: Table,
    datasetB: Table,
    threshold: number,
    idCol: string,
    distCol = 'distCol',
    options: StageOptions = {},
  ): Promise<Table> {
    const who = 'MinHashLSHModel.approxSimilarityJoin';
    checkCall(who, datasetA, 'table', options);
    checkCall(who, datasetB, 'table', options);
    const isNumber = typeof threshold === 'number' && !Number.isNaN(threshold);
    checkThat(who, 'threshold', threshold, 'a number', isNumber);
    checkName(who, distCol);
    const ids = [datasetA, datasetB].map((table) => table.select([idCol]));
    const { numHashTables: tables, numHashFunctionsPerTable: functions } = this.modelData;
    const left = this.#side(who, await this.#hashed(datasetA, options));
    const right =
      datasetA === datasetB ? left : this.#side(who, await this.#hashed(datasetB, options));
    const params = { right, tables, functions, threshold };
    const pairs = await similarityJoin(who, left, params, options);
    return Table.fromColumns({
      'datasetA.id': ids[0]!.take(pairs.left).column(idCol),
      'datasetB.id': ids[1]!.take(pairs.right).column(idCol),
      [distCol]: pairs.distance,
    });
  }

  async #hashed(table: Table, options: StageOptions): Promise<Table> {
    return table.has(this.params.outputCol) ? table : this.transform(table, options);
  }

  #side(who: string, hashed: Table): JoinSide {
    const sets = itemSets(vectorColumn(who, hashed, this.params.inputCol));
    return { hashes: this.#signatures(who, hashed).hashes, sets };
  }

  #signatures(who: string, hashed: Table): Signatures {
    const { numHashTables, numHashFunctionsPerTable } = this.modelData;
    return signaturesOf(
      who,
      hashed,
      this.params.outputCol,
      numHashTables,
      numHashFunctionsPerTable,
    );
  }
}

function coefficients(name: string, given: ArrayLike<number>, count: number): Int32Array {
  const values = Array.from(given);
  const stray = values.find((v) => !Number.isInteger(v) || v < 0 || v >= MIN_HASH_PRIME);
  if (values.length === count && stray === undefined) return Int32Array.from(values);
  throw new ModelDataError(
    `MinHashLSHModel.setModelData: ${name} must be ${count} integers in [0, ${MIN_HASH_PRIME}), ` +
      `got ${stray === undefined ? `${values.length} values` : showValue(stray)}.`,
    { details: { name, expected: count } },
  );
}
