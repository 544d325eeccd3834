/** A table of distinct tokens as UTF-8 bytes: each has an id, by the order in which it came. */
import type { Utf8Column } from '../../table/utf8-column.js';

/** What a table of tokens is made of, and what it is as plain data. */
export interface Tokens {
  /** Token `i` is bytes `offsets[i]` to `offsets[i + 1]`. */
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/** At most this share of the slots is used, so that probes are short. */
const LOAD = 0.5;

/**
 * An open-addressing hash table over bytes, with linear probing. Tokens are compared by their bytes:
 * no string is made of one.
 */
export class TokenTable {
  /** Id + 1, 0: free. */
  #slots: Int32Array;
  #hashes: Int32Array;
  #offsets: Int32Array;
  #bytes: Uint8Array;
  #size = 0;

  /** @param tokens The first ones; those that come again are passed over. */
  constructor(tokens: Tokens = { offsets: new Int32Array(1), bytes: new Uint8Array(0) }) {
    const { offsets, bytes } = tokens;
    const room = Math.max(16, offsets.length - 1);
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(room / LOAD)));
    this.#hashes = new Int32Array(room);
    this.#offsets = new Int32Array(room + 1);
    this.#bytes = new Uint8Array(Math.max(64, bytes.length));
    for (let i = 0; i + 1 < offsets.length; i++) this.add(bytes, offsets[i]!, offsets[i + 1]!);
  }

  /** A table of the strings of a column without null. */
  static of({ offsets, bytes }: Utf8Column): TokenTable {
    return new TokenTable({ offsets, bytes });
  }

  /** How many tokens there are; ids are below it. */
  get size(): number {
    return this.#size;
  }

  /** The tokens in the order of their ids, as copies. */
  get tokens(): { offsets: Int32Array; bytes: Uint8Array } {
    const offsets = this.#offsets.slice(0, this.#size + 1);
    return { offsets, bytes: this.#bytes.slice(0, offsets[this.#size]) };
  }

  /** The id of the token of these bytes, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return this.#slots[this.#slotOf(bytes, start, end, hashOf(bytes, start, end))]! - 1;
  }

  /** The id of the token of these bytes, which is added when it is new. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(bytes, start, end);
    const slot = this.#slotOf(bytes, start, end, hash);
    const there = this.#slots[slot]!;
    if (there > 0) return there - 1;
    const id = this.#size++;
    this.#slots[slot] = id + 1;
    this.#makeRoom(end - start);
    this.#hashes[id] = hash;
    let at = this.#offsets[id]!;
    for (let from = start; from < end; from++) this.#bytes[at++] = bytes[from]!;
    this.#offsets[id + 1] = at;
    if (this.#size > this.#slots.length * LOAD) this.#growSlots();
    return id;
  }

  /** The slot of a token: its own, or the free one where it belongs. */
  #slotOf(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const id = this.#slots[slot]! - 1;
      if (id < 0 || (this.#hashes[id] === hash && this.#isToken(id, bytes, start, end))) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
  }

  #isToken(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.#bytes;
    let at = this.#offsets[id]!;
    if (this.#offsets[id + 1]! - at !== end - start) return false;
    for (let from = start; from < end; from++) if (own[at++] !== bytes[from]) return false;
    return true;
  }

  /** Room for the token that was counted last. */
  #makeRoom(length: number): void {
    if (this.#size > this.#hashes.length) {
      this.#hashes = enlarged(this.#hashes, 2 * this.#size);
      this.#offsets = enlarged(this.#offsets, 2 * this.#size + 1);
    }
    const used = this.#offsets[this.#size - 1]! + length;
    if (used > this.#bytes.length) {
      const bytes = new Uint8Array(2 * used);
      bytes.set(this.#bytes);
      this.#bytes = bytes;
    }
  }

  #growSlots(): void {
    const slots = new Int32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    for (let id = 0; id < this.#size; id++) {
      let slot = this.#hashes[id]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }
}

/** The array with room for `n` values. */
export function enlarged(array: Int32Array, n: number): Int32Array {
  const larger = new Int32Array(n);
  larger.set(array);
  return larger;
}

/** FNV-1a, whose low bits, by which slots are chosen, are mixed with the high ones. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
