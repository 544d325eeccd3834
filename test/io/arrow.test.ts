import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as arrow from 'apache-arrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readArrow } from '../../src/io/arrow.js';
import { decompressLz4Frame } from '../../src/io/lz4-frame.js';
import { writeArrow } from '../../src/io/write-arrow.js';
import { Column } from '../../src/table/column.js';
import type { Schema } from '../../src/table/schema.js';
import { type Row, Table } from '../../src/table/table.js';
import type { TableStream } from '../../src/table/table-stream.js';
import { Vectors } from '../../src/table/vector.js';
import { assertSame, range } from '../engine/support.js';
import { rejectsError, throwsError } from '../table/expect-error.js';
import { assertFilesClosed, openFiles, tempFolder } from './temp-folder.js';

const folder = tempFolder('arrow');
const path = join(folder, 'file.arrow');
const fixture = (name: string): string => join('test', 'io', 'fixtures', name);

const SCHEMA: Schema = {
  i: 'int64',
  x: 'float64',
  s: 'string',
  c: 'string',
  n: 'int32',
  v: 'vector',
};
const COLUMNS = Object.keys(SCHEMA);

/** A row of the fixtures, as test/io/fixtures/make-arrow.py makes it. */
const fixtureRow = (i: number): Row => ({
  i: i % 1000,
  x: i % 3 === 1 ? null : (i % 7) / 4,
  s: i % 5 === 2 ? null : `é${i % 11}`,
  c: `label ${i % 3}`,
  n: (i % 4) * 10,
  v: Vectors.dense([((2 * i) % 9) / 2, ((2 * i + 1) % 9) / 2]),
});

const numbers = (row: Row): Row => ({ ...row, v: String(row.v) });

async function sizes(stream: TableStream): Promise<number[]> {
  const rows: number[] = [];
  for await (const table of stream) rows.push(table.numRows);
  return rows;
}

for (const codec of ['lz4', 'zstd']) {
  test(`a ${codec} file of pyarrow is read, without the columns that have no type here`, async () => {
    const stream = readArrow(fixture(`${codec}.arrow`), { columns: COLUMNS });
    assert.equal(await stream.schema(), SCHEMA);
    const table = await stream.collect();
    assert.equal(table.schema, SCHEMA);
    assert.is(table.numRows, 20_000);
    for (const i of [0, 1, 2, 8190, 8191, 8192, 11_999, 12_000, 19_999]) {
      assertSame(numbers(table.row(i)), numbers(fixtureRow(i)), `row ${i}`);
    }
    const got = table.column('i', 'int64').values;
    assert.ok(got.every((value, i) => value === BigInt(i % 1000)));
    assert.equal(
      await sizes(readArrow(fixture(`${codec}.arrow`), { columns: ['x'] })),
      [12_000, 8_000],
    );
    await rejectsError(
      readArrow(fixture(`${codec}.arrow`)).collect(),
      'ERR_GYRE_SCHEMA',
      new RegExp(`${codec}\\.arrow: .*column "odd"`),
    );
  });
}

test('a stream of pyarrow is read, whose dictionaries take the place of each other', async () => {
  const open = () => readArrow(fixture('stream.arrows'), { columns: ['c', 'i'] });
  const table = await open().collect();
  const labels = range(30).map((i) => `${i - (i % 10)} ${(i % 10) % 4}`);
  assert.equal(table.column('c').toArray(), labels);
  assert.equal(await sizes(open()), [10, 10, 10]);
});

/** Every layout, with nulls. */
function everyLayout(n: number): Table {
  const rows = range(n).map((i) =>
    i % 5 === 2
      ? {}
      : {
          f64: i / 3,
          i64: 2n ** 60n + BigInt(i),
          bool: i % 2 === 0,
          text: `é${i}`,
          time: new Date(i * 1000),
          v: Vectors.dense(i, 1),
          s: Vectors.sparse(30, [i % 29, 29], [1, i]),
          l: ['a', null, `${i}`],
        },
  );
  return Table.fromRows(rows).withColumns({
    i32: Int32Array.from(rows.keys()),
    f32: Float32Array.from(rows.keys()),
    d: Column.dictionary(
      Int32Array.from(rows.keys(), (i) => (i % 3) - 1),
      ['x', 'y'],
    ),
    ns: Column.timestamp(BigInt64Array.from(rows.keys(), BigInt), 'ns'),
    v32: Column.dense(new Float32Array(n * 2), 2),
    ld: Column.list(
      Int32Array.from({ length: n + 1 }, (_, i) => i),
      Column.dictionary(
        Int32Array.from(rows.keys(), (i) => i % 2),
        ['p', 'q'],
      ),
    ),
  });
}

for (const format of ['file', 'stream'] as const) {
  test(`every layout is written as a ${format} and read back, from bytes and from a file`, async () => {
    const table = everyLayout(21);
    await writeArrow(path, table, { format, batchSize: 8 });
    for (const from of [path, readFileSync(path)]) {
      const back = readArrow(from);
      assert.equal(await back.schema(), table.schema);
      const read = await back.collect();
      assert.equal(read.toRows(), table.toRows());
      assert.is(read.column('ns', 'timestamp').unit, 'ns');
      assert.instance(read.column('v32', 'vector').values, Float32Array);
      assert.is(read.column('d').layout, 'dictionary');
    }
    assert.equal(await sizes(readArrow(path)), [8, 8, 5]);
    const own = arrow.tableFromIPC(readFileSync(path));
    assert.equal(Table.fromArrow(own).toRows(), table.toRows());
  });

  test(`dictionaries of a ${format} grow from batch to batch`, async () => {
    const dictionary = (codes: number[], labels: string[]) =>
      Table.fromColumns({ d: Column.dictionary(Int32Array.from(codes), labels) });
    const tables = [
      dictionary([-1, -1], ['none']).slice(0, 1),
      dictionary([0, 1, -1], ['p', 'q']),
      dictionary([1, 0], ['q', 'z']),
      Table.fromColumns({ d: ['q', null, 'new'] }),
      dictionary([0, 1, -1], ['p', 'q']),
    ];
    async function* batches(): AsyncGenerator<Table> {
      yield* tables;
    }
    await writeArrow(path, batches(), { format });
    const want = Table.concat(tables).toRows();
    assert.equal((await readArrow(path).collect()).toRows(), want);
    assert.equal(Table.fromArrow(arrow.tableFromIPC(readFileSync(path))).toRows(), want);
  });

  test(`an empty table keeps its columns as a ${format}`, async () => {
    const schema: Schema = { a: 'int32', s: 'string', w: 'sparseVector' };
    await writeArrow(path, Table.empty(schema), { format });
    assert.equal((await readArrow(path).collect()).schema, schema);
    assert.equal(await sizes(readArrow(path)), [0]);
  });

  test(`a ${format} is read on from every batch, and nothing before it is decoded`, async () => {
    const table = everyLayout(21);
    await writeArrow(path, table, { format, batchSize: 4 });
    const stream = readArrow(path, { columns: ['text', 'd'] });
    const all = (await stream.collect()).toRows();
    const places: unknown[] = [];
    for await (const _ of stream) places.push(stream.position!());
    assert.is(places.length, 6);
    for (const [i, place] of places.entries()) {
      await stream.seek!(place);
      assertSame((await stream.collect()).toRows(), all.slice((i + 1) * 4), `place ${i}`);
    }
  });
}

test('columns of bytes are views of them', async () => {
  await writeArrow(path, Table.fromColumns({ x: new Float64Array([1, 2, 3]) }));
  const bytes = new Uint8Array(readFileSync(path));
  const [x] = (await readArrow(bytes).collect()).column('x', 'float64').values;
  assert.is(x, 1);
  const view = (await readArrow(bytes).collect()).column('x', 'float64').values;
  assert.is(view.buffer, bytes.buffer);
  // Bytes that begin anywhere are copied, to where numbers can be.
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  assert.equal((await readArrow(shifted.subarray(3)).collect()).column('x').toArray(), [1, 2, 3]);
});

test('what a batch cannot have in the file of the first one is refused', async () => {
  const both = (a: Table, b: Table) =>
    writeArrow(
      path,
      (async function* () {
        yield a;
        yield b;
      })(),
    );
  const column = (name: string, c: Column) => Table.fromColumns(new Map([[name, c]]));
  const cases: readonly [Column, Column, RegExp][] = [
    [
      Column.dense([1, 2], 2),
      Column.dense([1, 2, 3], 3),
      /column "c" must be FixedSizeList\[2\].* as in the first batch, got FixedSizeList\[3\]/,
    ],
    [
      Column.timestamp(BigInt64Array.of(1n), 's'),
      Column.timestamp(BigInt64Array.of(1n), 'ns'),
      /must be Timestamp<SECOND>.*got Timestamp<NANOSECOND>/,
    ],
    [
      Column.from([Vectors.sparse(3, [0], [1])]),
      Column.from([Vectors.sparse(4, [0], [1])]),
      /must be sparse vectors of size 3 .*got sparse vectors of size 4/,
    ],
    [Column.from([1]), Column.from(['a']), /every batch must have the schema \{ c: float64 \}/],
  ];
  for (const [a, b, message] of cases) {
    await rejectsError(both(column('c', a), column('c', b)), 'ERR_GYRE_SCHEMA', message);
  }
  await rejectsError(
    writeArrow(path, (async function* (): AsyncGenerator<Table> {})()),
    'ERR_GYRE_SCHEMA',
    /ended before its first batch/,
  );
  await rejectsError(
    writeArrow(path, Table.empty({ a: 'int32' }), { format: 'feather' as never }),
    'ERR_GYRE_INVALID_PARAM',
    /format must be "file" or "stream", got "feather"/,
  );
  await rejectsError(
    writeArrow(path, Table.empty({ a: 'int32' }), { batchSize: 0 }),
    'ERR_GYRE_INVALID_PARAM',
    /batchSize/,
  );
});

test('files that are cut short or not Arrow are refused by name', async () => {
  const file = readFileSync(fixture('zstd.arrow'));
  const stream = readFileSync(fixture('stream.arrows'));
  const cases: readonly [Uint8Array, RegExp][] = [
    [file.subarray(0, 3000), /file\.arrow is truncated: its 3000 bytes must end with "ARROW1"/],
    [Buffer.from('a,b\n1,2\n3,4\n'), /is not an Arrow file or stream: it begins with "a,b\\n1,"/],
    [Buffer.alloc(0), /is not an Arrow file or stream: it begins with ""/],
    [stream.subarray(0, 2000), /file\.arrow ends at byte 2000, expected it to go on to/],
    [Buffer.concat([file.subarray(0, -40), Buffer.from('ARROW1')]), /its schema cannot be read/],
  ];
  for (const [bytes, message] of cases) {
    writeFileSync(path, bytes);
    await rejectsError(readArrow(path, { columns: ['i'] }).collect(), 'ERR_GYRE_FORMAT', message);
    await rejectsError(
      readArrow(new Uint8Array(bytes), { columns: ['i'] }).collect(),
      'ERR_GYRE_FORMAT',
      /^readArrow: \d+ bytes in memory/,
    );
  }
  const broken = Buffer.from(file).fill(0xff, 3000, 3400);
  writeFileSync(path, broken);
  await rejectsError(
    readArrow(path, { columns: ['i'] }).collect(),
    'ERR_GYRE_FORMAT',
    /record batch 0 cannot be read/,
  );
  await rejectsError(
    readArrow(fixture('zstd.arrow'), { columns: ['none'] }).collect(),
    'ERR_GYRE_SCHEMA',
    /has no column "none"; it has "i", "x"/,
  );
  throwsError(() => readArrow([]), 'ERR_GYRE_INVALID_PARAM', /one file or more/);
});

test('a consumer that breaks off leaves no file open', async () => {
  const before = openFiles();
  for await (const _ of readArrow(fixture('lz4.arrow'), { columns: ['i'] })) break;
  for await (const _ of readArrow(fixture('stream.arrows'), { columns: ['i'] })) break;
  await assertFilesClosed(before);
});

test('broken LZ4 frames are refused', () => {
  const magic = [0x04, 0x22, 0x4d, 0x18, 0x40, 0x40, 0];
  const frame = (...block: number[]): Uint8Array =>
    Uint8Array.of(...magic, block.length, 0, 0, 0, ...block, 0, 0, 0, 0);
  // Four literals, then a match of five that begins two back.
  const good = frame(0x41, 97, 98, 99, 100, 2, 0, 0x10, 33);
  assert.is(Buffer.from(decompressLz4Frame(good)).toString(), 'abcdcdcdc!');
  const stored = Uint8Array.of(...magic, 2, 0, 0, 0x80, 104, 105, 0, 0, 0, 0);
  assert.is(Buffer.from(decompressLz4Frame(stored)).toString(), 'hi');
  const cases: readonly [Uint8Array, RegExp][] = [
    [Uint8Array.of(1, 2, 3), /no magic number/],
    [Uint8Array.of(...magic.with(4, 0x41)), /a dictionary/],
    [Uint8Array.of(...magic), /it ends early/],
    [Uint8Array.of(...magic, 9, 0, 0, 0, 1), /a block ends early/],
    [frame(0x41, 97), /literals end early/],
    [frame(0xf0, 255), /a length ends early/],
    [frame(0x10, 97, 2), /an offset ends early/],
    [frame(0x10, 97, 2, 0), /a match begins before the data/],
    [frame(0x10, 97, 0, 0), /a match begins before the data/],
  ];
  for (const [bytes, message] of cases) {
    throwsError(() => decompressLz4Frame(bytes), 'ERR_GYRE_FORMAT', message);
  }
});

test.run();
