/** How long does a row take through a served pipeline? */
import {
  Column,
  type DenseVector,
  KMeans,
  LinearRegression,
  LinearSVC,
  LogisticRegression,
  NaiveBayes,
  OnlineLogisticRegressionModel,
  PipelineModel,
  StandardScalerModel,
  Table,
  Vectors,
} from '../src/index.js';
import { seeded } from '../test/reference/random.js';
import { check, consume, QUICK, time, timeLong } from './harness/measure.js';
import { Report } from './harness/report.js';
import { median } from './harness/samples.js';

const report = new Report(import.meta.url, 'how long does a row take through a served pipeline?');
const DIM = 100;
/** A call takes so many rows, for the clock. */
const ROWS = 256;
const GOAL_SECONDS = 5e-6;
const random = seeded(3);

const mean = random.f64(DIM);
const std = random.f64(DIM).map((value) => Math.abs(value) + 0.5);
const coefficient = random.f64(DIM);
const model = new PipelineModel([
  new StandardScalerModel({ withMean: true, outputCol: 'features' }).setModelData({
    mean: Vectors.dense(mean),
    std: Vectors.dense(std),
  }),
  new OnlineLogisticRegressionModel().setModelData({
    coefficient: Vectors.dense(coefficient),
    modelVersion: 1,
  }),
]);
const values = random.f64(ROWS * DIM);
const rows = Array.from({ length: ROWS }, (_, id) => ({
  id,
  input: values.subarray(id * DIM, (id + 1) * DIM),
}));
const table = Table.fromColumns({ input: Column.dense(values, DIM) });

/** What a service would write by hand: the same arithmetic, and nothing around it. */
const scale = std.map((value) => 1 / value);
function byHand({ id, input }: (typeof rows)[number]) {
  const features = new Float64Array(DIM);
  let margin = 0;
  for (let t = 0; t < DIM; t++) {
    features[t] = (input[t]! - mean[t]!) * scale[t]!;
    margin += features[t]! * coefficient[t]!;
  }
  const probability = 1 / (1 + Math.exp(-margin));
  const rawPrediction = Float64Array.of(1 - probability, probability);
  return { id, input, features, prediction: margin >= 0 ? 1 : 0, rawPrediction, modelVersion: 1 };
}

const servable = model.toServable({ schema: { input: 'vector' } });
for (const row of rows) {
  const [served, expected] = [servable.transform(row)!, byHand(row)];
  const got = (served.rawPrediction as DenseVector).get(1);
  const near = Math.abs(got - expected.rawPrediction[1]!) < 1e-12;
  check(near && served.prediction === expected.prediction, `row ${row.id}`);
}

const each = (call: (row: (typeof rows)[number]) => unknown) => () => {
  for (const row of rows) consume(call(row));
};
const timed = time({
  servable: each((row) => servable.transform(row)),
  byHand: each(byHand),
  table: () => servable.transform(table),
});
const one = table.slice(0, 1);
const awaited = await timeLong(
  { transform: () => model.transform(one) },
  { seconds: QUICK ? 0 : 0.5, fewest: 20 },
);

/** Models alone, each on rows of the features that it was fitted on. */
async function servedModels() {
  const label = Float64Array.from({ length: ROWS }, (_, i) => i % 3);
  const binary = label.map((value) => Math.min(value, 1));
  const own = { featuresCol: 'input' };
  const labelled = (labels: Float64Array) => table.withColumn('label', Column.numeric(labels));
  const gaussian = new NaiveBayes({ ...own, modelType: 'gaussian' });
  return [
    await new LogisticRegression({ ...own, solver: 'lbfgs', reg: 0.1 }).fit(labelled(binary)),
    await new LogisticRegression({ ...own, solver: 'lbfgs', reg: 0.1 }).fit(labelled(label)),
    await new LinearSVC(own).fit(labelled(binary)),
    await new LinearRegression(own).fit(labelled(binary)),
    await gaussian.fit(labelled(label)),
    await new KMeans({ ...own, k: 10, seed: 1 }).fit(table),
  ] as const;
}

for (const [i, fitted] of (await servedModels()).entries()) {
  const served = fitted.toServable({ schema: { input: 'vector' } });
  const transformed = (await fitted.transform(table)).toRows();
  rows.forEach((row, r) => {
    const { prediction } = served.transform(row)!;
    check(prediction === transformed[r]!.prediction, `row ${r} of model ${i}`);
  });
  const samples = time({ served: each((row) => served.transform(row)) }).served;
  const name = `${fitted.constructor.name}${i === 1 ? ', 3 classes' : ''}`;
  report.add({
    what: `${name}, ${DIM} features`,
    who: 'a row, servable',
    samples,
    amounts: { rows: ROWS },
  });
  report.note(`${name}: one row`, (median(samples) / ROWS) * 1e6, 'µs', {
    atMost: GOAL_SECONDS * 1e6,
  });
}

const what = `StandardScaler and logistic regression, ${DIM} features`;
const amounts = { rows: ROWS };
report.add({ what, who: 'a row, by hand', samples: timed.byHand, amounts });
const against = { who: 'by hand', samples: timed.byHand };
report.add({ what, who: 'a row, servable', samples: timed.servable, amounts, against });
report.add({
  what,
  who: `a table of ${ROWS} rows, servable`,
  samples: timed.table,
  amounts,
  against,
});
report.add({ what, who: 'a table of one row, await transform', samples: awaited.transform });
const microseconds = (median(timed.servable) / ROWS) * 1e6;
report.note('one row', microseconds, 'µs', { atMost: GOAL_SECONDS * 1e6 });
report.end();
