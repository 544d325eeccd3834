import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Column,
  type DenseVector,
  NaiveBayes,
  type NaiveBayesModelType,
  Session,
  Table,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { assertClose } from '../conformance/tables.js';
import { seeded } from '../reference/random.js';

// Made by test/golden/make-naive-bayes.py, which stands in the file with the versions of what it used.
const golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/naive-bayes.json', import.meta.url), 'utf8'),
) as Golden;

interface Golden {
  readonly cases: readonly GoldenCase[];
  readonly text: readonly {
    readonly modelType: NaiveBayesModelType;
    readonly rows: number;
    readonly terms: number;
    readonly seed: number;
    readonly predictions: readonly number[];
  }[];
  readonly real: readonly {
    readonly name: string;
    readonly dim: number;
    readonly values: string | readonly number[];
    readonly labels: readonly number[];
    readonly cases: readonly {
      readonly modelType: NaiveBayesModelType;
      readonly predictions: readonly number[];
      readonly correct: number;
    }[];
  }[];
}

interface GoldenCase {
  readonly modelType: NaiveBayesModelType;
  readonly rows: number;
  readonly dim: number;
  readonly seed: number;
  readonly smoothing: number;
  readonly weighted: boolean;
  readonly labels: readonly number[];
  readonly piArray: readonly number[];
  readonly theta: readonly (readonly (number | readonly number[])[])[];
  readonly sigma?: readonly (readonly number[])[];
  readonly raw: readonly (readonly number[])[];
  readonly probability: readonly (readonly number[])[];
  readonly correct: number;
}

const session = new Session({ threads: 2, inlineWork: 10_000 });
test.after(() => session.close());

/** Asserts |got - expected| <= rtol · |expected| + 1e-300 for every entry. */
function assertRelative(
  got: ArrayLike<number>,
  expected: readonly number[],
  rtol: number,
  what: string,
): void {
  assert.is(got.length, expected.length, `${what}: length`);
  expected.forEach((wanted, i) => {
    assertClose([got[i]!], [wanted], rtol * Math.abs(wanted) + 1e-300, `${what}, entry ${i}`);
  });
}

/** `counts` and `continuous` of the script. */
function madeFrom({ modelType, rows, dim, seed }: GoldenCase): Table {
  const random = seeded(seed);
  const label = new Int32Array(rows);
  const weight = new Float64Array(rows);
  const values = new Float64Array(rows * dim);
  for (let i = 0; i < rows; i++) {
    const kind = random.unit() < 0.6 ? 0 : 1 + random.below(2);
    label[i] = [3, 5, 9][kind]!;
    for (let t = 0; t < dim; t++) {
      values[i * dim + t] =
        modelType === 'gaussian'
          ? 1000 * t + kind + (random.unit() + random.unit()) * (1 + ((t + kind) % 3))
          : random.below(t % 3 === kind ? 6 : 3);
    }
    weight[i] = random.below(4) / 2;
  }
  return Table.fromColumns({ features: Column.dense(values, dim), label, weight });
}

/** The same vectors, sparse. */
function sparseFeatures(table: Table): Table {
  const { values, dim } = table.column('features', 'vector');
  const offsets = new Int32Array(table.numRows + 1);
  const [indices, stored]: [number[], number[]] = [[], []];
  values.forEach((value, at) => {
    if (value !== 0) {
      indices.push(at % dim);
      stored.push(value);
    }
    offsets[Math.floor(at / dim) + 1] = stored.length;
  });
  const features = Column.sparse(dim, offsets, Int32Array.from(indices), Float64Array.from(stored));
  return table.withColumn('features', features);
}

function matches(predictions: ArrayLike<number>, labels: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < labels.length; i++) if (predictions[i] === labels[i]) count++;
  return count;
}

for (const expected of golden.cases) {
  const { modelType, rows, smoothing, weighted } = expected;
  const of = `${modelType}, ${rows} rows${weighted ? ', weighted' : ''}`;
  // Sums over rows are taken in another order, and variances as scikit-learn does far from zero.
  const rtol = modelType === 'gaussian' ? 1e-8 : 1e-11;

  for (const layout of ['dense', 'sparse']) {
    test(
      `${of}, ${layout}: model and scores are those of scikit-learn`,
      readable(async () => {
        const dense = madeFrom(expected);
        const table = layout === 'dense' ? dense : sparseFeatures(dense);
        const naiveBayes = new NaiveBayes({
          modelType,
          smoothing,
          weightCol: weighted ? 'weight' : null,
          rawPredictionCol: 'raw',
          probabilityCol: 'probability',
        });
        const model = await naiveBayes.fit(table, { session });
        const { labels, piArray, theta, sigma } = model.modelData;
        assert.equal([...labels.values], [...expected.labels]);
        assertClose(piArray.values, expected.piArray, 1e-12, 'piArray');
        expected.theta.forEach((byFeature, l) => {
          if (modelType === 'categorical') {
            byFeature.forEach((logs, t) => {
              const map = (theta[l] as readonly ReadonlyMap<number, number>[])[t]!;
              assert.equal([...map.keys()], [...(logs as number[]).keys()]);
              assertRelative([...map.values()], logs as number[], rtol, `theta ${l}, ${t}`);
            });
          } else {
            assertRelative((theta[l] as DenseVector).values, byFeature as number[], rtol, 'theta');
          }
        });
        expected.sigma?.forEach((variances, l) => {
          assertRelative(sigma![l]!.values, variances, rtol, `sigma ${l}`);
        });
        const output = await model.transform(table, { session });
        const vectors = (name: string) => output.column(name, 'vector').values as Float64Array;
        const width = expected.labels.length;
        expected.raw.forEach((scores, row) => {
          const got = vectors('raw').subarray(row * width, (row + 1) * width);
          assertRelative(got, scores, rtol, `raw, row ${row}`);
        });
        expected.probability.forEach((shares, row) => {
          const got = vectors('probability').subarray(row * width, (row + 1) * width);
          assertClose(got, shares, 1e-8, `probability, row ${row}`);
        });
        const { values } = output.column('prediction', 'float64');
        assert.is(matches(values, table.column('label', 'int32').values), expected.correct);
      }),
    );
  }
}

for (const { modelType, rows, terms, seed, predictions } of golden.text) {
  test(`${modelType}: documents get the topics that scikit-learn gives them`, async () => {
    const random = seeded(seed);
    const label = Float64Array.from({ length: rows }, (_, i) => (i % 20 === 0 ? 2 : i % 2));
    const values = new Float64Array(rows * terms);
    for (let i = 0; i < rows; i++) {
      const words = 20 + random.below(60);
      for (let w = 0; w < words; w++) {
        const term = Math.floor(random.unit() * random.unit() * random.unit() * terms);
        const shift = random.unit() < 0.3 ? label[i]! * 7 : 0;
        values[i * terms + ((term + shift) % terms)]!++;
      }
    }
    const dense = Table.fromColumns({ features: Column.dense(values, terms), label });
    const table = sparseFeatures(dense);
    const train = (rows * 3) / 4;
    const model = await new NaiveBayes({ modelType, smoothing: 0.5 }).fit(table.slice(0, train));
    const output = await model.transform(table.slice(train));
    assert.equal(output.column('prediction').toArray(), [...predictions]);
  });
}

for (const { name, dim, values: stored, labels, cases } of golden.real) {
  for (const { modelType, predictions, correct } of cases) {
    test(`${name}: ${modelType} predicts what scikit-learn predicts`, async () => {
      const values = Float64Array.from(stored as ArrayLike<number | string>, (value) =>
        typeof value === 'string' ? Number.parseInt(value, 36) : value,
      );
      const table = Table.fromColumns({
        features: Column.dense(values, dim),
        label: Float64Array.from(labels),
      });
      const rows = Int32Array.from(labels.keys());
      const train = table.take(rows.filter((row) => row % 3 !== 2));
      const query = table.take(rows.filter((row) => row % 3 === 2));
      const model = await new NaiveBayes({ modelType, handleInvalid: 'skip' }).fit(train);
      const output = await model.transform(query);
      assert.equal(output.column('prediction').toArray(), [...predictions]);
      const found = output.column('prediction', 'float64').values;
      assert.is(matches(found, output.column('label', 'float64').values), correct);
      // Known answers: well above chance, whatever the golden file says.
      assert.ok(correct / predictions.length > 0.7);
    });
  }
}

test.run();
