import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readParquet } from '../../src/io/parquet.js';
import { pageCodes } from '../../src/io/parquet-pages.js';
import { writeParquet } from '../../src/io/write-parquet.js';
import { Column } from '../../src/table/column.js';
import type { ColumnType } from '../../src/table/schema.js';
import { Table } from '../../src/table/table.js';
import { TableStream } from '../../src/table/table-stream.js';
import { Vectors } from '../../src/table/vector.js';
import { rejectsError, throwsError } from '../table/expect-error.js';
import { assertFilesClosed, openFiles, tempFolder } from './temp-folder.js';

const folder = tempFolder('parquet');
const root = new URL('../../../', import.meta.url);
const FLIGHTS = new URL('node_modules/vega-datasets/data/flights-3m.parquet', root);
const fixture = (name: string): URL => new URL(`test/io/fixtures/${name}.parquet`, root);

test('three million flights are read in time order, as they are', async () => {
  const schema = {
    date: 'timestamp',
    delay: 'int64',
    distance: 'int64',
    origin: 'string',
    destination: 'string',
  };
  assert.equal(await readParquet(FLIGHTS).schema(), schema);
  let [rows, late, last, groups] = [0, 0, Number.NEGATIVE_INFINITY, 0];
  for await (const table of readParquet(FLIGHTS)) {
    if (rows === 0) {
      assert.equal(table.row(0), {
        date: new Date('2001-01-01T00:01:00Z'),
        delay: 33,
        distance: 2176,
        origin: 'LAS',
        destination: 'PHL',
      });
      assert.is(table.column('origin').layout, 'dictionary');
    }
    for (const ms of table.column('date', 'timestamp').toEpochMs()) {
      if (ms < last) assert.unreachable(`row ${rows} is earlier than the one before`);
      last = ms;
    }
    for (const delay of table.column('delay', 'int64').toFloat64()) if (delay > 15) late++;
    rows += table.numRows;
    groups++;
  }
  assert.is(rows, 3_000_000);
  assert.is(groups, 11);
  assert.is(late / rows, 0.199685);
});

test('columns and row groups are chosen, in the order asked for', async () => {
  const columns = ['origin', 'delay'];
  const all = await readParquet(FLIGHTS, { columns, rowGroups: [1] }).collect();
  assert.equal(all.columnNames, columns);
  assert.is(all.numRows, 272_727);
  const twice = await readParquet(FLIGHTS, { columns: ['delay'], rowGroups: [10, 1] }).collect();
  assert.is(twice.numRows, 272_730 + 272_727);
  assert.equal(twice.slice(272_730, 272_740).toRows(), all.slice(0, 10).select(['delay']).toRows());
});

/** What `fixtures/make.py` wrote. */
function fixtureRow(i: number): Record<string, unknown> {
  const required = { required: i };
  const names =
    'int32 uint32 int64 code float32 float64 boolean label text date us decimal list struct';
  if (i % 3 === 1)
    return { ...Object.fromEntries(names.split(' ').map((n) => [n, null])), ...required };
  return {
    int32: i - 7,
    uint32: 4294967295 - i,
    int64: i % 2 ? 2n ** 53n + BigInt(i) : -i,
    code: (i % 5) * 10 ** 12,
    float32: i / 4,
    float64: i / 7,
    boolean: i % 4 === 0,
    label: `é${i % 6}`,
    text: `${i}${'x'.repeat(i % 40)}`,
    date: new Date((i * 100 - 5000) * 86_400_000),
    us: new Date(Math.floor((i * 1_000_001 - 10 ** 9) / 1000)),
    decimal: i,
    list: Array.from({ length: i % 3 }, (_, j) => j / 2),
    struct: JSON.stringify({ a: i, b: 'x' }),
    ...required,
  };
}

const FIXTURE_TYPES: Readonly<Record<string, ColumnType>> = {
  int32: 'int32',
  uint32: 'float64',
  int64: 'int64',
  code: 'int64',
  float32: 'float32',
  float64: 'float64',
  boolean: 'boolean',
  label: 'string',
  text: 'string',
  date: 'timestamp',
  us: 'timestamp',
  decimal: 'float64',
  list: 'float64[]',
  struct: 'string',
  required: 'int32',
};

for (const name of ['pages-v1', 'pages-v2', 'delta', 'plain-gzip']) {
  test(`files of pyarrow are read with every null: ${name}`, async () => {
    const table = await readParquet(fixture(name)).collect();
    assert.equal(Object.entries(table.schema), Object.entries(FIXTURE_TYPES));
    const expected = Array.from({ length: 300 }, (_, i) => fixtureRow(i));
    for (const [i, row] of table.toRows().entries()) assert.equal(row, expected[i], `row ${i}`);
    assert.is(table.column('us', 'timestamp').unit, 'us');
    assert.is(table.column('required').validity, null);
    assert.ok(Number.isNaN(table.column('float64', 'float64').values[1]));
    const bytes = readFileSync(fixture(name));
    assert.equal((await readParquet(bytes).collect()).numRows, 300);
  });
}

test('strings are codes while the dictionary lasts, and bytes where plain pages follow it', async () => {
  const table = await readParquet(fixture('pages-v1')).collect();
  assert.is(table.column('label').layout, 'dictionary');
  assert.is(table.column('text').layout, 'utf8');
});

test('row groups of equal dictionaries share one array of labels', async () => {
  const path = join(folder, 'labels.parquet');
  const words = ['b', 'a', 'b', 'a', 'b', 'a', 'c', 'a'].flatMap((word) =>
    new Array(50).fill(word),
  );
  await writeParquet(path, Table.fromColumns({ w: words }), { rowGroupSize: 100 });
  const labels: unknown[] = [];
  for await (const table of readParquet(path)) {
    const column = table.column('w');
    assert.ok(column.layout === 'dictionary');
    labels.push(column.labels);
  }
  assert.is(labels[0], labels[1]);
  assert.is(labels[1], labels[2]);
  assert.equal(labels[3], ['c', 'a']);
});

const cell: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  float64: fc.double(),
  float32: fc.float(),
  int32: fc.integer(),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  boolean: fc.boolean(),
  string: fc.string({ unit: 'grapheme' }),
  timestamp: fc.date({ noInvalidDate: true }),
  vector: fc.tuple(fc.double({ noNaN: true }), fc.integer()).map(([a, b]) => Vectors.dense(a, b)),
  'float64[]': fc.array(fc.option(fc.double()), { maxLength: 3 }),
  'string[]': fc.array(fc.string(), { maxLength: 3 }),
  'int64[]': fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 3 }),
};

test('tables are written and read back, whatever is null', async () => {
  const path = join(folder, 'round.parquet');
  for (const [type, value] of Object.entries(cell)) {
    const cells = fc.array(fc.option(value), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(cells, fc.integer({ min: 1, max: 50 }), async (values, rowGroupSize) => {
        const table = Table.fromColumns({ x: Column.from(values, type as ColumnType) });
        await writeParquet(path, table, { rowGroupSize });
        const back = await readParquet(path).collect();
        assert.is(back.schema.x, type);
        assert.equal(back.toRows(), table.toRows());
      }),
      { seed: 8, numRuns: 25 },
    );
  }
});

test('a stream is written batch by batch, and read from a URL', async () => {
  const path = join(folder, 'stream.parquet');
  const rows = Array.from({ length: 10 }, (_, i) => ({ i, s: `s${i}` }));
  await writeParquet(path, TableStream.from(rows, { batchSize: 4 }), { codec: 'UNCOMPRESSED' });
  const back = readParquet(pathToFileURL(path));
  const sizes: number[] = [];
  for await (const table of back) sizes.push(table.numRows);
  assert.equal(sizes, [4, 4, 2]);
  assert.equal((await back.collect()).toRows(), rows);
});

test('integers without sign are read up to 2^63, and refused from there on', async () => {
  const file = (value: bigint): Uint8Array =>
    new Uint8Array(
      parquetWriteBuffer({
        columnData: [{ name: 'u', data: [value] }],
        schema: [
          { name: 'root', num_children: 1 },
          { name: 'u', type: 'INT64', converted_type: 'UINT_64', repetition_type: 'REQUIRED' },
        ],
      }),
    );
  const largest = 2n ** 63n - 1n;
  assert.equal((await readParquet(file(largest)).collect()).toRows(), [{ u: largest }]);
  await rejectsError(
    readParquet(file(largest + 1n)).collect(),
    'ERR_GYRE_FORMAT',
    /column "u" of row group 0 cannot be read: the unsigned value of row 0 is beyond 2\^63/,
  );
});

test('codes beyond the dictionary are refused', () => {
  // One run of two values of two bits: the code 3, where a dictionary of three ends at 2.
  const bytes = Uint8Array.of(2, 4, 3);
  const page = { encoding: 'RLE_DICTIONARY', rows: 2, values: 2, levels: null, bytes, start: 0 };
  assert.equal(pageCodes(page, 4), Int32Array.of(3, 3));
  assert.throws(() => pageCodes(page, 3), /beyond its dictionary of 3 entries/);
});

test('an empty table keeps its columns', async () => {
  const path = join(folder, 'empty.parquet');
  await writeParquet(path, Table.empty({ a: 'int32', s: 'string' }));
  assert.equal((await readParquet(path).collect()).schema, { a: 'int32', s: 'string' });
});

test('a consumer that breaks off leaves no file open', async () => {
  const before = openFiles();
  for await (const _ of readParquet(FLIGHTS, { columns: ['delay'] })) break;
  const stop = new AbortController();
  const stopped = readParquet(FLIGHTS, { columns: ['delay'], signal: stop.signal }).map((table) => {
    stop.abort();
    return table;
  });
  await rejectsError(stopped.collect(), 'ERR_GYRE_ABORTED', /aborted/);
  await assertFilesClosed(before);
});

test('files that are cut short or not Parquet are refused by name', async () => {
  const path = join(folder, 'bad.parquet');
  const whole = readFileSync(fixture('pages-v1'));
  const cases: readonly [Uint8Array, RegExp][] = [
    [whole.subarray(0, 5000), /bad\.parquet is truncated: its 5000 bytes must end with "PAR1"/],
    [
      Buffer.from('a,b\n1,2\n'),
      /bad\.parquet is not a Parquet file: it must start with "PAR1", got "a,b\\n"/,
    ],
    [Buffer.alloc(0), /is not a Parquet file.*got ""/],
    [
      Buffer.concat([whole.subarray(0, 400), whole.subarray(800)]),
      /bad\.parquet: .* cannot be read: /,
    ],
    [Buffer.concat([whole.subarray(0, 30), Buffer.from('PAR1')]), /its metadata cannot be read/],
  ];
  for (const [bytes, message] of cases) {
    writeFileSync(path, bytes);
    await rejectsError(readParquet(path).collect(), 'ERR_GYRE_FORMAT', message);
  }
  const missing = await readParquet(join(folder, 'none'))
    .collect()
    .catch((error) => error);
  assert.is(missing.code, 'ENOENT');
});

test('flipped bytes give a typed error or a table, never a crash or a hang', async () => {
  const whole = readFileSync(fixture('pages-v1'));
  const flips = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 3,
  });
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(flips, async (places) => {
      const bytes = new Uint8Array(whole);
      for (const [at, mask] of places) bytes[at]! ^= mask;
      try {
        await readParquet(bytes).collect();
      } catch (error) {
        assert.match((error as { code: string }).code, /^ERR_GYRE_/);
        refused++;
      }
    }),
    { seed: 9, numRuns: 120 },
  );
  assert.ok(refused > 0);
});

test('wrong options and columns are refused with what there is', async () => {
  const file = fixture('delta');
  await rejectsError(
    readParquet(file, { columns: ['int33'] }).collect(),
    'ERR_GYRE_SCHEMA',
    /has no column "int33"; it has "int32", "uint32"/,
  );
  await rejectsError(
    readParquet(file, { columns: ['x'] }).schema(),
    'ERR_GYRE_SCHEMA',
    /no column "x"/,
  );
  await rejectsError(
    readParquet(file, { rowGroups: [1] }).collect(),
    'ERR_GYRE_INVALID_PARAM',
    /must be integers in \[0, 1\), got 1/,
  );
  throwsError(
    () => readParquet(new URL('https://example.org/a.parquet')),
    'ERR_GYRE_INVALID_PARAM',
    /must be a path or a file: URL, got https:/,
  );
  await rejectsError(
    writeParquet(join(folder, 'x'), Table.fromRows([{ s: Vectors.sparse(2, [], []) }])),
    'ERR_GYRE_SCHEMA',
    /column "s" is sparseVector/,
  );
});

test.run();
