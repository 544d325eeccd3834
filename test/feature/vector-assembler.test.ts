import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, Session, Table, VectorAssembler, Vectors } from '../../src/index.js';
import { seeded } from '../reference/random.js';
import { rejectsError } from '../table/expect-error.js';

type HandleInvalid = 'error' | 'skip' | 'keep';

function assembler(
  sizes: Readonly<Record<string, number>>,
  handleInvalid: HandleInvalid = 'error',
): VectorAssembler {
  return new VectorAssembler({
    inputCols: Object.keys(sizes),
    inputSizes: Object.values(sizes),
    handleInvalid,
  });
}

function entriesOf(table: Table): number[][] {
  const column = table.column('output', 'vector', 'sparseVector');
  return column.toArray().map((vector) => [...vector!.toArray()]);
}

test('numbers of every type and vectors of every form stand end to end', async () => {
  const table = Table.fromColumns({
    d: Float64Array.of(1, 2),
    f: Column.dense(Float32Array.of(0.5, 0.25, 3, 4), 2),
    i: Int32Array.of(-1, -2),
    l: BigInt64Array.of(7n, 8n),
    s: [Vectors.sparse(2, [1], [9]), Vectors.sparse(2, [], [])],
  });
  const output = await assembler({ d: 1, f: 2, i: 1, l: 1, s: 2 }).transform(table);
  assert.is(output.column('output').type, 'vector');
  assert.equal(entriesOf(output), [
    [1, 0.5, 0.25, -1, 7, 0, 9],
    [2, 3, 4, -2, 8, 0, 0],
  ]);
});

test('the form depends on types and sizes, not on rows: 1.5 times the dense part of the whole', async () => {
  for (const [dense, sparse, form] of [
    [2, 1, 'sparseVector'],
    [2, 0, 'vector'],
    [3, 1, 'vector'],
    [4, 2, 'sparseVector'],
    [1, 8, 'sparseVector'],
  ] as const) {
    const v = Column.dense(new Float64Array(dense), dense);
    const stored = Array.from({ length: sparse }, (_, j) => j);
    const columns = sparse === 0 ? { v } : { v, s: [Vectors.sparse(sparse, stored, stored)] };
    const stage = assembler(sparse === 0 ? { v: dense } : { v: dense, s: sparse });
    const table = Table.fromColumns(columns);
    const output = await stage.transform(table);
    assert.is(output.column('output').type, form, `${dense} and ${sparse}`);
    const empty = await stage.transform(Table.empty(table.schema));
    assert.equal(empty.schema, output.schema);
  }
});

test('a sparse vector stores numbers and dense entries also where they are 0', async () => {
  const table = Table.fromRows([
    { n: 0, v: Vectors.dense(0, 5), s: Vectors.sparse(9, [2, 4], [0, 1]) },
  ]);
  const output = await assembler({ s: 9, n: 1, v: 2 }).transform(table);
  assert.equal(output.column('output', 'sparseVector').get(0)!.toJSON(), {
    size: 12,
    indices: [2, 4, 9, 10, 11],
    values: [0, 1, 0, 0, 5],
  });
});

for (const [form, size] of [
  ['dense', 1],
  ['sparse', 9],
] as const) {
  const table = Table.fromRows(
    [
      { n: 1, v: Vectors.dense(1, 2), s: Vectors.sparse(size, [0], [3]) },
      { n: null, v: Vectors.dense(1, 2), s: Vectors.sparse(size, [], []) },
      { n: 2, v: null, s: Vectors.sparse(size, [], []) },
      { n: Number.NaN, v: Vectors.dense(1, Number.NaN), s: null },
      { n: 3, v: Vectors.dense(Number.NaN, 1), s: Vectors.sparse(size, [0], [4]) },
    ],
    { n: 'float64', v: 'vector', s: 'sparseVector' },
  );
  const sizes = { n: 1, v: 2, s: size };
  const rest = (value: number) => new Array<number>(size - 1).fill(value);

  test(`${form}: 'keep' puts NaN in the place of null, and leaves the input as it is`, async () => {
    const output = await assembler(sizes, 'keep').transform(table);
    assert.equal(entriesOf(output), [
      [1, 1, 2, 3, ...rest(0)],
      [Number.NaN, 1, 2, 0, ...rest(0)],
      [2, Number.NaN, Number.NaN, 0, ...rest(0)],
      [Number.NaN, 1, Number.NaN, Number.NaN, ...rest(Number.NaN)],
      [3, Number.NaN, 1, 4, ...rest(0)],
    ]);
    assert.is(output.column('n'), table.column('n'));
  });

  test(`${form}: 'skip' leaves out rows with null or a number that is NaN`, async () => {
    const output = await assembler(sizes, 'skip').transform(table);
    assert.equal(output.column('n').toArray(), [1, 3]);
    assert.equal(entriesOf(output), [
      [1, 1, 2, 3, ...rest(0)],
      [3, Number.NaN, 1, 4, ...rest(0)],
    ]);
    assert.is(output.column('output').type, form === 'dense' ? 'vector' : 'sparseVector');
  });

  test(`${form}: 'error' names the first row with null or NaN`, async () => {
    const stage = assembler(sizes);
    await rejectsError(stage.transform(table), 'ERR_GYRE_DATA', /"n" .* got null in row 1; see/);
    const late = table.slice(2).withColumn('n', [1, 2, Number.NaN]);
    await rejectsError(stage.transform(late), 'ERR_GYRE_DATA', /"n" .* got NaN in row 2; see/);
    const vectors = table.slice(2).withColumn('n', [1, 2, 3]);
    await rejectsError(stage.transform(vectors), 'ERR_GYRE_DATA', /"v" .* got null in row 0; see/);
  });

  test(`${form}: many rows with invalid ones are the same on any number of threads`, async () => {
    const random = seeded(91);
    const rows = 20_000;
    const n = random.f64(rows).map((v) => (random.unit() < 0.1 ? Number.NaN : v));
    const v = Column.dense(random.f64(rows * 2), 2);
    const offsets = Int32Array.from({ length: rows + 1 }, (_, i) => i);
    const s = Column.sparse(size, offsets, new Int32Array(rows), random.f64(rows));
    const many = Table.fromColumns({ n, v, s });
    const kept = [...n.keys()].filter((row) => !Number.isNaN(n[row]));
    for (const threads of [0, 2]) {
      const session = new Session({ threads, inlineWork: 0 });
      const output = await assembler(sizes, 'skip').transform(many, { session });
      await rejectsError(
        assembler(sizes).transform(many, { session }),
        'ERR_GYRE_DATA',
        /"n" must not have NaN, got NaN in row \d+/,
      );
      await session.close();
      assert.equal(
        [...output.column('n', 'float64').values],
        kept.map((row) => n[row]!),
      );
      const column = output.column('output', 'vector', 'sparseVector');
      for (const at of [0, 1, 9999, kept.length - 1]) {
        const row = kept[at]!;
        const expected = [n[row]!, ...v.get(row)!.values, s.values[row]!, ...rest(0)];
        assert.equal([...column.get(at)!.toArray()], expected);
      }
    }
  });
}

test('an error on a worker names the row of the whole table', async () => {
  const n = new Float64Array(20_000);
  n[17_001] = Number.NaN;
  const session = new Session({ threads: 2, inlineWork: 0 });
  const running = assembler({ n: 1 }).transform(Table.fromColumns({ n }), { session });
  await rejectsError(running, 'ERR_GYRE_DATA', /"n" must not have NaN, got NaN in row 17001/);
  await session.close();
});

test('a column of nothing but null has the expected size with keep', async () => {
  const table = Table.fromRows([{ n: 1, v: null }], { n: 'float64', v: 'vector' });
  const output = await assembler({ n: 1, v: 2 }, 'keep').transform(table);
  assert.equal(entriesOf(output), [[1, Number.NaN, Number.NaN]]);
});

test('sizes that do not fit are refused, or their rows left out', async () => {
  const table = Table.fromRows([{ n: 1, v: Vectors.dense(1, 2) }]);
  const code = 'ERR_GYRE_DIMENSION';
  const wrong = assembler({ v: 3, n: 1 }).transform(table);
  await rejectsError(wrong, code, /"v" must have vectors of size 3, got 2; see inputSizes\.$/);
  const numbers = assembler({ n: 2 }).transform(table);
  await rejectsError(numbers, code, /"n" has numbers, whose entry in inputSizes must be 1, got 2/);
  const skipped = await assembler({ v: 3, n: 1 }, 'skip').transform(table);
  assert.is(skipped.numRows, 0);
  const kept = await assembler({ v: 3, n: 1 }, 'keep').transform(table);
  assert.equal(entriesOf(kept), [[1, 2, 1]]);
});

test.run();
