/** FeatureHasher: columns of any kind to one sparse vector, by hashing. */
import type { KernelScope } from '../algorithm/training.js';
import { InvalidParamError } from '../core/errors.js';
import {
  int,
  type ParamOptions,
  type ParamTable,
  required,
  string,
  strings,
} from '../core/params.js';
import { withScratch } from '../stage/kernel-data.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns, RowScope } from '../stage/new-columns.js';
import { Transformer } from '../stage/stage.js';
import { float64, int32 } from '../table/buffers.js';
import { requireColumn } from '../table/require-column.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';
import type { Table } from '../table/table.js';
import {
  type HashableColumn,
  type HashedColumn,
  hashCategorical,
  hashNumeric,
} from './hashed-column.js';

/** Rows that are hashed at a time: their slots stay in cache. */
const BLOCK_ROWS = 4096;

/** Params of {@link FeatureHasher}. */
export interface FeatureHasherParams {
  /** Columns to hash: numbers, strings, booleans; null is left out. Required, not empty. */
  readonly inputCols: readonly string[];
  /** Column for the sparse vectors. **Default:** `'output'`. */
  readonly outputCol: string;
  /** Numeric columns among inputCols whose numbers are categories. **Default:** none. */
  readonly categoricalCols: readonly string[];
  /** Size of the vectors, >= 1. **Default:** 262144. */
  readonly numFeatures: number;
}

const featureHasherParams: ParamTable<FeatureHasherParams> = {
  inputCols: required(strings([], { nonEmpty: true })),
  outputCol: string('output'),
  categoricalCols: strings([]),
  numFeatures: int(262_144, { min: 1, max: 2 ** 31 - 1 }),
};

/**
 * Hashes columns into one sparse vector of fixed size: no dictionary to learn, to keep or to grow.
 *
 * A numeric column `c` gives the entry at hash(`c`) with its number as value; a categorical one
 * (string, boolean, or named in `categoricalCols`) the entry at hash(`c=text`) with value 1. The
 * hash is MurmurHash3 x86 32 of the UTF-16 code units, |h| mod `numFeatures`; entries that meet
 * are added, numeric columns first. Null gives no entry, a number 0 an explicit one. The text of a
 * number is Java's: `1.0`, `1.0E7`.
 *
 * Cost: O(rows · columns), in shards on the workers when the table is large; strings in a dictionary
 * are hashed once a thread for the dictionary (and again when it has grown), UTF-8 strings as bytes.
 *
 * @see FeatureHasher of Flink ML; Weinberger et al., Feature hashing for large scale multitask
 *   learning, 2009.
 *
 * @example
 * ```ts
 * const table = Table.fromRows([{ city: 'Oslo', km: 12 }, { city: 'Rome', km: 7 }]);
 * const hasher = new FeatureHasher({ inputCols: ['city', 'km'], numFeatures: 1000 });
 * const hashed = await hasher.transform(table);
 * console.log(String(hashed.column('output').get(0))); // (1000, [...], [...])
 * ```
 */
export class FeatureHasher extends Transformer<FeatureHasherParams> {
  static readonly className = 'FeatureHasher';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<FeatureHasherParams> = featureHasherParams;

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<FeatureHasher> {
    return loadAs(FeatureHasher, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<FeatureHasherParams>): FeatureHasher {
    return new FeatureHasher(params);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return this.params.inputCols;
  }

  /** @internal */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const columns = this.#hashedColumns(table, scope);
    const output = new SparseRows(this.params.numFeatures, table.numRows, columns.length);
    for (let start = 0; start < table.numRows; start += BLOCK_ROWS) {
      const rows = Math.min(BLOCK_ROWS, table.numRows - start);
      hashBlock(columns, start, rows, output, scope);
    }
    return { columns: { [this.params.outputCol]: output.finish() } };
  }

  /** The columns in the order in which their entries are added: numeric ones first. */
  #hashedColumns(table: Table, scope: KernelScope): HashedColumn[] {
    const { inputCols, categoricalCols, numFeatures } = this.params;
    const stray = categoricalCols.find((name) => !inputCols.includes(name));
    if (stray !== undefined) {
      throw new InvalidParamError(
        `FeatureHasher.categoricalCols must be among inputCols, got "${stray}".`,
        { details: { categoricalCols, inputCols } },
      );
    }
    const columns = inputCols.map((name) => ({ name, column: hashable(table, name) }));
    const isCategorical = ({ name, column }: (typeof columns)[number]) =>
      categoricalCols.includes(name) || column.type === 'string' || column.type === 'boolean';
    return [
      ...columns
        .filter((entry) => !isCategorical(entry))
        .map(({ name, column }) => hashNumeric(name, column as never, numFeatures, scope)),
      ...columns
        .filter(isCategorical)
        .map(({ name, column }) => hashCategorical(name, column, numFeatures, scope)),
    ];
  }
}

function hashable(table: Table, name: string): HashableColumn {
  const types = ['float64', 'float32', 'int32', 'int64', 'string', 'boolean'] as const;
  return requireColumn('FeatureHasher', table, name, types) as HashableColumn;
}

/** Rows of a sparse column as they are written, block by block. */
class SparseRows {
  readonly #size: number;
  readonly #offsets: Int32Array;
  readonly #indices: Int32Array;
  readonly #values: Float64Array;
  #rows = 0;
  #entries = 0;

  constructor(size: number, rows: number, most: number) {
    this.#size = size;
    this.#offsets = int32(rows + 1);
    this.#indices = int32(rows * most);
    this.#values = float64(rows * most);
  }

  /** Appends rows; their offsets count from 0. */
  append(offsets: Int32Array, indices: Int32Array, values: Float64Array): void {
    for (let i = 1; i < offsets.length; i++) {
      this.#offsets[this.#rows + i] = this.#entries + offsets[i]!;
    }
    this.#indices.set(indices, this.#entries);
    this.#values.set(values, this.#entries);
    this.#rows += offsets.length - 1;
    this.#entries += indices.length;
  }

  finish(): SparseVectorColumn {
    const indices = this.#indices.subarray(0, this.#entries);
    const values = this.#values.subarray(0, this.#entries);
    return new SparseVectorColumn(this.#size, this.#offsets, indices, values);
  }
}

function hashBlock(
  columns: readonly HashedColumn[],
  start: number,
  rows: number,
  output: SparseRows,
  scope: KernelScope,
): void {
  const { arena, kernels } = scope;
  const cells = rows * columns.length;
  withScratch(scope, () => {
    const slotsAt = arena.scratch(cells * 4);
    const valuesAt = arena.scratch(cells * 8);
    const slots = arena.i32(slotsAt, cells);
    const values = arena.f64(valuesAt, cells);
    columns.forEach((column, c) => {
      const [from, to] = [c * rows, (c + 1) * rows];
      column.write(start, slots.subarray(from, to), values.subarray(from, to));
    });
    const offsetsAt = arena.scratch((rows + 1) * 4);
    const indicesOut = arena.scratch(cells * 4);
    const valuesOut = arena.scratch(cells * 8);
    const { assembleRows } = kernels.exports;
    const entries = assembleRows(
      rows,
      columns.length,
      slotsAt,
      valuesAt,
      offsetsAt,
      indicesOut,
      valuesOut,
    );
    output.append(
      arena.i32(offsetsAt, rows + 1),
      arena.i32(indicesOut, entries),
      arena.f64(valuesOut, entries),
    );
  });
}
