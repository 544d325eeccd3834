/** Tables cut anew: the same rows in the same order, in chunks of one size. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Table } from '../../src/index.js';
import { type Chunk, rechunk } from '../../src/table/rechunk.js';
import { seeded } from '../reference/random.js';

const SEED = Number(process.env.GYRE_SEED ?? 20_261_122);
const rows = Table.fromColumns({
  id: Int32Array.from({ length: 1000 }, (_, i) => i),
  text: Array.from({ length: 1000 }, (_, i) => (i % 7 === 0 ? null : `t${i % 5}`)),
});

async function* cutAt(table: Table, ends: readonly number[]) {
  for (const [i, end] of [...ends, table.numRows].entries())
    yield table.slice(ends[i - 1] ?? 0, end);
}

async function collect(chunks: AsyncIterable<Chunk>): Promise<Table[]> {
  const all: Table[] = [];
  for await (const { table } of chunks) all.push(table);
  return all;
}

test('rows come in whole shards and in order, whatever tables they came in', async () => {
  const random = seeded(SEED);
  for (let round = 0; round < 60; round++) {
    const cuts = Array.from({ length: random.below(9) }, () => random.below(1001));
    const ends = cuts.sort((a, b) => a - b);
    const shardRows = 1 + random.below(round % 2 === 0 ? 30 : 1200);
    const fewest = 1 + random.below(5);
    const chunks = await collect(rechunk(cutAt(rows, ends), () => shardRows, fewest));
    const why = `seed ${SEED}: cut at ${ends} into shards of ${shardRows}, ${fewest} at least`;
    assert.ok(
      chunks.slice(0, -1).every(({ numRows }) => numRows > 0 && numRows % shardRows === 0),
      why,
    );
    assert.ok(chunks.at(-1)!.numRows > 0, why);
    assert.equal(Table.concat(chunks).toRows(), rows.toRows(), why);
  }
});

test('the size of a shard is told from the first table that has rows, once', async () => {
  const asked: number[] = [];
  const sizeOf = (first: Table) => {
    asked.push(first.numRows);
    return 400;
  };
  await collect(rechunk(cutAt(rows, [0, 0, 300, 300]), sizeOf, 1));
  assert.equal(asked, [300]);
});

test('only the rows of a shard that lies in two tables are copied', async () => {
  const chunks = await collect(rechunk(cutAt(rows, [450]), () => 100, 1));
  assert.equal(
    chunks.map(({ numRows }) => numRows),
    [400, 100, 500],
  );
  const { buffer } = rows.column('id', 'int32').values;
  const isView = chunks.map((chunk) => chunk.column('id', 'int32').values.buffer === buffer);
  assert.equal(isView, [true, false, true]);
});

test('small tables are joined until they are worth it', async () => {
  const ends = Array.from({ length: 99 }, (_, i) => 10 * (i + 1));
  const chunks = await collect(rechunk(cutAt(rows, ends), () => 25, 4));
  assert.equal(
    chunks.map(({ numRows }) => numRows),
    Array(10).fill(100),
  );
});

test('no rows are no chunks', async () => {
  assert.equal(await collect(rechunk(cutAt(rows.slice(0, 0), [0, 0]), () => 3, 2)), []);
});

test('tables are asked for only as chunks are', async () => {
  let given = 0;
  async function* tables() {
    for (let i = 0; i < 10; i++) {
      given++;
      yield rows.slice(100 * i, 100 * i + 100);
    }
  }
  for await (const _ of rechunk(tables(), () => 75, 2)) {
    assert.is(given, 2);
    break;
  }
  assert.is(given, 2);
});

test.run();
