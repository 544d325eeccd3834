import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Column,
  DenseVector,
  StandardScaler,
  StandardScalerModel,
  Table,
  type Vector,
  Vectors,
} from '../../src/index.js';
import type { DenseVectorColumn } from '../../src/table/dense-vector-column.js';
import type { SparseVectorColumn } from '../../src/table/sparse-vector-column.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';

/** Rows enough for several shards. */
const MANY = 33_000;

type Rows = readonly (readonly number[])[];

function tableOf(rows: Rows): Table {
  return Table.fromColumns({ input: rows }, { input: 'vector' });
}

/** The rows as sparse vectors, zeros not stored. */
function sparseOf(rows: Rows): Table {
  return Table.fromColumns({ input: rows.map((row) => Vectors.dense(row).toSparse()) });
}

function column(values: ArrayLike<number>): Table {
  return Table.fromColumns({ input: Column.dense(Float64Array.from(values), 1) });
}

/** As a sparse column that stores every value, also zeros. */
function stored(values: ArrayLike<number>): Table {
  const offsets = Int32Array.from({ length: values.length + 1 }, (_, i) => i);
  const indices = new Int32Array(values.length);
  return Table.fromColumns({
    input: Column.sparse(1, offsets, indices, Float64Array.from(values)),
  });
}

async function learned(table: Table): Promise<{ mean: number[]; std: number[] }> {
  const { mean, std } = (await new StandardScaler().fit(table)).modelData;
  return { mean: [...mean.values], std: [...std.values] };
}

/** In two passes, with sums that do not lose digits (Neumaier). */
function reference(rows: Rows): { mean: number[]; std: number[] } {
  const n = rows.length;
  const mean = rows[0]!.map((_, t) => preciseSum(rows.map((row) => row[t]!)) / n);
  const std = mean.map((m, t) => {
    if (n === 1) return 0;
    return Math.sqrt(preciseSum(rows.map((row) => (row[t]! - m) ** 2)) / (n - 1));
  });
  return { mean, std };
}

function preciseSum(values: readonly number[]): number {
  let sum = 0;
  let lost = 0;
  for (const value of values) {
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return sum + lost;
}

/** |got - expected| <= rtol * scale, where the scale is the largest magnitude in play. */
function assertNear(got: ArrayLike<number>, expected: ArrayLike<number>, atol: number): void {
  assert.is(got.length, expected.length);
  for (let i = 0; i < got.length; i++) {
    const close = Math.abs(got[i]! - expected[i]!) <= atol;
    assert.ok(close, `entry ${i}: got ${got[i]}, expected ${expected[i]} +- ${atol}`);
  }
}

test('mean and std are those of two passes, dense and sparse, for any small table', async () => {
  const entry = fc.oneof(fc.constant(0), fc.double({ min: -1e3, max: 1e3, noNaN: true }));
  const rowsOf = (d: number) =>
    fc.array(fc.array(entry, { minLength: d, maxLength: d }), { minLength: 1, maxLength: 40 });
  const property = fc.asyncProperty(fc.integer({ min: 1, max: 5 }).chain(rowsOf), async (rows) => {
    const expected = reference(rows);
    for (const table of [tableOf(rows), sparseOf(rows)]) {
      const { mean, std } = await learned(table);
      assertNear(mean, expected.mean, 1e-12);
      assertNear(std, expected.std, 2e-12 * Math.max(...rows.flat().map(Math.abs), 1e-300));
    }
  });
  await fc.assert(property, { seed: 5, numRuns: 150 });
});

test('mean and std over many shards are those of two passes, dense and sparse', async () => {
  const random = seeded(6);
  const rows = Array.from({ length: MANY }, () => [
    random.unit() < 0.9 ? 0 : random.unit() * 5,
    random.unit() < 0.5 ? 0 : random.unit() - 7,
  ]);
  const expected = reference(rows);
  for (const table of [tableOf(rows), sparseOf(rows)]) {
    const { mean, std } = await learned(table);
    assertNear(mean, expected.mean, 1e-13);
    assertNear(std, expected.std, 1e-12);
  }
});

test('a constant has exactly its mean and std 0, whatever its bits, on any number of rows', async () => {
  for (const constant of [0.1, 0.3, -7.1, 1e300, 5e-324, 123456.789]) {
    for (const n of [2, 3, 5, 7, 4099, MANY]) {
      const values = new Float64Array(n).fill(constant);
      for (const table of [column(values), stored(values)]) {
        assert.equal(await learned(table), { mean: [constant], std: [0] }, `${constant} x ${n}`);
      }
    }
  }
});

test('a constant becomes 0 with std, also without mean', async () => {
  const table = tableOf([
    [0.3, 1],
    [0.3, 2],
  ]);
  for (const withMean of [false, true]) {
    const output = await (await new StandardScaler({ withMean }).fit(table)).transform(table);
    for (const vector of output.column('output', 'vector')) assert.is(vector!.get(0), 0);
  }
});

test('one row has std 0 and is its own mean', async () => {
  assert.equal(await learned(tableOf([[3, -0.1]])), { mean: [3, -0.1], std: [0, 0] });
  assert.equal(await learned(sparseOf([[3, 0]])), { mean: [3, 0], std: [0, 0] });
});

test('NaN or an infinity in any row makes mean and std of its column NaN, and of no other', async () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    for (const row of [0, 1, 4124, 4125, 16_499, 16_500, MANY - 1]) {
      const values = new Float64Array(MANY * 2).fill(1);
      values[row * 2 + 1] = bad;
      const dense = Column.dense(values, 2);
      const sparse = Column.sparse(
        2,
        Int32Array.from({ length: MANY + 1 }, (_, i) => 2 * i),
        Int32Array.from({ length: MANY * 2 }, (_, e) => e % 2),
        values,
      );
      for (const input of [dense, sparse]) {
        const { mean, std } = await learned(Table.fromColumns({ input }));
        assert.equal(mean, [1, Number.NaN], `${bad} in row ${row}`);
        assert.equal(std, [0, Number.NaN], `${bad} in row ${row}`);
      }
    }
  }
});

test('entries of a NaN column become NaN, the others do not', async () => {
  const table = tableOf([
    [1, Number.NaN],
    [3, 2],
  ]);
  const output = await (await new StandardScaler({ withMean: true }).fit(table)).transform(table);
  assert.equal(
    output
      .column('output', 'vector')
      .toArray()
      .map((vector) => [...vector!.values]),
    [
      [-1 / Math.SQRT2, Number.NaN],
      [1 / Math.SQRT2, Number.NaN],
    ],
  );
});

test('a first row far from all others does not cost the digits of the variance', async () => {
  const random = seeded(8);
  const values = Array.from({ length: MANY }, (_, i) => (i === 0 ? 0 : 1e8 + random.unit()));
  const { std } = await learned(column(values));
  const [expected] = reference(values.map((value) => [value])).std;
  assertNear(std, [expected!], 1e-10 * expected!);
});

test('a large mean does not cost the digits of the variance', async () => {
  const random = seeded(9);
  const values = Array.from({ length: MANY }, () => 1e8 + 1e-3 * random.unit());
  const [expected] = reference(values.map((value) => [value])).std;
  for (const table of [column(values), stored(values)]) {
    assertNear((await learned(table)).std, [expected!], 1e-9 * expected!);
  }
});

test('sparse vectors stay sparse, over the offsets and indices of the input', async () => {
  const table = sparseOf([
    [0, 2, 0],
    [4, 0, 0],
    [0, 0, 0],
    [8, 6, 0],
  ]);
  const input = table.column('input', 'sparseVector');
  const model = await new StandardScaler().fit(table);
  const output = (await model.transform(table)).column('output', 'sparseVector');
  assert.is(output.offsets, input.offsets);
  assert.is(output.indices.buffer, input.indices.buffer);
  assert.is(output.indices.byteOffset, input.indices.byteOffset);
  assert.equal(output.indices, input.indices);
  const { std } = model.modelData;
  assert.equal(
    [...output.values],
    [2 * (1 / std.get(1)), 4 * (1 / std.get(0)), 8 * (1 / std.get(0)), 6 * (1 / std.get(1))],
  );
});

test('a stored entry of a constant column stays stored, as 0', async () => {
  const table = stored([5, 5, 5]);
  const output = await (await new StandardScaler().fit(table)).transform(table);
  const { indices, values } = output.column('output', 'sparseVector');
  assert.equal([...indices], [0, 0, 0]);
  assert.equal([...values], [0, 0, 0]);
});

test('a slice of sparse vectors gives arrays of the slice alone', async () => {
  const table = sparseOf([
    [0, 2],
    [4, 0],
    [8, 6],
    [1, 1],
  ]);
  const model = await new StandardScaler().fit(table);
  const whole = (await model.transform(table)).column('output', 'sparseVector');
  const slice = (await model.transform(table.slice(1, 3))).column('output', 'sparseVector');
  assert.is(slice.values.length, 3);
  assert.is(slice.offsets[0], 0);
  assert.equal(slice.toArray(), whole.toArray().slice(1, 3));
});

test('sparse vectors made dense are the dense ones to the bit', async () => {
  const random = seeded(10);
  const rows = Array.from({ length: 500 }, () =>
    Array.from({ length: 7 }, () => (random.unit() < 0.6 ? 0 : random.unit() - 0.5)),
  );
  for (const withStd of [true, false]) {
    const model = await new StandardScaler({ withMean: true, withStd }).fit(tableOf(rows));
    const [dense, sparse] = await Promise.all(
      [tableOf(rows), sparseOf(rows)].map(async (table) => {
        return (await model.transform(table)).column('output', 'vector').values;
      }),
    );
    assert.equal(sparse, dense);
  }
});

test('every pair of flags gives its formula', async () => {
  const rows = [
    [1, -3],
    [2, 5],
    [6, 0.5],
  ];
  for (const withMean of [false, true]) {
    for (const withStd of [false, true]) {
      const model = await new StandardScaler({ withMean, withStd }).fit(tableOf(rows));
      const { mean, std } = model.modelData;
      const expected = rows.flatMap((row) =>
        row.map((x, t) => (x - (withMean ? mean.get(t) : 0)) * (withStd ? 1 / std.get(t) : 1)),
      );
      const output = await model.transform(tableOf(rows));
      assert.equal([...output.column('output', 'vector').values], expected);
    }
  }
});

test('with neither flag the output is the input column, dense or sparse', async () => {
  for (const table of [tableOf([[1], [2]]), sparseOf([[1], [2]])]) {
    const model = await new StandardScaler({ withStd: false }).fit(table);
    const output = await model.transform(table);
    assert.is(output.column('output'), table.column('input'));
  }
});

test('32-bit vectors give what their 64-bit copies give', async () => {
  const narrow = Float32Array.from(seeded(11).f64(300));
  const outputs = await Promise.all(
    [narrow, Float64Array.from(narrow)].map(async (values) => {
      const table = Table.fromColumns({ input: Column.dense(values, 3) });
      const model = await new StandardScaler({ withMean: true }).fit(table);
      const output = (await model.transform(table)).column('output') as DenseVectorColumn;
      return [model.modelData, output.values] as const;
    }),
  );
  assert.equal(outputs[0], outputs[1]);
  assert.instance(outputs[0]![1], Float64Array);
});

test('an output column of the input name takes its place', async () => {
  const table = tableOf([[1], [3]]).withColumn('id', ['a', 'b']);
  const scaler = new StandardScaler({ outputCol: 'input', withMean: true });
  const output = await (await scaler.fit(table)).transform(table);
  assert.equal([...output.columnNames], ['input', 'id']);
  assert.equal([...output.column('input', 'vector').values], [-1 / Math.SQRT2, 1 / Math.SQRT2]);
});

test('sparse rows without any entry are learned from and scaled', async () => {
  const table = Table.fromColumns({
    input: Column.sparse(3, new Int32Array(5), new Int32Array(0), new Float64Array(0)),
  });
  const model = await new StandardScaler().fit(table);
  assert.equal(model.modelData.std, new DenseVector(new Float64Array(3)));
  const output = (await model.transform(table)).column('output') as SparseVectorColumn;
  assert.is(output.length, 4);
  assert.equal((output.get(3) as Vector).toDense().values, new Float64Array(3));
});

test('vectors without entries are learned from and scaled', async () => {
  const table = tableOf([[], []]);
  const model = await new StandardScaler({ withMean: true }).fit(table);
  assert.is(model.modelData.mean.size, 0);
  assert.is((await model.transform(table)).column('output').length, 2);
});

test('onProgress hears of the one pass', async () => {
  const heard: unknown[] = [];
  await new StandardScaler().fit(tableOf([[1], [2]]), {
    onProgress: (progress) => heard.push(progress),
  });
  assert.equal(heard, [{ epoch: 1, rows: 2 }]);
});

test('model data that cannot be is refused, naming what', () => {
  const model = new StandardScalerModel();
  const vector = (...values: number[]) => Vectors.dense(values);
  const set = (mean: unknown, std: unknown) => () =>
    model.setModelData({ mean, std } as StandardScalerModel['modelData']);
  throwsError(set(vector(1), vector(1, 2)), 'ERR_GYRE_DIMENSION', /got 1 and 2/);
  throwsError(set(vector(1, 2), vector(1, -2)), 'ERR_GYRE_MODEL', /below 0, got -2 at 1/);
  throwsError(set([1], [1]), 'ERR_GYRE_MODEL', /mean must be a dense vector, got \[1\]/);
  assert.is(model.setModelData({ mean: vector(1), std: vector(Number.NaN) }), model);
});

test('an empty table is refused with the number of rows', async () => {
  const error = await rejectsError(
    new StandardScaler().fit(Table.empty({ input: 'vector' })),
    'ERR_GYRE_DATA',
    /^StandardScaler\.fit: the table must have at least one row, got none\.$/,
  );
  assert.is(error.details.rows, 0);
});

test.run();
