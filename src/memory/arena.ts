/**
 * The one owner of a kernel memory.
 *
 *     base                                                     limit
 *     | pinned | free | pinned |   free ...     <- scratch |
 *
 * Pinned segments (data that stays for rounds) are cut from the bottom, first fit; scratch (the
 * arguments of one call) is a stack that grows down from the top. Everything is 64-byte aligned.
 */
import { InternalError, invariant, MemoryLimitError } from '../core/errors.js';

const ALIGNMENT = 64;

const roundUp = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
const roundDown = (bytes: number): number => Math.floor(bytes / ALIGNMENT) * ALIGNMENT;

/** A pinned piece of memory. */
export interface Segment {
  /** Byte offset in the memory, a multiple of 64, never 0. */
  readonly address: number;
  /** Size as asked for. */
  readonly bytes: number;
  /** Gives the memory back. Call once: a second call is an `ERR_GYRE_INTERNAL`. */
  free(): void;
}

/** Which bytes of a memory an arena owns. */
export interface ArenaRange {
  /** First byte; the kernels' `heapBase`. At least 64, since 0 means "none" to kernels. */
  readonly base: number;
  /** End; the memory's size where not given. */
  readonly limit?: number;
}

interface Block {
  address: number;
  end: number;
}

/** Hands out the bytes [base, limit) of one memory, to one thread. */
export class Arena {
  /** First byte owned, aligned. */
  readonly base: number;
  /** End of what is owned, aligned; at most 4 GiB - 64, so that no kernel's end pointer wraps. */
  readonly limit: number;
  readonly #memory: { readonly buffer: ArrayBufferLike };
  /** Free blocks below {@link limit} in address order, never adjacent; scratch overlaps the last. */
  readonly #free: Block[];
  /** Tops of the scratch stack at each open mark. */
  readonly #marks: number[] = [];
  #heap: Float64Array | undefined;
  #top: number;
  #pinned = 0;
  #peak = 0;

  /** @param memory A WebAssembly.Memory, or anything else with a `buffer`. */
  constructor(memory: { readonly buffer: ArrayBufferLike }, range: ArenaRange) {
    this.#memory = memory;
    this.base = Math.max(roundUp(range.base), ALIGNMENT);
    const size = memory.buffer.byteLength;
    this.limit = Math.min(roundDown(Math.min(range.limit ?? size, size)), 2 ** 32 - ALIGNMENT);
    invariant(this.base <= this.limit, `Arena: base ${this.base} lies above ${this.limit}.`);
    this.#top = this.limit;
    this.#free = this.base < this.limit ? [{ address: this.base, end: this.limit }] : [];
  }

  /** The bytes of the memory, whoever owns them. */
  get buffer(): ArrayBufferLike {
    return this.#memory.buffer;
  }

  /** Bytes handed out now, pinned and scratch, each rounded up to 64. */
  get used(): number {
    return this.#pinned + this.limit - this.#top;
  }

  /** The largest {@link used} so far. */
  get peak(): number {
    return this.#peak;
  }

  /** Bytes not handed out; they need not be in one piece. */
  get free(): number {
    return this.limit - this.base - this.used;
  }

  /**
   * Cuts a pinned segment, from the lowest free block that has room. What it holds is not cleared.
   *
   * @throws {@link MemoryLimitError} `ERR_GYRE_MEMORY` when no block has room.
   */
  allocate(bytes: number): Segment {
    const size = this.#sizeOf(bytes);
    const index = this.#free.findIndex((b) => Math.min(b.end, this.#top) - b.address >= size);
    const block = this.#free[index];
    if (block === undefined) throw this.#full(bytes);
    const { address } = block;
    block.address += size;
    if (block.address === block.end) this.#free.splice(index, 1);
    this.#pinned += size;
    this.#notePeak();
    let live = true;
    const free = (): void => {
      if (!live) throw new InternalError(`Arena: the segment at ${address} was freed twice.`);
      live = false;
      this.#release(address, address + size);
    };
    return { address, bytes, free };
  }

  /** Opens a scope of the scratch stack, to be closed by {@link release}. */
  mark(): number {
    return this.#marks.push(this.#top);
  }

  /**
   * Frees the scratch taken since a mark. Marks close in the reverse order of their opening;
   * anything else is an `ERR_GYRE_INTERNAL`.
   */
  release(mark: number): void {
    const open = this.#marks.length;
    if (mark !== open) {
      throw new InternalError(`Arena: mark ${mark} was released while ${open} is the open one.`);
    }
    this.#top = this.#marks.pop() ?? this.#top;
  }

  /**
   * Takes scratch memory under the last mark, not cleared. Returns its address.
   *
   * @throws {@link MemoryLimitError} `ERR_GYRE_MEMORY` when it would meet the pinned segments.
   */
  scratch(bytes: number): number {
    if (this.#marks.length === 0) {
      throw new InternalError('Arena: scratch was asked for outside of any mark.');
    }
    const top = this.#top - this.#sizeOf(bytes);
    const last = this.#free.at(-1);
    const floor = last?.end === this.limit ? last.address : this.limit;
    if (top < floor) throw this.#full(bytes);
    this.#top = top;
    this.#notePeak();
    return top;
  }

  /** Runs `body` under a mark of its own, and frees its scratch however it ends. */
  scoped<T>(body: () => T): T {
    const mark = this.mark();
    try {
      return body();
    } finally {
      this.release(mark);
    }
  }

  /** The memory as f64, for single reads and writes that are not worth a view of their own. */
  get heap(): Float64Array {
    this.#heap ??= new Float64Array(this.#memory.buffer);
    return this.#heap;
  }

  /** A view of n f64 at an address. */
  f64(address: number, n: number): Float64Array {
    return new Float64Array(this.#memory.buffer, address, n);
  }

  /** A view of n f32 at an address. */
  f32(address: number, n: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, n);
  }

  /** A view of n i32 at an address. */
  i32(address: number, n: number): Int32Array {
    return new Int32Array(this.#memory.buffer, address, n);
  }

  /** A view of n u16 at an address. */
  u16(address: number, n: number): Uint16Array {
    return new Uint16Array(this.#memory.buffer, address, n);
  }

  /** A view of n bytes at an address. */
  u8(address: number, n: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, n);
  }

  /** Room for `bytes`; one line for 0, so that every address is its owner's alone. */
  #sizeOf(bytes: number): number {
    invariant(
      Number.isSafeInteger(bytes) && bytes >= 0,
      `Arena: a size must be an integer >= 0, got ${bytes}.`,
    );
    return Math.max(roundUp(bytes), ALIGNMENT);
  }

  #notePeak(): void {
    this.#peak = Math.max(this.#peak, this.used);
  }

  /** Puts [address, end) into the free list and joins it with its neighbours. */
  #release(address: number, end: number): void {
    this.#pinned -= end - address;
    const blocks = this.#free;
    let next = blocks.findIndex((b) => b.address >= end);
    if (next < 0) next = blocks.length;
    const before = blocks[next - 1];
    const after = blocks[next];
    const joinsAfter = after?.address === end;
    if (before?.end === address) {
      before.end = joinsAfter ? after.end : end;
      if (joinsAfter) blocks.splice(next, 1);
    } else if (joinsAfter) {
      after.address = address;
    } else {
      blocks.splice(next, 0, { address, end });
    }
  }

  #full(asked: number): MemoryLimitError {
    const { free } = this;
    const limit = this.limit - this.base;
    const largest = Math.max(0, ...this.#free.map((b) => Math.min(b.end, this.#top) - b.address));
    return new MemoryLimitError(
      `Kernel memory has no room for ${asked} bytes: ${free} of ${limit} are free, ${largest} in ` +
        'one piece; raise memory.maxBytes, or use smaller batches.',
      { details: { asked, free, largest, limit } },
    );
  }
}
