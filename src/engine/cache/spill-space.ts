/**
 * Where the caches of one thread and job put their bytes: a share of the arena, then files.
 *
 * ```text
 *   cache A  ▓▓▓▓▓▓▓▓ ──┐  a cache below its share of the memory makes the one
 *   cache B  ▓▓         ├─ that holds most, if above its own, write a block to
 *   cache C  ▓▓▓▓     ──┘  its file; whoever gets none goes on in a file
 * ```
 */
import { invariant, MemoryLimitError } from '../../core/errors.js';
import type { Arena, Segment } from '../../memory/arena.js';
import { Region } from '../../memory/ring.js';
import type { SpillFile } from './spill-file.js';
import type { SpillFolder } from './spill-folder.js';

const BLOCK_BYTES = 256 * 1024;
/** Buffers that are kept for the next who goes to disk. */
const SPARE_BUFFERS = 4;

/** What a cache holds. Bytes are those of encoded records; live objects and references have none. */
export interface SpillUsage {
  readonly records: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

/** A cache, as its space sees it. */
export interface SpaceMember {
  readonly usage: SpillUsage;
  /** Bytes of the arena that it holds. */
  readonly segmentBytes: number;
  /** Writes its block of memory that is read last to its file. False when it has none to give. */
  evict(): boolean;
  clear(): void;
}

export interface SpillSpaceOptions {
  readonly arena: Arena;
  /** The most bytes of the arena that all caches hold together. */
  readonly memoryBytes: number;
  readonly folder: SpillFolder;
  /**
   * Whether a record is to be kept as it is, by reference: one whose data lies in this thread's
   * memory anyway. None where not given.
   */
  readonly resident?: ((value: unknown) => boolean) | undefined;
  /** Size of segments, writes and reads, a multiple of 64; larger records have their own. */
  readonly blockBytes?: number | undefined;
}

/** Where caches may put their bytes. One per thread and job. */
export class SpillSpace {
  readonly blockBytes: number;
  readonly memoryBytes: number;
  readonly isResident: (value: unknown) => boolean;
  readonly #arena: Arena;
  readonly #folder: SpillFolder;
  /** Those that hold something, be it only an empty file. */
  readonly #members = new Set<SpaceMember>();
  readonly #spare: Region[] = [];
  #used = 0;
  #closed = false;

  constructor(options: SpillSpaceOptions) {
    const { arena, memoryBytes, folder, resident, blockBytes = BLOCK_BYTES } = options;
    invariant(blockBytes > 0 && blockBytes % 64 === 0, `SpillSpace.blockBytes: ${blockBytes}`);
    this.blockBytes = blockBytes;
    this.memoryBytes = memoryBytes;
    this.isResident = resident ?? (() => false);
    this.#arena = arena;
    this.#folder = folder;
  }

  /** What all caches hold together. */
  get usage(): SpillUsage {
    const sum = { records: 0, memoryBytes: 0, diskBytes: 0 };
    for (const { usage } of this.#members) {
      sum.records += usage.records;
      sum.memoryBytes += usage.memoryBytes;
      sum.diskBytes += usage.diskBytes;
    }
    return sum;
  }

  /** Adds a cache that begins to hold something, until {@link leave}. */
  join(member: SpaceMember): void {
    invariant(!this.#closed, 'a record was put into a cache of a closed SpillSpace');
    this.#members.add(member);
  }

  leave(member: SpaceMember): void {
    this.#members.delete(member);
  }

  /** A segment of the arena for a member, or null: then it goes to disk. */
  takeSegment(member: SpaceMember, bytes: number): Segment | null {
    for (;;) {
      const segment = this.#tryAllocate(bytes);
      if (segment !== null) return segment;
      if (!this.#makeRoom(member, bytes)) return null;
    }
  }

  giveSegment(segment: Segment): void {
    this.#used -= segment.bytes;
    segment.free();
  }

  regionOf({ address, bytes }: Segment): Region {
    return new Region(this.#arena.buffer, address, bytes);
  }

  /** Memory outside of the arena, for what is on its way to or from a file. */
  takeBuffer(bytes: number): Region {
    const spare = bytes === this.blockBytes ? this.#spare.pop() : undefined;
    return spare ?? new Region(new ArrayBuffer(bytes), 0, bytes);
  }

  giveBuffer(buffer: Region): void {
    const fits = buffer.bytes.length === this.blockBytes;
    if (fits && this.#spare.length < SPARE_BUFFERS) this.#spare.push(buffer);
  }

  newFile(): SpillFile {
    return this.#folder.open();
  }

  /** Clears all caches: frees their memory, deletes their files. They cannot be used any more. */
  close(): void {
    this.#closed = true;
    for (const member of this.#members) member.clear();
    this.#spare.length = 0;
  }

  #tryAllocate(bytes: number): Segment | null {
    if (this.#used + bytes > this.memoryBytes) return null;
    try {
      const segment = this.#arena.allocate(bytes);
      this.#used += bytes;
      return segment;
    } catch (error) {
      if (error instanceof MemoryLimitError) return null;
      throw error;
    }
  }

  /**
   * Takes one block from the cache that holds most, for one that stays within its share: so that
   * no two of them take the same block from each other in turns.
   */
  #makeRoom(member: SpaceMember, bytes: number): boolean {
    let holders = 1;
    let largest = member;
    for (const other of this.#members) {
      if (other === member || other.segmentBytes === 0) continue;
      holders++;
      if (other.segmentBytes > largest.segmentBytes) largest = other;
    }
    // Of what they hold, not of `memoryBytes`: the arena may have had less.
    const share = this.#used / holders;
    return member.segmentBytes + bytes <= share && largest.evict();
  }
}
