/** Bucketizer: numbers to the index of the bucket that they lie in. */
import { DataError } from '../core/errors.js';
import {
  oneOf,
  type Param,
  type ParamOptions,
  type ParamTable,
  required,
  strings,
} from '../core/params.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns, RowScope } from '../stage/new-columns.js';
import { Transformer } from '../stage/stage.js';
import type { Int64Column } from '../table/int64-column.js';
import { NumericColumn } from '../table/numeric-column.js';
import { requireColumn } from '../table/require-column.js';
import type { Table } from '../table/table.js';
import { requireOneForEach } from './one-for-each.js';

const WHO = 'Bucketizer.transform';

/** Params of {@link Bucketizer}. */
export interface BucketizerParams {
  /**
   * For each of inputCols at least three numbers that ascend: the borders of its buckets, of which
   * the outermost may be infinite. Required.
   */
  readonly splitsArray: readonly (readonly number[])[];
  /** Columns of numbers. Required, not empty. */
  readonly inputCols: readonly string[];
  /** A column for each of inputCols. Required. */
  readonly outputCols: readonly string[];
  /**
   * What happens to a row with a number in no bucket, NaN or null: `'error'`, `'skip'` (the row is
   * left out, whatever column it is in), or `'keep'` (a bucket more, after the last).
   * **Default:** `'error'`.
   */
  readonly handleInvalid: 'error' | 'skip' | 'keep';
}

const splits: Param<readonly (readonly number[])[]> = {
  expected: 'a list of at least one list of three or more ascending numbers',
  default: [],
  accepts: (v) => Array.isArray(v) && v.length > 0 && v.every(ascends),
  invalid: [
    ...[null, 1, [], [[]], [[0, 1]], [0, 1, 2], [null]],
    ...[[[0, 1, 1]], [[0, 2, 1]], [[0, Number.NaN, 1]], [['0', '1', '2']]],
  ],
};

function ascends(list: unknown): boolean {
  if (!Array.isArray(list) || list.length < 3) return false;
  if (!list.every((split) => typeof split === 'number')) return false;
  return (list as number[]).every((split, i, all) =>
    i === 0 ? !Number.isNaN(split) : split > all[i - 1]!,
  );
}

const bucketizerParams: ParamTable<BucketizerParams> = {
  splitsArray: required(splits),
  inputCols: required(strings([], { nonEmpty: true })),
  outputCols: required(strings([], { nonEmpty: true })),
  handleInvalid: oneOf(['error', 'skip', 'keep'], 'error'),
};

/**
 * Puts numbers into buckets: with splits s₀ < s₁ < ... < sₘ, x is in bucket i when
 * sᵢ <= x < sᵢ₊₁, and sₘ itself is in the last bucket, m - 1.
 *
 * Reads columns of float64, float32, int32 or int64; writes the index as float64. Numbers outside
 * of [s₀, sₘ], NaN and null are invalid: see `handleInvalid`; a kept one has index m. Infinities
 * are valid only when they are splits.
 *
 * Unlike in Flink ML null is invalid data, and no crash; -0 is 0, and not below it; NaN is no
 * split; and lists of different lengths are refused in the constructor.
 *
 * Cost: O(log m) a number, in shards on the workers when the table is large.
 *
 * @throws DataError `ERR_GYRE_DATA` for an invalid number with `'error'`, naming column and row.
 * @see Bucketizer of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromRows([{ hour: 7.5 }, { hour: 12 }, { hour: 24 }]);
 * const bucketizer = new Bucketizer({
 *   inputCols: ['hour'],
 *   outputCols: ['part'],
 *   splitsArray: [[0, 6, 12, 18, 24]],
 * });
 * console.log((await bucketizer.transform(table)).column('part').toArray()); // [ 1, 2, 3 ]
 * ```
 */
export class Bucketizer extends Transformer<BucketizerParams> {
  static readonly className = 'Bucketizer';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<BucketizerParams> = bucketizerParams;

  constructor(options: ParamOptions<BucketizerParams> = {}) {
    super(options);
    const { inputCols, outputCols, splitsArray } = this.params;
    requireOneForEach('Bucketizer', inputCols, { outputCols, splitsArray });
  }

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<Bucketizer> {
    return loadAs(Bucketizer, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<BucketizerParams>): Bucketizer {
    return new Bucketizer(params);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return this.params.inputCols;
  }

  /** @internal */
  override transformRows(table: Table, { firstRow }: RowScope): NewColumns {
    const { inputCols, splitsArray, handleInvalid } = this.params;
    const skip = handleInvalid === 'skip';
    const dropped = new Uint8Array(skip ? table.numRows : 0);
    const buckets = inputCols.map((name, c) => {
      // A null is NaN from here on, and so is invalid.
      const column = numbers(table, name);
      const splits = splitsArray[c]!;
      const found = bucketsOf(column.toFloat64(), splits);
      if (handleInvalid === 'error') requireValid(found, column, splits, name, firstRow);
      if (skip) markInvalid(found, splits, dropped);
      return found;
    });
    return this.#newColumns(buckets, skip ? keptRows(dropped) : null);
  }

  #newColumns(buckets: readonly Float64Array[], kept: Int32Array | null): NewColumns {
    const columns: Record<string, NumericColumn<Float64Array>> = {};
    this.params.outputCols.forEach((name, c) => {
      const all = buckets[c]!;
      const some = kept === null || kept.length === all.length ? all : taken(all, kept);
      columns[name] = new NumericColumn(some);
    });
    return kept === null ? { columns } : { columns, kept };
  }
}

function numbers(table: Table, name: string): NumericColumn | Int64Column {
  return requireColumn(WHO, table, name, ['float64', 'float32', 'int32', 'int64']);
}

/** The bucket of each value; the number of buckets for what is in none. */
function bucketsOf(values: Float64Array, splits: readonly number[]): Float64Array {
  const borders = Float64Array.from(splits);
  const last = borders.length - 1;
  const [lowest, highest] = [borders[0]!, borders[last]!];
  const out = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const x = values[i]!;
    if (!(x >= lowest && x <= highest)) {
      out[i] = last;
      continue;
    }
    let low = 0;
    let high = last;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (x >= borders[middle]!) low = middle;
      else high = middle;
    }
    out[i] = low;
  }
  return out;
}

function requireValid(
  buckets: Float64Array,
  column: NumericColumn | Int64Column,
  splits: readonly number[],
  name: string,
  firstRow: number,
): void {
  const row = buckets.indexOf(splits.length - 1);
  if (row < 0) return;
  const [lowest, highest] = [splits[0], splits.at(-1)];
  const got = column.get(row);
  throw new DataError(
    `${WHO}: column "${name}" must be in [${lowest}, ${highest}], got ${got} in row ` +
      `${firstRow + row}; see handleInvalid.`,
    { details: { column: name, row: firstRow + row, got, lowest, highest } },
  );
}

function markInvalid(buckets: Float64Array, splits: readonly number[], dropped: Uint8Array): void {
  const invalid = splits.length - 1;
  for (let row = 0; row < buckets.length; row++) if (buckets[row] === invalid) dropped[row] = 1;
}

/** The rows that are not marked, ascending. */
function keptRows(dropped: Uint8Array): Int32Array {
  const rows = new Int32Array(dropped.length);
  let at = 0;
  for (let row = 0; row < dropped.length; row++) if (dropped[row] === 0) rows[at++] = row;
  return rows.slice(0, at);
}

function taken(values: Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row]!);
}
