/** Columns end to end: where the entries of each go, and the vectors that they make. */
import { DimensionMismatchError } from '../core/errors.js';
import { type EntriesColumn, storedEntries } from '../stage/features.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { requireEntries } from './sparse-entries.js';

const WHO = 'VectorAssembler.transform';

/** One column, and where its entries go. */
export interface Piece {
  readonly name: string;
  readonly column: EntriesColumn;
  /** The entries of a row of it. */
  readonly size: number;
  /** Whether its vectors have no entries: then they count as null, and `size` is what is expected. */
  readonly isEmpty: boolean;
  /** What inputSizes says. */
  readonly expected: number;
  readonly start: number;
}

/** The entries of an assembled vector. @throws DimensionMismatchError for 2³¹ or more. */
export function sizeOf(pieces: readonly Piece[]): number {
  const size = pieces.reduce((sum, piece) => sum + piece.size, 0);
  if (size < 2 ** 31) return size;
  throw new DimensionMismatchError(
    `${WHO}: assembled vectors must have less than 2^31 entries, got ${size}.`,
    { details: { who: WHO, size } },
  );
}

/** Which form the vectors have: of the expected sizes, so that an empty batch or one of another size has the same. */
export function isDense(pieces: readonly Piece[]): boolean {
  let all = 0;
  let stored = 0;
  for (const { column, expected } of pieces) {
    all += expected;
    if (column.layout !== 'sparse') stored += expected;
  }
  return stored * 1.5 > all;
}

function hasMissing({ column, isEmpty }: Piece): boolean {
  return isEmpty || column.nullCount > 0;
}

/** Whether a row of a piece counts as null. */
export function isMissing({ column, isEmpty }: Piece, row: number): boolean {
  return isEmpty || column.isNull(row);
}

/** Writes dense vectors of `dim` entries to an array of zeros. Null is NaN in all entries. */
export function assembleDense(
  pieces: readonly Piece[],
  rows: number,
  dim: number,
  out: Float64Array,
): void {
  for (const piece of pieces) {
    const { column, size, start } = piece;
    switch (column.layout) {
      case 'dense':
        copyDense(column, rows, start, dim, out);
        break;
      case 'sparse':
        copySparse(column, rows, start, dim, out);
        break;
      default: {
        const values = column.toFloat64();
        for (let row = 0; row < rows; row++) out[row * dim + start] = values[row]!;
      }
    }
    if (!hasMissing(piece)) continue;
    for (let row = 0; row < rows; row++) {
      if (isMissing(piece, row)) out.fill(Number.NaN, row * dim + start, row * dim + start + size);
    }
  }
}

function copyDense(
  { values, dim: width }: DenseVectorColumn,
  rows: number,
  start: number,
  dim: number,
  out: Float64Array,
): void {
  for (let row = 0; row < rows; row++) {
    const from = row * width;
    const to = row * dim + start;
    for (let j = 0; j < width; j++) out[to + j] = values[from + j]!;
  }
}

function copySparse(
  { offsets, indices, values }: SparseVectorColumn,
  rows: number,
  start: number,
  dim: number,
  out: Float64Array,
): void {
  for (let row = 0; row < rows; row++) {
    const to = row * dim + start;
    for (let e = offsets[row]!; e < offsets[row + 1]!; e++) out[to + indices[e]!] = values[e]!;
  }
}

/** The vectors as sparse ones, with the entries that the columns store; all of a null. */
export function assembleSparse(pieces: readonly Piece[], rows: number): SparseVectorColumn {
  const entries = pieces.reduce((sum, { column, size, isEmpty }) => {
    const missing = isEmpty ? rows : column.nullCount;
    return sum + storedEntries(column) + missing * size;
  }, 0);
  requireEntries(WHO, entries);
  const offsets = new Int32Array(rows + 1);
  const indices = new Int32Array(entries);
  const values = new Float64Array(entries);
  const rowsOf = pieces.map(rowWriter);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (const write of rowsOf) at = write(row, indices, values, at);
    offsets[row + 1] = at;
  }
  const [used, stored] = [indices.subarray(0, at), values.subarray(0, at)];
  return new SparseVectorColumn(sizeOf(pieces), offsets, used, stored);
}

type RowWriter = (row: number, indices: Int32Array, values: Float64Array, at: number) => number;

/** Writes a row of a piece, and returns where it ends. */
function rowWriter(piece: Piece): RowWriter {
  const { size, start } = piece;
  const write = valueWriter(piece);
  if (!hasMissing(piece)) return write;
  return (row, indices, values, at) => {
    if (!isMissing(piece, row)) return write(row, indices, values, at);
    for (let j = 0; j < size; j++) indices[at + j] = start + j;
    values.fill(Number.NaN, at, at + size);
    return at + size;
  };
}

function valueWriter({ column, start }: Piece): RowWriter {
  switch (column.layout) {
    case 'sparse':
      return (row, indices, values, at) => {
        let end = at;
        for (let e = column.offsets[row]!; e < column.offsets[row + 1]!; e++) {
          indices[end] = start + column.indices[e]!;
          values[end++] = column.values[e]!;
        }
        return end;
      };
    case 'dense':
      return (row, indices, values, at) => {
        for (let j = 0; j < column.dim; j++) {
          indices[at + j] = start + j;
          values[at + j] = column.values[row * column.dim + j]!;
        }
        return at + column.dim;
      };
    default: {
      const numbers = column.toFloat64();
      return (row, indices, values, at) => {
        indices[at] = start;
        values[at] = numbers[row]!;
        return at + 1;
      };
    }
  }
}
