import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, PolynomialExpansion, Table, type Vector, Vectors } from '../../src/index.js';
import { seeded } from '../reference/random.js';
import { rejectsError } from '../table/expect-error.js';

async function expanded(vector: Vector, degree: number): Promise<Vector> {
  const table = Table.fromRows([{ input: vector }]);
  const output = await new PolynomialExpansion({ degree }).transform(table);
  return output.column('output', 'vector', 'sparseVector').get(0)!;
}

/** Exponents by the recursion that defines the order: on the power of the last feature. */
function exponents(features: number, degree: number): number[][] {
  if (features === 0) return [[]];
  return Array.from({ length: degree + 1 }, (_, i) =>
    exponents(features - 1, degree - i).map((lower) => [...lower, i]),
  ).flat();
}

test('monomials are in the order of the recursion on the last feature', async () => {
  // Logarithms of primes are independent: a monomial's value tells its exponents.
  const primes = [2, 3, 5, 7, 11];
  for (const [features, degree] of [
    [1, 1],
    [1, 6],
    [2, 1],
    [2, 5],
    [3, 3],
    [5, 2],
    [4, 4],
  ] as const) {
    const expected = exponents(features, degree)
      .slice(1)
      .map((powers) => powers.reduce((product, e, j) => product * primes[j]! ** e, 1));
    const dense = Vectors.dense(primes.slice(0, features));
    assert.equal([...(await expanded(dense, degree)).toArray()], expected);
    const sparse = (await expanded(dense.toSparse(), degree)) as ReturnType<Vector['toSparse']>;
    assert.equal([...sparse.values], expected);
    assert.equal([...sparse.indices], [...expected.keys()]);
  }
});

test('sparse vectors give the dense result, for random ones', async () => {
  const random = seeded(71);
  for (let round = 0; round < 60; round++) {
    const size = 1 + random.below(7);
    const degree = 1 + random.below(4);
    const entries = Array.from({ length: size }, () =>
      random.unit() < 0.5 ? 0 : random.below(9) - 4,
    );
    const dense = Vectors.dense(entries);
    const sparse = await expanded(dense.toSparse(), degree);
    const plain = (values: Float64Array) => Array.from(values, (v) => v + 0);
    assert.equal(plain(sparse.toArray()), plain((await expanded(dense, degree)).toArray()));
  }
});

test('stored zeros of sparse vectors are left out', async () => {
  const vector = await expanded(Vectors.sparse(3, [0, 1, 2], [0, 2, 0]), 2);
  assert.equal(vector.toJSON(), { size: 9, indices: [2, 4], values: [2, 4] });
  const empty = await expanded(Vectors.sparse(3, [1], [0]), 2);
  assert.equal(empty.toJSON(), { size: 9, indices: [], values: [] });
});

test('NaN makes its monomials NaN and no others, dense and sparse', async () => {
  const entries = [Number.NaN, 3];
  const expected = [Number.NaN, Number.NaN, 3, Number.NaN, 9];
  assert.equal([...(await expanded(Vectors.dense(entries), 2)).values], expected);
  assert.equal([...(await expanded(Vectors.sparse(2, [0, 1], entries), 2)).values], expected);
});

test('a sparse vector of many features has only its own monomials', async () => {
  const vector = await expanded(Vectors.sparse(60_000, [59_998, 59_999], [2, 3]), 2);
  assert.is(vector.size, (60_000 * 60_003) / 2);
  const place = (f: number, g: number) => (f * (f + 3)) / 2 + (g + 1);
  assert.equal(vector.toJSON(), {
    size: vector.size,
    indices: [
      place(59_998, -1),
      place(59_998, 59_998),
      place(59_999, -1),
      place(59_999, 59_998),
      place(59_999, 59_999),
    ],
    values: [2, 4, 3, 6, 9],
  });
});

test('a high degree of one feature is all its powers', async () => {
  const { values } = await expanded(Vectors.dense(0.5), 20_000);
  assert.is(values.length, 20_000);
  assert.is(values[9], 0.5 ** 10);
});

test('a slice of sparse vectors, and vectors without entries', async () => {
  const input = Column.from([
    Vectors.sparse(2, [0, 1], [1, 2]),
    Vectors.sparse(2, [1], [3]),
    Vectors.sparse(2, [0], [4]),
  ]);
  const slice = Table.fromColumns({ input: input.slice(1) as Column });
  const output = (await new PolynomialExpansion().transform(slice)).column(
    'output',
    'sparseVector',
  );
  assert.equal([...output.values], [3, 9, 4, 16]);
  assert.equal([...output.offsets], [0, 2, 4]);
  assert.is((await expanded(Vectors.dense(), 3)).size, 0);
});

test('too many monomials are refused', async () => {
  await rejectsError(
    expanded(Vectors.sparse(70_000, [1], [1]), 2),
    'ERR_GYRE_DIMENSION',
    /less than 2\^31 monomials of degree 2, but those of column "input" have 70000 entries/,
  );
});

test.run();
