/**
 * Clusters points with KMeans: one table in, a model and a column of labels out.
 *
 *     node build/examples/kmeans.js
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Column, KMeans, KMeansModel, StandardScaler, Table } from 'gyre';

const ROWS = 60_000;

/** Three clouds of people: age in years, income in thousands a year. Seeded by arithmetic alone. */
function people(): Float64Array {
  const centers = [
    [25, 30],
    [45, 80],
    [70, 40],
  ] as const;
  const values = new Float64Array(2 * ROWS);
  for (let i = 0; i < ROWS; i++) {
    const [age, income] = centers[i % 3]!;
    values[2 * i] = age + ((i * 7919) % 1000) / 100 - 5;
    values[2 * i + 1] = income + ((i * 104_729) % 1000) / 50 - 10;
  }
  return values;
}

// A typed array is a matrix as it stands: row-major, two entries a row, no copy.
const table = Table.fromColumns({ input: Column.dense(people(), 2) });

// Years and thousands are not alike: scale both to unit variance first.
const scaler = await new StandardScaler({ withMean: true, outputCol: 'features' }).fit(table);
const scaled = await scaler.transform(table);

const kmeans = new KMeans({ k: 3, seed: 7, maxIter: 15 });
const model = await kmeans.fit(scaled, {
  onProgress: ({ epoch, loss }) => {
    if (epoch % 5 === 0) console.log(`round ${epoch}: cost ${loss!.toFixed(1)}`);
  },
});
const labeled = await model.transform(scaled);

const { centroids, weights } = model.modelData;
const { mean, std } = scaler.modelData;
centroids.forEach((centroid, j) => {
  const [age, income] = Array.from(
    centroid.values,
    (z, t) => z * std.values[t]! + mean.values[t]!,
  ) as [number, number];
  console.log(
    `cluster ${j}: ${weights.get(j)} people, age ${age.toFixed(1)}, income ${income.toFixed(1)}`,
  );
});
console.log(`first rows: ${labeled.column('prediction').toArray().slice(0, 6).join(' ')}`);

// A saved model gives the same labels.
const folder = await mkdtemp(join(tmpdir(), 'gyre-example-'));
try {
  await model.save(join(folder, 'people'));
  const loaded = await KMeansModel.load(join(folder, 'people'));
  const again = await loaded.transform(scaled);
  const same = again
    .column('prediction', 'int32')
    .values.every((label, i) => label === labeled.column('prediction').get(i));
  console.log(`loaded model agrees: ${same}`);
} finally {
  await rm(folder, { recursive: true });
}
