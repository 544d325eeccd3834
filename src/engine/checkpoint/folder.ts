/**
 * The folder of a job's checkpoints: names, and what makes them last.
 *
 * ```text
 * <base>/job-<name>/
 *   checkpoint-7/        whole: it has this name since all of it is on the disk
 *     data.bin           the parts, one after the other
 *     manifest.json      what they are
 *   checkpoint-8.tmp/    being written, or being removed: never read
 * ```
 */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type FileSystem, makeFolder, syncFolder } from '../../core/durable-fs.js';
import { CheckpointError } from '../../core/errors.js';

/** Names in the folder of a checkpoint. */
export const DATA_FILE = 'data.bin';
export const MANIFEST_FILE = 'manifest.json';

/** What is read or written in one call, and summed up in one turn: well under a millisecond. */
export const PIECE_BYTES: number = 1 << 20;

const NAME = /^checkpoint-([1-9]\d{0,15})(\.tmp)?$/;
/** Most systems allow names of 255 bytes. */
const MAX_JOB_BYTES = 200;

/** Something in the folder that is ours by its name. */
export interface FolderEntry {
  readonly id: number;
  readonly isDraft: boolean;
}

/**
 * The folder of a job below `base`: a safe name, and another one for every job. Where the file
 * system takes upper and lower case for the same, so does this.
 */
export function checkpointFolder(base: string, job: string): string {
  // Of code units, not of UTF-8: halves of surrogate pairs stay distinct.
  const escaped = job.replace(/[^A-Za-z0-9_-]/g, (unit) => {
    const code = unit.charCodeAt(0);
    const digits = code.toString(16).toUpperCase();
    return code < 256 ? `%${digits.padStart(2, '0')}` : `%u${digits.padStart(4, '0')}`;
  });
  if (escaped.length <= MAX_JOB_BYTES) return join(base, `job-${escaped}`);
  // No escape begins with %-, so a long name is never equal to a short one.
  const hash = createHash('sha256').update(escaped).digest('hex');
  return join(base, `job-${escaped.slice(0, MAX_JOB_BYTES - hash.length)}%-${hash}`);
}

/** The ids of whole checkpoints, newest first. */
export function newestFirst(entries: readonly FolderEntry[]): number[] {
  const ids = entries.filter(({ isDraft }) => !isDraft).map(({ id }) => id);
  return ids.sort((a, b) => b - a);
}

function entriesOf(names: readonly string[]): FolderEntry[] {
  return names.flatMap((name) => {
    const match = NAME.exec(name);
    const id = Number(match?.[1]);
    return Number.isSafeInteger(id) ? [{ id, isDraft: match?.[2] !== undefined }] : [];
  });
}

/** One job's folder. */
export class JobFolder {
  readonly path: string;
  readonly fs: FileSystem;

  constructor(path: string, fs: FileSystem) {
    this.path = resolve(path);
    this.fs = fs;
  }

  /** Where checkpoint `id` is when it is whole. */
  wholePath(id: number): string {
    return join(this.path, `checkpoint-${id}`);
  }

  /** Where checkpoint `id` is while it is written or removed. */
  draftPath(id: number): string {
    return join(this.path, `checkpoint-${id}.tmp`);
  }

  /** Makes the folder, and those on the way to it. */
  async make(): Promise<void> {
    await makeFolder(this.fs, this.path);
  }

  /** What is there and ours; nothing when there is no folder. */
  async entries(): Promise<FolderEntry[]> {
    try {
      return entriesOf(await this.fs.readdir(this.path));
    } catch (cause) {
      return this.#entriesWithout(cause);
    }
  }

  /** {@link entries}, at once. */
  entriesSync(): FolderEntry[] {
    try {
      return entriesOf(readdirSync(this.path));
    } catch (cause) {
      return this.#entriesWithout(cause);
    }
  }

  #entriesWithout(cause: unknown): FolderEntry[] {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new CheckpointError(
      `${this.path}: it must be a folder that can be read: ${(cause as Error).message}.`,
      { details: { folder: this.path }, cause },
    );
  }

  /** Makes names last: of files made in `path`, or renamed there. */
  async sync(path: string): Promise<void> {
    await syncFolder(this.fs, path);
  }

  /** Removes a whole checkpoint; at no moment is a part of it there under its name. */
  async remove(id: number): Promise<void> {
    await this.removeDraft(id);
    try {
      await this.fs.rename(this.wholePath(id), this.draftPath(id));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    await this.removeDraft(id);
  }

  async removeDraft(id: number): Promise<void> {
    await this.fs.rm(this.draftPath(id), { recursive: true, force: true });
  }
}
