/** How fast are StringIndexer and OneHotEncoder, against a Map and plain loops? */
import { Column, OneHotEncoder, Session, StringIndexer, Table } from '../src/index.js';
import { float64, int32, uint8 } from '../src/table/buffers.js';
import type { NumericColumn } from '../src/table/numeric-column.js';
import { seeded } from '../test/reference/random.js';
import { check, QUICK, timeLong } from './harness/measure.js';
import { Report } from './harness/report.js';
import { median, type Samples } from './harness/samples.js';

const report = new Report(
  import.meta.url,
  'how fast are StringIndexer and OneHotEncoder, against a Map and plain loops?',
);
const SECONDS = QUICK ? 0 : 1;
const SEED = 8;
const STRING_ROWS = QUICK ? 50_000 : 20_000_000;
const DISTINCT = QUICK ? [100, 5000] : [100, 1_000_000];
const INDEX_ROWS = QUICK ? 50_000 : 10_000_000;
const CATEGORIES = 100;
const sessions = [0, 1, 2].map((threads) => new Session({ threads }));
const nameOf = ({ threads }: Session): string => `gyre, threads: ${threads}`;

interface Strings {
  readonly labels: readonly string[];
  readonly codes: Int32Array<SharedArrayBuffer>;
  readonly strings: readonly string[];
  readonly utf8: Column;
}

/** Random rows of some labels, in the three forms in which a program may have them. */
function stringsOf(rows: number, distinct: number): Strings {
  const random = seeded(SEED);
  const labels = Array.from({ length: distinct }, (_, i) => `key ${(i * 7919) % distinct}`);
  const codes = int32(rows);
  const offsets = int32(rows + 1);
  for (let i = 0; i < rows; i++) {
    codes[i] = random.below(distinct);
    offsets[i + 1] = offsets[i]! + labels[codes[i]!]!.length;
  }
  const bytes = uint8(offsets[rows]!);
  const encoded = labels.map((label) => Buffer.from(label));
  for (let i = 0; i < rows; i++) bytes.set(encoded[codes[i]!]!, offsets[i]);
  const strings = Array.from(codes, (code) => labels[code]!);
  return { labels, codes, strings, utf8: Column.utf8(bytes, offsets) };
}

/** What a program does without a library: a Map, twice. Indices are by first appearance. */
function indexByMap(strings: Iterable<string>, rows: number): Float64Array {
  const counts = new Map<string, number>();
  for (const text of strings) counts.set(text, (counts.get(text) ?? 0) + 1);
  const index = new Map<string, number>();
  for (const label of counts.keys()) index.set(label, index.size);
  const out = float64(rows);
  let row = 0;
  for (const text of strings) out[row++] = index.get(text)!;
  return out;
}

async function index(column: Column | readonly string[], session: Session): Promise<Float64Array> {
  const table = Table.fromColumns({ c: column });
  const indexer = new StringIndexer({ inputCols: ['c'], outputCols: ['i'] });
  const output = await (await indexer.fit(table, { session })).transform(table, { session });
  return (output.column('i') as NumericColumn<Float64Array>).values;
}

function checkSame(got: Float64Array, want: Float64Array, what: string): void {
  check(got.length === want.length && got.every((v, i) => v === want[i]), `${what}: other indices`);
}

async function compareStrings(distinct: number): Promise<void> {
  const { labels, codes, strings, utf8 } = stringsOf(STRING_ROWS, distinct);
  const what = `StringIndexer, ${STRING_ROWS} rows, ${distinct} labels`;
  const want = indexByMap(strings, STRING_ROWS);
  const dictionary = Column.dictionary(codes, labels);
  for (const session of sessions) {
    for (const column of [utf8, dictionary]) {
      checkSame(await index(column, session), want, `${what}, ${nameOf(session)}`);
    }
  }
  checkSame(await index(strings, sessions[0]!), want, `${what}, string[]`);

  const decoded = { [Symbol.iterator]: () => utf8[Symbol.iterator]() as Iterator<string> };
  const timed: Record<string, Samples> = await timeLong(
    {
      'Map, string[]': () => indexByMap(strings, STRING_ROWS),
      'Map, UTF-8': () => indexByMap(decoded, STRING_ROWS),
      ...Object.fromEntries(
        sessions.flatMap((session) => [
          [`${nameOf(session)}, string[]`, () => index(strings, session)],
          [`${nameOf(session)}, UTF-8`, () => index(utf8, session)],
          [`${nameOf(session)}, dictionary`, () => index(dictionary, session)],
        ]),
      ),
    },
    { seconds: SECONDS },
  );
  for (const [who, samples] of Object.entries(timed)) {
    const peer = who.endsWith('UTF-8') ? 'Map, UTF-8' : 'Map, string[]';
    const against = { who: peer, samples: timed[peer]! };
    report.add({ what, who, samples, amounts: { rows: STRING_ROWS }, against });
  }
  const ratio = median(timed['Map, string[]']!) / median(timed['gyre, threads: 2, string[]']!);
  report.note(`${what}: 2 threads against a Map, string[]`, ratio, 'x', { atLeast: 2 });
}

/** Offsets, indices and values of one-hot vectors without the last category. */
function encodeByLoop(values: Float64Array): readonly [Int32Array, Int32Array, Float64Array] {
  let max = 0;
  for (const value of values) {
    if (!Number.isInteger(value) || value < 0) throw new Error(`${value} is no index`);
    if (value > max) max = value;
  }
  const [offsets, indices] = [int32(values.length + 1), int32(values.length)];
  let entries = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i]! < max) indices[entries++] = values[i]!;
    offsets[i + 1] = entries;
  }
  return [offsets, indices.subarray(0, entries), float64(entries).fill(1)];
}

async function encode(values: Float64Array, session: Session) {
  const table = Table.fromColumns({ x: values });
  const encoder = new OneHotEncoder({ inputCols: ['x'], outputCols: ['v'] });
  const output = await (await encoder.fit(table, { session })).transform(table, { session });
  const { offsets, indices, values: ones } = output.column('v', 'sparseVector');
  return [offsets, indices, ones] as const;
}

async function compareIndices(): Promise<void> {
  const random = seeded(SEED);
  const values = float64(INDEX_ROWS);
  for (let i = 0; i < INDEX_ROWS; i++) values[i] = random.below(CATEGORIES);
  const what = `OneHotEncoder, ${INDEX_ROWS} rows, ${CATEGORIES} categories`;
  const want = encodeByLoop(values);
  for (const session of sessions) {
    const got = await encode(values, session);
    const isSame = got.every((array, a) => Buffer.compare(bytesOf(array), bytesOf(want[a]!)) === 0);
    check(isSame, `${what}, ${nameOf(session)}: other vectors`);
  }
  const timed: Record<string, Samples> = await timeLong(
    {
      'plain loop': () => encodeByLoop(values),
      ...Object.fromEntries(sessions.map((s) => [nameOf(s), () => encode(values, s)])),
    },
    { seconds: SECONDS },
  );
  for (const [who, samples] of Object.entries(timed)) {
    const against = { who: 'plain loop', samples: timed['plain loop']! };
    report.add({ what, who, samples, amounts: { rows: INDEX_ROWS }, against });
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);

for (const distinct of DISTINCT) await compareStrings(distinct);
await compareIndices();
for (const session of sessions) await session.close();
report.remark(
  'Each call fits and transforms. string[]: the table is made of the strings in the call. UTF-8 and ' +
    'dictionary: the columns are there. The Map indexes by first appearance, as stringOrderType ' +
    "'arbitrary' does; all indices and vectors are equal.",
);
report.end();
