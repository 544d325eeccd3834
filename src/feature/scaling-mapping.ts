/** Scales vectors, shard by shard: what the models of all scalers run on the workers. */
import type { RowMapping } from '../algorithm/map-rows.js';
import type { KernelScope } from '../algorithm/training.js';
import type { Shard } from '../engine/shard.js';
import { addressOf, toScratch, withScratch } from '../stage/kernel-data.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';

/** What is subtracted from every vector, then what it is multiplied by; null: nothing. */
export interface Scaling {
  readonly shift: Float64Array | null;
  readonly scale: Float64Array | null;
  /** What is added at the end, where something is: with a scale, and without a shift. */
  readonly offset?: Float64Array;
  /** Sparse vectors are made dense even where their zeros stay zeros. */
  readonly dense?: boolean;
}

export interface ScalingMappingParams extends Scaling {
  readonly inputCol: string;
}

/**
 * Values scaled at a time, a mebibyte: still in the cache when they are copied to the output, and
 * long enough a run for memory to stream. With 64 KiB, scaling takes a quarter more time.
 */
const BLOCK_VALUES = 131072;

/** Rows of `inputCol`, dense or sparse, to dense rows of the output `scaled`. */
export function scalingMapping(params: ScalingMappingParams): RowMapping {
  return {
    apply(shard, outputs, scope) {
      const column = shard.table.column(params.inputCol, 'vector', 'sparseVector');
      const out = outputs.scaled as Float64Array;
      if (column.layout === 'dense') scaleDense(column, params, out, scope);
      else scaleToDense(column, params, out);
    },
  };
}

function scaleDense(
  { length, dim, values }: DenseVectorColumn,
  { shift, scale, offset }: Scaling,
  out: Float64Array,
  scope: KernelScope,
): void {
  withScratch(scope, () => {
    const { arena, kernels } = scope;
    const shiftAt = shift === null ? 0 : toScratch(scope, shift);
    const scaleAt = scale === null ? 0 : toScratch(scope, scale);
    const offsetAt = offset === undefined ? 0 : toScratch(scope, offset);
    const { affineRows, scaleRows } = kernels.exports;
    const blockRows = Math.max(1, Math.floor(BLOCK_VALUES / Math.max(1, dim)));
    const block = arena.scratch(Math.min(blockRows, length) * dim * 8);
    const points = addressOf(values, scope);
    for (let row = 0; row < length; row += blockRows) {
      const rows = Math.min(blockRows, length - row);
      const from = points + row * dim * 8;
      if (offsetAt === 0) scaleRows(rows, dim, from, shiftAt, scaleAt, block);
      else affineRows(rows, dim, from, scaleAt, offsetAt, block);
      out.set(arena.f64(block, rows * dim), row * dim);
    }
  });
}

/** As {@link scaleDense} of the same vectors, to the bit: entries that are not stored are zeros. */
function scaleToDense(
  { length, size, offsets, indices, values }: SparseVectorColumn,
  { shift, scale, offset }: Scaling,
  out: Float64Array,
): void {
  const scaled = (value: number, t: number) => {
    const product = (value - (shift?.[t] ?? 0)) * (scale?.[t] ?? 1);
    return offset === undefined ? product : product + offset[t]!;
  };
  const ofZeros = Float64Array.from({ length: size }, (_, t) => scaled(0, t));
  for (let row = 0; row < length; row++) {
    const start = row * size;
    out.set(ofZeros, start);
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      const t = indices[at]!;
      out[start + t] = scaled(values[at]!, t);
    }
  }
}

export interface SparseEntriesParams {
  readonly scale: Float64Array;
}

/** Rows are stored entries, columns `index` and `value`; the output `scaled` is their values. */
export function sparseEntriesMapping({ scale }: SparseEntriesParams): RowMapping {
  return {
    apply({ table }: Shard, outputs, scope) {
      const indices = table.column('index', 'int32').values;
      const values = table.column('value', 'float64').values;
      withScratch(scope, () => {
        const { arena, kernels } = scope;
        const scaleAt = toScratch(scope, scale);
        const block = arena.scratch(Math.min(BLOCK_VALUES, values.length) * 8);
        const [indicesAt, valuesAt] = [addressOf(indices, scope), addressOf(values, scope)];
        for (let at = 0; at < values.length; at += BLOCK_VALUES) {
          const entries = Math.min(BLOCK_VALUES, values.length - at);
          const [first, value] = [indicesAt + at * 4, valuesAt + at * 8];
          kernels.exports.scaleSparse(entries, first, value, scaleAt, block);
          outputs.scaled!.set(arena.f64(block, entries), at);
        }
      });
    },
  };
}
