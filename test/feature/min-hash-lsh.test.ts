import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Column,
  MinHashLSH,
  type MinHashLSHModel,
  Session,
  Table,
  type Vector,
  Vectors,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';

const it = (sentence: string, body: () => void | Promise<void>) => test(sentence, readable(body));

const sets = (rows: readonly (readonly number[])[]): Table =>
  Table.fromColumns({
    id: rows.map((_, i) => `row ${i}`),
    input: rows.map((row) =>
      Vectors.sparse(
        100,
        [...row],
        row.map(() => 1),
      ),
    ),
  });

/** Sets that overlap a lot: six items of fifteen. */
function randomSets(rows: number, seed: number): Table {
  const random = seeded(seed);
  return sets(
    Array.from({ length: rows }, () => {
      const items = new Set<number>();
      while (items.size < 6) items.add(random.below(15));
      return [...items].sort((a, b) => a - b);
    }),
  );
}

const hashesOf = (table: Table, row: number): number[][] =>
  (table.column('output').get(row) as Vector[]).map((vector) => [...vector.toDense().values]);

function distance(a: Vector, b: Vector): number {
  const [x, y] = [a, b].map((vector) => new Set(vector.toSparse().indices)) as [
    Set<number>,
    Set<number>,
  ];
  const common = [...x].filter((item) => y.has(item)).length;
  return 1 - common / (x.size + y.size - common);
}

const agree = (a: number[][], b: number[][]): boolean =>
  a.some((hashes, t) => hashes.every((hash, f) => hash === b[t]![f]));

async function fitted(table: Table, params: object = {}): Promise<MinHashLSHModel> {
  return new MinHashLSH({ seed: 1, numHashTables: 4, numHashFunctionsPerTable: 2, ...params }).fit(
    table,
  );
}

it('the hashes of a set are the least over its items, exact beyond 2^53', async () => {
  const items = [0, 3, 2_000_000_000];
  const input = [Vectors.sparse(2_038_074_743, items, [1, 1, 1])];
  const table = Table.fromColumns({ input });
  const model = await fitted(table);
  const { randCoefficientA: a, randCoefficientB: b } = model.modelData;
  const expected = Array.from(a, (_, k) =>
    Math.min(
      ...items.map((j) => Number((BigInt(1 + j) * BigInt(a[k]!) + BigInt(b[k]!)) % 2_038_074_743n)),
    ),
  );
  assert.equal(hashesOf(await model.transform(table), 0).flat(), expected);
});

it('dense vectors, of 64 and 32 bits, hash as the sparse ones of their entries', async () => {
  const table = randomSets(3000, 4);
  const model = await fitted(table);
  const expected = await model.transform(table);
  const cells = table.column('input').toArray() as Vector[];
  const values = Float64Array.from(cells.flatMap((cell) => [...cell.toDense().values]));
  for (const column of [Column.dense(values, 100), Column.dense(Float32Array.from(values), 100)]) {
    const output = await model.transform(Table.fromColumns({ input: column }));
    for (const row of [0, 1, 1700, 2999]) {
      assert.equal(hashesOf(output, row), hashesOf(expected, row));
    }
  }
});

it('a row without items is refused by its number in the whole table', async () => {
  const rows = Array.from({ length: 9000 }, (_, i) => (i === 8000 ? [] : [i % 100]));
  const model = await fitted(sets([[1]]));
  const session = new Session({ threads: 2, inlineWork: 0 });
  const running = model.transform(sets(rows), { session });
  await rejectsError(running, 'ERR_GYRE_DATA', /"input" must have .* got none in row 8000\.$/);
  await session.close();
});

it('neighbours are exactly the k nearest of all candidates, in order', async () => {
  const table = randomSets(500, 7);
  const model = await fitted(table);
  const hashed = await model.transform(table);
  const key = table.column('input').get(17) as Vector;
  const keyHashes = hashesOf(hashed, 17);
  const expected = Array.from({ length: 500 }, (_, row) => row)
    .filter((row) => agree(hashesOf(hashed, row), keyHashes))
    .map((row) => ({ row, apart: distance(key, table.column('input').get(row) as Vector) }))
    .sort((a, b) => a.apart - b.apart || a.row - b.row);
  assert.ok(expected.length > 20, 'there is something to choose from');
  for (const k of [1, 5, 20, 1000]) {
    for (const dataset of [table, hashed]) {
      const near = await model.approxNearestNeighbors(dataset, key, k, 'apart');
      const wanted = expected.slice(0, k);
      assert.equal([...near.columnNames], ['id', 'input', 'output', 'apart']);
      assert.equal(
        near.column('id').toArray(),
        wanted.map(({ row }) => `row ${row}`),
      );
      assert.equal(
        near.column('apart').toArray(),
        wanted.map(({ apart }) => apart),
      );
    }
  }
});

it('a join gives each pair that agrees in a table once, on any number of threads', async () => {
  const [left, right] = [randomSets(300, 8), randomSets(200, 9)];
  const model = await fitted(left);
  const [a, b] = [await model.transform(left), await model.transform(right)];
  const expected: unknown[] = [];
  for (let i = 0; i < left.numRows; i++) {
    for (let j = 0; j < right.numRows; j++) {
      const apart = distance(
        a.column('input').get(i) as Vector,
        b.column('input').get(j) as Vector,
      );
      if (apart > 0.5 || !agree(hashesOf(a, i), hashesOf(b, j))) continue;
      expected.push({ 'datasetA.id': `row ${i}`, 'datasetB.id': `row ${j}`, apart });
    }
  }
  assert.ok(expected.length > 100, 'there are pairs');
  for (const threads of [0, 1, 2]) {
    const session = new Session({ threads, inlineWork: 0 });
    const options = { session };
    const pairs = await model.approxSimilarityJoin(left, b, 0.5, 'id', 'apart', options);
    assert.equal(pairs.toRows(), expected);
    await session.close();
  }
});

it('a join of a table with itself keeps (a, a) and both orders', async () => {
  const table = sets([[1, 2], [1, 2], [50]]);
  const pairs = await (await fitted(table)).approxSimilarityJoin(table, table, 0, 'id');
  const ids = pairs.toRows().map((row) => `${row['datasetA.id']}-${row['datasetB.id']}`);
  assert.equal(ids, ['row 0-row 0', 'row 0-row 1', 'row 1-row 0', 'row 1-row 1', 'row 2-row 2']);
});

it('a join of large tables is the same on the workers, row by row', async () => {
  const table = randomSets(9000, 3);
  const model = await fitted(table, { numHashTables: 1, numHashFunctionsPerTable: 6 });
  const joined: Table[] = [];
  for (const threads of [0, 2]) {
    const session = new Session({ threads, inlineWork: 0 });
    joined.push(await model.approxSimilarityJoin(table, table, 0, 'id', 'd', { session }));
    await session.close();
  }
  assert.ok(joined[0]!.numRows > 9000);
  for (const name of joined[0]!.columnNames) {
    assert.equal(joined[1]!.column(name).toArray(), joined[0]!.column(name).toArray());
  }
});

it('no candidate gives a table of no rows with all columns', async () => {
  const table = sets([[1], [2]]);
  const model = await fitted(table);
  const near = await model.approxNearestNeighbors(table, Vectors.sparse(100, [77], [1]), 3);
  assert.is(near.numRows, 0);
  assert.equal([...near.columnNames], ['id', 'input', 'output', 'distCol']);
  const pairs = await model.approxSimilarityJoin(table, sets([[77]]), 1, 'id');
  assert.is(pairs.numRows, 0);
  assert.equal(Object.values(pairs.schema), ['string', 'string', 'float64']);
});

it('what cannot be searched is refused with what would be right', async () => {
  const table = sets([[1], [2]]);
  const model = await fitted(table);
  const key = Vectors.sparse(100, [1], [1]);
  const invalid = 'ERR_GYRE_INVALID_PARAM';
  const near = model.approxNearestNeighbors.bind(model);
  const join = model.approxSimilarityJoin.bind(model);
  await rejectsError(near(table, key, 0), invalid, /k must be an integer >= 1, got 0/);
  await rejectsError(near(table, [1] as never, 1), invalid, /the key must be a vector, got \[1\]/);
  await rejectsError(near(table, key, 1, ''), invalid, /distCol must be a string/);
  const none = Vectors.dense([0, 0]);
  await rejectsError(near(table, none, 1), 'ERR_GYRE_DATA', /the key must have at least one entry/);
  await rejectsError(join(table, table, Number.NaN, 'id'), invalid, /threshold must be a number/);
  await rejectsError(join(table, table, 1, 'nope'), 'ERR_GYRE_SCHEMA', /no column "nope"/);
  const other = table.withColumn('output', [1, 2]);
  await rejectsError(near(other, key, 1), 'ERR_GYRE_DATA', /must have 4 vectors of 2 hashes/);
  const few = await fitted(table, { numHashTables: 3 });
  const hashed = await few.transform(table);
  await rejectsError(near(hashed, key, 1), 'ERR_GYRE_DATA', /must have 4 vectors of 2 hashes/);
});

it('model data that cannot be right is refused', async () => {
  const model = await fitted(sets([[1]]));
  const data = model.modelData;
  const code = 'ERR_GYRE_MODEL';
  for (const [bad, message] of [
    [{ numHashTables: 0 }, /must be integers >= 1, got 0 and 2/],
    [{ numHashTables: 5 }, /randCoefficientA must be 10 integers in .*, got 8 values/],
    [{ randCoefficientB: [1, 2, 3, 4, 5, 6, 7, -8] }, /randCoefficientB must be .*, got -8/],
  ] as const) {
    throwsError(() => model.setModelData({ ...data, ...bad }), code, message);
  }
});

it('coefficients are those of java.util.Random, and no seed is the seed of Flink ML', async () => {
  const table = sets([[1]]);
  const drawn = async (params: object) => {
    const { randCoefficientA: a, randCoefficientB: b } = (await fitted(table, params)).modelData;
    return [a[0], b[0]];
  };
  const seeded2022 = { seed: 2022, numHashFunctionsPerTable: 1, numHashTables: 3 };
  assert.equal(await drawn(seeded2022), [1_329_273_298, 261_376_546]);
  assert.equal(await drawn({ seed: null }), await drawn({ seed: -1_229_568_175 }));
});

test.run();
