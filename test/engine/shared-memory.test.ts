/** Shared memory lives until every thread has let go of it: workers must do so, too. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, Session, StandardScaler, Table } from '../../src/index.js';
import { float64 } from '../../src/table/buffers.js';

const ROWS = 50_000;
const DIM = 100;
const BYTES = ROWS * DIM * 8;
const CALLS = 30;

const newTable = (): Table => {
  // Written, so that it has pages.
  const values = float64(ROWS * DIM).fill(1.5);
  return Table.fromColumns({ input: Column.dense(values, DIM) });
};

/** How much the process grows while something of 40 MB is made and dropped so often, in such pieces. */
async function heldBy(call: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < CALLS; i++) {
    await call();
    if (i < 3) continue;
    const { rss } = process.memoryUsage();
    least = Math.min(least, rss);
    most = Math.max(most, rss);
  }
  return (most - least) / BYTES;
}

for (const threads of [0, 1, 2]) {
  const on = `on ${threads} workers`;

  test(`results that nobody keeps are given back ${on}`, async () => {
    const table = newTable();
    const session = new Session({ threads, inlineWork: 0 });
    const model = await new StandardScaler().fit(table, { session });
    const held = await heldBy(() => model.transform(table, { session }));
    await session.close();
    assert.ok(held < CALLS / 2, `${held.toFixed(1)} of ${CALLS} results were held at a time`);
  });

  test(`tables that nobody keeps are given back ${on}`, async () => {
    const session = new Session({ threads, inlineWork: 0 });
    const held = await heldBy(() => new StandardScaler().fit(newTable(), { session }));
    await session.close();
    assert.ok(held < CALLS / 2, `${held.toFixed(1)} of ${CALLS} tables were held at a time`);
  });
}

test.run();
