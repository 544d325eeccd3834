import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../src/core/random.js';
import { MAX_COLLECTED, type OnBadRecord } from '../../src/io/bad-records.js';
import { readCsv } from '../../src/io/csv.js';
import { readJsonLines } from '../../src/io/json-lines.js';
import { readLibsvm } from '../../src/io/libsvm.js';
import type { RecordStream } from '../../src/io/record-stream.js';
import { assertSame } from '../engine/support.js';
import { rejectsError, throwsError } from '../table/expect-error.js';
import { tempFolder } from './temp-folder.js';

const folder = tempFolder('bad-records');
const path = join(folder, 'file');

interface Options {
  readonly onBadRecord?: OnBadRecord;
  readonly batchSize?: number;
}

/** A format: good and bad lines, where the good ones are numbered. */
interface Format {
  readonly head: string;
  readonly good: (i: number) => string;
  readonly bad: readonly string[];
  readonly open: (options?: Options) => RecordStream;
  /** The column of the numbers. */
  readonly name: string;
}

const formats: Readonly<Record<string, Format>> = {
  csv: {
    head: 'n,s\n',
    good: (i) => `${i},"a ""quoted"" one, and more"`,
    bad: ['x,y', '1', '1,2,3', '"a"b,c', 'a"b,c', '"1"2,"3"4', '5,"a"b,6'],
    open: (options) => readCsv(path, { ...options, schema: { n: 'float64', s: 'string' } }),
    name: 'n',
  },
  jsonl: {
    head: '',
    good: (i) => `{"n":${i},"other":1}`,
    bad: ['{', '[1]', 'null', '{"n":"x"}', '{"n":[]}', '1 2', '{"n":1}}'],
    open: (options) => readJsonLines(path, { ...options, schema: { n: 'float64', s: 'string' } }),
    name: 'n',
  },
  libsvm: {
    head: '',
    good: (i) => `${i} 1:1 2:2`,
    bad: ['x', '1 2', '1 2:', '1 3:1', '1 0:1', '1 2:1 1:1', '1 qid:7', '1:1'],
    open: (options) => readLibsvm(path, { ...options, numFeatures: 2 }),
    name: 'label',
  },
};

for (const [name, { head, good, bad, open, name: column }] of Object.entries(formats)) {
  test(`${name}: each bad record is left out, counted and told, and no other`, async () => {
    for (const line of bad) {
      const text = `${head}${good(1)}\n${line}\n${good(2)}\n${line}\n${line}\n${good(3)}\n${line}`;
      writeFileSync(path, text);
      const first = head === '' ? 2 : 3;
      await rejectsError(open().collect(), 'ERR_GYRE_FORMAT', new RegExp(`file, line ${first}\\b`));
      const stream = open({ onBadRecord: 'collect' });
      const read = await stream.collect();
      assert.equal(read.column(column).toArray(), [1, 2, 3], line);
      const { count, records } = stream.badRecords;
      assert.is(count, 4, line);
      assert.equal(
        records.map((record) => [record.file, record.line]),
        [0, 2, 3, 5].map((more) => [path, first + more]),
        line,
      );
      for (const { text: begin, reason } of records) {
        assert.ok(begin !== '' && line.startsWith(begin), `${line}: ${begin}`);
        assert.match(reason, /^read\w+: .*file, line \d+/);
      }
      const skipping = open({ onBadRecord: 'skip' });
      await skipping.collect();
      assert.equal([skipping.badRecords.count, skipping.badRecords.records], [4, []]);
    }
  });

  test(`${name}: a count goes on with its place, and is of the records before it`, async () => {
    for (let seed = 1; seed <= 25; seed++) {
      const random = new JavaRandom(seed);
      let text = head;
      let [goods, bads] = [0, 0];
      for (let i = random.nextInt(40); i > 0; i--) {
        const isBad = random.nextInt(3) === 0;
        text += `${isBad ? bad[random.nextInt(bad.length)] : good(goods)}\n`;
        if (isBad) bads++;
        else goods++;
      }
      writeFileSync(path, text);
      const what = `seed ${seed}: ${JSON.stringify(text)}`;
      const stream = open({ onBadRecord: 'skip', batchSize: 1 + random.nextInt(5) });
      const places: { readonly position: unknown; readonly rows: number }[] = [];
      let rows = 0;
      for await (const table of stream) {
        rows += table.numRows;
        places.push({ position: stream.position!(), rows });
      }
      assertSame([rows, stream.badRecords.count], [goods, bads], what);
      for (const { position, rows: before } of places) {
        await stream.seek!(position);
        const read = await stream.collect();
        assertSame([before + read.numRows, stream.badRecords.count], [goods, bads], what);
      }
    }
  });
}

test('a reading anew counts anew', async () => {
  writeFileSync(path, 'n\n1\nx\n2\n');
  const stream = readCsv(path, { schema: { n: 'int32' }, onBadRecord: 'collect' });
  for (let i = 0; i < 2; i++) {
    await stream.collect();
    assert.equal([stream.badRecords.count, stream.badRecords.records.length], [1, 1]);
  }
});

test('what is kept is bounded: the first records, and how each begins', async () => {
  const lines = Array.from({ length: MAX_COLLECTED + 10 }, (_, i) => `${'y'.repeat(500)}${i}`);
  writeFileSync(path, `n\n${lines.join('\n')}\n`);
  const stream = readCsv(path, { schema: { n: 'int32' }, onBadRecord: 'collect' });
  assert.is((await stream.collect()).numRows, 0);
  const { count, records } = stream.badRecords;
  assert.equal([count, records.length], [MAX_COLLECTED + 10, MAX_COLLECTED]);
  assert.is(records[0]!.text, `${'y'.repeat(200)}…`);
  assert.equal(
    [records[0]!.line, records[0]!.column, records.at(-1)!.line],
    [2, 'n', MAX_COLLECTED + 1],
  );
});

test('a wrong delimiter is refused at its first line, not after the whole file', async () => {
  writeFileSync(path, `a\n${'1,2\n'.repeat(20_000)}`);
  const stream = readCsv(path, { onBadRecord: 'skip' });
  assert.is((await stream.collect()).numRows, 0);
  assert.is(stream.badRecords.count, 20_000);
  await rejectsError(
    readCsv(path).collect(),
    'ERR_GYRE_FORMAT',
    /line 2: expected 1 fields, got 2/,
  );
});

test('a header that cannot be read is an error whatever becomes of records', async () => {
  writeFileSync(path, '"a"b,c\n1,2\n');
  await rejectsError(
    readCsv(path, { onBadRecord: 'skip' }).collect(),
    'ERR_GYRE_FORMAT',
    /line 1, field 1: Invalid Closing Quote/,
  );
  writeFileSync(path, 'a,a\n1,2\n');
  await rejectsError(
    readCsv(path, { onBadRecord: 'skip' }).collect(),
    'ERR_GYRE_FORMAT',
    /names "a" twice/,
  );
});

test('a quote that is never closed takes the rest of the file, as one record', async () => {
  writeFileSync(path, 'a,b\n1,2\n3,"4\n5,6\n');
  const stream = readCsv(path, { onBadRecord: 'collect' });
  assert.is((await stream.collect()).numRows, 1);
  assert.is(stream.badRecords.count, 1);
  assert.match(stream.badRecords.records[0]!.reason, /Quote Not Closed/);
});

test('a property that the schema of the first batch has not is a bad record, with its name', async () => {
  writeFileSync(path, '{"n":1}\n{"n":2,"z":3}\n{"n":\n{"n":4}\n');
  const stream = readJsonLines(path, { batchSize: 1, onBadRecord: 'collect' });
  assert.equal((await stream.collect()).column('n').toArray(), [1, 4]);
  assert.equal(
    stream.badRecords.records.map(({ line, column }) => [line, column]),
    [
      [2, 'z'],
      [3, null],
    ],
  );
});

test('other policies are refused at once', () => {
  for (const open of Object.values(formats)) {
    throwsError(
      () => open.open({ onBadRecord: 'ignore' as never }),
      'ERR_GYRE_INVALID_PARAM',
      /onBadRecord must be "error", "skip" or "collect", got "ignore"/,
    );
  }
});

test.run();
