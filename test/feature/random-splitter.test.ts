import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomSplitter, Session, Table, TableStream, Vectors } from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { rejectsError, throwsError } from '../table/expect-error.js';

const it = (sentence: string, body: () => void | Promise<void>) => test(sentence, readable(body));

const numbered = (rows: number): Table =>
  Table.fromColumns({ id: Int32Array.from({ length: rows }, (_, i) => i) });
const idsOf = (table: Table): unknown[] => table.column('id').toArray();
const collected = async (streams: readonly TableStream[]): Promise<unknown[][]> =>
  (await Promise.all(streams.map((stream) => stream.collect()))).map(idsOf);

/** Batches of a table, which can be read once. */
async function* once(table: Table, rows: number): AsyncGenerator<Table> {
  for (let start = 0; start < table.numRows; start += rows) yield table.slice(start, start + rows);
}

const splitter = new RandomSplitter({ weights: [2, 1, 2], seed: 9 });

it('sizes are those of Flink ML with one subtask and no seed', async () => {
  for (const [rows, weights, sizes] of [
    [1001, [2, 1, 2], [410, 217, 374]],
    [101, [2, 1, 2], [41, 17, 43]],
    [2001, [4, 6], [793, 1208]],
  ] as const) {
    const parts = await new RandomSplitter({ weights }).transform(numbered(rows));
    assert.equal(
      parts.map(({ numRows }) => numRows),
      [...sizes],
    );
  }
});

it('each row lands in exactly one table, in its order, with all its columns', async () => {
  const table = Table.fromRows(
    Array.from({ length: 500 }, (_, i) => ({
      id: i,
      name: i % 7 === 0 ? null : `name ${i}`,
      dense: Vectors.dense([i, -i]),
      sparse: Vectors.sparse(9, [i % 9], [i]),
      list: [i, i + 1],
    })),
  );
  const parts = await splitter.transform(table);
  const rows = parts.flatMap((part) => part.toRows());
  for (const part of parts) {
    assert.equal(part.schema, table.schema);
    const ids = idsOf(part) as number[];
    assert.ok(ids.every((id, i) => i === 0 || ids[i - 1]! < id));
  }
  const sorted = rows.sort((a, b) => (a.id as number) - (b.id as number));
  assert.equal(JSON.stringify(sorted), JSON.stringify(table.toRows()));
});

it('the shares come near to the weights, whatever their unit', async () => {
  const table = numbered(100_000);
  const parts = await new RandomSplitter({ weights: [0.7, 0.2, 0.1], seed: 3 }).transform(table);
  // Five standard deviations of a binomial.
  parts.forEach(({ numRows }, k) => {
    const p = [0.7, 0.2, 0.1][k]!;
    assert.ok(Math.abs(numRows - p * 1e5) < 5 * Math.sqrt(1e5 * p * (1 - p)));
  });
  const scaled = await new RandomSplitter({ weights: [7, 2, 1], seed: 3 }).transform(table);
  assert.equal(scaled.map(idsOf), parts.map(idsOf));
});

it('the same seed splits in the same way, another in another', async () => {
  const table = numbered(1000);
  const split = async (seed: number | null) =>
    (await new RandomSplitter({ seed }).transform(table)).map(idsOf);
  assert.equal(await split(5), await split(5));
  assert.is.not(String(await split(5)), String(await split(6)));
  assert.is.not(String(await split(5)), String(await split(-5)));
  assert.equal(await split(null), await split(1_344_460_427));
});

it('threads do not matter', async () => {
  const expected = (await splitter.transform(numbered(20_000))).map(idsOf);
  for (const threads of [0, 2]) {
    const session = new Session({ threads, inlineWork: 0 });
    const parts = await splitter.transform(numbered(20_000), { session });
    assert.equal(parts.map(idsOf), expected);
    await session.close();
  }
});

it('no rows give as many empty tables of the same schema', async () => {
  const parts = await splitter.transform(numbered(0));
  assert.equal(
    parts.map(({ numRows, schema }) => [numRows, schema]),
    [0, 1, 2].map(() => [0, { id: 'int32' }]),
  );
});

it('a stream is split as the table is, however it is cut into batches', async () => {
  const table = numbered(3000);
  const expected = (await splitter.transform(table)).map(idsOf);
  for (const rows of [1, 7, 1000, 3000]) {
    const shared = splitter.transform(TableStream.from(once(table, rows)));
    assert.equal(await collected(shared), expected, `${rows} rows, read once`);
  }
  const slices = [table.slice(0, 10), table.slice(10, 10), table.slice(10)];
  assert.equal(await collected(splitter.transform(TableStream.from(slices))), expected);
});

it('the parts of a stream that can be read again can be read in any order, and again', async () => {
  const table = numbered(3000);
  const expected = (await splitter.transform(table)).map(idsOf);
  const batches = Array.from({ length: 300 }, (_, i) => table.slice(i * 10, i * 10 + 10));
  const parts = splitter.transform(TableStream.from(batches));
  assert.equal(idsOf(await parts[2]!.collect()), expected[2]);
  assert.equal(idsOf(await parts[0]!.collect()), expected[0]);
  assert.equal(idsOf(await parts[2]!.collect()), expected[2]);
});

it('a stream that can be read once waits for the slowest reader', async () => {
  let read = 0;
  async function* counted() {
    for await (const batch of once(numbered(10_000), 10)) {
      read++;
      yield batch;
    }
  }
  const [fast, slow] = new RandomSplitter({ seed: 1 }).transform(TableStream.from(counted()));
  const slowReader = slow![Symbol.asyncIterator]();
  const first = await slowReader.next();
  const reading = fast!.collect();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(read < 100, `${read} batches read`);
  const rest: Table[] = [first.value as Table];
  for await (const batch of { [Symbol.asyncIterator]: () => slowReader }) rest.push(batch);
  assert.is((await reading).numRows + Table.concat(rest).numRows, 10_000);
});

it('an output that nobody reads fails the others, and says so', async () => {
  const [train] = splitter.transform(TableStream.from(once(numbered(3000), 10)));
  const message = /output [12] must be read at the same time as the others.*got 64 batches/;
  await rejectsError(train!.collect(), 'ERR_GYRE_MEMORY', message);
});

it('an output that is left early holds nobody up, and the last one closes the source', async () => {
  let closed = false;
  async function* source() {
    try {
      yield* once(numbered(10_000), 10);
    } finally {
      closed = true;
    }
  }
  const [a, b] = new RandomSplitter({ seed: 1 }).transform(TableStream.from(source()));
  for await (const _ of b!) break;
  let batches = 0;
  for await (const _ of a!) if (++batches === 500) break;
  assert.is(batches, 500);
  assert.is(closed, true);
});

it('streams keep schema and event time, also before they are read', async () => {
  const options = { timestampCol: 'id', watermarkDelayMs: 5 };
  const table = numbered(10).withColumn('id', new BigInt64Array(10));
  for (const source of [[table], once(table, 2)]) {
    const parts = splitter.transform(TableStream.from(source, options));
    for (const part of parts) {
      assert.equal([part.timestampCol, part.watermarkDelayMs], ['id', 5]);
      assert.equal(await part.schema(), { id: 'int64' });
    }
    const rows = await collected(parts);
    assert.is(rows.flat().length, 10);
  }
});

it('what the source throws reaches every output', async () => {
  // biome-ignore lint/correctness/useYield: it fails before it has anything.
  async function* failing(): AsyncGenerator<Table> {
    throw new Error('no more');
  }
  const parts = splitter.transform(TableStream.from(failing()));
  const outcomes = await Promise.allSettled(parts.map((part) => part.collect()));
  assert.equal(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  );
  assert.match(String((outcomes[0] as PromiseRejectedResult).reason), /no more/);
});

it('a signal stops tables and streams', async () => {
  const signal = AbortSignal.abort();
  const code = 'ERR_GYRE_ABORTED';
  await rejectsError(splitter.transform(numbered(5), { signal }), code, /transform was aborted/);
  const controller = new AbortController();
  const running = splitter.transform(numbered(5), { signal: controller.signal });
  controller.abort();
  await rejectsError(running, code, /transform was aborted/);
  const [part] = splitter.transform(TableStream.from([numbered(5)]), { signal });
  await rejectsError(part!.collect(), code, /was aborted/);
});

it('invalid params and inputs are refused', async () => {
  const code = 'ERR_GYRE_INVALID_PARAM';
  for (const weights of RandomSplitter.params.weights.invalid) {
    const construct = () => new RandomSplitter({ weights: weights as never });
    throwsError(construct, code, /^RandomSplitter\.weights must be a list of at least two/);
  }
  await rejectsError(splitter.transform([] as never), code, /transform takes a Table/);
  const typo = { sesion: 1 } as never;
  await rejectsError(splitter.transform(numbered(1), typo), code, /has no option "sesion"/);
});

test.run();
