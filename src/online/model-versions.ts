/** The versions of a model that learns on, as they come. */

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Versions for one reader: whoever puts one waits until it is taken, or the reader has left. */
class Updates<Data> {
  readonly #queue: { readonly data: Data; readonly taken: Deferred<void> }[] = [];
  #news = deferred<void>();
  #left = false;

  async put(data: Data): Promise<void> {
    if (this.#left) return;
    const taken = deferred<void>();
    this.#queue.push({ data, taken });
    this.wake();
    await taken.promise;
  }

  /** Lets the reader look again. */
  wake(): void {
    this.#news.resolve();
  }

  async *read(ended: () => boolean, completed: Promise<void>): AsyncGenerator<Data, undefined> {
    try {
      for (;;) {
        const next = this.#queue.shift();
        if (next !== undefined) {
          next.taken.resolve();
          yield next.data;
        } else if (ended()) {
          await completed;
          return undefined;
        } else {
          this.#news = deferred();
          await this.#news.promise;
        }
      }
    } finally {
      this.#left = true;
      for (const { taken } of this.#queue) taken.resolve();
    }
  }
}

/** Where versions come from. */
export interface VersionSource<Data> {
  /** Read at once, as fast as those take them who read {@link ModelVersions.updates}. */
  readonly versions: AsyncIterable<Data>;
  /** Ends the versions soon: what was learned still comes. */
  readonly stop: () => void | Promise<void>;
}

/** Follows the versions of a model: the newest, and what comes next. */
export class ModelVersions<Data> {
  /** The newest version; null before the first. */
  latest: Data | null = null;
  /** Settles when the versions have ended. */
  readonly completed: Promise<void>;
  readonly #stop: () => void | Promise<void>;
  readonly #readers = new Set<Updates<Data>>();
  #news = deferred<void>();
  #ended = false;

  constructor({ versions, stop }: VersionSource<Data>, onVersion: (data: Data) => void) {
    this.#stop = stop;
    this.completed = this.#follow(versions, onVersion);
    // It may be that nobody waits for it.
    this.completed.catch(() => {});
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
    const reader = new Updates<Data>();
    if (!this.#ended) this.#readers.add(reader);
    return reader.read(() => this.#ended, this.completed);
  }

  async stop(): Promise<void> {
    await this.#stop();
    await this.completed;
  }

  async #follow(versions: AsyncIterable<Data>, onVersion: (data: Data) => void): Promise<void> {
    try {
      for await (const data of versions) {
        this.latest = data;
        onVersion(data);
        this.#tell();
        await Promise.all(Array.from(this.#readers, (reader) => reader.put(data)));
      }
    } finally {
      this.#ended = true;
      this.#tell();
      for (const reader of this.#readers) reader.wake();
    }
  }

  #tell(): void {
    const { resolve } = this.#news;
    this.#news = deferred();
    resolve();
  }
}
