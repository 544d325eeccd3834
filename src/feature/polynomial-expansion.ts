/** PolynomialExpansion: vectors to all monomials of their entries up to a degree. */
import { DimensionMismatchError } from '../core/errors.js';
import { int, type ParamOptions, type ParamTable, string } from '../core/params.js';
import { vectorColumn } from '../stage/features.js';
import { addressOf, withScratch } from '../stage/kernel-data.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns, RowScope } from '../stage/new-columns.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';
import type { Table } from '../table/table.js';
import { mapInBlocks } from './dense-blocks.js';
import { monomialCount, monomialNodes, writeMonomials } from './monomials.js';
import { requireEntries } from './sparse-entries.js';
import { type DenseRows, VectorTransformer } from './vector-transformer.js';

const WHO = 'PolynomialExpansion.transform';

/** Params of {@link PolynomialExpansion}. */
export interface PolynomialExpansionParams {
  /** Column of vectors, dense or sparse. **Default:** `'input'`. */
  readonly inputCol: string;
  /** Column for the expanded vectors. **Default:** `'output'`. */
  readonly outputCol: string;
  /** The highest total degree of a monomial, >= 1. **Default:** 2. */
  readonly degree: number;
}

const polynomialExpansionParams: ParamTable<PolynomialExpansionParams> = {
  inputCol: string('input'),
  outputCol: string('output'),
  degree: int(2, { min: 1, max: 2 ** 31 - 1 }),
};

/** The nodes of vectors of one size. */
interface Plan {
  readonly size: number;
  readonly nodes: Int32Array;
}

/**
 * Expands vectors into a polynomial space: every product of at most `degree` of their entries.
 *
 * Of n entries there are C(n + degree, degree) - 1, without the constant. They are ordered by the
 * power of the last entry, then that of the last but one, and so on: (x, y) of degree 2 becomes
 * (x, x², y, xy, y²). Dense vectors give dense ones of 64-bit floats; sparse vectors give sparse
 * ones of the monomials of stored entries, of which zeros are left out. NaN makes its monomials
 * NaN. Null is an error.
 *
 * Unlike in Flink ML NaN is not taken for 0, and stored zeros of sparse vectors do no harm.
 *
 * Cost: one multiplication a monomial; in shards on the workers when the table is large, where
 * dense vectors are written in place.
 *
 * @throws DimensionMismatchError `ERR_GYRE_DIMENSION` when there are 2³¹ monomials or more.
 * @see PolynomialExpansion of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromRows([{ input: Vectors.dense(2, 3) }]);
 * const output = await new PolynomialExpansion({ degree: 2 }).transform(table);
 * console.log(String(output.column('output').get(0))); // [2.0, 4.0, 3.0, 6.0, 9.0]
 * ```
 */
export class PolynomialExpansion extends VectorTransformer<PolynomialExpansionParams> {
  static readonly className = 'PolynomialExpansion';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<PolynomialExpansionParams> = polynomialExpansionParams;
  #plan: Plan | null = null;

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<PolynomialExpansion> {
    return loadAs(PolynomialExpansion, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<PolynomialExpansionParams>): PolynomialExpansion {
    return new PolynomialExpansion(params);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.inputCol];
  }

  /** @internal */
  override denseRows(table: Table): DenseRows | null {
    const column = vectorColumn(WHO, table, this.params.inputCol);
    if (column.layout === 'sparse') return null;
    const dim = this.#countOf(column.dim);
    return {
      dim,
      validity: null,
      write: (out, scope) => {
        if (out.length > 0) expandDense(column, this.#nodesOf(column.dim), dim, out, scope);
      },
    };
  }

  protected override otherRows(table: Table): NewColumns {
    const { inputCol, outputCol, degree } = this.params;
    const column = table.column(inputCol, 'sparseVector');
    const size = this.#countOf(column.size);
    return { columns: { [outputCol]: expandSparse(column, size, degree) } };
  }

  #countOf(size: number): number {
    const { inputCol, degree } = this.params;
    const count = monomialCount(size, degree);
    if (count < 2 ** 31) return count;
    throw new DimensionMismatchError(
      `${WHO}: vectors must have less than 2^31 monomials of degree ${degree}, but those of column ` +
        `"${inputCol}" have ${size} entries, which is too many.`,
      { details: { who: WHO, column: inputCol, size, degree } },
    );
  }

  #nodesOf(size: number): Int32Array {
    if (this.#plan?.size !== size) {
      this.#plan = { size, nodes: monomialNodes(size, this.params.degree) };
    }
    return this.#plan.nodes;
  }
}

function expandDense(
  column: DenseVectorColumn,
  nodes: Int32Array,
  dim: number,
  out: Float64Array,
  scope: RowScope,
): void {
  withScratch(scope, () => {
    const { expandRows } = scope.kernels.exports;
    const nodesAt = addressOf(nodes, scope);
    mapInBlocks(column, dim, out, scope, (rows, from, to) =>
      expandRows(rows, column.dim, dim, nodes.length / 4, nodesAt, from, to),
    );
  });
}

function expandSparse(
  { length, offsets, indices, values }: SparseVectorColumn,
  size: number,
  degree: number,
): SparseVectorColumn {
  const newOffsets = new Int32Array(length + 1);
  let entries = 0;
  let most = 0;
  for (let row = 0; row < length; row++) {
    let features = 0;
    for (let e = offsets[row]!; e < offsets[row + 1]!; e++) if (values[e] !== 0) features++;
    most = Math.max(most, features);
    entries += monomialCount(features, degree);
    newOffsets[row + 1] = entries;
  }
  requireEntries(WHO, entries);
  const out = { indices: new Int32Array(entries), values: new Float64Array(entries) };
  const [features, factors] = [new Int32Array(most), new Float64Array(most)];
  for (let row = 0; row < length; row++) {
    let count = 0;
    for (let e = offsets[row]!; e < offsets[row + 1]!; e++) {
      if (values[e] === 0) continue;
      features[count] = indices[e]!;
      factors[count++] = values[e]!;
    }
    writeMonomials(count, features, factors, degree, out, newOffsets[row]!);
  }
  return new SparseVectorColumn(size, newOffsets, out.indices, out.values);
}
