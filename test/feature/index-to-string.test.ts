import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { IndexToStringModel, Session, StringIndexer, Table } from '../../src/index.js';
import type { DictionaryColumn } from '../../src/table/dictionary-column.js';
import { readable } from '../conformance/readable.js';
import { rejectsError, throwsError } from '../table/expect-error.js';

const sessions = [0, 2].map((threads) => new Session({ threads, inlineWork: 0 }));
const session = sessions[0]!;
test.after(async () => {
  await Promise.all(sessions.map((one) => one.close()));
});

const COLS = { inputCols: ['x'], outputCols: ['s'] };

function it(name: string, body: () => void | Promise<void>): void {
  test(name, readable(body));
}

it('what StringIndexer puts out becomes the strings again', async () => {
  const c = Array.from({ length: 5000 }, (_, i) => `word ${(i * i) % 700}`);
  const table = Table.fromColumns({ c });
  const indexer = await new StringIndexer({ inputCols: ['c'], outputCols: ['x'] }).fit(table);
  const back = new IndexToStringModel(COLS).setModelData(indexer.modelData);
  const output = await back.transform(await indexer.transform(table));
  assert.equal(output.column('s').toArray(), c);
});

it('indices of any numeric type are taken, and no string is made', async () => {
  const model = new IndexToStringModel(COLS).setModelData({ stringArrays: [['a', 'b', 'a']] });
  for (const x of [
    Int32Array.of(2, 1),
    BigInt64Array.of(2n, 1n),
    Float32Array.of(2, 1),
    Float64Array.of(2, 1),
  ]) {
    const strings = (await model.transform(Table.fromColumns({ x }))).column('s');
    assert.equal(strings.toArray(), ['a', 'b']);
    assert.is((strings as DictionaryColumn).labels, model.modelData.stringArrays[0]);
  }
});

it('many rows of several columns give the codes that they are', async () => {
  const rows = 20_000;
  const a = Float64Array.from({ length: rows }, (_, i) => (i * i) % 3);
  const b = Int32Array.from({ length: rows }, (_, i) => i % 2);
  const model = new IndexToStringModel({
    inputCols: ['a', 'b', 'a'],
    outputCols: ['s', 't', 'u'],
  }).setModelData({
    stringArrays: [
      ['x', 'y', 'z'],
      ['p', 'q'],
      ['1', '2', '3'],
    ],
  });
  for (const one of sessions) {
    const output = await model.transform(Table.fromColumns({ a, b }), { session: one });
    for (const [name, values] of [
      ['s', a],
      ['t', b],
      ['u', a],
    ] as const) {
      const { codes } = output.column(name) as DictionaryColumn;
      assert.equal(codes, Int32Array.from(values));
    }
    assert.equal(output.column('u').get(2), a[2] === 0 ? '1' : '2');
  }
});

it('an index without a string is an error with its row of the whole table', async () => {
  const model = new IndexToStringModel(COLS).setModelData({ stringArrays: [['a', 'b']] });
  for (const stray of [2, -1, 0.5, Number.NaN]) {
    const x = new Float64Array(600_000);
    x[590_000] = stray;
    const message = new RegExp(`must have integers in \\[0, 2\\), got ${stray} in row 590000\\.$`);
    for (const one of sessions) {
      const transform = model.transform(Table.fromColumns({ x }), { session: one });
      await rejectsError(transform, 'ERR_GYRE_DATA', message);
    }
  }
});

it('long work is stopped between its blocks', async () => {
  const model = new IndexToStringModel(COLS).setModelData({ stringArrays: [['a']] });
  const controller = new AbortController();
  const table = Table.fromColumns({ x: new Float64Array(1_000_000) });
  const running = model.transform(table, { session, signal: controller.signal });
  controller.abort();
  const message = /^IndexToStringModel\.transform was aborted\.$/;
  await rejectsError(running, 'ERR_GYRE_ABORTED', message);
});

it('data for another number of columns is refused', () => {
  const set = () => new IndexToStringModel(COLS).setModelData({ stringArrays: [['a'], ['b']] });
  throwsError(set, 'ERR_GYRE_MODEL', /a list for each of inputCols, got 2 for 1\.$/);
});

test.run();
