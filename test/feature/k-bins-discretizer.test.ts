import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  kMeansEdges,
  quantileEdges,
  uniformEdges,
} from '../../src/feature/k-bins-discretizer-edges.js';
import { KBinsDiscretizer, KBinsDiscretizerModel, type Table } from '../../src/index.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';
import { columnTable, denseTable, exactly, outputOf, sparseTable } from './scaler-tables.js';

const STRATEGIES = ['uniform', 'quantile', 'kmeans'] as const;
const { NEGATIVE_INFINITY, POSITIVE_INFINITY } = Number;

/** Lloyd's algorithm value by value, as Flink ML describes it; clusters without values drop out. */
function lloyd(sorted: readonly number[], bins: number): number[] {
  const n = sorted.length;
  let centroids = Array.from({ length: bins }, (_, k) => sorted[Math.floor((k * n) / bins)]!);
  let before = Number.MAX_VALUE;
  for (let round = 0; round < 300; round++) {
    const clusters = centroids.map(() => [] as number[]);
    let loss = 0;
    for (const x of sorted) {
      const distances = centroids.map((centroid) => Math.abs(x - centroid));
      const least = Math.min(...distances);
      clusters[distances.indexOf(least)]!.push(x);
      loss += least / n;
    }
    centroids = clusters
      .filter((cluster) => cluster.length > 0)
      .map((cluster) => cluster.reduce((a, b) => a + b) / cluster.length);
    if (Math.abs(loss - before) <= 1e-4) break;
    before = loss;
  }
  const inner = centroids.slice(1).map((centroid, k) => (centroids[k]! + centroid) / 2);
  return [sorted[0]!, ...inner, sorted[n - 1]!];
}

test('edges by kmeans are those of an assignment value by value', () => {
  const random = seeded(71);
  for (const [n, bins, step] of [
    [200, 3, 0],
    [500, 8, 0],
    [300, 5, 8],
    [1000, 12, 64],
  ] as const) {
    const values = Array.from({ length: n }, () => {
      const u = random.unit() ** 2 * 5;
      return step > 0 ? Math.floor(u * step) / step : u;
    }).sort((a, b) => a - b);
    const got = kMeansEdges(Float64Array.from(values), bins);
    const expected = lloyd(values, bins);
    assert.is(got.length, expected.length, `${n} values, ${bins} bins`);
    got.forEach((edge, i) => {
      assert.ok(Math.abs(edge - expected[i]!) < 1e-10, `edge ${i}: ${edge}, ${expected[i]}`);
    });
  }
});

test('a cluster of kmeans without values is left out', () => {
  const sorted = Float64Array.of(1, 1, 1, 4, 5, 6, 7, 10, 13);
  assert.equal([...kMeansEdges(sorted, 4)], [1, 3.25, 8.5, 13]);
});

test('kmeans with no more different values than bins is uniform', () => {
  const sorted = Float64Array.of(0, 0, 1, 5);
  assert.equal(kMeansEdges(sorted, 3), uniformEdges(0, 5, 3));
});

test('a repeated edge of quantiles gets a bin of its own', () => {
  assert.equal([...quantileEdges(Float64Array.of(1, 1, 2, 3, 3, 3))], [1, 1.5, 2, 2.5, 3]);
  assert.equal([...quantileEdges(Float64Array.of(0, 0, 0, 4))], [0, 2, 4]);
  assert.equal([...quantileEdges(Float64Array.of(0, 4, 4, 4))], [0, 2, 4]);
  assert.equal([...quantileEdges(Float64Array.of(1, 2, 2, 2, 5))], [1, 2, 3.5, 5]);
});

test('edges by quantiles ascend strictly and keep both ends, whatever repeats', () => {
  const starts = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 2, maxLength: 20 });
  const property = fc.property(starts, (values) => {
    const sorted = Float64Array.from(values).sort();
    fc.pre(sorted[0] !== sorted.at(-1));
    const edges = quantileEdges(sorted);
    assert.is(edges[0], sorted[0]);
    assert.is(edges.at(-1), sorted.at(-1));
    for (let i = 1; i < edges.length; i++) assert.ok(edges[i]! > edges[i - 1]!, edges.join(' '));
  });
  fc.assert(property, { seed: 72, numRuns: 300 });
});

test('edges by equal widths end in the maximum to the bit, also of a range that overflows', () => {
  const edges = uniformEdges(0, 0.7, 7);
  assert.is(edges.at(-1), 0.7);
  const width = 0.7 / 7;
  assert.is(edges[3], width + width + width);
  assert.equal([...uniformEdges(-1.5e308, 1.5e308, 2)], [-1.5e308, 0, 1.5e308]);
});

test('a constant entry has one bin, with every strategy', async () => {
  for (const strategy of STRATEGIES) {
    const table = columnTable([3, 3, 3]);
    const model = await new KBinsDiscretizer({ strategy }).fit(table);
    assert.equal([...model.modelData.binEdges[0]!], [NEGATIVE_INFINITY, POSITIVE_INFINITY]);
    const output = await outputOf(model, columnTable([-1, 3, Number.NaN, POSITIVE_INFINITY]));
    assert.equal(output.flat(), [0, 0, 0, 0]);
  }
});

test('a value on an edge is in the bin that starts there, NaN and what is above in the last', async () => {
  const model = new KBinsDiscretizerModel().setModelData({
    binEdges: [Float64Array.of(-1, 0, 1, 2)],
  });
  const cases = [
    [-5, 0],
    [-1, 0],
    [-1e-9, 0],
    [-0, 1],
    [0, 1],
    [1, 2],
    [2, 2],
    [9, 2],
    [Number.NaN, 2],
    [NEGATIVE_INFINITY, 0],
  ] as const;
  const output = await outputOf(model, columnTable(cases.map(([x]) => x)));
  assert.equal(
    output.flat(),
    cases.map(([, bin]) => bin),
  );
});

test('bins of sparse vectors are those of dense ones, and edges too', async () => {
  const random = seeded(73);
  const rows = Array.from({ length: 400 }, () =>
    Array.from({ length: 3 }, () => (random.unit() < 0.4 ? 0 : random.unit() - 0.4)),
  );
  for (const strategy of STRATEGIES) {
    const [ofDense, ofSparse] = await Promise.all(
      [denseTable(rows), sparseTable(rows)].map(async (table) => {
        const model = await new KBinsDiscretizer({ strategy }).fit(table);
        return [model.modelData, await outputOf(model, table)] as const;
      }),
    );
    assert.equal(ofSparse, ofDense, strategy);
  }
});

test('bins by quantiles of many different values have equal counts', async () => {
  const values = seeded(74).f64(100_000);
  const model = await new KBinsDiscretizer({ numBins: 8 }).fit(columnTable(values));
  const counts = new Array<number>(8).fill(0);
  for (const [bin] of await outputOf(model, columnTable(values))) counts[bin!]!++;
  assert.equal(counts, new Array<number>(8).fill(12_500));
});

test('more rows than subSamples are sampled, the same every time, but not for uniform', async () => {
  const values = seeded(75).f64(5000);
  for (const strategy of STRATEGIES) {
    const fit = async (subSamples: number) =>
      (await new KBinsDiscretizer({ strategy, subSamples }).fit(columnTable(values))).modelData;
    const [all, sample, again] = [await fit(5000), await fit(500), await fit(500)];
    assert.equal(sample, again);
    if (strategy === 'uniform') assert.equal(sample, all);
    else {
      assert.not.equal(sample, all);
      const [a, b] = [all.binEdges[0]!, sample.binEdges[0]!];
      b.forEach((edge, i) => {
        assert.ok(Math.abs(edge - a[i]!) < 0.2, `edge ${i} is near that of all rows`);
      });
    }
  }
});

test('fewer rows than bins are edges each', async () => {
  const model = await new KBinsDiscretizer({ numBins: 5 }).fit(columnTable([4, 1, 2]));
  assert.equal([...model.modelData.binEdges[0]!], [1, 2, 4]);
});

test('NaN is left out, and an entry of nothing else is refused, with every strategy', async () => {
  for (const strategy of STRATEGIES) {
    const fit = (table: Table) => new KBinsDiscretizer({ strategy, numBins: 2 }).fit(table);
    const some = await fit(columnTable([0, Number.NaN, 1, 2, 4, Number.NaN]));
    assert.equal(some.modelData, (await fit(columnTable([0, 1, 2, 4]))).modelData);
    await rejectsError(
      fit(denseTable([[1, Number.NaN]])),
      'ERR_GYRE_DATA',
      exactly(
        'KBinsDiscretizer.fit: column "input" must have a number in every entry, got NaN alone in entry 1.',
      ),
    );
  }
});

test('an infinity is refused, naming its entry, with every strategy', async () => {
  for (const strategy of STRATEGIES) {
    const table = denseTable([
      [1, POSITIVE_INFINITY],
      [2, 1],
    ]);
    await rejectsError(
      new KBinsDiscretizer({ strategy }).fit(table),
      'ERR_GYRE_DATA',
      exactly(
        'KBinsDiscretizer.fit: column "input" must not be infinite, got Infinity in entry 1.',
      ),
    );
  }
});

test('model data that cannot be is refused', () => {
  const set = (binEdges: unknown) => () =>
    new KBinsDiscretizerModel().setModelData({ binEdges } as never);
  throwsError(set(1), 'ERR_GYRE_MODEL', /binEdges must be an array/);
  throwsError(set([Float64Array.of(1)]), 'ERR_GYRE_MODEL', /binEdges\[0\] must be .* two edges/);
  throwsError(
    set([Float64Array.of(1, 2), Float64Array.of(3, 2)]),
    'ERR_GYRE_MODEL',
    exactly('KBinsDiscretizerModel.setModelData: binEdges[1] must ascend, got 3 before 2.'),
  );
});

test.run();
