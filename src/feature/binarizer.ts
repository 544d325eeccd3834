/** Binarizer: numbers and entries of vectors to 0 or 1 by a threshold. */
import { doubles, type ParamOptions, type ParamTable, required, strings } from '../core/params.js';
import {
  type EntriesColumn,
  entriesColumn,
  requireNoNull,
  storedEntries,
} from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns } from '../stage/new-columns.js';
import { Transformer } from '../stage/stage.js';
import type { Column } from '../table/column.js';
import { DenseVectorColumn } from '../table/dense-vector-column.js';
import { NumericColumn } from '../table/numeric-column.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';
import type { Table } from '../table/table.js';
import { requireOneForEach } from './one-for-each.js';

const WHO = 'Binarizer.transform';

/** Params of {@link Binarizer}. */
export interface BinarizerParams {
  /** Columns of numbers or vectors. Required, not empty. */
  readonly inputCols: readonly string[];
  /** A column for each of inputCols. Required. */
  readonly outputCols: readonly string[];
  /** A threshold for each of inputCols, not NaN. Required. */
  readonly thresholds: readonly number[];
}

const binarizerParams: ParamTable<BinarizerParams> = {
  inputCols: required(strings([], { nonEmpty: true })),
  outputCols: required(strings([], { nonEmpty: true })),
  thresholds: required(doubles([], { nonEmpty: true })),
};

/**
 * Says of every number whether it is greater than its column's threshold: 1 if x > t, else 0.
 *
 * A column of numbers (float64, float32, int32, int64) gives one of float64, dense vectors give
 * dense vectors of their size. Sparse vectors give sparse ones that store the ones alone; what the
 * input does not store stays 0, also where 0 is greater than the threshold, so that a threshold
 * below 0 tells the two forms of a vector apart (as in Flink ML). NaN gives 0. Null is an error.
 *
 * Numbers are compared as they are: Flink ML reads 32-bit floats by their text, so 0.1 as a 32-bit
 * float is not greater than 0.1 there, and is here (0.10000000149). Lists of different lengths
 * are refused in the constructor.
 *
 * Cost: one pass over the stored entries, in shards on the workers when the table is large.
 *
 * @see Binarizer of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromRows([{ km: 3 }, { km: 12 }]);
 * const far = new Binarizer({ inputCols: ['km'], outputCols: ['far'], thresholds: [10] });
 * console.log((await far.transform(table)).column('far').toArray()); // [ 0, 1 ]
 * ```
 */
export class Binarizer extends Transformer<BinarizerParams> {
  static readonly className = 'Binarizer';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<BinarizerParams> = binarizerParams;

  constructor(options: ParamOptions<BinarizerParams> = {}) {
    super(options);
    const { inputCols, outputCols, thresholds } = this.params;
    requireOneForEach('Binarizer', inputCols, { outputCols, thresholds });
  }

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<Binarizer> {
    return loadAs(Binarizer, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<BinarizerParams>): Binarizer {
    return new Binarizer(params);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return this.params.inputCols;
  }

  /** @internal */
  override transformRows(table: Table): NewColumns {
    const { inputCols, outputCols, thresholds } = this.params;
    const columns: Record<string, Column> = {};
    inputCols.forEach((name, i) => {
      columns[outputCols[i]!] = binarized(input(table, name), thresholds[i]!);
    });
    return { columns };
  }

  protected override workOf(table: Table): number {
    const stored = this.params.inputCols.map((name) => storedEntries(input(table, name)));
    return stored.reduce((sum, entries) => sum + entries, 0);
  }
}

function input(table: Table, name: string): EntriesColumn {
  const column = entriesColumn(WHO, table, name);
  requireNoNull(WHO, name, column);
  return column;
}

function binarized(column: EntriesColumn, threshold: number): Column {
  switch (column.layout) {
    case 'dense':
      return new DenseVectorColumn(ones(column.values, threshold), column.dim, column.length);
    case 'sparse':
      return binarizedSparse(column, threshold);
    default:
      return new NumericColumn(ones(column.toFloat64(), threshold));
  }
}

function ones(values: Float64Array | Float32Array, threshold: number): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = values[i]! > threshold ? 1 : 0;
  return out;
}

function binarizedSparse(column: SparseVectorColumn, threshold: number): SparseVectorColumn {
  const { size, length, offsets, indices, values } = column;
  const newOffsets = new Int32Array(length + 1);
  const kept = new Int32Array(storedEntries(column));
  let at = 0;
  for (let row = 0; row < length; row++) {
    for (let e = offsets[row]!; e < offsets[row + 1]!; e++) {
      if (values[e]! > threshold) kept[at++] = indices[e]!;
    }
    newOffsets[row + 1] = at;
  }
  const ones = new Float64Array(at).fill(1);
  return new SparseVectorColumn(size, newOffsets, kept.subarray(0, at), ones);
}
