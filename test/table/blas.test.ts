import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BLAS, DistanceMeasure, type Vector, Vectors } from '../../src/index.js';
import { seeded } from '../reference/random.js';
import { throwsError } from './expect-error.js';

const SEED = 5;

/** Random vectors of one size, each as a dense and as a sparse one. */
function pairs(count: number): readonly (readonly [Vector, Vector])[] {
  const random = seeded(SEED);
  return Array.from({ length: count }, () => {
    const values = random.f64(20).map((value) => (random.below(2) === 0 ? 0 : value));
    const dense = Vectors.dense(values);
    return [dense, dense.toSparse()] as const;
  });
}

const copy = (x: Vector): Vector =>
  'indices' in x
    ? Vectors.sparse(x.size, x.indices.slice(), x.values.slice())
    : Vectors.dense(x.values.slice());

test(`dense and sparse vectors give the same, seed ${SEED}`, () => {
  const made = pairs(40);
  for (let i = 1; i < made.length; i++) {
    const [[a, sparseA], [b, sparseB]] = [made[i - 1]!, made[i]!];
    for (const [x, y] of [
      [a, sparseB],
      [sparseA, b],
      [sparseA, sparseB],
    ] as const) {
      assert.is(BLAS.dot(x, y), BLAS.dot(a, b));
      for (const name of ['euclidean', 'manhattan', 'cosine'] as const) {
        const measure = DistanceMeasure.of(name);
        const [got, want] = [measure.distance(x, y), measure.distance(a, b)];
        assert.ok(Math.abs(got - want) < 1e-14, name);
      }
      const [product, expected] = [copy(y), copy(b)];
      BLAS.hDot(x, product);
      BLAS.hDot(a, expected);
      assert.equal(product.toArray(), expected.toArray());
    }
    for (const p of [1, 1.5, 2, 3, Number.POSITIVE_INFINITY]) {
      assert.ok(Math.abs(BLAS.norm(sparseA, p) - BLAS.norm(a, p)) < 1e-14, `p = ${p}`);
    }
    const [sums, expected] = [
      Vectors.dense(b.toArray().slice()),
      Vectors.dense(b.toArray().slice()),
    ];
    BLAS.axpy(0.5, sparseA, sums);
    BLAS.axpy(0.5, a, expected);
    assert.equal(sums.values, expected.values);
  }
});

test('asum, scal and norms are what their formulas say', () => {
  const x = Vectors.dense(3, -4);
  assert.is(BLAS.asum(x), 7);
  assert.is(BLAS.norm2(x), 5);
  assert.is(BLAS.norm(x, 1), 7);
  assert.is(BLAS.norm(x, Number.POSITIVE_INFINITY), 4);
  BLAS.scal(-2, x);
  assert.equal([...x.values], [-6, 8]);
});

test('axpy of k entries stops there, also where x is sparse', () => {
  const y = Vectors.dense(0, 0, 0);
  BLAS.axpy(1, Vectors.sparse(5, [0, 2, 3], [1, 2, 3]), y, 2);
  assert.equal([...y.values], [1, 0, 0]);
});

test('sizes that differ, and counts and powers that mean nothing, are refused', () => {
  const [two, three] = [Vectors.dense(1, 2), Vectors.sparse(3, [0], [1])];
  const SIZES = 'ERR_GYRE_DIMENSION';
  for (const call of [
    () => BLAS.dot(two, three),
    () => BLAS.hDot(two, three),
    () => BLAS.axpy(1, three, two),
    () => DistanceMeasure.of('manhattan').distance(two, three),
  ]) {
    throwsError(call, SIZES, /must have one size, got [23] and [23]/);
  }
  throwsError(() => BLAS.axpy(1, three, two, 3), SIZES, /k must be an integer from 0/);
  for (const p of [0, 0.5, Number.NaN, -1]) {
    throwsError(() => BLAS.norm(two, p), 'ERR_GYRE_INVALID_PARAM', /p must be >= 1/);
  }
});

test('the euclidean distance of close points far from zero does not cancel', () => {
  const distance = DistanceMeasure.of('euclidean').distance(
    Vectors.dense(1e8, 0),
    Vectors.dense(1e8 + 1e-4, 0),
  );
  assert.ok(Math.abs(distance - (1e8 + 1e-4 - 1e8)) < 1e-18);
});

test('the cosine distance is 0 of one direction, 1 across, 2 of opposite ones', () => {
  const { distance } = { distance: DistanceMeasure.of('cosine') };
  const x = Vectors.dense(3, 4);
  assert.ok(Math.abs(distance.distance(x, Vectors.dense(6, 8))) < 1e-15);
  assert.is(distance.distance(x, Vectors.dense(-4, 3)), 1);
  assert.ok(Math.abs(distance.distance(x, Vectors.dense(-3, -4)) - 2) < 1e-15);
  throwsError(() => distance.distance(x, Vectors.dense(0, 0)), 'ERR_GYRE_DATA', /all zeros/);
});

test('the closest centroid is the first of several; NaN never is', () => {
  const measure = DistanceMeasure.of('euclidean');
  const point = Vectors.dense(0);
  const at = (...values: number[]) => values.map((value) => Vectors.dense(value));
  assert.is(measure.findClosest(at(2, 1, -1), point), 1);
  assert.is(measure.findClosest(at(Number.NaN, 5), point), 1);
  assert.is(measure.findClosest(at(Number.NaN), point), -1);
  assert.is(measure.findClosest(at(Number.POSITIVE_INFINITY), point), 0);
  assert.is(measure.findClosest([], point), -1);
});

test('another measure is refused, with those that there are', () => {
  for (const name of ['hamming', 'toString', '', null]) {
    throwsError(
      () => DistanceMeasure.of(name as never),
      'ERR_GYRE_INVALID_PARAM',
      /one of euclidean, manhattan, cosine, got/,
    );
  }
});

test.run();
