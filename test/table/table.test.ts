import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column } from '../../src/table/column.js';
import { requireColumn } from '../../src/table/require-column.js';
import type { Schema } from '../../src/table/schema.js';
import { Table } from '../../src/table/table.js';
import { Vectors } from '../../src/table/vector.js';
import { throwsError } from './expect-error.js';

const ROWS = [
  { id: 1, name: 'a', x: Vectors.dense(1, 2) },
  { id: 2, name: null, x: null },
  { id: 3, name: 'c', x: Vectors.dense(5, 6) },
];

test('rows go in and come out, with null for what is missing', () => {
  const table = Table.fromRows([{ a: 1 }, { b: 'x' }, { a: 3, b: undefined }]);
  assert.equal(table.schema, { a: 'float64', b: 'string' });
  assert.equal(table.toRows(), [
    { a: 1, b: null },
    { a: null, b: 'x' },
    { a: 3, b: null },
  ]);
  assert.equal(Table.fromRows(ROWS).toRows(), ROWS);
  assert.equal(Table.fromRows(new Set(ROWS)).row(2), ROWS[2]);
});

test('a schema gives types and order, and columns that no row has', () => {
  const schema: Schema = { x: 'vector', when: 'timestamp', id: 'int64' };
  const table = Table.fromRows([{ id: 1, x: [1, 2], more: true }], schema);
  assert.equal(table.columnNames, ['x', 'when', 'id', 'more']);
  assert.equal(Object.entries(table.schema), [...Object.entries(schema), ['more', 'boolean']]);
  assert.equal(table.row(0), { x: Vectors.dense(1, 2), when: null, id: 1, more: true });
});

test('columns are taken as they stand', () => {
  const values = Float64Array.of(1, 2);
  const labels = Column.dictionary(Int32Array.of(0, 0), ['a']);
  const table = Table.fromColumns({ values, labels, plain: ['x', 'y'] });
  assert.is(table.column('values', 'float64').values, values);
  assert.is(table.column('labels'), labels);
  assert.equal(table.schema, { values: 'float64', labels: 'string', plain: 'string' });
  assert.is(table.numRows, 2);
});

test('an empty table has the columns of its schema', () => {
  const schema: Schema = {
    a: 'float64',
    v: 'vector',
    s: 'sparseVector',
    l: 'string[]',
    t: 'timestamp',
  };
  const table = Table.empty(schema);
  assert.equal(table.schema, schema);
  assert.is(table.numRows, 0);
  assert.equal(table.toRows(), []);
  assert.equal(Table.fromRows([]).columnNames, []);
});

test('select, withColumn and withColumns keep the columns they do not change', () => {
  const table = Table.fromRows(ROWS);
  assert.equal(table.select(['name', 'id']).columnNames, ['name', 'id']);
  assert.is(table.select(['name']).column('name'), table.column('name'));
  const more = table
    .withColumn('y', [1, 2, 3], 'int32')
    .withColumns({ id: ['p', 'q', 'r'], z: [true, false, null] });
  assert.equal(more.columnNames, ['id', 'name', 'x', 'y', 'z']);
  assert.equal(more.schema, {
    id: 'string',
    name: 'string',
    x: 'vector',
    y: 'int32',
    z: 'boolean',
  });
  assert.is(more.column('x'), table.column('x'));
  assert.equal(table.columnNames, ['id', 'name', 'x']);
  assert.is(Table.empty({}).withColumn('a', [1]).numRows, 1);
});

test('a slice shares memory with its table', () => {
  const table = Table.fromRows(ROWS);
  const slice = table.slice(1, 3);
  assert.equal(slice.toRows(), ROWS.slice(1, 3));
  assert.equal(table.slice(-1).toRows(), ROWS.slice(-1));
  assert.is(slice.column('x', 'vector').values.buffer, table.column('x', 'vector').values.buffer);
});

test('concat joins every layout, of slices too', () => {
  const wide = (from: number, labels: string[]): Table =>
    Table.fromRows(
      Array.from({ length: 11 }, (_, k) => {
        const i = from + k;
        const gap = i % 4 === 0;
        return {
          f: gap ? null : i / 2,
          n: gap ? null : i,
          b: gap ? null : i % 3 === 0,
          t: gap ? null : new Date(i),
          s: gap ? null : `é${i}`,
          v: gap ? null : Vectors.dense(i, -i),
          w: gap ? null : Vectors.sparse(20, [i % 20], [i]),
          l: gap ? null : [i, null],
          m: gap ? null : [`${i}`],
        };
      }),
      { n: 'int64', l: 'int32[]' },
    ).withColumn(
      'd',
      Column.dictionary(
        Int32Array.from({ length: 11 }, (_, i) => (i % 3) - 1),
        labels,
      ),
    );
  const parts = [
    wide(0, ['p', 'q']).slice(3),
    wide(50, ['q', 'r']).slice(1, 10),
    wide(90, ['p', 'q']),
  ];
  const all = Table.concat(parts);
  assert.equal(
    all.toRows(),
    parts.flatMap((part) => part.toRows()),
  );
  assert.is(all.column('d').layout, 'dictionary');
  assert.instance(all.column('v', 'vector').values.buffer, SharedArrayBuffer);
  assert.equal(
    Table.concat([parts[0]!, all.slice(0, 0), Table.empty(all.schema)]).toRows(),
    parts[0]!.toRows(),
  );
  assert.is(Table.concat([]).numRows, 0);
});

test('concat keeps one array of labels when the parts share it, and mixes strings of both layouts', () => {
  const labels = ['a', 'b'];
  const part = (code: number): Table =>
    Table.fromColumns({ s: Column.dictionary(Int32Array.of(code), labels) });
  const joined = Table.concat([part(0), part(1)]).column('s');
  assert.is(joined.layout === 'dictionary' && joined.labels, labels);
  const mixed = Table.concat([part(1), Table.fromRows([{ s: 'z' }]), part(-1)]);
  assert.equal(mixed.column('s').toArray(), ['b', 'z', null]);
});

test('concat takes vectors together with tables that have nulls alone', () => {
  const types: Schema = { v: 'vector', s: 'sparseVector' };
  const rows = [
    { v: null, s: null },
    { v: Vectors.dense(1, 2), s: Vectors.sparse(3, [1], [5]) },
  ];
  const [nulls, filled] = rows.map((row) => Table.fromRows([row], types));
  const joined = Table.concat([nulls!, filled!, nulls!]);
  assert.equal(joined.toRows(), [rows[0], rows[1], rows[0]]);
  assert.is(joined.column('v', 'vector').values.length, 6);
});

test('concat of timestamps takes the finest unit', () => {
  const seconds = Table.fromColumns({ t: Column.timestamp(BigInt64Array.of(2n), 's') });
  const micros = Table.fromColumns({ t: Column.timestamp(BigInt64Array.of(7n), 'us') });
  const joined = Table.concat([seconds, micros]).column('t', 'timestamp');
  assert.is(joined.unit, 'us');
  assert.equal(joined.values, BigInt64Array.of(2_000_000n, 7n));
});

test('column names are names, never properties of objects', () => {
  const table = Table.fromRows([{ constructor: 1, toString: 'x' }]);
  assert.equal(table.columnNames, ['constructor', 'toString']);
  assert.is(table.has('valueOf'), false);
  throwsError(() => table.column('valueOf'), 'ERR_GYRE_SCHEMA', /no column "valueOf"/);
});

test('a missing column is named together with those there are', () => {
  const error = throwsError(
    () => Table.fromRows(ROWS).column('y'),
    'ERR_GYRE_SCHEMA',
    /no column "y"; it has "id", "name", "x"/,
  );
  assert.equal(error.details.columns, ['id', 'name', 'x']);
  throwsError(
    () => Table.fromRows(ROWS).column('x', 'string', 'int32'),
    'ERR_GYRE_SCHEMA',
    /^column "x" must be string or int32, got vector\.$/,
  );
});

test('wrong tables are refused with the column', () => {
  throwsError(
    () => Table.fromColumns({ a: [1], b: [1, 2] }),
    'ERR_GYRE_DIMENSION',
    /"b" has 2 rows, expected 1 as in column "a"/,
  );
  throwsError(
    () => Table.fromRows(ROWS).withColumn('y', [1]),
    'ERR_GYRE_DIMENSION',
    /"y" has 1 rows, expected 3/,
  );
  throwsError(
    () => Table.fromRows([{ a: 1 }, { a: 'x' }]),
    'ERR_GYRE_SCHEMA',
    /^column "a": row 1 is a string/,
  );
  throwsError(
    () => Table.fromRows([1 as never]),
    'ERR_GYRE_SCHEMA',
    /row 0 must be an object, got 1/,
  );
  throwsError(
    () => Table.fromRows([{ v: [1] }, { v: [1, 2] }], { v: 'vector' }),
    'ERR_GYRE_DIMENSION',
    /column "v": row 1/,
  );
  throwsError(
    () => Table.fromColumns({ a: [1] }, { b: 'int32' }),
    'ERR_GYRE_SCHEMA',
    /names the column "b".*there are "a"/,
  );
  throwsError(
    () => Table.empty({ a: 'double' as 'float64' }),
    'ERR_GYRE_SCHEMA',
    /"a" has the unknown type "double"/,
  );
  throwsError(
    () => Table.concat([Table.fromRows([{ a: 1 }]), Table.fromRows([{ a: 'x' }])]),
    'ERR_GYRE_SCHEMA',
    /table 1 must have the schema { a: float64 }, got { a: string }/,
  );
  throwsError(
    () => Table.concat([[1], [1, 2]].map((v) => Table.fromRows([{ v }], { v: 'vector' }))),
    'ERR_GYRE_DIMENSION',
    /column "v" has vectors of 2 entries in one table and of 1 in another/,
  );
});

test('requireColumn gives a stage its column or says what is wrong', () => {
  const table = Table.fromRows(ROWS);
  assert.is(requireColumn('KMeans', table, 'x', ['vector', 'sparseVector']), table.column('x'));
  throwsError(
    () => requireColumn('KMeans', table, 'name', ['vector', 'sparseVector']),
    'ERR_GYRE_SCHEMA',
    /^KMeans: column "name" must be vector or sparseVector, got string\.$/,
  );
  throwsError(
    () => requireColumn('KMeans', table, 'features', ['vector']),
    'ERR_GYRE_SCHEMA',
    /^KMeans: there is no column "features"; the table has "id", "name", "x"\.$/,
  );
});

test.run();
