/** Vectors scaled entry by entry: (x - shift) · scale, which all scalers are. */
import { mapFewRows, mapRows, type RowOutput } from '../algorithm/map-rows.js';
import type { RunOptions } from '../algorithm/run.js';
import type { KernelScope } from '../algorithm/training.js';
import { Column } from '../table/column.js';
import { DenseVectorColumn } from '../table/dense-vector-column.js';
import { columnToParts } from '../table/parts.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { Table } from '../table/table.js';
import { type Scaling, scalingMapping, sparseEntriesMapping } from './scaling-mapping.js';

type VectorColumn = DenseVectorColumn | SparseVectorColumn;

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
 *   offsets and indices unless they are a slice, when nothing is subtracted.
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

/** What is to be done; null: nothing, the output is the input. */
function planOf(column: VectorColumn, scaling: Scaling): Plan | null {
  const { shift, scale } = scaling;
  if (column.layout === 'sparse' && shift === null) {
    return scale === null ? null : sparsePlan(column, scale);
  }
  if (shift === null && scale === null) return null;
  const width = column.layout === 'sparse' ? column.size : column.dim;
  const { length } = column;
  return {
    name: 'scalingMapping',
    params: { inputCol: 'input', ...scaling },
    table: Table.fromColumns({ input: column }),
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
