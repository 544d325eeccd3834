import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Column,
  type DenseVector,
  loadServable,
  NaiveBayes,
  NaiveBayesModel,
  type NaiveBayesModelData,
  type NaiveBayesModelType,
  type NaiveBayesParams,
  Session,
  Table,
  Vectors,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { assertClose } from '../conformance/tables.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';

const TYPES: readonly NaiveBayesModelType[] = [
  'multinomial',
  'categorical',
  'multinomialCounts',
  'complement',
  'bernoulli',
  'gaussian',
];

function tableOf(features: readonly (readonly number[])[], label: readonly number[]): Table {
  return Table.fromColumns({ features, label }, { features: 'vector' });
}

function queryOf(...features: readonly (readonly number[])[]): Table {
  return Table.fromColumns({ features }, { features: 'vector' });
}

async function predict(model: NaiveBayesModel, ...features: readonly (readonly number[])[]) {
  return (await model.transform(queryOf(...features))).column('prediction').toArray();
}

const mapsOf = ({ theta }: NaiveBayesModelData) =>
  theta as readonly (readonly ReadonlyMap<number, number>[])[];

/** Small counts with labels -2, 0 and 7, and weights 0, 1 or 2. */
function made(rows: number, dim: number, seed: number): Table {
  const random = seeded(seed);
  const label = Float64Array.from({ length: rows }, () => [7, -2, 0][random.below(3)]!);
  const weight = Int32Array.from({ length: rows }, () => random.below(3));
  const values = Float64Array.from({ length: rows * dim }, (_, at) => {
    const more = label[Math.floor(at / dim)] === 7 ? at % dim : 1;
    return random.below(2 + more);
  });
  return Table.fromColumns({ features: Column.dense(values, dim), label, weight });
}

const numbersOf = (table: Table, name: string) => table.column(name, 'vector').values;

test('the default type counts values, not their sizes: 2 is as far from 1 as 100 is', async () => {
  const small = tableOf([[1], [2], [2]], [0, 1, 1]);
  const large = tableOf([[1], [100], [100]], [0, 1, 1]);
  const models = [await new NaiveBayes().fit(small), await new NaiveBayes().fit(large)];
  const [a, b] = models.map(({ modelData }) => mapsOf(modelData)[1]![0]!);
  assert.equal([...a!.values()], [...b!.values()]);
  assert.equal([...b!.keys()], [1, 100]);
});

test("the prior of 'multinomial' is Flink ML's, that of 'categorical' the share of rows", async () => {
  const table = tableOf(
    [
      [0, 0],
      [1, 0],
      [1, 1],
    ],
    [11, 10, 10],
  );
  const flink = await new NaiveBayes({ smoothing: 3 }).fit(table);
  const expected = [7, 5].map((count) => Math.log(count) - Math.log(12));
  assertClose(flink.modelData.piArray.values, expected, 1e-15, 'piArray');
  const own = await new NaiveBayes({ smoothing: 3, modelType: 'categorical' }).fit(table);
  const shares = [Math.log(2 / 3), Math.log(1 / 3)];
  assertClose(own.modelData.piArray.values, shares, 1e-15, 'piArray');
  assert.equal(mapsOf(own.modelData), mapsOf(flink.modelData));
});

test('labels ascend whatever their order, and the smallest wins ties', async () => {
  const model = await new NaiveBayes().fit(tableOf([[1], [1], [1]], [5, -3, 0]));
  assert.equal([...model.modelData.labels.values], [-3, 0, 5]);
  assert.equal(await predict(model, [1]), [-3]);
});

test('labels of any numeric type are integers; others are refused with their row', async () => {
  for (const label of [Int32Array.of(1, 2), BigInt64Array.of(1n, 2n), Float32Array.of(1, 2)]) {
    const table = Table.fromColumns({ features: Column.dense([0, 1], 1), label });
    assert.equal([...(await new NaiveBayes().fit(table)).modelData.labels.values], [1, 2]);
  }
  for (const label of [0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    await rejectsError(
      new NaiveBayes().fit(tableOf([[0], [1]], [1, label])),
      'ERR_GYRE_DATA',
      /^NaiveBayes\.fit: column "label" must have integers, got (0\.5|NaN|Infinity) in row 1\.$/,
    );
  }
});

test('a value that was not seen is an error, or smoothed, or its row is left out', async () => {
  const table = tableOf(
    [
      [0, 0],
      [1, 0],
      [1, 1],
    ],
    [11, 10, 10],
  );
  const query = queryOf([1, 1], [2, 1], [0, 0.5]);
  const fit = (handleInvalid: NaiveBayesParams['handleInvalid']) =>
    new NaiveBayes({ handleInvalid, rawPredictionCol: 'raw' }).fit(table);
  await rejectsError(
    (await fit('error')).transform(query),
    'ERR_GYRE_DATA',
    /^NaiveBayesModel\.transform: column "features" must have .*, got 2 in row 1, entry 0; see/,
  );
  const skipped = await (await fit('skip')).transform(query);
  assert.equal(skipped.column('prediction').toArray(), [10]);
  const kept = await (await fit('keep')).transform(query);
  assert.is(kept.numRows, 3);
  const { theta, piArray } = (await fit('keep')).modelData;
  const maps = theta as readonly (readonly ReadonlyMap<number, number>[])[];
  // The smoothing over what the label's rows and values add up to: 1 / (2 + 2), 1 / (1 + 2).
  const expected = [
    piArray.values[0]! - Math.log(4) + maps[0]![1]!.get(1)!,
    piArray.values[1]! - Math.log(3) + maps[1]![1]!.get(1)!,
  ];
  assertClose(numbersOf(kept, 'raw').subarray(2, 4), expected, 1e-15, 'raw');
});

test('a value that is seen with one label alone is smoothed for the others', async () => {
  const model = await new NaiveBayes({ smoothing: 0.5 }).fit(tableOf([[0], [1], [2]], [0, 1, 1]));
  const [zero, one] = mapsOf(model.modelData);
  assertClose([zero![0]!.get(2)!], [Math.log(0.5 / 2.5)], 1e-15, 'label 0');
  assertClose([one![0]!.get(2)!], [Math.log(1.5 / 3.5)], 1e-15, 'label 1');
});

test('without smoothing what was never seen together is impossible', async () => {
  const table = tableOf(
    [
      [0, 0],
      [1, 1],
    ],
    [0, 1],
  );
  const model = await new NaiveBayes({ smoothing: 0 }).fit(table);
  assert.equal(await predict(model, [0, 0], [1, 1]), [0, 1]);
  await rejectsError(
    predict(model, [0, 0], [0, 1]),
    'ERR_GYRE_DATA',
    /^NaiveBayesModel\.transform: a row must be possible .* in row 1; see smoothing\.$/,
  );
});

test('without smoothing counts and presences have no NaN: 0 times ln 0 is 0', async () => {
  const table = tableOf(
    [
      [2, 0, 1],
      [0, 3, 1],
    ],
    [0, 1],
  );
  for (const modelType of ['multinomialCounts', 'complement', 'bernoulli'] as const) {
    const model = await new NaiveBayes({ modelType, smoothing: 0, probabilityCol: 'p' }).fit(table);
    const output = await model.transform(queryOf([1, 0, 1], [0, 9, 1]));
    assert.equal(output.column('prediction').toArray(), [0, 1], modelType);
    assert.equal([...numbersOf(output, 'p')], [1, 0, 0, 1], modelType);
  }
});

test('NaN is a category, equal to itself, and -0 is 0', async () => {
  const model = await new NaiveBayes().fit(tableOf([[Number.NaN], [0], [-0]], [1, 2, 2]));
  assert.equal([...mapsOf(model.modelData)[0]![0]!.keys()], [0, Number.NaN]);
  assert.equal(await predict(model, [Number.NaN], [-0], [0]), [1, 2, 2]);
});

test('categories may be any numbers, small or large, below zero, fractions', async () => {
  const values = [-1, 0.5, 3, 1023, 1024, 1e300, Number.NEGATIVE_INFINITY];
  const model = await new NaiveBayes().fit(
    tableOf(
      values.map((value) => [value]),
      [...values.keys()],
    ),
  );
  assert.equal(await predict(model, ...values.map((value) => [value])), [...values.keys()]);
});

test('a weight counts rows: each row as often as its weight says gives the same', async () => {
  const table = made(300, 4, 601);
  const weights = table.column('weight', 'int32').values;
  const repeated = table.take(
    Int32Array.from([...weights.keys()].flatMap((row) => new Array(weights[row]!).fill(row))),
  );
  for (const modelType of TYPES) {
    const options = { modelType, rawPredictionCol: 'raw' };
    const byWeight = await new NaiveBayes({ ...options, weightCol: 'weight' }).fit(table);
    const byRows = await new NaiveBayes(options).fit(repeated);
    const [a, b] = [await byWeight.transform(table), await byRows.transform(table)];
    assertClose(numbersOf(a, 'raw'), [...numbersOf(b, 'raw')], 1e-9, modelType);
  }
});

test('weights below zero are refused, and so are weights of nothing but 0', async () => {
  const table = made(5, 2, 602);
  const fit = (weight: readonly number[]) =>
    new NaiveBayes({ weightCol: 'weight' }).fit(table.withColumn('weight', weight));
  await rejectsError(
    fit([1, -1, 1, 1, 1]),
    'ERR_GYRE_DATA',
    /^NaiveBayes\.fit: column "weight" must have finite weights >= 0, got -1 in row 1\.$/,
  );
  await rejectsError(
    fit([0, 0, 0, 0, 0]),
    'ERR_GYRE_DATA',
    /^NaiveBayes\.fit: column "weight" must have at least one weight > 0 in its rows, got none\.$/,
  );
});

test('sparse vectors give what dense ones give', async () => {
  const table = made(400, 5, 603);
  const sparse = table.withColumn(
    'features',
    table
      .column('features')
      .toArray()
      .map((vector) => (vector as DenseVector).toSparse()),
    'sparseVector',
  );
  for (const modelType of TYPES) {
    const options = { modelType, rawPredictionCol: 'raw', probabilityCol: 'p' };
    const [a, b] = await Promise.all(
      [table, sparse].map(async (rows) =>
        (await new NaiveBayes(options).fit(rows)).transform(rows),
      ),
    );
    assertClose(numbersOf(b!, 'raw'), [...numbersOf(a!, 'raw')], 1e-10, modelType);
    assertClose(numbersOf(b!, 'p'), [...numbersOf(a!, 'p')], 1e-10, modelType);
    assert.equal(b!.column('prediction').toArray(), a!.column('prediction').toArray(), modelType);
  }
});

test('stored zeros are zeros', async () => {
  const stored = Vectors.sparse(2, [0, 1], [0, 1]);
  const absent = Vectors.sparse(2, [1], [1]);
  for (const modelType of TYPES) {
    const thetas: string[] = [];
    for (const vector of [stored, absent]) {
      const features = [vector, Vectors.sparse(2, [0], [2])];
      const model = await new NaiveBayes({ modelType }).fit(
        Table.fromColumns({ features, label: [0, 1] }),
      );
      thetas.push(
        model.modelData.theta
          .map((item) => (Array.isArray(item) ? item.map((map) => [...map].join()) : String(item)))
          .join(),
      );
    }
    assert.is(thetas[1], thetas[0], modelType);
  }
});

test('a given prior takes the place of the found one, whatever its sum', async () => {
  const table = made(200, 3, 604);
  for (const modelType of TYPES.filter((type) => type !== 'complement')) {
    const model = await new NaiveBayes({ modelType, classPrior: [1, 2, 5] }).fit(table);
    const expected = [1, 2, 5].map((share) => Math.log(share / 8));
    assertClose(model.modelData.piArray.values, expected, 1e-15, modelType);
    await rejectsError(
      new NaiveBayes({ modelType, classPrior: [1, 2] }).fit(table),
      'ERR_GYRE_INVALID_PARAM',
      /^NaiveBayes\.classPrior must have one entry for each of 3 labels, got 2\.$/,
    );
  }
  throwsError(
    () => new NaiveBayes({ modelType: 'complement', classPrior: [1] }),
    'ERR_GYRE_INVALID_PARAM',
    /^NaiveBayes\.classPrior must be null for modelType 'complement', which has no prior/,
  );
});

test('counts below zero are refused, by fit and by transform', async () => {
  for (const modelType of ['multinomialCounts', 'complement'] as const) {
    const naiveBayes = new NaiveBayes({ modelType });
    await rejectsError(
      naiveBayes.fit(
        tableOf(
          [
            [1, 2],
            [3, -1],
          ],
          [0, 1],
        ),
      ),
      'ERR_GYRE_DATA',
      /^NaiveBayes\.fit: column "features" must be >= 0, .* got -1 in row 1, entry 1\.$/,
    );
    const model = await naiveBayes.fit(
      tableOf(
        [
          [1, 2],
          [3, 1],
        ],
        [0, 1],
      ),
    );
    const features = [Vectors.sparse(2, [], []), Vectors.sparse(2, [1], [-2])];
    await rejectsError(
      model.transform(Table.fromColumns({ features })),
      'ERR_GYRE_DATA',
      /^NaiveBayesModel\.transform: column "features" must be >= 0, .* -2 in row 1, entry 1\.$/,
    );
  }
});

test('rows that are refused are named by their place in the whole table, on threads too', async () => {
  const rows = 20_000;
  const values = new Float64Array(rows * 2).fill(1);
  values[2 * 17_001 + 1] = Number.NaN;
  const label = Float64Array.from({ length: rows }, (_, i) => i % 2);
  const table = Table.fromColumns({ features: Column.dense(values, 2), label });
  const session = new Session({ threads: 2, inlineWork: 0 });
  for (const modelType of ['multinomialCounts', 'bernoulli', 'gaussian'] as const) {
    await rejectsError(
      new NaiveBayes({ modelType }).fit(table, { session }),
      'ERR_GYRE_DATA',
      /"features" must be finite, got NaN in row 17001, entry 1\.$/,
    );
  }
  await session.close();
});

test('a single label is predicted, with probability 1', async () => {
  for (const modelType of TYPES) {
    const options = { modelType, probabilityCol: 'p', smoothing: 0 };
    const model = await new NaiveBayes(options).fit(tableOf([[1, 2]], [4]));
    const output = await model.transform(queryOf([1, 2]));
    assert.equal(output.column('prediction').toArray(), [4], modelType);
    assert.equal([...numbersOf(output, 'p')], [1], modelType);
  }
});

test('variances far from zero do not cancel, and constants need smoothing', async () => {
  const far = 1e9;
  const table = tableOf([[far], [far + 1], [far + 2], [far + 10], [far + 12]], [0, 0, 0, 1, 1]);
  const model = await new NaiveBayes({ modelType: 'gaussian', varSmoothing: 0 }).fit(table);
  const theta = model.modelData.theta as readonly DenseVector[];
  const sigma = model.modelData.sigma!;
  assert.equal(theta.map(String), ['[1000000001.0]', '[1000000011.0]']);
  assertClose(
    sigma.map(({ values }) => values[0]!),
    [2 / 3, 1],
    1e-15,
    'sigma',
  );
  const constant = tableOf(
    [
      [1, 0],
      [1, 2],
      [5, 1],
      [6, 3],
    ],
    [0, 0, 1, 1],
  );
  await rejectsError(
    new NaiveBayes({ modelType: 'gaussian', varSmoothing: 0 }).fit(constant),
    'ERR_GYRE_DATA',
    /^NaiveBayes\.fit: feature 0 must have a finite variance > 0 in the rows of label 0, got 0; see/,
  );
  const smoothed = await new NaiveBayes({ modelType: 'gaussian' }).fit(constant);
  assert.equal(await predict(smoothed, [1, 1], [5, 2]), [0, 1]);
});

test('probabilities add up to 1, however far the scores are apart', async () => {
  for (const modelType of TYPES) {
    const table = made(300, 60, 605);
    const model = await new NaiveBayes({ modelType, probabilityCol: 'p' }).fit(table);
    const shares = numbersOf(await model.transform(table), 'p');
    for (let row = 0; row < 300; row++) {
      const sum = shares[3 * row]! + shares[3 * row + 1]! + shares[3 * row + 2]!;
      assert.ok(Math.abs(sum - 1) < 1e-14, `${modelType}, row ${row}: ${sum}`);
    }
  }
});

test('features of one class are told from the others, on as many rows as leave this thread', async () => {
  const [rows, dim] = [30_000, 9];
  const random = seeded(606);
  const label = Int32Array.from({ length: rows }, () => random.below(3));
  const values = Float64Array.from({ length: rows * dim }, (_, at) => {
    const isOwn = (at % dim) % 3 === label[Math.floor(at / dim)];
    return random.unit() < (isOwn ? 0.8 : 0.25) ? 1 + random.below(isOwn ? 3 : 2) : 0;
  });
  const table = Table.fromColumns({ features: Column.dense(values, dim), label });
  const session = new Session({ threads: 2 });
  for (const modelType of TYPES) {
    const model = await new NaiveBayes({ modelType }).fit(table, { session });
    const found = (await model.transform(table, { session })).column('prediction', 'float64');
    const right = found.values.filter((value, row) => value === label[row]).length;
    assert.ok(right / rows > 0.85, `${modelType}: ${right / rows}`);
  }
  await session.close();
});

test(
  'a model of other numbers of labels and features saves, loads and serves',
  readable(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gyre-naive-bayes-'));
    const table = made(100, 5, 607);
    for (const modelType of TYPES) {
      const model = await new NaiveBayes({ modelType, handleInvalid: 'keep' }).fit(table);
      const path = join(folder, modelType);
      await model.save(path);
      const loaded = await NaiveBayesModel.load(path);
      assert.equal(loaded.modelData, model.modelData, modelType);
      const servable = await loadServable(path, { schema: { features: 'vector' } });
      const [expected] = await predict(model, [0, 1, 2, 1, 50]);
      const row = servable.transform({ features: Vectors.dense([0, 1, 2, 1, 50]) });
      assert.is(row!.prediction, expected, modelType);
    }
    rmSync(folder, { recursive: true });
  }),
);

test('model data may come from Flink ML, without probabilities of unseen values', async () => {
  const theta = [
    [
      new Map([
        [0, Math.log(0.2)],
        [1, Math.log(0.8)],
      ]),
    ],
    [
      new Map([
        [0, Math.log(0.7)],
        [1, Math.log(0.3)],
      ]),
    ],
  ];
  const piArray = Vectors.dense([Math.log(0.5), Math.log(0.5)]);
  const data = { theta, piArray, labels: Vectors.dense([4, 2]) };
  const model = new NaiveBayesModel({ handleInvalid: 'keep' }).setModelData(data);
  assert.equal(await predict(model, [0], [1]), [2, 4]);
  await rejectsError(predict(model, [3]), 'ERR_GYRE_DATA', /got 3 in row 0, entry 0/);
});

test('predictions are the same with columns of scores and without', async () => {
  const table = made(2_000, 40, 608);
  for (const modelType of TYPES) {
    const fit = (options: Partial<NaiveBayesParams>) =>
      new NaiveBayes({ modelType, ...options }).fit(table);
    const [alone, scored] = [await fit({}), await fit({ rawPredictionCol: 'raw' })];
    const predictions = (model: NaiveBayesModel) =>
      model.transform(table).then((output) => output.column('prediction').toArray());
    assert.equal(await predictions(alone), await predictions(scored), modelType);
  }
});

test('a saved table of another model type is refused', () => {
  const vectors = Table.fromColumns(
    { label: [0, 1], pi: [-1, -1], theta: [[-1], [-2]] },
    { theta: 'vector' },
  );
  NaiveBayesModel.fromSaved({ modelType: 'bernoulli' }, vectors);
  const load = (modelType: NaiveBayesModelType, data: Table) => () =>
    NaiveBayesModel.fromSaved({ modelType }, data);
  throwsError(
    load('gaussian', vectors),
    'ERR_GYRE_FORMAT',
    /^NaiveBayesModel\.load: the data of 'gaussian' must have the columns label, pi, theta, sigma\.$/,
  );
  throwsError(load('multinomial', vectors), 'ERR_GYRE_FORMAT', /feature, value, theta\.$/);
  const maps = Table.fromColumns({
    ...{ label: [0, 0], pi: [-1, -1], feature: Int32Array.of(0, 2) },
    ...{ value: [1, 1], theta: [-1, -1] },
  });
  const message = /features must be numbered 0, 1, 2, \.\.\., got 2 in row 1\.$/;
  throwsError(load('multinomial', maps), 'ERR_GYRE_FORMAT', message);
});

test('model data that cannot be are refused', () => {
  const vector = (...values: number[]) => Vectors.dense(values);
  const good = { theta: [vector(-1), vector(-2)], piArray: vector(-1, -1), labels: vector(0, 1) };
  const set = (modelType: NaiveBayesModelType, data: object) => () =>
    new NaiveBayesModel({ modelType }).setModelData({ ...good, ...data });
  set('bernoulli', {})();
  const wrong: readonly (readonly [NaiveBayesModelType, object, string, RegExp])[] = [
    ['bernoulli', { labels: [0, 1] }, 'MODEL', /labels and piArray must be DenseVectors/],
    ['bernoulli', { labels: vector(1, 1) }, 'MODEL', /one or more different numbers/],
    ['bernoulli', { labels: vector(), piArray: vector(), theta: [] }, 'MODEL', /one or more/],
    ['bernoulli', { piArray: vector(-1) }, 'DIMENSION', /one entry of piArray for each of 2/],
    ['bernoulli', { piArray: vector(-1, Number.NaN) }, 'MODEL', /piArray has NaN at 1/],
    ['bernoulli', { theta: [vector(-1)] }, 'DIMENSION', /for each of 2 labels, got 1/],
    ['bernoulli', { theta: [vector(-1), vector(-1, -1)] }, 'DIMENSION', /one of size 2/],
    ['bernoulli', { theta: [vector(-1), vector(0.1)] }, 'MODEL', /theta has 0\.1 at 0/],
    ['gaussian', {}, 'MODEL', /sigma must be a list of DenseVectors/],
    ['gaussian', { sigma: [vector(1), vector(0)] }, 'MODEL', /sigma has 0 at 0/],
    ['multinomial', {}, 'MODEL', /theta must be a list of lists of Maps/],
    ['multinomial', { theta: [[new Map()]] }, 'DIMENSION', /for each of 2 labels and 1 features/],
    [
      'multinomial',
      { theta: [[new Map([[0, -1]])], [new Map([[1, -1]])]] },
      'MODEL',
      /feature 0 must have the logarithm of a probability for the same values/,
    ],
  ];
  for (const [modelType, data, code, message] of wrong) {
    throwsError(set(modelType, data), `ERR_GYRE_${code}`, message);
  }
});

test.run();
