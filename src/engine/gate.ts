/** Who may use what only so many can use at once: the threads of a pool, a session's memories. */

/** Admits first come, first served, as many at once as there are places. */
export class Gate {
  #free: number;
  readonly #queue: { readonly places: number; readonly enter: () => void }[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  /** Waits for so many places; call what it returns to give them back. */
  async take(places: number): Promise<() => void> {
    await new Promise<void>((enter) => {
      this.#queue.push({ places, enter });
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
