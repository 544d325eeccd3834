/** One file while it is written: a buffer in front of it, and what makes it last. */
import type { FileHandle } from 'node:fs/promises';
import type { FileSystem } from '../core/durable-fs.js';
import { fileError } from './part-folder.js';

/** What is gathered before it is written. */
const BUFFER_BYTES = 1 << 18;

export class PartFile {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #buffer: Buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #used = 0;
  #written = 0;
  #isClosed = false;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /** Makes a new file, or one anew that was left. */
  static async open(fs: FileSystem, path: string): Promise<PartFile> {
    try {
      return new PartFile(path, await fs.open(path, 'w'));
    } catch (cause) {
      throw fileError('cannot be made', path, cause);
    }
  }

  /** Bytes so far. */
  get bytes(): number {
    return this.#written + this.#used;
  }

  /** Takes a text or bytes. Returns a promise when it has to be waited for. */
  add(piece: string | Uint8Array): Promise<void> | undefined {
    // No character takes more than three bytes for each of its code units.
    const room = BUFFER_BYTES - this.#used;
    if (typeof piece === 'string' && piece.length * 3 <= room) {
      this.#used += this.#buffer.write(piece, this.#used);
      return undefined;
    }
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    if (bytes.length > room) return this.#addAfterFlush(bytes);
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
    return undefined;
  }

  /** Writes what is left, and returns when all of it is on the disk. */
  async finish(): Promise<void> {
    await this.#flush();
    try {
      await this.#file.sync();
      this.#isClosed = true;
      await this.#file.close();
    } catch (cause) {
      throw fileError('cannot be written', this.path, cause);
    }
  }

  /** Gives the file up; it is left as it is. */
  async abandon(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#file.close().catch(() => {});
  }

  async #addAfterFlush(bytes: Uint8Array): Promise<void> {
    await this.#flush();
    if (bytes.length >= BUFFER_BYTES) {
      await this.#write(bytes);
    } else {
      this.#buffer.set(bytes);
      this.#used = bytes.length;
    }
  }

  async #flush(): Promise<void> {
    const used = this.#used;
    this.#used = 0;
    await this.#write(this.#buffer.subarray(0, used));
  }

  /** One call may write less: on a disk that becomes full the next one says so. */
  async #write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at);
        at += bytesWritten;
        this.#written += bytesWritten;
      }
    } catch (cause) {
      throw fileError('cannot be written', this.path, cause);
    }
  }
}
