/** Vectors of doubles as values: what a cell of a vector column is outside its column. */
import { DataError, DimensionMismatchError, InvalidParamError } from '../core/errors.js';
import { showValue } from '../core/params.js';

/** A vector that stores every entry. */
export class DenseVector {
  /** The entries; the array that was given, not a copy. */
  readonly values: Float64Array;

  constructor(values: Float64Array) {
    this.values = values;
  }

  /** The number of entries. */
  get size(): number {
    return this.values.length;
  }

  /**
   * The entry at index `i`.
   *
   * @throws {@link InvalidParamError} `ERR_GYRE_INVALID_PARAM` when there is no such entry.
   */
  get(i: number): number {
    const value = this.values[i];
    if (value !== undefined) return value;
    throw new InvalidParamError(
      `DenseVector.get: the index must be an integer in [0, ${this.size}), got ${showValue(i)}.`,
      { details: { size: this.size, got: i } },
    );
  }

  /** The entries: the live array, not a copy. */
  toArray(): Float64Array {
    return this.values;
  }

  /** This vector itself. */
  toDense(): DenseVector {
    return this;
  }

  /** The entries that are not zero as a sparse vector. Drops `-0` too, keeps NaN. */
  toSparse(): SparseVector {
    const { values } = this;
    const kept: number[] = [];
    for (let i = 0; i < values.length; i++) if (values[i] !== 0) kept.push(i);
    const indices = Int32Array.from(kept);
    return new SparseVector(
      values.length,
      indices,
      Float64Array.from(indices, (i) => values[i]!),
    );
  }

  /** For JSON: a plain array. */
  toJSON(): number[] {
    return [...this.values];
  }

  /** The text form `[1.0, 2.5]`. */
  toString(): string {
    return `[${Array.from(this.values, showDouble).join(', ')}]`;
  }
}

/** A vector that stores the entries named by `indices`; all others are zero. */
export class SparseVector {
  readonly size: number;
  /** Ascending, without duplicates. */
  readonly indices: Int32Array;
  /** The entries at `indices`. Explicit zeros are kept. */
  readonly values: Float64Array;

  /**
   * Takes the arrays as they are when `indices` ascend; otherwise sorts copies of them.
   *
   * @throws {@link DimensionMismatchError} `ERR_GYRE_DIMENSION` for arrays of different lengths.
   * @throws {@link DataError} `ERR_GYRE_DATA` for an index outside `[0, size)` or one given twice.
   */
  constructor(size: number, indices: Int32Array, values: Float64Array) {
    if (!Number.isInteger(size) || size < 0 || size > 0x7fffffff) {
      throw new InvalidParamError(
        `SparseVector: the size must be an integer in [0, 2^31), got ${showValue(size)}.`,
        { details: { got: size } },
      );
    }
    if (indices.length !== values.length) {
      throw new DimensionMismatchError(
        `SparseVector: indices and values must have the same length, got ${indices.length} and ${values.length}.`,
        { details: { indices: indices.length, values: values.length } },
      );
    }
    this.size = size;
    [this.indices, this.values] = ascends(indices) ? [indices, values] : sorted(indices, values);
    checkIndices(size, this.indices);
  }

  /** The entry at index `i`: zero for every index that is not stored. */
  get(i: number): number {
    let low = 0;
    let high = this.indices.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.indices[middle]! < i) low = middle + 1;
      else high = middle;
    }
    return this.indices[low] === i ? this.values[low]! : 0;
  }

  /** All entries in a new array. */
  toArray(): Float64Array {
    const all = new Float64Array(this.size);
    for (let k = 0; k < this.indices.length; k++) all[this.indices[k]!] = this.values[k]!;
    return all;
  }

  /** A new dense vector of all entries. */
  toDense(): DenseVector {
    return new DenseVector(this.toArray());
  }

  /** This vector itself. */
  toSparse(): SparseVector {
    return this;
  }

  /** For JSON: `{ size, indices, values }` with plain arrays. */
  toJSON(): { size: number; indices: number[]; values: number[] } {
    return { size: this.size, indices: [...this.indices], values: [...this.values] };
  }

  /** The text form `(4, [0, 2], [1.0, 3.5])`. */
  toString(): string {
    const values = Array.from(this.values, showDouble).join(', ');
    return `(${this.size}, [${this.indices.join(', ')}], [${values}])`;
  }
}

/** Ways to make vectors. */
export const Vectors: {
  /** A dense vector of the numbers. A `Float64Array` is taken as it is, without a copy. */
  dense(values: ArrayLike<number>): DenseVector;
  dense(...values: number[]): DenseVector;
  /** A sparse vector; see {@link SparseVector}. Typed arrays are taken as they are. */
  sparse(size: number, indices: ArrayLike<number>, values: ArrayLike<number>): SparseVector;
} = {
  dense(first?: ArrayLike<number> | number, ...rest: number[]): DenseVector {
    if (first instanceof Float64Array) return new DenseVector(first);
    if (first === undefined) return new DenseVector(new Float64Array(0));
    return new DenseVector(Float64Array.from(typeof first === 'number' ? [first, ...rest] : first));
  },
  sparse(size, indices, values) {
    checkIntegers(indices);
    return new SparseVector(
      size,
      indices instanceof Int32Array ? indices : Int32Array.from(indices),
      values instanceof Float64Array ? values : Float64Array.from(values),
    );
  },
};

/** Any value that is a vector. */
export type Vector = DenseVector | SparseVector;

/**
 * Checks that ascending indices lie in `[0, size)` and that none comes twice.
 *
 * @throws {@link DataError} `ERR_GYRE_DATA`.
 */
function checkIndices(size: number, indices: Int32Array): void {
  const n = indices.length;
  if (n === 0) return;
  const outside = indices[0]! < 0 ? indices[0]! : indices[n - 1]!;
  if (outside < 0 || outside >= size) {
    throw new DataError(`SparseVector: indices must be in [0, ${size}), got ${outside}.`, {
      details: { size, got: outside },
    });
  }
  for (let k = 1; k < n; k++) {
    if (indices[k] !== indices[k - 1]) continue;
    throw new DataError(`SparseVector: the index ${indices[k]} is given twice.`, {
      details: { index: indices[k] },
    });
  }
}

/** Fractions would be cut by a typed array without a word. */
function checkIntegers(indices: ArrayLike<number>): void {
  if (indices instanceof Int32Array) return;
  for (let k = 0; k < indices.length; k++) {
    if (Number.isInteger(indices[k]) && Math.abs(indices[k]!) <= 0x7fffffff) continue;
    throw new DataError(
      `SparseVector: indices must be integers in [0, 2^31), got ${showValue(indices[k])}.`,
      { details: { got: indices[k] } },
    );
  }
}

function ascends(indices: Int32Array): boolean {
  for (let k = 1; k < indices.length; k++) if (indices[k]! < indices[k - 1]!) return false;
  return true;
}

function sorted(indices: Int32Array, values: Float64Array): [Int32Array, Float64Array] {
  const order = Array.from(indices.keys()).sort((a, b) => indices[a]! - indices[b]!);
  return [Int32Array.from(order, (k) => indices[k]!), Float64Array.from(order, (k) => values[k]!)];
}

/** A double as Flink ML writes it: an integer has `.0` after it. */
function showDouble(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? value.toFixed(1) : String(value);
}
