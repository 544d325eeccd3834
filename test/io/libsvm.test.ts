import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type LibsvmReadOptions, readLibsvm } from '../../src/io/libsvm.js';
import { writeLibsvm } from '../../src/io/write-libsvm.js';
import { Column } from '../../src/table/column.js';
import { type Row, Table } from '../../src/table/table.js';
import { Vectors } from '../../src/table/vector.js';
import { rejectsError, throwsError } from '../table/expect-error.js';
import { tempFolder } from './temp-folder.js';

const folder = tempFolder('libsvm');
const path = join(folder, 'file.libsvm');

function table(text: string | Uint8Array, options?: LibsvmReadOptions): Promise<Table> {
  writeFileSync(path, text);
  return readLibsvm(path, options).collect();
}

const shown = (row: Row): Row => ({ ...row, features: String(row.features) });

test('labels and entries are read, with comments, empty lines and any space', async () => {
  const text =
    '+1 1:0.5 3:-2e3 # a comment 9:9\r\n\n# only this\n-1\t2:inf  4:nan \n0 \n2.5 1:1#x\n  7 4:.25';
  const read = await table(text);
  assert.equal(read.schema, { label: 'float64', features: 'sparseVector' });
  assert.equal(read.toRows().map(shown), [
    { label: 1, features: '(4, [0, 2], [0.5, -2000.0])' },
    { label: -1, features: '(4, [1, 3], [Infinity, NaN])' },
    { label: 0, features: '(4, [], [])' },
    { label: 2.5, features: '(4, [0], [1.0])' },
    { label: 7, features: '(4, [3], [0.25])' },
  ]);
});

test('indices from 0, the size, names of columns and query ids are options', async () => {
  const options = {
    zeroBased: true,
    numFeatures: 9,
    labelCol: 'y',
    featuresCol: 'x',
    qidCol: 'query',
  };
  const read = await table('1 qid:9007199254740993 0:1 8:2\n2 3:4\n3 qid:-7\n', options);
  assert.equal(read.schema, { y: 'float64', query: 'int64', x: 'sparseVector' });
  assert.equal(read.column('query').toArray(), [9007199254740993n, null, -7]);
  assert.equal(read.column('x').toArray().map(String), [
    '(9, [0, 8], [1.0, 2.0])',
    '(9, [3], [4.0])',
    '(9, [], [])',
  ]);
});

test('lines of another form are refused with file, line and character', async () => {
  const cases: readonly [string, LibsvmReadOptions, RegExp][] = [
    [
      '1 1:1\n1 0:1\n',
      {},
      /line 2, character 3: an index must be at least 1, got 0; set zeroBased/,
    ],
    ['x 1:1\n', {}, /line 1, character 1: the label must be a number, got "x"/],
    ['1:2 2:1\n', {}, /character 1: the label must be a number, got "1:2"/],
    ['1 2:1 2:3\n', {}, /character 7: indices must ascend, got 2 after 2/],
    ['1 5:1\n', { numFeatures: 4 }, /character 3: an index must be at most 4, got 5/],
    ['1 4:1\n', { numFeatures: 4, zeroBased: true }, /must be at most 3, got 4/],
    ['1 2147483647:1\n', {}, /an index must be at most 2147483646/],
    ['1 a:1\n', {}, /an entry must be index:value, got "a:1"/],
    ['1 7\n', {}, /an entry must be index:value, got "7"/],
    ['1 -1:2\n', {}, /an entry must be index:value, got "-1:2"/],
    ['1 1:\n', {}, /character 5: a value must be a number, got ""/],
    ['1 1:2:3\n', {}, /a value must be a number, got "2:3"/],
    ['1 1:1e\n', {}, /a value must be a number, got "1e"/],
    ['1 1:0x1\n', {}, /a value must be a number, got "0x1"/],
    ['1 1:--1\n', {}, /a value must be a number, got "--1"/],
    ['1 1:.\n', {}, /a value must be a number, got "\."/],
    ['1,2 1:1\n', {}, /the label must be a number, got "1,2"/],
    ['1 qid:3 1:1\n', {}, /character 3: it has a qid; name the column for it with qidCol/],
    ['1 qid:x 1:1\n', { qidCol: 'q' }, /character 3: a qid must be an integer/],
    ['1 1:1 qid:3\n', { qidCol: 'q' }, /an entry must be index:value, got "qid:3"/],
  ];
  for (const [text, options, message] of cases) {
    await rejectsError(table(text, options), 'ERR_GYRE_FORMAT', message);
  }
  const error = await rejectsError(table('1\n\n1 x\n'), 'ERR_GYRE_FORMAT', /^readLibsvm: .*line 3/);
  assert.equal(error.details, { file: path, line: 3, column: 3 });
  for (const numFeatures of [0, 1.5, 2 ** 31]) {
    throwsError(() => readLibsvm(path, { numFeatures }), 'ERR_GYRE_INVALID_PARAM', /numFeatures/);
  }
  throwsError(
    () => readLibsvm(path, { labelCol: 'features' }),
    'ERR_GYRE_INVALID_PARAM',
    /must be different/,
  );
});

test('a line that is left out takes nothing of it along, and does not widen the vectors', async () => {
  const text = '1 1:1 2:2\n2 1:5 9:x\n3 qid:4 100:1\n4 2:7\n';
  writeFileSync(path, text);
  const stream = readLibsvm(path, { onBadRecord: 'collect' });
  const read = await stream.collect();
  assert.equal(read.toRows().map(shown), [
    { label: 1, features: '(2, [0, 1], [1.0, 2.0])' },
    { label: 4, features: '(2, [1], [7.0])' },
  ]);
  assert.is(stream.badRecords.count, 2);
  assert.equal(
    stream.badRecords.records.map(({ line, column, text: begin }) => [line, column, begin]),
    [
      [2, 9, '2 1:5 9:x'],
      [3, 3, '3 qid:4 100:1'],
    ],
  );
});

test('numbers are the nearest doubles, however they are written', async () => {
  const written = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc
      .tuple(fc.constantFrom('', '-', '+'), fc.maxSafeNat(), fc.nat(25))
      .map(([sign, digits, scale]) => {
        const text = String(digits).padStart(scale + 1, '0');
        return `${sign}${text.slice(0, text.length - scale)}.${text.slice(text.length - scale)}`;
      }),
    fc.tuple(fc.nat(999_999), fc.integer({ min: -330, max: 310 })).map(([m, e]) => `${m}e${e}`),
  );
  const seed = Math.floor(Date.now() % 2 ** 31);
  const numbers = fc.sample(written, { numRuns: 5000, seed });
  const read = await table(numbers.map((text) => `${text} 1:${text}\n`).join(''));
  const labels = read.column('label', 'float64').values;
  const { values } = read.column('features', 'sparseVector');
  for (const [i, text] of numbers.entries()) {
    const want = Number(text);
    assert.ok(Object.is(labels[i], want), `seed ${seed}: label ${text}, got ${labels[i]}`);
    assert.ok(Object.is(values[i], want), `seed ${seed}: value ${text}, got ${values[i]}`);
  }
});

test('lines that lie across pieces of the file are whole', async () => {
  const entries = Array.from({ length: 3000 }, (_, j) => `${j + 1}:${j / 8}`).join(' ');
  const lines = Array.from({ length: 200 }, (_, i) => `${i} ${i % 7 === 0 ? '' : entries}`);
  const read = await table(`${lines.join('\n')}`, { batchSize: 64 });
  const { offsets, values, size } = read.column('features', 'sparseVector');
  assert.is(size, 3000);
  assert.equal(read.column('label').toArray(), [...lines.keys()]);
  for (let i = 0; i < 200; i++) {
    assert.is(offsets[i + 1]! - offsets[i]!, i % 7 === 0 ? 0 : 3000);
  }
  assert.is(values.at(-1), 2999 / 8);
});

test('what is written is read back, dense and sparse', async () => {
  const written = Table.fromColumns({
    y: Int32Array.of(1, -1, 0),
    dense: Column.dense([0, 1.5, Number.NaN, 0, 0, 0, -2, 0, 1e-300], 3),
    sparse: Column.from([
      Vectors.sparse(5, [4], [0.1]),
      Vectors.sparse(5, [], []),
      Vectors.sparse(5, [0, 1], [-0, 7]),
    ]),
    q: Column.from([5n, null, 2n ** 60n]),
  });
  await writeLibsvm(path, written, { labelCol: 'y', featuresCol: 'dense' });
  assert.is(readFileSync(path, 'utf8'), '1 2:1.5 3:NaN\n-1\n0 1:-2 3:1e-300\n');
  const options = { labelCol: 'y', featuresCol: 'sparse', qidCol: 'q', zeroBased: true };
  await writeLibsvm(path, written.slice(0, 3), options);
  assert.is(readFileSync(path, 'utf8'), '1 qid:5 4:0.1\n-1\n0 qid:1152921504606846976 0:-0 1:7\n');
  const back = await readLibsvm(path, { ...options, numFeatures: 5 }).collect();
  assert.equal(back.column('sparse').toArray(), written.column('sparse').toArray());
  assert.equal(back.column('q').toArray(), written.column('q').toArray());
});

test('null and other types are not written', async () => {
  const features = Column.from([Vectors.dense(1), null]);
  await rejectsError(
    writeLibsvm(path, Table.fromColumns({ label: [1, 2], features })),
    'ERR_GYRE_DATA',
    /writeLibsvm: row 1 of column "features" is null/,
  );
  await rejectsError(
    writeLibsvm(path, Table.fromColumns({ label: ['a', 'b'], features })),
    'ERR_GYRE_SCHEMA',
    /column "label" must be float64/,
  );
});

test('a file of no rows has vectors of no entries', async () => {
  const read = await table('# nothing\n');
  assert.equal([read.numRows, read.schema], [0, { label: 'float64', features: 'sparseVector' }]);
});

test('the size is found once: a reading that goes on does not look for it again', async () => {
  writeFileSync(path, '1 1:1\n2 9:1\n3 2:1\n');
  const stream = readLibsvm(path, { batchSize: 1 });
  for await (const _ of stream) break;
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  await iterator.next();
  const place = stream.position!();
  await iterator.return!();
  // The index 9 is gone, the lines are as long.
  writeFileSync(path, '1 1:1\n2 3:1\n3 2:1\n');
  await stream.seek!(place);
  assert.equal((await stream.collect()).toRows().map(shown), [
    { label: 3, features: '(9, [1], [1.0])' },
  ]);
});

test.run();
