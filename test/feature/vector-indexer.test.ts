import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Session,
  type SparseVector,
  Table,
  VectorIndexer,
  VectorIndexerModel,
  type VectorIndexerModelData,
  Vectors,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';

const sessions = [0, 2].map((threads) => new Session({ threads, inlineWork: 0 }));
test.after(async () => {
  await Promise.all(sessions.map((session) => session.close()));
});

const { NaN: nan } = Number;

function it(name: string, body: () => void | Promise<void>): void {
  test(name, readable(body));
}

const dense = (rows: readonly (readonly number[])[]): Table =>
  Table.fromColumns({ input: rows }, { input: 'vector' });

function mapsOf({ modelData }: VectorIndexerModel): [number, [number, number][]][] {
  return Array.from(modelData.categoryMaps, ([entry, map]) => [entry, [...map]]);
}

const model = (maps: VectorIndexerModelData['categoryMaps'], params: object = {}) =>
  new VectorIndexerModel(params).setModelData({ categoryMaps: maps });

it('0 comes first, the others ascend, NaN is last, and -0 is 0', async () => {
  const rows = [[3], [nan], [-0], [-5], [0], [nan], [3]];
  for (const session of sessions) {
    const fitted = await new VectorIndexer().fit(dense(rows), { session });
    const expected = [
      [0, 0],
      [-5, 1],
      [3, 2],
      [nan, 3],
    ];
    assert.equal(mapsOf(fitted), [[0, expected as [number, number][]]]);
    const output = await fitted.transform(dense(rows), { session });
    assert.equal([...output.column('output', 'vector').values], [2, 3, 0, 1, 0, 3, 2]);
  }
});

it('an entry with exactly maxCategories values is categorical, with one more continuous', async () => {
  const random = seeded(61);
  const [rows, dim] = [20_000, 12];
  const cells = Array.from({ length: rows }, (_, i) =>
    Array.from({ length: dim }, (_, j) => (i < dim ? i % (j + 1) : random.below(j + 1)) - 3),
  );
  const table = dense(cells);
  for (const session of sessions) {
    const fitted = await new VectorIndexer({ maxCategories: 6 }).fit(table, { session });
    assert.equal([...fitted.modelData.categoryMaps.keys()], [0, 1, 2, 3, 4, 5]);
    for (const [entry, map] of fitted.modelData.categoryMaps) {
      const values = Array.from({ length: entry + 1 }, (_, v) => v - 3).sort(
        (a, b) => Number(b === 0) - Number(a === 0) || a - b,
      );
      assert.equal(
        [...map],
        values.map((value, index) => [value, index]),
      );
    }
  }
});

it('sparse vectors are indexed as dense ones of the same entries', async () => {
  const random = seeded(62);
  const size = 7;
  const vectors = Array.from({ length: 9_000 }, () => {
    const indices = Array.from({ length: size }, (_, j) => j).filter(() => random.unit() < 0.6);
    return Vectors.sparse(
      size,
      indices,
      indices.map((j) => random.below(j + 2) - 1),
    );
  });
  const sparse = Table.fromColumns({ input: vectors });
  const same = dense(vectors.map((vector) => [...vector.toArray()]));
  for (const session of sessions) {
    for (const handleInvalid of ['skip', 'keep'] as const) {
      const fitting = new VectorIndexer({ maxCategories: 5, handleInvalid });
      // Half of the rows: the others may have what was not seen.
      const [a, b] = await Promise.all(
        [sparse, same].map((table) => fitting.fit(table.slice(0, 20), { session })),
      );
      assert.equal(mapsOf(a!), mapsOf(b!));
      const [x, y] = [
        await a!.transform(sparse, { session }),
        await b!.transform(same, { session }),
      ];
      assert.is(x.numRows, y.numRows);
      const [sparseOut, denseOut] = [x.column('output', 'sparseVector'), y.column('output')];
      for (let i = 0; i < x.numRows; i++) {
        assert.equal(sparseOut.get(i)!.toDense(), denseOut.get(i));
      }
    }
  }
});

it('a stored entry stays stored, and one that is not is added where its index is not 0', async () => {
  const maps = new Map([
    [1, new Map([[4, 0]])],
    [3, new Map([[2, 0]])],
  ]);
  const table = Table.fromColumns({
    input: [Vectors.sparse(5, [0, 1], [9, 4]), Vectors.sparse(5, [3, 4], [2, 8])],
  });
  const kept = await model(maps, { handleInvalid: 'keep' }).transform(table);
  const [first, second] = kept.column('output').toArray() as SparseVector[];
  assert.equal(String(first), '(5, [0, 1, 3], [9.0, 0.0, 1.0])');
  assert.equal(String(second), '(5, [1, 3, 4], [1.0, 0.0, 8.0])');
  const skipped = await model(maps, { handleInvalid: 'skip' }).transform(table);
  assert.is(skipped.numRows, 0);
  const message = /got 0 in row 0, entry 3; or set handleInvalid/;
  await rejectsError(model(maps).transform(table), 'ERR_GYRE_DATA', message);
});

it('an unseen value is an error with row, entry and value', async () => {
  const rows = Array.from({ length: 12_000 }, () => [1, 2]);
  rows[11_000] = [1, 7];
  const maps = new Map([[1, new Map([[2, 0]])]]);
  const message =
    /^VectorIndexerModel\.transform: column "input" must have .*, got 7 in row 11000, entry 1;/;
  for (const session of sessions) {
    const transform = model(maps).transform(dense(rows), { session });
    await rejectsError(transform, 'ERR_GYRE_DATA', message);
  }
});

it('vectors that are too short for the model are refused', async () => {
  const transform = model(new Map([[2, new Map([[0, 0]])]])).transform(dense([[1, 2]]));
  await rejectsError(transform, 'ERR_GYRE_DIMENSION', /vectors of size >= 3, got 2\.$/);
});

it('without categorical entries vectors stay as they are', async () => {
  const table = dense([[1.5, nan]]);
  const output = await model(new Map()).transform(table);
  assert.equal([...output.column('output', 'vector').values], [1.5, nan]);
});

it('a model without categorical entries is saved and loaded', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gyre-vector-indexer-'));
  await model(new Map()).save(join(folder, 'none'));
  const loaded = await VectorIndexerModel.load(join(folder, 'none'));
  rmSync(folder, { recursive: true });
  assert.is(loaded.modelData.categoryMaps.size, 0);
});

it('a model says what is wrong with its data', () => {
  const set = (categoryMaps: unknown) => () => model(categoryMaps as never);
  const code = 'ERR_GYRE_MODEL';
  throwsError(set({}), code, /categoryMaps must be a Map of Maps, got Object\.$/);
  throwsError(set(new Map([[0, {}]])), code, /must be a Map of Maps, got Map\.$/);
  throwsError(
    set(new Map([[-1, new Map([[0, 0]])]])),
    code,
    /entries must be integers .* got -1\.$/,
  );
  throwsError(set(new Map([[0, new Map([[0, 0.5]])]])), code, /indices must be .* got 0\.5\.$/);
  throwsError(set(new Map([[0, new Map()]])), code, /entry 0 must have at least one value/);
});

test.run();
