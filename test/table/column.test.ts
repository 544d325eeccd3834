import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column } from '../../src/table/column.js';
import type { DenseVectorColumn } from '../../src/table/dense-vector-column.js';
import type { DictionaryColumn } from '../../src/table/dictionary-column.js';
import type { Int64Column } from '../../src/table/int64-column.js';
import type { ListColumn } from '../../src/table/list-column.js';
import type { NumericColumn } from '../../src/table/numeric-column.js';
import type { ColumnType } from '../../src/table/schema.js';
import type { SparseVectorColumn } from '../../src/table/sparse-vector-column.js';
import type { TimestampColumn } from '../../src/table/timestamp-column.js';
import { Vectors } from '../../src/table/vector.js';
import { throwsError } from './expect-error.js';

test('types are told from the values', () => {
  const cases: readonly [unknown[], ColumnType][] = [
    [[1, 2.5], 'float64'],
    [[1, null], 'float64'],
    [[1n, 2], 'int64'],
    [[true, undefined], 'boolean'],
    [['a'], 'string'],
    [[new Date(0)], 'timestamp'],
    [[Vectors.dense(1)], 'vector'],
    [[Vectors.sparse(2, [0], [1])], 'sparseVector'],
    [[Vectors.dense(1, 2), Vectors.sparse(2, [0], [1])], 'vector'],
    [[[1, 2], []], 'float64[]'],
    [[['a'], null], 'string[]'],
    [[[]], 'float64[]'],
    [[Float32Array.of(1)], 'float32[]'],
    [[Int32Array.of(1)], 'int32[]'],
    [[[new Date(0)]], 'timestamp[]'],
  ];
  for (const [values, type] of cases) assert.is(Column.from(values).type, type);
});

test('a typed array is a numeric column as it stands', () => {
  for (const values of [Float64Array.of(1, 2), Float32Array.of(1, 2), Int32Array.of(1, 2)]) {
    const column = Column.from(values) as NumericColumn;
    assert.is(column.values, values);
    assert.equal(column.toArray(), [1, 2]);
  }
  const longs = BigInt64Array.of(5n);
  assert.is((Column.from(longs) as Int64Column).values, longs);
  assert.is((Column.from(longs, 'timestamp') as TimestampColumn).values, longs);
  assert.is(Column.from(Uint8Array.of(200)).type, 'int32');
  assert.equal(Column.from(Uint32Array.of(4294967295)).toArray(), [4294967295]);
  assert.equal(Column.from(Float64Array.of(1), 'float32').type, 'float32');
});

test('what is allocated is shared memory', () => {
  const floats = Column.from([1, null]) as NumericColumn;
  assert.instance(floats.values.buffer, SharedArrayBuffer);
  assert.instance(floats.validity!.buffer, SharedArrayBuffer);
  const text = Column.from(['a']);
  assert.ok(text.layout === 'utf8' && text.bytes.buffer instanceof SharedArrayBuffer);
});

const scalars: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  float64: fc.double(),
  float32: fc.float(),
  int32: fc.integer(),
  int64: fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((v) => (Number.isSafeInteger(Number(v)) ? Number(v) : v)),
  boolean: fc.boolean(),
  string: fc.string({ unit: 'binary' }),
  timestamp: fc.date({ noInvalidDate: true }),
};

test('values of every type come back as they were, from slices too', () => {
  for (const [type, value] of Object.entries(scalars)) {
    for (const [columnType, cell] of [
      [type, value],
      [`${type}[]`, fc.array(fc.option(value), { maxLength: 4 })],
    ] as [ColumnType, fc.Arbitrary<unknown>][]) {
      fc.assert(
        fc.property(fc.array(fc.option(cell)), fc.nat(12), fc.nat(12), (values, start, end) => {
          const column = Column.from(values, columnType);
          assert.is(column.type, columnType);
          assert.equal(column.toArray(), values);
          assert.equal([...column], values);
          assert.is(column.nullCount, values.filter((v) => v === null).length);
          const slice = column.slice(start, end);
          assert.equal(slice.toArray(), values.slice(start, end));
          assert.equal(slice.slice(1).toArray(), values.slice(start, end).slice(1));
        }),
        { seed: 6, numRuns: 60 },
      );
    }
  }
});

test('long runs of strings are encoded as short ones, with or without accents', () => {
  const values = Array.from({ length: 5000 }, (_, i) =>
    i % 977 === 0 ? null : i > 2000 && i < 2100 ? `é€😀${i}` : `row ${i}`,
  );
  assert.equal(Column.from(values).toArray(), values);
  // Two halves of a surrogate pair in neighbouring rows are not one character.
  assert.equal(Column.from(['\ud83d', '\ude00']).toArray(), ['\ufffd', '\ufffd']);
});

test('vectors come back as views of the matrix', () => {
  const column = Column.from([[1, 2], null, [3, 4]], 'vector') as DenseVectorColumn;
  assert.is(column.dim, 2);
  assert.equal(column.toArray().map(String), ['[1.0, 2.0]', 'null', '[3.0, 4.0]']);
  assert.is(column.get(2)!.values.buffer, column.values.buffer);
  assert.is(column.slice(2).values.buffer, column.values.buffer);
  const narrow = Column.dense(Float32Array.of(0.5, 1.5), 2);
  assert.equal(narrow.get(0)!.values, Float64Array.of(0.5, 1.5));
  const mixed = Column.from([Vectors.sparse(3, [1], [5]), Vectors.dense(1, 2, 3)]);
  assert.equal((mixed as DenseVectorColumn).values, Float64Array.of(0, 5, 0, 1, 2, 3));
});

test('sparse vectors are rows of CSR arrays, sorted in copies where they have to be', () => {
  const offsets = Int32Array.of(0, 2, 2, 3);
  const indices = Int32Array.of(1, 3, 0);
  const values = Float64Array.of(10, 30, 5);
  const column = Column.sparse(4, offsets, indices, values);
  assert.is(column.indices, indices);
  assert.is(column.values, values);
  assert.equal(column.toArray().map(String), [
    '(4, [1, 3], [10.0, 30.0])',
    '(4, [], [])',
    '(4, [0], [5.0])',
  ]);
  assert.is(String(column.slice(2).get(0)), '(4, [0], [5.0])');
  const unsorted = Int32Array.of(3, 1, 0);
  const sorted = Column.sparse(4, offsets, unsorted, values);
  assert.equal(sorted.indices, Int32Array.of(1, 3, 0));
  assert.equal(sorted.values, Float64Array.of(30, 10, 5));
  assert.equal(unsorted, Int32Array.of(3, 1, 0));
  const made = Column.from(
    [Vectors.sparse(3, [2], [7]), null, Vectors.dense(0, 1, 0)],
    'sparseVector',
  );
  assert.equal((made as SparseVectorColumn).indices, Int32Array.of(2, 1));
});

test('a dictionary keeps its arrays and reads the code -1 as null', () => {
  const codes = Int32Array.of(0, 1, 0);
  const labels = ['a', 'b'];
  const column = Column.dictionary(codes, labels);
  assert.is(column.codes, codes);
  assert.is(column.labels, labels);
  assert.is(column.validity, null);
  assert.equal(column.toArray(), ['a', 'b', 'a']);
  assert.is((column.slice(1) as DictionaryColumn).labels, labels);
  const given = Uint8Array.of(0b101);
  const missing = Column.dictionary(Int32Array.of(-1, 9, 1), labels, given);
  assert.equal(missing.toArray(), [null, null, 'b']);
  assert.is(missing.nullCount, 2);
  assert.equal(given, Uint8Array.of(0b101));
});

test('int64 gives numbers where they are exact, and doubles without bigints', () => {
  const column = Column.from([1, 2n ** 60n, -3n, null, -(2n ** 53n) + 1n], 'int64') as Int64Column;
  assert.equal(column.toArray(), [1, 2n ** 60n, -3, null, -(2 ** 53) + 1]);
  assert.equal([...column.toFloat64()], [1, 2 ** 60, -3, Number.NaN, -(2 ** 53) + 1]);
});

test('numbers as doubles are the values themselves when they are that already', () => {
  const values = Float64Array.of(1, 2);
  assert.is(Column.numeric(values).toFloat64(), values);
  assert.equal([...Column.numeric(values, Uint8Array.of(0b10)).toFloat64()], [Number.NaN, 2]);
  assert.equal(Column.numeric(Int32Array.of(-4)).toFloat64(), Float64Array.of(-4));
});

test('timestamps of every unit are instants, before the epoch too', () => {
  const ns = -1_500_000_001n;
  const cases = [
    ['s', -2n, -2000],
    ['ms', -1500n, -1500],
    ['us', -1_500_001n, -1501],
    ['ns', ns, -1501],
  ] as const;
  for (const [unit, value, ms] of cases) {
    assert.is(Column.timestamp(BigInt64Array.of(value), unit).get(0)!.getTime(), ms);
  }
  const us = Column.timestamp(BigInt64Array.of(1_000_000_000_000_001n), 'us', Uint8Array.of(1));
  assert.is(us.epochMs(0), 1_000_000_000_000.001);
  assert.equal(
    [...Column.timestamp(BigInt64Array.of(1n, 2n), 's', Uint8Array.of(1)).toEpochMs()],
    [1000, Number.NaN],
  );
});

test('lists keep the elements of all rows end to end', () => {
  const column = Column.from([[1, 2], null, [], [3]]) as ListColumn;
  assert.equal(column.offsets, Int32Array.of(0, 2, 2, 2, 3));
  assert.equal(column.slice(2).toArray(), [[], [3]]);
  const made = Column.list(Int32Array.of(0, 1, 2), Column.from(['a', null]));
  assert.equal(made.toArray(), [['a'], [null]]);
});

test('values that are not of the type are refused with row and value', () => {
  const refused: readonly [unknown[], ColumnType | undefined, RegExp][] = [
    [[1, 'a'], undefined, /row 1 is a string where the rows before are of kind number/],
    [[1.5, 2n], undefined, /row 1 is a bigint/],
    [[{}], undefined, /row 0 must be a number.*got Object/],
    [[], undefined, /from no values; give a schema/],
    [[null], undefined, /all null; give a schema/],
    [[1, 'a'], 'float64', /row 1 must be float64, got "a"/],
    [[2 ** 31], 'int32', /row 0 must be int32, got 2147483648/],
    [[1.5], 'int64', /must be int64, got 1.5/],
    [[2n ** 63n], 'int64', /must be int64, got 9223372036854775808n/],
    [[0], 'boolean', /must be boolean, got 0/],
    [[1], 'string', /must be string, got 1/],
    [[new Date(Number.NaN)], 'timestamp', /must be timestamp/],
    [[['a']], 'vector', /row 0 must be vector/],
    [[[1]], 'sparseVector', /must be sparseVector/],
    [[[1, 'a']], 'float64[]', /elements of lists: row 1 must be float64/],
    [[[[1]]], undefined, /lists hold scalars or vectors/],
  ];
  for (const [values, type, message] of refused) {
    throwsError(() => Column.from(values, type), 'ERR_GYRE_SCHEMA', message);
  }
  throwsError(() => Column.from('abc'), 'ERR_GYRE_SCHEMA', /must be a list of values/);
  throwsError(
    () => Column.from([1], 'double' as ColumnType),
    'ERR_GYRE_SCHEMA',
    /"double" is not known/,
  );
  throwsError(
    () => Column.from(Column.from([1]), 'string'),
    'ERR_GYRE_SCHEMA',
    /column of float64/,
  );
});

test('vectors of different sizes are refused with row, size and the size expected', () => {
  const error = throwsError(
    () => Column.from([[1, 2], null, [1, 2, 3]], 'vector'),
    'ERR_GYRE_DIMENSION',
    /row 2 has a vector of 3 entries, expected 2/,
  );
  assert.is(error.details.row, 2);
  assert.is(error.details.got, 3);
  assert.is(error.details.expected, 2);
  throwsError(
    () => Column.from([Vectors.sparse(2, [], []), Vectors.sparse(3, [], [])]),
    'ERR_GYRE_DIMENSION',
    /row 1 has a vector of 3 entries, expected 2/,
  );
});

test('arrays that do not make a column are refused', () => {
  const none = new Float64Array(0);
  throwsError(() => Column.dense([1, 2, 3], 2), 'ERR_GYRE_DIMENSION', /3 values.*2 entries/);
  throwsError(() => Column.dense([], 0), 'ERR_GYRE_INVALID_PARAM', /dim must be.*got 0/);
  const bytes = new Uint8Array(4);
  for (const offsets of [Int32Array.of(0, 3, 2), Int32Array.of(0, 5), Int32Array.of(-1, 2)]) {
    throwsError(
      () => Column.utf8(bytes, offsets),
      'ERR_GYRE_DATA',
      /offsets must rise from 0 to at most 4/,
    );
  }
  throwsError(() => Column.utf8(bytes, new Int32Array(0)), 'ERR_GYRE_INVALID_PARAM', /offsets/);
  throwsError(
    () => Column.dictionary(Int32Array.of(0, 2), ['a', 'b']),
    'ERR_GYRE_DATA',
    /row 1 is 2/,
  );
  throwsError(() => Column.dictionary(Int32Array.of(-2), ['a']), 'ERR_GYRE_DATA', /row 0 is -2/);
  throwsError(
    () => Column.sparse(2, Int32Array.of(0, 1), Int32Array.of(0), none),
    'ERR_GYRE_DIMENSION',
    /got 1 and 0/,
  );
  throwsError(
    () => Column.sparse(2, Int32Array.of(0, 0, 1), Int32Array.of(2), Float64Array.of(1)),
    'ERR_GYRE_DATA',
    /row 1: .*in \[0, 2\), got 2/,
  );
  throwsError(
    () => Column.sparse(2, Int32Array.of(0, 2), Int32Array.of(1, 1), Float64Array.of(1, 2)),
    'ERR_GYRE_DATA',
    /row 0: .*given twice/,
  );
  throwsError(
    () => Column.numeric(new Float64Array(9), bytes.subarray(0, 1)),
    'ERR_GYRE_DIMENSION',
    /9 rows needs 2 bytes, got 1/,
  );
  throwsError(() => Column.boolean(bytes, 33), 'ERR_GYRE_DIMENSION', /33 rows need 5 bytes/);
  throwsError(
    () => Column.timestamp(new BigInt64Array(1), 'min' as 's'),
    'ERR_GYRE_INVALID_PARAM',
    /unit.*"min"/,
  );
  throwsError(
    () => Column.list(Int32Array.of(0), Column.from([[1]], 'int32[]')),
    'ERR_GYRE_SCHEMA',
    /child of int32\[\]/,
  );
  throwsError(() => Column.from([1]).get(1), 'ERR_GYRE_INVALID_PARAM', /\[0, 1\), got 1/);
});

test.run();
