import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DenseVector, SparseVector, Vectors } from '../../src/table/vector.js';
import { throwsError } from './expect-error.js';

test('Vectors.dense takes numbers, a list, or a typed array without a copy', () => {
  assert.equal(Vectors.dense(1, 2).toArray(), Float64Array.of(1, 2));
  assert.equal(Vectors.dense([1, 2]).toArray(), Float64Array.of(1, 2));
  assert.is(Vectors.dense().size, 0);
  const values = Float64Array.of(3, 4);
  assert.is(Vectors.dense(values).values, values);
  assert.is(Vectors.dense(values).toDense().toArray(), values);
});

test('a sparse vector sorts copies of indices that do not ascend', () => {
  const indices = Int32Array.of(3, 0);
  const vector = new SparseVector(4, indices, Float64Array.of(30, 10));
  assert.equal(vector.indices, Int32Array.of(0, 3));
  assert.equal(vector.values, Float64Array.of(10, 30));
  assert.equal(indices, Int32Array.of(3, 0));
  const ascending = Int32Array.of(0, 3);
  assert.is(new SparseVector(4, ascending, Float64Array.of(1, 2)).indices, ascending);
});

test('get of a sparse vector is zero for every index that is not stored', () => {
  const vector = Vectors.sparse(5, [1, 3], [10, 30]);
  assert.equal(
    [0, 1, 2, 3, 4, 5, -1].map((i) => vector.get(i)),
    [0, 10, 0, 30, 0, 0, 0],
  );
  assert.is(vector.toSparse(), vector);
});

test('text forms are those of Flink ML', () => {
  assert.is(String(Vectors.dense(1, 2.5, -0)), '[1.0, 2.5, -0.0]');
  assert.is(String(Vectors.sparse(4, [2, 0], [3, 1])), '(4, [0, 2], [1.0, 3.0])');
});

test('dense to sparse drops zeros and keeps NaN, and the way back gives the same entries', () => {
  const dense = Vectors.dense(0, -0, Number.NaN, 2);
  assert.equal(dense.toSparse().indices, Int32Array.of(2, 3));
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 1, -2.5, Number.NaN)), (values) => {
      const vector = new DenseVector(Float64Array.from(values));
      assert.equal([...vector.toSparse().toDense().values], values);
    }),
    { seed: 1 },
  );
});

test('sparse vectors of wrong parts are refused with the numbers', () => {
  throwsError(() => Vectors.sparse(3, [0], [1, 2]), 'ERR_GYRE_DIMENSION', /got 1 and 2/);
  throwsError(() => Vectors.sparse(3, [3], [1]), 'ERR_GYRE_DATA', /in \[0, 3\), got 3/);
  throwsError(() => Vectors.sparse(3, [-1, 0], [1, 2]), 'ERR_GYRE_DATA', /got -1/);
  throwsError(() => Vectors.sparse(3, [2, 0, 2], [1, 2, 3]), 'ERR_GYRE_DATA', /2 is given twice/);
  throwsError(() => Vectors.sparse(3, [0.5], [1]), 'ERR_GYRE_DATA', /integers.*got 0\.5/);
  throwsError(() => Vectors.sparse(-1, [], []), 'ERR_GYRE_INVALID_PARAM', /size.*got -1/);
  throwsError(() => Vectors.dense(1).get(1), 'ERR_GYRE_INVALID_PARAM', /\[0, 1\), got 1/);
});

test.run();
