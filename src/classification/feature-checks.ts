/** Checks of features by their values, which name the first row that is refused. */
import type { KernelScope } from '../algorithm/training.js';
import { DataError } from '../core/errors.js';
import type { Shard } from '../engine/shard.js';
import { addressOf, withScratch } from '../stage/kernel-data.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';

type Features = DenseVectorColumn | SparseVectorColumn;
type RowStart = Pick<Shard, 'rowStart'>;

/** Throws {@link DataError} when a value is NaN or infinite. Values are 64-bit floats. */
export function requireFiniteEntries(
  who: string,
  rows: RowStart,
  name: string,
  features: Features,
  scope: KernelScope,
): void {
  const { values, start } = storedValues(features);
  const at = withScratch(scope, () =>
    scope.kernels.exports.allFinite(values.length, addressOf(values, scope)),
  );
  if (at >= 0) throw refused(who, rows, name, features, start + at, 'finite');
}

/** Throws {@link DataError} when a value is NaN, infinite, or below 0. */
export function requireCounts(who: string, rows: RowStart, name: string, features: Features): void {
  const { values, start } = storedValues(features);
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (value >= 0 && value < Number.POSITIVE_INFINITY) continue;
    const expected = Number.isFinite(value) ? '>= 0, as counts are' : 'finite';
    throw refused(who, rows, name, features, start + at, expected);
  }
}

function storedValues(features: Features): { values: Float64Array; start: number } {
  const values = features.values as Float64Array;
  if (features.layout === 'dense') return { values, start: 0 };
  const [start, end] = [features.offsets[0]!, features.offsets[features.length]!];
  return { values: values.subarray(start, end), start };
}

function refused(
  who: string,
  { rowStart }: RowStart,
  name: string,
  features: Features,
  at: number,
  expected: string,
): DataError {
  const { row, entry } = placeOf(features, at);
  const got = features.values[at];
  return new DataError(
    `${who}: column "${name}" must be ${expected}, got ${got} in row ${rowStart + row}, entry ${entry}.`,
    { details: { who, column: name, row: rowStart + row, entry, got } },
  );
}

function placeOf(features: Features, at: number): { row: number; entry: number } {
  if (features.layout === 'dense') {
    return { row: Math.floor(at / features.dim), entry: at % features.dim };
  }
  let row = 0;
  while (features.offsets[row + 1]! <= at) row++;
  return { row, entry: features.indices[at]! };
}
