/** Reads the records of a cache in order. */
import { invariant } from '../../core/errors.js';
import type { Region } from '../../memory/ring.js';
import { decode } from '../decoder.js';
import { type Block, HEADER_BYTES, REFERENCE } from './block.js';
import type { DataCache } from './data-cache.js';

/**
 * One reader of a {@link DataCache}; there may be several, each at its own position. It sees what is
 * appended while it reads. When the cache is cleared it is at its end for good.
 */
export class DataCacheReader<T> {
  readonly #cache: DataCache<T>;
  readonly #generation: number;
  /** Where the next record is; null before the first. It may also be at the end of a block. */
  #block: Block | null = null;
  #offset = 0;
  #reference = 0;
  #position = 0;
  /** What `loaded`, a block in the file, was read into. */
  #buffer: Region | null = null;
  #loaded: Block | null = null;

  /** Use {@link DataCache.reader}. */
  constructor(cache: DataCache<T>) {
    this.#cache = cache;
    this.#generation = cache.generation;
  }

  /** Number of records before the next one. */
  get position(): number {
    return this.#position;
  }

  /** Number of records from the next one on. */
  get remaining(): number {
    return this.#generation === this.#cache.generation ? this.#cache.length - this.#position : 0;
  }

  get hasNext(): boolean {
    return this.remaining > 0;
  }

  /** The block of the next record; null before the first. */
  get block(): Block | null {
    return this.#block;
  }

  /** Decodes the next record; only when there is one. */
  next(): T {
    invariant(this.hasNext, 'a cache was read beyond its end');
    const block = this.#enter();
    const region = block.region ?? this.#load(block);
    const word = this.#offset >>> 2;
    const value =
      region.i32[word + 1] === REFERENCE
        ? block.references[this.#reference++]
        : decode(region, this.#offset + HEADER_BYTES);
    this.#offset += HEADER_BYTES + region.i32[word]! * 8;
    this.#position++;
    if (this.hasNext) this.#enter();
    else this.#unload();
    return value as T;
  }

  /** Passes over `count` records; whole blocks are not even read. */
  skip(count: number): void {
    const end = this.#position + count;
    invariant(count >= 0 && count <= this.remaining, `a cache has no record ${end}`);
    while (this.#position < end) {
      const block = this.#enter();
      if (this.#offset === 0 && this.#position + block.records <= end) {
        // More may be appended to the last one.
        this.#offset = block.bytes;
        this.#reference = block.references.length;
        this.#position += block.records;
        continue;
      }
      const { i32 } = block.region ?? this.#load(block);
      const word = this.#offset >>> 2;
      if (i32[word + 1] === REFERENCE) this.#reference++;
      this.#offset += HEADER_BYTES + i32[word]! * 8;
      this.#position++;
    }
  }

  /** Another reader at the same position. */
  fork(): DataCacheReader<T> {
    const other = new DataCacheReader(this.#cache);
    other.#block = this.#block;
    other.#offset = this.#offset;
    other.#reference = this.#reference;
    other.#position = this.#position;
    return other;
  }

  /** Forgets its block, which is freed: the next record is the first of what the cache has then. */
  rewind(): void {
    this.#block = null;
    this.#unload();
  }

  /** The block of the next record, which there must be. */
  #enter(): Block {
    let block = this.#block;
    if (block !== null && this.#offset < block.bytes) return block;
    block = block === null ? this.#cache.firstBlock : block.next;
    invariant(block !== null, 'a cache has fewer records than it counts');
    this.#block = block;
    this.#offset = 0;
    this.#reference = 0;
    return block;
  }

  #load(block: Block): Region {
    if (this.#loaded === block) return this.#buffer!;
    this.#unload();
    this.#buffer = this.#cache.readBlock(block);
    this.#loaded = block;
    return this.#buffer;
  }

  #unload(): void {
    if (this.#buffer !== null) this.#cache.giveBuffer(this.#buffer);
    this.#buffer = null;
    this.#loaded = null;
  }
}
