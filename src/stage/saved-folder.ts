/** Folders of saved stages, read as if they came from anywhere. */
import { constants, type FileHandle, open, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { FormatError } from '../core/errors.js';

/** A link or a pipe must not be opened even if it takes the file's place right after the check. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** A folder in which only files of names that this library fixes are read, and no link is followed. */
export class SavedFolder {
  /** As the caller calls it, for messages. */
  readonly path: string;
  readonly #top: string;
  readonly #below: string;

  /** @param top The folder that the caller names, which may be a link; `below` lies inside. */
  constructor(top: string, below = '') {
    this.#top = top;
    this.#below = below;
    this.path = join(top, below);
  }

  /** A folder inside. */
  child(name: string): SavedFolder {
    return new SavedFolder(this.#top, join(this.#below, name));
  }

  /**
   * The bytes of a file inside.
   *
   * @param check Is told the size, and may throw before anything is read.
   * @throws FormatError `ERR_GYRE_FORMAT` when there is none, or it is something else than a file.
   */
  async read(name: string, check: (path: string, bytes: number) => void): Promise<Buffer> {
    const path = join(this.path, name);
    const file = await this.#open(path, join(this.#below, name));
    try {
      const info = await file.stat();
      if (!info.isFile()) throw broken(path, 'it must be a file.');
      check(path, info.size);
      return await readWhole(file, path, info.size);
    } catch (cause) {
      if (cause instanceof FormatError) throw cause;
      throw broken(path, `it cannot be read: ${(cause as Error).message}.`, { cause });
    } finally {
      await file.close();
    }
  }

  async #open(path: string, below: string): Promise<FileHandle> {
    // Whoever publishes models may remove the folder between any two of these steps.
    const [real, top] = await Promise.all([realpath(path), realpath(this.#top)]).catch((cause) => {
      throw broken(path, 'there is no such file; expected a saved stage.', { cause });
    });
    if (real !== join(top, below)) throw broken(path, 'it must not be a link, nor lie behind one.');
    return open(real, FLAGS).catch((cause) => {
      throw broken(path, `it cannot be read: ${(cause as Error).message}.`, { cause });
    });
  }
}

/** Exactly so many bytes, also of a file that grows meanwhile. */
async function readWhole(file: FileHandle, path: string, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(size);
  let at = 0;
  while (at < size) {
    const { bytesRead } = await file.read(bytes, at, Math.min(size - at, 1 << 30), at);
    if (bytesRead === 0) throw broken(path, `it must have ${size} bytes, got ${at}.`);
    at += bytesRead;
  }
  return bytes;
}

/** What is wrong with a file of a saved stage. */
export function broken(
  path: string,
  what: string,
  { cause, ...details }: Record<string, unknown> = {},
): FormatError {
  return new FormatError(`${path}: ${what}`, { details: { path, ...details }, cause });
}
