/** How often the memory is looked at while the calling thread has time. */
const INTERVAL_MS = 10;

/** The largest resident set of the process while something runs. */
export class PeakMemory {
  #bytes = 0;
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.sample();
    this.#timer = setInterval(() => this.sample(), INTERVAL_MS);
  }

  /** Looks now: at the end of work in which the timer cannot. */
  sample(): void {
    this.#bytes = Math.max(this.#bytes, process.memoryUsage.rss());
  }

  /** Ends the watch. Returns the bytes. */
  stop(): number {
    this.sample();
    clearInterval(this.#timer);
    return this.#bytes;
  }
}
