import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JobSink } from '../../src/engine/job-sink.js';
import { readCsv } from '../../src/io/csv.js';
import { FileSink } from '../../src/io/file-sink.js';
import { readJsonLines } from '../../src/io/json-lines.js';
import { readParquet } from '../../src/io/parquet.js';
import { Table } from '../../src/table/table.js';
import { Vectors } from '../../src/table/vector.js';
import { FailingFs } from '../engine/checkpoint/failing-fs.js';
import { assertSame, range } from '../engine/support.js';
import { rejectsError, throwsError } from '../table/expect-error.js';
import { contentOf, otherNames, partNames } from './part-files.js';
import { openFiles, tempFolder } from './temp-folder.js';

const root = tempFolder('file-sink');
let folders = 0;
const newFolder = (): string => join(root, `sink-${folders++}`, 'deep');

async function written(sink: FileSink, ...values: readonly unknown[]): Promise<void> {
  for (const value of values) await sink.write(value);
}

/** Takes a checkpoint that lasts. */
async function checkpoint(sink: FileSink): Promise<unknown> {
  const state = await sink.prepare();
  await sink.commit(state);
  return state;
}

test('it is a sink of a job', async () => {
  const folder = newFolder();
  const sink: JobSink<unknown> = new FileSink({ folder, format: 'jsonl' });
  await sink.open(undefined);
  await sink.close();
  assertSame([partNames(folder), otherNames(folder)], [[], []]);
});

test('parts are hidden until they are committed, and have all records then', async () => {
  const folder = newFolder();
  const sink = new FileSink({ folder: pathToFileURL(folder), format: 'jsonl' });
  await sink.open(undefined);
  await written(sink, { a: 1 }, 'text', [1, null]);
  assertSame([partNames(folder), otherNames(folder)], [[], ['.part-00000001.jsonl.tmp']]);
  const state = await sink.prepare();
  await written(sink, { a: 2 });
  assertSame(partNames(folder), []);
  assert.is(
    readFileSync(join(folder, '.part-00000001.jsonl.tmp'), 'utf8'),
    '{"a":1}\n"text"\n[1,null]\n',
  );
  await sink.commit(state);
  await sink.commit(state);
  assertSame(partNames(folder), ['part-00000001.jsonl']);
  assertSame(otherNames(folder), ['.part-00000002.jsonl.tmp']);
  await checkpoint(sink);
  assertSame(partNames(folder), ['part-00000001.jsonl', 'part-00000002.jsonl']);
  await sink.close();
  assert.is(contentOf(folder), '{"a":1}\n"text"\n[1,null]\n{"a":2}\n');
});

test('a checkpoint without new records makes no part', async () => {
  const folder = newFolder();
  const sink = new FileSink({ folder, format: 'csv' });
  await sink.open(undefined);
  await checkpoint(sink);
  await written(sink, Table.empty({ a: 'int32' }));
  await checkpoint(sink);
  assertSame([partNames(folder), otherNames(folder)], [[], []]);
  await written(sink, Table.fromRows([{ a: 1 }]));
  await checkpoint(sink);
  await checkpoint(sink);
  await sink.close();
  assertSame(partNames(folder), ['part-00000001.csv']);
});

test('what a failed checkpoint has prepared is committed with the next one', async () => {
  const folder = newFolder();
  const sink = new FileSink({ folder, format: 'jsonl' });
  await sink.open(undefined);
  for (const i of range(3)) {
    await written(sink, i);
    await sink.prepare();
  }
  await written(sink, 3);
  await checkpoint(sink);
  await sink.close();
  assert.is(partNames(folder).length, 4);
  assert.is(contentOf(folder), '0\n1\n2\n3\n');
});

test('a job that goes on removes what came after its checkpoint, and nothing else', async () => {
  const folder = newFolder();
  const first = new FileSink({ folder, format: 'jsonl' });
  await first.open(undefined);
  await written(first, 1);
  await checkpoint(first);
  await written(first, 2);
  const state = await first.prepare();
  await written(first, 3);
  await checkpoint(first);
  await written(first, 4);
  await first.prepare();
  await written(first, 5);
  // The process ends here.
  const others = ['part-00000009.csv', 'part-9.jsonl', '.part-00000009.csv.tmp', 'notes.txt'];
  for (const name of others) writeFileSync(join(folder, name), 'mine');
  const second = new FileSink({ folder, format: 'jsonl' });
  await second.open(state);
  const kept = ['part-00000001.jsonl', 'part-00000002.jsonl'];
  assertSame(partNames(folder), [...kept, ...others.slice(0, 2)]);
  assertSame(otherNames(folder), others.slice(2));
  await written(second, 30);
  await checkpoint(second);
  await second.close();
  for (const name of others) rmSync(join(folder, name));
  assert.is(contentOf(folder), '1\n2\n30\n');
  await first.close();
});

test('a folder with the parts of another run is refused, and left as it is', async () => {
  const folder = newFolder();
  const sink = new FileSink({ folder, format: 'jsonl' });
  await sink.open(undefined);
  await written(sink, 1);
  await checkpoint(sink);
  await written(sink, 2);
  await sink.prepare();
  await sink.close();
  for (const other of [sink, new FileSink({ folder, format: 'jsonl' })]) {
    const error = await rejectsError(
      other.open(undefined),
      'ERR_GYRE_FORMAT',
      /sink-\d+.deep must have no parts when a job begins, got 1 of another run; remove them/,
    );
    assert.is(error.details.folder, folder);
    await other.close();
  }
  assertSame(otherNames(folder), ['.part-00000002.jsonl.tmp']);
  assert.is(contentOf(folder), '1\n');
});

test('a second attempt of a job without a checkpoint undoes the first', async () => {
  const folder = newFolder();
  const sink = new FileSink({ folder, format: 'jsonl' });
  await sink.open(undefined);
  await written(sink, 1);
  await checkpoint(sink);
  await written(sink, 2);
  await sink.open(undefined);
  assertSame([partNames(folder), otherNames(folder)], [[], []]);
  await written(sink, 3);
  await checkpoint(sink);
  await sink.close();
  assert.is(contentOf(folder), '3\n');
});

test('parts but for the newest may be taken away, and one that is lost is found', async () => {
  const folder = newFolder();
  const sink = new FileSink({ folder, format: 'jsonl' });
  await sink.open(undefined);
  await written(sink, 1);
  const first = await checkpoint(sink);
  await written(sink, 2);
  rmSync(join(folder, 'part-00000001.jsonl'), { force: true });
  const second = await checkpoint(sink);
  const open = async (state: unknown): Promise<void> => {
    const next = new FileSink({ folder, format: 'jsonl' });
    await next.open(state).finally(() => next.close());
  };
  await open(second);
  writeFileSync(join(folder, 'part-00000002.jsonl'), '2');
  await rejectsError(open(second), 'ERR_GYRE_FORMAT', /must have the 2 bytes.*got 1/);
  rmSync(join(folder, 'part-00000002.jsonl'));
  await rejectsError(
    open(second),
    'ERR_GYRE_FORMAT',
    /covers .*part-0000000[12]\.jsonl, .*put it back/,
  );
  await rejectsError(open(first), 'ERR_GYRE_FORMAT', /covers .*part-00000001\.jsonl/);
  const csv = new FileSink({ folder, format: 'csv' });
  await rejectsError(csv.open(second), 'ERR_GYRE_FORMAT', /of the format csv, got jsonl/);
  await rejectsError(csv.open(7), 'ERR_GYRE_FORMAT', /of the format csv, got 7/);
  await sink.close();
});

test('tables and rows are written as CSV, each part with a header', async () => {
  const folder = newFolder();
  const schema = { i: 'int32', s: 'string', v: 'vector' } as const;
  const csv = { delimiter: ';' };
  const sink = new FileSink({ folder, format: 'csv', schema, csv });
  await sink.open(undefined);
  await written(sink, { i: 1, s: 'a;"b"\n', v: Vectors.dense(1, 2), other: 1 }, { i: 2 });
  await checkpoint(sink);
  const more = [{ i: 3, s: 'c', v: Vectors.dense(3, 4) }];
  await written(sink, Table.fromRows(more, schema));
  await checkpoint(sink);
  await sink.close();
  const rows = await Promise.all(
    partNames(folder).map(async (name) => {
      const part = await readCsv(join(folder, name), { schema, ...csv }).collect();
      return part.toRows().map(({ i, s, v }) => [i, s, String(v)]);
    }),
  );
  assertSame(rows, [
    [
      [1, 'a;"b"\n', '[1.0, 2.0]'],
      [2, null, 'null'],
    ],
    [[3, 'c', '[3.0, 4.0]']],
  ]);
});

test('tables are written as Parquet, and as their rows as JSON Lines', async () => {
  const given = Table.fromColumns({
    i: Float64Array.from({ length: 5000 }, (_, i) => i),
    s: Array.from({ length: 5000 }, (_, i) => (i % 7 === 0 ? null : `s${i % 3}`)),
  });
  const reads = { parquet: readParquet, jsonl: readJsonLines } as const;
  for (const format of ['parquet', 'jsonl'] as const) {
    const folder = newFolder();
    const sink = new FileSink({ folder, format, parquet: { rowGroupSize: 700 } });
    await sink.open(undefined);
    for (let at = 0; at < 5000; at += 1000) {
      await sink.write(given.slice(at, at + 1000));
      if (at === 2000) await checkpoint(sink);
    }
    await checkpoint(sink);
    await sink.close();
    assert.is(partNames(folder).length, 2);
    const parts = partNames(folder).map((name) => reads[format](join(folder, name)).collect());
    const back = Table.concat(await Promise.all(parts));
    assertSame(back.toRows(), given.toRows(), format);
  }
});

test('the schema of the first table is that of all, also after a checkpoint', async () => {
  const folder = newFolder();
  const first = new FileSink({ folder, format: 'csv' });
  await first.open(undefined);
  await written(first, Table.fromRows([{ a: 1 }]));
  const state = await checkpoint(first);
  await first.close();
  const sink = new FileSink({ folder, format: 'csv' });
  await sink.open(state);
  const other = Table.fromRows([{ b: 1 }]);
  await rejectsError(sink.write(other), 'ERR_GYRE_SCHEMA', /must have the schema { a: float64 }/);
  await rejectsError(sink.prepare(), 'ERR_GYRE_SCHEMA', /must have the schema { a: float64 }/);
  await sink.open(state);
  await written(sink, { a: 2 });
  await checkpoint(sink);
  assert.is(contentOf(folder), 'a\n1\na\n2\n');
  await sink.open(undefined);
  await written(sink, other);
  await checkpoint(sink);
  await sink.close();
  assert.is(contentOf(folder), 'b\n1\n');
});

test('records that the format cannot hold are refused', async () => {
  const cases = [
    ['jsonl', new Map(), 'ERR_GYRE_DATA', /plain values, arrays and objects, got Map/],
    ['jsonl', { f: () => 1 }, 'ERR_GYRE_DATA', /got/],
    ['jsonl', undefined, 'ERR_GYRE_DATA', /got undefined/],
    ['csv', { a: 1 }, 'ERR_GYRE_SCHEMA', /rows need a schema/],
    ['csv', 5, 'ERR_GYRE_DATA', /must be a Table or a row, got 5/],
    ['parquet', { a: 1 }, 'ERR_GYRE_DATA', /must be a Table to be written as Parquet/],
  ] as const;
  for (const [format, value, code, message] of cases) {
    const folder = newFolder();
    const sink = new FileSink({ folder, format });
    await sink.open(undefined);
    await rejectsError(sink.write(value), code, message);
    await sink.close();
    assertSame([partNames(folder), otherNames(folder)], [[], []]);
  }
});

test('wrong options are refused at once, and calls out of turn too', async () => {
  const folder = newFolder();
  const make = (options: object) => () => new FileSink({ folder, format: 'csv', ...options });
  throwsError(make({ format: 'xml' }), 'ERR_GYRE_INVALID_PARAM', /"csv" or "parquet", got "xml"/);
  throwsError(make({ folder: '' }), 'ERR_GYRE_INVALID_PARAM', /FileSink: the file must be a path/);
  throwsError(make({ schema: { a: 'x' } }), 'ERR_GYRE_SCHEMA', /unknown type "x"/);
  const both = { format: 'jsonl', schema: { a: 'int32' } };
  throwsError(make(both), 'ERR_GYRE_INVALID_PARAM', /of the formats csv and parquet/);
  const sink = make({})();
  await rejectsError(sink.write(1), 'ERR_GYRE_CLOSED', /not open/);
  await rejectsError(sink.prepare(), 'ERR_GYRE_CLOSED', /not open/);
  await sink.close();
});

test('large and small records arrive in order, over many buffers', async () => {
  const folder = newFolder();
  const sink = new FileSink({ folder, format: 'jsonl' });
  await sink.open(undefined);
  const values = range(400).map((i) => `${i}${'é'.repeat(i % 50 === 0 ? 150_000 : i * 7)}`);
  await written(sink, ...values);
  await checkpoint(sink);
  await sink.close();
  const lines = contentOf(folder).split('\n');
  assert.is(lines.length, values.length + 1);
  for (const [i, value] of values.entries()) assert.ok(lines[i] === JSON.stringify(value), `${i}`);
});

test('writes go to the file in large pieces, and are waited for', async () => {
  const failing = new FailingFs();
  const sink = new FileSink({ folder: newFolder(), format: 'jsonl' }, failing.fs);
  await sink.open(undefined);
  failing.restart();
  for (let i = 0; i < 20_000; i++) await sink.write({ i, text: 'some text of a record' });
  const { length } = failing.writes;
  assert.ok(length > 0, 'nothing is written before the checkpoint');
  assert.ok(Math.min(...failing.writes) >= 65_536, `pieces of ${failing.writes}`);
  await sink.close();
});

test('errors of the file system have the path, the code and the cause', async () => {
  for (const call of ['open', 'write', 'sync', 'close']) {
    const folder = newFolder();
    const failing = new FailingFs();
    const sink = new FileSink({ folder, format: 'jsonl' }, failing.fs);
    await sink.open(undefined);
    const order = ['open', 'write', 'sync', 'close'];
    failing.restart((n) => (n === order.indexOf(call) ? 'after' : null));
    const outcome = sink.write(1).then(() => sink.prepare());
    const error = await rejectsError(
      outcome,
      'ERR_GYRE_OPERATOR',
      /FileSink: .*\.part-00000001\.jsonl\.tmp cannot be (made|written): ENOSPC: made up/,
    );
    assert.is(error.details.path, join(folder, '.part-00000001.jsonl.tmp'), call);
    assert.is(error.details.code, 'ENOSPC');
    assert.is((error.cause as { code?: string }).code, 'ENOSPC');
    // What was written before is in doubt, so nothing is written after it.
    const again = await sink.write(2).catch((thrown: unknown) => thrown);
    assert.is(again, error);
    await sink.open(undefined);
    await written(sink, 3);
    await checkpoint(sink);
    await sink.close();
    assert.is(contentOf(folder), '3\n', call);
    assert.is(failing.openHandles, 0, call);
  }
});

test('a folder that cannot be written to is named', async () => {
  const folder = newFolder();
  mkdirSync(join(folder, '..'), { recursive: true });
  writeFileSync(folder, 'a file');
  const sink = new FileSink({ folder, format: 'jsonl' });
  const error = await rejectsError(
    sink.open(undefined),
    'ERR_GYRE_OPERATOR',
    /cannot be made: EEXIST/,
  );
  assert.is(error.details.path, folder);
  await sink.close();
});

test('no file stays open, whatever the end is', async () => {
  const before = openFiles();
  for (const end of ['close', 'checkpoint', 'open'] as const) {
    const sink = new FileSink({ folder: newFolder(), format: 'jsonl' });
    await sink.open(undefined);
    await written(sink, 1);
    if (end === 'checkpoint') await checkpoint(sink);
    if (end === 'open') await sink.open(undefined);
    await sink.close();
    await sink.close();
    assert.is(openFiles(), before, end);
  }
});

test.run();
