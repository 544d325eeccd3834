/** New columns whose rows all have one width: workers write them in place, into shared memory. */

import { float32, float64, int32, int64 } from '../table/buffers.js';
import type { Column } from '../table/column.js';
import { columnFromParts, type PartArray } from '../table/parts.js';
import type { TimeUnit } from '../table/timestamp-column.js';

type ArrayName = 'Float64Array' | 'Float32Array' | 'Int32Array' | 'BigInt64Array';
type SharedNumbers = PartArray & { readonly buffer: SharedArrayBuffer };

const ALLOCATE: Readonly<Record<ArrayName, (n: number) => SharedNumbers>> = {
  Float64Array: float64,
  Float32Array: float32,
  Int32Array: int32,
  BigInt64Array: int64,
};
const ARRAYS: Readonly<Record<ArrayName, new (buffer: SharedArrayBuffer) => PartArray>> = {
  Float64Array,
  Float32Array,
  Int32Array,
  BigInt64Array,
};

/** The form of such a column. */
export interface Placement {
  readonly layout: 'numeric' | 'int64' | 'timestamp' | 'dense';
  readonly array: ArrayName;
  /** Values a row. */
  readonly width: number;
  readonly unit: TimeUnit | null;
}

/** The form of a column, or null when its rows have no width or some are null. */
export function placementOf(column: Column): Placement | null {
  switch (column.layout) {
    case 'numeric':
    case 'int64':
    case 'timestamp':
    case 'dense': {
      if (column.nullCount > 0) return null;
      const width = column.layout === 'dense' ? column.dim : 1;
      const unit = column.layout === 'timestamp' ? column.unit : null;
      const array = column.values.constructor.name as Placement['array'];
      return width === 0 ? null : { layout: column.layout, array, width, unit };
    }
    default:
      return null;
  }
}

/** Memory for a column of so many rows. */
export function allocatePlaced({ array, width }: Placement, rows: number): SharedArrayBuffer {
  return ALLOCATE[array](rows * width).buffer;
}

/**
 * Writes the rows of a column from `firstRow` on.
 *
 * @returns Whether that was possible: other rows, of another form, need not let themselves be placed.
 */
export function place(
  column: Column,
  placement: Placement,
  buffer: SharedArrayBuffer,
  firstRow: number,
): boolean {
  const form = placementOf(column);
  const fits =
    form !== null &&
    form.layout === placement.layout &&
    form.array === placement.array &&
    form.width === placement.width &&
    form.unit === placement.unit;
  if (!fits) return false;
  const { values } = column as Extract<Column, { layout: Placement['layout'] }>;
  // Both are of the one class that `form.array` names.
  const all = new ARRAYS[form.array](buffer) as Float64Array;
  all.set(values as Float64Array, firstRow * form.width);
  return true;
}

/** The column of all rows. */
export function placedColumn(
  { layout, array, width, unit }: Placement,
  buffer: SharedArrayBuffer,
  length: number,
): Column {
  const values: PartArray = new ARRAYS[array](buffer);
  return columnFromParts({
    ...{ layout, length, dim: width, arrays: { values } },
    ...(unit !== null && { unit }),
  });
}
