/** Vectors scaled entry by entry: (x - shift) · scale + offset, which all scalers are. */
import { mapFewRows, mapRows, type RowOutput } from '../algorithm/map-rows.js';
import type { RunOptions } from '../algorithm/run.js';
import type { KernelScope } from '../algorithm/training.js';
import { DimensionMismatchError } from '../core/errors.js';
import { denseColumn, vectorColumn } from '../stage/features.js';
import { Column } from '../table/column.js';
import { DenseVectorColumn } from '../table/dense-vector-column.js';
import { columnToParts } from '../table/parts.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { Table } from '../table/table.js';
import { type Scaling, scalingMapping, sparseEntriesMapping } from './scaling-mapping.js';

export type VectorColumn = DenseVectorColumn | SparseVectorColumn;

/** A mapping of numbers, and the column that they make. */
interface Plan {
  readonly name: 'scalingMapping' | 'sparseEntriesMapping';
  readonly params: object;
  readonly table: Table;
  readonly output: RowOutput;
  readonly column: (scaled: Float64Array) => VectorColumn;
}

const FACTORIES = { scalingMapping, sparseEntriesMapping };

/**
 * Scales a column on this thread.
 *
 * @param column Dense vectors of 64-bit floats, or sparse ones: these stay sparse, with their own
 *   offsets and indices unless they are a slice, when nothing is subtracted or added.
 */
export function scaleVectors(
  column: VectorColumn,
  scaling: Scaling,
  scope: KernelScope & { readonly firstRow: number },
): VectorColumn {
  const plan = planOf(column, scaling);
  if (plan === null) return column;
  const { name, params, table, output } = plan;
  const mapping = FACTORIES[name](params as never);
  return plan.column(mapFewRows(mapping, table, { scaled: output }, scope).scaled as Float64Array);
}

/** {@link scaleVectors} on the workers. */
export async function scaleOnWorkers(
  who: string,
  column: VectorColumn,
  scaling: Scaling,
  options: RunOptions,
): Promise<VectorColumn> {
  const plan = planOf(column, scaling);
  if (plan === null) return column;
  const { name, params, table, output } = plan;
  const ref = { module: new URL('./scaling-mapping.js', import.meta.url).href, name, params };
  const work = table.numRows * output.width;
  const { scaled } = await mapRows(who, ref, table, { scaled: output }, work, options);
  return plan.column(scaled as Float64Array);
}

/**
 * The vectors that a model scales: dense ones of 64-bit floats, or sparse ones.
 *
 * @param size The size that the model has learned; a table without rows may have any.
 * @throws SchemaError `ERR_GYRE_SCHEMA`; DataError `ERR_GYRE_DATA` for null;
 *   DimensionMismatchError `ERR_GYRE_DIMENSION` for vectors of another size.
 */
export function vectorsOfSize(who: string, table: Table, name: string, size: number): VectorColumn {
  const column = vectorColumn(who, table, name);
  const got = sizeOf(column);
  if (table.numRows > 0 && got !== size) {
    throw new DimensionMismatchError(
      `${who}: column "${name}" must have vectors of size ${size}, got ${got}.`,
      { details: { who, column: name, expected: size, got } },
    );
  }
  return column.layout === 'dense' ? denseColumn(who, table, name) : column;
}

/** The vectors that an estimator learns from: dense ones of 64-bit floats, or sparse ones. */
export function vectorsToLearn(
  who: string,
  table: Table,
  name: string,
  firstRow = 0,
): VectorColumn {
  const column = vectorColumn(who, table, name, firstRow);
  return column.layout === 'dense' ? denseColumn(who, table, name) : column;
}

/** Entries of each vector. */
export function sizeOf(column: VectorColumn): number {
  return column.layout === 'dense' ? column.dim : column.size;
}

/** Whether zeros stay zeros, so that sparse vectors can stay sparse. */
export function keepsSparse({ shift, offset, dense = false }: Scaling): boolean {
  return shift === null && offset === undefined && !dense;
}

/** What is to be done; null: nothing, the output is the input. */
function planOf(column: VectorColumn, scaling: Scaling): Plan | null {
  const { shift, scale, offset, dense = false } = scaling;
  const toDense = dense && column.layout === 'sparse';
  if (shift === null && scale === null && !toDense) return null;
  if (column.layout === 'sparse' && keepsSparse(scaling)) return sparsePlan(column, scale!);
  const width = column.layout === 'sparse' ? column.size : column.dim;
  const { length } = column;
  return {
    name: 'scalingMapping',
    params: { inputCol: 'input', shift, scale, ...(offset && { offset }) },
    table: Table.over(new Map([['input', column]])),
    output: { type: 'float64', width },
    column: (scaled) => new DenseVectorColumn(scaled, width, length),
  };
}

function sparsePlan(column: SparseVectorColumn, scale: Float64Array): Plan | null {
  const { offsets, indices, values } = columnToParts(column).arrays as {
    readonly offsets: Int32Array;
    readonly indices: Int32Array;
    readonly values: Float64Array;
  };
  if (values.length === 0) return null;
  return {
    name: 'sparseEntriesMapping',
    params: { scale },
    table: Table.fromColumns({ index: Column.numeric(indices), value: Column.numeric(values) }),
    output: { type: 'float64', width: 1 },
    column: (scaled) => new SparseVectorColumn(column.size, offsets, indices, scaled),
  };
}
