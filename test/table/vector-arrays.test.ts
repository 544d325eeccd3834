import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { arrayToVector, Column, Vectors, vectorToArray } from '../../src/index.js';
import { throwsError } from './expect-error.js';

test('a dense vector gives its live array, a sparse one a new one', () => {
  const dense = Vectors.dense(1, 2);
  assert.is(vectorToArray(dense), dense.values);
  assert.equal(vectorToArray(Vectors.sparse(3, [1], [5])), Float64Array.of(0, 5, 0));
});

test('a column of vectors becomes lists over the same memory, and back again', () => {
  const values = Float64Array.of(1, 2, 3, 4);
  const vectors = Column.dense(values, 2);
  const lists = vectorToArray(vectors);
  assert.equal(lists.toArray(), [
    [1, 2],
    [3, 4],
  ]);
  assert.is((lists.child as { values: unknown }).values, values);
  const back = arrayToVector(lists);
  assert.is(back.dim, 2);
  assert.is(back.values.buffer, values.buffer);
});

test('null vectors become null lists, and null lists null vectors', () => {
  const vectors = Column.from([Vectors.dense(1, 2), null, Vectors.dense(3, 4)]);
  const lists = vectorToArray(vectors);
  assert.equal(lists.toArray(), [[1, 2], null, [3, 4]]);
  assert.equal(
    arrayToVector(lists)
      .toArray()
      .map((vector) => vector && [...vector.values]),
    [[1, 2], null, [3, 4]],
  );
  const first = arrayToVector(Column.from([null, [5]], 'float64[]'));
  assert.is(first.dim, 1);
  assert.is(first.get(0), null);
});

test('slices give the rows of the slice, of lists and of vectors', () => {
  const lists = Column.from([[1], [2], [3]]).slice(1);
  assert.equal([...arrayToVector(lists).values], [2, 3]);
  const sparse = Column.from([Vectors.sparse(2, [0], [1]), Vectors.sparse(2, [1], [2])]).slice(1);
  assert.equal(vectorToArray(sparse).toArray(), [[0, 2]]);
  const floats = Column.dense(Float32Array.of(1, 2, 3), 1).slice(2);
  assert.is(vectorToArray(floats).type, 'float64[]');
});

test('no rows give no rows', () => {
  assert.is(arrayToVector(Column.from([], 'float64[]')).length, 0);
  assert.is(vectorToArray(Column.from([], 'vector')).length, 0);
  assert.is(arrayToVector([]).size, 0);
});

test('what is no vector, no array of numbers, or ragged is refused', () => {
  const SCHEMA = 'ERR_GYRE_SCHEMA';
  throwsError(() => vectorToArray(Column.from([1]) as never), SCHEMA, /a column of vectors, got/);
  throwsError(() => vectorToArray([1] as never), SCHEMA, /vectorToArray must be a vector/);
  throwsError(() => arrayToVector(Column.from(['a']) as never), SCHEMA, /lists of numbers/);
  throwsError(() => arrayToVector(Column.from([['a']]) as never), SCHEMA, /lists of numbers/);
  throwsError(() => arrayToVector([1, '2'] as never), SCHEMA, /entry 1 must be a number, got "2"/);
  throwsError(() => arrayToVector(3 as never), SCHEMA, /got 3/);
  const ragged = Column.from([[1, 2], [3]]);
  throwsError(() => arrayToVector(ragged), 'ERR_GYRE_DIMENSION', /row 1 has 1 entries, expected 2/);
  const evenOut = Column.from([[1, 2], [3], [4, 5, 6]]);
  throwsError(
    () => arrayToVector(evenOut),
    'ERR_GYRE_DIMENSION',
    /row 1 has 1 entries, expected 2/,
  );
  const gap = Column.from([[1, null]], 'float64[]');
  throwsError(() => arrayToVector(gap), 'ERR_GYRE_DATA', /must not have null/);
});

test.run();
