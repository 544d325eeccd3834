import * as arrow from 'apache-arrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column } from '../../src/table/column.js';
import { Table } from '../../src/table/table.js';
import { Vectors } from '../../src/table/vector.js';
import { throwsError } from './expect-error.js';

function everyLayout(): Table {
  const rows = Array.from({ length: 21 }, (_, i) =>
    i % 5 === 2
      ? {}
      : {
          f64: i / 3,
          i64: 2n ** 60n + BigInt(i),
          bool: i % 2 === 0,
          text: `é${i}`,
          time: new Date(i * 1000),
          v: Vectors.dense(i, 1),
          s: Vectors.sparse(30, [i, 29], [1, i]),
          l: ['a', null, `${i}`],
        },
  );
  return Table.fromRows(rows)
    .withColumns(
      {
        i32: Int32Array.from(rows.keys()),
        f32: Float32Array.from(rows.keys()),
        lf: rows.map((_, i) => (i % 4 === 0 ? null : [i, 0.5])),
      },
      {},
    )
    .withColumns({
      d: Column.dictionary(
        Int32Array.from(rows.keys(), (i) => (i % 3) - 1),
        ['x', 'y'],
      ),
      ns: Column.timestamp(
        BigInt64Array.from(rows.keys(), (i) => BigInt(i)),
        'ns',
      ),
      v32: Column.dense(new Float32Array(42), 2),
    });
}

test('every layout goes to Arrow and back', () => {
  const table = everyLayout();
  const back = Table.fromArrow(table.toArrow());
  assert.equal(back.schema, table.schema);
  assert.equal(back.toRows(), table.toRows());
  assert.is(back.column('ns', 'timestamp').unit, 'ns');
  assert.instance(back.column('v32', 'vector').values, Float32Array);
});

test('slices go to Arrow and back', () => {
  const table = everyLayout();
  for (const [start, end] of [
    [3, 20],
    [8, 9],
    [5, 5],
  ] as const) {
    const slice = table.slice(start, end);
    assert.equal(Table.fromArrow(slice.toArrow()).toRows(), slice.toRows());
    assert.equal(Table.fromArrow(table.toArrow().slice(start, end)).toRows(), slice.toRows());
  }
});

test('Arrow IPC of the library that users import keeps every value', () => {
  const table = everyLayout();
  const read = arrow.tableFromIPC(arrow.tableToIPC(table.toArrow()));
  assert.is(read.numRows, 21);
  assert.equal(Table.fromArrow(read).toRows(), table.toRows());
});

test('Arrow itself reads the same values', () => {
  const read = everyLayout().toArrow();
  assert.is(read.getChild('text')!.get(1), 'é1');
  assert.is(read.getChild('d')!.get(1), 'x');
  assert.is(read.getChild('d')!.get(0), null);
  assert.equal([...read.getChild('v')!.get(3)], [3, 1]);
  assert.is(read.getChild('time')!.get(3), 3000);
  assert.is(read.getChild('bool')!.get(2), null);
});

test('buffers are the same memory on both sides', () => {
  const table = everyLayout();
  const back = Table.fromArrow(table.toArrow());
  const pairs = (t: Table): Record<string, ArrayBufferView> => ({
    f64: t.column('f64', 'float64').values,
    f64Validity: t.column('f64').validity!,
    f32: t.column('f32', 'float32').values,
    i32: t.column('i32', 'int32').values,
    i64: t.column('i64', 'int64').values,
    bool: t.column('bool', 'boolean').values,
    time: t.column('time', 'timestamp').values,
    vector: t.column('v', 'vector').values,
    indices: t.column('s', 'sparseVector').indices,
    values: t.column('s', 'sparseVector').values,
    offsets: t.column('s', 'sparseVector').offsets,
    list: t.column('l', 'string[]').offsets,
  });
  const [ours, theirs] = [pairs(table), pairs(back)];
  for (const name of Object.keys(ours)) {
    assert.is(theirs[name]!.buffer, ours[name]!.buffer, name);
    assert.is(theirs[name]!.byteOffset, ours[name]!.byteOffset, name);
  }
  const [text, dictionary] = [table.column('text'), table.column('d')];
  const [textBack, dictionaryBack] = [back.column('text'), back.column('d')];
  assert.ok(text.layout === 'utf8' && textBack.layout === 'utf8');
  assert.is(textBack.bytes.buffer, text.bytes.buffer);
  assert.ok(dictionary.layout === 'dictionary' && dictionaryBack.layout === 'dictionary');
  assert.is(dictionaryBack.codes.buffer, dictionary.codes.buffer);
});

test('an empty table keeps its schema, and sparse vectors their size', () => {
  const schema = {
    a: 'float64',
    v: 'vector',
    s: 'sparseVector',
    l: 'string[]',
    t: 'string',
  } as const;
  assert.equal(Table.fromArrow(Table.empty(schema).toArrow()).schema, schema);
  const empty = Table.fromColumns({
    s: Column.sparse(9, Int32Array.of(0), new Int32Array(0), new Float64Array(0)),
  });
  assert.is(Table.fromArrow(empty.toArrow()).column('s', 'sparseVector').size, 9);
});

test('columns of several chunks are joined', () => {
  const parts = [everyLayout().slice(0, 9), everyLayout().slice(9)].map((part) => part.toArrow());
  const joined = Table.fromArrow(parts[0]!.concat(parts[1]!));
  assert.equal(joined.toRows(), everyLayout().toRows());
  assert.equal(Table.fromArrow(parts[0]!.batches[0]!).toRows(), everyLayout().slice(0, 9).toRows());
});

test('Arrow types without a layout of ours are widened', () => {
  const table = new arrow.Table({
    u8: arrow.makeVector(Uint8Array.of(255)),
    i16: arrow.makeVector(Int16Array.of(-5)),
    u32: arrow.makeVector(Uint32Array.of(4294967295)),
    u64: arrow.makeVector(BigUint64Array.of(7n)),
    day: arrow.vectorFromArray([new Date(86_400_000)], new arrow.DateDay()),
    ms: arrow.vectorFromArray([new Date(5)], new arrow.DateMillisecond()),
    half: arrow.makeVector({ type: new arrow.Float16(), data: Uint16Array.of(0xc100) }),
    dec: arrow.makeVector({
      type: new arrow.Decimal(2, 10, 128),
      data: new Uint32Array(new BigInt64Array([-12345n, -1n]).buffer),
    }),
    word: arrow.vectorFromArray(['b'], new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8())),
    number: arrow.vectorFromArray(
      [2.5],
      new arrow.Dictionary(new arrow.Float64(), new arrow.Int32()),
    ),
    large: arrow.vectorFromArray(['é'], new arrow.LargeUtf8()),
    fixed: arrow.vectorFromArray(
      [[1, 2]],
      new arrow.FixedSizeList(2, new arrow.Field('item', new arrow.Int32())),
    ),
  });
  const read = Table.fromArrow(table);
  assert.equal(read.schema, {
    u8: 'int32',
    i16: 'int32',
    u32: 'float64',
    u64: 'int64',
    day: 'timestamp',
    ms: 'timestamp',
    half: 'float32',
    dec: 'float64',
    word: 'string',
    number: 'float64',
    large: 'string',
    fixed: 'int32[]',
  });
  assert.equal(read.row(0), {
    u8: 255,
    i16: -5,
    u32: 4294967295,
    u64: 7,
    day: new Date(86_400_000),
    ms: new Date(5),
    half: -2.5,
    dec: -123.45,
    word: 'b',
    number: 2.5,
    large: 'é',
    fixed: [1, 2],
  });
});

test('string views are read, short and long', () => {
  const long = 'a string of more than twelve bytes';
  const views = new DataView(new ArrayBuffer(32));
  views.setInt32(0, 2, true);
  views.setUint8(4, 104);
  views.setUint8(5, 105);
  views.setInt32(16, long.length, true);
  views.setInt32(24, 0, true);
  views.setInt32(28, 3, true);
  const data = arrow.makeData({
    type: new arrow.Utf8View(),
    length: 2,
    nullCount: 0,
    views: new Uint8Array(views.buffer),
    variadicBuffers: [Buffer.from(`...${long}`)],
  } as never) as arrow.Data;
  const table = new arrow.Table({ s: new arrow.Vector([data]) });
  assert.equal(Table.fromArrow(table).column('s').toArray(), ['hi', long]);
});

test('what no column type holds is refused with column and type', () => {
  const binary = new arrow.Table({
    b: arrow.vectorFromArray([Uint8Array.of(1)], new arrow.Binary()),
  });
  throwsError(
    () => Table.fromArrow(binary),
    'ERR_GYRE_SCHEMA',
    /column "b" is of Arrow type Binary/,
  );
  const huge = new arrow.Table({ u: arrow.makeVector(BigUint64Array.of(2n ** 63n)) });
  throwsError(
    () => Table.fromArrow(huge),
    'ERR_GYRE_SCHEMA',
    /9223372036854775808 of row 0 does not fit/,
  );
  throwsError(
    () => Table.fromArrow({} as never),
    'ERR_GYRE_SCHEMA',
    /must be an Arrow Table or RecordBatch/,
  );
  const child = arrow.vectorFromArray([1, null, 3, 4], new arrow.Float64()).data[0]!;
  const type = new arrow.FixedSizeList(2, new arrow.Field('item', new arrow.Float64(), true));
  const holes = new arrow.Table({
    v: new arrow.Vector([arrow.makeData({ type, child, length: 2, nullCount: 0 })]),
  });
  throwsError(
    () => Table.fromArrow(holes),
    'ERR_GYRE_DATA',
    /"v" has a null inside the vector of row 0/,
  );
});

test.run();
