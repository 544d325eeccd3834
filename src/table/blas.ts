/** Arithmetic of single vectors, dense or sparse. Stages work on whole columns, by kernels. */
import { DimensionMismatchError, InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { type DenseVector, SparseVector, type Vector } from './vector.js';

/**
 * Level 1 of BLAS, for code of your own between stages: for one vector, in plain JavaScript.
 *
 * Sizes that differ are `ERR_GYRE_DIMENSION`. Cost: O(size), or O(stored entries) of sparse ones.
 *
 * @see BLAS of Flink ML. `gemv` is not here: no stage has matrices.
 *
 * @example
 * ```ts
 * const x = Vectors.sparse(3, [0, 2], [3, 4]);
 * const y = Vectors.dense(1, 1, 1);
 * BLAS.axpy(2, x, y);
 * console.log(BLAS.norm2(x), BLAS.dot(x, y), String(y)); // 5 57 [7.0, 1.0, 9.0]
 * ```
 */
export const BLAS: {
  /** The sum of |x|. */
  asum(x: Vector): number;
  /** y ← y + a·x, in place. With `k`, of the first k entries alone: the sizes may then differ. */
  axpy(a: number, x: Vector, y: DenseVector, k?: number): void;
  /** Σ x·y. */
  dot(x: Vector, y: Vector): number;
  /** y ← y·x entry by entry, in place. A sparse y keeps its indices; what x lacks becomes 0. */
  hDot(x: Vector, y: Vector): void;
  /** (Σ |x|^p)^(1/p), p >= 1; Infinity: the largest |x|. */
  norm(x: Vector, p: number): number;
  /** √Σ x². */
  norm2(x: Vector): number;
  /** x ← a·x, in place. */
  scal(a: number, x: Vector): void;
} = Object.freeze({
  asum: (x: Vector) => x.values.reduce((sum, value) => sum + Math.abs(value), 0),

  axpy(a: number, x: Vector, y: DenseVector, k?: number) {
    if (k === undefined) checkSizes('BLAS.axpy', x, y);
    else checkCount(k, x, y);
    const end = k ?? x.size;
    const { values } = y;
    for (let at = 0; at < x.values.length; at++) {
      const i = indexAt(x, at);
      if (i >= end) break;
      values[i]! += a * x.values[at]!;
    }
  },

  dot(x: Vector, y: Vector) {
    checkSizes('BLAS.dot', x, y);
    const [few, other] = x instanceof SparseVector ? [x, y] : [y, x];
    let sum = 0;
    for (let at = 0; at < few.values.length; at++) {
      sum += few.values[at]! * other.get(indexAt(few, at));
    }
    return sum;
  },

  hDot(x: Vector, y: Vector) {
    checkSizes('BLAS.hDot', x, y);
    for (let at = 0; at < y.values.length; at++) y.values[at]! *= x.get(indexAt(y, at));
  },

  norm(x: Vector, p: number) {
    if (!(p >= 1)) {
      throw new InvalidParamError(`BLAS.norm: p must be >= 1, got ${showValue(p)}.`, {
        details: { got: p },
      });
    }
    if (p === 1) return BLAS.asum(x);
    if (p === 2) return BLAS.norm2(x);
    if (p === Number.POSITIVE_INFINITY) {
      return x.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    }
    return x.values.reduce((sum, value) => sum + Math.abs(value) ** p, 0) ** (1 / p);
  },

  norm2: (x: Vector) => Math.sqrt(x.values.reduce((sum, value) => sum + value * value, 0)),

  scal(a: number, x: Vector) {
    for (let at = 0; at < x.values.length; at++) x.values[at]! *= a;
  },
});

/** Where in the vector its stored entry `at` is. */
function indexAt(vector: Vector, at: number): number {
  return vector instanceof SparseVector ? vector.indices[at]! : at;
}

/** Throws unless two vectors have one size. */
export function checkSizes(who: string, x: Vector, y: Vector): void {
  if (x.size === y.size) return;
  throw new DimensionMismatchError(
    `${who}: the vectors must have one size, got ${x.size} and ${y.size}.`,
    { details: { who, sizes: [x.size, y.size] } },
  );
}

function checkCount(k: number, x: Vector, y: Vector): void {
  if (Number.isInteger(k) && k >= 0 && k <= Math.min(x.size, y.size)) return;
  throw new DimensionMismatchError(
    `BLAS.axpy: k must be an integer from 0 to the sizes of both, ${x.size} and ${y.size}, got ${showValue(k)}.`,
    { details: { got: k, sizes: [x.size, y.size] } },
  );
}
