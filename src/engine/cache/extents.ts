/** Which bytes of a spill file are taken. */

interface Extent {
  readonly start: number;
  readonly end: number;
}

/** Pieces begin and end at whole pages, so that no write has to read the rest of one first. */
const PAGE_BYTES = 4096;

/**
 * Hands out pieces of a file, the lowest that is free and large enough first. A queue that is
 * written and read for ever goes round and round in its file instead of making it longer.
 */
export class Extents {
  /** In order; never adjacent to each other or to the end. */
  readonly #free: Extent[] = [];
  #end = 0;

  /** Where the last piece ends: 0 when all are free. */
  get end(): number {
    return this.#end;
  }

  /** Takes `bytes` > 0 bytes. Returns where they begin. */
  take(bytes: number): number {
    const size = pages(bytes);
    const index = this.#free.findIndex(({ start, end }) => end - start >= size);
    const extent = this.#free[index];
    if (extent === undefined) {
      const start = this.#end;
      this.#end += size;
      return start;
    }
    const { start, end } = extent;
    const rest = start + size === end ? [] : [{ start: start + size, end }];
    this.#free.splice(index, 1, ...rest);
    return start;
  }

  /** Gives back what {@link take} returned for that many bytes. */
  give(start: number, bytes: number): void {
    const free = this.#free;
    const end = start + pages(bytes);
    const found = free.findIndex((extent) => extent.start >= end);
    const next = found < 0 ? free.length : found;
    const before = free[next - 1]?.end === start ? free[next - 1] : undefined;
    const after = free[next]?.start === end ? free[next] : undefined;
    const joined = { start: before?.start ?? start, end: after?.end ?? end };
    const first = before === undefined ? next : next - 1;
    free.splice(first, Number(before !== undefined) + Number(after !== undefined), joined);
    if (joined.end !== this.#end) return;
    free.pop();
    this.#end = joined.start;
  }
}

const pages = (bytes: number): number => Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
