import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../src/core/random.js';
import { Column } from '../../src/table/column.js';
import { Table } from '../../src/table/table.js';
import { Vectors } from '../../src/table/vector.js';

const NOTHING = { mean: null, std: null, min: null, q25: null, median: null, q75: null, max: null };

test('each column is described by the values that it has', () => {
  const table = Table.fromColumns({
    x: [4, null, 1, Number.NaN, 2, 10],
    n: Column.from([5n, null, -5n, null, null, null]),
    f: new Float32Array([0.5, 0.5, 0.5, 0.5, 0.5, 0.5]),
    b: [true, false, null, true, true, true],
    s: ['a', 'b', 'a', null, '', 'a'],
    d: Column.dictionary(Int32Array.of(0, 1, 2, -1, 0, 0), ['p', 'q', 'p', 'unused']),
    v: Column.from([Vectors.dense(1), null, null, null, null, null]),
    one: Column.from([7, null, null, null, null, null]),
    none: Column.from([null, null, null, null, null, null], 'float64'),
  });
  const described = table.describe();
  assert.equal(Object.keys(described.schema), [
    ...['column', 'type', 'count', 'nulls', 'nans', 'mean', 'std', 'min', 'q25', 'median', 'q75'],
    ...['max', 'distinct'],
  ]);
  // numpy 2.4.6: std(ddof=1), percentile
  const rows = [
    ['x', 'float64', 4, 1, 1, 4.25, 4.031128874149275, 1, 1.75, 3, 5.5, 10, null],
    ['n', 'int64', 2, 4, 0, 0, 7.0710678118654755, -5, -2.5, 0, 2.5, 5, null],
    ['f', 'float32', 6, 0, 0, 0.5, 0, 0.5, 0.5, 0.5, 0.5, 0.5, null],
    ['b', 'boolean', 5, 1, 0, 0.8, 0.447213595499958, 0, 1, 1, 1, 1, null],
    ['s', 'string', 5, 1, 0, ...Object.values(NOTHING), 3],
    ['d', 'string', 5, 1, 0, ...Object.values(NOTHING), 2],
    ['v', 'vector', 1, 5, 0, ...Object.values(NOTHING), null],
    ['one', 'float64', 1, 5, 0, 7, null, 7, 7, 7, 7, 7, null],
    ['none', 'float64', 0, 6, 0, ...Object.values(NOTHING), null],
  ];
  for (const [i, want] of rows.entries()) {
    const got = Object.values(described.row(i));
    for (const [j, value] of want.entries()) {
      const label = `${want[0]}.${Object.keys(described.schema)[j]}`;
      if (typeof value !== 'number') assert.is(got[j], value, label);
      else assert.ok(Math.abs((got[j] as number) - value) <= 1e-14, `${label}: ${got[j]}`);
    }
  }
});

test('timestamps are milliseconds, whatever their unit', () => {
  const ns = Column.timestamp(BigInt64Array.of(1_000_000n, 3_000_000n), 'ns');
  const s = Column.timestamp(BigInt64Array.of(1n, 3n), 's');
  const [a, b] = Table.fromColumns({ ns, s }).describe().toRows();
  assert.equal([a!.min, a!.median, a!.max], [1, 2, 3]);
  assert.equal([b!.min, b!.median, b!.max], [1000, 2000, 3000]);
});

test('infinities are values', () => {
  const [x] = Table.fromColumns({ x: [1, Infinity, 2, Infinity, Infinity] })
    .describe()
    .toRows();
  assert.equal([x!.min, x!.q25, x!.median, x!.max, x!.mean], [1, 2, Infinity, Infinity, Infinity]);
});

test('values far from zero lose nothing of their spread', () => {
  const random = new JavaRandom(5);
  const near = Array.from({ length: 1000 }, () => Math.round(random.nextDouble() * 1024));
  const far = near.map((value) => value + 2 ** 42);
  const [a, b] = Table.fromColumns({ near, far }).describe().toRows();
  const [want, got] = [a!.std as number, b!.std as number];
  assert.ok(Math.abs(got - want) <= 1e-14 * want, `${got}, expected ${want}`);
  // A mean has the digits that are left beside 2^42.
  assert.is((b!.mean as number) - 2 ** 42, Math.round((a!.mean as number) * 1024) / 1024);
});

test('a table is as it was', () => {
  const values = new Float64Array([3, 1, 2]);
  Table.fromColumns({ x: values }).describe();
  assert.equal(values, new Float64Array([3, 1, 2]));
  assert.is(Table.fromColumns({}).describe().numRows, 0);
  const [x] = Table.empty({ x: 'int32' }).describe().toRows();
  assert.equal([x!.count, x!.mean], [0, null]);
});

test.run();
