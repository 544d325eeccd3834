import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, Interaction, Session, Table, type Vector, Vectors } from '../../src/index.js';
import { seeded } from '../reference/random.js';
import { rejectsError } from '../table/expect-error.js';

function interacted(table: Table): Promise<Table> {
  return new Interaction({ inputCols: table.columnNames }).transform(table);
}

/** Products in the order of nested loops, the last column innermost. */
function products(factors: readonly (readonly number[])[]): number[] {
  const [first, ...others] = factors;
  if (first === undefined) return [1];
  const rest = products(others);
  return first.flatMap((v) => rest.map((product) => product * v));
}

test('products are those of nested loops, dense and sparse, for random columns', async () => {
  const random = seeded(61);
  for (let round = 0; round < 40; round++) {
    const rows = 1 + random.below(5);
    const columns = Array.from({ length: 1 + random.below(4) }, () => {
      const size = 1 + random.below(4);
      const cells = Array.from({ length: rows }, () =>
        Array.from({ length: size }, () => (random.unit() < 0.4 ? 0 : random.below(9) - 4)),
      );
      return { cells, isSparse: random.unit() < 0.5 };
    });
    const table = Table.fromColumns(
      Object.fromEntries(
        columns.map(({ cells, isSparse }, c) => {
          const vectors = cells.map((cell) => Vectors.dense(cell));
          return [`c${c}`, isSparse ? vectors.map((vector) => vector.toSparse()) : vectors];
        }),
      ),
    );
    const output = (await interacted(table)).column('output', 'vector', 'sparseVector');
    assert.is(
      output.layout === 'sparse',
      columns.some(({ isSparse }) => isSparse),
    );
    for (let row = 0; row < rows; row++) {
      const expected = products(columns.map(({ cells }) => cells[row]!));
      const got = [...output.get(row)!.toArray()];
      assert.equal(
        got.map((v) => v + 0),
        expected.map((v) => v + 0),
        `round ${round}, row ${row}`,
      );
    }
  }
});

test('numbers of every type are vectors of one entry', async () => {
  const table = Table.fromColumns({
    d: Float64Array.of(2),
    f: Float32Array.of(0.5),
    i: Int32Array.of(3),
    l: BigInt64Array.of(-1n),
  });
  const output = await interacted(table);
  assert.equal([...output.column('output', 'vector').values], [-3]);
});

test('an empty sparse vector in any column gives one, and no error', async () => {
  const empty = Vectors.sparse(2, [], []);
  const full = Vectors.sparse(3, [0, 2], [1, 2]);
  for (const row of [
    { a: empty, b: full },
    { a: full, b: empty },
    { a: empty, b: empty },
  ]) {
    const vector = (await interacted(Table.fromRows([row]))).column('output').get(0) as Vector;
    assert.is(vector.size, row.a.size * row.b.size);
    assert.is(vector.values.length, 0);
  }
});

test('null in any column gives null, dense and sparse, on any number of threads', async () => {
  const rows = 16_384;
  const everyThird = Uint8Array.from({ length: rows / 8 }, (_, i) => (i % 3 === 0 ? 0xfe : 0xff));
  const everyFifth = Uint8Array.from({ length: rows / 8 }, (_, i) => (i % 5 === 0 ? 0xfd : 0xff));
  const random = seeded(62);
  const n = Column.numeric(random.f64(rows), everyThird);
  const v = Column.dense(random.f64(rows * 2), 2, everyFifth);
  const s = Column.sparse(
    4,
    Int32Array.from({ length: rows + 1 }, (_, i) => i),
    new Int32Array(rows).fill(3),
    random.f64(rows),
  );
  for (const columns of [
    { n, v },
    { n, v, s },
  ]) {
    const table = Table.fromColumns(columns);
    for (const threads of [0, 2]) {
      const session = new Session({ threads, inlineWork: 0 });
      const stage = new Interaction({ inputCols: Object.keys(columns) });
      const output = (await stage.transform(table, { session })).column('output');
      await session.close();
      for (const row of [0, 1, 2, 8, 24, 40, 41, 15_360, rows - 1]) {
        const isNull = n.isNull(row) || v.isNull(row);
        assert.is(output.isNull(row), isNull, `row ${row}`);
        if (!isNull) {
          const vector = output.get(row) as Vector;
          const expected = n.get(row)! * v.get(row)!.get(0) * ('s' in columns ? s.values[row]! : 1);
          assert.ok(Math.abs(vector.get('s' in columns ? 3 : 0) - expected) < 1e-15);
        }
      }
    }
  }
});

test('too many products are refused, naming the sizes', async () => {
  const wide = Vectors.sparse(100_000, [1], [1]);
  await rejectsError(
    interacted(Table.fromRows([{ a: wide, b: wide }])),
    'ERR_GYRE_DIMENSION',
    /^Interaction\.transform: the columns must have less than 2\^31 products, got 100000 x 100000\.$/,
  );
});

test.run();
