import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CsvReadOptions, readCsv } from '../../src/io/csv.js';
import { writeCsv } from '../../src/io/write-csv.js';
import { Column } from '../../src/table/column.js';
import type { Schema } from '../../src/table/schema.js';
import { type Row, Table } from '../../src/table/table.js';
import { TableStream } from '../../src/table/table-stream.js';
import { Vectors } from '../../src/table/vector.js';
import { rejectsError, throwsError } from '../table/expect-error.js';
import { assertFilesClosed, openFiles, tempFolder } from './temp-folder.js';

const folder = tempFolder('csv');
const path = join(folder, 'file.csv');

function table(text: string, options?: CsvReadOptions): Promise<Table> {
  writeFileSync(path, text);
  return readCsv(path, options).collect();
}

const rows = async (text: string, options?: CsvReadOptions): Promise<Row[]> =>
  (await table(text, options)).toRows();

test('types are told from the first batch', async () => {
  const text = '\ufeffn,b,s,zip,e\n1,true,x,01234,\n-2.5e3,FALSE,2,9,\n,,,,\nNaN,true,y,8,\n';
  const read = await table(text);
  assert.equal(read.schema, {
    n: 'float64',
    b: 'boolean',
    s: 'string',
    zip: 'string',
    e: 'string',
  });
  assert.equal(read.toRows(), [
    { n: 1, b: true, s: 'x', zip: '01234', e: null },
    { n: -2500, b: false, s: '2', zip: '9', e: null },
    { n: null, b: null, s: null, zip: null, e: null },
    { n: Number.NaN, b: true, s: 'y', zip: '8', e: null },
  ]);
});

test('quoted fields hold delimiters, quotes and line breaks', async () => {
  assert.equal(await rows('a;b\r\n"x;""y""\r\nz";2\r\n\r\n" w ";3\r\n', { delimiter: ';' }), [
    { a: 'x;"y"\r\nz', b: 2 },
    { a: ' w ', b: 3 },
  ]);
});

test('declared types are read', async () => {
  const schema: Schema = {
    i: 'int32',
    l: 'int64',
    t: 'timestamp',
    v: 'vector',
    w: 'sparseVector',
    x: 'string[]',
    b: 'boolean',
  };
  const text =
    'i,l,t,v,w,x,b,f\n' +
    '-7,9007199254740993,2024-02-29 12:00,"[1,2.5]","{""size"":3,""indices"":[2],""values"":[1]}","[""a"",null]",1,0.5\n' +
    '+7,-5,2024-02-29T12:00:00.123456+02:00,"[3,4]",,[],0,inf\n';
  const read = await table(text, { schema });
  assert.equal(read.schema, { ...schema, f: 'float64' });
  assert.equal(
    read.toRows().map((row) => ({ ...row, v: String(row.v), w: String(row.w) })),
    [
      {
        i: -7,
        l: 9007199254740993n,
        t: new Date('2024-02-29T12:00Z'),
        v: '[1.0, 2.5]',
        w: '(3, [2], [1.0])',
        x: ['a', null],
        b: true,
        f: 0.5,
      },
      {
        i: 7,
        l: -5,
        t: new Date('2024-02-29T10:00:00.123Z'),
        v: '[3.0, 4.0]',
        w: 'null',
        x: [],
        b: false,
        f: Number.POSITIVE_INFINITY,
      },
    ],
  );
});

test('columns are chosen and a header can be missing', async () => {
  assert.equal(await rows('a,b,c\n1,2,3\n', { columns: ['c', 'a'] }), [{ c: 3, a: 1 }]);
  assert.equal(await rows('1,x\n2,y\n', { header: false }), [
    { c0: 1, c1: 'x' },
    { c0: 2, c1: 'y' },
  ]);
  const named = await table('1,x\n', { header: false, schema: { id: 'int32', s: 'string' } });
  assert.equal(named.schema, { id: 'int32', s: 'string' });
  assert.equal(await rows('a\nNA\n1\n', { nullValue: 'NA' }), [{ a: null }, { a: 1 }]);
});

test('batches have the size asked for and the types of the first', async () => {
  writeFileSync(path, `a,b\n${Array.from({ length: 25 }, (_, i) => `${i},${i}`).join('\n')}`);
  const sizes: number[] = [];
  for await (const batch of readCsv(path, { batchSize: 10 })) sizes.push(batch.numRows);
  assert.equal(sizes, [10, 10, 5]);
  const all = await readCsv(pathToFileURL(path), { batchSize: 10 }).collect();
  assert.equal(
    all.column('b').toArray(),
    Array.from({ length: 25 }, (_, i) => i),
  );
  assert.equal(await readCsv(path).schema(), { a: 'float64', b: 'float64' });
});

test('a large file is read over many pieces, without losing a line', async () => {
  const n = 60_000;
  writeFileSync(path, `i,s\n${Array.from({ length: n }, (_, i) => `${i},"é ${i}"\n`).join('')}`);
  const read = await readCsv(path).collect();
  assert.is(read.numRows, n);
  for (let i = 0; i < n; i += 997) assert.equal(read.row(i), { i, s: `é ${i}` });
});

test('batches come while the rest of the file is not read yet', async () => {
  writeFileSync(path, `a\n${'1\n'.repeat(300_000)}x"\n`);
  const iterator = readCsv(path)[Symbol.asyncIterator]();
  assert.is((await iterator.next()).value?.numRows, 8192);
  await iterator.return?.();
  await rejectsError(readCsv(path).collect(), 'ERR_GYRE_FORMAT', /line 300002/);
});

test('a file without lines has the columns of its header, or none', async () => {
  assert.equal((await table('a,b\n', { schema: { b: 'int32' } })).schema, {
    a: 'string',
    b: 'int32',
  });
  assert.equal((await table('')).columnNames, []);
});

test('broken lines are refused with file, line and column', async () => {
  const cases: readonly [string, CsvReadOptions, RegExp][] = [
    ['a,b\n1,2\n3\n', {}, /file\.csv, line 3.*expected 2 fields, got 1/],
    ['a,b\n1,2\nx"y,3\n', {}, /file\.csv, line 3, field 1: Invalid Opening Quote/],
    ['a,b\n1,2\n3,"4\n', {}, /file\.csv, line 3, field 2: Quote Not Closed/],
    ['a,a\n1,2\n', {}, /the header names "a" twice/],
    ['a,b\n1,2\n\n1,"\n"\n1,x\n', { schema: { a: 'string', b: 'string' } }, /never/],
    [
      'a,b\n1,2\n\n1,x\n',
      { schema: { b: 'float64' } },
      /line 4: column "b" must be float64, got "x"/,
    ],
    [
      'a,b\n"1\n2",2\n1,x\n',
      { schema: { b: 'int32' } },
      /line 4: column "b" must be int32, got "x"/,
    ],
    ['a\n1\n2\nx\n', { batchSize: 2 }, /line 4: column "a" must be float64, got "x"/],
    ['a\n1.5\n', { schema: { a: 'int32' } }, /line 2: column "a" must be int32, got "1.5"/],
    [
      'a\n9223372036854775808\n',
      { schema: { a: 'int64' } },
      /must be int64, got "9223372036854775808"/,
    ],
    ['a\nyes\n', { schema: { a: 'boolean' } }, /must be boolean, got "yes"/],
    ['a\n2023-02-29\n', { schema: { a: 'timestamp' } }, /must be timestamp, got "2023-02-29"/],
    ['a\n0x10\n', { schema: { a: 'float64' } }, /must be float64, got "0x10"/],
    ['a\n1;2\n', { schema: { a: 'vector' } }, /must be vector, got "1;2"/],
    ['a\n{}\n', { schema: { a: 'sparseVector' } }, /must be sparseVector, got "{}"/],
  ];
  for (const [text, options, message] of cases) {
    if (message.source === 'never') assert.is((await rows(text, options)).length, 3);
    else await rejectsError(table(text, options), 'ERR_GYRE_FORMAT', message);
  }
  const error = await rejectsError(
    table('a,b\n1,2\n1,x\n', { schema: { b: 'int32' } }),
    'ERR_GYRE_FORMAT',
    /./,
  );
  assert.equal(error.details, { file: path, line: 3, column: 'b', got: 'x' });
  await rejectsError(
    table('a,b\n', { columns: ['c'] }),
    'ERR_GYRE_SCHEMA',
    /file\.csv has no column "c"; it has "a", "b"/,
  );
  throwsError(() => readCsv(path, { batchSize: 0 }), 'ERR_GYRE_INVALID_PARAM', /batchSize/);
  throwsError(() => readCsv(path, { delimiter: '' }), 'ERR_GYRE_INVALID_PARAM', /delimiter/);
  throwsError(() => readCsv(''), 'ERR_GYRE_INVALID_PARAM', /must be a path/);
  assert.is(
    (
      await readCsv(join(folder, 'none'))
        .collect()
        .catch((e) => e)
    ).code,
    'ENOENT',
  );
});

test('a consumer that breaks off leaves no file open', async () => {
  writeFileSync(path, `a\n${'1\n'.repeat(400_000)}`);
  const before = openFiles();
  for await (const _ of readCsv(path)) break;
  await assertFilesClosed(before);
});

const cells = fc.record({
  f: fc.option(fc.double()),
  n: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  b: fc.option(fc.boolean()),
  t: fc.option(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })),
  // The empty string is read back as null.
  s: fc.option(
    fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'é', '😀'), minLength: 1 }),
  ),
  v: fc.option(fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => Vectors.dense(a, b / 8))),
  w: fc.option(fc.nat(4).map((i) => Vectors.sparse(5, [i], [0.5]))),
  l: fc.option(fc.array(fc.option(fc.integer()), { maxLength: 3 })),
});

test('tables are written and read back given their schema', async () => {
  const schema: Schema = {
    f: 'float64',
    n: 'int64',
    b: 'boolean',
    t: 'timestamp',
    s: 'string',
    v: 'vector',
    w: 'sparseVector',
    l: 'int32[]',
  };
  await fc.assert(
    fc.asyncProperty(fc.array(cells, { minLength: 1, maxLength: 12 }), async (values) => {
      const given = Table.fromRows(values, schema);
      await writeCsv(path, given);
      const back = await readCsv(path, { schema }).collect();
      assert.equal(back.toRows(), given.toRows());
    }),
    { seed: 10, numRuns: 60 },
  );
});

test('what is written is plain CSV', async () => {
  const data = Table.fromRows([
    { a: 1, 'b,c': 'x"y' },
    { a: null, 'b,c': ' z' },
  ]);
  await writeCsv(path, data);
  assert.is(readFileSync(path, 'utf8'), 'a,"b,c"\n1,"x""y"\n," z"\n');
  await writeCsv(path, data, { header: false, delimiter: ';', nullValue: 'NA' });
  assert.is(readFileSync(path, 'utf8'), '1;"x""y"\nNA;" z"\n');
  const nulls = Table.fromColumns({ s: Column.from([null, 'x', null], 'string') });
  await writeCsv(path, nulls);
  assert.equal((await readCsv(path).collect()).toRows(), nulls.toRows());
});

test('a stream is written batch by batch, and failures reach the caller', async () => {
  await writeCsv(path, TableStream.from([{ i: 1 }, { i: 2 }, { i: 3 }], { batchSize: 2 }));
  assert.is(readFileSync(path, 'utf8'), 'i\n1\n2\n3\n');
  const big = Table.fromColumns({ i: Float64Array.from({ length: 50_000 }, (_, i) => i) });
  await writeCsv(path, big);
  assert.is((await readCsv(path).collect()).numRows, 50_000);
  const failed = await writeCsv(join(folder, 'none', 'x.csv'), big).catch((error) => error);
  assert.is(failed.code, 'ENOENT');
  async function* mixed(): AsyncGenerator<Table> {
    yield Table.fromRows([{ a: 1 }]);
    yield Table.fromRows([{ a: 'x' }]);
  }
  await rejectsError(
    writeCsv(path, mixed()),
    'ERR_GYRE_SCHEMA',
    /writeCsv: every batch must have the schema/,
  );
});

test.run();
