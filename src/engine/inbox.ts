/** The frames that wait for a subtask. */
import type { Delivery, InChannel } from './channel.js';
import { Queue } from './queue.js';

/** What a subtask takes its frames from: in order of arrival. */
export class Inbox {
  protected readonly arrived: Queue<Delivery> = new Queue<Delivery>();

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

  /** All frames that wait, those of each channel in order. */
  frames(): Iterable<Delivery> {
    return this.arrived.items();
  }
}

/** An inbox whose owner may not want frames of some channels yet: those are held, in order. */
export class HoldingInbox extends Inbox {
  readonly #holds: (channel: InChannel) => boolean;
  readonly #held = new Map<InChannel, Queue<Delivery>>();
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

  override *frames(): IterableIterator<Delivery> {
    for (const queue of this.#held.values()) yield* queue.items();
    yield* this.arrived.items();
  }

  /** Puts frames at the front aside until there is one that may be handled. */
  #setAside(): void {
    while (!this.arrived.isEmpty) {
      const { channel } = this.arrived.front;
      if (!this.#mustWait(channel)) return;
      const queue = this.#held.get(channel) ?? new Queue<Delivery>();
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
  #released(): Queue<Delivery> | null {
    if (this.#count === 0) return null;
    for (const [channel, queue] of this.#held) {
      if (!queue.isEmpty && !this.#holds(channel)) return queue;
    }
    return null;
  }
}
