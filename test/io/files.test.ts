import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as zlib from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readArrow } from '../../src/io/arrow.js';
import { readCsv } from '../../src/io/csv.js';
import { readJsonLines } from '../../src/io/json-lines.js';
import { readLibsvm } from '../../src/io/libsvm.js';
import { readParquet } from '../../src/io/parquet.js';
import type { RecordStream } from '../../src/io/record-stream.js';
import { writeArrow } from '../../src/io/write-arrow.js';
import { writeCsv } from '../../src/io/write-csv.js';
import { writeJsonLines } from '../../src/io/write-json-lines.js';
import { writeLibsvm } from '../../src/io/write-libsvm.js';
import { writeParquet } from '../../src/io/write-parquet.js';
import { Table } from '../../src/table/table.js';
import type { TableStream } from '../../src/table/table-stream.js';
import { Vectors } from '../../src/table/vector.js';
import { assertSame } from '../engine/support.js';
import { rejectsError, throwsError } from '../table/expect-error.js';
import { assertFilesClosed, openFiles, tempFolder } from './temp-folder.js';

const folder = tempFolder('files');
const at = (...names: string[]): string => join(folder, ...names);

function put(name: string, content: string | Uint8Array): string {
  const path = at(name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const column = async (stream: TableStream, name: string): Promise<unknown[]> =>
  (await stream.collect()).column(name).toArray();

test('a folder is its files of the format, by name; what is hidden, or a folder, is left out', async () => {
  put('csv/b.csv', 'x\n3\n');
  put('csv/a.csv', 'x\n1\n2\n');
  put('csv/c.csv.gz', zlib.gzipSync('x\n4\n'));
  put('csv/.hidden.csv', 'x\n9\n');
  put('csv/_SUCCESS', '');
  put('csv/other.txt', 'x\n9\n');
  put('csv/deeper.csv/z.csv', 'x\n5\n');
  assert.equal(await column(readCsv(at('csv')), 'x'), [1, 2, 3, 4]);
  assert.equal(await column(readCsv(pathToFileURL(at('csv'))), 'x'), [1, 2, 3, 4]);
});

test('patterns find files at any depth, in order; a file of such a name is that file', async () => {
  assert.equal(await column(readCsv(at('csv', '*.csv')), 'x'), [1, 2, 3]);
  assert.equal(await column(readCsv(at('csv', '?.csv*')), 'x'), [1, 2, 3, 4]);
  assert.equal(await column(readCsv(at('**', '*.csv')), 'x'), [1, 2, 3, 5]);
  assert.equal(await column(readCsv(at('csv', '{b,a}.csv')), 'x'), [1, 2, 3]);
  put('csv/what?.csv', 'x\n7\n');
  assert.equal(await column(readCsv(at('csv', 'what?.csv')), 'x'), [7]);
  await rejectsError(
    readCsv(at('csv', '*.tsv')).collect(),
    'ERR_GYRE_FORMAT',
    /\*\.tsv matches no file/,
  );
  await rejectsError(
    readParquet(at('csv')).collect(),
    'ERR_GYRE_FORMAT',
    /csv has no file whose name ends in \.parquet/,
  );
});

test('an array is read in its order, and may name what else may be named', async () => {
  const files = [at('csv', 'b.csv'), pathToFileURL(at('csv', 'a.csv')), at('csv', 'c*')];
  assert.equal(await column(readCsv(files), 'x'), [3, 1, 2, 4]);
  throwsError(() => readCsv([]), 'ERR_GYRE_INVALID_PARAM', /one file or more/);
  throwsError(() => readCsv(['a', 7 as never]), 'ERR_GYRE_INVALID_PARAM', /must be a path/);
});

test('every reader reads several files as one table', async () => {
  const rows = (first: number) => Table.fromColumns({ x: [first, first + 1], y: ['a', null] });
  const labelled = (first: number) =>
    Table.fromColumns({ label: [first, first + 1], features: [1, 2].map((x) => Vectors.dense(x)) });
  const formats: readonly [
    string,
    (path: string, n: number) => Promise<void>,
    () => TableStream,
  ][] = [
    ['csv', (path, n) => writeCsv(path, rows(n)), () => readCsv(at('all', 'csv'))],
    ['jsonl', (path, n) => writeJsonLines(path, rows(n)), () => readJsonLines(at('all', 'jsonl'))],
    ['parquet', (path, n) => writeParquet(path, rows(n)), () => readParquet(at('all', 'parquet'))],
    ['arrow', (path, n) => writeArrow(path, rows(n)), () => readArrow(at('all', 'arrow'))],
    ['libsvm', (path, n) => writeLibsvm(path, labelled(n)), () => readLibsvm(at('all', 'libsvm'))],
  ];
  for (const [format, write, open] of formats) {
    mkdirSync(at('all', format), { recursive: true });
    for (const n of [1, 3, 5]) await write(at('all', format, `part-${n}.${format}`), n);
    const name = format === 'libsvm' ? 'label' : 'x';
    const before = openFiles();
    assert.equal(await column(open(), name), [1, 2, 3, 4, 5, 6], format);
    await assertFilesClosed(before);
    const places: unknown[] = [];
    const stream = open();
    for await (const _ of stream) places.push(stream.position!());
    assert.is(places.length, 3, format);
    for (const [i, place] of places.entries()) {
      await stream.seek!(JSON.parse(JSON.stringify(place)));
      const rest = (await stream.collect()).toRows().map((row) => row[name]);
      assertSame(rest, [1, 2, 3, 4, 5, 6].slice(2 * i + 2), `${format} from place ${i}`);
    }
  }
});

test('columns may be in another order; others are refused by file and name', async () => {
  put('order/a.csv', 'x,y\n1,a\n');
  put('order/b.csv', 'y,x\nb,2\n');
  assert.equal((await readCsv(at('order')).collect()).toRows(), [
    { x: 1, y: 'a' },
    { x: 2, y: 'b' },
  ]);
  put('order/c.csv', 'y\nb\n');
  await rejectsError(
    readCsv(at('order')).collect(),
    'ERR_GYRE_SCHEMA',
    /c\.csv: column "x" is missing, which the files before it have/,
  );
  put('order/c.csv', 'y,x,z\nb,2,3\n');
  await rejectsError(
    readCsv(at('order')).collect(),
    'ERR_GYRE_SCHEMA',
    /c\.csv: column "z" is not in the files before it; name the columns to read/,
  );
  assert.equal(await column(readCsv(at('order'), { columns: ['x'] }), 'x'), [1, 2, 2]);
  put('order/c.csv', 'y,x\nb,two\n');
  await rejectsError(
    readCsv(at('order')).collect(),
    'ERR_GYRE_FORMAT',
    /c\.csv, line 2: column "x" must be float64, got "two"/,
  );
  put('order/a.jsonl', '{"x":1}\n');
  put('order/b.jsonl', '{"x":2,"y":3}\n');
  await rejectsError(
    readJsonLines(at('order')).collect(),
    'ERR_GYRE_FORMAT',
    /b\.jsonl, line 1: "y" is in no row of the first batch/,
  );
  for (const [read, write, name] of [
    [readParquet, writeParquet, 'parquet'],
    [readArrow, writeArrow, 'arrow'],
  ] as const) {
    const [a, b] = [at('order', `a.${name}`), at('order', `b.${name}`)];
    await write(a, Table.fromColumns({ x: [1], y: ['a'] }));
    await write(b, Table.fromColumns({ y: ['b'], x: [2] }));
    assert.equal(await column(read([a, b]), 'x'), [1, 2]);
    assert.equal((await read([a, b]).collect()).columnNames, ['x', 'y']);
    await write(b, Table.fromColumns({ y: ['b'], x: Int32Array.of(2) }));
    await rejectsError(
      read([a, b]).collect(),
      'ERR_GYRE_SCHEMA',
      new RegExp(`b\\.${name}: column "x" must be float64 as in the files before it, got int32`),
    );
    await write(b, Table.fromColumns({ x: [2] }));
    await rejectsError(read([a, b]).collect(), 'ERR_GYRE_SCHEMA', /column "y" is missing/);
    assert.equal(await column(read([a, b], { columns: ['x'] }), 'x'), [1, 2]);
  }
});

test('files without rows say nothing about types, but alone keep their columns', async () => {
  const [empty, header] = [put('none/a.csv', ''), put('none/b.csv', 'x,y\n')];
  const rows = put('none/c.csv', 'x,y\n1,a\n');
  const read = await readCsv([empty, header, rows, header]).collect();
  assert.equal([read.schema, read.numRows], [{ x: 'float64', y: 'string' }, 1]);
  assert.equal((await readCsv([empty, header]).collect()).schema, { x: 'string', y: 'string' });
});

test('a place is of a file of its name: files may come behind it, not before', async () => {
  put('more/b.csv', 'x\n1\n');
  const stream = readCsv(at('more'));
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  const place = stream.position!();
  await iterator.return!();
  put('more/c.csv', 'x\n2\n');
  await stream.seek!(place);
  assert.equal(await column(stream, 'x'), [2]);
  put('more/a.csv', 'x\n0\n');
  await stream.seek!(place);
  await rejectsError(
    stream.collect(),
    'ERR_GYRE_FORMAT',
    /file 1 must be .*b\.csv, where reading goes on, got .*a\.csv/,
  );
});

const zstd = 'zstdCompressSync' in zlib;

for (const [ending, isThere] of [
  ['gz', true],
  ['zst', zstd],
] as const) {
  test(`files that end in .${ending} are compressed, ${isThere ? 'written and read' : 'or refused'}`, async () => {
    const table = Table.fromColumns({
      label: Array.from({ length: 30_000 }, (_, i) => i % 5),
      features: Array.from({ length: 30_000 }, (_, i) => Vectors.sparse(9, [i % 9], [i])),
    });
    type Write = (path: string, table: Table, options?: object) => Promise<void>;
    type Read = (path: string, options?: object) => RecordStream;
    const schema = table.schema;
    const formats: readonly [string, Write, Read][] = [
      ['csv', writeCsv, (path, more) => readCsv(path, { schema, ...more })],
      ['jsonl', writeJsonLines, (path, more) => readJsonLines(path, { schema, ...more })],
      ['svm', writeLibsvm, (path, more) => readLibsvm(path, { numFeatures: 9, ...more })],
    ];
    for (const [format, write, read] of formats) {
      const path = at(`packed.${format}.${ending}`);
      if (!isThere) {
        await rejectsError(write(path, table), 'ERR_GYRE_FORMAT', /which Node has from 22\.15 on/);
        put(`packed.${format}.${ending}`, 'x');
        await rejectsError(read(path).collect(), 'ERR_GYRE_FORMAT', /Zstandard, which Node has/);
        continue;
      }
      await write(path, table);
      const back = await read(path).collect();
      assert.equal(back.column('label').toArray(), table.column('label').toArray(), format);
      const places: unknown[] = [];
      const stream = read(path, { batchSize: 12_000 });
      for await (const _ of stream) places.push(stream.position!());
      await stream.seek!(places[1]);
      assert.is((await stream.collect()).numRows, 6_000, format);
      const other = at(`packed-without-ending.${format}`);
      const compression = ending === 'gz' ? 'gzip' : 'zstd';
      await write(other, table.slice(0, 10), { compression });
      assert.is((await read(other, { compression }).collect()).numRows, 10, format);
    }
  });
}

test('compressed files that are broken or cut short are refused by name, and closed', async () => {
  const text = Array.from({ length: 50_000 }, (_, i) => `${(i * 7919) % 10_007}`).join('\n');
  const whole = zlib.gzipSync(`x\n${text}\n`);
  const before = openFiles();
  const cases: readonly [Uint8Array, RegExp][] = [
    [
      whole.subarray(0, whole.length >> 1),
      /gz cannot be decompressed beyond byte \d+: unexpected end/,
    ],
    [Buffer.from('x\n1\n'), /cannot be decompressed beyond byte 0: incorrect header check/],
    [Buffer.from(whole).fill(0, 20_000, 20_100), /cannot be decompressed beyond byte/],
  ];
  for (const [bytes, message] of cases) {
    const path = put('broken.csv.gz', bytes);
    await rejectsError(readCsv(path).collect(), 'ERR_GYRE_FORMAT', message);
  }
  const path = put('whole.csv.gz', whole);
  for await (const _ of readCsv(path, { batchSize: 10 })) break;
  await assertFilesClosed(before);
  const stream = readCsv(path);
  await stream.seek!({
    at: {
      file: 0,
      name: path,
      at: { byte: 10 ** 7, line: 9, names: ['x'], encoding: 'utf8', lineEnd: '\n' },
      bad: 0,
    },
    schema: { x: 'float64' },
  });
  await rejectsError(
    stream.collect(),
    'ERR_GYRE_FORMAT',
    /ends at byte \d+, expected 10000000 or more/,
  );
  throwsError(
    () => readCsv(path, { compression: 'zip' as never }),
    'ERR_GYRE_INVALID_PARAM',
    /compression must be "auto", "none", "gzip" or "zstd", got "zip"/,
  );
  const missing = await readCsv(at('none.csv.gz'))
    .collect()
    .catch((error) => error);
  assert.is(missing.code, 'ENOENT');
});

test('a writer that fails says why, and leaves no file open', async () => {
  const before = openFiles();
  const failing = async function* (): AsyncGenerator<Table> {
    yield Table.fromColumns({ x: [1] });
    throw new Error('the source is gone');
  };
  const write = (path: string): Promise<void> => writeCsv(path, failing());
  for (const path of [at('f.csv'), at('f.csv.gz')]) {
    const error = await write(path).catch((e) => e);
    assert.is(error.message, 'the source is gone');
  }
  const error = await writeCsv(at('no', 'folder.csv'), Table.fromColumns({ x: [1] })).catch(
    (e) => e,
  );
  assert.is(error.code, 'ENOENT');
  await assertFilesClosed(before);
});

test.run();
