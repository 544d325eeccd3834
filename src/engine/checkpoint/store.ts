/**
 * The checkpoints of one job, in one folder. One process at a time may write there.
 *
 * A checkpoint is a number, some facts (`meta`) and named parts of bytes. It is there as a whole or
 * not at all, it is checked when it is read, and the newest ones are kept.
 */
import * as nodeFs from 'node:fs/promises';
import type { FileSystem } from '../../core/durable-fs.js';
import { CheckpointError, invariant } from '../../core/errors.js';
import { type CheckpointWriter, Draft, type DraftEvents, writeError } from './draft.js';
import { type FolderEntry, JobFolder, newestFirst } from './folder.js';
import type { CheckpointMeta } from './manifest.js';
import { readCheckpoint, readManifest, type StoredCheckpoint } from './reader.js';

export type { CheckpointWriter } from './draft.js';
export { checkpointFolder } from './folder.js';
export type { CheckpointMeta } from './manifest.js';
export type { StoredCheckpoint } from './reader.js';

export interface StoreOptions {
  /** Of one job; see {@link checkpointFolder}. It is made with the first checkpoint. */
  readonly folder: string;
  /** How many checkpoints are kept, at least 1. */
  readonly keep: number;
  /** Is told what went wrong and does no harm: a broken checkpoint, something not removed. */
  readonly warn: (message: string, details: object) => void;
  readonly fs?: FileSystem;
}

/** A checkpoint that could not be read. */
interface Failure {
  readonly id: number;
  readonly cause: unknown;
}

export class CheckpointStore {
  readonly #folder: JobFolder;
  readonly #keep: number;
  readonly #warn: StoreOptions['warn'];
  /** Ids that are being written. */
  readonly #drafts = new Set<number>();
  /** Ids that `load` found broken: they do not count as kept. */
  readonly #broken = new Set<number>();
  #highestBegun = 0;

  constructor({ folder, keep, warn, fs = nodeFs }: StoreOptions) {
    invariant(Number.isInteger(keep) && keep >= 1, `keep must be an integer >= 1, got ${keep}`);
    this.#folder = new JobFolder(folder, fs);
    this.#keep = keep;
    this.#warn = warn;
  }

  /**
   * What the newest checkpoint says about itself, at once; null when there is none. Its parts are
   * not looked at, so `load` may find it broken, and take one before it with another meta.
   *
   * @throws CheckpointError `ERR_GYRE_CHECKPOINT` when a later version of gyre wrote it.
   */
  peek(): { readonly id: number; readonly meta: CheckpointMeta } | null {
    for (const id of newestFirst(this.#folder.entriesSync())) {
      try {
        return { id, meta: readManifest(this.#folder, id).meta };
      } catch (error) {
        if (error instanceof CheckpointError) throw error;
      }
    }
    return null;
  }

  /**
   * The newest checkpoint that is whole; null when there is none at all. Those before it that are
   * broken get a warning each. Time and memory as for all of its bytes.
   *
   * @throws CheckpointError `ERR_GYRE_CHECKPOINT` when there are some and all are broken, or the
   *   newest was written by a later version of gyre.
   */
  async load(): Promise<StoredCheckpoint | null> {
    const failures: Failure[] = [];
    for (const id of newestFirst(await this.#folder.entries())) {
      const read = await this.#read(id);
      if ('parts' in read) {
        for (const failure of failures) this.#warnOf(failure.id, 'is skipped', failure.cause);
        return read;
      }
      this.#broken.add(id);
      failures.push(read);
    }
    if (failures.length > 0) throw this.#allBroken(failures);
    return null;
  }

  /** The next checkpoint's number: above all that exist, are being written, or were begun here. */
  nextId(): number {
    const ids = this.#folder.entriesSync().map(({ id }) => id);
    return Math.max(this.#highestBegun, ...ids) + 1;
  }

  /**
   * Begins checkpoint `id`, after removing what a process that died has left.
   *
   * @param id Above those of all checkpoints that exist; see {@link nextId}.
   * @throws CheckpointError `ERR_GYRE_CHECKPOINT` when nothing can be written there.
   */
  async begin(id: number): Promise<CheckpointWriter> {
    invariant(Number.isSafeInteger(id) && id >= 1, `id must be an integer >= 1, got ${id}`);
    invariant(!this.#drafts.has(id), `checkpoint ${id} is being written already`);
    this.#highestBegun = Math.max(this.#highestBegun, id);
    this.#drafts.add(id);
    try {
      await this.#folder.make();
      const entries = await this.#folder.entries();
      this.#checkAbove(id, entries);
      await this.#removeLeftovers(entries);
      return await Draft.open(this.#folder, id, this.#eventsOf(id));
    } catch (cause) {
      this.#drafts.delete(id);
      throw writeError(this.#folder, id, cause);
    }
  }

  /**
   * Removes all checkpoints, oldest first, and what a process that died has left; nothing else, and
   * nothing that is being written.
   *
   * @throws CheckpointError `ERR_GYRE_CHECKPOINT` when something cannot be removed.
   */
  async clear(): Promise<void> {
    const entries = await this.#folder.entries();
    if (entries.length === 0) return;
    try {
      for (const id of newestFirst(entries).reverse()) await this.#folder.remove(id);
      for (const id of this.#leftovers(entries)) await this.#folder.removeDraft(id);
      await this.#folder.sync(this.#folder.path);
    } catch (cause) {
      throw new CheckpointError(
        `checkpoints in ${this.#folder.path} cannot be removed: ${(cause as Error).message}.`,
        { details: { folder: this.#folder.path }, cause },
      );
    }
  }

  async #read(id: number): Promise<StoredCheckpoint | Failure> {
    try {
      return await readCheckpoint(this.#folder, id);
    } catch (cause) {
      if (cause instanceof CheckpointError) throw cause;
      return { id, cause };
    }
  }

  #allBroken(failures: readonly Failure[]): CheckpointError {
    const [{ id, cause }] = failures as readonly [Failure];
    return new CheckpointError(
      `${this.#folder.path}: a checkpoint must be whole to go on from, got ${failures.length} that ` +
        `are broken; remove the folder to start anew. Checkpoint ${id}: ${(cause as Error).message}`,
      { details: { folder: this.#folder.path, ids: failures.map((failure) => failure.id) }, cause },
    );
  }

  #warnOf(id: number, what: string, cause: unknown): void {
    const folder = this.#folder.path;
    this.#warn(`checkpoint ${id} in ${folder} ${what}: ${(cause as Error).message}`, {
      folder,
      id,
      cause,
    });
  }

  #eventsOf(id: number): DraftEvents {
    return {
      warn: (what, cause) => this.#warnOf(id, what, cause),
      ended: async (committed) => {
        this.#drafts.delete(id);
        if (committed) await this.#prune(id);
      },
    };
  }

  /** Otherwise it would not be the newest one, or be in the place of another. */
  #checkAbove(id: number, entries: readonly FolderEntry[]): void {
    const [newest = 0] = newestFirst(entries);
    if (id > newest) return;
    throw new CheckpointError(
      `checkpoint ${id} in ${this.#folder.path}: its number must be above ${newest}, which exists.`,
      { details: { folder: this.#folder.path, id, newest } },
    );
  }

  #leftovers(entries: readonly FolderEntry[]): number[] {
    const drafts = entries.filter(({ id, isDraft }) => isDraft && !this.#drafts.has(id));
    return drafts.map(({ id }) => id);
  }

  /** They are in nobody's way but the disk's. */
  async #removeLeftovers(entries: readonly FolderEntry[]): Promise<void> {
    for (const id of this.#leftovers(entries)) {
      await this.#folder.removeDraft(id).catch((cause) => this.#warnOf(id, 'is left', cause));
    }
  }

  /** Removes what is beyond `keep`. The checkpoint that was just committed stands, come what may. */
  async #prune(committed: number): Promise<void> {
    try {
      const ids = newestFirst(await this.#folder.entries());
      const kept = new Set(ids.filter((id) => !this.#broken.has(id)).slice(0, this.#keep));
      for (const id of ids.filter((id) => !kept.has(id))) {
        await this.#folder.remove(id).catch((cause) => this.#warnOf(id, 'is left', cause));
      }
    } catch (cause) {
      this.#warnOf(committed, 'is committed, older ones are not looked for', cause);
    }
  }
}
