/** One stream of pairs as two streams: what a stage with two outputs gives of a stream. */
import { ClosedError } from '../core/errors.js';
import type { Schema } from '../table/schema.js';
import type { Table } from '../table/table.js';
import { TableStream } from '../table/table-stream.js';

/** Pairs that may wait for the slower of two readers. */
const MAX_WAITING = 64;

type Pair = readonly [Table, Table];
type Side = 0 | 1;

/** What two streams are made of. */
export interface PairSource {
  /** The call, for messages. */
  readonly who: string;
  /** Begins to make pairs. */
  readonly open: () => AsyncGenerator<Pair, undefined>;
  /** The schemas of both sides, before anything is read. */
  readonly schemas: readonly [() => Promise<Schema>, () => Promise<Schema>];
  /** Whether `open` can be called again. */
  readonly replayable: boolean;
}

/**
 * The streams of both sides.
 *
 * Where pairs can be made again, each stream makes them for itself. Else they share one reading,
 * which is as fast as the slower reader; a stream that is not being read by the time of the first
 * pair gets none, and says so when it is read later.
 */
export function pairedStreams(source: PairSource): [TableStream, TableStream] {
  const { replayable, schemas } = source;
  const shared = replayable ? null : new SharedPairs(source);
  const side = (side: Side) =>
    new TableStream({
      open: () => (shared === null ? own(source, side) : shared.read(side)),
      schema: schemas[side],
      replayable,
    });
  return [side(0), side(1)];
}

async function* own({ open }: PairSource, side: Side): AsyncGenerator<Table, undefined> {
  for await (const pair of open()) yield pair[side];
  return undefined;
}

/** One reading, for one side or both. */
class SharedPairs {
  readonly #source: PairSource;
  /** What waits for a side; null while, or since, nobody reads it. */
  readonly #waiting: [Table[] | null, Table[] | null] = [null, null];
  #pairs: AsyncGenerator<Pair, undefined> | null = null;
  #pulling: Promise<void> | null = null;
  #isBegun = false;
  #isOver = false;
  /** Called when a side has taken a table, or has left. */
  #onTaken: (() => void) | null = null;

  constructor(source: PairSource) {
    this.#source = source;
  }

  async *read(side: Side): AsyncGenerator<Table, undefined> {
    if (this.#isBegun) throw this.#tooLate(side);
    const waiting: Table[] = [];
    this.#waiting[side] = waiting;
    try {
      for (;;) {
        const table = waiting.shift();
        if (table !== undefined) {
          this.#wake();
          yield table;
        } else if (this.#isOver) {
          return undefined;
        } else {
          await this.#pullOnce();
        }
      }
    } finally {
      this.#waiting[side] = null;
      this.#wake();
      if (this.#waiting[0] === null && this.#waiting[1] === null)
        await this.#pairs?.return(undefined);
    }
  }

  /** Sides that want a table at the same time wait for the same pair. */
  #pullOnce(): Promise<void> {
    this.#pulling ??= this.#pull().finally(() => {
      this.#pulling = null;
    });
    return this.#pulling;
  }

  async #pull(): Promise<void> {
    while (this.#waiting.some((tables) => tables !== null && tables.length >= MAX_WAITING)) {
      await new Promise<void>((resolve) => {
        this.#onTaken = resolve;
      });
    }
    this.#pairs ??= this.#source.open();
    const { done, value } = await this.#pairs.next();
    this.#isBegun = true;
    if (done === true) {
      this.#isOver = true;
      return;
    }
    this.#waiting[0]?.push(value[0]);
    this.#waiting[1]?.push(value[1]);
  }

  #wake(): void {
    this.#onTaken?.();
    this.#onTaken = null;
  }

  #tooLate(side: Side): ClosedError {
    const { who } = this.#source;
    return new ClosedError(
      `${who}: output ${side} must be read from the start, together with output ${1 - side}, since ` +
        'the input can be read only once; begin both before the first window is complete.',
      { details: { who, output: side } },
    );
  }
}
