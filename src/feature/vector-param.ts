/** A param that is a vector. */
import type { Param } from '../core/params.js';
import { DenseVector, SparseVector, type Vector, Vectors } from '../table/vector.js';

/** What a vector is written as in JSON, and what a structured clone makes of one. */
interface PlainVector {
  readonly size?: unknown;
  readonly indices?: unknown;
  readonly values?: unknown;
}

const isNumbers = (value: unknown): value is ArrayLike<number> =>
  (Array.isArray(value) || value instanceof Float64Array || value instanceof Int32Array) &&
  Array.prototype.every.call(value, (x) => typeof x === 'number');

/** A vector, dense or sparse; a list of numbers is a dense one. Required. */
export function vectorParam(): Param<Vector> {
  return {
    expected: 'a vector',
    default: undefined as unknown as Vector,
    read: vectorOf,
    accepts: (v) => v instanceof DenseVector || v instanceof SparseVector,
    invalid: [null, 1, 'a', {}, ['1'], [null], { size: 2, indices: [2], values: [1] }],
  };
}

function vectorOf(given: unknown): unknown {
  if (isNumbers(given)) return Vectors.dense(given);
  if (given === null || typeof given !== 'object') return given;
  if (given instanceof DenseVector || given instanceof SparseVector) return given;
  const { size, indices, values } = given as PlainVector;
  if (!isNumbers(values)) return given;
  if (size === undefined && indices === undefined) return Vectors.dense(values);
  if (typeof size !== 'number' || !isNumbers(indices)) return given;
  try {
    return Vectors.sparse(size, indices, values);
  } catch {
    // Not a vector: what is wrong with it is said by who checks the param.
    return given;
  }
}
