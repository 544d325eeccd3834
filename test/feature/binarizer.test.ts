import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Binarizer, Column, Table, Vectors } from '../../src/index.js';
import { throwsError } from '../table/expect-error.js';

function binarized(column: Column, threshold: number): Promise<Table> {
  const stage = new Binarizer({ inputCols: ['x'], outputCols: ['y'], thresholds: [threshold] });
  return stage.transform(Table.fromColumns({ x: column }));
}

test('every number type gives float64, compared as it is', async () => {
  for (const [column, expected] of [
    [Column.numeric(Float64Array.of(1, 2, -0)), [0, 1, 0]],
    // The 32-bit float next to 0.1 lies above it.
    [Column.numeric(Float32Array.of(1.5, 1.25)), [0, 0]],
    [Column.numeric(Int32Array.of(1, 2, -7)), [0, 1, 0]],
    [Column.numeric(BigInt64Array.of(1n, 2n, -(2n ** 60n))), [0, 1, 0]],
  ] as const) {
    const output = (await binarized(column, 1.5)).column('y', 'float64');
    assert.equal([...output.values], [...expected]);
  }
  const tenth = await binarized(Column.numeric(Float32Array.of(0.1)), 0.1);
  assert.equal(tenth.column('y').toArray(), [1]);
});

test('infinite thresholds are allowed', async () => {
  const column = Column.numeric(Float64Array.of(-Infinity, 0, Infinity));
  const below = await binarized(column, Number.NEGATIVE_INFINITY);
  const above = await binarized(column, Number.POSITIVE_INFINITY);
  assert.equal(below.column('y').toArray(), [0, 1, 1]);
  assert.equal(above.column('y').toArray(), [0, 0, 0]);
});

test('a slice of sparse vectors stores the ones of its rows alone', async () => {
  const column = Column.from([
    Vectors.sparse(4, [0, 3], [5, 1]),
    Vectors.sparse(4, [1, 2, 3], [1, 9, 3]),
    Vectors.sparse(4, [], []),
  ]);
  const output = (await binarized(column.slice(1) as Column, 2)).column('y', 'sparseVector');
  assert.equal([...output.offsets], [0, 2, 2]);
  assert.equal([...output.indices], [2, 3]);
  assert.equal([...output.values], [1, 1]);
});

test('above a threshold of 0 or more, sparse vectors give what their dense forms give', async () => {
  const vectors = [Vectors.sparse(3, [0, 2], [0.5, -1]), Vectors.sparse(3, [1], [0])];
  const dense = await binarized(Column.from(vectors.map((v) => v.toDense())), 0);
  const sparse = await binarized(Column.from(vectors), 0);
  const entries = (table: Table) =>
    table
      .column('y', 'vector', 'sparseVector')
      .toArray()
      .map((v) => [...v!.toArray()]);
  assert.equal(entries(sparse), entries(dense));
});

test('params of different lengths and repeated output columns are refused', () => {
  const make = (outputCols: string[], thresholds: number[]) => () =>
    new Binarizer({ inputCols: ['a', 'b'], outputCols, thresholds });
  const code = 'ERR_GYRE_INVALID_PARAM';
  throwsError(
    make(['c'], [1, 2]),
    code,
    /^Binarizer\.outputCols must have one entry .* got 1 for 2/,
  );
  throwsError(make(['c', 'd'], [1]), code, /^Binarizer\.thresholds must have one entry .* 1 for 2/);
  throwsError(
    make(['c', 'c'], [1, 2]),
    code,
    /^Binarizer\.outputCols must be different .* "c" twice/,
  );
});

test.run();
