/**
 * A checkpoint while it is written, as `checkpoint-<id>.tmp`. The order makes it last as a whole or
 * not at all, whenever the process or the power goes: data on the disk, manifest on the disk, both
 * names on the disk, then the rename, and that on the disk.
 */
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { writeDurably } from '../../core/durable-fs.js';
import { CheckpointError, invariant } from '../../core/errors.js';
import { DATA_FILE, type JobFolder, MANIFEST_FILE, PIECE_BYTES } from './folder.js';
import {
  type CheckpointMeta,
  dataBytes,
  encodeManifest,
  type Part,
  partBoundary,
} from './manifest.js';

/** What fills a part up; at most 7 of them. */
const ZEROS = new Uint8Array(8);

/**
 * Writes one checkpoint. Calls may overlap, and are done one after the other. The first that fails
 * removes the checkpoint and fails those after it, so it is enough to await `commit`.
 */
export interface CheckpointWriter {
  /**
   * Writes a part, under a key of its own. Nothing is copied: the bytes, which may be in shared
   * memory, must stay as they are until this is done.
   *
   * @throws CheckpointError `ERR_GYRE_CHECKPOINT` when it cannot be written, or after `abort`.
   */
  write(key: string, bytes: Uint8Array): Promise<void>;
  /**
   * Makes the checkpoint the newest one, after all writes. When this is done it lasts.
   *
   * @throws CheckpointError `ERR_GYRE_CHECKPOINT`; the checkpoints before it are as they were. It
   *   may be there itself, whole, where a file system fails in the very last step.
   */
  commit(meta: CheckpointMeta): Promise<void>;
  /** Gives it up, unless it was committed; waits for what is being done. Never rejects. */
  abort(): Promise<void>;
}

/** What a draft tells its store. */
export interface DraftEvents {
  /** It is over, committed or not. */
  readonly ended: (committed: boolean) => Promise<void>;
  /** Something of it could not be removed. */
  readonly warn: (message: string, cause: unknown) => void;
}

/** The error of a checkpoint that cannot be written. */
export function writeError(folder: JobFolder, id: number, cause: unknown): CheckpointError {
  if (cause instanceof CheckpointError) return cause;
  return new CheckpointError(
    `checkpoint ${id} cannot be written to ${folder.path}; those before it are as they were: ` +
      (cause as Error).message,
    { details: { folder: folder.path, id }, cause },
  );
}

export class Draft implements CheckpointWriter {
  readonly #folder: JobFolder;
  readonly #id: number;
  readonly #data: FileHandle;
  readonly #events: DraftEvents;
  readonly #keys = new Set<string>();
  readonly #parts: Part[] = [];
  /** The last call; it rejects when one has failed, and so do those that come behind it. */
  #last: Promise<void> = Promise.resolve();
  #isSealed = false;
  #isRenamed = false;
  #isAborted = false;
  #isOver = false;

  private constructor(folder: JobFolder, id: number, data: FileHandle, events: DraftEvents) {
    this.#folder = folder;
    this.#id = id;
    this.#data = data;
    this.#events = events;
  }

  /** Makes the folder of a draft, which must not be there. Leaves nothing behind when it fails. */
  static async open(folder: JobFolder, id: number, events: DraftEvents): Promise<Draft> {
    await folder.fs.mkdir(folder.draftPath(id));
    try {
      const data = await folder.fs.open(join(folder.draftPath(id), DATA_FILE), 'wx');
      return new Draft(folder, id, data, events);
    } catch (error) {
      await folder.removeDraft(id).catch((cause) => events.warn('is left', cause));
      throw error;
    }
  }

  write(key: string, bytes: Uint8Array): Promise<void> {
    invariant(!this.#isSealed, `checkpoint ${this.#id} is committed, and "${key}" comes after it`);
    invariant(!this.#keys.has(key), `checkpoint ${this.#id} has the part "${key}" already`);
    this.#keys.add(key);
    return this.#queue(() => this.#append(key, bytes));
  }

  commit(meta: CheckpointMeta): Promise<void> {
    invariant(!this.#isSealed, `checkpoint ${this.#id} is committed already`);
    this.#isSealed = true;
    return this.#queue(() => this.#seal(meta));
  }

  abort(): Promise<void> {
    this.#isAborted = true;
    const discard = () => this.#discard();
    return this.#last.then(discard, discard);
  }

  #queue(step: () => Promise<void>): Promise<void> {
    const done = this.#last.then(async () => {
      try {
        await step();
      } catch (cause) {
        await this.#discard();
        throw writeError(this.#folder, this.#id, cause);
      }
    });
    // A caller may await the last call alone.
    done.catch(() => {});
    this.#last = done;
    return done;
  }

  #checkGoing(): void {
    if (!this.#isAborted) return;
    throw new CheckpointError(`checkpoint ${this.#id} in ${this.#folder.path} was aborted.`, {
      details: { folder: this.#folder.path, id: this.#id },
    });
  }

  async #append(key: string, bytes: Uint8Array): Promise<void> {
    const offset = dataBytes(this.#parts);
    let sum = 0;
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      this.#checkGoing();
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      const writing = this.#writeAll(piece, offset + at);
      // Meanwhile; the next turn of the event loop comes before the next piece.
      sum = crc32(piece, sum);
      await writing;
    }
    this.#checkGoing();
    sum = crc32(ZEROS.subarray(0, partBoundary(bytes.length) - bytes.length), sum);
    this.#parts.push({ key, offset, bytes: bytes.length, crc32: sum });
  }

  /** One call may write less: on a disk that becomes full the next one says so. */
  async #writeAll(piece: Uint8Array, position: number): Promise<void> {
    for (let at = 0; at < piece.length; ) {
      const { bytesWritten } = await this.#data.write(piece, at, piece.length - at, position + at);
      invariant(bytesWritten > 0, `${DATA_FILE}: no bytes were written, and no error given`);
      at += bytesWritten;
    }
  }

  async #seal(meta: CheckpointMeta): Promise<void> {
    this.#checkGoing();
    const [folder, draft] = [this.#folder, this.#folder.draftPath(this.#id)];
    const manifest = encodeManifest(this.#id, meta, this.#parts);
    // Behind the last part are zeros too, as they are where a file was not written.
    await this.#data.truncate(dataBytes(this.#parts));
    await this.#data.sync();
    await this.#data.close();
    await writeDurably(folder.fs, join(draft, MANIFEST_FILE), manifest);
    await folder.sync(draft);
    this.#checkGoing();
    await folder.fs.rename(draft, folder.wholePath(this.#id));
    this.#isRenamed = true;
    await folder.sync(folder.path);
    this.#isOver = true;
    await this.#events.ended(true);
  }

  /** Removes what there is, as far as possible. */
  async #discard(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    try {
      await this.#data.close();
    } catch (cause) {
      this.#events.warn('could not be closed', cause);
    }
    try {
      // Only what is ours: another process may have written a checkpoint of this id.
      if (this.#isRenamed) await this.#folder.remove(this.#id);
      else await this.#folder.removeDraft(this.#id);
    } catch (cause) {
      this.#events.warn('is left', cause);
    }
    await this.#events.ended(false);
  }
}
