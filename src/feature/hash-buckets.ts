/** Rows by the value of one hash table of their signatures. */

/** Signatures: row `r` has `width` hashes from `hashes[r * width]`. */
export interface Signatures {
  readonly hashes: Float64Array;
  readonly width: number;
}

/** Tells whether `count` hashes from `i` of `a` and from `j` of `b` are the same. */
export function sameHashes(
  a: Float64Array,
  i: number,
  b: Float64Array,
  j: number,
  count: number,
): boolean {
  for (let f = 0; f < count; f++) if (a[i + f] !== b[j + f]) return false;
  return true;
}

/**
 * A chained hash table of rows whose keys are `count` hashes from `from` on in each signature.
 * Rows of one key are found in ascending order.
 */
export class HashBuckets {
  readonly #rows: Signatures;
  readonly #from: number;
  readonly #count: number;
  /** First row of each slot's chain, or -1. */
  readonly #heads: Int32Array;
  /** The row after each in its chain, or -1. */
  readonly #next: Int32Array;

  constructor(rows: Signatures, from: number, count: number) {
    this.#rows = rows;
    this.#from = from;
    this.#count = count;
    const n = rows.hashes.length / rows.width;
    this.#heads = new Int32Array(2 ** Math.ceil(Math.log2(2 * n + 1))).fill(-1);
    this.#next = new Int32Array(n);
    for (let row = n - 1; row >= 0; row--) {
      const slot = this.#slot(rows.hashes, row * rows.width + from);
      this.#next[row] = this.#heads[slot]!;
      this.#heads[slot] = row;
    }
  }

  /** The first row with the key that begins at `at` of `hashes`; -1 when there is none. */
  first(hashes: Float64Array, at: number): number {
    return this.#match(this.#heads[this.#slot(hashes, at)]!, hashes, at);
  }

  /** The row after `row` with the same key; -1 when there is none. */
  next(row: number, hashes: Float64Array, at: number): number {
    return this.#match(this.#next[row]!, hashes, at);
  }

  #match(start: number, hashes: Float64Array, at: number): number {
    const { hashes: own, width } = this.#rows;
    let row = start;
    while (row >= 0 && !sameHashes(own, row * width + this.#from, hashes, at, this.#count)) {
      row = this.#next[row]!;
    }
    return row;
  }

  #slot(hashes: Float64Array, at: number): number {
    let mixed = 0;
    for (let f = 0; f < this.#count; f++) {
      mixed = Math.imul(mixed ^ hashes[at + f]!, 0x9e3779b1);
      mixed ^= mixed >>> 15;
    }
    return mixed & (this.#heads.length - 1);
  }
}
