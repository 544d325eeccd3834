import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Table,
  VarianceThresholdSelector,
  VarianceThresholdSelectorModel,
} from '../../src/index.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';
import { columnTable, denseTable, exactly, outputOf, sparseTable } from './scaler-tables.js';

const MANY = 33_000;

async function kept(table: Table, varianceThreshold = 0): Promise<number[]> {
  const { modelData } = await new VarianceThresholdSelector({ varianceThreshold }).fit(table);
  return [...modelData.indices];
}

test('the variance has divisor n, and must be above the threshold', async () => {
  const table = columnTable([0, 2]);
  assert.equal(await kept(table, 1), []);
  assert.equal(await kept(table, 1 - 1e-15), [0]);
});

test('a constant is never kept, whatever its bits, on any number of rows', async () => {
  for (const constant of [0.1, 0.3, 0.7, -7.1, 1e150]) {
    for (const n of [1, 2, 3, 6, 4099, MANY]) {
      const values = new Float64Array(n).fill(constant);
      assert.equal(await kept(columnTable(values)), [], `${constant} x ${n}`);
    }
  }
});

test('a small variance about a large mean is kept', async () => {
  assert.equal(await kept(columnTable([1e8, 1e8 + 1e-6, 1e8])), [0]);
});

test('sparse vectors keep what dense ones do, and stay sparse', async () => {
  const random = seeded(91);
  const rows = Array.from({ length: MANY }, () =>
    Array.from({ length: 6 }, (_, t) => (random.unit() < 0.7 ? 0 : t * random.unit())),
  );
  const [dense, sparse] = [denseTable(rows), sparseTable(rows)];
  const selector = new VarianceThresholdSelector({ varianceThreshold: 0.5 });
  const models = [await selector.fit(dense), await selector.fit(sparse)];
  assert.equal(models[0]!.modelData, models[1]!.modelData);
  const { indices } = models[0]!.modelData;
  assert.ok(indices.length > 0 && indices.length < 6);
  const few = [dense.slice(3, 9), sparse.slice(3, 9)] as const;
  assert.is((await models[0]!.transform(few[1])).schema.output, 'sparseVector');
  assert.equal(await outputOf(models[0]!, few[1]), await outputOf(models[0]!, few[0]));
});

test('an entry that is NaN or infinite in some row, or overflows, is dropped', async () => {
  const rows = [
    [Number.NaN, Number.POSITIVE_INFINITY, 1e200, 1],
    [1, 2, -1e200, 2],
  ];
  for (const table of [denseTable(rows), sparseTable(rows)]) assert.equal(await kept(table), [3]);
});

test('when nothing is kept the vectors have no entries, dense or sparse', async () => {
  for (const table of [denseTable([[1], [2]]), sparseTable([[1], [2]])]) {
    const model = await new VarianceThresholdSelector({ varianceThreshold: 9 }).fit(table);
    assert.equal(await outputOf(model, table), [[], []]);
    assert.is((await model.transform(table)).schema.output, table.schema.input);
  }
});

test('a vector of another size is refused', async () => {
  const model = await new VarianceThresholdSelector().fit(denseTable([[1, 2]]));
  await rejectsError(
    model.transform(denseTable([[1]])),
    'ERR_GYRE_DIMENSION',
    exactly(
      'VarianceThresholdSelectorModel.transform: column "input" must have vectors of size 2, got 1.',
    ),
  );
});

test('model data that cannot be is refused', () => {
  const set =
    (numOfFeatures: unknown, ...indices: number[]) =>
    () =>
      new VarianceThresholdSelectorModel().setModelData({
        numOfFeatures: numOfFeatures as number,
        indices: Int32Array.from(indices),
      });
  throwsError(set(-1), 'ERR_GYRE_MODEL', /numOfFeatures must be an integer >= 0, got -1/);
  throwsError(set(3, 0, 3), 'ERR_GYRE_MODEL', /must ascend in \[0, 3\), got 3 at 1/);
  throwsError(set(3, 1, 1), 'ERR_GYRE_MODEL', /must ascend in \[0, 3\), got 1 at 1/);
  throwsError(
    () =>
      new VarianceThresholdSelectorModel().setModelData({
        numOfFeatures: 1,
        indices: [0],
      } as never),
    'ERR_GYRE_MODEL',
    /indices must be an Int32Array/,
  );
});

test.run();
