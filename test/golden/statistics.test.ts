import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ANOVATest,
  BinaryClassificationEvaluator,
  type BinaryClassificationMetric,
  ChiSqTest,
  ClusteringEvaluator,
  Column,
  FValueTest,
  MulticlassClassificationEvaluator,
  type MulticlassClassificationMetric,
  RankingEvaluator,
  RegressionEvaluator,
  type RegressionMetric,
  Table,
  UnivariateFeatureSelector,
} from '../../src/index.js';
import { chiSquareTail, fTail } from '../../src/stats/tail-probability.js';
import { readable } from '../conformance/readable.js';
import { seeded } from '../reference/random.js';

// Made by test/golden/make-statistics.py, which stands in the file with the versions of what it used.
const golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/statistics.json', import.meta.url), 'utf8'),
) as Golden;

interface Scores {
  readonly f: readonly number[];
  readonly p: readonly number[];
}

type Mode = 'numTopFeatures' | 'fpr' | 'fdr' | 'fwe';
type Selected = Readonly<Record<Mode, readonly number[]>>;

interface Seeded {
  readonly rows: number;
  readonly seed: number;
}

interface Weighted<Name extends string> extends Seeded {
  readonly weighted: boolean;
  readonly metrics: Readonly<Record<Name, number>>;
}

interface Golden {
  readonly tests: {
    readonly cases: readonly (Seeded & {
      readonly anova: Scores;
      readonly anovaSelected: Selected;
      readonly regression: Scores;
      readonly regressionSelected: Selected;
    })[];
    readonly chiSquare: readonly (Seeded & {
      readonly results: readonly { statistic: number; p: number; dof: number }[];
    })[];
  };
  readonly tails: {
    readonly chiSquare: readonly (readonly [x: number, dof: number, p: number])[];
    readonly f: readonly (readonly [x: number, d1: number, d2: number, p: number])[];
  };
  readonly binary: readonly (Seeded & { readonly weighted: boolean } & Readonly<
      Record<BinaryClassificationMetric, number>
    >)[];
  readonly multiclass: readonly Weighted<MulticlassClassificationMetric>[];
  readonly regression: readonly Weighted<RegressionMetric>[];
  readonly clustering: readonly (Seeded & {
    readonly dim: number;
    readonly clusters: number;
    readonly squaredEuclidean: number;
    readonly cosine: number;
  })[];
  readonly ranking: readonly (Seeded & {
    readonly items: number;
    readonly k: number;
    readonly meanAveragePrecision: number;
    readonly ndcgAtK: number;
  })[];
}

/** |got - expected| <= rtol |expected| + atol. */
function assertNear(got: number, expected: number, rtol: number, what: string, atol = 0): void {
  const tolerance = rtol * Math.abs(expected) + atol;
  assert.ok(Math.abs(got - expected) <= tolerance, `${what}: got ${got}, expected ${expected}`);
}

function numbers(table: Table, name: string): number[] {
  return table.column(name).toArray().map(Number);
}

function featuresTable({ rows, seed }: Seeded): Table {
  const random = seeded(seed);
  const [label, target] = [new Float64Array(rows), new Float64Array(rows)];
  const values = new Float64Array(rows * 6);
  for (let row = 0; row < rows; row++) {
    label[row] = random.below(3);
    target[row] = label[row]! + random.unit();
    for (let t = 0; t < 6; t++) {
      const strength = 1 / (1 + t * t * t);
      values[row * 6 + t] =
        1e6 * (t % 2) + label[row]! * strength + target[row]! * strength + random.unit() * 4;
    }
  }
  return Table.fromColumns({ features: Column.dense(values, 6), label, target });
}

// Features about 1e6 with a spread of 1 have digits enough for 1e-8; p-values far out lose some of
// them, about as many as p has zeros.
for (const { anova, anovaSelected, regression, regressionSelected, ...inputs } of golden.tests
  .cases) {
  const table = featuresTable(inputs);

  for (const [Test, labelCol, expected] of [
    [ANOVATest, 'label', anova],
    [FValueTest, 'target', regression],
  ] as const) {
    test(`${Test.className} of ${inputs.rows} rows: SciPy and scikit-learn, to 1e-8 and 1e-6`, async () => {
      const output = await new Test({ labelCol, flatten: true }).transform(table);
      numbers(output, 'fValue').forEach((f, t) => {
        assertNear(f, expected.f[t]!, 1e-8, `F of ${t}`);
      });
      numbers(output, 'pValue').forEach((p, t) => {
        assertNear(p, expected.p[t]!, 1e-6, `p of ${t}`);
      });
    });
  }

  for (const [labelType, labelCol, selected] of [
    ['categorical', 'label', anovaSelected],
    ['continuous', 'target', regressionSelected],
  ] as const) {
    test(`UnivariateFeatureSelector of ${inputs.rows} rows, ${labelType} label: scikit-learn's choice`, async () => {
      for (const [mode, expected] of Object.entries(selected)) {
        const selector = new UnivariateFeatureSelector({
          featureType: 'continuous',
          labelType,
          labelCol,
          selectionMode: mode as Mode,
          selectionThreshold: mode === 'numTopFeatures' ? 2 : 0.05,
        });
        const { modelData } = await selector.fit(table);
        assert.equal([...modelData.indices.slice().sort()], [...expected], mode);
      }
    });
  }
}

for (const { rows, seed, results } of golden.tests.chiSquare) {
  test(`ChiSqTest of ${rows} rows: SciPy, to the 11 decimals that it gives`, async () => {
    const random = seeded(seed);
    const label = new Int32Array(rows);
    const values = new Float64Array(rows * 5);
    for (let row = 0; row < rows; row++) {
      label[row] = random.below(4);
      for (let t = 0; t < 5; t++) {
        const category = random.below(t + 2);
        const isTold = random.unit() < 0.5 / (1 + t * t);
        values[row * 5 + t] = isTold ? label[row]! % (t + 2) : category;
      }
    }
    const table = Table.fromColumns({ features: Column.dense(values, 5), label });
    const output = await new ChiSqTest({ flatten: true }).transform(table);
    results.forEach(({ statistic, p, dof }, t) => {
      const row = output.row(t) as { statistic: number; pValue: number; degreeOfFreedom: number };
      assertNear(row.statistic, statistic, 1e-13, `statistic of ${t}`, 5e-12);
      assertNear(row.pValue, p, p < 1e-4 ? 1e-10 : 0, `p of ${t}`, p < 1e-4 ? 1e-300 : 6e-12);
      assert.is(row.degreeOfFreedom, dof);
    });
  });
}

test('tails of the chi-square and F distributions are those of SciPy, to 1e-10, down to 1e-280', () => {
  for (const [x, dof, p] of golden.tails.chiSquare) {
    assertNear(chiSquareTail(x, dof), p, 1e-10, `chi-square ${x}, ${dof}`, 1e-300);
  }
  for (const [x, d1, d2, p] of golden.tails.f) {
    assertNear(fTail(x, d1, d2), p, 1e-10, `F ${x}, ${d1}, ${d2}`, 1e-300);
  }
});

for (const { rows, seed, weighted, ...expected } of golden.binary) {
  test(`BinaryClassificationEvaluator of ${rows} rows${weighted ? ' with weights' : ''}: scikit-learn, to 1e-12`, async () => {
    const random = seeded(seed);
    const cells = Array.from({ length: rows }, () => {
      const label = random.unit() < 0.4 ? 1 : 0;
      const rawPrediction = (random.below(40) + 10 * label) / 50;
      return { label, rawPrediction, weight: random.below(5) / 2 };
    });
    const evaluator = new BinaryClassificationEvaluator({
      weightCol: weighted ? 'weight' : null,
      metricsNames: ['areaUnderROC', 'areaUnderPR', 'ks', 'areaUnderLorenz'],
    });
    const got = (await evaluator.transform(Table.fromRows(cells))).row(0);
    for (const [name, value] of Object.entries(expected)) {
      assertNear(got[name] as number, value, 1e-12, name);
    }
  });
}

for (const { rows, seed, weighted, metrics } of golden.multiclass) {
  test(`MulticlassClassificationEvaluator of ${rows} rows${weighted ? ' with weights' : ''}: scikit-learn, to 1e-12`, async () => {
    const random = seeded(seed);
    const cells = Array.from({ length: rows }, () => {
      const label = random.below(4);
      const prediction = random.unit() < 0.6 ? label : random.below(5);
      const weight = random.below(5) / 2;
      const row = [0, 1, 2, 3].map((j) => random.unit() + (j === label ? 1 : 0));
      const total = row[0]! + row[1]! + row[2]! + row[3]!;
      return { label, prediction, weight, probability: row.map((x) => x / total) };
    });
    const evaluator = new MulticlassClassificationEvaluator({
      weightCol: weighted ? 'weight' : null,
      metricsNames: Object.keys(metrics) as MulticlassClassificationMetric[],
      metricLabel: 2,
      beta: 2,
    });
    const table = Table.fromRows(cells, { probability: 'vector' });
    const got = (await evaluator.transform(table)).row(0);
    assert.equal(Object.keys(got), Object.keys(metrics));
    for (const [name, value] of Object.entries(metrics)) {
      assertNear(got[name] as number, value, 1e-12, name);
    }
  });
}

for (const { rows, seed, weighted, metrics } of golden.regression) {
  test(`RegressionEvaluator of ${rows} rows${weighted ? ' with weights' : ''}: scikit-learn, to 1e-11`, async () => {
    const random = seeded(seed);
    const cells = Array.from({ length: rows }, () => {
      const label = 1000 + random.unit();
      const prediction = label + (random.unit() - 0.4) / 2;
      return { label, prediction, weight: random.below(5) / 2 };
    });
    const evaluator = new RegressionEvaluator({
      weightCol: weighted ? 'weight' : null,
      metricsNames: Object.keys(metrics) as RegressionMetric[],
    });
    const got = (await evaluator.transform(Table.fromRows(cells))).row(0);
    for (const [name, value] of Object.entries(metrics)) {
      assertNear(got[name] as number, value, 1e-11, name);
    }
  });
}

for (const { rows, dim, clusters, seed, squaredEuclidean, cosine } of golden.clustering) {
  test(`ClusteringEvaluator of ${rows} rows: scikit-learn over all pairs, to 1e-9`, async () => {
    const random = seeded(seed);
    const prediction = new Int32Array(rows);
    const values = new Float64Array(rows * dim);
    for (let row = 0; row < rows; row++) {
      const cluster = random.unit() < 0.9 ? row % clusters : random.below(clusters);
      prediction[row] = cluster;
      for (let t = 0; t < dim; t++) {
        values[row * dim + t] = 100 + ((cluster >> t) & 1) * 2 + random.unit();
      }
    }
    // A cluster of one point.
    prediction[0] = clusters;
    const shifted = values.map((x) => x - 99);
    for (const [distanceMeasure, points, expected] of [
      ['squaredEuclidean', values, squaredEuclidean],
      ['cosine', shifted, cosine],
    ] as const) {
      const table = Table.fromColumns({ features: Column.dense(points, dim), prediction });
      const { silhouette } = (
        await new ClusteringEvaluator({ distanceMeasure }).transform(table)
      ).row(0);
      assertNear(silhouette as number, expected, 1e-9, distanceMeasure);
    }
  });
}

for (const { rows, items, k, seed, meanAveragePrecision, ndcgAtK } of golden.ranking) {
  test(
    `RankingEvaluator of ${rows} rows: scikit-learn, to 1e-12`,
    readable(async () => {
      const random = seeded(seed);
      const cells = Array.from({ length: rows }, () => {
        const prediction = Array.from({ length: items }, (_, item) => item);
        for (let i = items - 1; i > 0; i--) {
          const j = random.below(i + 1);
          [prediction[i], prediction[j]] = [prediction[j]!, prediction[i]!];
        }
        const relevant = Array.from({ length: items }, () => random.unit() < 0.3);
        relevant[random.below(items)] = true;
        return { prediction, label: prediction.map((_, i) => i).filter((i) => relevant[i]) };
      });
      const evaluator = new RankingEvaluator({
        metricsNames: ['meanAveragePrecision', 'ndcgAtK'],
        k,
      });
      const got = (await evaluator.transform(Table.fromRows(cells))).row(0);
      assertNear(got.meanAveragePrecision as number, meanAveragePrecision, 1e-12, 'MAP');
      assertNear(got.ndcgAtK as number, ndcgAtK, 1e-12, 'NDCG');
    }),
  );
}

test.run();
