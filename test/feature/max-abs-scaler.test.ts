import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MaxAbsScaler, MaxAbsScalerModel, Vectors } from '../../src/index.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';
import { columnTable, denseTable, exactly, outputOf, sparseTable } from './scaler-tables.js';

const MANY = 33_000;

test('the largest magnitude of many rows is that of a loop, dense and sparse', async () => {
  const random = seeded(51);
  const rows = Array.from({ length: MANY }, () => [
    random.unit() < 0.9 ? 0 : random.unit() - 0.5,
    -random.unit(),
    0,
  ]);
  const expected = [0, 1, 2].map((t) => rows.reduce((a, row) => Math.max(a, Math.abs(row[t]!)), 0));
  for (const table of [denseTable(rows), sparseTable(rows)]) {
    const { modelData } = await new MaxAbsScaler().fit(table);
    assert.equal([...modelData.maxVector.values], expected);
  }
});

test('sparse vectors stay sparse, over the offsets and indices of the input', async () => {
  const table = sparseTable([
    [0, 2, 0],
    [-4, 0, 0],
    [0, -8, 0],
  ]);
  const input = table.column('input', 'sparseVector');
  const model = await new MaxAbsScaler().fit(table);
  const output = (await model.transform(table)).column('output', 'sparseVector');
  assert.is(output.offsets, input.offsets);
  assert.equal(output.indices, input.indices);
  assert.equal([...output.values], [0.25, -1, -1]);
});

test('an entry of zeros stays as it is, also for other values later', async () => {
  const model = await new MaxAbsScaler().fit(denseTable([[0, 2]]));
  assert.equal(await outputOf(model, denseTable([[7, 7]])), [[7, 3.5]]);
});

test('an entry whose reciprocal overflows stays as it is', async () => {
  const table = denseTable([
    [5e-324, 1e-308],
    [0, -1e-308],
  ]);
  const output = await outputOf(await new MaxAbsScaler().fit(table), table);
  assert.equal(output[0]![0], 5e-324);
  assert.equal(output[1]![0], 0);
  assert.ok(Math.abs(output[1]![1]! + 1) < 1e-15);
});

test('NaN makes its entry NaN, and an infinity makes others 0', async () => {
  const table = denseTable([
    [Number.NaN, Number.NEGATIVE_INFINITY, 1],
    [1, 5, 2],
  ]);
  for (const rows of [
    table,
    sparseTable(
      table
        .column('input')
        .toArray()
        .map((v) => [...(v as { values: Float64Array }).values]),
    ),
  ]) {
    const model = await new MaxAbsScaler().fit(rows);
    assert.equal([...model.modelData.maxVector.values], [Number.NaN, Number.POSITIVE_INFINITY, 2]);
    assert.equal(await outputOf(model, rows), [
      [Number.NaN, Number.NaN, 0.5],
      [Number.NaN, 0, 1],
    ]);
  }
});

test('one row is scaled to its signs', async () => {
  const table = denseTable([[3, -0.1, 0]]);
  assert.equal(await outputOf(await new MaxAbsScaler().fit(table), table), [[1, -1, 0]]);
});

test('a vector of another size is refused, and model data below 0', async () => {
  const model = await new MaxAbsScaler().fit(columnTable([1]));
  await rejectsError(
    model.transform(denseTable([[1, 2]])),
    'ERR_GYRE_DIMENSION',
    exactly('MaxAbsScalerModel.transform: column "input" must have vectors of size 1, got 2.'),
  );
  throwsError(
    () => new MaxAbsScalerModel().setModelData({ maxVector: Vectors.dense(1, -2) }),
    'ERR_GYRE_MODEL',
    exactly('MaxAbsScalerModel.setModelData: maxVector must not be below 0, got -2 at 1.'),
  );
});

test.run();
