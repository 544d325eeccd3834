/** Who may use what only so many can use at once: the threads of a pool, a session's memories. */

interface Waiting {
  readonly places: number;
  readonly enter: () => void;
}

/** Admits first come, first served, as many at once as there are places. */
export class Gate {
  #free: number;
  #queue: Waiting[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  /**
   * Waits for so many places; call what it returns, once, to give them back.
   *
   * @throws The reason of the signal, when it is aborted first.
   */
  async take(places: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#queue = this.#queue.filter((other) => other !== waiting);
        reject(signal.reason);
        // Those behind may fit where this one did not.
        this.#admit();
      };
      const enter = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const waiting = { places, enter };
      signal.addEventListener('abort', leave, { once: true });
      this.#queue.push(waiting);
      this.#admit();
    });
    return () => {
      this.#free += places;
      this.#admit();
    };
  }

  #admit(): void {
    while (this.#queue.length > 0 && this.#queue[0]!.places <= this.#free) {
      const { places, enter } = this.#queue.shift()!;
      this.#free -= places;
      enter();
    }
  }
}
