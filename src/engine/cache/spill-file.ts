/** One file of encoded records: written and read in blocks, deleted when it is closed. */
import type * as fs from 'node:fs';
import { FormatError, MemoryLimitError } from '../../core/errors.js';
import { Extents } from './extents.js';

/** The calls of `node:fs` that spilling makes. Tests give others, which fail. */
export type FileCalls = Pick<
  typeof fs,
  'openSync' | 'writeSync' | 'readSync' | 'ftruncateSync' | 'closeSync' | 'rmSync'
>;

/** Node takes lengths below 2^31 only. */
const MOST_BYTES = 2 ** 30;

/** Runs what may fail without harm: a file that cannot be deleted is swept later. */
export function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // Nothing depends on it.
  }
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? 'no code';

/** What cannot be kept in memory cannot be put on the disk either. */
export function spillError(
  what: string,
  path: string,
  bytes: number,
  cause: unknown,
): MemoryLimitError {
  const code = codeOf(cause);
  return new MemoryLimitError(
    `Spill file ${path}: ${what} (${code}); what does not fit in memory needs room on this disk. ` +
      'Free some there, set TMPDIR to a larger one, or give the session more memory.',
    { details: { path, bytes, code }, cause },
  );
}

/** A file that is one cache's alone. */
export class SpillFile {
  readonly path: string;
  readonly #calls: FileCalls;
  readonly #extents = new Extents();
  #fd: number;

  /**
   * Makes the file.
   *
   * @throws {@link MemoryLimitError} `ERR_GYRE_MEMORY` when it cannot be made.
   */
  constructor(path: string, calls: FileCalls) {
    this.path = path;
    this.#calls = calls;
    try {
      this.#fd = calls.openSync(path, 'wx+', 0o600);
    } catch (cause) {
      throw spillError('the file could not be made', path, 0, cause);
    }
  }

  /**
   * Writes a block where there is room. Returns its position, for {@link read} and {@link free}.
   *
   * @throws {@link MemoryLimitError} `ERR_GYRE_MEMORY` when the disk is full, with the system's
   *   error as `cause`. The file is then as before.
   */
  write(block: Uint8Array): number {
    const { length } = block;
    const start = this.#extents.take(length);
    try {
      for (let done = 0; done < length; ) {
        const most = Math.min(length - done, MOST_BYTES);
        done += this.#calls.writeSync(this.#fd, block, done, most, start + done);
      }
    } catch (cause) {
      this.#extents.give(start, length);
      throw spillError(`${length} bytes could not be written`, this.path, length, cause);
    }
    return start;
  }

  /**
   * Fills a block with what was written at a position.
   *
   * @throws {@link FormatError} `ERR_GYRE_FORMAT` when the file cannot be read, or has been cut.
   */
  read(start: number, block: Uint8Array): void {
    const { length } = block;
    const failed = (cause?: unknown) =>
      new FormatError(
        `Spill file ${this.path}: expected ${length} bytes at ${start}, ` +
          (cause === undefined ? 'but the file ends before.' : `but got ${codeOf(cause)}.`),
        { details: { path: this.path, start, bytes: length }, cause },
      );
    for (let done = 0; done < length; ) {
      let got: number;
      try {
        const most = Math.min(length - done, MOST_BYTES);
        got = this.#calls.readSync(this.#fd, block, done, most, start + done);
      } catch (cause) {
        throw failed(cause);
      }
      if (got === 0) throw failed();
      done += got;
    }
  }

  /** Gives a block's room back; with the last one, to the disk. */
  free(start: number, bytes: number): void {
    this.#extents.give(start, bytes);
    if (this.#extents.end === 0) quietly(() => this.#calls.ftruncateSync(this.#fd, 0));
  }

  /** Closes and deletes the file. Never throws. */
  close(): void {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    quietly(() => this.#calls.closeSync(fd));
    quietly(() => this.#calls.rmSync(this.path, { force: true }));
  }
}
