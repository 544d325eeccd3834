/** The rows of a generator, as a table or as a stream. */
import { setImmediate } from 'node:timers/promises';
import { MemoryLimitError } from '../core/errors.js';
import { Table } from '../table/table.js';
import { TableStream } from '../table/table-stream.js';
import type { InputGenerator } from './input-generator.js';

/** Bytes of a batch, more or less: large enough that workers are worth their start. */
const BATCH_BYTES = 1 << 26;

/** What a generator makes, and the time that it took. */
export class GeneratedRows {
  readonly #generator: InputGenerator;
  #generateTimeMs = 0;

  constructor(generator: InputGenerator) {
    this.#generator = generator;
  }

  get numRows(): number {
    return this.#generator.params.numValues;
  }

  /** Milliseconds that tables have been made for so far. */
  get generateTimeMs(): number {
    return this.#generateTimeMs;
  }

  /** All rows in memory. @throws MemoryLimitError `ERR_GYRE_MEMORY` when there is not enough. */
  table(): Table {
    const bytes = this.numRows * this.#generator.bytesPerRow;
    // What a stage makes of the rows, and the memory of workers, take as much again.
    const limit = Math.floor(process.availableMemory() / 2);
    if (bytes > limit) {
      const { className } = this.#generator.generatorClass;
      throw new MemoryLimitError(
        `${className}: ${this.numRows} rows as one table must take ${limit} bytes at most, half of the ` +
          `memory that is free, got ${bytes} bytes; take fewer numValues, or a smaller scale.`,
        { details: { rows: this.numRows, bytes, limit } },
      );
    }
    return this.#timed(() => Table.concat([...this.#batches()]));
  }

  /** Different rows, as many as a batch has room for. */
  sample(): Table {
    const rows = Math.min(this.#generator.distinctRows, this.#roomOfBatch);
    return this.#timed(() => this.#generator.draw(rows, this.#generator.random()));
  }

  /** All rows, batch by batch, each made when it is asked for. */
  stream(): TableStream {
    const open = () => this.#timedBatches();
    return new TableStream({ open, replayable: true });
  }

  get #roomOfBatch(): number {
    return Math.max(1, Math.floor(BATCH_BYTES / this.#generator.bytesPerRow));
  }

  async *#timedBatches(): AsyncGenerator<Table, undefined> {
    const batches = this.#batches();
    for (;;) {
      const { done, value } = this.#timed(() => batches.next());
      if (done) return undefined;
      // Work on the calling thread alone never waits: signals and timers get their turn here.
      await setImmediate();
      yield value;
    }
  }

  /**
   * Rows that repeat within a batch are one batch that is given again and again: as in Flink ML,
   * where the objects of the rows are. Others are drawn from the start again each time.
   */
  *#batches(): Generator<Table, undefined> {
    const generator = this.#generator;
    const { numRows } = this;
    const { distinctRows } = generator;
    const room = this.#roomOfBatch;
    if (distinctRows > room) {
      let random = generator.random();
      for (let row = 0, drawn = 0, rows: number; row < numRows; row += rows, drawn += rows) {
        if (drawn === distinctRows) [random, drawn] = [generator.random(), 0];
        rows = Math.min(room, distinctRows - drawn, numRows - row);
        yield generator.draw(rows, random);
      }
      return undefined;
    }
    const cycle = generator.draw(distinctRows, generator.random());
    const cycles = Math.min(Math.floor(room / distinctRows), Math.ceil(numRows / distinctRows));
    const batch = cycles === 1 ? cycle : Table.concat(new Array<Table>(cycles).fill(cycle));
    for (let row = 0; row < numRows; row += batch.numRows) {
      yield batch.numRows <= numRows - row ? batch : batch.slice(0, numRows - row);
    }
    return undefined;
  }

  #timed<T>(make: () => T): T {
    const start = performance.now();
    try {
      return make();
    } finally {
      this.#generateTimeMs += performance.now() - start;
    }
  }
}
