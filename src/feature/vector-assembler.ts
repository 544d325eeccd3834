/** VectorAssembler: columns of numbers and vectors, end to end, as one vector. */
import { DataError, DimensionMismatchError } from '../core/errors.js';
import {
  ints,
  oneOf,
  type ParamOptions,
  type ParamTable,
  required,
  string,
  strings,
} from '../core/params.js';
import { entriesColumn, entriesOfRow } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns, RowScope } from '../stage/new-columns.js';
import { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { Table } from '../table/table.js';
import {
  assembleDense,
  assembleSparse,
  isDense,
  isMissing,
  type Piece,
  sizeOf,
} from './assembled-pieces.js';
import { requireOneForEach } from './one-for-each.js';
import { type DenseRows, VectorTransformer } from './vector-transformer.js';

const WHO = 'VectorAssembler.transform';

/** Params of {@link VectorAssembler}. */
export interface VectorAssemblerParams {
  /** Columns of numbers or vectors. Required, not empty. */
  readonly inputCols: readonly string[];
  /** Column for the assembled vectors. **Default:** `'output'`. */
  readonly outputCol: string;
  /** How many entries each of inputCols has: 1 for numbers, the size of vectors. Required. */
  readonly inputSizes: readonly number[];
  /**
   * What happens to a row with null, a number that is NaN, or vectors of another size: `'error'`,
   * `'skip'` (the row is left out), or `'keep'` (NaN in the place of null or of a vector without
   * entries, NaN as it is, vectors of whatever size). NaN inside of vectors is valid. **Default:** `'error'`.
   */
  readonly handleInvalid: 'error' | 'skip' | 'keep';
}

const vectorAssemblerParams: ParamTable<VectorAssemblerParams> = {
  inputCols: required(strings([], { nonEmpty: true })),
  outputCol: string('output'),
  inputSizes: required(ints([], { min: 1, max: 2 ** 31 - 1 }, { nonEmpty: true })),
  handleInvalid: oneOf(['error', 'skip', 'keep'], 'error'),
};

/**
 * Assembles columns into one vector: the entries of all of them, in the order of `inputCols`.
 *
 * Reads numbers (float64, float32, int32, int64) and vectors, dense or sparse. The vectors are
 * dense when 1.5 times the entries of the numbers and of the dense columns, by `inputSizes`, are
 * more than the size of the whole, else sparse. So it is the types of the columns that decide,
 * never a row, and batches of a stream agree; Flink ML counts the stored entries of each row. A
 * sparse vector stores what its columns do, zeros too, and numbers always.
 *
 * Unlike in Flink ML `'keep'` leaves the input columns as they are, and other errors are not taken
 * for invalid rows.
 *
 * Cost: one pass over the stored entries; in shards on the workers when the table is large, where
 * dense vectors are written in place (but with `'skip'`).
 *
 * @throws DataError `ERR_GYRE_DATA` for null or NaN with `'error'`, naming column and row.
 * @throws DimensionMismatchError `ERR_GYRE_DIMENSION` for another size with `'error'`, and for
 *   vectors of 2³¹ entries or more.
 * @see VectorAssembler of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromRows([{ a: Vectors.dense(2.1, 3.1), b: 1 }]);
 * const assembler = new VectorAssembler({ inputCols: ['a', 'b'], inputSizes: [2, 1] });
 * console.log(String((await assembler.transform(table)).column('output').get(0))); // [2.1, 3.1, 1.0]
 * ```
 */
export class VectorAssembler extends VectorTransformer<VectorAssemblerParams> {
  static readonly className = 'VectorAssembler';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<VectorAssemblerParams> = vectorAssemblerParams;

  constructor(options: ParamOptions<VectorAssemblerParams> = {}) {
    super(options);
    const { inputCols, inputSizes } = this.params;
    requireOneForEach('VectorAssembler', inputCols, { inputSizes });
  }

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<VectorAssembler> {
    return loadAs(VectorAssembler, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<VectorAssemblerParams>): VectorAssembler {
    return new VectorAssembler(params);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return this.params.inputCols;
  }

  /** @internal */
  override denseRows(table: Table): DenseRows | null {
    const { handleInvalid } = this.params;
    const pieces = this.#pieces(table);
    const dim = sizeOf(pieces);
    if (handleInvalid === 'skip' || !isDense(pieces)) return null;
    return {
      dim,
      validity: null,
      write: (out, { firstRow }) => {
        if (handleInvalid === 'error') requireValid(pieces, table.numRows, firstRow);
        assembleDense(pieces, table.numRows, dim, out);
      },
    };
  }

  protected override otherRows(table: Table, { firstRow }: RowScope): NewColumns {
    const { handleInvalid, outputCol } = this.params;
    const pieces = this.#pieces(table);
    if (handleInvalid === 'error') requireValid(pieces, table.numRows, firstRow);
    if (handleInvalid !== 'skip') {
      return { columns: { [outputCol]: assembleSparse(pieces, table.numRows) } };
    }
    const kept = validRows(pieces, table.numRows);
    const rest = kept.length === table.numRows ? table : table.take(kept);
    const keptPieces = this.#pieces(rest);
    const rows = kept.length;
    if (!isDense(pieces)) {
      return { columns: { [outputCol]: assembleSparse(keptPieces, rows) }, kept };
    }
    const dim = sizeOf(pieces);
    const values = new Float64Array(rows * dim);
    assembleDense(keptPieces, rows, dim, values);
    return { columns: { [outputCol]: new DenseVectorColumn(values, dim, rows) }, kept };
  }

  #pieces(table: Table): Piece[] {
    const { inputCols, inputSizes } = this.params;
    let start = 0;
    return inputCols.map((name, i) => {
      const column = entriesColumn(WHO, table, name);
      const expected = inputSizes[i]!;
      // A column of nothing but null, too, may have no size of its own.
      const isEmpty = entriesOfRow(column) === 0;
      const size = isEmpty ? expected : entriesOfRow(column);
      const piece = { name, column, size, isEmpty, expected, start };
      start += size;
      return piece;
    });
  }
}

function isNaNNumber({ column }: Piece, row: number): boolean {
  return column.layout === 'numeric' && Number.isNaN(column.values[row]);
}

function requireValid(pieces: readonly Piece[], rows: number, firstRow: number): void {
  if (rows === 0) return;
  for (const piece of pieces) {
    requireValues(piece, rows, firstRow);
    requireSize(piece);
  }
}

function requireValues(piece: Piece, rows: number, firstRow: number): void {
  const { name, column } = piece;
  if (column.nullCount === 0 && column.layout !== 'numeric') return;
  for (let row = 0; row < rows; row++) {
    const isNull = column.isNull(row);
    if (!(isNull || isNaNNumber(piece, row))) continue;
    const what = isNull ? 'null' : 'NaN';
    throw new DataError(
      `${WHO}: column "${name}" must not have ${what}, got ${what} in row ${firstRow + row}; see ` +
        'handleInvalid.',
      { details: { who: WHO, column: name, row: firstRow + row } },
    );
  }
}

function requireSize({ name, column, expected }: Piece): void {
  const got = entriesOfRow(column);
  if (got === expected) return;
  const isVector = column.layout === 'dense' || column.layout === 'sparse';
  throw new DimensionMismatchError(
    isVector
      ? `${WHO}: column "${name}" must have vectors of size ${expected}, got ${got}; see inputSizes.`
      : `${WHO}: column "${name}" has numbers, whose entry in inputSizes must be 1, got ${expected}.`,
    { details: { who: WHO, column: name, expected, got } },
  );
}

/** The rows that are valid in all pieces, ascending. */
function validRows(pieces: readonly Piece[], rows: number): Int32Array {
  const valid = new Int32Array(rows);
  if (pieces.some(({ size, expected }) => size !== expected)) return new Int32Array(0);
  let end = 0;
  for (let row = 0; row < rows; row++) {
    if (pieces.every((piece) => !isMissing(piece, row) && !isNaNNumber(piece, row))) {
      valid[end++] = row;
    }
  }
  return valid.slice(0, end);
}
