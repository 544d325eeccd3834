import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Column,
  type DenseVector,
  LinearRegression,
  LinearSVC,
  LogisticRegression,
  type Progress,
  Session,
  Table,
} from '../../src/index.js';
import { regularize } from '../../src/optimization/regularize.js';
import { rowsAfter } from '../../src/optimization/sgd-training.js';
import { readable } from '../conformance/readable.js';
import { assertClose } from '../conformance/tables.js';
import { seeded } from '../reference/random.js';
import { rejectsError } from '../table/expect-error.js';

const it = (sentence: string, body: () => void | Promise<void>) => test(sentence, readable(body));
const session = new Session({ threads: 2, inlineWork: 0 });
test.after(() => session.close());

interface Rows {
  readonly features: readonly (readonly number[])[];
  readonly label: readonly number[];
  readonly weight?: readonly number[];
}

function tableOf({ features, label, weight }: Rows): Table {
  return Table.fromColumns({
    features: Column.dense(Float64Array.from(features.flat()), features[0]!.length),
    label: Float64Array.from(label),
    weight: Float64Array.from(weight ?? label.map(() => 1)),
  });
}

/** The same rows, stored sparse without their zeros. */
function sparseOf({ features, ...rest }: Rows): Table {
  const entries = features.map((row) => row.flatMap((x, t) => (x === 0 ? [] : [[t, x] as const])));
  const offsets = new Int32Array(features.length + 1);
  entries.forEach((row, i) => {
    offsets[i + 1] = offsets[i]! + row.length;
  });
  const indices = Int32Array.from(entries.flat(), ([t]) => t);
  const values = Float64Array.from(entries.flat(), ([, x]) => x);
  const column = Column.sparse(features[0]!.length, offsets, indices, values);
  return tableOf({ features, ...rest }).withColumn('features', column);
}

function random(rows: number, dim: number, seed: number): Rows {
  const { f64, unit, below } = seeded(seed);
  const features = Array.from({ length: rows }, () =>
    Array.from(f64(dim), (x) => (unit() < 0.3 ? 0 : x)),
  );
  const label = features.map((row) => (row[0]! - row[1]! + unit() - 0.5 > 0 ? 1 : 0));
  return { features, label, weight: label.map((_, i) => (i === 0 ? 2 : below(4))) };
}

interface Steps {
  readonly maxIter: number;
  readonly globalBatchSize: number;
  readonly learningRate: number;
  readonly fitIntercept: boolean;
}

/** Steps of least squares, row by row; the intercept is the last of the result. */
function leastSquares(rows: Rows, steps: Steps): number[] {
  const { maxIter, globalBatchSize, learningRate, fitIntercept } = steps;
  const { features, label, weight } = rows;
  const c = new Array<number>(features[0]!.length + 1).fill(0);
  let offset = 0;
  for (let round = 0; round < maxIter; round++) {
    const end = Math.min(offset + globalBatchSize, features.length);
    const gradient = c.map(() => 0);
    let mass = 0;
    for (let i = offset; i < end; i++) {
      const x = [...features[i]!, fitIntercept ? 1 : 0];
      const residual = x.reduce((sum, value, t) => sum + value * c[t]!, 0) - label[i]!;
      mass += weight![i]!;
      for (let t = 0; t < c.length; t++) gradient[t]! += weight![i]! * residual * x[t]!;
    }
    if (mass > 0) for (let t = 0; t < c.length; t++) c[t]! -= (learningRate / mass) * gradient[t]!;
    offset = end >= features.length ? 0 : end;
  }
  return c;
}

const CASES: readonly (readonly [rows: number, steps: Steps])[] = [
  [1, { maxIter: 3, globalBatchSize: 32, learningRate: 0.1, fitIntercept: false }],
  [7, { maxIter: 11, globalBatchSize: 3, learningRate: 0.3, fitIntercept: true }],
  [7, { maxIter: 30, globalBatchSize: 1, learningRate: 0.2, fitIntercept: true }],
  [7, { maxIter: 5, globalBatchSize: 7, learningRate: 0.2, fitIntercept: false }],
  [9000, { maxIter: 9, globalBatchSize: 4000, learningRate: 0.5, fitIntercept: true }],
  [20_000, { maxIter: 4, globalBatchSize: 9000, learningRate: 0.5, fitIntercept: false }],
  [20_000, { maxIter: 3, globalBatchSize: 50_000, learningRate: 0.5, fitIntercept: true }],
];

for (const [count, steps] of CASES) {
  const { globalBatchSize, maxIter } = steps;
  it(`${maxIter} batches of ${globalBatchSize} out of ${count} rows follow the table's order`, async () => {
    const rows = random(count, 5, 3);
    const expected = leastSquares(rows, steps);
    for (const table of [tableOf(rows), sparseOf(rows)]) {
      const estimator = new LinearRegression({ ...steps, weightCol: 'weight', tol: 0 });
      const { modelData, summary } = await estimator.fit(table, { session });
      const { coefficient, intercept } = modelData;
      assertClose([...coefficient.values, intercept ?? 0], expected, 1e-10, 'weights');
      assert.is(intercept === undefined, !steps.fitIntercept);
      assert.is(summary!.totalIterations, maxIter);
      assert.is(summary!.reason, 'maxIter');
    }
  });
}

it('a batch without weight changes nothing, and learning goes on', async () => {
  const rows = random(12, 3, 8);
  const weight = rows.label.map((_, i) => (i >= 4 && i < 8 ? 0 : 1));
  const without = tableOf({
    features: rows.features.filter((_, i) => weight[i] === 1),
    label: rows.label.filter((_, i) => weight[i] === 1),
  });
  const params = { globalBatchSize: 4, weightCol: 'weight', reg: 0.1 };
  const all = await new LogisticRegression({ ...params, maxIter: 3 }).fit(
    tableOf({ ...rows, weight }),
  );
  const some = await new LogisticRegression({ ...params, maxIter: 2 }).fit(without);
  assert.equal(all.modelData.coefficient, some.modelData.coefficient);
  assert.equal(all.summary!.objectiveHistory, some.summary!.objectiveHistory);
  assert.is(all.summary!.totalIterations, 3);
});

it('weights that are all 0 are refused', async () => {
  const rows = { ...random(5, 2, 1), weight: [0, 0, 0, 0, 0] };
  const estimator = new LinearSVC({ weightCol: 'weight' });
  const message = /^LinearSVC\.fit: some row must have a weight above 0, all have 0\.$/;
  await rejectsError(estimator.fit(tableOf(rows)), 'ERR_GYRE_DATA', message);
});

it('a weight below 0 or not finite is refused, naming its row', async () => {
  for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    const rows = { ...random(5, 2, 1), weight: [1, 1, bad, 1, 1] };
    const message = new RegExp(`"weight" must have finite weights >= 0, got ${bad} in row 2`);
    const fit = new LinearRegression({ weightCol: 'weight' }).fit(tableOf(rows));
    await rejectsError(fit, 'ERR_GYRE_DATA', message);
  }
});

it('the step of the round whose loss is not above tol is still made', async () => {
  const rows = { features: [[1, 0]], label: [1] };
  const params = { learningRate: 0.6, reg: 0.5, elasticNet: 0, maxIter: 50, tol: 0 };
  const { modelData, summary } = await new LinearSVC(params).fit(tableOf(rows));
  // Hinge: 0.6 · 1, shrunk by 1 - 0.6 · 0.5 each round, until x·w is beyond the margin: then a shrink alone.
  const seen: number[] = [];
  let c = 0;
  let loss = 1;
  while (seen.length < 50 && loss > 0) {
    loss = Math.max(0, 1 - c);
    seen.push(loss);
    c = (loss > 0 ? c + 0.6 : c) * (1 - 0.6 * 0.5);
  }
  assertClose(summary!.objectiveHistory, seen, 1e-15, 'losses');
  assertClose([modelData.coefficient.values[0]!], [c], 1e-15, 'coefficient');
  assert.is(summary!.reason, loss > 0 ? 'maxIter' : 'tol');
  assert.is(summary!.reason, 'tol');
});

it('a row exactly on its margin gives the hinge loss no gradient', async () => {
  const rows = { features: [[1], [1]], label: [1, 1] };
  const params = { learningRate: 1, globalBatchSize: 1, maxIter: 2, tol: 0 };
  const { modelData, summary } = await new LinearSVC(params).fit(tableOf(rows));
  assert.equal([...modelData.coefficient.values], [1]);
  assert.equal(summary!.objectiveHistory, [1, 0]);
  assert.is(summary!.reason, 'tol');
});

it('steps that are too large are an error that says what to do', async () => {
  const rows = { features: [[1000], [2000]], label: [1, 2] };
  const message =
    /^LinearRegression\.fit: the steps are too large, which gave a loss of .* take a smaller learningRate/;
  const fit = new LinearRegression({ maxIter: 1000 }).fit(tableOf(rows));
  await rejectsError(fit, 'ERR_GYRE_DATA', message);
});

it('features that some batch has must be finite, and the error names where they are not', async () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    const rows = random(9000, 4, 6);
    const features = rows.features.map((row, i) => (i === 8500 ? [row[0]!, 0, bad, 0.5] : row));
    for (const table of [tableOf({ ...rows, features }), sparseOf({ ...rows, features })]) {
      const fit = (maxIter: number) =>
        new LinearSVC({ globalBatchSize: 1000, maxIter, tol: 0 }).fit(table, { session });
      const message = new RegExp(`"features" must be finite, got ${bad} in row 8500, entry 2\\.$`);
      await rejectsError(fit(9), 'ERR_GYRE_DATA', message);
      assert.is((await fit(8)).summary!.totalIterations, 8);
    }
  }
});

it('labels of all rows are looked at, also of those that no batch has', async () => {
  const rows = random(100, 2, 4);
  const label = rows.label.map((y, i) => (i === 90 ? Number.NaN : y));
  const fit = new LinearRegression({ maxIter: 1 }).fit(tableOf({ ...rows, label }));
  await rejectsError(fit, 'ERR_GYRE_DATA', /"label" must be finite, got NaN in row 90/);
});

it('standardization is refused, since it needs the minimum', async () => {
  const fit = new LinearRegression({ standardization: true }).fit(tableOf(random(5, 2, 4)));
  const message = /^LinearRegression\.fit: standardization needs solver 'lbfgs', got 'sgd'\.$/;
  await rejectsError(fit, 'ERR_GYRE_INVALID_PARAM', message);
});

it('the intercept has no penalty', async () => {
  const rows = { features: [[0], [0]], label: [4, 4] };
  const params = { fitIntercept: true, learningRate: 1, reg: 0.9, maxIter: 1 };
  const { modelData } = await new LinearRegression(params).fit(tableOf(rows));
  assert.is(modelData.intercept, 4);
});

it('a step of regularization leaves intercepts alone in every row', () => {
  const parameters = Float64Array.of(1, -2, 5, 0, 4, -7);
  const shape = { dim: 2, classes: 2, fitIntercept: true };
  regularize(parameters, shape, { reg: 0.5, elasticNet: 0.5 }, 0.2);
  // c - 0.2 · (0.25 · sign(c) + 0.25 · c)
  assertClose(parameters, [0.9, -1.85, 5, 0, 3.75, -7], 1e-15, 'parameters');
});

it('multinomial steps go from equal probabilities to the classes', async () => {
  const { f64, below } = seeded(12);
  const label = Array.from({ length: 300 }, () => below(3));
  const noise = f64(600);
  const features = label.map((k, i) => [
    Math.cos(2 * k) + 0.3 * noise[2 * i]!,
    Math.sin(2 * k) + 0.3 * noise[2 * i + 1]!,
  ]);
  const table = tableOf({ features, label });
  const params = { multiClass: 'multinomial', globalBatchSize: 50, maxIter: 200 } as const;
  const model = await new LogisticRegression({ ...params, learningRate: 1 }).fit(table);
  const [first, last] = [
    model.summary!.objectiveHistory[0]!,
    model.summary!.objectiveHistory.at(-1)!,
  ];
  assertClose([first], [Math.log(3)], 1e-12, 'the first loss');
  assert.ok(last < 0.2, `${last} is small`);
  const predicted = (await model.transform(table)).column('prediction').toArray();
  const right = predicted.filter((value, i) => value === label[i]).length;
  assert.ok(right >= 0.95 * label.length, `${right} of 300 are right`);
  const sums = model.coefficients.reduce(
    (sum, { values }: DenseVector) => sum.map((x, t) => x + values[t]!),
    [0, 0],
  );
  assertClose(sums, [0, 0], 1e-10, 'the gradients of all classes add up to 0');
});

it('progress tells rounds, rows and the loss of their batches', async () => {
  const seen: Progress[] = [];
  const params = { globalBatchSize: 3, maxIter: 6 };
  const rows = { ...random(7, 2, 9), label: [1, 2, 3, 4, 5, 6, 7] };
  const { summary } = await new LinearRegression(params).fit(tableOf(rows), {
    onProgress: (progress) => seen.push(progress),
  });
  assert.equal(
    seen.map(({ epoch, rows }) => [epoch, rows]),
    [
      [1, 3],
      [2, 6],
      [3, 7],
      [4, 10],
      [5, 13],
      [6, 14],
    ],
  );
  assert.equal(
    seen.map(({ loss }) => loss),
    [...summary!.objectiveHistory],
  );
  assert.is(rowsAfter(0, 7, 3), 0);
});

test.run();
