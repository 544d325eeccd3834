import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RobustScaler, RobustScalerModel, type Table, Vectors } from '../../src/index.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';
import { columnTable, denseTable, exactly, outputOf, sparseTable } from './scaler-tables.js';

async function learned(table: Table, params = {}): Promise<[number[], number[]]> {
  const { medians, ranges } = (await new RobustScaler(params).fit(table)).modelData;
  return [[...medians.values], [...ranges.values]];
}

test('quantiles of many rows are exact, far beyond 1 / relativeError', async () => {
  const random = seeded(61);
  const values = Float64Array.from({ length: 100_000 }, () => random.unit() ** 3);
  const sorted = values.slice().sort();
  const q = (p: number) => sorted[Math.ceil(p * values.length) - 1]!;
  const params = { lower: 0.1, upper: 0.8, relativeError: 0.1 };
  assert.equal(await learned(columnTable(values), params), [[q(0.5)], [q(0.8) - q(0.1)]]);
});

test('the median of an even number of rows is the lower one of two', async () => {
  assert.equal(await learned(columnTable([1, 2, 3, 4])), [[2], [2]]);
});

test('a median is a median also when a bound is 0.5, and both bounds may be', async () => {
  const table = columnTable([1, 2, 3, 4, 5]);
  assert.equal(await learned(table, { lower: 0.5 }), [[3], [1]]);
  assert.equal(await learned(table, { upper: 0.5 }), [[3], [1]]);
  assert.equal(await learned(table, { lower: 0.5, upper: 0.5 }), [[3], [0]]);
});

test('lower above upper is refused by fit, with both', async () => {
  await rejectsError(
    new RobustScaler({ lower: 0.8 }).fit(columnTable([1])),
    'ERR_GYRE_INVALID_PARAM',
    exactly('RobustScaler.lower must not be above upper, got 0.8 and 0.75.'),
  );
});

test('NaN is left out, entry by entry, and stays NaN', async () => {
  const table = denseTable([
    [Number.NaN, 1],
    [1, 2],
    [5, Number.NaN],
    [2, 3],
  ]);
  assert.equal(await learned(table), [
    [2, 2],
    [4, 2],
  ]);
  const model = await new RobustScaler({ withCentering: true }).fit(table);
  assert.equal((await outputOf(model, table))[0], [Number.NaN, -0.5]);
});

test('an entry that is always NaN is refused, naming it', async () => {
  const table = denseTable([
    [1, Number.NaN],
    [2, Number.NaN],
  ]);
  const error = await rejectsError(
    new RobustScaler().fit(table),
    'ERR_GYRE_DATA',
    exactly(
      'RobustScaler.fit: column "input" must have a number in every entry, got NaN alone in entry 1.',
    ),
  );
  assert.is(error.details.entry, 1);
});

test('every pair of flags gives its formula, dense, of dense and sparse vectors', async () => {
  const random = seeded(62);
  const rows = Array.from({ length: 50 }, () =>
    Array.from({ length: 3 }, () => (random.unit() < 0.4 ? 0 : random.unit() - 0.3)),
  );
  for (const withCentering of [false, true]) {
    for (const withScaling of [false, true]) {
      const params = { withCentering, withScaling };
      const model = await new RobustScaler(params).fit(denseTable(rows));
      const { medians, ranges } = model.modelData;
      const expected = rows.map((row) =>
        row.map(
          (x, t) =>
            (x - (withCentering ? medians.get(t) : 0)) * (withScaling ? 1 / ranges.get(t) : 1),
        ),
      );
      for (const table of [denseTable(rows), sparseTable(rows)]) {
        assert.is((await model.transform(table)).schema.output, 'vector');
        assert.equal(await outputOf(model, table), expected);
      }
    }
  }
});

test('a range of 0 scales to 0 with the sign of the input, and NaN to NaN', async () => {
  const model = await new RobustScaler().fit(columnTable([1, 1, 1, 1, 4]));
  const [above, below, none] = (await outputOf(model, columnTable([3, -3, Number.NaN]))).flat();
  assert.ok(Object.is(above, 0) && Object.is(below, -0) && Number.isNaN(none));
});

test('one row has range 0', async () => {
  assert.equal(await learned(denseTable([[3, -1]])), [
    [3, -1],
    [0, 0],
  ]);
});

test('infinities are values as any', async () => {
  const values = [Number.NEGATIVE_INFINITY, 1, 2, 3, Number.POSITIVE_INFINITY];
  assert.equal(await learned(columnTable(values)), [[2], [2]]);
});

test('model data that cannot be is refused', () => {
  const set = (medians: unknown, ranges: unknown) => () =>
    new RobustScalerModel().setModelData({ medians, ranges } as never);
  throwsError(set(Vectors.dense(1), Vectors.dense(1, 2)), 'ERR_GYRE_DIMENSION', /got 1 and 2/);
  throwsError(
    set(Vectors.dense(1), Vectors.dense(-1)),
    'ERR_GYRE_MODEL',
    /ranges must not be below 0/,
  );
});

test.run();
