import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Column,
  ElementwiseProduct,
  Session,
  SparseVector,
  Table,
  type Vector,
  Vectors,
} from '../../src/index.js';
import { seeded } from '../reference/random.js';
import { rejectsError } from '../table/expect-error.js';

function product(scalingVec: Vector): ElementwiseProduct {
  return new ElementwiseProduct({ scalingVec });
}

test('what a sparse scaling vector does not store is 0, also of NaN and infinities', async () => {
  const entries = [Number.NaN, Number.POSITIVE_INFINITY, 3];
  const stage = product(Vectors.sparse(3, [2], [2]));
  for (const vector of [Vectors.dense(entries), Vectors.sparse(3, [0, 1, 2], entries)]) {
    const output = await stage.transform(Table.fromColumns({ input: [vector] }));
    const got = output.column('output', 'vector', 'sparseVector').get(0)!;
    assert.equal([...got.values], [0, 0, 6]);
  }
});

test('a dense scaling vector is multiplied with, also where it is 0', async () => {
  const stage = product(Vectors.dense(0, 0, 2));
  const table = Table.fromColumns({ input: [[Number.NaN, Infinity, 3]] }, { input: 'vector' });
  const output = (await stage.transform(table)).column('output', 'vector');
  assert.equal([...output.values], [Number.NaN, Number.NaN, 6]);
});

test('null stays null among many rows, on any number of threads', async () => {
  const rows = 20_000;
  const values = seeded(41).f64(rows * 3);
  const validity = Uint8Array.from({ length: rows / 8 }, (_, i) =>
    i % 2 === 0 ? 0b11111101 : 255,
  );
  const offsets = Int32Array.from({ length: rows + 1 }, (_, i) => 3 * i);
  const indices = Int32Array.from({ length: rows * 3 }, (_, i) => i % 3);
  const stage = product(Vectors.dense(1, -2, 0.5));
  for (const input of [
    Column.dense(values, 3, validity),
    Column.sparse(3, offsets, indices, values, validity),
  ]) {
    for (const threads of [0, 2]) {
      const session = new Session({ threads, inlineWork: 0 });
      const table = Table.fromColumns({ input });
      const output = (await stage.transform(table, { session })).column(
        'output',
        'vector',
        'sparseVector',
      );
      await session.close();
      assert.is(output.nullCount, rows / 16);
      assert.is(output.get(1), null);
      const expected = [values[6]!, -2 * values[7]!, 0.5 * values[8]!];
      assert.equal([...output.get(2)!.toArray()], expected);
    }
  }
});

test('a column of nothing but null fits any scaling vector', async () => {
  const table = Table.fromRows([{ input: null }, { input: null }], { input: 'vector' });
  const output = await product(Vectors.dense(1, 2)).transform(table);
  assert.equal(output.column('output').toArray(), [null, null]);
});

test('32-bit vectors give what their 64-bit copies give', async () => {
  const narrow = Float32Array.from(seeded(42).f64(30));
  const stage = product(Vectors.dense(0.1, 0.2, 0.3));
  const [a, b] = await Promise.all(
    [narrow, Float64Array.from(narrow)].map(async (values) => {
      const table = Table.fromColumns({ input: Column.dense(values, 3) });
      return (await stage.transform(table)).column('output', 'vector').values;
    }),
  );
  assert.equal(a, b);
  assert.instance(a, Float64Array);
});

test('a scaling vector of any form is saved and loaded, NaN and infinities too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gyre-product-'));
  const sparse = Vectors.sparse(9, [2, 7], [Number.NaN, Number.NEGATIVE_INFINITY]);
  for (const [i, vector] of [sparse, Vectors.dense(-0, Infinity), Vectors.dense()].entries()) {
    const path = join(folder, String(i));
    await product(vector).save(path);
    const { scalingVec } = (await ElementwiseProduct.load(path)).params;
    assert.is(scalingVec instanceof SparseVector, vector instanceof SparseVector);
    assert.is(scalingVec.size, vector.size);
    assert.equal([...scalingVec.values], [...vector.values]);
    if (vector instanceof SparseVector) {
      assert.equal((scalingVec as SparseVector).indices, vector.indices);
    }
  }
  rmSync(folder, { recursive: true });
});

test('vectors of another size are refused', async () => {
  await rejectsError(
    product(Vectors.dense(1, 2)).transform(Table.fromColumns({ input: [Vectors.dense(1, 2, 3)] })),
    'ERR_GYRE_DIMENSION',
    /^ElementwiseProduct\.transform: column "input" must have vectors of size 2, got 3\.$/,
  );
});

test.run();
