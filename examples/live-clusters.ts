/**
 * Online learning with a live predictor: what a warm day is depends on the season. Two clusters of
 * days follow the weather of Seattle, month by month, while a servable answers with the newest.
 *
 *     node build/examples/live-clusters.js
 */
import { OnlineKMeans, readCsv, Table, TableStream, Vectors } from 'gyre';
import { dataFile } from './data.js';

const DAYS_OF_MONTH = 30;

const weather = await readCsv(dataFile('seattle-weather.csv')).collect();
const days = weather.toRows().map((day) => [Number(day.temp_max), Number(day.temp_min)]);

/** A month a table. */
function* months(): Generator<Table> {
  for (let start = 0; start < days.length; start += DAYS_OF_MONTH) {
    const features = days.slice(start, start + DAYS_OF_MONTH);
    yield Table.fromColumns({ features }, { features: 'vector' });
  }
}

// Cluster 0 starts as the cold days, cluster 1 as the warm ones; the past fades by half a month.
const kmeans = new OnlineKMeans({ k: 2, globalBatchSize: DAYS_OF_MONTH, decayFactor: 0.5 });
kmeans.setInitialModelData({
  centroids: [Vectors.dense(5, 0), Vectors.dense(15, 8)],
  weights: Vectors.dense(0, 0),
});
const model = await kmeans.fit(TableStream.from(months()));

// It follows the model: whoever asks gets the answer of the newest version.
const servable = model.toServable({ schema: { features: 'vector' } });
const warmOrCold = (day: number[]) =>
  ['cold', 'warm'][Number(servable.transform({ features: day })!.prediction)];

for await (const { version, centroids } of model.updates()) {
  // Version 1 is before the first month; these are after January and after July.
  if (version !== 2 && version !== 8) continue;
  const [cold, warm] = centroids.map(({ values }) => values[0]!.toFixed(1));
  const answer = warmOrCold([12, 6]);
  console.log(`version ${version}: days of ${cold} or of ${warm} °C; 12 °C is ${answer}`);
}
await model.completed();
console.log(`${model.version - 1} months of ${days.length} days`);
