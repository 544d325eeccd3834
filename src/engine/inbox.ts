/** The frames that wait for a subtask. */
import type { Delivery } from './channel.js';

/** A queue in an array whose length is a power of two. */
class Queue {
  #items: (Delivery | undefined)[] = new Array<undefined>(16).fill(undefined);
  #head = 0;
  #tail = 0;

  get isEmpty(): boolean {
    return this.#head === this.#tail;
  }

  /** The next frame; only when there is one. */
  get front(): Delivery {
    return this.#items[this.#head & (this.#items.length - 1)]!;
  }

  push(delivery: Delivery): void {
    if (this.#tail - this.#head === this.#items.length) this.#resize(this.#items.length * 2);
    this.#items[this.#tail++ & (this.#items.length - 1)] = delivery;
  }

  shift(): Delivery {
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
    const items = new Array<Delivery | undefined>(length).fill(undefined);
    for (let i = 0; i < count; i++) items[i] = this.#items[(this.#head + i) & (old - 1)];
    this.#items = items;
    this.#head = 0;
    this.#tail = count;
  }
}

/** What a subtask takes its frames from: in order of arrival. */
export class Inbox {
  protected readonly arrived: Queue = new Queue();

  /** No frame waits at all. */
  get isEmpty(): boolean {
    return this.arrived.isEmpty;
  }

  /** Whether {@link take} would give a frame. */
  get hasNext(): boolean {
    return !this.arrived.isEmpty;
  }

  /** Whether a frame of that input that arrives now may be handled at once. */
  passes(_input: number): boolean {
    return this.arrived.isEmpty;
  }

  push(delivery: Delivery): void {
    this.arrived.push(delivery);
  }

  take(): Delivery | null {
    return this.arrived.isEmpty ? null : this.arrived.shift();
  }
}

/** An inbox whose owner may refuse an input for a while: its frames are held, in order. */
export class SelectiveInbox extends Inbox {
  readonly #accepts: (input: number) => boolean;
  /** An operator has at most two inputs. */
  readonly #held: readonly Queue[] = [new Queue(), new Queue()];

  constructor(accepts: (input: number) => boolean) {
    super();
    this.#accepts = accepts;
  }

  override get isEmpty(): boolean {
    return this.arrived.isEmpty && this.#held.every((queue) => queue.isEmpty);
  }

  override get hasNext(): boolean {
    this.#sort();
    return !this.arrived.isEmpty || this.#acceptable() >= 0;
  }

  override passes(input: number): boolean {
    this.#sort();
    return this.arrived.isEmpty && this.#held[input]!.isEmpty && this.#accepts(input);
  }

  override take(): Delivery | null {
    const input = this.#acceptable();
    if (input >= 0) return this.#held[input]!.shift();
    this.#sort();
    return super.take();
  }

  /** Puts frames at the front aside that are refused, or that others of their input go before. */
  #sort(): void {
    while (!this.arrived.isEmpty) {
      const { input } = this.arrived.front.channel;
      const queue = this.#held[input]!;
      if (queue.isEmpty && this.#accepts(input)) return;
      queue.push(this.arrived.shift());
    }
  }

  /** The first input with held frames that is accepted again, or -1. */
  #acceptable(): number {
    return this.#held.findIndex((queue, input) => !queue.isEmpty && this.#accepts(input));
  }
}
