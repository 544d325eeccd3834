/** Runs kernels on the rows of a matrix, a block at a time. */
import type { KernelScope } from '../algorithm/training.js';
import type { Address } from '../memory/kernels.js';
import { addressOf, withScratch } from '../stage/kernel-data.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';

/** Values that are made at a time: they are still in the cache when they are copied out. */
const BLOCK_VALUES = 8192;

/**
 * Makes rows of `dim` entries of the rows of a column.
 *
 * @param out Where the rows go, in any memory.
 * @param call Makes `rows` rows of those at `from`, and writes them to `to`, both row-major. It is
 *   called inside of {@link withScratch}.
 */
export function mapInBlocks(
  { values: given, dim: width, length }: DenseVectorColumn,
  dim: number,
  out: Float64Array,
  scope: KernelScope,
  call: (rows: number, from: Address, to: Address) => void,
): void {
  if (length === 0 || dim === 0) return;
  const values = given instanceof Float64Array ? given : Float64Array.from(given);
  withScratch(scope, () => {
    const { arena } = scope;
    // Even, since some kernels take rows in pairs.
    const blockRows = Math.max(2, Math.floor(BLOCK_VALUES / dim / 2) * 2);
    const to = arena.scratch(Math.min(blockRows, length) * dim * 8);
    const from = addressOf(values, scope);
    for (let row = 0; row < length; row += blockRows) {
      const rows = Math.min(blockRows, length - row);
      call(rows, from + row * width * 8, to);
      out.set(arena.f64(to, rows * dim), row * dim);
    }
  });
}
