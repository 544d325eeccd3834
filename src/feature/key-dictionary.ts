/** Dictionaries of byte strings in kernel memory: how often each occurs, or what it stands for. */
import type { KernelScope } from '../algorithm/training.js';
import type { Segment } from '../memory/arena.js';
import { addressOf, withScratch } from '../stage/kernel-data.js';

const SLOT_BYTES = 32;
/** Keys up to this size lie in their slots. */
const SLOT_KEY_BYTES = 16;
const FEWEST_ENTRIES = 256;
/**
 * Room for many rows of few keys: hardly any key has another's slot before its own, which costs a
 * look-up more than all the rest, and free slots are not looked at, so take no cache.
 */
export const SPARSE_ENTRIES = 1024;
/** Rows whose values are still in the cache when they are copied. A multiple of eight. */
const BLOCK_ROWS = 8192;

/** Byte strings, one a row. */
export interface Keys {
  readonly length: number;
  readonly bytes: Uint8Array;
  /** Row `i` is bytes `offsets[i]` to `offsets[i + 1]`; null: `width` bytes each. */
  readonly offsets: Int32Array | null;
  readonly width: number;
  /** Rows that are null, if any. */
  readonly validity: Uint8Array | null;
}

/** The keys of a dictionary in the order in which they were added, and the value of each. */
export interface KeyList {
  readonly bytes: Uint8Array;
  readonly offsets: Int32Array;
  readonly values: Int32Array;
}

/** Byte strings with a 32-bit value each. Holds kernel memory until it is freed. */
export class KeyDictionary {
  readonly #scope: KernelScope;
  /** Bytes that keys too long for a slot point to. */
  readonly #copies: Segment[] = [];
  /** The most entries; there are twice as many slots. */
  #room: number;
  /** The slots, and the list of entries after them. */
  #table: Segment;

  /** @param expected Keys that it has room for from the start. */
  constructor(scope: KernelScope, expected: number = FEWEST_ENTRIES) {
    this.#scope = scope;
    this.#room = 2 ** Math.ceil(Math.log2(Math.max(expected, FEWEST_ENTRIES)));
    this.#table = emptyTable(scope, this.#room);
  }

  /** The number of keys. */
  get size(): number {
    return this.#scope.arena.i32(this.#entriesAt, 1)[0]!;
  }

  /**
   * Adds the weights of the rows to the values of their keys; null rows are passed over.
   *
   * @param weights One a row; null: 1 each.
   */
  add(keys: Keys, weights: Int32Array | null = null): void {
    const { kernels } = this.#scope;
    const { length, bytes, offsets, width, validity } = keys;
    const known = this.size;
    withScratch(this.#scope, () => {
      const bytesAt = addressOf(bytes, this.#scope);
      const offsetsAt = offsets === null ? 0 : addressOf(offsets, this.#scope);
      const validityAt = validity === null ? 0 : addressOf(validity, this.#scope);
      const weightsAt = weights === null ? 0 : addressOf(weights, this.#scope);
      for (let row = 0; ; this.#grow()) {
        row = kernels.exports.dictionaryAdd(
          row,
          length,
          offsetsAt,
          width,
          bytesAt,
          bytes.byteLength,
          validityAt,
          weightsAt,
          this.#table.address,
          maskOf(this.#room),
          this.#entriesAt,
          this.#room,
        );
        if (row === length) break;
      }
      this.#keepFrom(known);
    });
  }

  /**
   * Writes the value of each row's key; `missing` where it is not here, or null.
   *
   * @returns How many are missing.
   */
  find(keys: Keys, missing: number, out: Float64Array): number {
    let misses = 0;
    for (let start = 0; start < keys.length; start += BLOCK_ROWS) {
      const end = Math.min(start + BLOCK_ROWS, keys.length);
      misses += this.#findBlock(keys, start, end, missing, out);
    }
    return misses;
  }

  /** The keys with their values, in new memory. */
  list(): KeyList {
    const { arena, kernels } = this.#scope;
    const { size } = this;
    return withScratch(this.#scope, () => {
      const offsetsAt = arena.scratch((size + 1) * 4);
      const valuesAt = arena.scratch(size * 4);
      const longKeys = this.#copies.reduce((sum, { bytes }) => sum + bytes, 0);
      const bytesAt = arena.scratch(size * SLOT_KEY_BYTES + longKeys);
      const total = kernels.exports.dictionaryList(
        this.#table.address,
        this.#entriesAt,
        offsetsAt,
        bytesAt,
        valuesAt,
      );
      return {
        bytes: arena.u8(bytesAt, total).slice(),
        offsets: arena.i32(offsetsAt, size + 1).slice(),
        values: arena.i32(valuesAt, size).slice(),
      };
    });
  }

  /** Gives the memory back; the dictionary must not be used after it. */
  free(): void {
    for (const segment of [...this.#copies, this.#table]) segment.free();
    this.#copies.length = 0;
  }

  #findBlock(keys: Keys, start: number, end: number, missing: number, out: Float64Array): number {
    const { arena, kernels } = this.#scope;
    const { bytes, offsets, width, validity } = keys;
    const n = end - start;
    const first = offsets === null ? start * width : offsets[start]!;
    const last = offsets === null ? end * width : offsets[end]!;
    // Bytes in kernel memory are read where they are, those after the block too.
    const readable = bytes.buffer === this.#scope.kernels.buffer ? bytes.byteLength : last;
    return withScratch(this.#scope, () => {
      const bytesAt = addressOf(bytes.subarray(first, last), this.#scope);
      const offsetsAt =
        offsets === null ? 0 : addressOf(offsets.subarray(start, end + 1), this.#scope);
      // Blocks start at a multiple of eight rows, so at a byte of the bitmap.
      const bits = validity?.subarray(start >>> 3);
      const validityAt = bits === undefined ? 0 : addressOf(bits, this.#scope);
      const outAt = arena.scratch(n * 8);
      const misses = kernels.exports.dictionaryFind(
        n,
        offsetsAt,
        width,
        // Offsets count from the first byte of the whole, not of the block.
        offsets === null ? bytesAt : bytesAt - first,
        offsets === null ? readable - first : readable,
        validityAt,
        this.#table.address,
        maskOf(this.#room),
        missing,
        outAt,
      );
      out.set(arena.f64(outAt, n), start);
      return misses;
    });
  }

  /** Copies what keys from entry `first` on need of the bytes that they came in. */
  #keepFrom(first: number): void {
    const { arena, kernels } = this.#scope;
    const keep = (copiesAt: number): number =>
      kernels.exports.dictionaryKeep(this.#table.address, this.#entriesAt, first, copiesAt);
    const bytes = keep(0);
    if (bytes === 0) return;
    const copies = arena.allocate(bytes);
    this.#copies.push(copies);
    keep(copies.address);
  }

  #grow(): void {
    const { arena, kernels } = this.#scope;
    const room = 4 * this.#room;
    const larger = emptyTable(this.#scope, room);
    const entriesAt = larger.address + slotBytes(room);
    const used = this.size + 1;
    arena.i32(entriesAt, used).set(arena.i32(this.#entriesAt, used));
    kernels.exports.dictionaryGrow(this.#table.address, entriesAt, larger.address, maskOf(room));
    this.#table.free();
    this.#table = larger;
    this.#room = room;
  }

  get #entriesAt(): number {
    return this.#table.address + slotBytes(this.#room);
  }
}

const slotBytes = (room: number): number => 2 * room * SLOT_BYTES;
const maskOf = (room: number): number => 2 * room - 1;

function emptyTable({ arena }: KernelScope, room: number): Segment {
  const table = arena.allocate(slotBytes(room) + (room + 1) * 4);
  // Shared memory is filled an element at a time: eight bytes each, not one.
  arena.f64(table.address, slotBytes(room) / 8).fill(0);
  // The number of entries; what follows is written before it is read.
  arena.i32(table.address + slotBytes(room), 1).fill(0);
  return table;
}
