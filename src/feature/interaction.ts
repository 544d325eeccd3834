/** Interaction: all products of one entry of each column. */
import { DimensionMismatchError } from '../core/errors.js';
import { type ParamOptions, type ParamTable, required, string, strings } from '../core/params.js';
import { type EntriesColumn, entriesColumn, entriesOfRow } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns } from '../stage/new-columns.js';
import { getBit } from '../table/bitmap.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';
import type { Table } from '../table/table.js';
import { sharedValidity } from './shared-validity.js';
import { requireEntries } from './sparse-entries.js';
import { type DenseRows, VectorTransformer } from './vector-transformer.js';

const WHO = 'Interaction.transform';

/** Params of {@link Interaction}. */
export interface InteractionParams {
  /** Columns of numbers or vectors. Required, not empty. */
  readonly inputCols: readonly string[];
  /** Column for the vectors of products. **Default:** `'output'`. */
  readonly outputCol: string;
}

const interactionParams: ParamTable<InteractionParams> = {
  inputCols: required(strings([], { nonEmpty: true })),
  outputCol: string('output'),
};

/**
 * Multiplies columns with each other: every product of one entry of each, a number being a vector
 * of one entry.
 *
 * Of columns with n₁, n₂, ... entries the product of their entries i₁, i₂, ... stands at
 * (i₁·n₂ + i₂)·n₃ + i₃ ...: that of the last column runs fastest. The vectors are sparse when an
 * input column is, else dense; a sparse one has the products of stored entries of the sparse
 * columns with all entries of the others, zeros too. Null in any column gives null, NaN runs on.
 *
 * Unlike in Flink ML an empty sparse vector in any column is no error; which form a vector has
 * depends on the types of the columns, not on its row.
 *
 * Cost: about one multiplication a product; in shards on the workers when the table is large, where
 * dense vectors are written in place.
 *
 * @throws DimensionMismatchError `ERR_GYRE_DIMENSION` when there are 2³¹ products or more.
 * @see Interaction of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromRows([{ n: 2, a: Vectors.dense(1, 2), b: Vectors.dense(3, 4) }]);
 * const output = await new Interaction({ inputCols: ['n', 'a', 'b'] }).transform(table);
 * console.log(String(output.column('output').get(0))); // [6.0, 8.0, 12.0, 16.0]
 * ```
 */
export class Interaction extends VectorTransformer<InteractionParams> {
  static readonly className = 'Interaction';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<InteractionParams> = interactionParams;

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<Interaction> {
    return loadAs(Interaction, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<InteractionParams>): Interaction {
    return new Interaction(params);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return this.params.inputCols;
  }

  /** @internal */
  override denseRows(table: Table): DenseRows | null {
    const columns = this.#inputs(table);
    const dim = sizeOf(columns);
    if (columns.some(({ layout }) => layout === 'sparse')) return null;
    return {
      dim,
      validity: sharedValidity(columns),
      write: (out) => multiplyDense(columns.map(factorOf), dim, table.numRows, out),
    };
  }

  protected override otherRows(table: Table): NewColumns {
    const columns = this.#inputs(table);
    const size = sizeOf(columns);
    const factors = columns.map(factorOf);
    const products = multiplySparse(factors, size, sharedValidity(columns), table.numRows);
    return { columns: { [this.params.outputCol]: products } };
  }

  #inputs(table: Table): EntriesColumn[] {
    return this.params.inputCols.map((name) => entriesColumn(WHO, table, name));
  }
}

function sizeOf(columns: readonly EntriesColumn[]): number {
  const sizes = columns.map(entriesOfRow);
  const size = sizes.reduce((product, n) => product * n, 1);
  if (size < 2 ** 31) return size;
  throw new DimensionMismatchError(
    `${WHO}: the columns must have less than 2^31 products, got ${sizes.join(' x ')}.`,
    { details: { who: WHO, sizes } },
  );
}

/** The entries of a column, row by row. */
interface Factor {
  /** Entries of a row. */
  readonly size: number;
  readonly values: Float64Array | Float32Array;
  /** Of a sparse column; null: row i is `values[i * size]` and on. */
  readonly sparse: Pick<SparseVectorColumn, 'offsets' | 'indices'> | null;
}

function factorOf(column: EntriesColumn): Factor {
  const size = entriesOfRow(column);
  const sparse = column.layout === 'sparse' ? column : null;
  const hasValues = column.layout === 'dense' || column.layout === 'sparse';
  return { size, values: hasValues ? column.values : column.toFloat64(), sparse };
}

/** Factors are applied from the last to the first, which fills a row from products already in it. */
function multiplyDense(
  factors: readonly Factor[],
  dim: number,
  rows: number,
  out: Float64Array,
): void {
  const lastFirst = [...factors].reverse();
  for (let row = 0; row < rows; row++) {
    const start = row * dim;
    if (dim > 0) out[start] = 1;
    let made = 1;
    for (const { size, values } of lastFirst) {
      // Backwards, so that the products of before are read until the first entry takes their place.
      for (let i = size - 1; i >= 0; i--) {
        const value = values[row * size + i]!;
        const to = start + i * made;
        for (let j = 0; j < made; j++) out[to + j] = out[start + j]! * value;
      }
      made *= size;
    }
  }
}

function multiplySparse(
  factors: readonly Factor[],
  size: number,
  validity: Uint8Array | null,
  rows: number,
): SparseVectorColumn {
  const stored = ({ sparse, size }: Factor, row: number): number =>
    sparse === null ? size : sparse.offsets[row + 1]! - sparse.offsets[row]!;
  const offsets = new Int32Array(rows + 1);
  let entries = 0;
  for (let row = 0; row < rows; row++) {
    const isNull = validity !== null && !getBit(validity, row);
    entries += isNull ? 0 : factors.reduce((product, factor) => product * stored(factor, row), 1);
    offsets[row + 1] = entries;
  }
  requireEntries(WHO, entries);
  const indices = new Int32Array(entries);
  const values = new Float64Array(entries);
  const lastFirst = [...factors].reverse();
  for (let row = 0; row < rows; row++) {
    const start = offsets[row]!;
    if (offsets[row + 1] === start) continue;
    values[start] = 1;
    let made = 1;
    let span = 1;
    for (const factor of lastFirst) {
      const count = stored(factor, row);
      const first = factor.sparse === null ? row * factor.size : factor.sparse.offsets[row]!;
      for (let i = count - 1; i >= 0; i--) {
        const shift = span * (factor.sparse?.indices[first + i] ?? i);
        const value = factor.values[first + i]!;
        const to = start + i * made;
        for (let j = 0; j < made; j++) {
          indices[to + j] = indices[start + j]! + shift;
          values[to + j] = values[start + j]! * value;
        }
      }
      made *= count;
      span *= factor.size;
    }
  }
  return new SparseVectorColumn(size, offsets, indices, values, validity);
}
