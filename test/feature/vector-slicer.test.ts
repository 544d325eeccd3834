import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, Table, VectorSlicer, Vectors } from '../../src/index.js';
import { seeded } from '../reference/random.js';
import { rejectsError } from '../table/expect-error.js';

test('dense and sparse vectors give the entries in the order of the indices', async () => {
  const random = seeded(81);
  for (let round = 0; round < 40; round++) {
    const size = 1 + random.below(12);
    const rows = 1 + random.below(6);
    const cells = Array.from({ length: rows }, () =>
      Array.from({ length: size }, () => (random.unit() < 0.5 ? 0 : random.unit())),
    );
    const order = [...Array(size).keys()].sort(() => random.unit() - 0.5);
    const indices = order.slice(0, 1 + random.below(size));
    const stage = new VectorSlicer({ indices });
    const vectors = cells.map((cell) => Vectors.dense(cell));
    for (const input of [vectors, vectors.map((vector) => vector.toSparse())]) {
      const output = await stage.transform(Table.fromColumns({ input }));
      output
        .column('output', 'vector', 'sparseVector')
        .toArray()
        .forEach((vector, row) => {
          const expected = indices.map((index) => cells[row]![index]!);
          assert.equal([...vector!.toArray()], expected, `round ${round}, row ${row}`);
        });
    }
  }
});

test('stored zeros of sparse vectors are left out, NaN is kept', async () => {
  const input = [Vectors.sparse(5, [0, 2, 3, 4], [0, Number.NaN, -0, 7])];
  const stage = new VectorSlicer({ indices: [4, 3, 2, 0] });
  const output = await stage.transform(Table.fromColumns({ input }));
  const { indices, values, size } = output.column('output', 'sparseVector').get(0)!;
  assert.is(size, 4);
  assert.equal([...indices], [0, 2]);
  assert.equal([...values], [7, Number.NaN]);
});

test('32-bit vectors and a slice of sparse ones', async () => {
  const stage = new VectorSlicer({ indices: [1] });
  const narrow = Column.dense(Float32Array.of(1, 2, 3, 4), 2);
  const output = await stage.transform(Table.fromColumns({ input: narrow }));
  assert.equal([...output.column('output', 'vector').values], [2, 4]);
  const vectors = [Vectors.sparse(2, [0, 1], [1, 2]), Vectors.sparse(2, [1], [3])];
  const input = Column.from(vectors).slice(1) as Column;
  const sliced = await stage.transform(Table.fromColumns({ input }));
  assert.equal([...sliced.column('output', 'sparseVector').values], [3]);
});

test('an index that vectors do not have is refused, unless there are none', async () => {
  const stage = new VectorSlicer({ indices: [0, 2] });
  for (const vector of [Vectors.dense(1, 2), Vectors.sparse(2, [0], [1])]) {
    await rejectsError(
      stage.transform(Table.fromColumns({ input: [vector] })),
      'ERR_GYRE_DIMENSION',
      /^VectorSlicer\.transform: column "input" must have vectors with an entry 2, .* of size 2\.$/,
    );
  }
  const none = await stage.transform(Table.empty({ input: 'vector' }));
  assert.is(none.numRows, 0);
});

test.run();
