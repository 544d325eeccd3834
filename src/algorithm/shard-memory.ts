/** What a shard remembers from one round of a training to the next. */
import { MemoryLimitError } from '../core/errors.js';
import type { Arena, Segment } from '../memory/arena.js';

/** The share of kernel memory that is left to data and to the scratch of kernels. */
const SPARED = 0.25;

/**
 * The memory of one shard, on the thread that owns it: not in checkpoints, not sent anywhere, empty
 * in the first round and in the first one after a restart.
 */
export class ShardMemory {
  /** Whatever the training puts here; undefined at first. */
  kept: unknown = undefined;
  readonly #arena: Arena;
  readonly #segments: Segment[] = [];

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /**
   * Kernel memory that stays until the training is over: zeros. Returns its address, or null when
   * there is no room, and the training has to do without.
   */
  allocate(bytes: number): number | null {
    const { free, base, limit } = this.#arena;
    if (free - bytes < (limit - base) * SPARED) return null;
    try {
      // In words: V8 fills shared memory byte by byte where it is asked to fill bytes.
      const words = Math.ceil(bytes / 8);
      const segment = this.#arena.allocate(8 * words);
      this.#segments.push(segment);
      this.#arena.f64(segment.address, words).fill(0);
      return segment.address;
    } catch (error) {
      if (error instanceof MemoryLimitError) return null;
      throw error;
    }
  }

  /** Gives all kernel memory back. */
  free(): void {
    for (const segment of this.#segments.splice(0)) segment.free();
    this.kept = undefined;
  }
}
