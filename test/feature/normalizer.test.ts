import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, Normalizer, Table, type Vector, Vectors } from '../../src/index.js';
import { seeded } from '../reference/random.js';

const NORMS = [1, 1.5, 2, 3, 400, Number.POSITIVE_INFINITY];

async function normalized(vectors: readonly Vector[], p: number): Promise<number[][]> {
  const output = await new Normalizer({ p }).transform(Table.fromColumns({ input: vectors }));
  const column = output.column('output', 'vector', 'sparseVector');
  return column.toArray().map((vector) => [...vector!.toArray()]);
}

function norm(entries: readonly number[], p: number): number {
  const largest = Math.max(...entries.map(Math.abs));
  if (p === Number.POSITIVE_INFINITY) return largest;
  return largest * entries.reduce((sum, v) => sum + Math.abs(v / largest) ** p, 0) ** (1 / p);
}

test('vectors of any magnitude get length 1, in every norm', async () => {
  const random = seeded(51);
  for (const p of NORMS) {
    for (const scale of [1, 1e-320, 1e-300, 1e200, 1.7e308]) {
      const entries = random.f64(9).map((v) => Math.sign(v) * (Math.abs(v) + 1) * (scale / 2));
      const [row] = await normalized([Vectors.dense(entries)], p);
      assert.ok(Math.abs(norm(row!, p) - 1) < 1e-14, `p ${p}, scale ${scale}: ${norm(row!, p)}`);
    }
  }
});

test('a vector of zeros stays one, dense or sparse, in every norm', async () => {
  for (const p of NORMS) {
    assert.equal(await normalized([Vectors.dense(0, -0, 0)], p), [[0, -0, 0]]);
    assert.equal(await normalized([Vectors.sparse(3, [1], [0]), Vectors.sparse(3, [], [])], p), [
      [0, 0, 0],
      [0, 0, 0],
    ]);
  }
});

test('NaN makes its row NaN, an infinity itself alone', async () => {
  for (const p of NORMS) {
    const rows = [Vectors.dense(1, Number.NaN), Vectors.dense(1, -Infinity), Vectors.dense(2, 0)];
    assert.equal(await normalized(rows, p), [
      [Number.NaN, Number.NaN],
      [0, Number.NaN],
      [1, 0],
    ]);
  }
});

test('sparse vectors give what their dense forms give, to 1e-15, and keep what they store', async () => {
  const entry = fc.oneof(fc.constant(0), fc.double({ min: -1e3, max: 1e3, noNaN: true }));
  const rows = fc.array(fc.array(entry, { minLength: 6, maxLength: 6 }), { minLength: 1 });
  const property = fc.asyncProperty(rows, fc.constantFrom(...NORMS), async (values, p) => {
    const dense = values.map((row) => Vectors.dense(row));
    const [a, b] = [
      await normalized(dense, p),
      await normalized(
        dense.map((v) => v.toSparse()),
        p,
      ),
    ];
    a.forEach((row, i) => {
      row.forEach((v, j) => {
        assert.ok(Math.abs(v - b[i]![j]!) <= 1e-15, `${v} and ${b[i]![j]}`);
      });
    });
  });
  await fc.assert(property, { seed: 52, numRuns: 200 });
  const input = Column.from([Vectors.sparse(5, [1, 3], [3, -4]), Vectors.sparse(5, [0], [0])]);
  const output = await new Normalizer().transform(Table.fromColumns({ input }));
  const { offsets, indices, values } = output.column('output', 'sparseVector');
  assert.equal(
    [[...offsets], [...indices], [...values]],
    [
      [0, 2, 3],
      [1, 3, 0],
      [0.6, -0.8, 0],
    ],
  );
});

test('a slice of sparse vectors is normalized by its own rows', async () => {
  const input = Column.from([
    Vectors.sparse(2, [0, 1], [5, 5]),
    Vectors.sparse(2, [0, 1], [3, 4]),
    Vectors.sparse(2, [1], [-2]),
  ]);
  for (const p of [2, 3]) {
    const stage = new Normalizer({ p });
    const whole = await stage.transform(Table.fromColumns({ input }));
    const slice = await stage.transform(Table.fromColumns({ input: input.slice(1) as Column }));
    assert.equal(slice.column('output').toArray(), whole.column('output').toArray().slice(1));
  }
});

test.run();
