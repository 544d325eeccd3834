import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../src/core/random.js';
import { Column } from '../../src/table/column.js';
import { Table } from '../../src/table/table.js';
import { Vectors } from '../../src/table/vector.js';
import { throwsError } from './expect-error.js';

const N = 40;

const every = <T>(make: (i: number) => T): (T | null)[] =>
  Array.from({ length: N }, (_, i) => (i % 5 === 2 ? null : make(i)));

const indices = (make: (i: number) => number): Int32Array =>
  Int32Array.from({ length: N }, (_, i) => make(i));

/** Every layout, each with nulls and without. */
function everyLayout(): Table {
  return Table.fromColumns({
    f64: Column.from(every((i) => i / 3)),
    f32: Column.from(every(Math.fround), 'float32'),
    i32: indices((i) => i),
    i64: Column.from(every((i) => 2n ** 60n + BigInt(i))),
    bool: Column.from(every((i) => i % 3 === 0)),
    allBool: Column.from(Array.from({ length: N }, (_, i) => i % 3 === 0)),
    text: Column.from(every((i) => 'é'.repeat(i % 4))),
    label: Column.dictionary(
      indices((i) => (i % 4) - 1),
      ['x', 'y', 'z'],
    ),
    ns: Column.timestamp(
      BigInt64Array.from({ length: N }, (_, i) => BigInt(i) * 10n ** 12n),
      'ns',
    ),
    dense: Column.from(every((i) => Vectors.dense(i, -i, 0.5))),
    dense32: Column.dense(
      new Float32Array(N * 2).map((_, i) => i),
      2,
    ),
    sparse: Column.from(
      every((i) => Vectors.sparse(9, i % 2 === 0 ? [] : [1, 8], i % 2 === 0 ? [] : [i, 1])),
    ),
    list: Column.from(every((i) => Array.from({ length: i % 3 }, () => (i % 7 === 0 ? null : i)))),
    texts: Column.from(every((i) => Array.from({ length: i % 3 }, (_, j) => `${i}.${j}`))),
  });
}

function check(table: Table, rows: readonly number[], what: string): void {
  const taken = table.take(rows);
  assert.equal(taken.schema, table.schema, what);
  const all = table.toRows();
  assert.equal(
    taken.toRows(),
    rows.map((row) => all[row]!),
    what,
  );
  assert.equal(table.take(Int32Array.from(rows)).toRows(), taken.toRows(), what);
  for (const name of table.columnNames) {
    const [from, to] = [table.column(name), taken.column(name)];
    assert.is(to.layout, from.layout, `${what}: ${name}`);
    assert.is(to.nullCount, rows.filter((row) => from.isNull(row)).length, `${what}: ${name}`);
  }
}

test('rows of every layout are taken in any order, once, again, or not at all', () => {
  const table = everyLayout();
  check(table, [], 'none');
  check(table, [7], 'one');
  check(table, [...Array(N).keys()], 'all');
  check(table, [...Array(N).keys()].reverse(), 'backwards');
  check(table, [2, 2, 2, 39, 0, 0, 7, 8, 9, 8, 7], 'repeats and runs');
  for (let seed = 1; seed <= 30; seed++) {
    const random = new JavaRandom(seed);
    const rows = Array.from({ length: random.nextInt(80) }, () => random.nextInt(N));
    check(table, rows, `seed ${seed}`);
  }
});

test('rows of slices are counted from the beginning of the slice', () => {
  const table = everyLayout();
  for (const [start, end] of [
    [0, 8],
    [3, 29],
    [8, 40],
    [17, 18],
  ] as const) {
    const slice = table.slice(start, end);
    const rows = [...Array(end - start).keys()];
    check(slice, rows, `slice ${start} to ${end}`);
    check(slice, [rows.at(-1)!, 0, ...rows], `slice ${start} to ${end}, with repeats`);
    check(table.take([...Array(N).keys()]).slice(start, end), rows, 'a slice of what is taken');
  }
});

test('units, labels and the sizes of vectors stay', () => {
  const taken = everyLayout().take([5, 1]);
  assert.is(taken.column('ns', 'timestamp').unit, 'ns');
  assert.is(taken.column('sparse', 'sparseVector').size, 9);
  assert.is(taken.column('dense', 'vector').dim, 3);
  assert.instance(taken.column('dense32', 'vector').values, Float32Array);
  const label = taken.column('label', 'string');
  assert.equal(label.layout === 'dictionary' && label.labels, ['x', 'y', 'z']);
});

test('of an empty table nothing can be taken, which is fine', () => {
  const empty = everyLayout().slice(0, 0);
  check(empty, [], 'an empty table');
  assert.is(Table.fromColumns({}).take([]).numRows, 0);
});

test('rows that are not there are refused', () => {
  const table = everyLayout();
  for (const row of [-1, N, 1.5, Number.NaN, 2 ** 32]) {
    throwsError(
      () => table.take([0, row]),
      'ERR_GYRE_INVALID_PARAM',
      /rows must be integers in \[0, 40\), got/,
    );
  }
  throwsError(() => table.slice(0, 0).take([0]), 'ERR_GYRE_INVALID_PARAM', /in \[0, 0\), got 0/);
});

test('what is taken is memory of its own', () => {
  const values = new Float64Array([1, 2, 3]);
  const taken = Table.fromColumns({ x: values }).take([2, 0]);
  values.fill(9);
  assert.equal(taken.column('x').toArray(), [3, 1]);
});

test.run();
