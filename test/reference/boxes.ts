/** Plain references of assembly/boxes.ts. */
import { accumulate, accumulateWeighted, assign } from './distance.js';

const BLOCK = 16;
const SAMPLE = 256;

/** The bin of every row of a column that is cut at the quantiles of a sample. */
function binsOf(keys: Float32Array, bits: number): Int32Array {
  const sample = Float32Array.from({ length: SAMPLE }, (_, i) => {
    return keys[Math.floor((i * keys.length) / SAMPLE)]!;
  }).sort();
  const bins = 2 ** bits;
  const edges = Array.from({ length: bins - 1 }, (_, i) => sample[((i + 1) * SAMPLE) / bins]!);
  return Int32Array.from(keys, (key) => edges.filter((edge) => key >= edge).length);
}

function box(columns: readonly Float32Array[], out: Float32Array, at: number): void {
  for (const [t, column] of columns.entries()) {
    const [low, high] = [Math.min(...column), Math.max(...column)];
    const middle = Math.fround(Math.fround(low * 0.5) + Math.fround(high * 0.5));
    const half = Math.max(Math.fround(high - middle), Math.fround(middle - low));
    out[(at * columns.length + t) * 2] = middle;
    out[(at * columns.length + t) * 2 + 1] = half * Math.fround(1 + 2.5e-7);
  }
}

export function boxPoints(
  n: number,
  d: number,
  points: Float64Array,
  origin: Float64Array,
  order: Int32Array,
  columns: Float32Array,
  boxes: Float32Array,
  groups: Float32Array,
  bits: number,
  ranks: Int32Array,
): number {
  const keys = Array.from({ length: d }, (_, t) => {
    return Float32Array.from({ length: n }, (_, i) => points[i * d + t]! - origin[t]!);
  });
  const bins = keys.map((column) => binsOf(column, bits));
  const rank = (i: number) =>
    ranks[bins.reduce((cell, { [i]: bin }) => cell * 2 ** bits + bin!, 0)]!;
  const sorted = Array.from({ length: n }, (_, i) => i).sort((a, b) => rank(a) - rank(b) || a - b);
  for (let i = 0; i < order.length; i++) order[i] = sorted[Math.min(i, n - 1)]!;
  const lanes = (first: number, last: number) => {
    return keys.map((column) => Float32Array.from(order.subarray(first, last), (i) => column[i]!));
  };
  for (let b = 0; b < order.length / BLOCK; b++) {
    const block = lanes(b * BLOCK, (b + 1) * BLOCK);
    for (const [t, column] of block.entries()) columns.set(column, (b * d + t) * BLOCK);
    box(block, boxes, b);
    if (b % 8 === 0) box(lanes(b * BLOCK, (b + 8) * BLOCK), groups, b / 8);
  }
  let most = 0;
  for (let i = 0; i < n; i++) {
    let square = 0;
    for (let t = 0; t < d; t++) square += (points[i * d + t]! - origin[t]!) ** 2;
    most = Math.max(most, square);
  }
  return most;
}

/** What a round comes to, whatever is left out. */
export function boxRound(
  n: number,
  d: number,
  k: number,
  points: Float64Array,
  weights: Float64Array | null,
  panels: Float64Array,
  bias: Float64Array,
  ...rest: readonly unknown[]
): void {
  const [labels, , sums, counts] = rest.slice(7) as [
    Int32Array,
    unknown,
    Float64Array,
    Float64Array,
  ];
  assign(n, d, k, points, panels, bias, labels, null);
  if (weights === null) accumulate(n, d, points, labels, sums, counts);
  else accumulateWeighted(n, d, points, labels, weights, sums, counts);
}
