import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Bucketizer, Session, Table } from '../../src/index.js';
import { seeded } from '../reference/random.js';
import { rejectsError } from '../table/expect-error.js';

type HandleInvalid = 'error' | 'skip' | 'keep';

function bucketizer(splits: readonly number[], handleInvalid: HandleInvalid = 'error'): Bucketizer {
  return new Bucketizer({
    inputCols: ['x'],
    outputCols: ['b'],
    splitsArray: [splits],
    handleInvalid,
  });
}

const SPLITS = [-1, 0, 0.5, 2];

test('buckets are those of a linear search, for random splits and numbers', async () => {
  const random = seeded(31);
  for (let round = 0; round < 50; round++) {
    const splits = [...new Set(random.f64(3 + random.below(20)))].sort((a, b) => a - b);
    const x = Float64Array.from({ length: 100 }, () =>
      random.unit() < 0.3 ? splits[random.below(splits.length)]! : 2.4 * random.unit() - 1.2,
    );
    const output = await bucketizer(splits, 'keep').transform(Table.fromColumns({ x }));
    const last = splits.length - 1;
    const expected = Array.from(x, (value) => {
      if (value < splits[0]! || value > splits[last]!) return last;
      return Math.min(
        splits.findLastIndex((split) => value >= split),
        last - 1,
      );
    });
    assert.equal(output.column('b').toArray(), expected, `splits of round ${round}`);
  }
});

test('-0 is 0, and lies right of a split there', async () => {
  const output = await bucketizer(SPLITS).transform(Table.fromColumns({ x: [-0, 0] }));
  assert.equal(output.column('b').toArray(), [1, 1]);
});

test('null is invalid as NaN is', async () => {
  const table = Table.fromColumns({ x: [0, null, 1, Number.NaN], id: ['a', 'b', 'c', 'd'] });
  const kept = await bucketizer(SPLITS, 'keep').transform(table);
  assert.equal(kept.column('b').toArray(), [1, 3, 2, 3]);
  const skipped = await bucketizer(SPLITS, 'skip').transform(table);
  assert.equal(skipped.toRows(), [
    { x: 0, id: 'a', b: 1 },
    { x: 1, id: 'c', b: 2 },
  ]);
  await rejectsError(
    bucketizer(SPLITS).transform(table),
    'ERR_GYRE_DATA',
    /^Bucketizer\.transform: column "x" must be in \[-1, 2\], got null in row 1; see handleInvalid\.$/,
  );
});

test('a row is left out when any column is invalid, on any number of threads', async () => {
  const random = seeded(32);
  const rows = 20_000;
  const x = Float64Array.from({ length: rows }, () => 4 * random.unit() - 1.5);
  const y = Float64Array.from({ length: rows }, () => random.unit() * 1.1);
  const table = Table.fromColumns({ id: Int32Array.from(x.keys()), x, y });
  const stage = new Bucketizer({
    inputCols: ['x', 'y'],
    outputCols: ['bx', 'by'],
    splitsArray: [SPLITS, [0, 0.5, 1]],
    handleInvalid: 'skip',
  });
  const valid = (i: number) => x[i]! >= -1 && x[i]! <= 2 && y[i]! <= 1;
  const expected = [...x.keys()].filter(valid);
  for (const threads of [0, 2]) {
    const session = new Session({ threads, inlineWork: 0 });
    const output = await stage.transform(table, { session });
    await session.close();
    assert.equal([...output.column('id', 'int32').values], expected);
    assert.is(output.column('by', 'float64').values.length, expected.length);
    assert.ok(output.column('by', 'float64').values.every((b) => b === 0 || b === 1));
  }
});

test('a message names the row of the whole table, also from a worker', async () => {
  const x = new Float64Array(20_000);
  x[17_000] = 9;
  const session = new Session({ threads: 2, inlineWork: 0 });
  const running = bucketizer(SPLITS).transform(Table.fromColumns({ x }), { session });
  await rejectsError(running, 'ERR_GYRE_DATA', /got 9 in row 17000; see handleInvalid/);
  await session.close();
});

test('no row left is a table without rows', async () => {
  const output = await bucketizer(SPLITS, 'skip').transform(Table.fromColumns({ x: [7, 8] }));
  assert.is(output.numRows, 0);
  assert.equal(output.schema, { x: 'float64', b: 'float64' });
});

test('infinite splits are saved and loaded, and lists in params cannot be changed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gyre-bucketizer-'));
  const stage = bucketizer([Number.NEGATIVE_INFINITY, -0, Number.POSITIVE_INFINITY]);
  const path = join(folder, 'stage');
  await stage.save(path);
  const { splitsArray } = (await Bucketizer.load(path)).params;
  rmSync(folder, { recursive: true });
  assert.equal(splitsArray, [[Number.NEGATIVE_INFINITY, -0, Number.POSITIVE_INFINITY]]);
  assert.ok(Object.is(splitsArray[0]![1], -0));
  assert.ok(Object.isFrozen(splitsArray[0]));
});

test.run();
