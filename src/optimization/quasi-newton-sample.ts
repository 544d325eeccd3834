/** How features go together, by some of the rows. */
import type { KernelScope } from '../algorithm/training.js';
import type { Shard } from '../engine/shard.js';
import { withScratch, zeros } from '../stage/kernel-data.js';
import type { LossRows } from './loss.js';
import type { MomentsParams } from './quasi-newton-moments.js';

/** Sums over the sampled rows, each times the row's weight; x is less the shift of the moments. */
export interface SampleProducts {
  weight: number;
  /** Σ w·x. */
  readonly sums: Float64Array;
  /** Σ w·x·xᵀ, dim × dim. */
  readonly products: Float64Array;
}

/** More features than this are not looked at together. */
const MOST_FEATURES = 256;
/** Rows sampled for each feature: products are then those of all rows within a fifth or so. */
const ROWS_PER_FEATURE = 100;
/** Rows that are gathered at a time. */
const BLOCK_ROWS = 64;

/** Every how many rows one is sampled; 0: none, since there are too many features. */
export function sampleEvery(rows: number, dim: number): number {
  return dim > MOST_FEATURES ? 0 : Math.max(1, Math.floor(rows / (ROWS_PER_FEATURE * dim)));
}

/** Of the rows of a shard whose place in the table is a multiple of `sampleEvery`. */
export function sampleProducts(
  shard: Shard,
  rows: LossRows,
  { shift, sampleEvery: every, loss: { dim } }: MomentsParams,
  scope: KernelScope,
): SampleProducts | null {
  if (every === 0) return null;
  const { arena, kernels } = scope;
  const padded = dim + (dim % 2);
  const sums = new Float64Array(dim);
  let weight = 0;
  return withScratch(scope, () => {
    const out = zeros(scope, padded * padded);
    const block = zeros(scope, BLOCK_ROWS * padded);
    const scaled = zeros(scope, BLOCK_ROWS * padded);
    const [x, wx] = [block, scaled].map((at) => arena.f64(at, BLOCK_ROWS * padded));
    const row = new Float64Array(dim);
    let gathered = 0;
    const flush = () => {
      kernels.exports.crossProducts(gathered, padded, padded, block, scaled, out);
      gathered = 0;
    };
    const first = (every - (shard.rowStart % every)) % every;
    for (let r = first; r < rows.rows; r += every) {
      const w = rows.weights === null ? 1 : rows.weights[r]!;
      readRow(rows.features, r, row);
      weight += w;
      for (let t = 0; t < dim; t++) {
        const by = row[t]! - shift[t]!;
        x![gathered * padded + t] = by;
        wx![gathered * padded + t] = w * by;
        sums[t]! += w * by;
      }
      if (++gathered === BLOCK_ROWS) flush();
    }
    flush();
    const products = new Float64Array(dim * dim);
    const all = arena.f64(out, padded * padded);
    for (let t = 0; t < dim; t++) {
      products.set(all.subarray(t * padded, t * padded + dim), t * dim);
    }
    return { weight, sums, products };
  });
}

function readRow(features: LossRows['features'], row: number, into: Float64Array): void {
  if (features.layout === 'dense') {
    const { values, dim } = features;
    for (let t = 0; t < dim; t++) into[t] = values[row * dim + t]!;
    return;
  }
  const { offsets, indices, values } = features;
  into.fill(0);
  for (let e = offsets[row]!; e < offsets[row + 1]!; e++) into[indices[e]!] = values[e]!;
}

/** Adds `b` to `a`, which is changed. */
export function addProducts(a: SampleProducts, b: SampleProducts): void {
  a.weight += b.weight;
  for (let t = 0; t < a.sums.length; t++) a.sums[t]! += b.sums[t]!;
  for (let i = 0; i < a.products.length; i++) a.products[i]! += b.products[i]!;
}
