/**
 * Learns from a stream of rows while it predicts, and is judged on each batch before it learns from
 * it (prequential).
 *
 *     node build/examples/online-logistic-regression.js
 */
import { FeatureHasher, OnlineLogisticRegression, Table, TableStream } from 'gyre';

const EVENTS = 20_000;

interface Visit {
  readonly device: string;
  readonly hour: number;
  readonly pages: number;
  /** 1 when the visitor bought something. */
  readonly label: number;
}

/** Visits to a shop, one by one. Phones buy in the evening, and those who look around buy more. */
async function* visits(): AsyncGenerator<Visit> {
  const devices = ['phone', 'tablet', 'desktop'];
  let state = 42;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  for (let i = 0; i < EVENTS; i++) {
    const device = devices[Math.floor(random() * devices.length)]!;
    const hour = Math.floor(random() * 24);
    const pages = 1 + Math.floor(random() * 10);
    const evening = hour >= 18 ? 1.5 : -1;
    const score = (device === 'phone' ? evening : 0) + (pages - 6) / 2;
    yield { device, hour, pages, label: random() < 1 / (1 + Math.exp(-score)) ? 1 : 0 };
  }
}

// Rows become tables of 500, and each table a column of hashed, sparse features.
const rows = TableStream.from(visits(), { batchSize: 500 });
const crossed = rows.map((table) => {
  const { values: hours } = table.column('hour', 'float64');
  const devices = table.column('device').toArray();
  const deviceHour = devices.map((device, i) => `${device} ${hours[i]! >= 18 ? 'late' : 'early'}`);
  return table.withColumns({
    deviceHour,
    // One number a row that is always 1: the intercept.
    intercept: new Float64Array(table.numRows).fill(1),
  });
});
const hasher = new FeatureHasher({
  inputCols: ['deviceHour', 'pages', 'intercept'],
  outputCol: 'features',
  numFeatures: 1024,
});

const learner = new OnlineLogisticRegression({ globalBatchSize: 500, alpha: 0.1, reg: 0.001 });
const model = await learner.fit(hasher.transform(crossed), { prequential: true });

// The stream goes on in the background; each batch is predicted before it is learned from.
let loss = 0;
let count = 0;
for await (const { modelVersion, probabilities, labels } of model.predictions()) {
  probabilities.forEach((p, i) => {
    loss -= Math.log(labels[i] === 1 ? p : 1 - p);
  });
  count += labels.length;
  if (modelVersion % 10 !== 9) continue;
  console.log(`version ${modelVersion}: ${count} visits, log-loss ${(loss / count).toFixed(4)}`);
}

await model.completed();
const phone = { pages: 6, intercept: 1 };
const questions = Table.fromRows([
  { deviceHour: 'phone early', ...phone },
  { deviceHour: 'phone late', ...phone },
]);
const answers = await model.transform(await hasher.transform(questions));
for (const { deviceHour, rawPrediction } of answers.toRows()) {
  const [, buys] = (rawPrediction as { readonly values: Float64Array }).values;
  console.log(`${deviceHour}: P(buys) = ${buys!.toFixed(3)}`);
}
console.log(`final version: ${model.version}`);
