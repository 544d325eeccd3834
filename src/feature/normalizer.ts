/** Normalizer: vectors divided by their norm. */
import { double, type Param, type ParamOptions, type ParamTable, string } from '../core/params.js';
import { vectorColumn } from '../stage/features.js';
import { addressOf, withScratch } from '../stage/kernel-data.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns, RowScope } from '../stage/new-columns.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import { columnToParts } from '../table/parts.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';
import type { Table } from '../table/table.js';
import { mapInBlocks } from './dense-blocks.js';
import { type DenseRows, VectorTransformer } from './vector-transformer.js';

const WHO = 'Normalizer.transform';

/** Params of {@link Normalizer}. */
export interface NormalizerParams {
  /** Column of vectors, dense or sparse. **Default:** `'input'`. */
  readonly inputCol: string;
  /** Column for the normalized vectors. **Default:** `'output'`. */
  readonly outputCol: string;
  /** Which norm: a number >= 1, or Infinity. **Default:** 2. */
  readonly p: number;
}

const norm: Param<number> = {
  ...double(2, { min: 1 }),
  expected: 'a number >= 1, or Infinity',
  accepts: (v) => typeof v === 'number' && v >= 1,
  invalid: [Number.NaN, Number.NEGATIVE_INFINITY, 0.999, -2, '2', null],
};

const normalizerParams: ParamTable<NormalizerParams> = {
  inputCol: string('input'),
  outputCol: string('output'),
  p: norm,
};

/**
 * Divides every vector by its norm, so that it has length 1: x / ‖x‖ₚ with
 * ‖x‖ₚ = (Σ |x[j]|ᵖ)^(1/p), and the largest |x[j]| for p = Infinity.
 *
 * Dense vectors give dense ones of 64-bit floats, sparse ones give sparse ones with the same stored
 * entries. A vector of zeros stays one. NaN makes its row NaN, an infinity makes itself NaN and the
 * others 0. Null is an error. Norms neither overflow nor vanish: vectors of 1e300 or 1e-300 become
 * vectors of length 1.
 *
 * Unlike in Flink ML vectors of zeros do not become NaN, and entries are divided by the norm, which
 * rounds once, not multiplied by its reciprocal.
 *
 * Cost: O(stored entries), one power an entry for another p than 1, 2 and Infinity; in shards on
 * the workers when the table is large, where dense vectors are written in place.
 *
 * @see Normalizer of Flink ML.
 *
 * @example
 * ```ts
 * const table = Table.fromRows([{ input: Vectors.dense(3, -4) }, { input: Vectors.dense(0, 0) }]);
 * const output = (await new Normalizer().transform(table)).column('output');
 * console.log(output.toArray().join(' ')); // [0.6, -0.8] [0.0, 0.0]
 * ```
 */
export class Normalizer extends VectorTransformer<NormalizerParams> {
  static readonly className = 'Normalizer';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<NormalizerParams> = normalizerParams;

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<Normalizer> {
    return loadAs(Normalizer, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<NormalizerParams>): Normalizer {
    return new Normalizer(params);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.inputCol];
  }

  /** @internal */
  override denseRows(table: Table): DenseRows | null {
    const { inputCol, p } = this.params;
    const column = vectorColumn(WHO, table, inputCol);
    if (column.layout === 'sparse') return null;
    return {
      dim: column.dim,
      validity: null,
      write: (out, scope) => normalizeDense(column, p, out, scope),
    };
  }

  protected override otherRows(table: Table, scope: RowScope): NewColumns {
    const { inputCol, outputCol, p } = this.params;
    const column = table.column(inputCol, 'sparseVector');
    const { offsets, indices, values } = columnToParts(column).arrays as {
      readonly offsets: Int32Array;
      readonly indices: Int32Array;
      readonly values: Float64Array;
    };
    const normalized = hasKernel(p)
      ? normalizeStored(offsets, values, p, scope)
      : new Float64Array(values.length);
    if (!hasKernel(p)) {
      for (let row = 0; row < column.length; row++) {
        normalizeByPowers(values, offsets[row]!, offsets[row + 1]!, p, normalized);
      }
    }
    return {
      columns: { [outputCol]: new SparseVectorColumn(column.size, offsets, indices, normalized) },
    };
  }
}

const hasKernel = (p: number): boolean => p === 1 || p === 2 || p === Number.POSITIVE_INFINITY;

function normalizeDense(
  column: DenseVectorColumn,
  p: number,
  out: Float64Array,
  scope: RowScope,
): void {
  const { dim, values, length } = column;
  if (hasKernel(p)) {
    const { normalizeRows } = scope.kernels.exports;
    mapInBlocks(column, dim, out, scope, (rows, from, to) => normalizeRows(rows, dim, p, from, to));
    return;
  }
  for (let row = 0; row < length; row++) {
    normalizeByPowers(values, row * dim, (row + 1) * dim, p, out);
  }
}

function normalizeStored(
  offsets: Int32Array,
  values: Float64Array,
  p: number,
  scope: RowScope,
): Float64Array {
  return withScratch(scope, () => {
    const { arena, kernels } = scope;
    const to = arena.scratch(values.byteLength);
    const [offsetsAt, valuesAt] = [addressOf(offsets, scope), addressOf(values, scope)];
    kernels.exports.normalizeSparse(offsets.length - 1, offsetsAt, p, valuesAt, to);
    return arena.f64(to, values.length).slice();
  });
}

/** Entries `start` to `end` of `values` over their norm, to the same places of `out`. */
function normalizeByPowers(
  values: Float64Array | Float32Array,
  start: number,
  end: number,
  p: number,
  out: Float64Array,
): void {
  let largest = 0;
  for (let e = start; e < end; e++) largest = Math.max(largest, Math.abs(values[e]!));
  // In units of the largest entry no power overflows, and the sum is at least 1.
  const unit = largest === 0 || largest === Number.POSITIVE_INFINITY ? 1 : largest;
  let sum = 0;
  for (let e = start; e < end; e++) sum += Math.abs(values[e]! / unit) ** p;
  const norm = sum === 0 ? 1 : sum ** (1 / p);
  for (let e = start; e < end; e++) out[e] = values[e]! / unit / norm;
}
