import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OneHotEncoder, OneHotEncoderModel, Session, Table } from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';

const sessions = [0, 2].map((threads) => new Session({ threads, inlineWork: 0 }));
test.after(async () => {
  await Promise.all(sessions.map((session) => session.close()));
});

const COLS = { inputCols: ['x'], outputCols: ['v'] };

function it(name: string, body: () => void | Promise<void>): void {
  test(name, readable(body));
}

async function encode(max: number, values: readonly unknown[], params: object = {}) {
  const model = new OneHotEncoderModel({ ...COLS, ...params }).setModelData({ maxIndices: [max] });
  const table = Table.fromColumns({ x: values }, { x: 'float64' });
  const output = await model.transform(table);
  return { kept: output.column('x').toArray(), texts: output.column('v').toArray().map(String) };
}

const invalid = [3, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, null];

it('what is invalid is an error, left out, or a category of its own', async () => {
  for (const value of invalid) {
    const message = new RegExp(`must have integers in \\[0, 2\\], got ${value} in row 1;`);
    await rejectsError(encode(2, [0, value]), 'ERR_GYRE_DATA', message);
  }
  const values = [0, 2, ...invalid, 1];
  const skipped = await encode(2, values, { handleInvalid: 'skip', dropLast: false });
  assert.equal(skipped.kept, [0, 2, 1]);
  assert.equal(skipped.texts, ['(3, [0], [1.0])', '(3, [2], [1.0])', '(3, [1], [1.0])']);
  const kept = await encode(2, values, { handleInvalid: 'keep', dropLast: false });
  const last = invalid.map(() => '(4, [3], [1.0])');
  assert.equal(kept.texts, ['(4, [0], [1.0])', '(4, [2], [1.0])', ...last, '(4, [1], [1.0])']);
});

it('with dropLast the last category has no entry: that of the invalid where they are kept', async () => {
  const error = await encode(2, [0, 2, 1]);
  assert.equal(error.texts, ['(2, [0], [1.0])', '(2, [], [])', '(2, [1], [1.0])']);
  const kept = await encode(2, [0, 2, 9], { handleInvalid: 'keep' });
  assert.equal(kept.texts, ['(3, [0], [1.0])', '(3, [2], [1.0])', '(3, [], [])']);
});

it('a single category has vectors of size 0, or of size 1 without dropLast', async () => {
  assert.equal((await encode(0, [0])).texts, ['(0, [], [])']);
  assert.equal((await encode(0, [0], { dropLast: false })).texts, ['(1, [0], [1.0])']);
});

it('-0 is 0, and types of columns do not matter', async () => {
  assert.equal((await encode(1, [-0], { dropLast: false })).texts, ['(2, [0], [1.0])']);
  const model = new OneHotEncoderModel({ ...COLS, dropLast: false });
  model.setModelData({ maxIndices: [2] });
  const columns = [Int32Array.of(2, 0), Float32Array.of(2, 0), BigInt64Array.of(2n, 0n)];
  for (const x of columns) {
    const output = await model.transform(Table.fromColumns({ x }));
    assert.equal(output.column('v').toArray().map(String), ['(3, [2], [1.0])', '(3, [0], [1.0])']);
  }
});

it('fit takes the largest index, and passes over what is none where that is allowed', async () => {
  const x = [4, null, 2.5, -3, Number.NaN, 7];
  const table = Table.fromColumns({ x });
  for (const handleInvalid of ['skip', 'keep'] as const) {
    const model = await new OneHotEncoder({ ...COLS, handleInvalid }).fit(table);
    assert.equal(model.modelData, { maxIndices: [7] });
  }
  const message = /^OneHotEncoder\.fit: column "x" must have integers in .*, got null in row 1\.$/;
  await rejectsError(new OneHotEncoder(COLS).fit(table), 'ERR_GYRE_DATA', message);
  const none = new OneHotEncoder({ ...COLS, handleInvalid: 'skip' }).fit(table.slice(1, 3));
  await rejectsError(none, 'ERR_GYRE_DATA', /must have at least one index, got none\.$/);
});

it('many rows give CSR that a loop gives, with rows left out in the middle', async () => {
  const random = seeded(51);
  const rows = 30_000;
  const [a, b] = [0, 1].map(() => Int32Array.from({ length: rows }, () => random.below(52) - 1));
  const table = Table.fromColumns({ a: a!, b: b! });
  const model = new OneHotEncoderModel({
    inputCols: ['a', 'b'],
    outputCols: ['av', 'bv'],
    handleInvalid: 'skip',
  }).setModelData({ maxIndices: [50, 40] });
  const kept = [...a!.keys()].filter((i) => a![i]! >= 0 && b![i]! >= 0 && b![i]! <= 40);
  for (const session of sessions) {
    const output = await model.transform(table, { session });
    assert.equal(
      [...output.column('a', 'int32').values],
      kept.map((i) => a![i]),
    );
    for (const [values, name, size] of [
      [a!, 'av', 50],
      [b!, 'bv', 40],
    ] as const) {
      const vectors = output.column(name, 'sparseVector');
      const stored = kept.map((i) => values[i]!).filter((index) => index < size);
      assert.equal([...vectors.indices], stored);
      assert.ok(vectors.values.length === stored.length && vectors.values.every((v) => v === 1));
      assert.ok(kept.every((i, row) => vectors.get(row)!.indices.length === +(values[i]! < size)));
    }
  }
});

/** Rows of CSR as a loop gives them; `category` is null where a row has no entry. */
function csrOf(categories: readonly (number | null)[]) {
  const offsets = [0];
  const indices = categories.filter((category) => category !== null);
  for (const category of categories) offsets.push(offsets.at(-1)! + (category === null ? 0 : 1));
  return { offsets, indices };
}

it('vectors that workers write in place have no gaps where rows have no entry', async () => {
  const random = seeded(52);
  const rows = 40_000;
  // No entry in the first rows, in one of three, and, from the middle on, in none.
  const x = Float64Array.from({ length: rows }, (_, i) =>
    i < 11_000 ? 3 : random.below(i < 20_000 ? 4 : 3),
  );
  const stray = Array.from(x, (value, i) =>
    i % 7 === 0 ? [null, Number.NaN, 9, -1][i % 4]! : value,
  );
  const whole = Table.fromColumns({ x: Float64Array.of(1, 2, ...x, 1) });
  const tables = {
    float64: whole.slice(2, rows + 2),
    int32: Table.fromColumns({ x: Int32Array.from(x) }),
    float32: Table.fromColumns({ x: Float32Array.from(x) }),
    int64: Table.fromColumns({ x: BigInt64Array.from(x, BigInt) }),
    withNull: Table.fromColumns({ x: stray }, { x: 'float64' }),
  };
  for (const [name, table] of Object.entries(tables)) {
    for (const dropLast of [true, false]) {
      const keeps = name === 'withNull';
      const model = new OneHotEncoderModel({
        ...{ ...COLS, dropLast, handleInvalid: keeps ? 'keep' : 'error' },
      }).setModelData({ maxIndices: [3] });
      const size = 3 + (keeps ? 1 : 0) + (dropLast ? 0 : 1);
      const category = (i: number) => (keeps && i % 7 === 0 ? 4 : x[i]!);
      const want = csrOf(Array.from(x, (_, i) => (category(i) < size ? category(i) : null)));
      for (const session of sessions) {
        const got = (await model.transform(table, { session })).column('v', 'sparseVector');
        const what = `${name}, ${dropLast ? 'dropLast' : 'all'}, ${session.threads} threads`;
        assert.is(got.size, size, what);
        assert.equal([...got.offsets], want.offsets, what);
        assert.equal([...got.indices], want.indices, what);
        assert.ok(got.values.length === want.indices.length && got.values.every((v) => v === 1));
      }
    }
  }
});

it('two columns are encoded by one pass, and one column can be encoded twice', async () => {
  const rows = 20_000;
  const [a, b] = [3, 5].map((n) => Float64Array.from({ length: rows }, (_, i) => i % n));
  const table = Table.fromColumns({ a: a!, b: b! });
  const model = new OneHotEncoderModel({
    inputCols: ['a', 'b', 'a'],
    outputCols: ['u', 'v', 'w'],
  }).setModelData({ maxIndices: [2, 4, 3] });
  for (const session of sessions) {
    const output = await model.transform(table, { session });
    for (const [name, values, size] of [
      ['u', a!, 2],
      ['v', b!, 4],
      ['w', a!, 3],
    ] as const) {
      const { indices } = output.column(name, 'sparseVector');
      assert.equal(indices, Int32Array.from(values.filter((value) => value < size)));
    }
  }
});

it('an invalid cell far down names its row of the whole table', async () => {
  const x = new Float64Array(1_200_000);
  x[1_100_000] = 1.5;
  const table = Table.fromColumns({ x });
  const model = new OneHotEncoderModel(COLS).setModelData({ maxIndices: [1] });
  for (const session of sessions) {
    const fit = new OneHotEncoder(COLS).fit(table, { session });
    await rejectsError(fit, 'ERR_GYRE_DATA', /got 1\.5 in row 1100000\.$/);
    const transform = model.transform(table, { session });
    await rejectsError(transform, 'ERR_GYRE_DATA', /got 1\.5 in row 1100000;/);
  }
});

it('a model says what is wrong with its data and its params', async () => {
  const code = 'ERR_GYRE_MODEL';
  const model = new OneHotEncoderModel(COLS);
  for (const maxIndices of [null, [-1], [0.5], ['1'], [2 ** 31 - 2]]) {
    const set = () => model.setModelData({ maxIndices } as never);
    throwsError(set, code, /maxIndices must be a list of integers in \[0, 2147483645\], got /);
  }
  const table = Table.fromColumns({ x: [0] });
  const two = model.setModelData({ maxIndices: [1, 2] }).transform(table);
  await rejectsError(two, code, /one entry for each of inputCols, got 2 for 1\.$/);
  const unset = new OneHotEncoderModel().setModelData({ maxIndices: [1] }).transform(table);
  await rejectsError(unset, 'ERR_GYRE_INVALID_PARAM', /inputCols must be set, got null\.$/);
});

test.run();
