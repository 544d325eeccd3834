/** One stream dealt out to several: each can be read on its own, with little in between. */
import { MemoryLimitError } from '../core/errors.js';
import type { Schema } from '../table/schema.js';
import type { Table } from '../table/table.js';
import { TableStream } from '../table/table-stream.js';

/** Deals the rows of one table after the other: which rows of each go where. */
export type Deal = (table: Table) => readonly Int32Array[];

/** Batches that may wait for the reader of an output. */
const MAX_WAITING = 64;

/**
 * The outputs of a dealt stream.
 *
 * Where the input can be read again, each output reads it for itself and keeps its own rows: nothing
 * waits, and outputs may be read at the same time, one after the other, or again. Else they share
 * one reading, and up to 64 batches wait for the slowest reader.
 *
 * @param newDeal Begins to deal: the same rows go the same way every time.
 */
export function dealStream(
  who: string,
  stream: TableStream,
  outputs: number,
  newDeal: () => Deal,
): TableStream[] {
  const schema = () => stream.schema();
  const options = {
    watermarkDelayMs: stream.watermarkDelayMs,
    ...(stream.timestampCol !== undefined && { timestampCol: stream.timestampCol }),
  };
  const shared = stream.replayable ? null : new SharedReading(who, stream, outputs, newDeal());
  return Array.from({ length: outputs }, (_, output) => {
    if (shared !== null) {
      const open = () => shared.read(output);
      return new TableStream({ open, schema: () => shared.schema(), replayable: false }, options);
    }
    const open = () => ownRows(stream, output, newDeal());
    return new TableStream({ open, schema, replayable: true }, options);
  });
}

async function* ownRows(
  stream: TableStream,
  output: number,
  deal: Deal,
): AsyncGenerator<Table, undefined> {
  for await (const table of stream) {
    const rows = deal(table)[output]!;
    if (rows.length > 0) yield table.take(rows);
  }
  return undefined;
}

/** What an output has to say of itself. */
type Reader = 'waiting' | 'reading' | 'left';

/** One reading of a stream, for all outputs. */
class SharedReading {
  readonly #who: string;
  readonly #stream: TableStream;
  readonly #deal: Deal;
  readonly #queues: readonly Table[][];
  readonly #readers: Reader[];
  #batches: AsyncIterator<Table> | null = null;
  #schema: Schema | null = null;
  #pulling: Promise<void> | null = null;
  #ended = false;
  /** Called when some output has taken a batch, or has left. */
  #taken: (() => void) | null = null;

  constructor(who: string, stream: TableStream, outputs: number, deal: Deal) {
    this.#who = who;
    this.#stream = stream;
    this.#deal = deal;
    this.#queues = Array.from({ length: outputs }, () => []);
    this.#readers = Array.from({ length: outputs }, () => 'waiting');
  }

  /** That of the input; of one that ended without a batch, no columns. */
  async schema(): Promise<Schema> {
    if (this.#batches === null) return this.#stream.schema();
    while (this.#schema === null && !this.#ended) await this.#pullOnce();
    return this.#schema ?? {};
  }

  async *read(output: number): AsyncGenerator<Table, undefined> {
    this.#readers[output] = 'reading';
    const queue = this.#queues[output]!;
    try {
      for (;;) {
        const table = queue.shift();
        if (table !== undefined) {
          this.#wake();
          yield table;
        } else if (this.#ended) {
          return undefined;
        } else {
          await this.#pullOnce();
        }
      }
    } finally {
      this.#readers[output] = 'left';
      queue.length = 0;
      this.#wake();
      // Who still reads will end it; else nobody wants the rest.
      if (!this.#readers.includes('reading') && !this.#readers.includes('waiting')) {
        await this.#batches?.return?.();
      }
    }
  }

  /** Outputs that want a batch at the same time wait for the same one. */
  #pullOnce(): Promise<void> {
    this.#pulling ??= this.#pull().finally(() => {
      this.#pulling = null;
    });
    return this.#pulling;
  }

  /** Reads one batch and deals it, when there is room. */
  async #pull(): Promise<void> {
    await this.#room();
    this.#batches ??= this.#stream[Symbol.asyncIterator]();
    const { done, value } = await this.#batches.next();
    if (done === true) {
      this.#ended = true;
      return;
    }
    this.#schema ??= value.schema;
    this.#deal(value).forEach((rows, output) => {
      if (rows.length === 0 || this.#readers[output] === 'left') return;
      this.#queues[output]!.push(value.take(rows));
    });
  }

  async #room(): Promise<void> {
    for (;;) {
      const full = this.#queues.findIndex(({ length }) => length >= MAX_WAITING);
      if (full < 0) return;
      if (this.#readers[full] === 'waiting') {
        throw new MemoryLimitError(
          `${this.#who}: output ${full} must be read at the same time as the others, since the ` +
            `stream can be read only once; got ${MAX_WAITING} batches that wait for it.`,
          { details: { output: full, waiting: MAX_WAITING } },
        );
      }
      await new Promise<void>((resolve) => {
        this.#taken = resolve;
      });
    }
  }

  #wake(): void {
    this.#taken?.();
    this.#taken = null;
  }
}
