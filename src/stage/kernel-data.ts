/** Passing arrays to kernels, on whatever thread a shard lives. */
import type { KernelScope } from '../algorithm/training.js';
import { DataError } from '../core/errors.js';
import type { Shard } from '../engine/shard.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';

/**
 * Address of an array for kernels: where it lies, as the arrays of a shard do, or that of a copy in
 * scratch memory, for which the caller is inside {@link withScratch}.
 */
export function addressOf(array: ArrayBufferView, { kernels, arena }: KernelScope): number {
  if (array.buffer === kernels.buffer) return array.byteOffset;
  const { buffer, byteOffset, byteLength } = array;
  const address = arena.scratch(byteLength);
  if (array instanceof Float64Array) {
    arena.heap.set(array, address / 8);
    return address;
  }
  new Uint8Array(kernels.buffer, address, byteLength).set(
    new Uint8Array(buffer, byteOffset, byteLength),
  );
  return address;
}

/** Runs `call` with a piece of scratch memory that is given back after it. */
export function withScratch<T>({ arena }: KernelScope, call: () => T): T {
  const mark = arena.mark();
  try {
    return call();
  } finally {
    arena.release(mark);
  }
}

/** A copy of an array in scratch memory. */
export function toScratch({ arena }: KernelScope, values: Float64Array): number {
  const address = arena.scratch(values.byteLength);
  arena.heap.set(values, address / 8);
  return address;
}

/** Zeros in scratch memory. */
export function zeros({ arena }: KernelScope, n: number): number {
  const address = arena.scratch(n * 8);
  arena.f64(address, n).fill(0);
  return address;
}

/** Throws {@link DataError} when a shard's dense column has NaN or an infinity, naming where. */
export function requireFinite(
  who: string,
  shard: Shard,
  name: string,
  column: DenseVectorColumn,
  scope: KernelScope,
): void {
  const { values, dim } = column;
  const at = withScratch(scope, () =>
    scope.kernels.exports.allFinite(values.length, addressOf(values, scope)),
  );
  if (at < 0) return;
  const row = shard.rowStart + Math.floor(at / dim);
  throw new DataError(
    `${who}: column "${name}" must be finite, got ${values[at]} in row ${row}, entry ${at % dim}.`,
    { details: { who, column: name, row, entry: at % dim, got: values[at] } },
  );
}
