/** Finds the bins of vectors, shard by shard. */
import type { RowMapping } from '../algorithm/map-rows.js';
import { denseColumn } from '../stage/features.js';
import { addressOf, toScratch, withScratch } from '../stage/kernel-data.js';

export interface BinMappingParams {
  readonly inputCol: string;
  readonly inner: InnerEdges;
}

/** The edges between two bins: without the first and the last of each entry. */
export interface InnerEdges {
  /** Edges of entry t are `edges[offsets[t]]` up to `edges[offsets[t + 1]]`. */
  readonly offsets: Int32Array;
  readonly edges: Float64Array;
}

/** Values at a time: they are still in the cache when they are copied to the output. */
const BLOCK_VALUES = 8192;

/** The inner edges of all entries, one after the other. */
export function innerEdges(binEdges: readonly Float64Array[]): InnerEdges {
  const offsets = new Int32Array(binEdges.length + 1);
  binEdges.forEach(({ length }, t) => {
    offsets[t + 1] = offsets[t]! + length - 2;
  });
  const edges = new Float64Array(offsets.at(-1)!);
  binEdges.forEach((all, t) => {
    edges.set(all.subarray(1, -1), offsets[t]);
  });
  return { offsets, edges };
}

/** Rows of `inputCol`, dense or sparse, to the bins of their entries, the output `bins`. */
export function binMapping({ inputCol, inner }: BinMappingParams): RowMapping {
  return {
    apply({ table }, outputs, scope) {
      const { length, dim, values } = denseColumn('KBinsDiscretizerModel', table, inputCol);
      withScratch(scope, () => {
        const { arena, kernels } = scope;
        const offsetsAt = addressOf(inner.offsets, scope);
        const edgesAt = toScratch(scope, inner.edges);
        const from = addressOf(values, scope);
        const blockRows = Math.max(1, Math.floor(BLOCK_VALUES / Math.max(1, dim)));
        const block = arena.scratch(Math.min(blockRows, length) * dim * 8);
        for (let row = 0; row < length; row += blockRows) {
          const rows = Math.min(blockRows, length - row);
          const { countEdges } = kernels.exports;
          countEdges(rows, dim, from + row * dim * 8, offsetsAt, edgesAt, block);
          outputs.bins!.set(arena.f64(block, rows * dim), row * dim);
        }
      });
    },
  };
}
