/**
 * Reads CSV and Parquet files as streams of tables, and learns from them without holding a file in
 * memory.
 *
 *     node build/examples/files.js
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  FeatureHasher,
  GyreError,
  OnlineLogisticRegression,
  readCsv,
  readParquet,
  writeParquet,
} from 'gyre';

const folder = await mkdtemp(join(tmpdir(), 'gyre-example-'));
const csv = join(folder, 'orders.csv');
const parquet = join(folder, 'orders.parquet');

/** A file of orders: those to the islands come late, in winter more often. */
async function writeOrders(): Promise<void> {
  const regions = ['north', 'south', 'islands'];
  const lines = ['day,region,weight,late'];
  for (let i = 0; i < 12_000; i++) {
    const day = new Date(Date.UTC(2024, 0, 1) + (i % 365) * 86_400_000);
    const region = regions[(i * 7) % 3]!;
    const winter = day.getUTCMonth() < 3;
    const late = region === 'islands' ? winter || i % 4 === 0 : winter && i % 5 === 0;
    const weight = i % 97 === 0 ? '' : (((i * 31) % 90) / 10 + 1).toFixed(1);
    lines.push(`${day.toISOString()},${region},${weight},${late ? 1 : 0}`);
  }
  await writeFile(csv, `${lines.join('\n')}\n`);
}

try {
  await writeOrders();

  // Types that are not told from the text are given; an empty field is null.
  const orders = readCsv(csv, { schema: { day: 'timestamp' }, batchSize: 4000 });
  let rows = 0;
  let missing = 0;
  for await (const table of orders) {
    rows += table.numRows;
    missing += table.column('weight').nullCount;
  }
  console.log(`${rows} orders, ${missing} without a weight`);

  // A stream over a file can be read again; every batch becomes a row group.
  await writeParquet(parquet, orders);
  const columns = readParquet(parquet, { columns: ['region', 'day', 'late'] });
  console.log(`schema: ${JSON.stringify(await columns.schema())}`);

  // Batch by batch: a new column, hashed features, a step of learning.
  const months = columns.map((table) => {
    const ms = table.column('day', 'timestamp').toEpochMs();
    const month = Int32Array.from(ms, (at) => new Date(at).getUTCMonth());
    return table.withColumns({ month, intercept: new Float64Array(table.numRows).fill(1) });
  });
  const hasher = new FeatureHasher({
    inputCols: ['region', 'month', 'intercept'],
    categoricalCols: ['month'],
    outputCol: 'features',
    numFeatures: 4096,
  });
  const learner = new OnlineLogisticRegression({ labelCol: 'late', globalBatchSize: 100 });
  const model = await learner.fit(hasher.transform(months));
  await model.completed();

  let right = 0;
  for await (const table of model.transform(hasher.transform(months))) {
    const { values: late } = table.column('late', 'float64');
    const { values: predicted } = table.column('prediction', 'float64');
    right += predicted.reduce((sum, label, i) => sum + (label === late[i] ? 1 : 0), 0);
  }
  console.log(`model version ${model.version}, ${((100 * right) / rows).toFixed(1)} % right`);

  // A broken file is an error with a code.
  await writeFile(csv, 'day,region\n2024-01-01\n');
  try {
    await readCsv(csv).collect();
  } catch (error) {
    if (!(error instanceof GyreError)) throw error;
    console.log(`${error.code}: ${error.message.replace(folder, '...')}`);
  }
} finally {
  await rm(folder, { recursive: true });
}
