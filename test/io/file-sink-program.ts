/**
 * A job from a CSV file to a file sink, that goes on from its last checkpoint when there is one, and
 * prints a line for every checkpoint. `node file-sink-program.js <csv> <folder> <format> <threads>`
 */
import { EventEmitter, once } from 'node:events';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkpointChannel } from '../../src/core/diagnostics.js';
import type { Collector, FlatMapOperator } from '../../src/engine/operator.js';
import { Session } from '../../src/engine/session.js';
import { readCsv } from '../../src/io/csv.js';
import { type FileFormat, FileSink } from '../../src/io/file-sink.js';
import { Table } from '../../src/table/table.js';

/** Rows with a running sum, which is right only when every row was seen once, and in order. */
export class RunningSum implements FlatMapOperator<Table, unknown> {
  static readonly module: string = import.meta.url;
  readonly #format: string;
  #sum = 0;

  constructor(format: string) {
    this.#format = format;
  }

  flatMap(table: Table, out: Collector<unknown>): void {
    const rows = table.toRows().map((row) => {
      this.#sum += row.i as number;
      return { ...row, sum: this.#sum };
    });
    if (this.#format === 'jsonl') for (const row of rows) out.emit(row);
    else out.emit(Table.fromRows(rows));
  }

  snapshot(): number {
    return this.#sum;
  }

  restore(sum: unknown): void {
    this.#sum = sum as number;
  }
}

const BATCH_ROWS = 50;
const CHECKPOINT_BATCHES = 5;

/** Makes the file last for several checkpoints: it is read on when there was one. */
function paced(): (table: Table) => Promise<Table> {
  const events = new EventEmitter();
  checkpointChannel.subscribe(() => {
    writeSync(1, 'checkpoint\n');
    events.emit('checkpoint');
  });
  let batches = 0;
  return async (table) => {
    batches++;
    if (batches % CHECKPOINT_BATCHES === 0 && batches > CHECKPOINT_BATCHES) {
      await Promise.race([once(events, 'checkpoint'), sleep(2000)]);
      // A checkpoint that is asked for before this one is over is not taken.
      await sleep(50);
    }
    return table;
  };
}

async function main(): Promise<void> {
  const [csv, folder, format, threads] = process.argv.slice(2) as [string, string, string, string];
  const session = new Session({ threads: Number(threads) });
  const checkpoint = {
    folder: join(folder, 'checkpoints'),
    everyRows: BATCH_ROWS * CHECKPOINT_BATCHES,
    resume: true,
  };
  const job = session.job('sums', { checkpoint });
  const rows = readCsv(csv, { batchSize: BATCH_ROWS, schema: { s: 'string' } }).map(paced());
  const sink = new FileSink({ folder: join(folder, 'out'), format: format as FileFormat });
  job.from(rows).flatMap(RunningSum, format, { parallelism: 1 }).sinkTo(sink);
  await job.run();
  await session.close();
  writeSync(1, 'complete\n');
}

if (process.argv[1]?.endsWith('file-sink-program.js')) await main();
