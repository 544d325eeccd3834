/** Moments of every feature of vectors by class. */
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import { aboutMean } from './about-mean.js';
import { type Classes, mergeAscending } from './classes.js';

/**
 * Of some rows. Entry `c * dim + t` of the arrays belongs to class c and feature t; its mean is
 * shift + offset, where the shift is a value that occurs, so that constants have no error at all.
 */
export interface ClassMoments {
  readonly dim: number;
  /** The classes, ascending. */
  readonly labels: Float64Array;
  /** Rows of each class, or the sum of their weights. */
  readonly weights: Float64Array;
  readonly shift: Float64Array;
  readonly offset: Float64Array;
  /** Σ weight · (x - mean)². */
  readonly squares: Float64Array;
}

/** The moments of a column; `rowWeights` null: all rows weigh 1. */
export function classMoments(
  features: DenseVectorColumn | SparseVectorColumn,
  classes: Classes,
  rowWeights: Float64Array | null,
): ClassMoments {
  return features.layout === 'dense'
    ? denseMoments(features, classes, rowWeights)
    : sparseMoments(features, classes, rowWeights);
}

function denseMoments(
  { values, dim }: DenseVectorColumn,
  { labels, codes }: Classes,
  rowWeights: Float64Array | null,
): ClassMoments {
  const seen = new Uint8Array(labels.length);
  const weights = new Float64Array(labels.length);
  const shift = new Float64Array(labels.length * dim);
  const offset = new Float64Array(shift.length);
  const squares = new Float64Array(shift.length);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    const first = code * dim;
    if (seen[code] === 0) shift.set(values.subarray(row * dim, (row + 1) * dim), first);
    seen[code] = 1;
    const weight = rowWeights === null ? 1 : rowWeights[row]!;
    weights[code]! += weight;
    for (let t = 0; t < dim; t++) {
      const d = values[row * dim + t]! - shift[first + t]!;
      offset[first + t]! += weight * d;
      squares[first + t]! += weight * d * d;
    }
  }
  for (let at = 0; at < offset.length; at++) {
    const weight = weights[Math.floor(at / dim)]!;
    if (weight === 0) continue;
    squares[at] = aboutMean(squares[at]!, offset[at]!, weight);
    offset[at]! /= weight;
  }
  return { dim, labels, weights, shift, offset, squares };
}

/** Entries that are not stored are zeros: they are counted, not visited. */
function sparseMoments(
  { offsets, indices, values, size: dim }: SparseVectorColumn,
  { labels, codes }: Classes,
  rowWeights: Float64Array | null,
): ClassMoments {
  const weights = new Float64Array(labels.length);
  const seen = new Uint8Array(labels.length * dim);
  const stored = new Float64Array(seen.length);
  const shift = new Float64Array(seen.length);
  const offset = new Float64Array(seen.length);
  const squares = new Float64Array(seen.length);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    const weight = rowWeights === null ? 1 : rowWeights[row]!;
    weights[code]! += weight;
    for (let e = offsets[row]!; e < offsets[row + 1]!; e++) {
      const at = code * dim + indices[e]!;
      if (seen[at] === 0) shift[at] = values[e]!;
      seen[at] = 1;
      stored[at]! += weight;
      const d = values[e]! - shift[at]!;
      offset[at]! += weight * d;
      squares[at]! += weight * d * d;
    }
  }
  for (let at = 0; at < stored.length; at++) {
    const [inside, all] = [stored[at]!, weights[Math.floor(at / dim)]!];
    if (inside === 0) continue;
    squares[at] = aboutMean(squares[at]!, offset[at]!, inside);
    offset[at]! /= inside;
    if (inside === all) continue;
    const mean = shift[at]! + offset[at]!;
    squares[at]! += mean * mean * (inside / all) * (all - inside);
    shift[at] = 0;
    offset[at] = mean * (inside / all);
  }
  return { dim, labels, weights, shift, offset, squares };
}

/** The moments of the rows of both. */
export function combineClassMoments(a: ClassMoments, b: ClassMoments): ClassMoments {
  const { dim } = a;
  const { union, ofA, ofB } = mergeAscending(a.labels, b.labels);
  const weights = new Float64Array(union.length);
  const shift = new Float64Array(union.length * dim);
  const offset = new Float64Array(shift.length);
  const squares = new Float64Array(shift.length);
  ofA.forEach((to, from) => {
    weights[to] = a.weights[from]!;
    shift.set(rowOf(a.shift, from, dim), to * dim);
    offset.set(rowOf(a.offset, from, dim), to * dim);
    squares.set(rowOf(a.squares, from, dim), to * dim);
  });
  ofB.forEach((to, from) => {
    const before = weights[to]!;
    const added = b.weights[from]!;
    weights[to] = before + added;
    if (added === 0) return;
    if (before === 0) {
      shift.set(rowOf(b.shift, from, dim), to * dim);
      offset.set(rowOf(b.offset, from, dim), to * dim);
      squares.set(rowOf(b.squares, from, dim), to * dim);
      return;
    }
    // Chan, Golub and LeVeque 1983, equation 1.5.
    const share = added / (before + added);
    for (let t = 0; t < dim; t++) {
      const [at, other] = [to * dim + t, from * dim + t];
      const delta = b.shift[other]! - shift[at]! + (b.offset[other]! - offset[at]!);
      squares[at]! += b.squares[other]! + delta * delta * before * share;
      offset[at]! += delta * share;
    }
  });
  return { dim, labels: union, weights, shift, offset, squares };
}

function rowOf(matrix: Float64Array, row: number, dim: number): Float64Array {
  return matrix.subarray(row * dim, (row + 1) * dim);
}
