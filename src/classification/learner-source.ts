/** What the learners of an online logistic regression get: rows, and wishes for the model. */
import type { RewindableSource } from '../engine/source.js';
import { type Deferred, deferred } from '../online/deferred.js';
import type { TrainingSource } from '../online/training-source.js';
import type { Table } from '../table/table.js';
import { EVERY_VERSION, type LearnerInput, NO_REQUEST } from './ftrl-messages.js';
import type { OnlineLogisticRegressionModelData } from './online-logistic-regression-model.js';

type ModelData = OnlineLogisticRegressionModelData;

interface Place {
  /** Of the rows. */
  readonly rows: unknown;
  /** Number of the last request. */
  readonly asked: number;
}

/**
 * Rows of a stream with the requests of the main thread between them.
 *
 * A job that begins again gets the rows once more, and the requests that have not been answered, under
 * new numbers: what learners still have to say to old ones is not heard. The first thing that it gets
 * is {@link EVERY_VERSION} or {@link NO_REQUEST}: learners wait for it with what they had at the
 * checkpoint, so that they know whether every version is wanted.
 */
export class LearnerSource implements RewindableSource<LearnerInput> {
  readonly #rows: TrainingSource;
  /** Wishes that have not been given to the learners. */
  #wishes: Deferred<ModelData | null>[] = [];
  /** Those that have been, by number. */
  readonly #asking = new Map<number, Deferred<ModelData | null>>();
  #place: Place;
  #asked = 0;
  #wantsEvery = false;
  #toldEvery = false;
  #isNew = false;
  #ended: { readonly error: unknown } | null = null;
  #wake: (() => void) | null = null;

  constructor(rows: TrainingSource) {
    this.#rows = rows;
    this.#place = { rows: rows.position(), asked: 0 };
  }

  /**
   * The model after the batches that have been given so far, at least one; null when learning ends
   * before.
   */
  request(): Promise<ModelData | null> {
    const wish = deferred<ModelData | null>();
    if (this.#ended === null) this.#wishes.push(wish);
    else this.#refuse(wish);
    this.#wake?.();
    return wish.promise;
  }

  /** From now on, learners send the model after every batch. */
  requestEveryVersion(): void {
    this.#wantsEvery = true;
    this.#wake?.();
  }

  answer(request: number, data: ModelData): void {
    this.#asking.get(request)?.resolve(data);
    this.#asking.delete(request);
  }

  /** Learning is over: whoever still waits will get no answer. */
  end(error: unknown): void {
    this.#ended = { error };
    for (const wish of [...this.#asking.values(), ...this.#wishes]) this.#refuse(wish);
    this.#asking.clear();
    this.#wishes = [];
  }

  #refuse(wish: Deferred<ModelData | null>): void {
    if (this.#ended!.error === null) wish.resolve(null);
    else wish.reject(this.#ended!.error);
  }

  stop(): void {
    this.#rows.stop();
  }

  position(): unknown {
    return this.#place;
  }

  async seek(position: unknown): Promise<void> {
    this.#place = position as Place;
    this.#asked = Math.max(this.#asked, this.#place.asked);
    this.#wishes.unshift(...this.#asking.values());
    this.#asking.clear();
    this.#toldEvery = false;
    this.#isNew = true;
    await this.#rows.seek(this.#place.rows);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LearnerInput, undefined> {
    const rows = this.#rows[Symbol.asyncIterator]();
    try {
      let next: Promise<IteratorResult<Table>> | null = null;
      for (;;) {
        for (let request = this.#next(); request !== null; request = this.#next()) {
          // Rows that have been read since are not part of the place.
          this.#place = { ...this.#place, asked: this.#asked };
          yield { request };
        }
        next ??= rows.next();
        const result = await Promise.race([next, this.#called()]);
        if (result === null) continue;
        next = null;
        if (result.done) return undefined;
        this.#place = { rows: this.#rows.position(), asked: this.#asked };
        yield result.value;
      }
    } finally {
      await rows.return(undefined);
    }
  }

  /** The next request that learners have not got. */
  #next(): number | null {
    const isNew = this.#isNew;
    this.#isNew = false;
    if (this.#wantsEvery && !this.#toldEvery) {
      this.#toldEvery = true;
      return EVERY_VERSION;
    }
    if (isNew) return NO_REQUEST;
    const wish = this.#wishes.shift();
    if (wish === undefined) return null;
    this.#asking.set(++this.#asked, wish);
    return this.#asked;
  }

  /** Resolves with null when there is a request. */
  #called(): Promise<null> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null;
        resolve(null);
      };
      if (this.#wishes.length > 0 || (this.#wantsEvery && !this.#toldEvery)) this.#wake();
    });
  }
}
