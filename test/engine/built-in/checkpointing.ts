/** A source that has a checkpoint taken in between, so that tests know where it lies. */
import type { Job } from '../../../src/engine/job.js';
import type { RewindableSource } from '../../../src/engine/source.js';

/** Records that are given before the checkpoint. */
export const BEFORE = 24;

type Checkpoint = () => Promise<unknown>;

/** The numbers from 0, and one checkpoint after the first 24; those behind it wait for it. */
export class Checkpointing implements RewindableSource<number> {
  readonly #job: Job;
  readonly #rows: number;
  readonly #around: (checkpoint: Checkpoint) => Promise<unknown>;
  #next = 0;
  #taken = false;

  /**
   * @param around Takes the checkpoint. Where it is not taken, since the attempt fails before or the
   *   checkpoint does, that is for the test to see.
   */
  constructor(
    job: Job,
    rows: number,
    around: (checkpoint: Checkpoint) => Promise<unknown> = (take) => take().catch(() => {}),
  ) {
    this.#job = job;
    this.#rows = rows;
    this.#around = around;
  }

  position(): number {
    return this.#next;
  }

  seek(position: unknown): void {
    this.#next = position as number;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<number> {
    while (this.#next < this.#rows) {
      if (this.#next === BEFORE && !this.#taken) {
        this.#taken = true;
        await this.#around(() => this.#job.checkpoint());
      }
      yield this.#next++;
    }
  }
}
