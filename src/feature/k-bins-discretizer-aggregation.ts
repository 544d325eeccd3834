/** Every entry of a column of vectors, sorted, as k-means in one dimension takes it. */
import type { Aggregation } from '../algorithm/training.js';
import { withScratch } from '../stage/kernel-data.js';
import { runsOf } from './quantile-columns.js';

/** The aggregation that `KBinsDiscretizer.fit` runs on the workers. NaN is left out. */
export function sortedEntries(): Aggregation<Float64Array[], Float64Array[]> {
  return {
    partial: ({ table }, scope) =>
      withScratch(scope, () => {
        const { arena, kernels } = scope;
        return runsOf(table, Number.NaN, scope).map(({ address, length }) =>
          withScratch(scope, () => {
            const out = arena.scratch(length * 8);
            const { NEGATIVE_INFINITY: low, POSITIVE_INFINITY: high } = Number;
            const n = kernels.exports.selectBetween(length, address, low, high, out);
            return arena.f64(out, n).slice().sort();
          }),
        );
      }),

    combine: (a, b) => a.map((values, t) => merged(values, b[t]!)),

    result: (total) => total,
  };
}

function merged(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(a.length + b.length);
  let j = 0;
  for (let i = 0; i < a.length; i++) {
    while (j < b.length && b[j]! < a[i]!) {
      out[i + j] = b[j]!;
      j++;
    }
    out[i + j] = a[i]!;
  }
  out.set(b.subarray(j), a.length + j);
  return out;
}
