/** An async iterable that can be ended from outside, as if it had no more. */
export class Stoppable<T> implements AsyncIterable<T> {
  readonly #source: AsyncIterable<T>;
  #stop!: () => void;
  readonly #stopped: Promise<null>;

  constructor(source: AsyncIterable<T>) {
    this.#source = source;
    this.#stopped = new Promise((resolve) => {
      this.#stop = () => resolve(null);
    });
  }

  stop(): void {
    this.#stop();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, undefined> {
    const iterator = this.#source[Symbol.asyncIterator]();
    let stopped = false;
    try {
      for (;;) {
        const next = iterator.next();
        // Once stopped, nobody looks at what the source still says.
        next.catch(() => {});
        const result = await Promise.race([this.#stopped, next]);
        stopped = result === null;
        if (result === null || result.done === true) return undefined;
        yield result.value;
      }
    } finally {
      // A source that waits for its next batch answers when that has come: it is not waited for.
      const closing = iterator.return?.();
      if (stopped) closing?.catch(() => {});
      else await closing;
    }
  }
}
