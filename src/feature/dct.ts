/** DCT: the discrete cosine transform of vectors. */
import { boolean, type ParamOptions, type ParamTable, string } from '../core/params.js';
import { denseColumn, vectorColumn } from '../stage/features.js';
import { withScratch } from '../stage/kernel-data.js';
import { loadAs } from '../stage/load.js';
import type { Table } from '../table/table.js';
import { type CosineTransform, cosineTransform } from './cosine-transform.js';
import { mapInBlocks } from './dense-blocks.js';
import { type DenseRows, VectorTransformer } from './vector-transformer.js';

const WHO = 'DCT.transform';

/** Params of {@link DCT}. */
export interface DCTParams {
  /** Column of vectors, dense or sparse. **Default:** `'input'`. */
  readonly inputCol: string;
  /** Column for the transformed vectors. **Default:** `'output'`. */
  readonly outputCol: string;
  /** Whether the inverse transform, the DCT-III, is made. **Default:** false. */
  readonly inverse: boolean;
}

const dctParams: ParamTable<DCTParams> = {
  inputCol: string('input'),
  outputCol: string('output'),
  inverse: boolean(false),
};

/**
 * Takes the discrete cosine transform of every vector: what of it each frequency has.
 *
 * With n entries, forward X[k] = cₖ · Σⱼ x[j] · cos(π(2j + 1)k / 2n) where c₀ = √(1/n) and
 * cₖ = √(2/n), the orthonormal DCT-II; with `inverse` its transpose and inverse, the DCT-III.
 * Nothing is padded: n may be any number, and the output has n entries too, dense vectors of 64-bit
 * floats also of sparse or of 32-bit ones. NaN or an infinity makes its row NaN. Null is an error.
 *
 * Cost: O(n log n) a row by Fourier transforms, for small n by tables of cosines (n²/2
 * multiplications), two rows at a time; tables are made once a size. In shards on the workers,
 * which write the output in place, when the table is large. Rounding errors are some 1e-16 of a
 * vector's length.
 *
 * Unlike in Flink ML vectors without entries are transformed to themselves.
 *
 * @see DCT of Flink ML; Makhoul, A fast cosine transform in one and two dimensions, 1980;
 *   Bluestein, A linear filtering approach to the computation of discrete Fourier transform, 1970.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns({ input: [[1, 1, 1, 1], [1, -1, 1, -1]] }, { input: 'vector' });
 * const waves = await new DCT().transform(table);
 * console.log(waves.column('output', 'vector').get(0).get(0).toFixed(6)); // 2.000000
 * const inverse = new DCT({ inputCol: 'output', outputCol: 'back', inverse: true });
 * const back = (await inverse.transform(waves)).column('back', 'vector');
 * console.log(back.get(1).get(3).toFixed(6)); // -1.000000
 * ```
 */
export class DCT extends VectorTransformer<DCTParams> {
  static readonly className = 'DCT';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<DCTParams> = dctParams;
  #transform: CosineTransform | null = null;

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<DCT> {
    return loadAs(DCT, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<DCTParams>): DCT {
    return new DCT(params);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.inputCol];
  }

  /** @internal */
  override denseRows(table: Table): DenseRows {
    const column = vectorColumn(WHO, table, this.params.inputCol);
    const dim = column.layout === 'dense' ? column.dim : column.size;
    return {
      dim,
      validity: null,
      write: (out, scope) => {
        if (table.numRows === 0 || dim === 0) return;
        withScratch(scope, () => {
          const transform = this.#transformOf(dim).place(scope);
          mapInBlocks(denseColumn(WHO, table, this.params.inputCol), dim, out, scope, transform);
        });
      },
    };
  }

  #transformOf(size: number): CosineTransform {
    if (this.#transform?.size !== size) {
      this.#transform = cosineTransform(size, this.params.inverse);
    }
    return this.#transform;
  }
}
