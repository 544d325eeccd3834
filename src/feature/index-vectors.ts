/** Vectors with the values of categorical entries replaced by their indices. */
import { DataError } from '../core/errors.js';
import { float64, int32 } from '../table/buffers.js';
import { DenseVectorColumn } from '../table/dense-vector-column.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';

/** An entry with categories. */
export interface CategoricalEntry {
  readonly entry: number;
  /** The index of each value; not empty. */
  readonly indices: ReadonlyMap<number, number>;
}

/** How vectors are indexed. */
export interface VectorIndexing {
  readonly who: string;
  /** The column's name. */
  readonly name: string;
  /** Ascending. */
  readonly entries: readonly CategoricalEntry[];
  readonly handleInvalid: 'error' | 'skip' | 'keep';
  readonly firstRow: number;
}

/** The new vectors, and the rows that they are of: all but with `'skip'`. */
export interface IndexedVectors {
  readonly vectors: DenseVectorColumn | SparseVectorColumn;
  readonly kept: Int32Array;
}

/** What stands for a value that has no index, in a row that is left out. */
const DROPPED = -1;

/** The index of a value, {@link DROPPED} or an error. */
function indexOf(
  { entry, indices }: CategoricalEntry,
  value: number,
  row: number,
  { who, name, handleInvalid, firstRow }: VectorIndexing,
): number {
  const index = indices.get(value);
  if (index !== undefined) return index;
  if (handleInvalid === 'keep') return indices.size;
  if (handleInvalid === 'skip') return DROPPED;
  throw new DataError(
    `${who}: column "${name}" must have values that were seen in fit, got ${value} in row ` +
      `${firstRow + row}, entry ${entry}; or set handleInvalid to 'skip' or 'keep'.`,
    { details: { who, column: name, row: firstRow + row, entry, got: value } },
  );
}

/** Indexes dense vectors. */
export function indexDense(column: DenseVectorColumn, indexing: VectorIndexing): IndexedVectors {
  const { values, dim, length } = column;
  const out = float64(values.length);
  const kept = new Int32Array(length);
  let rows = 0;
  for (let row = 0; row < length; row++) {
    const start = rows * dim;
    for (let j = 0; j < dim; j++) out[start + j] = values[row * dim + j]!;
    let isKept = true;
    for (const category of indexing.entries) {
      const at = start + category.entry;
      const index = indexOf(category, out[at]!, row, indexing);
      if (index === DROPPED) isKept = false;
      out[at] = index;
    }
    if (isKept) kept[rows++] = row;
  }
  const vectors = new DenseVectorColumn(out.subarray(0, rows * dim), dim, rows);
  return { vectors, kept: kept.subarray(0, rows) };
}

/** Indexes sparse vectors. */
export function indexSparse(column: SparseVectorColumn, indexing: VectorIndexing): IndexedVectors {
  const { size, length, offsets } = column;
  // What is not stored is 0: only where 0 has no index is there something to do about it.
  const unset = indexing.entries.filter(({ indices }) => !indices.has(0));
  const stored = offsets[length]! - offsets[0]!;
  const most = stored + (indexing.handleInvalid === 'keep' ? unset.length * length : 0);
  const output = {
    offsets: int32(length + 1),
    indices: int32(most),
    values: float64(most),
  };
  const byEntry = new Map(indexing.entries.map((category) => [category.entry, category]));
  const kept = new Int32Array(length);
  let rows = 0;
  for (let row = 0; row < length; row++) {
    const end = writeRow(column, row, byEntry, unset, indexing, output, output.offsets[rows]!);
    if (end < 0) continue;
    kept[rows++] = row;
    output.offsets[rows] = end;
  }
  const entries = output.offsets[rows]!;
  const vectors = new SparseVectorColumn(
    size,
    output.offsets.subarray(0, rows + 1),
    output.indices.subarray(0, entries),
    output.values.subarray(0, entries),
  );
  return { vectors, kept: kept.subarray(0, rows) };
}

/** Writes a row's entries from `at` on. Returns their end; -1 for a row that is left out. */
function writeRow(
  column: SparseVectorColumn,
  row: number,
  byEntry: ReadonlyMap<number, CategoricalEntry>,
  unset: readonly CategoricalEntry[],
  indexing: VectorIndexing,
  { indices, values }: { readonly indices: Int32Array; readonly values: Float64Array },
  at: number,
): number {
  let next = 0;
  let end = at;
  /** Adds the entries below `limit` that are not stored and whose 0 has no index. */
  const addUnset = (limit: number): boolean => {
    for (; next < unset.length && unset[next]!.entry < limit; next++) {
      const index = indexOf(unset[next]!, 0, row, indexing);
      if (index === DROPPED) return false;
      indices[end] = unset[next]!.entry;
      values[end++] = index;
    }
    return true;
  };
  for (let from = column.offsets[row]!; from < column.offsets[row + 1]!; from++) {
    const entry = column.indices[from]!;
    if (!addUnset(entry)) return -1;
    if (unset[next]?.entry === entry) next++;
    const category = byEntry.get(entry);
    const value = column.values[from]!;
    const index = category === undefined ? value : indexOf(category, value, row, indexing);
    if (category !== undefined && index === DROPPED) return -1;
    indices[end] = entry;
    values[end++] = index;
  }
  return addUnset(column.size) ? end : -1;
}
