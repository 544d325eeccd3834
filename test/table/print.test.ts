import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column } from '../../src/table/column.js';
import { Table } from '../../src/table/table.js';
import { Vectors } from '../../src/table/vector.js';
import { throwsError } from './expect-error.js';

const lines = (...text: string[]): string => text.join('\n');

test('names, types and rows are aligned: numbers to the right', () => {
  const table = Table.fromRows(
    [
      { id: 1, name: 'ada', x: Vectors.dense(0.5, 1), at: new Date(0) },
      { id: -20, name: null, x: null, at: null },
    ],
    { id: 'int32' },
  );
  assert.is(
    table.toText(),
    lines(
      '   id  name    x         at',
      'int32  string  vector    timestamp',
      '    1  ada     [0.5, 1]  1970-01-01T00:00:00.000Z',
      '  -20  null    null      null',
      '2 rows, 4 columns',
    ),
  );
});

test('the first rows are shown, as many as are asked for', () => {
  const table = Table.fromColumns({ x: Array.from({ length: 30 }, (_, i) => i) });
  assert.is(table.toText().split('\n').length, 13);
  assert.is(
    table.toText({ rows: 1 }),
    lines('      x', 'float64', '      0', '30 rows, 1 column; the first 1 rows are shown'),
  );
  assert.match(table.toText({ rows: 0 }), /^ {6}x\nfloat64\n30 rows/);
  assert.is(table.toText({ rows: Number.POSITIVE_INFINITY }).split('\n').length, 33);
  for (const rows of [-1, 1.5, '3' as never]) {
    throwsError(() => table.toText({ rows }), 'ERR_GYRE_INVALID_PARAM', /rows must be an integer/);
  }
});

test('columns that do not fit are named, long cells are cut', () => {
  const table = Table.fromColumns({
    a: ['x'.repeat(50)],
    b: [1],
    c: [2],
  });
  const text = table.toText({ width: 41 });
  assert.is(
    text,
    lines(
      'a                                       b',
      'string                            float64',
      `${'x'.repeat(31)}…        1`,
      '1 row, 3 columns; not shown: c',
    ),
  );
  assert.match(table.toText({ width: 1 }), /not shown: b, c$/);
});

test('numbers are short: integers in full, others to six digits', () => {
  const x = [1 / 3, 123456789, 1e21, -0, Number.NaN, Infinity, 1.5e-7, 0.1 + 0.2];
  const text = Table.fromColumns({ x }).toText();
  const cells = text.split('\n').slice(2, -1);
  assert.equal(
    cells.map((cell) => cell.trim()),
    ['0.333333', '123456789', '1e+21', '-0', 'NaN', 'Infinity', '1.5e-7', '0.3'],
  );
});

test('cells of every kind are one line each, that no terminal acts on', () => {
  const table = Table.fromColumns({
    'new\nline': ['\u001b[31mred\ttab\u009b', '日本語'],
    i: Column.from([2n ** 60n, null]),
    b: [true, false],
    d: Column.dictionary(Int32Array.of(1, -1), ['p', 'q']),
    s: Column.from([Vectors.sparse(7, [1, 6], [0.5, 2]), Vectors.sparse(7, [], [])]),
    l: Column.from([['a', null], []]),
    v: Column.dense(new Float64Array(2000), 1000),
  });
  assert.is(
    table.toText({ width: 200 }),
    lines(
      'new\\nline                                   i  b        d       s                 l          v',
      'string                                  int64  boolean  string  sparseVector      string[]   vector',
      '\\u001b[31mred\\ttab\\u009b  1152921504606846976  true     q       7 [1: 0.5, 6: 2]  [a, null]  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, …',
      '日本語                                   null  false    null    7 []              []         [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, …',
      '2 rows, 7 columns',
    ),
  );
});

test('tables without rows or columns have a text', () => {
  assert.is(Table.fromColumns({}).toText(), '0 rows, 0 columns');
  assert.is(Table.empty({ a: 'string' }).toText(), lines('a', 'string', '0 rows, 1 column'));
});

test('print writes the text and the end of its line', () => {
  const written: string[] = [];
  const { write } = process.stdout;
  process.stdout.write = ((text: string) => written.push(text) > 0) as typeof write;
  try {
    Table.fromColumns({ x: [1] }).print({ rows: 1 });
  } finally {
    process.stdout.write = write;
  }
  assert.equal(written, ['      x\nfloat64\n      1\n1 row, 1 column\n']);
});

test.run();
