/** Those who read every version of a model: whoever gives one waits until all have taken it. */
import { type Deferred, deferred } from './deferred.js';

/** Versions on their way to one reader. */
class Reader<Version> {
  readonly #queue: { readonly version: Version; readonly taken: Deferred<void> }[] = [];
  #news = deferred<void>();
  #left = false;

  async put(version: Version): Promise<void> {
    if (this.#left) return;
    const taken = deferred<void>();
    this.#queue.push({ version, taken });
    this.wake();
    await taken.promise;
  }

  /** Lets the reader look again. */
  wake(): void {
    this.#news.resolve();
  }

  async *read(ended: () => boolean, completed: Promise<void>): AsyncGenerator<Version, undefined> {
    try {
      for (;;) {
        const next = this.#queue.shift();
        if (next !== undefined) {
          next.taken.resolve();
          yield next.version;
        } else if (this.#left) {
          return undefined;
        } else if (ended()) {
          await completed;
          return undefined;
        } else {
          this.#news = deferred();
          await this.#news.promise;
        }
      }
    } finally {
      this.leave();
    }
  }

  leave(): void {
    this.#left = true;
    for (const { taken } of this.#queue) taken.resolve();
  }
}

export class VersionReaders<Version> {
  readonly #readers = new Set<Reader<Version>>();
  #ended = false;

  /** Gives a version to all readers. Resolves when they have taken it, or have left. */
  async put(version: Version): Promise<void> {
    await Promise.all(Array.from(this.#readers, (reader) => reader.put(version)));
  }

  /** No more versions: readers end when they have taken what there is. */
  end(): void {
    this.#ended = true;
    for (const reader of this.#readers) reader.wake();
  }

  /**
   * A new reader, of every version from now on.
   *
   * @param completed Why there are no more, if that is a failure.
   */
  read(completed: Promise<void>): AsyncIterableIterator<Version> {
    const reader = new Reader<Version>();
    if (!this.#ended) this.#readers.add(reader);
    const versions = reader.read(() => this.#ended, completed);
    // One that has never been read is told nothing when it is closed.
    return {
      next: () => versions.next(),
      return: async () => {
        reader.leave();
        this.#readers.delete(reader);
        reader.wake();
        return versions.return(undefined);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
