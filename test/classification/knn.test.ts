import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Column,
  Knn,
  KnnModel,
  type KnnModelData,
  KnnRegression,
  type NeighbourDistance,
  Session,
  Table,
  Vectors,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';

const workers = new Session({ threads: 2, inlineWork: 0 });
test.after(() => workers.close());

const it = (sentence: string, body: () => void | Promise<void>) => test(sentence, readable(body));

const column = (rows: readonly (readonly number[])[]): Table =>
  Table.fromColumns({ features: rows }, { features: 'vector' });

const labelled = (rows: readonly (readonly number[])[], label: readonly number[]): Table =>
  column(rows).withColumn('label', [...label]);

const lists = (table: Table, name: string): number[][] =>
  table
    .column(name)
    .toArray()
    .map((cell) => Array.from(cell as number[]));

/** Distances as the library defines them, in the order of its sums; squared for `euclidean`. */
function apart(measure: NeighbourDistance, x: Float64Array, y: Float64Array): number {
  let total = 0;
  for (let t = 0; t < x.length; t++) {
    const by = x[t]! - y[t]!;
    total += measure === 'manhattan' ? Math.abs(by) : by * by;
  }
  return total;
}

/** The k nearest rows by looking at all of them. */
function bruteForce(
  measure: NeighbourDistance,
  rows: Float64Array,
  queries: Float64Array,
  dim: number,
  k: number,
): { readonly indices: number[][]; readonly distances: number[][] } {
  const cut = (values: Float64Array) =>
    Array.from({ length: values.length / dim }, (_, i) => values.subarray(i * dim, (i + 1) * dim));
  const known = cut(rows);
  const near = cut(queries).map((query) =>
    known
      .map((row, index) => ({ index, distance: apart(measure, query, row) }))
      .sort((a, b) => a.distance - b.distance || a.index - b.index)
      .slice(0, k),
  );
  const asKnown = measure === 'euclidean' ? Math.sqrt : (distance: number) => distance;
  return {
    indices: near.map((list) => list.map(({ index }) => index)),
    distances: near.map((list) => list.map(({ distance }) => asKnown(distance))),
  };
}

/** Points whose distances are hard to tell apart. */
const CLOUDS: Readonly<Record<string, (v: number, i: number) => number>> = {
  plain: (v) => v,
  'far from zero': (v) => 1e9 + v,
  'with many ties': (v) => Math.round(2 * v),
  'in tight clusters': (v, i) => (i % 7) * 1e6 + v * 1e-6,
  'of huge numbers': (v) => v * 1e300,
  'of tiny numbers': (v) => v * 1e-300,
  'with one far outlier': (v, i) => (i === 0 ? 1e25 : v),
};

for (const [name, place] of Object.entries(CLOUDS)) {
  for (const measure of ['euclidean', 'manhattan'] as const) {
    it(`neighbours are those of brute force, to the bit: points ${name}, ${measure}`, async () => {
      for (const [dim, rows, k] of [
        [1, 700, 3],
        [3, 1100, 8],
        [17, 600, 5],
      ] as const) {
        const random = seeded(dim * 31 + rows);
        const known = random.f64(rows * dim).map((v, at) => place(v, Math.floor(at / dim)));
        const asked = random.f64(80 * dim).map((v, at) => place(v, Math.floor(at / dim) + 1));
        asked.set(known.subarray(0, 10 * dim));
        const table = Table.fromColumns({
          features: Column.dense(known, dim),
          label: new Float64Array(rows),
        });
        const queries = Table.fromColumns({ features: Column.dense(asked, dim) });
        const model = await new Knn({ k, distanceMeasure: measure }).fit(table);
        const expected = bruteForce(measure, known, asked, dim, k);
        const one = queries.slice(3, 4);
        for (const session of [workers, undefined]) {
          const near = await model.nearest(queries, undefined, { session });
          assert.equal(lists(near, 'indices'), expected.indices, `seed ${dim * 31 + rows}`);
          assert.equal(lists(near, 'distances'), expected.distances);
        }
        const alone = await model.nearest(one);
        assert.equal(lists(alone, 'indices'), expected.indices.slice(3, 4));
        assert.equal(lists(alone, 'distances'), expected.distances.slice(3, 4));
      }
    });
  }
}

it('cosine neighbours are those with the largest cosine, whatever their lengths', async () => {
  const table = labelled(
    [
      [1, 0],
      [1e200, 1e200],
      [0, 1e-200],
      [-3, 0],
    ],
    [0, 1, 2, 3],
  );
  const model = await new Knn({ distanceMeasure: 'cosine' }).fit(table);
  const near = await model.nearest(column([[2, 1]]), 4);
  assert.equal(lists(near, 'indices'), [[1, 0, 2, 3]]);
  const cosines = [3 / Math.sqrt(10), 2 / Math.sqrt(5), 1 / Math.sqrt(5), -2 / Math.sqrt(5)];
  lists(near, 'distances')[0]!.forEach((distance, i) => {
    assert.ok(Math.abs(distance - (1 - cosines[i]!)) < 1e-15, `distance ${i}`);
  });
});

it('sparse vectors and 32-bit floats do what dense 64-bit ones do', async () => {
  const rows = [
    [0, 1, 0],
    [2, 0, 0],
    [0, 0, 3],
    [1, 1, 0.5],
  ];
  const label = Float64Array.of(1, 2, 3, 4);
  const dense = labelled(rows, [...label]);
  const sparse = Table.fromColumns({
    features: rows.map((row) => {
      const indices = [...row.keys()].filter((t) => row[t] !== 0);
      return Vectors.sparse(
        3,
        indices,
        indices.map((t) => row[t]!),
      );
    }),
    label,
  });
  const single = Table.fromColumns({
    features: Column.dense(Float32Array.from(rows.flat()), 3),
    label,
  });
  const expected = lists(await (await new Knn().fit(dense)).nearest(dense, 3), 'distances');
  for (const fitted of [dense, sparse, single]) {
    const model = await new Knn().fit(fitted);
    for (const asked of [dense, sparse, single]) {
      assert.equal(lists(await model.nearest(asked, 3), 'distances'), expected);
    }
  }
});

it('labels may be of any numeric type, and the prediction is a float64', async () => {
  for (const label of [Int32Array.of(3, 7), Float32Array.of(3, 7), BigInt64Array.of(3n, 7n)]) {
    const table = column([[0], [1]]).withColumn('label', label);
    const output = await (await new Knn({ k: 1 }).fit(table)).transform(column([[0.9]]));
    assert.equal([...output.column('prediction', 'float64').values], [7]);
  }
});

it('k beyond the number of rows takes all rows', async () => {
  const model = await new Knn({ k: 50 }).fit(labelled([[0], [1], [5]], [1, 2, 2]));
  assert.equal(lists(await model.nearest(column([[4]])), 'indices'), [[2, 1, 0]]);
  assert.is((await model.transform(column([[0]]))).row(0).prediction, 2);
});

it('of tied labels, the one whose farthest neighbour is the nearest wins', async () => {
  // By distance from 0: labels 1, 2, 2, 1: the farthest 2 is nearer than the farthest 1.
  const table = labelled([[1], [2], [3], [4]], [1, 2, 2, 1]);
  const model = await new Knn({ k: 4 }).fit(table);
  assert.is((await model.transform(column([[0]]))).row(0).prediction, 2);
  // Two labels once each, equally far: the earlier row is the nearer one.
  const even = await new Knn({ k: 2 }).fit(labelled([[1], [-1]], [9, 4]));
  assert.is((await even.transform(column([[0]]))).row(0).prediction, 9);
});

it('of equally distant rows, the earlier ones are neighbours', async () => {
  const rows = Array.from({ length: 1000 }, (_, i) => [i % 4]);
  const model = await new Knn({ k: 3 }).fit(labelled(rows, rows.flat()));
  const queries = column(Array.from({ length: 40 }, (_, i) => [i % 4]));
  const near = lists(await model.nearest(queries), 'indices');
  near.forEach((indices, i) => {
    assert.equal(indices, [i % 4, (i % 4) + 4, (i % 4) + 8]);
  });
});

it('shares follow the weights, in order of the classes', async () => {
  const table = labelled([[1], [2], [4]], [5, -1, 5]);
  const params = { k: 3, rawPredictionCol: 'shares' };
  const uniform = await new Knn(params).fit(table);
  assert.equal([...uniform.classes], [-1, 5]);
  const shares = async (model: KnnModel, query: number) => {
    const output = await model.transform(column([[query]]));
    assert.equal(output.columnNames, ['features', 'prediction', 'shares']);
    return [...output.column('shares', 'vector').get(0)!.toArray()];
  };
  assert.equal(await shares(uniform, 0), [1 / 3, 2 / 3]);
  const weighted = await new Knn({ ...params, weighting: 'distance' }).fit(table);
  assert.equal(await shares(weighted, 0), [0.5 / 1.75, 1.25 / 1.75]);
  assert.equal(await shares(weighted, 2), [1, 0], 'a row at distance 0 alone counts');
  const tiny = await new Knn({
    ...params,
    weighting: 'distance',
    distanceMeasure: 'manhattan',
  }).fit(labelled([[1e-310], [3e-310]], [1, 2]));
  const [near, far] = await shares(tiny, 0);
  assert.ok(Math.abs(near! - 0.75) < 1e-9 && Math.abs(far! - 0.25) < 1e-9, 'no overflow of 1/d');
});

it('one row, one column and one neighbour suffice', async () => {
  const model = await new Knn({ k: 1 }).fit(labelled([[3]], [8]));
  assert.is((await model.transform(column([[-1e9]]))).row(0).prediction, 8);
  const none = await model.nearest(column([[1]]).slice(0, 0));
  assert.equal(none.schema, { indices: 'int32[]', distances: 'float64[]' });
  assert.is(none.numRows, 0);
});

it('a vector of zeros has no cosine, and its row is named', async () => {
  const table = labelled(
    [
      [1, 0],
      [0, 0],
    ],
    [1, 2],
  );
  const message = /column "features" must have no vector of zeros, got one in row 1\.$/;
  const knn = new Knn({ distanceMeasure: 'cosine' });
  await rejectsError(knn.fit(table), 'ERR_GYRE_DATA', message);
  const model = await knn.fit(table.slice(0, 1));
  await rejectsError(model.transform(table), 'ERR_GYRE_DATA', message);
});

it('NaN and infinities are refused, in labels too, naming where', async () => {
  const model = await new Knn().fit(labelled([[1, 2]], [1]));
  const queries = column([
    [0, 0],
    [1, Infinity],
  ]);
  const message = /column "features" must be finite, got Infinity in row 1, entry 1\.$/;
  await rejectsError(model.transform(queries), 'ERR_GYRE_DATA', message);
  await rejectsError(model.transform(queries, { session: workers }), 'ERR_GYRE_DATA', message);
  await rejectsError(model.nearest(queries), 'ERR_GYRE_DATA', message);
  for (const Estimator of [Knn, KnnRegression]) {
    await rejectsError(
      new Estimator().fit(labelled([[1], [2]], [1, Number.NaN])),
      'ERR_GYRE_DATA',
      /^Knn(Regression)?\.fit: column "label" must be finite, got NaN in row 1\.$/,
    );
  }
});

it('k of nearest must be a count', async () => {
  const model = await new Knn().fit(labelled([[1]], [1]));
  const message = /^KnnModel\.nearest: k must be an integer >= 1, got 0\.$/;
  await rejectsError(model.nearest(column([[1]]), 0), 'ERR_GYRE_INVALID_PARAM', message);
});

it('model data that do not fit together are refused', () => {
  const good: KnnModelData = {
    packedFeatures: { numRows: 2, numCols: 1, values: Float64Array.of(1, 2) },
    featureNormSquares: Vectors.dense(5),
    labels: Vectors.dense(1),
  };
  const set = (data: object) => () =>
    new KnnModel().setModelData({ ...good, ...data } as KnnModelData);
  set({})();
  const empty = { numRows: 2, numCols: 0, values: new Float64Array() };
  throwsError(set({ packedFeatures: empty }), 'ERR_GYRE_MODEL', /at least one row, got 0/);
  throwsError(set({ packedFeatures: [1] }), 'ERR_GYRE_MODEL', /packedFeatures must be \{ numRows/);
  throwsError(set({ labels: [1] }), 'ERR_GYRE_MODEL', /labels must be a DenseVector/);
  throwsError(set({ labels: Vectors.dense(1, 2) }), 'ERR_GYRE_DIMENSION', /got .* 2 labels/);
  throwsError(
    set({ labels: Vectors.dense(Number.NaN) }),
    'ERR_GYRE_MODEL',
    /labels must be finite/,
  );
});

it('workers give their memory back', async () => {
  const table = Table.fromColumns({
    features: Column.dense(seeded(3).f64(4000), 4),
    label: new Float64Array(1000),
  });
  const session = new Session({ threads: 0, inlineWork: 0 });
  const before = session.inline.arena.used;
  const model = await new Knn().fit(table);
  await model.transform(table, { session });
  model.toServable({ session }).transform(table);
  assert.is(session.inline.arena.used, before);
  await session.close();
});

test.run();
