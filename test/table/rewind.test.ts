import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../src/core/random.js';
import { Table } from '../../src/table/table.js';
import { TableStream } from '../../src/table/table-stream.js';
import { assertSame, range } from '../engine/support.js';
import { rejectsError } from './expect-error.js';

const rows = (n: number): { i: number }[] => range(n).map((i) => ({ i }));
const tables = (n: number): Table[] => range(n).map((b) => Table.fromRows([{ b }, { b: b + 0.5 }]));

async function read(stream: TableStream): Promise<{ rows: unknown; after: unknown }[]> {
  const seen: { rows: unknown; after: unknown }[] = [];
  for await (const table of stream) seen.push({ rows: table.toRows(), after: stream.position!() });
  return seen;
}

async function assertRewinds(open: () => TableStream, what: string): Promise<void> {
  const all = await read(open());
  for (const [i, place] of [null, ...all.map(({ after }) => after)].entries()) {
    const stream = open();
    await stream.seek!(structuredClone(place));
    assertSame(await read(stream), all.slice(i), `${what}: from place ${i}`);
  }
}

/** A source with a place of its own, in whose middle a job may begin. */
class Numbers {
  #at: number;
  readonly #end: number;

  constructor(end: number, at = 0) {
    this.#end = end;
    this.#at = at;
  }

  position(): number {
    return this.#at;
  }

  seek(position: number): Promise<void> {
    this.#at = position;
    return Promise.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<object> {
    while (this.#at < this.#end) {
      const i = this.#at++;
      yield i % 4 === 3 ? Table.fromRows([{ i }]) : { i };
    }
  }
}

test('streams over arrays, tables, iterables and sources with a place are read on', async () => {
  const set = new Set(rows(5));
  const mixed = [...rows(3), Table.fromRows(rows(2)), ...rows(1), Table.fromRows(rows(3))];
  for (const [what, source] of Object.entries({
    rows: rows(7),
    tables: tables(4),
    table: Table.fromRows(rows(3)),
    arrow: Table.fromRows(rows(3)).toArrow(),
    set,
    mixed,
    nothing: [],
  })) {
    await assertRewinds(() => TableStream.from(source, { batchSize: 2 }), what);
    await assertRewinds(() => TableStream.from(TableStream.from(source)), `${what}, twice`);
  }
  await assertRewinds(() => TableStream.from(new Numbers(11), { batchSize: 2 }), 'numbers');
});

test('rows and tables in any order are each seen once from every place', async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = new JavaRandom(seed);
    const source = range(random.nextInt(12)).map((i) =>
      random.nextInt(3) === 0 ? Table.fromRows([{ i }, { i: -i }]) : { i },
    );
    const batchSize = 1 + random.nextInt(4);
    await assertRewinds(() => TableStream.from(source, { batchSize }), `seed ${seed}`);
  }
});

test('a mapped stream is read on where the stream below it can be', async () => {
  const open = () =>
    TableStream.from(rows(7), { batchSize: 2 })
      .map((table) => table.withColumn('double', table.column('i').toArray().map(String)))
      .map(async (table) => table.select(['double']));
  await assertRewinds(open, 'mapped');
  const below = TableStream.from(rows(4), { batchSize: 2 });
  const mapped = below.map((table) => table);
  await read(mapped);
  assert.is(below.position!(), null, 'reading a mapped stream moves the one below');
});

test('a stream that cannot begin again has no position', () => {
  async function* generator(): AsyncGenerator<object> {
    yield { i: 1 };
  }
  const once = TableStream.from(generator());
  const replayedByItself = TableStream.from({ [Symbol.asyncIterator]: generator });
  for (const stream of [once, once.map((t) => t), TableStream.from(once), replayedByItself]) {
    assert.is(stream.position, undefined);
    assert.is(stream.seek, undefined);
  }
});

test('the types of rows stay those of the first batch', async () => {
  const stream = TableStream.from([{ a: 1 }, { a: null }, { a: 'x' }], { batchSize: 1 });
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  const place = stream.position!();
  await stream.seek!(place);
  const again = stream[Symbol.asyncIterator]();
  assertSame((await again.next()).value.toRows(), [{ a: null }]);
  await rejectsError(again.next(), 'ERR_GYRE_SCHEMA', /column "a": row 0 must be float64, got "x"/);
  const batches = TableStream.from([Table.fromRows([{ a: 1 }]), Table.fromRows([{ a: 'x' }])]);
  await batches[Symbol.asyncIterator]().next();
  await batches.seek!(batches.position!());
  await rejectsError(batches.collect(), 'ERR_GYRE_SCHEMA', /must have the schema { a: float64 }/);
});

test('the place is that of the iterator made last, and seek is for the next one alone', async () => {
  const stream = TableStream.from(rows(6), { batchSize: 2 });
  const old = stream[Symbol.asyncIterator]();
  await old.next();
  const place = stream.position!();
  await stream.seek!(place);
  const current = stream[Symbol.asyncIterator]();
  assertSame(stream.position!(), place);
  await old.next();
  await old.next();
  assertSame(stream.position!(), place, 'an iterator that was left moves the place');
  await current.next();
  const second = stream.position!();
  await old.return!();
  assertSame(stream.position!(), second, 'an iterator that ends takes the place away');
  await current.return!();
  assert.is(stream.position!(), null);
  assert.is((await stream.collect()).numRows, 6);
});

test('a batch that schema() has read is not lost, nor seen where it does not belong', async () => {
  const stream = TableStream.from(rows(4), { batchSize: 2 });
  await stream.schema();
  assert.is(stream.position!(), null);
  const all = await read(stream);
  assert.is(all.length, 2);
  await stream.schema();
  await stream.seek!(all[0]!.after);
  assertSame(await read(stream), all.slice(1));
  const mapped = stream.map((table) => table);
  const [first] = await read(mapped);
  await stream.schema();
  await mapped.seek!(first!.after);
  assertSame((await read(mapped)).length, 1);
  assert.is((await stream.collect()).numRows, 4);
});

test('what is no place is refused', async () => {
  const { seek } = TableStream.from(rows(4));
  for (const wrong of [1, {}, undefined, 'x']) {
    await rejectsError(
      seek!(wrong),
      'ERR_GYRE_INVALID_PARAM',
      /must be a position of such a stream/,
    );
  }
});

test.run();
