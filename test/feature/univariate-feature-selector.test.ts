import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { selectFeatures } from '../../src/feature/univariate-feature-selection.js';
import {
  Column,
  Table,
  UnivariateFeatureSelector,
  UnivariateFeatureSelectorModel,
  Vectors,
} from '../../src/index.js';
import { rejectsError, throwsError } from '../table/expect-error.js';

const P = Float64Array.of(0.03, NaN, 0.001, 0.2, 0.03, 0);

function selected(mode: Parameters<typeof selectFeatures>[1], threshold: number): number[] {
  return [...selectFeatures(P, mode, threshold)];
}

test('top features come by p-value, equal ones by index, NaN last', () => {
  assert.equal(selected('numTopFeatures', 4), [5, 2, 0, 4]);
  assert.equal(selected('numTopFeatures', 50), [5, 2, 0, 4, 3, 1]);
  assert.equal(selected('percentile', 0.5), [5, 2, 0]);
  assert.equal(selected('percentile', 0.49), [5, 2]);
  assert.equal(selected('percentile', 0), []);
});

test('thresholds are strict, and NaN is below none', () => {
  assert.equal(selected('fpr', 0.03), [2, 5]);
  assert.equal(selected('fpr', 1), [0, 2, 3, 4, 5]);
  assert.equal(selected('fwe', 0.006), [5]);
  assert.equal(selected('fwe', 0.0061), [2, 5]);
  assert.equal(selected('fdr', 0), []);
});

test('fdr takes all up to the last that is below its line, also where one before is not', () => {
  // Lines 0.01, 0.02, ..., 0.06 for 0, 0.001, 0.03, 0.03, 0.2: the third is on its line, the fourth below.
  assert.equal(selected('fdr', 0.06), [5, 2, 0, 4]);
  assert.equal(selected('fdr', 0.045), [5, 2]);
});

function model(indices: readonly number[]): UnivariateFeatureSelectorModel {
  return new UnivariateFeatureSelectorModel().setModelData({ indices: Int32Array.from(indices) });
}

test('the model gives features in the order of their index, whatever that of the selection', async () => {
  const table = Table.fromColumns({ features: [[1, 2, 3]] }, { features: 'vector' });
  const output = await model([2, 0]).transform(table);
  assert.is(String(output.column('output').get(0)), '[1.0, 3.0]');
});

test('a model that selects nothing gives empty vectors, dense or sparse, and survives saving', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gyre-selector-'));
  const path = join(folder, 'model');
  await model([]).save(path);
  const loaded = await UnivariateFeatureSelectorModel.load(path);
  rmSync(folder, { recursive: true });
  assert.equal(loaded.modelData.indices, new Int32Array(0));
  for (const features of [
    Column.dense([1, 2, 3, 4], 2),
    Column.from([Vectors.sparse(2, [0], [1]), Vectors.sparse(2, [], [])]),
  ]) {
    const column = (await loaded.transform(Table.fromColumns({ features }))).column('output');
    assert.is(column.type, features.type);
    assert.equal(
      column.toArray().map((vector) => (vector as { readonly size: number }).size),
      [0, 0],
    );
  }
});

test('sparse vectors keep what they store, explicit zeros too, and NaN stays', async () => {
  const features = [Vectors.sparse(5, [0, 2, 3, 4], [1, 0, NaN, 4]), Vectors.sparse(5, [1], [7])];
  const output = await model([3, 2, 1]).transform(Table.fromColumns({ features }));
  const column = output.column('output', 'sparseVector');
  assert.equal(column.toArray().map(String), ['(3, [1, 2], [0.0, NaN])', '(3, [0], [7.0])']);
});

test('vectors of 32-bit floats stay such', async () => {
  const features = Column.dense(Float32Array.of(1, 2, 3, 4), 2);
  const output = await model([1]).transform(Table.fromColumns({ features }));
  assert.equal(output.column('output', 'vector').values, Float32Array.of(2, 4));
});

test('vectors may be longer than those that were learned from, and not shorter than needed', async () => {
  const chosen = model([0, 3]);
  const table = (row: number[]) => Table.fromColumns({ features: [row] }, { features: 'vector' });
  const output = await chosen.transform(table([1, 2, 3, 4, 5, 6]));
  assert.is(String(output.column('output').get(0)), '[1.0, 4.0]');
  const message =
    /^UnivariateFeatureSelectorModel\.transform: column "features" must have vectors of size 4 or more, got 3\.$/;
  await rejectsError(chosen.transform(table([1, 2, 3])), 'ERR_GYRE_DIMENSION', message);
});

test('indices that are given twice or below zero, and what is no Int32Array, are refused', () => {
  throwsError(() => model([1, 2, 1]), 'ERR_GYRE_MODEL', /must be distinct and >= 0, got 1 twice/);
  throwsError(() => model([3, -1]), 'ERR_GYRE_MODEL', /must be distinct and >= 0, got -1\./);
  const empty = new UnivariateFeatureSelectorModel();
  const call = () => empty.setModelData({ indices: [1] as never });
  throwsError(call, 'ERR_GYRE_MODEL', /indices must be an Int32Array, got \[1\]/);
});

test('fit asks for both types, and for a threshold that its mode takes', async () => {
  const table = Table.fromColumns(
    { features: [[1], [2], [3], [5]], label: [0, 0, 1, 1] },
    { features: 'vector' },
  );
  const types = { featureType: 'continuous', labelType: 'categorical' } as const;
  for (const [params, message] of [
    [{ labelType: 'categorical' }, /featureType must be given, one of .*, got null/],
    [{ featureType: 'continuous' }, /labelType must be given, one of .*, got null/],
    [{ ...types, selectionThreshold: 0 }, /must be an integer >= 1 for 'numTopFeatures', got 0\./],
    [{ ...types, selectionThreshold: 1.5 }, /must be an integer >= 1 for 'numTopFeatures'/],
    [{ ...types, selectionMode: 'fdr', selectionThreshold: 2 }, /\[0, 1\] for 'fdr', got 2\./],
    [{ ...types, selectionMode: 'fwe', selectionThreshold: -1 }, /\[0, 1\] for 'fwe', got -1\./],
  ] as const) {
    const fit = new UnivariateFeatureSelector(params).fit(table);
    await rejectsError(fit, 'ERR_GYRE_INVALID_PARAM', message);
  }
  const { modelData } = await new UnivariateFeatureSelector(types).fit(table);
  assert.equal([...modelData.indices], [0], 'a null threshold is 50');
});

test.run();
