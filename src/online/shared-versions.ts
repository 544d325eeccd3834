/** The versions of a model that another thread shares. */
import { deferred } from './deferred.js';
import type { LiveVersions } from './live-versions.js';
import { SharedModel } from './shared-model.js';

/**
 * Follows shared memory. A look at the newest version is one atomic load while there is no other
 * one; versions that come faster than they are looked at are left out. As long as a thread only
 * predicts, a version is copied to where the one before was: memory that is new each time makes a
 * large model's first prediction several times as slow, at times.
 */
export class SharedVersions<Version> implements LiveVersions<Version> {
  readonly #model: SharedModel;
  readonly #unpack: (numbers: Float64Array) => Version;
  readonly #left = deferred<void>();
  #stopped = false;
  #publication = 0;
  #latest: Version | null = null;
  /** Where the next version is copied to; null when what lies there has been given away. */
  #numbers: Float64Array | null = null;
  #completed: Promise<void> | null = null;
  #news: { readonly seen: number; readonly promise: Promise<void> } | null = null;

  constructor(buffer: SharedArrayBuffer, unpack: (numbers: Float64Array) => Version) {
    this.#model = new SharedModel(buffer);
    this.#unpack = unpack;
  }

  get latest(): Version | null {
    const version = this.current;
    this.#numbers = null;
    return version;
  }

  get current(): Version | null {
    if (this.#stopped || this.#model.published === this.#publication) return this.#latest;
    const read = this.#model.read(this.#numbers);
    if (read !== null) {
      this.#numbers = read.numbers;
      this.#latest = this.#unpack(read.numbers);
      this.#publication = read.publication;
    }
    return this.#latest;
  }

  get ended(): boolean {
    return this.#stopped || this.#model.ended;
  }

  get news(): Promise<void> {
    const seen = this.#model.news;
    if (this.ended || this.#model.published !== this.#publication) return Promise.resolve();
    if (this.#news?.seen !== seen) {
      this.#news = { seen, promise: this.#model.changed(seen, this.#left.promise) };
    }
    return this.#news.promise;
  }

  /** Settles when the thread that writes has ended, or after {@link stop}. */
  get completed(): Promise<void> {
    this.#completed ??= this.#untilEnded();
    return this.#completed;
  }

  async newest(): Promise<Version | null> {
    while (this.latest === null && !this.ended) await this.news;
    return this.latest;
  }

  /** The newest version each time that it is another; nobody waits for the reader. */
  async *updates(): AsyncGenerator<Version, undefined> {
    let seen = this.latest;
    for (;;) {
      const { ended, latest } = this;
      if (latest !== null && latest !== seen) {
        seen = latest;
        yield latest;
      } else if (ended) {
        return undefined;
      } else {
        await this.news;
      }
    }
  }

  watch(onVersion: (version: Version) => void): void {
    const follow = async () => {
      for await (const version of this.updates()) onVersion(version);
    };
    void follow();
  }

  /** Stops following; the thread that writes goes on. */
  async stop(): Promise<void> {
    void this.current;
    this.#stopped = true;
    this.#left.resolve();
  }

  async #untilEnded(): Promise<void> {
    for (let seen = this.#model.news; !this.ended; seen = this.#model.news) {
      await this.#model.changed(seen, this.#left.promise);
    }
  }
}
