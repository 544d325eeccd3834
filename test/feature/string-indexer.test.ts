import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { StringOrderType } from '../../src/feature/label-order.js';
import {
  Column,
  Session,
  StringIndexer,
  StringIndexerModel,
  Table,
  TableStream,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { randomText } from '../reference/cases-hashing.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';

const sessions = [0, 2].map((threads) => new Session({ threads, inlineWork: 0 }));
test.after(async () => {
  await Promise.all(sessions.map((session) => session.close()));
});

const ORDERS: readonly StringOrderType[] = [
  'arbitrary',
  'frequencyDesc',
  'frequencyAsc',
  'alphabetDesc',
  'alphabetAsc',
];

async function labelsOf(
  values: Column | ArrayLike<unknown>,
  params: object = {},
  session?: Session,
): Promise<readonly string[]> {
  const table = Table.fromColumns({ c: values as Column });
  const indexer = new StringIndexer({ inputCols: ['c'], outputCols: ['i'], ...params });
  const { modelData } = await indexer.fit(table, { session });
  return modelData.stringArrays[0]!;
}

function modelOf(labels: readonly string[], handleInvalid: 'error' | 'skip' | 'keep' = 'error') {
  const model = new StringIndexerModel({ inputCols: ['c'], outputCols: ['i'], handleInvalid });
  return model.setModelData({ stringArrays: [labels] });
}

async function indicesOf(
  model: StringIndexerModel,
  values: Column | ArrayLike<unknown>,
  session?: Session,
): Promise<number[]> {
  const output = await model.transform(Table.fromColumns({ c: values as Column }), { session });
  return output.column('i').toArray() as number[];
}

function it(name: string, body: () => void | Promise<void>): void {
  test(name, readable(body));
}

it('orders break ties in alphabetical order, and arbitrary is that of first appearance', async () => {
  const values = ['d', 'b', 'c', 'b', 'a', 'd'];
  assert.equal(await labelsOf(values), ['d', 'b', 'c', 'a']);
  const orders = ORDERS.slice(1).map((stringOrderType) => labelsOf(values, { stringOrderType }));
  assert.equal(await Promise.all(orders), [
    ['b', 'd', 'a', 'c'],
    ['a', 'c', 'b', 'd'],
    ['d', 'c', 'b', 'a'],
    ['a', 'b', 'c', 'd'],
  ]);
});

it('alphabetical order is that of UTF-16 code units, not of UTF-8 bytes', async () => {
  // U+FFFD is below U+10000 in bytes, and above its surrogates.
  const values = ['\u{10000}', '\ufffd', 'z'];
  const expected = ['z', '\u{10000}', '\ufffd'];
  assert.equal(await labelsOf(values, { stringOrderType: 'alphabetAsc' }), expected);
});

it('strings in a dictionary and in UTF-8 give the same model and the same indices', async () => {
  const random = seeded(31);
  const labels = Array.from({ length: 300 }, (_, i) => randomText(random, 1 + (i % 40)));
  const codes = Int32Array.from({ length: 20_000 }, () => random.below(301) - 1);
  const dictionary = Column.dictionary(codes, labels);
  const utf8 = Column.from(dictionary.toArray(), 'string');
  for (const session of sessions) {
    for (const stringOrderType of ORDERS) {
      const [a, b] = await Promise.all(
        [dictionary, utf8].map((column) => labelsOf(column, { stringOrderType }, session)),
      );
      assert.equal(a, b, stringOrderType);
      const model = modelOf(a!.slice(10), 'keep');
      assert.equal(
        await indicesOf(model, dictionary, session),
        await indicesOf(model, utf8, session),
      );
    }
  }
});

it('a dictionary with a label twice, and one that no row has, counts what rows have', async () => {
  const column = Column.dictionary(Int32Array.of(2, 0, 2, 1, -1), ['a', 'b', 'a', 'none']);
  assert.equal(await labelsOf(column, { stringOrderType: 'frequencyDesc' }), ['a', 'b']);
  assert.equal(await indicesOf(modelOf(['b', 'a'], 'keep'), column), [1, 1, 1, 0, 2]);
});

it('labels are counted as a Map does, on any number of threads, of any length', async () => {
  for (const seed of [41, 42, 43]) {
    const random = seeded(seed);
    const words = Array.from({ length: 1 + random.below(3000) }, () =>
      Buffer.from(randomText(random, random.below(30))).toString(),
    );
    const values = Array.from({ length: 30_000 }, () => words[random.below(words.length)]!);
    const counts = new Map<string, number>();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    const byCount = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    for (const session of sessions) {
      assert.equal(await labelsOf(values, {}, session), [...counts.keys()], `seed ${seed}`);
      const labels = await labelsOf(values, { stringOrderType: 'frequencyDesc' }, session);
      assert.equal(
        labels,
        byCount.map(([value]) => value),
        `seed ${seed}`,
      );
      const place = new Map(labels.map((label, i) => [label, i]));
      assert.equal(
        await indicesOf(modelOf(labels), values, session),
        values.map((value) => place.get(value)),
        `seed ${seed}`,
      );
    }
  }
});

it('numbers are labels by the text that Java gives them, by type', async () => {
  const { NaN: nan } = Number;
  const values = [1, 1e7, 0.1, nan, -0, 0, 1e-4, Number.POSITIVE_INFINITY, 1];
  const texts = ['1.0', '1.0E7', '0.1', 'NaN', '-0.0', '0.0', '1.0E-4', 'Infinity'];
  assert.equal(await labelsOf(Float64Array.from(values)), texts);
  assert.equal(await labelsOf(Float32Array.from(values)), texts);
  assert.equal(await labelsOf(Int32Array.of(1, -3, 1)), ['1', '-3']);
  assert.equal(await labelsOf(BigInt64Array.of(1n, 2n ** 62n)), ['1', '4611686018427387904']);
  const expected = [0, 1, 2, 3, 4, 5, 6, 7, 0];
  for (const many of [1, 100]) {
    const repeated = Array.from({ length: many }, () => values).flat();
    const indices = Array.from({ length: many }, () => expected).flat();
    const columns = [Float64Array.from(repeated), Float32Array.from(repeated)];
    for (const column of columns) {
      assert.equal(await indicesOf(modelOf(texts), Column.from(column)), indices);
    }
  }
  const integers = Column.from(Int32Array.from({ length: 100 }, (_, i) => i % 3));
  assert.equal(await indicesOf(modelOf(['1.0', '1', '2'], 'keep'), integers), [
    ...integers.toArray().map((value) => [3, 1, 2][value as number]!),
  ]);
});

it('every NaN is one label, whatever its bits', async () => {
  const bits = new BigUint64Array([0x7ff8000000000000n, 0xfff8000000000001n, 0x7ff0000000000001n]);
  const values = new Float64Array(bits.buffer);
  assert.equal(await labelsOf(values), ['NaN']);
  const many = new Float64Array(300);
  const words = new BigUint64Array(many.buffer);
  words.forEach((_, i) => {
    words[i] = bits[i % 3]!;
  });
  for (const session of sessions) {
    const indices = await indicesOf(modelOf(['1.0', 'NaN']), Column.from(many), session);
    assert.ok(indices.every((index) => index === 1));
  }
});

it('bytes that are no UTF-8 count as the text that they read as', async () => {
  const bytes = Uint8Array.of(0x61, 0xff, 0x61, 0xfe, 0xef, 0xbf, 0xbd, 0xc3, 0xa9);
  const offsets = Int32Array.of(0, 2, 4, 4, 7, 8, 9);
  const column = Column.utf8(bytes, offsets);
  // The last two rows cut a character in two.
  assert.equal(column.toArray(), ['a\ufffd', 'a\ufffd', '', '\ufffd', '\ufffd', '\ufffd']);
  const labels = await labelsOf(column, { stringOrderType: 'frequencyDesc' });
  assert.equal(labels, ['\ufffd', 'a\ufffd', '']);
  assert.equal(await indicesOf(modelOf(labels), column), [1, 1, 2, 0, 0, 0]);
  for (const session of sessions) {
    const many = Column.utf8(
      Buffer.concat(Array.from({ length: 50 }, () => bytes)),
      Int32Array.from({ length: 301 }, (_, i) => 9 * Math.floor(i / 6) + offsets[i % 6]!),
    );
    const indices = await indicesOf(modelOf(labels), many, session);
    assert.equal(indices.slice(-6), [1, 1, 2, 0, 0, 0]);
    assert.equal(await labelsOf(many, { stringOrderType: 'frequencyDesc' }, session), labels);
  }
});

it('lone surrogates are labels as UTF-8 has them, in a dictionary and in the model', async () => {
  const column = Column.dictionary(Int32Array.of(0, 1, 2), ['\ud800', '\ufffd', 'a\udc00']);
  assert.equal(await labelsOf(column), ['\ufffd', 'a\ufffd']);
  assert.equal(await indicesOf(modelOf(['a\ud800', '\ufffd']), column), [1, 1, 0]);
});

it('maxIndexNum keeps the most frequent, and the others share the last index', async () => {
  const values = ['a', 'b', 'b', 'c', 'c', 'c', 'd'];
  const params = { stringOrderType: 'frequencyDesc', handleInvalid: 'keep' };
  assert.equal(await labelsOf(values, { ...params, maxIndexNum: 3 }), ['c', 'b']);
  assert.equal(await labelsOf(values, { ...params, maxIndexNum: 4 }), ['c', 'b', 'a', 'd']);
  assert.equal(await indicesOf(modelOf(['c', 'b'], 'keep'), values), [2, 1, 1, 0, 0, 0, 2]);
});

it('a row that is invalid in one column is skipped in all, with its other cells', async () => {
  const table = Table.fromColumns(
    { a: ['x', 'y', null, 'x'], b: [1, 2, 1, null], id: [0, 1, 2, 3] },
    { a: 'string' },
  );
  for (const session of sessions) {
    const model = new StringIndexerModel({
      inputCols: ['a', 'b'],
      outputCols: ['ai', 'bi'],
      handleInvalid: 'skip',
    }).setModelData({
      stringArrays: [
        ['x', 'y'],
        ['1.0', '2.0'],
      ],
    });
    const output = await model.transform(table, { session });
    assert.equal(output.toRows(), [
      { a: 'x', b: 1, id: 0, ai: 0, bi: 0 },
      { a: 'y', b: 2, id: 1, ai: 1, bi: 1 },
    ]);
  }
});

it('an unseen value and null are errors that name column, row of the whole table and value', async () => {
  const values: (string | null)[] = new Array(20_000).fill('a');
  values[15_000] = 'new';
  const message =
    /^StringIndexerModel\.transform: column "c" must have .*, got "new" in row 15000;/;
  const column = Column.from(values);
  const codes = Int32Array.from(values, (value) => (value === 'a' ? 0 : 1));
  for (const session of sessions) {
    for (const strings of [column, Column.dictionary(codes, ['a', 'new'])]) {
      await rejectsError(indicesOf(modelOf(['a']), strings, session), 'ERR_GYRE_DATA', message);
    }
  }
  const withNull = indicesOf(modelOf(['a']), ['a', null]);
  await rejectsError(withNull, 'ERR_GYRE_DATA', /got null in row 1;/);
});

it('a column of nulls has no labels', async () => {
  for (const session of sessions) {
    const nulls = Column.from(new Array(100).fill(null), 'string');
    assert.equal(await labelsOf(nulls, {}, session), []);
    assert.equal(await indicesOf(modelOf([], 'keep'), nulls, session), new Array(100).fill(0));
  }
});

it('labels survive save and load: none, many, empty ones', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gyre-string-indexer-'));
  const many = Array.from({ length: 5000 }, (_, i) => `label ${i}`);
  const stringArrays = [[], ['', 'é', '\u{10000}'], many, []];
  const names = ['a', 'b', 'c', 'd'];
  const model = new StringIndexerModel({ inputCols: names, outputCols: names });
  await model.setModelData({ stringArrays }).save(join(folder, 'model'));
  const loaded = await StringIndexerModel.load(join(folder, 'model'));
  rmSync(folder, { recursive: true });
  assert.equal(loaded.modelData, { stringArrays });
});

it('200 000 distinct strings are found again, on threads and without', async () => {
  const rows = 200_000;
  const values = Array.from({ length: rows }, (_, i) => `key ${Math.imul(i, 7919) >>> 0}`);
  const column = Column.from(values);
  for (const session of sessions) {
    const labels = await labelsOf(column, {}, session);
    assert.is(labels.length, rows);
    const indices = await indicesOf(modelOf(labels), column, session);
    assert.ok(indices.every((index, i) => index === i));
  }
});

it('a stream gives the labels of the table, in every order and however it is cut', async () => {
  const random = seeded(9);
  const c = Array.from({ length: 3000 }, () =>
    random.below(9) === 0 ? null : `v${random.below(40)}`,
  );
  const table = Table.fromColumns({ c });
  for (const stringOrderType of ORDERS) {
    const indexer = new StringIndexer({ inputCols: ['c'], outputCols: ['i'], stringOrderType });
    const whole = await indexer.fit(table);
    for (const rows of [97, 700]) {
      const batches = Array.from({ length: Math.ceil(3000 / rows) }, (_, b) =>
        table.slice(b * rows, (b + 1) * rows),
      );
      const { modelData } = await indexer.fit(TableStream.from(batches), { session: sessions[1] });
      assert.equal(modelData, whole.modelData, `${stringOrderType}, batches of ${rows}`);
    }
  }
  const none = new StringIndexer({ inputCols: ['c'], outputCols: ['i'] });
  await rejectsError(
    none.fit(TableStream.from([])),
    'ERR_GYRE_DATA',
    /the stream must have at least/,
  );
});

it('params that do not go together are refused in the constructor', () => {
  const cols = { inputCols: ['a', 'b'], outputCols: ['c'] };
  const lengths = /outputCols must have one entry for each of inputCols, got 1 for 2\.$/;
  throwsError(() => new StringIndexer(cols), 'ERR_GYRE_INVALID_PARAM', lengths);
  throwsError(() => new StringIndexerModel(cols), 'ERR_GYRE_INVALID_PARAM', lengths);
});

it('a model says what is wrong with its data and its params', async () => {
  const model = new StringIndexerModel({ inputCols: ['c'], outputCols: ['i'] });
  const set = (data: unknown) => () => model.setModelData(data as never);
  const code = 'ERR_GYRE_MODEL';
  throwsError(set({ stringArrays: 'a' }), code, /must be a list of lists of strings, got "a"\.$/);
  throwsError(set({ stringArrays: [['a', 1]] }), code, /\[0\] must be a list of strings, got 1\.$/);
  throwsError(set({ stringArrays: [null] }), code, /\[0\] must be a list of strings, got null\.$/);
  throwsError(set({ stringArrays: [['a', 'a']] }), code, /must be different, got "a" twice\.$/);
  const two = model.setModelData({ stringArrays: [['a'], ['b']] });
  const table = Table.fromColumns({ c: ['a'] });
  await rejectsError(two.transform(table), code, /labels for each of inputCols, got 2 for 1\.$/);
  const unset = new StringIndexerModel().setModelData({ stringArrays: [['a']] });
  const message = /^StringIndexerModel\.inputCols must be set, got null\.$/;
  await rejectsError(unset.transform(table), 'ERR_GYRE_INVALID_PARAM', message);
});

test.run();
