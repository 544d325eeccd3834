/**
 * A folder with the versions of a model, for processes that follow it. One process publishes, any
 * number read:
 *
 * ```text
 * <folder>/version-000000000041/   a saved model: metadata.json, data/, checksums
 * <folder>/version-000000000042/   the newest is the one with the highest number
 * <folder>/.version-...            being written, or left by a process that was killed
 * ```
 *
 * A version is written beside its place, fsynced and renamed: it is there as a whole or not at all.
 * One that is removed loses its name first. So what has a version's name is never half of one, and
 * there is no second file that could say otherwise.
 */
import type { FSWatcher } from 'node:fs';
import { watch } from 'node:fs';
import * as fs from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { syncFolder } from '../core/durable-fs.js';
import { deferred } from './deferred.js';

const NAME = /^version-(\d{12,16})$/;
const DRAFT = /^\.version-/;

/** The versions of a folder, as those who write and read it see them. */
export class ModelFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** Where a version is, or is to be. */
  pathOf(version: number): string {
    return join(this.path, `version-${String(version).padStart(12, '0')}`);
  }

  /** The versions that are there, the newest first; none when there is no such folder. */
  async versions(): Promise<number[]> {
    const names = await this.#names();
    const numbers = names.flatMap((name) => name.match(NAME)?.[1] ?? []).map(Number);
    return numbers.sort((a, b) => b - a);
  }

  /** Removes what a process has left that was killed; for the one that publishes. */
  async removeDrafts(): Promise<void> {
    const drafts = (await this.#names()).filter((name) => DRAFT.test(name));
    for (const name of drafts) await this.#remove(join(this.path, name));
  }

  /** Makes the newest names last, and removes all versions but the newest `keep`. */
  async settle(keep: number): Promise<void> {
    await syncFolder(fs, this.path);
    for (const version of (await this.versions()).slice(keep)) {
      const doomed = join(this.path, `.version-${version}-removed`);
      await fs.rename(this.pathOf(version), doomed);
      await this.#remove(doomed);
    }
  }

  #remove(path: string): Promise<void> {
    return fs.rm(path, { recursive: true, force: true });
  }

  async #names(): Promise<string[]> {
    try {
      return await fs.readdir(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }
}

/**
 * Tells when it is worth looking at a folder again: when the file system says so, and from time to
 * time, since not every file system does. The folder need not be there yet.
 */
export class FolderWatch {
  readonly #path: string;
  readonly #pollMs: number;
  readonly #closed = deferred<void>();
  #news = deferred<void>();
  #watcher: FSWatcher | null = null;
  #isClosed = false;

  constructor(path: string, pollMs: number) {
    this.#path = path;
    this.#pollMs = pollMs;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Resolves with {@link close}. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** From here on, what happens is news. Call it before looking. */
  arm(): void {
    this.#news = deferred();
    if (this.#watcher !== null || this.#isClosed) return;
    try {
      this.#watcher = watch(this.#path, () => this.#news.resolve());
      this.#watcher.on('error', () => this.#drop());
    } catch {
      // No such folder yet, or no more watches to be had: there is the clock.
    }
  }

  /** Resolves when it is time to look again, or the watch is closed. */
  async changed(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((wake) => {
      timer = setTimeout(wake, this.#pollMs);
    });
    await Promise.race([this.#news.promise, late, this.#closed.promise]);
    clearTimeout(timer);
  }

  close(): void {
    this.#isClosed = true;
    this.#drop();
    this.#closed.resolve();
  }

  #drop(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }
}
