/** Random tables of all kinds of columns through every writer and reader. */
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../src/core/random.js';
import { readArrow } from '../../src/io/arrow.js';
import { readCsv } from '../../src/io/csv.js';
import { readJsonLines } from '../../src/io/json-lines.js';
import { readLibsvm } from '../../src/io/libsvm.js';
import { readParquet } from '../../src/io/parquet.js';
import { writeArrow } from '../../src/io/write-arrow.js';
import { writeCsv } from '../../src/io/write-csv.js';
import { writeJsonLines } from '../../src/io/write-json-lines.js';
import { writeLibsvm } from '../../src/io/write-libsvm.js';
import { writeParquet } from '../../src/io/write-parquet.js';
import { Column } from '../../src/table/column.js';
import type { ColumnType } from '../../src/table/schema.js';
import { Table } from '../../src/table/table.js';
import { TableStream as Stream, type TableStream } from '../../src/table/table-stream.js';
import { DenseVector, SparseVector, Vectors } from '../../src/table/vector.js';
import { tempFolder } from './temp-folder.js';

const folder = tempFolder('round-trip');

const FLOATS = [0, -0, 1, -1.5, 1e300, 5e-324, 0.1, Number.NaN, Infinity, -Infinity, 2 ** 53];
const TEXTS = [
  'a',
  'b',
  '',
  ' ',
  'é€😀',
  'two\nlines',
  'a,"b"',
  '\r\n',
  '\t',
  'null',
  '1',
  '\u2028',
];
const BIG = [0n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];

type Make = (random: JavaRandom) => unknown;

const pick = <T>(random: JavaRandom, from: readonly T[]): T => from[random.nextInt(from.length)]!;
const some = (random: JavaRandom, make: Make): unknown[] =>
  Array.from({ length: random.nextInt(4) }, () => (random.nextInt(5) === 0 ? null : make(random)));

/** Any 32-bit integer. */
const integer = (random: JavaRandom): number => Math.floor((random.nextDouble() - 0.5) * 2 ** 32);
const float64: Make = (random) =>
  random.nextInt(2) === 0 ? pick(random, FLOATS) : random.nextDouble() * 2 - 1;
const text: Make = (random) => pick(random, TEXTS);
const int32: Make = (random) => integer(random);
const int64: Make = (random) => (random.nextInt(2) === 0 ? pick(random, BIG) : integer(random));
const time: Make = (random) => new Date(integer(random) * 1000 + random.nextInt(1000));

/** How values of each kind are made, of a vector in three entries. */
const KINDS: Readonly<Record<string, { readonly type: ColumnType; readonly make: Make }>> = {
  float64: { type: 'float64', make: float64 },
  float32: { type: 'float32', make: (random) => Math.fround(float64(random) as number) },
  int32: { type: 'int32', make: int32 },
  int64: { type: 'int64', make: int64 },
  boolean: { type: 'boolean', make: (random) => random.nextInt(2) === 0 },
  text: { type: 'string', make: text },
  timestamp: { type: 'timestamp', make: time },
  dense: {
    type: 'vector',
    make: (random) => Vectors.dense([1, 2, 3].map(() => float64(random) as number)),
  },
  sparse: {
    type: 'sparseVector',
    make: (random) => {
      const indices = [0, 4, 7, 19].filter(() => random.nextInt(2) === 0);
      return Vectors.sparse(
        20,
        indices,
        indices.map(() => float64(random) as number),
      );
    },
  },
  numbers: { type: 'float64[]', make: (random) => some(random, float64) },
  floats: {
    type: 'float32[]',
    make: (random) => some(random, (r) => Math.fround(float64(r) as number)),
  },
  integers: { type: 'int32[]', make: (random) => some(random, int32) },
  longs: { type: 'int64[]', make: (random) => some(random, int64) },
  flags: { type: 'boolean[]', make: (random) => some(random, (r) => r.nextInt(2) === 0) },
  texts: { type: 'string[]', make: (random) => some(random, text) },
  times: { type: 'timestamp[]', make: (random) => some(random, time) },
};

function randomTable(random: JavaRandom, kinds: readonly string[], rows: number): Table {
  const columns = new Map<string, Column>();
  for (const kind of kinds) {
    const { type, make } = KINDS[kind]!;
    const nulls = random.nextInt(3);
    const values = Array.from({ length: rows }, () =>
      nulls > 0 && random.nextInt(1 + nulls * 2) === 0 ? null : make(random),
    );
    columns.set(kind, Column.from(values, type));
  }
  const codes = Int32Array.from({ length: rows }, () => random.nextInt(4) - 1);
  columns.set('label', Column.dictionary(codes, ['x', 'y', 'é']));
  return Table.fromColumns(columns);
}

/** What a format cannot tell apart. */
interface Limits {
  /** An empty text is null. */
  readonly emptyIsNull?: boolean;
  /** The negative zero is a zero: everywhere, or in vectors and lists. */
  readonly zeros?: 'all' | 'nested';
}

/** A value in a form that tells what is different: -0, NaN, int64 as a number or a bigint. */
function plain(value: unknown, limits: Limits, isNested = false): unknown {
  const nested = (values: Iterable<unknown>): unknown[] =>
    Array.from(values, (entry) => plain(entry, limits, true));
  if (value instanceof DenseVector) return ['dense', ...nested(value.values)];
  if (value instanceof SparseVector) {
    return ['sparse', value.size, ...value.indices, ...nested(value.values)];
  }
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return nested(value);
  if (value === '' && limits.emptyIsNull === true && !isNested) return null;
  if (Object.is(value, -0)) {
    return limits.zeros === 'all' || (limits.zeros === 'nested' && isNested) ? 'number 0' : '-0';
  }
  return typeof value === 'bigint' || typeof value === 'number'
    ? `${typeof value} ${value}`
    : value;
}

const shown = (table: Table, limits: Limits = {}): string =>
  JSON.stringify([
    table.schema,
    ...table.columnNames.map((name) => [
      name,
      table
        .column(name)
        .toArray()
        .map((value) => plain(value, limits)),
    ]),
  ]);

interface Format {
  readonly name: string;
  readonly write: (path: string, data: Table | AsyncIterable<Table>) => Promise<void>;
  readonly read: (path: string, table: Table) => TableStream;
  /** Kinds that the format has no form for. */
  readonly without: readonly string[];
  readonly limits?: Limits;
}

const formats: readonly Format[] = [
  { name: 'arrow', write: writeArrow, read: (path) => readArrow(path), without: [] },
  {
    name: 'arrows',
    write: (path, data) => writeArrow(path, data, { format: 'stream' }),
    read: (path) => readArrow(path),
    without: [],
  },
  // No sparse vectors: readers of Parquet would see a struct.
  { name: 'parquet', write: writeParquet, read: (path) => readParquet(path), without: ['sparse'] },
  {
    name: 'csv',
    write: writeCsv,
    read: (path, { schema }) => readCsv(path, { schema }),
    without: [],
    limits: { emptyIsNull: true, zeros: 'nested' },
  },
  {
    name: 'jsonl.gz',
    write: writeJsonLines,
    read: (path, { schema }) => readJsonLines(path, { schema }),
    without: [],
    limits: { zeros: 'all' },
  },
];

for (const { name, write, read, without, limits = {} } of formats) {
  test(`tables of all kinds go through ${name}, whole and in batches`, async () => {
    const kinds = Object.keys(KINDS).filter((kind) => !without.includes(kind));
    for (let seed = 1; seed <= 12; seed++) {
      const random = new JavaRandom(seed);
      const table = randomTable(random, kinds, 1 + random.nextInt(60));
      const path = join(folder, `${seed}.${name}`);
      const cut = random.nextInt(table.numRows + 1);
      const parts = [table.slice(0, cut), table.slice(cut)];
      await write(path, random.nextInt(2) === 0 ? table : Stream.from(parts));
      const back = await read(path, table).collect();
      assert.is(shown(back, limits), shown(table, limits), `seed ${seed}, rows cut at ${cut}`);
    }
  });
}

test('labels and sparse vectors go through LIBSVM', async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = new JavaRandom(seed);
    const rows = Array.from({ length: 1 + random.nextInt(60) }, () => ({
      label: float64(random),
      features: KINDS.sparse!.make(random),
    }));
    const table = Table.fromRows(rows);
    const path = join(folder, `${seed}.svm`);
    await writeLibsvm(path, table);
    const back = await readLibsvm(path, { numFeatures: 20 }).collect();
    assert.is(shown(back), shown(table), `seed ${seed}`);
  }
});

test.run();
