/** Records that are read many times: encoded, in memory while there is some, then in a file. */
import { alignUp } from '../../memory/layout.js';
import type { Region } from '../../memory/ring.js';
import { Encoder } from '../encoder.js';
import { type Block, ENCODED, HEADER_BYTES, REFERENCE } from './block.js';
import { DataCacheReader } from './data-cache-reader.js';
import type { SpillFile } from './spill-file.js';
import type { SpaceMember, SpillSpace, SpillUsage } from './spill-space.js';

/**
 * An append-only sequence of records that can be read from the start any number of times.
 *
 * A record is encoded when it is appended: what its producer does to it afterwards changes nothing,
 * and every reader gets a copy of its own. Two kinds are kept as they are, by reference: those that
 * the space calls resident, and those that have no encoded form (class instances, functions), which
 * only travel within a thread. References take memory of the JavaScript heap, without a limit.
 *
 * Each run of `blockBytes` goes to a segment of the arena when its space grants one, else to the
 * cache's only file. Appending and reading cost about one encoding and one decoding, and one call
 * of the file system per block.
 */
export class DataCache<T> implements SpaceMember {
  readonly #space: SpillSpace;
  #first: Block | null = null;
  #last: Block | null = null;
  #file: SpillFile | null = null;
  #length = 0;
  /** Records of blocks that a queue has read and freed. */
  #freed = 0;
  #generation = 0;
  #bytes = 0;
  #fileBytes = 0;
  #segmentBytes = 0;

  constructor(space: SpillSpace) {
    this.#space = space;
  }

  /** Number of records appended since the last {@link clear}. */
  get length(): number {
    return this.#length;
  }

  get usage(): SpillUsage {
    const memoryBytes = this.#bytes - this.#fileBytes;
    return { records: this.#length - this.#freed, memoryBytes, diskBytes: this.#fileBytes };
  }

  get segmentBytes(): number {
    return this.#segmentBytes;
  }

  /** How often it was cleared: readers belong to one generation. */
  get generation(): number {
    return this.#generation;
  }

  get firstBlock(): Block | null {
    return this.#first;
  }

  /**
   * Adds a record at the end.
   *
   * @throws {@link MemoryLimitError} `ERR_GYRE_MEMORY` when there is neither memory nor disk space;
   *   the cache is then as before.
   */
  append(value: T): void {
    const encoder = this.#space.isResident(value) ? null : encoderOf(value);
    const payload = encoder === null ? 0 : encoder.bytes;
    const bytes = HEADER_BYTES + payload;
    const last = this.#last;
    const room = (last?.region?.bytes.length ?? 0) - (last?.bytes ?? 0);
    const block = last !== null && bytes <= room ? last : this.#newBlock(bytes);
    const region = block.region!;
    const word = block.bytes >>> 2;
    region.i32[word] = payload / 8;
    region.i32[word + 1] = encoder === null ? REFERENCE : ENCODED;
    if (encoder === null) block.references.push(value);
    else encoder.writeTo(region, block.bytes + HEADER_BYTES);
    block.bytes += bytes;
    block.records++;
    // A buffer of this size is not kept until the next record comes.
    if (block.segment === null && bytes > this.#space.blockBytes) this.#toFile(block);
    if (block !== last) this.#link(block);
    this.#bytes += bytes;
    this.#length++;
  }

  /** A reader whose first record is number `from`, 0 to {@link length}. */
  reader(from = 0): DataCacheReader<T> {
    const reader = new DataCacheReader(this);
    reader.skip(from);
    return reader;
  }

  /** All records, decoded one by one: for snapshots. */
  *values(): IterableIterator<T> {
    for (const reader = this.reader(); reader.hasNext; ) yield reader.next();
  }

  /** Forgets all records: frees the memory, deletes the file. Never throws. */
  clear(): void {
    while (this.#first !== null) this.#dropFirst(this.#first);
    this.#file?.close();
    this.#file = null;
    this.#length = 0;
    this.#freed = 0;
    this.#generation++;
    this.#space.leave(this);
  }

  /** Frees what lies before a reader: for a queue, whose reader is the only one. */
  freeBefore(reader: DataCacheReader<T>): void {
    const { block, hasNext } = reader;
    while (this.#first !== null && (this.#first !== block || !hasNext)) {
      this.#dropFirst(this.#first);
    }
    if (!hasNext) reader.rewind();
  }

  evict(): boolean {
    let victim: Block | null = null;
    for (let block = this.#first; block !== null && block !== this.#last; block = block.next) {
      if (block.segment !== null) victim = block;
    }
    if (victim === null) return false;
    this.#toFile(victim);
    return true;
  }

  /** A block of the file, in a buffer that is to be given back. */
  readBlock({ position, bytes }: Block): Region {
    const buffer = this.#space.takeBuffer(Math.max(bytes, this.#space.blockBytes));
    this.#file!.read(position, buffer.bytes.subarray(0, bytes));
    return buffer;
  }

  giveBuffer(buffer: Region): void {
    this.#space.giveBuffer(buffer);
  }

  /** A block at the end that has room for a record, not linked yet. */
  #newBlock(bytes: number): Block {
    const space = this.#space;
    space.join(this);
    const last = this.#last;
    if (last !== null && last.region !== null && last.segment === null) this.#toFile(last);
    const segment = space.takeSegment(this, segmentBytesFor(bytes, space.blockBytes));
    this.#segmentBytes += segment?.bytes ?? 0;
    const region =
      segment === null
        ? space.takeBuffer(Math.max(bytes, space.blockBytes))
        : space.regionOf(segment);
    return { records: 0, bytes: 0, region, segment, position: -1, references: [], next: null };
  }

  #link(block: Block): void {
    if (this.#last === null) this.#first = block;
    else this.#last.next = block;
    this.#last = block;
  }

  #toFile(block: Block): void {
    this.#file ??= this.#space.newFile();
    block.position = this.#file.write(block.region!.bytes.subarray(0, block.bytes));
    this.#fileBytes += block.bytes;
    this.#freeRegion(block);
  }

  #freeRegion(block: Block): void {
    const { region, segment } = block;
    if (segment !== null) {
      this.#segmentBytes -= segment.bytes;
      this.#space.giveSegment(segment);
    } else if (region !== null) {
      this.#space.giveBuffer(region);
    }
    block.region = null;
    block.segment = null;
  }

  #dropFirst(block: Block): void {
    if (block.region === null) {
      this.#file!.free(block.position, block.bytes);
      this.#fileBytes -= block.bytes;
    }
    this.#freeRegion(block);
    this.#bytes -= block.bytes;
    this.#freed += block.records;
    this.#first = block.next;
    if (this.#first === null) this.#last = null;
  }
}

/**
 * Size of a segment whose first record takes `bytes`: room for a whole number of such records, and
 * for a few small ones between them.
 */
function segmentBytesFor(bytes: number, blockBytes: number): number {
  const rest = blockBytes / 16;
  if (bytes <= rest) return blockBytes;
  return alignUp(Math.max(Math.floor(blockBytes / bytes), 1) * bytes + rest, 64);
}

/** Null for what has no encoded form. */
function encoderOf(value: unknown): Encoder | null {
  try {
    return new Encoder(value);
  } catch {
    return null;
  }
}
