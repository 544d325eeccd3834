/** The best of many items by score, in a heap of fixed size whose root is the worst that is kept. */
export class TopItems {
  readonly #k: number;
  readonly #items: Int32Array;
  readonly #scores: Float64Array;
  #size = 0;

  /** @param most No more than so many items are offered, so the heap need not be larger. */
  constructor(k: number, most: number) {
    this.#k = Math.min(k, most);
    this.#items = new Int32Array(this.#k);
    this.#scores = new Float64Array(this.#k);
  }

  /** Each item at most once between two calls of {@link take}. */
  offer(item: number, score: number): void {
    if (this.#size < this.#k) {
      this.#rise(this.#size++, item, score);
    } else if (this.#isWorse(0, item, score)) {
      this.#sink(item, score);
    }
  }

  /** What was kept, the best first; of equal scores the smallest item. Empties the heap. */
  take(): { readonly items: Int32Array; readonly scores: Float64Array } {
    const items = new Int32Array(this.#size);
    const scores = new Float64Array(this.#size);
    while (this.#size > 0) {
      const last = --this.#size;
      items[last] = this.#items[0]!;
      scores[last] = this.#scores[0]!;
      this.#sink(this.#items[last]!, this.#scores[last]!);
    }
    return { items, scores };
  }

  /** Whether what is at a place is worse than an item. */
  #isWorse(at: number, item: number, score: number): boolean {
    const own = this.#scores[at]!;
    return own < score || (own === score && this.#items[at]! > item);
  }

  #rise(from: number, item: number, score: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#isWorse(parent, item, score)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#items[at] = item;
    this.#scores[at] = score;
  }

  /** Puts an item in place of the root. */
  #sink(item: number, score: number): void {
    let at = 0;
    for (let child = 1; child < this.#size; child = 2 * at + 1) {
      const right = child + 1;
      if (right < this.#size && this.#isWorse(right, this.#items[child]!, this.#scores[child]!)) {
        child = right;
      }
      if (!this.#isWorse(child, item, score)) break;
      this.#move(child, at);
      at = child;
    }
    this.#items[at] = item;
    this.#scores[at] = score;
  }

  #move(from: number, to: number): void {
    this.#items[to] = this.#items[from]!;
    this.#scores[to] = this.#scores[from]!;
  }
}
