/** The frames that wait for a subtask. */
import type { Delivery, InChannel } from './channel.js';

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

  /** Whether a frame that arrives on that channel now may be handled at once. */
  passes(_channel: InChannel): boolean {
    return this.arrived.isEmpty;
  }

  push(delivery: Delivery): void {
    this.arrived.push(delivery);
  }

  take(): Delivery | null {
    return this.arrived.isEmpty ? null : this.arrived.shift();
  }
}

/** An inbox whose owner may not want frames of some channels yet: those are held, in order. */
export class HoldingInbox extends Inbox {
  readonly #holds: (channel: InChannel) => boolean;
  readonly #held = new Map<InChannel, Queue>();
  /** Frames in all the queues of held ones. */
  #count = 0;

  /** @param holds Asked again whenever a frame is wanted. */
  constructor(holds: (channel: InChannel) => boolean) {
    super();
    this.#holds = holds;
  }

  override get isEmpty(): boolean {
    return this.arrived.isEmpty && this.#count === 0;
  }

  override get hasNext(): boolean {
    if (this.#released() !== null) return true;
    this.#setAside();
    return !this.arrived.isEmpty;
  }

  override passes(channel: InChannel): boolean {
    if (this.#released() !== null) return false;
    this.#setAside();
    return this.arrived.isEmpty && !this.#mustWait(channel);
  }

  override take(): Delivery | null {
    const queue = this.#released();
    if (queue !== null) {
      this.#count--;
      return queue.shift();
    }
    this.#setAside();
    return super.take();
  }

  /** Puts frames at the front aside until there is one that may be handled. */
  #setAside(): void {
    while (!this.arrived.isEmpty) {
      const { channel } = this.arrived.front;
      if (!this.#mustWait(channel)) return;
      const queue = this.#held.get(channel) ?? new Queue();
      this.#held.set(channel, queue);
      queue.push(this.arrived.shift());
      this.#count++;
    }
  }

  /** Whether a channel's next frame is held, or comes after one that is. */
  #mustWait(channel: InChannel): boolean {
    const behind = this.#count > 0 && this.#held.get(channel)?.isEmpty === false;
    return behind || this.#holds(channel);
  }

  /** Held frames of a channel that are wanted now. */
  #released(): Queue | null {
    if (this.#count === 0) return null;
    for (const [channel, queue] of this.#held) {
      if (!queue.isEmpty && !this.#holds(channel)) return queue;
    }
    return null;
  }
}
