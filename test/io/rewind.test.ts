import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../src/core/random.js';
import { decodeState, encodeState } from '../../src/engine/checkpoint/cut.js';
import type { RewindableSource } from '../../src/engine/source.js';
import { readCsv } from '../../src/io/csv.js';
import { readJsonLines } from '../../src/io/json-lines.js';
import { readParquet } from '../../src/io/parquet.js';
import { writeParquet } from '../../src/io/write-parquet.js';
import { Table } from '../../src/table/table.js';
import type { TableStream } from '../../src/table/table-stream.js';
import { assertSame } from '../engine/support.js';
import { rejectsError } from '../table/expect-error.js';
import { assertFilesClosed, openFiles, tempFolder } from './temp-folder.js';

const folder = tempFolder('rewind');
const path = join(folder, 'file');

/** A batch in a form that can be compared, and the place after it. */
interface Seen {
  readonly batch: string;
  readonly after: unknown;
}

const shown = (table: Table): string => JSON.stringify([table.schema, table.toRows()]);

async function read(stream: TableStream): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const table of stream) seen.push({ batch: shown(table), after: stream.position!() });
  return seen;
}

/** As a checkpoint keeps it. */
function kept(position: unknown): unknown {
  return decodeState(encodeState(position, []), () => assert.unreachable('a shard') as never);
}

/** Reads a stream that `open` makes from each of its places. */
async function assertRewinds(open: () => TableStream, what: string): Promise<Seen[]> {
  const all = await read(open());
  const places = [null, ...all.map(({ after }) => after)];
  for (const [i, place] of places.entries()) {
    const stream = open();
    await stream.seek!(kept(place));
    assertSame(stream.position!(), place, `${what}: position after seek ${i}`);
    assertSame(await read(stream), all.slice(i), `${what}: from place ${i}`);
  }
  return all;
}

test('streams of files are sources that a job with checkpoints takes', () => {
  type RewindableStream = TableStream & Required<Pick<TableStream, 'position' | 'seek'>>;
  const source: RewindableSource<Table> = readCsv(path) as RewindableStream;
  for (const { position, seek } of [source, readParquet(path), readJsonLines(path)]) {
    assert.type(position, 'function');
    assert.type(seek, 'function');
  }
});

const CSV_CELLS = ['1', '-2.5', '', '"a,b"', '"x""y"', '"two\nlines"', '"two\r\nlines"', 'é€😀'];

/** A file whose cells hold all that moves bytes, lines and fields apart. */
function csvText(random: JavaRandom): { readonly text: string; readonly lines: number } {
  const end = ['\n', '\r\n', '\r'][random.nextInt(3)]!;
  const lines = random.nextInt(12);
  const cell = (): string => CSV_CELLS[random.nextInt(CSV_CELLS.length)]!;
  let text = random.nextInt(2) === 0 ? '' : '\ufeff';
  text += `"first\n${end}",b,"c,""d"""${end}`;
  for (let i = 0; i < lines; i++) {
    if (random.nextInt(4) === 0) text += end;
    text += [String(i), cell(), cell()].join(',');
    if (i < lines - 1 || random.nextInt(2) === 0) text += end;
  }
  return { text, lines };
}

test('a CSV file is read on from every batch, whatever its cells and its ends of lines are', async () => {
  let whole = 0;
  for (let seed = 1; seed <= 150; seed++) {
    const random = new JavaRandom(seed);
    const { text, lines } = csvText(random);
    writeFileSync(path, text);
    const batchSize = 1 + random.nextInt(4);
    const columns = random.nextInt(2) === 0 ? undefined : ['c,"d"', 'b'];
    const open = () => readCsv(path, { batchSize, ...(columns && { columns }) });
    const what = `seed ${seed}: ${JSON.stringify(text)}, batches of ${batchSize}`;
    // Text in a column whose first batch has numbers is an error wherever one begins.
    const outcome = await open()
      .collect()
      .then(() => null, String);
    if (outcome !== null) assert.match(outcome, /must be (float64|boolean)/, what);
    else {
      const all = await assertRewinds(open, what);
      assert.is(all.length, Math.max(1, Math.ceil(lines / batchSize)), what);
      whole++;
    }
  }
  assert.ok(whole >= 75, `${whole} of 150 files can be read`);
});

test('types, names and line numbers stay those that the beginning of a CSV file settled', async () => {
  writeFileSync(path, 'n,s\n1,x\n"2",7\n3,8\n\n4,"9\n"\n7,9\n5\n');
  const stream = readCsv(path, { batchSize: 2 });
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  const after2 = stream.position!();
  await iterator.next();
  const after4 = stream.position!();
  await iterator.return!();
  await stream.seek!(after2);
  const again = stream[Symbol.asyncIterator]();
  const third: Table | undefined = (await again.next()).value;
  await again.return!();
  assertSame(
    [third!.schema, third!.toRows()],
    [
      { n: 'float64', s: 'string' },
      [
        { n: 3, s: '8' },
        { n: 4, s: '9\n' },
      ],
    ],
  );
  await stream.seek!(after4);
  await rejectsError(stream.collect(), 'ERR_GYRE_FORMAT', /line 9.*expect(ed)? 2.*got 1/);
  writeFileSync(path, 'n,s\n1,x\n"2",7\n3,8\n\n4,"9\n"\nx,9\n5,5\n');
  await stream.seek!(after4);
  await rejectsError(stream.collect(), 'ERR_GYRE_FORMAT', /line 8: column "n" must be float64/);
  writeFileSync(path, 'n,s\n1,x\n"2",7\n3,8\n\n4,"9\n"\n8\n9\n');
  await stream.seek!(after4);
  await rejectsError(stream.collect(), 'ERR_GYRE_FORMAT', /line 8: expected 2 fields, got 1/);
});

test('a CSV file without a header, of a header alone, and in UTF-16 is read on', async () => {
  writeFileSync(path, '1;x\r\n2;y\r\n3;z');
  const options = { header: false, delimiter: ';', batchSize: 1 };
  assert.is((await assertRewinds(() => readCsv(path, options), 'no header')).length, 3);
  writeFileSync(path, 'a,b\n');
  assert.is((await assertRewinds(() => readCsv(path), 'header alone')).length, 1);
  writeFileSync(path, Buffer.from('\ufeffa,b\r\n1,é\r\n2,€\r\n3,😀\r\n', 'utf16le'));
  const all = await assertRewinds(() => readCsv(path, { batchSize: 1 }), 'UTF-16');
  assert.match(all.at(-1)!.batch, /😀/);
  // A byte order mark is one at the beginning of the file alone.
  writeFileSync(path, 'a\n\ufeffx\n\ufeffy\n');
  const marks = await assertRewinds(() => readCsv(path, { batchSize: 1 }), 'marks');
  assert.match(marks[1]!.batch, /\ufeffy/);
});

test('what lies before the place is not read', async () => {
  const lines = Array.from({ length: 40 }, (_, i) => `${i},x${i}`);
  writeFileSync(path, `a,b\n${lines.join('\n')}\n`);
  const stream = readCsv(path, { batchSize: 10 });
  const [{ after }] = (await read(stream)) as [Seen];
  const text = readFileSync(path);
  const { byte } = (after as { at: { at: { byte: number } } }).at.at;
  writeFileSync(path, text.fill('"', 0, byte));
  await stream.seek!(after);
  assert.is((await stream.collect()).numRows, 30);
});

test('a file that is shorter than the place is refused', async () => {
  for (const open of [readCsv, readJsonLines]) {
    writeFileSync(path, open === readCsv ? 'a\n1\n2\n' : '{"a":1}\n{"a":2}\n');
    const stream = open(path, { batchSize: 1 });
    const { after } = (await read(stream)).at(-1)!;
    writeFileSync(path, 'a\n');
    await stream.seek!(after);
    await rejectsError(
      stream.collect(),
      'ERR_GYRE_FORMAT',
      /ends at byte 2, expected (6|16) or more/,
    );
  }
});

test('a Parquet file is read on from every row group, those chosen in any order too', async () => {
  const table = Table.fromRows(
    Array.from({ length: 25 }, (_, i) => ({ i, s: `s${i % 3}`, v: i % 4 === 0 ? null : i / 4 })),
  );
  await writeParquet(path, table, { rowGroupSize: 4 });
  assert.is((await assertRewinds(() => readParquet(path), 'all')).length, 7);
  const options = { columns: ['s'], rowGroups: [5, 0, 3] };
  assert.is((await assertRewinds(() => readParquet(path, options), 'chosen')).length, 3);
  const bytes = readFileSync(path);
  assert.is((await assertRewinds(() => readParquet(bytes), 'in memory')).length, 7);
});

test('row groups before the place are not decoded', async () => {
  await writeParquet(path, Table.fromRows(Array.from({ length: 12 }, (_, i) => ({ i }))), {
    rowGroupSize: 4,
  });
  const stream = readParquet(path);
  const [, second] = await read(stream);
  const bytes = readFileSync(path);
  // The pages begin behind the magic word.
  writeFileSync(path, bytes.fill(0xff, 4, 24));
  await rejectsError(readParquet(path).collect(), 'ERR_GYRE_FORMAT', /row group 0/);
  await stream.seek!(second!.after);
  assertSame((await stream.collect()).toRows(), [{ i: 8 }, { i: 9 }, { i: 10 }, { i: 11 }]);
});

test('a JSON Lines file is read on from every batch', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = new JavaRandom(seed);
    const n = random.nextInt(9);
    const end = ['\n', '\r\n'][random.nextInt(2)]!;
    let text = random.nextInt(2) === 0 ? '' : '\ufeff';
    for (let i = 0; i < n; i++) {
      if (random.nextInt(4) === 0) text += end;
      text += JSON.stringify({ i, s: 'é\n😀'.repeat(random.nextInt(3)), l: [i, null] });
      if (i < n - 1 || random.nextInt(2) === 0) text += end;
    }
    writeFileSync(path, text);
    const batchSize = 1 + random.nextInt(3);
    const what = `seed ${seed}: ${JSON.stringify(text)}, batches of ${batchSize}`;
    const all = await assertRewinds(() => readJsonLines(path, { batchSize }), what);
    assert.is(all.length, Math.ceil(n / batchSize), what);
  }
});

test('a reader that is sent elsewhere, or left, leaves no file open', async () => {
  writeFileSync(path, `a\n${'1\n'.repeat(200_000)}`);
  const before = openFiles();
  const stream = readCsv(path, { batchSize: 100 });
  await stream.schema();
  await stream.seek!(null);
  for await (const _ of stream) break;
  const place = stream.position!();
  assert.is(place, null);
  await assertFilesClosed(before);
});

test.run();
