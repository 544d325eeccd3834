/** A source with something done before each record. */
import type { RewindableSource } from '../../../src/engine/source.js';

/** The numbers 0 .. n - 1; `before` is awaited before each is given. */
export class Steps implements RewindableSource<number> {
  readonly #n: number;
  readonly #before: (i: number) => void | Promise<void>;
  #next = 0;

  constructor(n: number, before: (i: number) => void | Promise<void>) {
    this.#n = n;
    this.#before = before;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<number> {
    while (this.#next < this.#n) {
      await this.#before(this.#next);
      yield this.#next++;
    }
  }

  position(): unknown {
    return this.#next;
  }

  seek(position: unknown): void {
    this.#next = position as number;
  }
}
