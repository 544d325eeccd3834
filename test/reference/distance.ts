/** Plain references of assembly/distance.ts, with its order of additions. */
import { dot } from './blas1.js';

/** How one column adds to a score: the inner product, or minus the manhattan distance. */
type Step = (score: number, x: number, c: number) => number;

const inner: Step = (score, x, c) => score + x * c;
const manhattan: Step = (score, x, c) => score - Math.abs(x - c);

function best(
  step: Step,
  d: number,
  k: number,
  x: Float64Array,
  panels: Float64Array,
  bias: Float64Array,
): { label: number; score: number } {
  let label = 0;
  let score = -Infinity;
  for (let j = 0; j < k; j++) {
    const column = (j >> 2) * d * 4 + (j & 3);
    let s = bias[j]!;
    for (let t = 0; t < d; t++) s = step(s, x[t]!, panels[column + 4 * t]!);
    if (s > score) {
      label = j;
      score = s;
    }
  }
  return { label, score };
}

function assignBy(step: Step) {
  return (
    n: number,
    d: number,
    k: number,
    points: Float64Array,
    panels: Float64Array,
    bias: Float64Array,
    labels: Int32Array,
    scores: Float64Array | null,
  ): void => {
    for (let i = 0; i < n; i++) {
      const { label, score } = best(step, d, k, points.subarray(i * d), panels, bias);
      labels[i] = label;
      if (scores) scores[i] = score;
    }
  };
}

function assignAccumulateBy(step: Step) {
  return (
    n: number,
    d: number,
    k: number,
    points: Float64Array,
    panels: Float64Array,
    bias: Float64Array,
    labels: Int32Array,
    sums: Float64Array,
    counts: Float64Array,
  ): number => {
    const scores = new Float64Array(n);
    assignBy(step)(n, d, k, points, panels, bias, labels, scores);
    accumulate(n, d, points, labels, sums, counts);
    return scores.reduce((total, score) => total + score, 0);
  };
}

type Assign = ReturnType<typeof assignBy>;
type AssignAccumulate = ReturnType<typeof assignAccumulateBy>;

export const assign: Assign = assignBy(inner);
export const assignManhattan: Assign = assignBy(manhattan);
export const assignAccumulate: AssignAccumulate = assignAccumulateBy(inner);
export const assignManhattanAccumulate: AssignAccumulate = assignAccumulateBy(manhattan);

export function accumulate(
  n: number,
  d: number,
  points: Float64Array,
  labels: Int32Array,
  sums: Float64Array,
  counts: Float64Array,
): void {
  for (let i = 0; i < n; i++) {
    const label = labels[i]!;
    counts[label]! += 1;
    for (let t = 0; t < d; t++) sums[label * d + t]! += points[i * d + t]!;
  }
}

function pack(scaleAndBias: (row: Float64Array) => readonly [number, number]) {
  return (
    k: number,
    d: number,
    centroids: Float64Array,
    panels: Float64Array,
    bias: Float64Array,
  ): void => {
    for (let j = 0; j < Math.ceil(k / 4) * 4; j++) {
      const row = centroids.subarray(j * d, (j + 1) * d);
      const [scale, b] = j < k ? scaleAndBias(row) : [1, -Infinity];
      bias[j] = b;
      const column = (j >> 2) * d * 4 + (j & 3);
      for (let t = 0; t < d; t++) panels[column + 4 * t] = j < k ? row[t]! * scale : 0;
    }
  };
}

type Pack = ReturnType<typeof pack>;

const squares = (row: Float64Array): number => row.reduce((total, v) => total + v * v, 0);

export const packCentroids: Pack = pack((row) => [1, -0.5 * squares(row)]);
export const packManhattan: Pack = pack(() => [1, 0]);
export const packCosine: Pack = pack((row) => {
  const norm = Math.sqrt(squares(row));
  return [norm === 0 ? 1 : 1 / norm, 0];
});

export function squaredNorms(n: number, d: number, x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < n; i++) {
    const row = x.subarray(i * d, (i + 1) * d);
    out[i] = dot(d, row, row);
  }
}

export function accumulateWeighted(
  n: number,
  d: number,
  points: Float64Array,
  labels: Int32Array,
  weights: Float64Array,
  sums: Float64Array,
  counts: Float64Array,
): void {
  for (let i = 0; i < n; i++) {
    const label = labels[i]!;
    counts[label]! += weights[i]!;
    for (let t = 0; t < d; t++) sums[label * d + t]! += weights[i]! * points[i * d + t]!;
  }
}
