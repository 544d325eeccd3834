/** Shared memory lives until every thread has let go of it: workers must do so, too. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, Session, StandardScaler, Table } from '../../src/index.js';
import { float64 } from '../../src/table/buffers.js';

const ROWS = 50_000;
const DIM = 100;
const BYTES = ROWS * DIM * 8;
const CALLS = 30;

/** Growth while so many results of 40 MB are made and dropped, in such results. */
async function resultsHeld(session: Session, table: Table): Promise<number> {
  const model = await new StandardScaler().fit(table, { session });
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < CALLS; i++) {
    await model.transform(table, { session });
    if (i < 3) continue;
    const { rss } = process.memoryUsage();
    least = Math.min(least, rss);
    most = Math.max(most, rss);
  }
  return (most - least) / BYTES;
}

for (const threads of [0, 1, 2]) {
  test(`results that nobody keeps are given back on ${threads} workers`, async () => {
    const values = float64(ROWS * DIM).map((_, i) => (i * 7919) % 1000);
    const table = Table.fromColumns({ input: Column.dense(values, DIM) });
    const session = new Session({ threads, inlineWork: 0 });
    const held = await resultsHeld(session, table);
    await session.close();
    assert.ok(held < CALLS / 2, `${held.toFixed(1)} of ${CALLS} results were held at a time`);
  });
}

test.run();
