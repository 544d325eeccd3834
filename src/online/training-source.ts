/** The rows of a stream, as a job learns from them: with a place, so that it can begin again there. */
import { CheckpointError } from '../core/errors.js';
import type { CheckpointOptions } from '../engine/checkpoint/options.js';
import type { Session } from '../engine/session.js';
import type { RewindableSource } from '../engine/source.js';
import { Table } from '../table/table.js';
import type { TableStream } from '../table/table-stream.js';
import { deferred } from './deferred.js';

/** Where the next piece lies. */
interface Place {
  /** The stream's position before the batch that it is of; null where the stream has none. */
  readonly batch: unknown;
  /** Pieces of that batch that were given. */
  readonly pieces: number;
  /** Rows before that batch. */
  readonly rows: number;
  /** Pieces that were given since the beginning. */
  readonly given: number;
}

/**
 * Cuts batches into the pieces that operators take.
 *
 * @param firstRow Rows before the batch, for messages.
 */
export type Cut = (batch: Table, firstRow: number) => Iterable<Table>;

/**
 * What operators get before all else of a job that goes on from a checkpoint: they tell what they
 * have, or another process would know of no model until the next one is learned.
 */
export const TELL: Table = Table.fromRows([]);

/**
 * A source of a job. It can be ended from outside; a job that begins again after that, at an
 * earlier place, gets what it had got until then once more, and no more.
 */
export class TrainingSource implements RewindableSource<Table> {
  readonly #stream: TableStream;
  readonly #cut: Cut;
  readonly #tells: boolean;
  readonly #begun = deferred<boolean>();
  #place: Place;
  /** Pieces after which the source ends. */
  #stopAt = Number.POSITIVE_INFINITY;
  #stop!: () => void;
  readonly #stopped: Promise<null>;

  /** @param tells Whether {@link TELL} is given; it does not count as a piece. */
  constructor(stream: TableStream, cut: Cut, tells = false) {
    this.#stream = stream;
    this.#cut = cut;
    this.#tells = tells;
    this.#place = { batch: this.#positionOf(), pieces: 0, rows: 0, given: 0 };
    this.#stopped = new Promise((resolve) => {
      this.#stop = () => resolve(null);
    });
  }

  /** Resolves when a job begins to read: with whether that is the beginning of all. */
  get begun(): Promise<boolean> {
    return this.#begun.promise;
  }

  position(): unknown {
    return this.#place;
  }

  async seek(position: unknown): Promise<void> {
    this.#place = position as Place;
    await this.#stream.seek?.(this.#place.batch);
  }

  /** Ends the source with the pieces that it has given so far. */
  stop(): void {
    if (Number.isFinite(this.#stopAt)) return;
    this.#stopAt = this.#place.given;
    this.#stop();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Table, undefined> {
    const batches = this.#stream[Symbol.asyncIterator]();
    let left = false;
    const isNew = this.#place.given === 0;
    this.#begun.resolve(isNew);
    try {
      if (this.#tells && !isNew) yield TELL;
      for (;;) {
        left = this.#isOver;
        if (left) return undefined;
        const next = batches.next();
        // Once stopped, nobody looks at what the source still says.
        next.catch(() => {});
        const result = await (this.#isStopping ? next : Promise.race([this.#stopped, next]));
        if (result === null) continue;
        if (result.done === true) return undefined;
        yield* this.#piecesOf(result.value);
      }
    } finally {
      // A stream that waits for its next batch answers when that has come: it is not waited for.
      const closing = batches.return?.();
      if (left) closing?.catch(() => {});
      else await closing;
    }
  }

  /** Whether all that was given before the stop has been given again. */
  get #isOver(): boolean {
    return this.#place.given >= this.#stopAt;
  }

  get #isStopping(): boolean {
    return Number.isFinite(this.#stopAt) && !this.#isOver;
  }

  *#piecesOf(table: Table): Generator<Table, undefined> {
    const { batch, pieces: skipped, rows } = this.#place;
    let pieces = 0;
    for (const piece of this.#cut(table, rows)) {
      if (pieces++ < skipped) continue;
      if (this.#isOver) return;
      this.#place = { batch, pieces, rows, given: this.#place.given + 1 };
      yield piece;
    }
    const { given } = this.#place;
    this.#place = { batch: this.#positionOf(), pieces: 0, rows: rows + table.numRows, given };
  }

  #positionOf(): unknown {
    return this.#stream.position?.() ?? null;
  }
}

/**
 * The checkpoints of a job that learns from a stream: those that the call asks for; else the
 * session's, where the stream can begin again.
 *
 * @throws CheckpointError `ERR_GYRE_CHECKPOINT` when the call asks for them and the stream cannot.
 */
export function learningCheckpoint(
  who: string,
  stream: TableStream,
  asked: CheckpointOptions | null | undefined,
  session: Session,
): CheckpointOptions | null {
  const canBeginAgain = stream.seek !== undefined;
  if (asked === undefined) return canBeginAgain ? (session.checkpoint ?? null) : null;
  if (asked === null || canBeginAgain) return asked;
  throw new CheckpointError(
    `${who}: the stream cannot begin again at any batch, which checkpoints need; make it from an ` +
      'array, a table, a file, or a source with position() and seek().',
    { details: { who } },
  );
}
