/** 64-bit ids as the numbers 0, 1, 2, ...: no bigint is made of them on the way. */
import { int64, words } from '../table/buffers.js';

/** Distinct ids, and which of them each row has. */
export interface Ids {
  /** Ascending. */
  readonly distinct: BigInt64Array<SharedArrayBuffer>;
  /** One index into `distinct` a row. */
  readonly codes: Int32Array;
}

/** The distinct ids of a column. */
export function idsOf(values: BigInt64Array): Ids {
  const halves = words(values);
  const table = new IdTable();
  const found = new Int32Array(values.length);
  for (let row = 0; row < found.length; row++) {
    found[row] = table.add(halves[2 * row]!, halves[2 * row + 1]!);
  }
  const distinct = table.ids().sort();
  const rank = new Int32Array(distinct.length);
  const sorted = words(distinct);
  for (let i = 0; i < rank.length; i++) {
    rank[table.add(sorted[2 * i]!, sorted[2 * i + 1]!)] = i;
  }
  return { distinct, codes: found.map((code) => rank[code]!) };
}

/** Slots of an empty table, a power of two. */
const LEAST_SLOTS = 1024;

/**
 * Ids in the order in which they came, as halves of 32 bits, and an index of slots that finds them.
 * Slots are probed one after the other; at most half of them are taken.
 */
class IdTable {
  #slots = new Int32Array(LEAST_SLOTS);
  #halves = new Int32Array(LEAST_SLOTS);
  #size = 0;

  /** The number of an id: how many others came before it first did. */
  add(low: number, high: number): number {
    const mask = this.#slots.length - 1;
    for (let at = hashOf(low, high) & mask; ; at = (at + 1) & mask) {
      const number = this.#slots[at]! - 1;
      if (number < 0) return this.#append(at, low, high);
      if (this.#halves[2 * number] === low && this.#halves[2 * number + 1] === high) return number;
    }
  }

  ids(): BigInt64Array<SharedArrayBuffer> {
    const ids = int64(this.#size);
    words(ids).set(this.#halves.subarray(0, 2 * this.#size));
    return ids;
  }

  #append(at: number, low: number, high: number): number {
    const number = this.#size++;
    this.#slots[at] = number + 1;
    this.#halves[2 * number] = low;
    this.#halves[2 * number + 1] = high;
    if (2 * this.#size === this.#slots.length) this.#grow();
    return number;
  }

  #grow(): void {
    const [halves, slots] = [this.#halves, this.#slots.length * 2];
    this.#halves = new Int32Array(slots);
    this.#halves.set(halves);
    this.#slots = new Int32Array(slots);
    for (let number = 0; number < this.#size; number++) {
      let at = hashOf(halves[2 * number]!, halves[2 * number + 1]!) & (slots - 1);
      while (this.#slots[at] !== 0) at = (at + 1) & (slots - 1);
      this.#slots[at] = number + 1;
    }
  }
}

/** Every bit of both halves moves the low bits: the finalizer of MurmurHash3. */
function hashOf(low: number, high: number): number {
  let hash = low ^ Math.imul(high, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
