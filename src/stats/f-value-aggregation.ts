/** Joint moments of every feature and the label: what the F-test of a regression is made of. */
import type { Aggregation } from '../algorithm/training.js';
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { aboutMean } from './about-mean.js';

/** Moments of one or more variables: means are shift + offset, squares are Σ(x - mean)². */
interface Moments {
  readonly shift: Float64Array;
  readonly offset: Float64Array;
  readonly squares: Float64Array;
}

/** Of some rows. */
export interface JointMoments {
  readonly rows: number;
  /** Of the label. */
  readonly y: Moments;
  /** Of the features, one entry each. */
  readonly x: Moments;
  /** Σ(x - mean of x)(y - mean of y) of each feature. */
  readonly products: Float64Array;
}

/** What the aggregation gives. */
export interface FValueTotals {
  readonly rows: number;
  /** One a feature; NaN for a constant, or where a value is not finite. */
  readonly fValues: Float64Array;
}

/** The aggregation of columns `features` and `label` that {@link FValueTest} runs on the workers. */
export function fValueAggregation(): Aggregation<JointMoments, FValueTotals> {
  return {
    partial({ table }) {
      const features = table.column('features', 'vector', 'sparseVector');
      const { y, distances } = labelMoments(table.column('label', 'float64').values);
      return features.layout === 'dense'
        ? denseMoments(features, y, distances)
        : sparseMoments(features, y, distances);
    },
    combine: combineMoments,
    result({ rows, y, x, products }) {
      const fValues = products.map((product, t) => {
        if (!Number.isFinite(x.squares[t]! + y.squares[0]!)) return Number.NaN;
        // r² of two variables that are multiples of each other is 1; rounding takes it no further.
        const r2 = Math.min(1, (product / x.squares[t]!) * (product / y.squares[0]!));
        return (r2 / (1 - r2)) * (rows - 2);
      });
      return { rows, fValues };
    },
  };
}

/** Moments of the label, and the distance of each label from their mean. */
function labelMoments(labels: Float64Array): { y: Moments; distances: Float64Array } {
  const n = labels.length;
  const shift = labels[0]!;
  let sum = 0;
  for (const label of labels) sum += label - shift;
  const offset = sum / n;
  const distances = labels.map((label) => label - shift - offset);
  let squares = 0;
  for (const distance of distances) squares += distance * distance;
  return { y: { shift: of(shift), offset: of(offset), squares: of(squares) }, distances };
}

function of(value: number): Float64Array {
  return Float64Array.of(value);
}

function denseMoments(
  { values, dim, length: rows }: DenseVectorColumn,
  y: Moments,
  distances: Float64Array,
): JointMoments {
  const shift = Float64Array.from(values.subarray(0, dim));
  const sums = new Float64Array(dim);
  const squares = new Float64Array(dim);
  const products = new Float64Array(dim);
  for (let row = 0; row < rows; row++) {
    const distance = distances[row]!;
    for (let t = 0; t < dim; t++) {
      const d = values[row * dim + t]! - shift[t]!;
      sums[t]! += d;
      squares[t]! += d * d;
      products[t]! += d * distance;
    }
  }
  for (let t = 0; t < dim; t++) squares[t] = aboutMean(squares[t]!, sums[t]!, rows);
  return { rows, y, x: { shift, offset: sums.map((sum) => sum / rows), squares }, products };
}

/** Entries that are not stored are zeros: they are counted, not visited. */
function sparseMoments(
  { offsets, indices, values, size }: SparseVectorColumn,
  y: Moments,
  distances: Float64Array,
): JointMoments {
  const rows = distances.length;
  const stored = new Float64Array(size);
  const shift = new Float64Array(size);
  const offset = new Float64Array(size);
  const squares = new Float64Array(size);
  const products = new Float64Array(size);
  const storedDistances = new Float64Array(size);
  for (let row = 0; row < rows; row++) {
    const distance = distances[row]!;
    for (let e = offsets[row]!; e < offsets[row + 1]!; e++) {
      const t = indices[e]!;
      if (stored[t]!++ === 0) shift[t] = values[e]!;
      const d = values[e]! - shift[t]!;
      offset[t]! += d;
      squares[t]! += d * d;
      products[t]! += d * distance;
      storedDistances[t]! += distance;
    }
  }
  for (let t = 0; t < size; t++) {
    const count = stored[t]!;
    if (count === 0) continue;
    squares[t] = aboutMean(squares[t]!, offset[t]!, count);
    offset[t]! /= count;
    // Over all rows the distances of the label add up to zero.
    if (count === rows) continue;
    const mean = shift[t]! + offset[t]!;
    products[t]! += shift[t]! * storedDistances[t]!;
    squares[t]! += mean * mean * (count / rows) * (rows - count);
    shift[t] = 0;
    offset[t] = mean * (count / rows);
  }
  return { rows, y, x: { shift, offset, squares }, products };
}

/** Chan, Golub and LeVeque 1983, equation 1.5, and the same for products. */
function combineMoments(a: JointMoments, b: JointMoments): JointMoments {
  const rows = a.rows + b.rows;
  const share = b.rows / rows;
  const delta = ({ shift, offset }: Moments, other: Moments, t: number) =>
    other.shift[t]! - shift[t]! + (other.offset[t]! - offset[t]!);
  const deltaY = delta(a.y, b.y, 0);
  for (let t = 0; t < a.products.length; t++) {
    a.products[t]! += b.products[t]! + delta(a.x, b.x, t) * deltaY * a.rows * share;
  }
  for (const [own, other] of [
    [a.x, b.x],
    [a.y, b.y],
  ] as const) {
    for (let t = 0; t < own.shift.length; t++) {
      const d = delta(own, other, t);
      own.squares[t]! += other.squares[t]! + d * d * a.rows * share;
      own.offset[t]! += d * share;
    }
  }
  return { rows, y: a.y, x: a.x, products: a.products };
}
