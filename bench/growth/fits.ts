/** What the growth bench fits, on tables of any size, and on streams that never are in memory. */
import { setImmediate } from 'node:timers/promises';
import {
  Column,
  KMeans,
  LogisticRegression,
  OnlineLogisticRegression,
  OnlineStandardScaler,
  type Session,
  StandardScaler,
  StringIndexer,
  Table,
  TableStream,
  Vectors,
} from '../../src/index.js';
import { float64, int32, uint8 } from '../../src/table/buffers.js';
import { seeded } from '../../test/reference/random.js';

const SEED = 5;
const LABELS = 1000;
/** Rows that are drawn; larger tables repeat them. Streams are batches of them, again and again. */
const DRAWN = 65_536;

/** Something to fit. */
export interface Fit {
  readonly input: 'vectors' | 'strings';
  /** Whether it learns from a stream of batches, or else from a table. */
  readonly streams: boolean;
  readonly run: (input: Table | TableStream, session: Session) => Promise<unknown>;
}

const onTable = (
  input: Fit['input'],
  run: (table: Table, session: Session) => Promise<unknown>,
): Fit => ({ input, streams: false, run: (table, session) => run(table as Table, session) });

const onStream = (run: (stream: TableStream, session: Session) => Promise<unknown>): Fit => ({
  input: 'vectors',
  streams: true,
  run: (stream, session) => run(stream as TableStream, session),
});

/** By name. */
export const FITS: Readonly<Record<string, Fit>> = {
  StandardScaler: onTable('vectors', (table, session) =>
    new StandardScaler({ inputCol: 'features' }).fit(table, { session }),
  ),
  'KMeans, k=10, 10 rounds': onTable('vectors', (table, session) =>
    new KMeans({ k: 10, maxIter: 10, seed: SEED }).fit(table, { session }),
  ),
  'LogisticRegression, 10 rounds': onTable('vectors', (table, session) =>
    new LogisticRegression({ solver: 'lbfgs', maxIter: 10, reg: 0.01 }).fit(table, { session }),
  ),
  'StringIndexer, 1000 labels': onTable('strings', (table, session) =>
    new StringIndexer({ inputCols: ['c'], outputCols: ['i'] }).fit(table, { session }),
  ),
  'StandardScaler, stream': onStream((stream, session) =>
    new StandardScaler({ inputCol: 'features' }).fit(stream, { session }),
  ),
  'OnlineStandardScaler, stream': onStream(async (stream, session) => {
    const params = { inputCol: 'features', outputCol: 'scaled' };
    const model = await new OnlineStandardScaler(params).fit(stream, { session });
    await model.completed();
  }),
  'OnlineLogisticRegression, stream': onStream(async (stream, session) => {
    const online = new OnlineLogisticRegression({ globalBatchSize: 4096 });
    const first = await stream[Symbol.asyncIterator]().next();
    const { dim } = (first.value as Table).column('features', 'vector');
    const start = { coefficient: Vectors.dense(new Float64Array(dim)), modelVersion: 0 };
    const model = await online.setInitialModelData(start).fit(stream, { session });
    await model.completed();
  }),
};

/** Rows as a fit takes them. */
export function inputOf(fit: Fit, rows: number, features: number): Table | TableStream {
  if (!fit.streams) return fit.input === 'strings' ? strings(rows) : vectors(rows, features);
  const batch = vectors(Math.min(rows, DRAWN), features);
  return new TableStream({ open: () => batches(batch, rows), replayable: true });
}

async function* batches(batch: Table, rows: number): AsyncGenerator<Table, undefined> {
  for (let row = 0; row < rows; row += batch.numRows) {
    await setImmediate();
    yield batch.numRows <= rows - row ? batch : batch.slice(0, rows - row);
  }
  return undefined;
}

/** Bytes of a row of the input. */
export function bytesPerRow(fit: Fit, features: number): number {
  return fit.input === 'strings' ? 12 : 8 * features + 8;
}

function vectors(rows: number, features: number): Table {
  const random = seeded(SEED);
  const [values, label] = [float64(rows * features), float64(rows)];
  const drawn = Math.min(rows, DRAWN);
  for (let row = 0; row < drawn; row++) {
    let margin = 0;
    for (let t = 0; t < features; t++) {
      const value = random.unit();
      values[row * features + t] = value;
      margin += t % 2 === 0 ? value : -value;
    }
    label[row] = margin + 0.5 * (random.unit() - 0.5) > (features % 2) / 2 ? 1 : 0;
  }
  repeat(values, drawn * features);
  repeat(label, drawn);
  return Table.fromColumns({ features: Column.dense(values, features), label });
}

function strings(rows: number): Table {
  const random = seeded(SEED);
  const width = 8;
  const bytes = uint8(rows * width);
  const drawn = Math.min(rows, DRAWN);
  for (let row = 0; row < drawn; row++) {
    const text = `key${random.below(LABELS)}`.padEnd(width, '.');
    bytes.set(Buffer.from(text, 'latin1'), row * width);
  }
  repeat(bytes, drawn * width);
  const offsets = int32(rows + 1);
  for (let row = 0; row <= rows; row++) offsets[row] = row * width;
  return Table.fromColumns({ c: Column.utf8(bytes, offsets) });
}

/** Fills an array with its beginning, again and again. */
function repeat(array: Float64Array | Uint8Array, length: number): void {
  for (let at = length; at < array.length; at += at) {
    array.copyWithin(at, 0, Math.min(at, array.length - at));
  }
}
