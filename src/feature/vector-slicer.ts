/** VectorSlicer: some entries of vectors. */
import { DimensionMismatchError } from '../core/errors.js';
import { ints, type ParamOptions, type ParamTable, required, string } from '../core/params.js';
import { entriesOfRow, storedEntries, vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns } from '../stage/new-columns.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';
import type { Table } from '../table/table.js';
import { type DenseRows, VectorTransformer } from './vector-transformer.js';

const WHO = 'VectorSlicer.transform';

/** Params of {@link VectorSlicer}. */
export interface VectorSlicerParams {
  /** Column of vectors, dense or sparse. **Default:** `'input'`. */
  readonly inputCol: string;
  /** Column for the slices. **Default:** `'output'`. */
  readonly outputCol: string;
  /** Which entries, >= 0 and different, in any order. Required, not empty. */
  readonly indices: readonly number[];
}

const vectorSlicerParams: ParamTable<VectorSlicerParams> = {
  inputCol: string('input'),
  outputCol: string('output'),
  indices: required(ints([], { min: 0, max: 2 ** 31 - 2 }, { nonEmpty: true, distinct: true })),
};

/**
 * Takes some entries of every vector, in the order of `indices`: y[k] = x[indices[k]].
 *
 * Dense vectors give dense ones of 64-bit floats, sparse vectors give sparse ones without zeros,
 * stored ones among them; NaN is kept. Null is an error.
 *
 * Cost: O(indices) a row of dense vectors, O(stored entries) of sparse ones; in shards on the
 * workers when the table is large, where dense vectors are written in place.
 *
 * @throws DimensionMismatchError `ERR_GYRE_DIMENSION` for vectors that do not have every index.
 * @see VectorSlicer of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromRows([{ input: Vectors.dense(2.1, 3.1, 1.2) }]);
 * const output = await new VectorSlicer({ indices: [2, 0] }).transform(table);
 * console.log(String(output.column('output').get(0))); // [1.2, 2.1]
 * ```
 */
export class VectorSlicer extends VectorTransformer<VectorSlicerParams> {
  static readonly className = 'VectorSlicer';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<VectorSlicerParams> = vectorSlicerParams;
  #places: ReadonlyMap<number, number> | null = null;

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<VectorSlicer> {
    return loadAs(VectorSlicer, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<VectorSlicerParams>): VectorSlicer {
    return new VectorSlicer(params);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.inputCol];
  }

  /** @internal */
  override denseRows(table: Table): DenseRows | null {
    const { inputCol, indices } = this.params;
    const column = vectorColumn(WHO, table, inputCol);
    if (column.length > 0) requireIndices(inputCol, entriesOfRow(column), indices);
    if (column.layout === 'sparse') return null;
    return {
      dim: indices.length,
      validity: null,
      write: (out) => sliceDense(column, indices, out),
    };
  }

  protected override otherRows(table: Table): NewColumns {
    const { inputCol, outputCol, indices } = this.params;
    this.#places ??= new Map(indices.map((index, place) => [index, place]));
    const column = table.column(inputCol, 'sparseVector');
    return { columns: { [outputCol]: sliceSparse(column, this.#places) } };
  }
}

function requireIndices(name: string, size: number, indices: readonly number[]): void {
  const beyond = indices.find((index) => index >= size);
  if (beyond === undefined) return;
  throw new DimensionMismatchError(
    `${WHO}: column "${name}" must have vectors with an entry ${beyond}, which is in indices, got ` +
      `vectors of size ${size}.`,
    { details: { who: WHO, column: name, index: beyond, size } },
  );
}

function sliceDense(
  { values, dim, length }: DenseVectorColumn,
  indices: readonly number[],
  out: Float64Array,
): void {
  const picks = Int32Array.from(indices);
  let at = 0;
  for (let row = 0; row < length; row++) {
    const start = row * dim;
    for (let k = 0; k < picks.length; k++) out[at++] = values[start + picks[k]!]!;
  }
}

/** @param places Where each index of the input goes. */
function sliceSparse(
  column: SparseVectorColumn,
  places: ReadonlyMap<number, number>,
): SparseVectorColumn {
  const { length, offsets, indices, values } = column;
  const most = storedEntries(column);
  const newOffsets = new Int32Array(length + 1);
  const newIndices = new Int32Array(most);
  const newValues = new Float64Array(most);
  const valueAt = new Float64Array(places.size);
  let end = 0;
  for (let row = 0; row < length; row++) {
    const start = end;
    for (let e = offsets[row]!; e < offsets[row + 1]!; e++) {
      const place = values[e] === 0 ? undefined : places.get(indices[e]!);
      if (place === undefined) continue;
      newIndices[end++] = place;
      valueAt[place] = values[e]!;
    }
    const sorted = newIndices.subarray(start, end).sort();
    for (let i = 0; i < sorted.length; i++) newValues[start + i] = valueAt[sorted[i]!]!;
    newOffsets[row + 1] = end;
  }
  return new SparseVectorColumn(
    places.size,
    newOffsets,
    newIndices.subarray(0, end),
    newValues.subarray(0, end),
  );
}
