/** The versions of a model that learns on, as they come. */
import { deferred } from './deferred.js';
import type { LiveVersions } from './live-versions.js';
import { VersionReaders } from './version-readers.js';

/** Where versions come from. */
export interface VersionSource<Data> {
  /** Read at once, as fast as those take them who read {@link ModelVersions.updates}. */
  readonly versions: AsyncIterable<Data>;
  /** Ends the versions soon: what was learned still comes. */
  readonly stop: () => void | Promise<void>;
}

/** Follows the versions of a model: the newest, and what comes next. */
export class ModelVersions<Data> implements LiveVersions<Data> {
  /** The newest version; null before the first. */
  latest: Data | null = null;
  /** Settles when the versions have ended. */
  readonly completed: Promise<void>;
  readonly #stop: () => void | Promise<void>;
  readonly #readers = new VersionReaders<Data>();
  readonly #watchers: ((data: Data) => void)[] = [];
  #news = deferred<void>();
  #ended = false;

  /** @param onVersion Called with each, before anybody else sees it. */
  constructor({ versions, stop }: VersionSource<Data>, onVersion?: (data: Data) => void) {
    this.#stop = stop;
    if (onVersion !== undefined) this.#watchers.push(onVersion);
    this.completed = this.#follow(versions);
    // It may be that nobody waits for it.
    this.completed.catch(() => {});
  }

  get current(): Data | null {
    return this.latest;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Resolves when there is another version, or none will be. */
  get news(): Promise<void> {
    return this.#news.promise;
  }

  /** The newest version; waits for the first. Null when there was none; rejects if that failed. */
  async newest(): Promise<Data | null> {
    while (this.latest === null && !this.#ended) await this.news;
    if (this.#ended) await this.completed;
    return this.latest;
  }

  /** Every version from now on. */
  updates(): AsyncIterableIterator<Data> {
    return this.#readers.read(this.completed);
  }

  watch(onVersion: (data: Data) => void): void {
    this.#watchers.push(onVersion);
  }

  async stop(): Promise<void> {
    await this.#stop();
    await this.completed;
  }

  async #follow(versions: AsyncIterable<Data>): Promise<void> {
    try {
      for await (const data of versions) {
        this.latest = data;
        for (const watcher of this.#watchers) watcher(data);
        this.#tell();
        await this.#readers.put(data);
      }
    } finally {
      this.#ended = true;
      this.#tell();
      this.#readers.end();
    }
  }

  #tell(): void {
    const { resolve } = this.#news;
    this.#news = deferred();
    resolve();
  }
}
