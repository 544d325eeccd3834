// @timeout 120
/** Model data that may come from anywhere: an error or a model, soon, and never anything else. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { tableToIPC } from 'apache-arrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, KMeansModel, Table, Vectors } from '../../src/index.js';
import { readArrowFile } from '../../src/stage/arrow-file.js';
import { readable } from '../conformance/readable.js';
import { digestOfCell } from '../estimators/digest.js';
import { seeded } from '../reference/random.js';
import { rejectsError } from '../table/expect-error.js';
import type { FuzzReport, FuzzTask } from './fuzz-worker.js';

const it = (sentence: string, body: () => void | Promise<void>) => test(sentence, readable(body));
const root = mkdtempSync(join(tmpdir(), 'gyre-hostile-'));
test.after(() => rmSync(root, { recursive: true }));

const model = new KMeansModel({ k: 2 }).setModelData({
  centroids: [Vectors.dense([0, 1]), Vectors.dense([5, 6])],
  weights: Vectors.dense([3, 4]),
});

/** A table with a column of every type that model data can have. */
const everything = Table.fromColumns({
  double: [1, Number.NaN, -0],
  text: ['x', '', 'é'],
  vector: [Vectors.dense(1, 2), Vectors.dense(3, 4), Vectors.dense(5, 6)],
  sparse: [
    Vectors.sparse(5, [1, 3], [1, 2]),
    Vectors.sparse(5, [], []),
    Vectors.sparse(5, [4], [7]),
  ],
  flag: [true, false, true],
  long: [1n, 2n ** 60n, -3n],
  words: [['a', 'b'], [], ['c']],
  when: Column.timestamp(BigInt64Array.of(5n, 6n, 7n), 'us'),
  label: Column.dictionary(Int32Array.of(0, 1, 0), ['p', 'q']),
  int: Int32Array.of(1, 2, 3),
  float: Float32Array.of(1, 2, 3),
  floats: Column.dense(Float32Array.of(1, 2, 3), 1),
});
const ipcOf = (table: Table): Uint8Array => tableToIPC(table.toArrow(), 'file');

it('columns of every type are read as they were written, also slices and no rows', () => {
  for (const table of [
    everything,
    everything.slice(1),
    everything.slice(1, 2),
    everything.slice(3),
  ]) {
    const read = readArrowFile(ipcOf(table));
    assert.equal(read.schema, table.schema);
    for (const name of table.columnNames) {
      const [got, want] = [read.column(name).toArray(), table.column(name).toArray()];
      assert.equal(got.map(digestOfCell), want.map(digestOfCell), name);
    }
  }
  assert.equal(readArrowFile(ipcOf(Table.fromRows([]))).columnNames, []);
});

it('several batches are one table', () => {
  const arrow = everything.toArrow();
  const bytes = tableToIPC(arrow.concat(everything.slice(0, 1).toArrow()), 'file');
  const read = readArrowFile(bytes);
  assert.is(read.numRows, 4);
  assert.equal(read.row(3).sparse, everything.row(0).sparse);
});

/** Writes a number into a file's bytes. */
function patched(bytes: Uint8Array, change: (view: DataView, footer: number) => void): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const view = new DataView(copy.buffer);
  change(view, copy.length - 10 - view.getInt32(copy.length - 10, true));
  return copy;
}

it('a file without its ends, or with a footer that does not fit, is refused', () => {
  const bytes = ipcOf(everything);
  const refuses = (broken: Uint8Array, message: RegExp) =>
    assert.throws(() => readArrowFile(broken), message);
  refuses(new Uint8Array(0), /begin and end with ARROW1/);
  refuses(bytes.subarray(0, -1), /begin and end with ARROW1/);
  refuses(bytes.subarray(1), /begin and end with ARROW1/);
  for (const length of [0, -1, 2 ** 31 - 1, bytes.length]) {
    const broken = patched(bytes, (view) => view.setInt32(bytes.length - 10, length, true));
    refuses(broken, /A footer of -?\d+ bytes does not fit/);
  }
});

it('nulls are refused, in columns and in what they are made of', () => {
  for (const column of [
    Column.from([1, null]),
    Column.from(['a', null]),
    Column.from([['a', null]], 'string[]'),
    Column.from([Vectors.dense(1), null]),
  ]) {
    const bytes = ipcOf(Table.fromColumns({ column }));
    assert.throws(() => readArrowFile(bytes), /must not have null/);
  }
});

it('types that no model has are refused, by name of the column', async () => {
  const {
    Table: Arrow,
    vectorFromArray,
    Uint8,
    DateDay,
    Float16,
    Binary,
    Null,
  } = await import('apache-arrow');
  for (const vector of [
    vectorFromArray([1], new Uint8()),
    vectorFromArray([new Date(0)], new DateDay()),
    vectorFromArray([1], new Float16()),
    vectorFromArray([Uint8Array.of(1)], new Binary()),
    vectorFromArray([null], new Null()),
  ]) {
    const bytes = tableToIPC(new Arrow({ odd: vector as never }), 'file');
    assert.throws(() => readArrowFile(bytes), /Column "odd" is of a type that no model has/);
  }
});

it('batches that overlap are refused, for they would multiply the work', () => {
  const arrow = Table.fromColumns({ x: [1, 2] }).toArrow();
  const bytes = tableToIPC(arrow.concat(arrow), 'file');
  const found: number[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const footer = bytes.length - 10 - view.getInt32(bytes.length - 10, true);
  // The blocks of the two batches lie side by side: the second one is made the first one.
  for (let at = footer; at + 48 <= bytes.length; at += 4) {
    const [first, second] = [view.getBigInt64(at, true), view.getBigInt64(at + 24, true)];
    const isBlocks = first >= 8n && second > first && second < BigInt(footer);
    if (!isBlocks || view.getInt32(at + 8, true) !== view.getInt32(at + 32, true)) continue;
    found.push(at);
    const broken = patched(bytes, (copy) => copy.setBigInt64(at + 24, first, true));
    assert.throws(() => readArrowFile(broken), /behind the one before it/);
  }
  assert.is(found.length, 1);
});

/** Runs a fuzz in a worker, which is ended when a single step takes longer than it may. */
async function fuzz(task: FuzzTask, stepMs: number): Promise<FuzzReport> {
  const path = fileURLToPath(new URL('./fuzz-worker.js', import.meta.url));
  const worker = new Worker(path, {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  });
  let step = -1;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<FuzzReport>((resolve, reject) => {
      worker.on('error', reject);
      worker.on('exit', () => reject(new Error(`the worker ended after step ${step}`)));
      worker.on('message', (message: number | FuzzReport) => {
        if (typeof message !== 'number') return resolve(message);
        step = message;
        clearTimeout(timer);
        timer = setTimeout(() => reject(new Error(`step ${step} hangs`)), stepMs);
      });
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

const STEP_MS = 20_000;
/** Under any load of the machine; reading such a file takes well below a millisecond. */
const SLOWEST_MS = 1000;

it('with any byte changed, a model file is a model or an error, at once, and the model works', async () => {
  const path = join(root, 'model');
  await model.save(path);
  const bytes = readFileSync(join(path, 'data', 'model.arrow'));
  for (const kind of ['flip', 'bit'] as const) {
    const report = await fuzz({ bytes, kind, seed: 7 }, STEP_MS);
    assert.equal(report.strange, []);
    assert.is(report.errors + report.models, bytes.length, kind);
    assert.ok(report.errors > bytes.length / 10, `${kind}: ${report.errors} errors`);
    assert.ok(report.models > 0, `${kind}: ${report.models} models`);
    assert.ok(report.slowestMs < SLOWEST_MS, `${kind}: ${report.slowestMs} ms`);
  }
});

it('with words changed to what counts and offsets may be, a file of all types is read or refused', async () => {
  for (const seed of [1, 2, 3]) {
    const report = await fuzz({ bytes: ipcOf(everything), kind: 'words', seed }, STEP_MS);
    assert.equal(report.strange, [], `seed ${seed}`);
    assert.ok(report.errors > 100, `seed ${seed}: ${report.errors} errors`);
    assert.ok(report.slowestMs < SLOWEST_MS, `seed ${seed}: ${report.slowestMs} ms`);
  }
});

it('a changed file in a folder with the right size and checksum is a FormatError', async () => {
  const path = join(root, 'folder');
  await model.save(path);
  const file = join(path, 'data', 'model.arrow');
  const bytes = readFileSync(file);
  const metadata = JSON.parse(readFileSync(join(path, 'metadata.json'), 'utf8'));
  const random = seeded(11);
  let errors = 0;
  for (let i = 0; i < 60; i++) {
    const changed = Buffer.from(bytes);
    changed[random.below(bytes.length)]! ^= 1 + random.below(255);
    writeFileSync(file, changed);
    const sha256 = createHash('sha256').update(changed).digest('hex');
    const data = { bytes: changed.length, sha256 };
    writeFileSync(join(path, 'metadata.json'), JSON.stringify({ ...metadata, data }));
    const [outcome] = await Promise.allSettled([KMeansModel.load(path)]);
    if (outcome.status === 'fulfilled') continue;
    errors++;
    await rejectsError(
      Promise.reject(outcome.reason),
      'ERR_GYRE_FORMAT',
      /KMeansModel\.load: |model\.arrow: /,
    );
  }
  assert.ok(errors > 5, `${errors} errors`);
});

test.run();
