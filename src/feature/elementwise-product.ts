/** ElementwiseProduct: vectors times one vector, entry by entry. */
import { DimensionMismatchError } from '../core/errors.js';
import { type ParamOptions, type ParamTable, string } from '../core/params.js';
import { type EntriesColumn, entriesOfRow } from '../stage/features.js';
import { addressOf, withScratch } from '../stage/kernel-data.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns, RowScope } from '../stage/new-columns.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import { columnToParts } from '../table/parts.js';
import { requireColumn } from '../table/require-column.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';
import type { Table } from '../table/table.js';
import { DenseVector, type SparseVector, type Vector } from '../table/vector.js';
import { mapInBlocks } from './dense-blocks.js';
import { vectorParam } from './vector-param.js';
import { type DenseRows, VectorTransformer } from './vector-transformer.js';

const WHO = 'ElementwiseProduct.transform';

/** Params of {@link ElementwiseProduct}. */
export interface ElementwiseProductParams {
  /** Column of vectors, dense or sparse. **Default:** `'input'`. */
  readonly inputCol: string;
  /** Column for the products. **Default:** `'output'`. */
  readonly outputCol: string;
  /**
   * What every vector is multiplied by: a vector of their size, or a list of its entries. It reads
   * back as a vector. Required.
   */
  readonly scalingVec: Vector;
}

const elementwiseProductParams: ParamTable<ElementwiseProductParams> = {
  inputCol: string('input'),
  outputCol: string('output'),
  scalingVec: vectorParam(),
};

/**
 * Multiplies every vector with one vector, entry by entry: y[j] = x[j] · v[j].
 *
 * Dense vectors give dense ones of 64-bit floats, sparse ones give sparse ones with the same stored
 * entries. What a sparse `scalingVec` does not store gives 0, also of NaN and infinities, and in a
 * sparse vector a stored 0. Null gives null.
 *
 * Cost: O(stored entries); in shards on the workers when the table is large, where dense vectors
 * are written in place.
 *
 * @throws DimensionMismatchError `ERR_GYRE_DIMENSION` for vectors of another size than scalingVec.
 * @see ElementwiseProduct of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromRows([{ input: Vectors.dense(1, 2, 3) }, { input: null }]);
 * const product = new ElementwiseProduct({ scalingVec: Vectors.dense(2, 0, -1) });
 * const output = (await product.transform(table)).column('output');
 * console.log(String(output.get(0)), output.get(1)); // [2.0, 0.0, -3.0] null
 * ```
 */
export class ElementwiseProduct extends VectorTransformer<ElementwiseProductParams> {
  static readonly className = 'ElementwiseProduct';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<ElementwiseProductParams> = elementwiseProductParams;
  #factors: ReadonlyMap<number, number> | null = null;

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<ElementwiseProduct> {
    return loadAs(ElementwiseProduct, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<ElementwiseProductParams>): ElementwiseProduct {
    return new ElementwiseProduct(params);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.inputCol];
  }

  /** @internal */
  override denseRows(table: Table): DenseRows | null {
    const column = this.#input(table);
    if (column.layout === 'sparse') return null;
    const { scalingVec } = this.params;
    const { dim, validity } = column;
    return {
      dim,
      validity,
      write: (out, scope) => {
        if (column.nullCount === column.length) return;
        if (scalingVec instanceof DenseVector) scaleDense(column, scalingVec, out, scope);
        else scaleStored(column, scalingVec, out);
      },
    };
  }

  protected override otherRows(table: Table): NewColumns {
    const column = this.#input(table) as SparseVectorColumn;
    const { offsets, indices, values } = columnToParts(column).arrays as {
      readonly offsets: Int32Array;
      readonly indices: Int32Array;
      readonly values: Float64Array;
    };
    const products = this.#products(indices, values);
    const { size, validity } = column;
    return {
      columns: {
        [this.params.outputCol]: new SparseVectorColumn(size, offsets, indices, products, validity),
      },
    };
  }

  #products(indices: Int32Array, values: Float64Array): Float64Array {
    const { scalingVec } = this.params;
    if (scalingVec instanceof DenseVector) {
      return values.map((value, e) => value * scalingVec.values[indices[e]!]!);
    }
    this.#factors ??= new Map(
      Array.from(scalingVec.indices, (index, e) => [index, scalingVec.values[e]!]),
    );
    const factors = this.#factors;
    return values.map((value, e) => {
      const factor = factors.get(indices[e]!);
      return factor === undefined ? 0 : value * factor;
    });
  }

  #input(table: Table): DenseVectorColumn | SparseVectorColumn {
    const { inputCol, scalingVec } = this.params;
    const column = requireColumn(WHO, table, inputCol, ['vector', 'sparseVector']);
    if (column.nullCount < column.length) requireSize(column, inputCol, scalingVec.size);
    return column;
  }
}

function requireSize(column: EntriesColumn, name: string, expected: number): void {
  const got = entriesOfRow(column);
  if (got === expected) return;
  throw new DimensionMismatchError(
    `${WHO}: column "${name}" must have vectors of size ${expected}, got ${got}.`,
    { details: { who: WHO, column: name, expected, got } },
  );
}

function scaleDense(
  column: DenseVectorColumn,
  { values }: DenseVector,
  out: Float64Array,
  scope: RowScope,
): void {
  withScratch(scope, () => {
    const { scaleRows } = scope.kernels.exports;
    const scale = addressOf(values, scope);
    const { dim } = column;
    mapInBlocks(column, dim, out, scope, (rows, from, to) =>
      scaleRows(rows, dim, from, 0, scale, to),
    );
  });
}

function scaleStored(
  { values, dim, length }: DenseVectorColumn,
  factors: SparseVector,
  out: Float64Array,
): void {
  for (let row = 0; row < length; row++) {
    for (let e = 0; e < factors.indices.length; e++) {
      const at = row * dim + factors.indices[e]!;
      out[at] = values[at]! * factors.values[e]!;
    }
  }
}
