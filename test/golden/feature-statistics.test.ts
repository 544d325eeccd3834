import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { orderStatistics } from '../../src/feature/quantile.js';
import {
  Column,
  Imputer,
  KBinsDiscretizer,
  MaxAbsScaler,
  MinMaxScaler,
  RobustScaler,
  Table,
  VarianceThresholdSelector,
} from '../../src/index.js';
import { seeded } from '../reference/random.js';

interface Bins {
  readonly numBins: number;
  readonly edges: readonly (readonly number[])[];
  readonly counts: readonly (readonly number[])[];
}

type Rows = readonly (readonly number[])[];

interface Golden {
  readonly rows: number;
  readonly seed: number;
  readonly shape: readonly (readonly [number, number, number])[];
  readonly minMax: { readonly min: number[]; readonly max: number[]; readonly firstScaled: Rows };
  readonly maxAbs: { readonly max: number[]; readonly firstScaled: Rows };
  readonly robust: {
    readonly medians: number[];
    readonly ranges: number[];
    readonly firstScaled: Rows;
  };
  readonly quantiles: { readonly probabilities: number[]; readonly values: Rows };
  readonly uniform: Bins;
  readonly quantile: Bins;
  readonly kmeans: Pick<Bins, 'numBins' | 'edges'>;
  readonly imputer: Readonly<Record<'mean' | 'median' | 'mostFrequent', readonly number[]>>;
  readonly variances: readonly number[];
}

// Made by test/golden/make-feature-statistics.py, which stands in the file with its versions.
const golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/feature-statistics.json', import.meta.url), 'utf8'),
) as Golden;
const { rows, seed, shape } = golden;

/** The rows of some columns, end to end. */
function matrix(columns: readonly number[]): Float64Array {
  const random = seeded(seed);
  const values: number[] = [];
  for (let i = 0; i < rows; i++) {
    const row = shape.map(([mean, spread, whole]) => {
      const u = random.unit();
      return whole > 0 ? Math.floor(u * whole) : mean + spread * u;
    });
    values.push(...columns.map((t) => row[t]!));
  }
  return Float64Array.from(values);
}

function vectors(columns: readonly number[] = [0, 1, 2, 3, 4]): Table {
  return Table.fromColumns({ input: Column.dense(matrix(columns), columns.length) });
}

/** |got - expected| <= rtol |expected|, entry by entry; atol where it is given. */
function assertNear(
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  rtol: number,
  atol = 0,
): void {
  assert.is(got.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    const tolerance = rtol * Math.abs(expected[i]!) + atol;
    const close = Math.abs(got[i]! - expected[i]!) <= tolerance;
    assert.ok(close, `entry ${i}: got ${got[i]}, expected ${expected[i]} +- ${tolerance}`);
  }
}

/** The first output vectors, row by row. */
function firstRows(output: Table): Float64Array {
  return output.slice(0, 5).column('output', 'vector').values as Float64Array;
}

test('MinMaxScaler learns the extremes of scikit-learn to the bit, and scales to 4e-10', async () => {
  const model = await new MinMaxScaler({ min: -1, max: 3 }).fit(vectors());
  const { minVector, maxVector } = model.modelData;
  assert.equal([...minVector.values], golden.minMax.min);
  assert.equal([...maxVector.values], golden.minMax.max);
  // x · scale + offset cancels where the minimum is 1e5 ranges from 0: 4 · 1e5 · 2^-53 and more.
  const scaled = firstRows(await model.transform(vectors()));
  assertNear(scaled, golden.minMax.firstScaled.flat(), 0, 4e-10);
});

test('MaxAbsScaler learns what scikit-learn does to the bit, and scales to 1e-15', async () => {
  const model = await new MaxAbsScaler().fit(vectors());
  assert.equal([...model.modelData.maxVector.values], golden.maxAbs.max);
  const scaled = firstRows(await model.transform(vectors()));
  assertNear(scaled, golden.maxAbs.firstScaled.flat(), 1e-15);
});

test('RobustScaler learns the medians and ranges of scikit-learn, to 1e-11', async () => {
  const model = await new RobustScaler({ withCentering: true }).fit(vectors());
  const { medians, ranges } = model.modelData;
  assert.equal([...medians.values], golden.robust.medians);
  // scikit-learn interpolates between an element and its neighbour by about 1e-13 of a step.
  assertNear(ranges.values, golden.robust.ranges, 1e-11);
  const scaled = firstRows(await model.transform(vectors()));
  assertNear(scaled, golden.robust.firstScaled.flat(), 1e-11, 1e-15);
});

test('order statistics are those of numpy.percentile with inverted_cdf, to the bit', async () => {
  const { probabilities, values } = golden.quantiles;
  const rule = { kind: 'quantiles', probabilities } as const;
  const entries = await orderStatistics('test', vectors(), shape.length, rule, {});
  assert.equal(
    entries.map((entry) => [...entry.values]),
    values,
  );
});

for (const strategy of ['uniform', 'quantile'] as const) {
  test(`KBinsDiscretizer by ${strategy} has the edges and bins of scikit-learn`, async () => {
    const { numBins, edges, counts } = golden[strategy];
    const table = vectors([0, 1, 2]);
    const model = await new KBinsDiscretizer({ strategy, numBins }).fit(table);
    model.modelData.binEdges.forEach((got, t) => {
      assertNear(got, edges[t]!, 1e-14);
    });
    const bins = (await model.transform(table)).column('output', 'vector').values;
    counts.forEach((expected, t) => {
      const got = new Array<number>(numBins).fill(0);
      for (let at = t; at < bins.length; at += 3) got[bins[at]!]!++;
      assert.equal(got, expected, `entry ${t}`);
    });
  });
}

test('KBinsDiscretizer by kmeans has the edges of Lloyd in NumPy, to 1e-12', async () => {
  const { numBins, edges } = golden.kmeans;
  const model = await new KBinsDiscretizer({ strategy: 'kmeans', numBins }).fit(
    vectors([0, 1, 2, 4]),
  );
  model.modelData.binEdges.forEach((got, t) => {
    assertNear(got, edges[t]!, 1e-12);
  });
});

test('Imputer learns what scikit-learn does, the mean to 1e-13', async () => {
  const values = matrix([0, 1, 2, 4]);
  const random = seeded(seed + 1);
  for (let at = 0; at < values.length; at++) {
    if (random.unit() < 0.2 && at < values.length - 4) values[at] = Number.NaN;
  }
  const inputCols = ['a', 'b', 'c', 'd'];
  const columns = inputCols.map((name, t) => [name, values.filter((_, at) => at % 4 === t)]);
  const table = Table.fromColumns(Object.fromEntries(columns));
  const learned = async (strategy: 'mean' | 'median' | 'most_frequent') => {
    const imputer = new Imputer({ inputCols, outputCols: inputCols, strategy });
    return Object.values((await imputer.fit(table)).modelData.surrogates);
  };
  const { mean, median, mostFrequent } = golden.imputer;
  assertNear(await learned('mean'), mean, 1e-13);
  assert.equal(await learned('median'), median);
  assert.equal(await learned('most_frequent'), mostFrequent);
});

test('VarianceThresholdSelector keeps what scikit-learn keeps', async () => {
  const table = vectors([0, 1, 2, 4]);
  for (const threshold of golden.variances) {
    for (const varianceThreshold of [threshold * (1 - 1e-10), threshold * (1 + 1e-10)]) {
      const { modelData } = await new VarianceThresholdSelector({ varianceThreshold }).fit(table);
      const expected = [0, 1, 2, 3].filter((t) => golden.variances[t]! > varianceThreshold);
      assert.equal([...modelData.indices], expected);
    }
  }
});

test.run();
