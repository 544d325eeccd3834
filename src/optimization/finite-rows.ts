/** Features that are numbers. */
import type { KernelScope } from '../algorithm/training.js';
import { DataError } from '../core/errors.js';
import type { Shard } from '../engine/shard.js';
import { addressOf, withScratch } from '../stage/kernel-data.js';

/**
 * Throws {@link DataError} when the rows `[start, end)` of a shard's vectors, dense or sparse, have
 * NaN or an infinity, naming where.
 */
export function requireFiniteRows(
  who: string,
  shard: Shard,
  name: string,
  start: number,
  end: number,
  scope: KernelScope,
): void {
  const column = shard.table.column(name, 'vector', 'sparseVector');
  const isDense = column.layout === 'dense';
  const first = isDense ? start * column.dim : column.offsets[start]!;
  const last = isDense ? end * column.dim : column.offsets[end]!;
  const values = column.values.subarray(first, last);
  const { allFinite, allFiniteF32 } = scope.kernels.exports;
  const check = values instanceof Float64Array ? allFinite : allFiniteF32;
  const at = withScratch(scope, () => check(values.length, addressOf(values, scope)));
  if (at < 0) return;
  const entry = first + at;
  const row = isDense
    ? Math.floor(entry / column.dim)
    : column.offsets.findIndex((offset) => offset > entry) - 1;
  const index = isDense ? entry % column.dim : column.indices[entry]!;
  throw new DataError(
    `${who}: column "${name}" must be finite, got ${values[at]} in row ${shard.rowStart + row}, ` +
      `entry ${index}.`,
    { details: { who, column: name, row: shard.rowStart + row, entry: index, got: values[at] } },
  );
}
