import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type JsonLinesReadOptions, readJsonLines } from '../../src/io/json-lines.js';
import { writeJsonLines } from '../../src/io/write-json-lines.js';
import type { Schema } from '../../src/table/schema.js';
import { type Row, Table } from '../../src/table/table.js';
import { TableStream } from '../../src/table/table-stream.js';
import { Vectors } from '../../src/table/vector.js';
import { assertSame, range } from '../engine/support.js';
import { rejectsError, throwsError } from '../table/expect-error.js';
import { assertFilesClosed, openFiles, tempFolder } from './temp-folder.js';

const folder = tempFolder('json-lines');
const path = join(folder, 'file.jsonl');

function table(text: string, options?: JsonLinesReadOptions): Promise<Table> {
  writeFileSync(path, text);
  return readJsonLines(path, options).collect();
}

test('columns and types are told from the first batch', async () => {
  const read = await table('\ufeff{"n":1,"b":true}\r\n\n{"s":"x","n":2.5,"l":[1,null]}\n{}');
  assertSame(read.schema, { n: 'float64', b: 'boolean', s: 'string', l: 'float64[]' });
  assertSame(read.toRows(), [
    { n: 1, b: true, s: null, l: null },
    { n: 2.5, b: null, s: 'x', l: [1, null] },
    { n: null, b: null, s: null, l: null },
  ]);
});

test('a declared schema types the values and leaves other properties out', async () => {
  const schema: Schema = {
    t: 'timestamp',
    v: 'vector',
    w: 'sparseVector',
    l: 'int64',
    x: 'string[]',
  };
  const text =
    '{"t":"2024-02-29T12:00:00+02:00","v":[1,"NaN"],"w":{"size":3,"indices":[2],"values":[1]},' +
    '"l":"9007199254740993","other":{"a":1}}\n{"t":1000,"l":-5,"x":["a",null]}\n';
  const read = await table(text, { schema });
  assertSame(read.schema, schema);
  const [first, second] = read.toRows() as [Row, Row];
  assertSame(
    [first.t, String(first.v), String(first.w), String(first.l), first.x],
    [new Date('2024-02-29T10:00Z'), '[1.0, NaN]', '(3, [2], [1.0])', '9007199254740993', null],
  );
  assertSame([second.t, second.v, second.l, second.x], [new Date(1000), null, -5, ['a', null]]);
});

const cells = fc.record({
  f: fc.option(fc.double()),
  n: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  b: fc.option(fc.boolean()),
  t: fc.option(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })),
  s: fc.option(fc.string({ unit: fc.constantFrom('a', '"', '\n', '\r', '\\', ' ', 'é', '😀') })),
  v: fc.option(fc.tuple(fc.double(), fc.nat()).map(([a, b]) => Vectors.dense(a, b / 8))),
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
      // JSON has one zero.
      const given = Table.fromRows(
        values.map((row) => ({ ...row, f: row.f === 0 ? 0 : row.f })),
        schema,
      );
      await writeJsonLines(path, given);
      const back = await readJsonLines(path, { schema }).collect();
      const text = (t: Table) => t.toRows().map((row) => Object.values(row).map(String));
      assertSame(text(back), text(given));
    }),
    { seed: 11, numRuns: 60 },
  );
});

test('a stream is written batch by batch, and a file is read by pieces', async () => {
  const values = range(30_000).map((i) => ({ i, s: `é${i}`.repeat(1 + (i % 5)) }));
  await writeJsonLines(pathToFileURL(path), TableStream.from(values));
  assert.is(readFileSync(path, 'utf8').split('\n', 2)[1], '{"i":1,"s":"é1é1"}');
  const sizes: number[] = [];
  let next = 0;
  for await (const batch of readJsonLines(path, { batchSize: 7000 })) {
    sizes.push(batch.numRows);
    for (const row of batch.toRows()) assertSame(row, values[next++]);
  }
  assertSame(sizes, [7000, 7000, 7000, 7000, 2000]);
});

test('broken lines are refused with file and line', async () => {
  const cases: readonly [string, JsonLinesReadOptions, RegExp][] = [
    ['{"a":1}\n\n{"a":\n', {}, /file\.jsonl, line 3: .*JSON/],
    ['{"a":1}\n[1]\n', {}, /line 2: it must be a JSON object, got \[1\]/],
    ['null\n', {}, /line 1: it must be a JSON object, got null/],
    ['{"a":1}\n{"a":"x"}\n', {}, /line 1 and after it: column "a": row 1/],
    ['{"a":1}\n{"a":"x"}\n', { batchSize: 1 }, /line 2: "a" must be float64, got "x"/],
    ['{"a":1}\n{"a":1,"b":2}\n', { batchSize: 1 }, /line 2: "b" is in no row of the first batch/],
    ['{"a":1.5}\n', { schema: { a: 'int32' } }, /row 0 must be int32|"a" must be int32, got 1.5/],
    ['{"a":null}\n', {}, /its type cannot be told from values that are all null; give a schema/],
    ['{"a":[1,null]}\n', { schema: { a: 'vector' } }, /"a" must be vector/],
    ['{"a":"1 "}\n', { schema: { a: 'boolean' } }, /"a" must be boolean, got "1 "/],
    ['{"a":{"size":1}}\n', { schema: { a: 'sparseVector' } }, /"a" must be sparseVector/],
  ];
  for (const [text, options, message] of cases) {
    await rejectsError(table(text, options), 'ERR_GYRE_FORMAT', message);
  }
  assertSame((await table('', { schema: { a: 'int32' } })).schema, { a: 'int32' });
  throwsError(() => readJsonLines(path, { batchSize: 0 }), 'ERR_GYRE_INVALID_PARAM', /batchSize/);
  throwsError(() => readJsonLines(''), 'ERR_GYRE_INVALID_PARAM', /must be a path/);
  const missing = await readJsonLines(join(folder, 'none'))
    .collect()
    .catch((error) => error);
  assert.is(missing.code, 'ENOENT');
  const failed = await writeJsonLines(join(folder, 'none', 'x'), Table.fromRows([{ a: 1 }])).catch(
    (error) => error,
  );
  assert.is(failed.code, 'ENOENT');
});

test('a consumer that breaks off leaves no file open', async () => {
  writeFileSync(path, '{"a":1}\n'.repeat(100_000));
  const before = openFiles();
  for await (const _ of readJsonLines(path, { batchSize: 10 })) break;
  await assertFilesClosed(before);
});

test.run();
