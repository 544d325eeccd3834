/**
 * Park and wake: one word per endpoint, which its owner sets before it sleeps and a producer
 * clears to wake it.
 *
 * No wake-up is lost, because both sides write first and read second, and `Atomics` operations are
 * sequentially consistent: the owner stores PARKED and then looks for work once more; a producer
 * publishes its work and then looks for PARKED.
 */

import { InternalError } from '../core/errors.js';

const AWAKE = 0;
const PARKED = 1;

/** What wakes an endpoint that sleeps. */
export interface Bell {
  /** Wakes the owner if it is parked. Call it after the work is visible. */
  ring(): void;
  /**
   * Blocks the calling thread until the bell rings. `hasWork` is asked once after the thread has
   * announced that it parks. Not for the main thread.
   *
   * @param timeoutMs At most so long; by default without a limit.
   */
  park(hasWork: () => boolean, timeoutMs?: number): void;
  /** {@link park} for the main thread, which must not block: resolves when the bell rings. */
  parkAsync(hasWork: () => boolean, timeoutMs?: number): Promise<void>;
}

/** The word that an endpoint sleeps on. Every thread that sends to the endpoint has one. */
export class Doorbell implements Bell {
  readonly #word: Int32Array;

  /** @param address A multiple of 4, on a 128-byte line of its own. */
  constructor(buffer: SharedArrayBuffer, address: number) {
    this.#word = new Int32Array(buffer, address, 1);
  }

  ring(): void {
    if (Atomics.load(this.#word, 0) !== PARKED) return;
    if (Atomics.compareExchange(this.#word, 0, PARKED, AWAKE) === PARKED) {
      Atomics.notify(this.#word, 0);
    }
  }

  park(hasWork: () => boolean, timeoutMs: number = Number.POSITIVE_INFINITY): void {
    Atomics.store(this.#word, 0, PARKED);
    if (!hasWork()) Atomics.wait(this.#word, 0, PARKED, timeoutMs);
    Atomics.store(this.#word, 0, AWAKE);
  }

  async parkAsync(
    hasWork: () => boolean,
    timeoutMs: number = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    Atomics.store(this.#word, 0, PARKED);
    if (!hasWork()) {
      const wait = Atomics.waitAsync(this.#word, 0, PARKED, timeoutMs);
      if (wait.async) await wait.value;
    }
    Atomics.store(this.#word, 0, AWAKE);
  }
}

/** The bell of a job that runs on one thread alone. */
export class LocalBell implements Bell {
  #wake: (() => void) | null = null;
  #timer: NodeJS.Timeout | undefined;

  ring(): void {
    this.#wake?.();
    this.#wake = null;
  }

  park(): never {
    throw new InternalError('a thread that is alone would never wake');
  }

  async parkAsync(
    hasWork: () => boolean,
    timeoutMs: number = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    if (hasWork()) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      // The longest delay that setTimeout knows: who waits longer is woken and waits again.
      if (timeoutMs < 2 ** 31) this.#timer = setTimeout(() => this.ring(), timeoutMs);
    });
    clearTimeout(this.#timer);
  }
}
