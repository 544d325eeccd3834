/** Min-hash signatures of vectors, taken as the sets of the indices that they store. */
import { DataError } from '../core/errors.js';
import { addressOf, withScratch } from '../stage/kernel-data.js';
import type { RowScope } from '../stage/new-columns.js';
import { float64 } from '../table/buffers.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';

/** The prime by which hashes are taken. */
export const MIN_HASH_PRIME = 2_038_074_743;

/** Entries of dense vectors whose items are listed at a time: they stay in cache. */
const BLOCK_ENTRIES = 1 << 14;

/** Hash functions h(j) = ((1 + j)·a + b) mod P, one an entry. */
export interface HashFunctions {
  readonly a: Int32Array;
  readonly b: Int32Array;
}

/** Addresses of rows of items, with their hash functions. */
interface Items {
  readonly rows: number;
  readonly offsets: number;
  readonly indices: number;
}

/**
 * The least hash of each row's items by each function: n × functions, row-major.
 *
 * @throws DataError `ERR_GYRE_DATA` for a row without items.
 */
export function minHashes(
  who: string,
  name: string,
  column: DenseVectorColumn | SparseVectorColumn,
  { a, b }: HashFunctions,
  scope: RowScope,
): Float64Array {
  const hashes = float64(column.length * a.length);
  withScratch(scope, () => {
    const { arena, kernels } = scope;
    const [aAt, bAt] = [addressOf(a, scope), addressOf(b, scope)];
    const hashRows = (first: number, { rows, offsets, indices }: Items) => {
      const out = arena.scratch(rows * a.length * 8);
      const empty = kernels.exports.minHash(rows, offsets, indices, a.length, aAt, bAt, out);
      if (empty >= 0) throw noItems(who, name, scope.firstRow + first + empty);
      hashes.set(arena.f64(out, rows * a.length), first * a.length);
    };
    if (column.layout === 'sparse') hashSparse(column, scope, hashRows);
    else hashDense(column, scope, hashRows);
  });
  return hashes;
}

type HashRows = (first: number, items: Items) => void;

function hashSparse(column: SparseVectorColumn, scope: RowScope, hashRows: HashRows): void {
  const rows = column.length;
  const indices = addressOf(column.indices, scope);
  hashRows(0, { rows, offsets: addressOf(column.offsets, scope), indices });
}

function hashDense(column: DenseVectorColumn, scope: RowScope, hashRows: HashRows): void {
  const { length, dim } = column;
  const blockRows = Math.max(1, Math.floor(BLOCK_ENTRIES / Math.max(1, dim)));
  for (let first = 0; first < length; first += blockRows) {
    const rows = Math.min(blockRows, length - first);
    withScratch(scope, () => {
      const { arena, kernels } = scope;
      const x = addressOf(column.values.subarray(first * dim, (first + rows) * dim), scope);
      const offsets = arena.scratch((rows + 1) * 4);
      const indices = arena.scratch(rows * dim * 4);
      kernels.exports.nonZeros(rows, dim, x, offsets, indices);
      hashRows(first, { rows, offsets, indices });
    });
  }
}

/** The error of a vector that has nothing to hash. */
export function noItems(who: string, name: string, row: number): DataError {
  return new DataError(
    `${who}: column "${name}" must have vectors with at least one entry that is not zero, got none ` +
      `in row ${row}.`,
    { details: { who, column: name, row } },
  );
}
