/** Tables cut anew: the same rows in the same order, in chunks of one size. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Table } from '../../src/index.js';
import { rechunk } from '../../src/table/rechunk.js';
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

async function collect(tables: AsyncIterable<Table>): Promise<Table[]> {
  const all: Table[] = [];
  for await (const table of tables) all.push(table);
  return all;
}

test('rows come in chunks of the size that was asked for, whatever tables they came in', async () => {
  const random = seeded(SEED);
  for (let round = 0; round < 40; round++) {
    const cuts = Array.from({ length: random.below(9) }, () => random.below(1001));
    const ends = cuts.sort((a, b) => a - b);
    const size = 1 + random.below(1200);
    const chunks = await collect(rechunk(cutAt(rows, ends), () => size));
    const why = `seed ${SEED}: cut at ${ends} into ${size}`;
    const sizes = chunks.map(({ numRows }) => numRows);
    assert.ok(
      sizes.slice(0, -1).every((each) => each === size),
      why,
    );
    assert.is(sizes.length, Math.ceil(1000 / size), why);
    assert.equal(Table.concat(chunks).toRows(), rows.toRows(), why);
  }
});

test('the size is told from the first table that has rows, once', async () => {
  const asked: number[] = [];
  const sizeOf = (first: Table) => {
    asked.push(first.numRows);
    return 400;
  };
  await collect(rechunk(cutAt(rows, [0, 0, 300, 300]), sizeOf));
  assert.equal(asked, [300]);
});

test('a chunk that lies in one table is a view of it', async () => {
  const chunks = await collect(rechunk(cutAt(rows, [500]), () => 250));
  assert.is(chunks.length, 4);
  const { buffer } = rows.column('id', 'int32').values;
  for (const chunk of chunks) assert.is(chunk.column('id', 'int32').values.buffer, buffer);
});

test('no rows are no chunks', async () => {
  assert.equal(await collect(rechunk(cutAt(rows.slice(0, 0), [0, 0]), () => 3)), []);
});

test('tables are asked for only as chunks are', async () => {
  let given = 0;
  async function* tables() {
    for (let i = 0; i < 10; i++) {
      given++;
      yield rows.slice(100 * i, 100 * i + 100);
    }
  }
  for await (const _ of rechunk(tables(), () => 150)) {
    assert.is(given, 2);
    break;
  }
  assert.is(given, 2);
});

test.run();
