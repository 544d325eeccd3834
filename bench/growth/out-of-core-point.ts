/** Measures data that is larger than the memory for it, against the same data in memory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replay } from '../../src/engine/iterate.js';
import { TerminateOnMaxIter } from '../../src/engine/operators/terminate.js';
import {
  GyreError,
  KMeans,
  readArrow,
  Session,
  StandardScaler,
  type StandardScalerModel,
  type Table,
  TableStream,
  writeArrow,
} from '../../src/index.js';
import { check } from '../harness/measure.js';
import { SumBlocks } from '../threads/growth-operators.js';
import { answer, type Measured, measure } from './ask.js';
import { FITS, inputOf } from './fits.js';
import { ROUNDS, type Way } from './ways.js';

/** A way through data, with all of it in memory or not. */
export interface OutOfCorePoint {
  readonly way: Way;
  /** Bytes of the data, four times the memory for it. */
  readonly bytes: number;
  readonly inMemory: boolean;
  readonly seconds: number;
}

export interface OutOfCoreAnswer extends Measured {
  /** The code of the error that KMeans, which keeps all points in memory, fails with; else null. */
  readonly refused: string | null;
}

const THREADS = 2;
const FEATURES = 16;
const ROW_BYTES = 8 * FEATURES + 8;
const BLOCK = 65_536;
const TIMES_MEMORY = 4;
/** What two workers need at the least, and a little. */
const LEAST_BYTES = 1 << 26;
const WARM_UP_BYTES = 1 << 20;

const folder = mkdtempSync(join(tmpdir(), 'gyre-growth-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Blocks of numbers that are made when they are read. */
function blocks(bytes: number): Iterable<Float64Array> {
  const block = new Float64Array(BLOCK).fill(1);
  return {
    *[Symbol.iterator]() {
      for (let at = 0; at < bytes; at += block.byteLength) yield block;
    },
  };
}

/** Rounds over records, which are kept in memory or spilled. */
async function replayRounds(session: Session, bytes: number): Promise<void> {
  const job = session.job('growth');
  const { sums } = job.iterate({
    variables: [job.of([0])],
    data: [replay(job.from(blocks(bytes)).rebalance(THREADS))],
    body: ([round], [data]) => {
      const sum = data.connect(round.broadcast()).process(SumBlocks);
      return {
        feedback: [sum.gather()],
        outputs: { sums: sum.side<number>('sum') },
        criteria: sum.flatMap(TerminateOnMaxIter, { maxIter: ROUNDS }),
      };
    },
  });
  const seen = await sums.output().toArray();
  const want = ROUNDS * Math.ceil(bytes / (8 * BLOCK)) * BLOCK;
  check(seen.reduce((a, b) => a + b, 0) === want, 'sums of the rounds');
}

const tableOf = (bytes: number): Table =>
  inputOf(FITS.StandardScaler!, Math.floor(bytes / ROW_BYTES), FEATURES) as Table;

const batchesOf = (bytes: number): TableStream =>
  inputOf(FITS['StandardScaler, stream']!, Math.floor(bytes / ROW_BYTES), FEATURES) as TableStream;

/** The stream scaled into a file of its own. */
async function scaleInto(
  stream: TableStream,
  model: StandardScalerModel,
  session: Session,
): Promise<void> {
  const scaled = model.transform(stream, { session }).map((batch) => batch.select(['scaled']));
  await writeArrow(join(folder, 'scaled.arrow'), scaled);
}

/** The scaler of such rows. */
async function fitScaler(
  rows: Table | TableStream,
  session: Session,
): Promise<StandardScalerModel> {
  const params = { inputCol: 'features', outputCol: 'scaled' };
  const model = await new StandardScaler(params).fit(rows, { session });
  check(
    model.modelData.mean.values.every((value) => value > 0 && value < 1),
    'means',
  );
  return model;
}

/** What KMeans says of points that its workers have no room for. */
async function refusalOf(table: Table, session: Session): Promise<string | null> {
  try {
    await new KMeans({ k: 2, maxIter: 1 }).fit(table, { session });
    return null;
  } catch (error) {
    if (error instanceof GyreError) return error.code;
    throw error;
  }
}

/** The work of a way, over data that is in memory, or else in a file or made when it is read. */
async function workOf(
  { way, bytes, inMemory }: OutOfCorePoint,
  session: Session,
): Promise<() => Promise<unknown>> {
  if (way === 'replayed rounds') return () => replayRounds(session, bytes);
  if (way === 'StandardScaler.fit') {
    const table = tableOf(bytes);
    return () => fitScaler(table, session);
  }
  const file = join(folder, `${bytes}.arrow`);
  const table = inMemory ? tableOf(bytes) : null;
  if (table === null) await writeArrow(file, batchesOf(bytes));
  const source = (): TableStream => (table === null ? readArrow(file) : streamOf(table));
  if (way === 'file to fit') return () => fitScaler(source(), session);
  const model = await fitScaler(tableOf(WARM_UP_BYTES), session);
  return () => scaleInto(source(), model, session);
}

await answer(async (point: OutOfCorePoint): Promise<OutOfCoreAnswer> => {
  const { way, bytes, inMemory, seconds } = point;
  const maxBytes = Math.max(LEAST_BYTES, Math.floor(bytes / TIMES_MEMORY));
  const memory = inMemory ? {} : { maxBytes, spillFolder: folder };
  await using session = new Session({ threads: THREADS, inlineWork: 0, memory });
  const warmUp = await workOf({ ...point, bytes: WARM_UP_BYTES }, session);
  for (let i = 0; i < 3; i++) await warmUp();
  const measured = await measure(await workOf(point, session), seconds);
  const keeps = way === 'StandardScaler.fit' && !inMemory;
  return { ...measured, refused: keeps ? await refusalOf(tableOf(bytes), session) : null };
});

/** The rows of a table as batches of the size that files have. */
function streamOf(table: Table): TableStream {
  const batches: Table[] = [];
  for (let row = 0; row < table.numRows; row += BLOCK) {
    batches.push(table.slice(row, Math.min(row + BLOCK, table.numRows)));
  }
  return TableStream.from(batches);
}
