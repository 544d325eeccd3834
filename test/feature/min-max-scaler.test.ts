import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, MinMaxScaler, MinMaxScalerModel, Table, Vectors } from '../../src/index.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';
import {
  columnTable,
  denseTable,
  exactly,
  outputOf,
  type Rows,
  sparseTable,
} from './scaler-tables.js';

/** Rows enough for several shards. */
const MANY = 33_000;

async function extremes(table: Table): Promise<[number[], number[]]> {
  const { minVector, maxVector } = (await new MinMaxScaler().fit(table)).modelData;
  return [[...minVector.values], [...maxVector.values]];
}

test('extremes of many rows are those of a loop, dense and sparse', async () => {
  const random = seeded(41);
  const rows = Array.from({ length: MANY }, () =>
    // Entries that are mostly zero, always above it, always below it, and any.
    [random.unit() < 0.9 ? 0 : random.unit(), 1 + random.unit(), -random.unit() - 1, random.unit()],
  );
  const columns = [0, 1, 2, 3].map((t) => rows.map((row) => row[t]!));
  const expected = [
    columns.map((column) => column.reduce((a, b) => Math.min(a, b))),
    columns.map((column) => column.reduce((a, b) => Math.max(a, b))),
  ];
  assert.equal(await extremes(denseTable(rows)), expected);
  assert.equal(await extremes(sparseTable(rows)), expected);
});

test('what is not stored of sparse vectors is 0, and counts', async () => {
  const table = sparseTable([
    [5, 0, -1],
    [3, 7, 0],
  ]);
  assert.equal(await extremes(table), [
    [3, 0, -1],
    [5, 7, 0],
  ]);
});

test('the smallest value becomes min and the largest max to the last bits, all in between', async () => {
  const random = seeded(42);
  const values = Float64Array.from({ length: 1000 }, () => 100 * random.unit() - 30);
  for (const [min, max] of [
    [0, 1],
    [-5, -4],
    [3, -3],
  ] as const) {
    const table = columnTable(values);
    const model = await new MinMaxScaler({ min, max }).fit(table);
    const output = (await outputOf(model, table)).flat();
    const smallest = output[values.indexOf(Math.min(...values))]!;
    const largest = output[values.indexOf(Math.max(...values))]!;
    assert.is(smallest, min);
    assert.ok(Math.abs(largest - max) < 1e-14);
    for (const value of output) {
      assert.ok(value >= Math.min(min, max) - 1e-14 && value <= Math.max(min, max) + 1e-14);
    }
  }
});

test('sparse vectors become the dense ones to the bit', async () => {
  const random = seeded(43);
  const rows: Rows = Array.from({ length: 300 }, () =>
    Array.from({ length: 5 }, () => (random.unit() < 0.6 ? 0 : random.unit() - 0.5)),
  );
  const model = await new MinMaxScaler({ min: -2 }).fit(denseTable(rows));
  const [dense, sparse] = await Promise.all(
    [denseTable(rows), sparseTable(rows)].map(async (table) => {
      return (await model.transform(table)).column('output', 'vector').values;
    }),
  );
  assert.equal(sparse, dense);
});

test('a range below 1e-5 is none, and one of 1e-5 and more is', async () => {
  const table = denseTable([
    [3, 0, 0],
    [3, 9.9e-6, 1.1e-5],
  ]);
  const model = await new MinMaxScaler({ min: 2, max: 4 }).fit(table);
  const [first, second] = await outputOf(model, table);
  assert.equal(first, [3, 3, 2]);
  assert.equal(second!.slice(0, 2), [3, 3]);
  assert.ok(Math.abs(second![2]! - 4) < 1e-12);
});

test('values outside of what was learned are not clipped', async () => {
  const model = await new MinMaxScaler().fit(columnTable([0, 4]));
  assert.equal((await outputOf(model, columnTable([-4, 8]))).flat(), [-1, 2]);
});

test('a range beyond the largest number is scaled', async () => {
  const table = columnTable([-1.5e308, 0, 1.5e308]);
  const model = await new MinMaxScaler().fit(table);
  const [low, middle, high] = (await outputOf(model, table)).flat();
  assert.is(low, 0);
  // The scale itself is below the smallest normal number, and has some digits less.
  assert.ok(Math.abs(middle! - 0.5) < 1e-14 && Math.abs(high! - 1) < 1e-14);
});

test('NaN in any row makes its entry NaN, and no other', async () => {
  for (const row of [0, 4124, 16_500, MANY - 1]) {
    const values = new Float64Array(MANY * 3).map((_, at) => at);
    values[row * 3 + 1] = Number.NaN;
    const input = Column.dense(values, 3);
    const sparse = Column.sparse(
      3,
      Int32Array.from({ length: MANY + 1 }, (_, i) => 3 * i),
      Int32Array.from({ length: MANY * 3 }, (_, e) => e % 3),
      values,
    );
    for (const column of [input, sparse]) {
      assert.equal(await extremes(Table.fromColumns({ input: column })), [
        [0, Number.NaN, 2],
        [MANY * 3 - 3, Number.NaN, MANY * 3 - 1],
      ]);
    }
  }
  const table = denseTable([
    [1, Number.NaN],
    [3, 2],
  ]);
  assert.equal(await outputOf(await new MinMaxScaler().fit(table), table), [
    [0, Number.NaN],
    [1, Number.NaN],
  ]);
});

test('one row is a constant, and vectors without entries stay so', async () => {
  const one = denseTable([[7, -3]]);
  assert.equal(await outputOf(await new MinMaxScaler().fit(one), one), [[0.5, 0.5]]);
  const none = denseTable([[], []]);
  assert.equal(await outputOf(await new MinMaxScaler().fit(none), none), [[], []]);
});

test('32-bit vectors give what their 64-bit copies give', async () => {
  const narrow = Float32Array.from(seeded(44).f64(300));
  const [a, b] = await Promise.all(
    [narrow, Float64Array.from(narrow)].map(async (values) => {
      const table = Table.fromColumns({ input: Column.dense(values, 3) });
      return outputOf(await new MinMaxScaler().fit(table), table);
    }),
  );
  assert.equal(a, b);
});

test('a longer or shorter vector is refused, and so is an empty table to learn from', async () => {
  const model = await new MinMaxScaler().fit(denseTable([[1, 2]]));
  for (const size of [1, 3]) {
    await rejectsError(
      model.transform(denseTable([new Array<number>(size).fill(0)])),
      'ERR_GYRE_DIMENSION',
      exactly(
        `MinMaxScalerModel.transform: column "input" must have vectors of size 2, got ${size}.`,
      ),
    );
  }
  const empty = Table.empty({ input: 'vector' });
  await rejectsError(new MinMaxScaler().fit(empty), 'ERR_GYRE_DATA', /at least one row, got none/);
});

test('model data that cannot be is refused, naming what', () => {
  const set = (minVector: unknown, maxVector: unknown) => () =>
    new MinMaxScalerModel().setModelData({ minVector, maxVector } as never);
  throwsError(set([1], Vectors.dense(1)), 'ERR_GYRE_MODEL', /minVector must be a dense vector/);
  throwsError(
    set(Vectors.dense(1), Vectors.dense(1, 2)),
    'ERR_GYRE_DIMENSION',
    exactly(
      'MinMaxScalerModel.setModelData: minVector and maxVector must have one size, got 1 and 2.',
    ),
  );
});

test.run();
