import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, Imputer, ImputerModel, type ImputerParams, Table } from '../../src/index.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';
import { exactly } from './scaler-tables.js';

const { NaN: nan } = Number;
const STRATEGIES = ['mean', 'median', 'most_frequent'] as const;

async function surrogate(values: Column | (number | null)[], params: Partial<ImputerParams> = {}) {
  const imputer = new Imputer({ ...params, inputCols: ['a'], outputCols: ['o'] });
  return (await imputer.fit(Table.fromColumns({ a: values }))).modelData.surrogates.a;
}

async function imputed(values: Column | (number | null)[], params: Partial<ImputerParams> = {}) {
  const table = Table.fromColumns({ a: values });
  const imputer = new Imputer({ ...params, inputCols: ['a'], outputCols: ['o'] });
  return (await (await imputer.fit(table)).transform(table)).column('o', 'float64');
}

test('null, NaN and the missing value do not count, whatever the missing value is', async () => {
  const values = [4, null, nan, -1, 2, -1, 9];
  assert.is(await surrogate(values, { missingValue: -1 }), 5);
  assert.is(await surrogate(values, { missingValue: -1, strategy: 'median' }), 4);
  assert.is(await surrogate(values, { missingValue: -1, strategy: 'most_frequent' }), 2);
  assert.is(await surrogate(values, { strategy: 'most_frequent' }), -1);
});

test('NaN stays NaN when another number is missing, and null is replaced', async () => {
  const output = await imputed([1, null, nan, -1, 3], { missingValue: -1 });
  assert.equal(output.toArray(), [1, 2, nan, 2, 3]);
  assert.is(output.nullCount, 0);
});

test('0 as missing value is also -0', async () => {
  const output = await imputed([0, -0, 3], { missingValue: 0 });
  assert.equal(output.toArray(), [3, 3, 3]);
});

test('an infinity may be the missing value', async () => {
  const missingValue = Number.POSITIVE_INFINITY;
  assert.equal((await imputed([missingValue, 4], { missingValue })).toArray(), [4, 4]);
});

test('a 32-bit float is missing when it is the missing value as one', async () => {
  const output = await imputed(Column.numeric(Float32Array.of(0.1, 0.5)), { missingValue: 0.1 });
  assert.equal(output.toArray(), [0.5, 0.5]);
});

test('columns of every numeric type become float64, to the value', async () => {
  const validity = Uint8Array.of(0b101);
  const columns = [
    Column.numeric(Float64Array.of(1, 9, 3), validity),
    Column.numeric(Float32Array.of(1, 9, 3), validity),
    Column.numeric(Int32Array.of(1, 9, 3), validity),
    Column.numeric(BigInt64Array.of(1n, 9n, 3n), validity),
  ];
  for (const column of columns) {
    assert.equal((await imputed(column)).toArray(), [1, 2, 3], column.type);
  }
  assert.is(await surrogate(Column.numeric(BigInt64Array.of(2n ** 53n, 2n ** 53n))), 2 ** 53);
});

test('the median is the lower one of two, and exact for many values', async () => {
  assert.is(await surrogate([1, 2, 3, 4], { strategy: 'median' }), 2);
  const values = seeded(81).f64(100_000);
  const sorted = values.slice().sort();
  const column = Column.numeric(values);
  assert.is(await surrogate(column, { strategy: 'median', relativeError: 0.5 }), sorted[49_999]);
});

test('of values as frequent the smallest is taken, over many shards too', async () => {
  assert.is(await surrogate([3, 1, 3, 1, 2], { strategy: 'most_frequent' }), 1);
  // 7 is nowhere the most frequent of a shard, but of all.
  const values = Int32Array.from({ length: 66_000 }, (_, i) => {
    if (i % 3 === 0) return 7;
    return 1000 + Math.floor(i / 5000);
  });
  assert.is(await surrogate(Column.numeric(values), { strategy: 'most_frequent' }), 7);
});

test('columns are read by name, in any order, and one may be read twice', async () => {
  const table = Table.fromColumns({ skip: ['x', 'y'], a: [1, null], b: [null, 10] });
  const imputer = new Imputer({ inputCols: ['b', 'a', 'b'], outputCols: ['p', 'q', 'r'] });
  const model = await imputer.fit(table);
  assert.equal(model.modelData.surrogates, { b: 10, a: 1 });
  const output = await model.transform(table);
  assert.equal([...output.columnNames], ['skip', 'a', 'b', 'p', 'q', 'r']);
  assert.equal(output.select(['p', 'q', 'r']).toRows(), [
    { p: 10, q: 1, r: 10 },
    { p: 10, q: 1, r: 10 },
  ]);
});

test('a column without a value is refused with every strategy, by name', async () => {
  const table = Table.fromColumns({ a: [1, 2], b: [nan, null] });
  for (const strategy of STRATEGIES) {
    const error = await rejectsError(
      new Imputer({ strategy, inputCols: ['a', 'b'], outputCols: ['c', 'd'] }).fit(table),
      'ERR_GYRE_DATA',
      exactly(
        'Imputer.fit: column "b" must have a value that is not missing, got none in any row.',
      ),
    );
    assert.is(error.details.column, 'b');
  }
});

test('columns that are not given are refused by fit and by transform', async () => {
  const table = Table.fromColumns({ a: [1] });
  await rejectsError(
    new Imputer({ inputCols: ['a'] }).fit(table),
    'ERR_GYRE_INVALID_PARAM',
    exactly('Imputer: inputCols and outputCols must be given, got ["a"] and null.'),
  );
  const model = new ImputerModel().setModelData({ surrogates: { a: 1 } });
  await rejectsError(model.transform(table), 'ERR_GYRE_INVALID_PARAM', /^ImputerModel: inputCols/);
});

test('a column without a surrogate is refused, and a surrogate that is no number', async () => {
  const model = new ImputerModel({ inputCols: ['a'], outputCols: ['b'] });
  model.setModelData({ surrogates: { other: 1 } });
  await rejectsError(
    model.transform(Table.fromColumns({ a: [1] })),
    'ERR_GYRE_MODEL',
    exactly('ImputerModel.transform: the model has no surrogate for column "a".'),
  );
  throwsError(
    () => model.setModelData({ surrogates: { a: '1' } } as never),
    'ERR_GYRE_MODEL',
    exactly('ImputerModel.setModelData: the surrogate of "a" must be a number, got "1".'),
  );
});

test('a column may have any name', async () => {
  const table = Table.fromColumns(new Map([['__proto__', [1, null]]]));
  const imputer = new Imputer({ inputCols: ['__proto__'], outputCols: ['toString'] });
  const output = await (await imputer.fit(table)).transform(table);
  assert.equal(output.column('toString').toArray(), [1, 1]);
});

test.run();
