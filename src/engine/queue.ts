/** A first-in first-out queue that costs no allocation per item. */

/** A queue in an array whose length is a power of two. */
export class Queue<T> {
  #items: (T | undefined)[] = new Array<undefined>(16).fill(undefined);
  #head = 0;
  #tail = 0;

  get isEmpty(): boolean {
    return this.#head === this.#tail;
  }

  /** The next item; only when there is one. */
  get front(): T {
    return this.#items[this.#head & (this.#items.length - 1)]!;
  }

  push(delivery: T): void {
    if (this.#tail - this.#head === this.#items.length) this.#resize(this.#items.length * 2);
    this.#items[this.#tail++ & (this.#items.length - 1)] = delivery;
  }

  *items(): IterableIterator<T> {
    for (let i = this.#head; i < this.#tail; i++) yield this.#items[i & (this.#items.length - 1)]!;
  }

  shift(): T {
    const at = this.#head++ & (this.#items.length - 1);
    const delivery = this.#items[at]!;
    this.#items[at] = undefined;
    if (this.#head === this.#tail) this.#clear();
    return delivery;
  }

  /** The cursors must not grow for ever, nor the array stay large. */
  #clear(): void {
    this.#head = 0;
    this.#tail = 0;
    if (this.#items.length > 1024) this.#items = new Array<undefined>(16).fill(undefined);
  }

  #resize(length: number): void {
    const { length: old } = this.#items;
    const count = this.#tail - this.#head;
    const items = new Array<T | undefined>(length).fill(undefined);
    for (let i = 0; i < count; i++) items[i] = this.#items[(this.#head + i) & (old - 1)];
    this.#items = items;
    this.#head = 0;
    this.#tail = count;
  }
}
