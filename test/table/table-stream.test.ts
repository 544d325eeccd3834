import { Readable } from 'node:stream';
import * as arrow from 'apache-arrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Schema } from '../../src/table/schema.js';
import { Table } from '../../src/table/table.js';
import { TableStream } from '../../src/table/table-stream.js';
import { rejectsError, throwsError } from './expect-error.js';

const rows = (n: number): { i: number }[] => Array.from({ length: n }, (_, i) => ({ i }));

async function sizes(stream: TableStream): Promise<number[]> {
  const counts: number[] = [];
  for await (const table of stream) counts.push(table.numRows);
  return counts;
}

/** A source that notes how far it was read and whether it was closed. */
function watched(batches = 5): { source: AsyncGenerator<Table>; log: string[] } {
  const log: string[] = [];
  async function* source(): AsyncGenerator<Table> {
    try {
      for (let b = 0; b < batches; b++) {
        log.push(`batch ${b}`);
        yield Table.fromRows([{ b }]);
      }
      log.push('end');
    } finally {
      log.push('closed');
    }
  }
  return { source: source(), log };
}

test('rows of any source are gathered into batches', async () => {
  const sources = [
    () => rows(5),
    () => rows(5)[Symbol.iterator](),
    () => Readable.from(rows(5)),
    () => TableStream.from(rows(5), { batchSize: 5 }).toReadableStream(),
    async function* () {
      yield* rows(5);
    },
  ];
  for (const source of sources) {
    const batches = await sizes(TableStream.from(source() as never, { batchSize: 2 }));
    assert.equal(batches, source() instanceof ReadableStream ? [5] : [2, 2, 1]);
    const table = await TableStream.from(source() as never, { batchSize: 2 }).collect();
    assert.equal(table.toRows(), rows(5));
  }
});

test('tables, Arrow tables and their batches are taken as they come', async () => {
  const table = Table.fromRows(rows(3));
  for (const source of [
    table,
    [table],
    table.toArrow(),
    [table.toArrow()],
    table.toArrow().batches,
  ]) {
    assert.equal((await TableStream.from(source).collect()).toRows(), rows(3));
  }
  const reader = arrow.RecordBatchReader.from(arrow.tableToIPC(table.toArrow()));
  assert.equal((await TableStream.from(reader).collect()).toRows(), rows(3));
  assert.is((await TableStream.from([table]).collect()).column('i'), table.column('i'));
});

test('a declared schema types the rows and cuts them', async () => {
  const schema: Schema = { v: 'vector', n: 'int64' };
  const stream = TableStream.from([{ v: [1, 2], other: {} }, { n: 3 }], { schema });
  const table = await stream.collect();
  assert.equal(table.schema, schema);
  assert.equal(
    table.toRows().map(({ v, n }) => [String(v), n]),
    [
      ['[1.0, 2.0]', null],
      ['null', 3],
    ],
  );
});

test('later rows have the types of the first batch', async () => {
  const stream = TableStream.from([{ a: 1 }, { a: null }, { a: 'x' }], { batchSize: 1 });
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  assert.equal((await iterator.next()).value.toRows(), [{ a: null }]);
  await rejectsError(
    iterator.next(),
    'ERR_GYRE_SCHEMA',
    /column "a": row 0 must be float64, got "x"/,
  );
  const wider = TableStream.from([{ a: 1 }, { a: 1, b: 2 }], { batchSize: 1 });
  await rejectsError(
    wider.collect(),
    'ERR_GYRE_SCHEMA',
    /batch 1 must have the schema { a: float64 }, got { a: float64, b: float64 }/,
  );
});

test('a batch of another schema is refused with both, and the source is closed', async () => {
  const log: string[] = [];
  function* source(): Generator<Table> {
    try {
      yield Table.fromRows([{ a: 1 }]);
      yield Table.fromRows([{ a: 'x' }]);
    } finally {
      log.push('closed');
    }
  }
  const error = await rejectsError(
    TableStream.from(source()).collect(),
    'ERR_GYRE_SCHEMA',
    /TableStream: batch 1 must have the schema { a: float64 }, got { a: string }/,
  );
  assert.equal(error.details, { batch: 1, expected: { a: 'float64' }, got: { a: 'string' } });
  assert.equal(log, ['closed']);
  const declared = TableStream.from([Table.fromRows([{ a: 1 }])], { schema: { a: 'int32' } });
  await rejectsError(declared.collect(), 'ERR_GYRE_SCHEMA', /batch 0 must have.*int32/);
});

test('the schema is read from the first batch, which is not lost', async () => {
  const { source, log } = watched(2);
  const stream = TableStream.from(source);
  assert.equal(await stream.schema(), { b: 'float64' });
  assert.equal(await stream.schema(), { b: 'float64' });
  assert.equal(log, ['batch 0']);
  assert.equal((await stream.collect()).toRows(), [{ b: 0 }, { b: 1 }]);
  assert.equal(log, ['batch 0', 'batch 1', 'end', 'closed']);
  const peeked = watched();
  const closed = TableStream.from(peeked.source);
  await closed.schema();
  await closed.close();
  assert.equal(peeked.log, ['batch 0', 'closed']);
  await rejectsError(
    TableStream.from([]).schema(),
    'ERR_GYRE_SCHEMA',
    /ended before the first batch; give a schema/,
  );
});

test('an empty stream collects to the declared columns', async () => {
  assert.equal((await TableStream.from([], { schema: { a: 'int32' } }).collect()).schema, {
    a: 'int32',
  });
  assert.equal((await TableStream.from([]).collect()).columnNames, []);
});

test('a batch is asked for only when the consumer asks', async () => {
  const { source, log } = watched();
  const doubled = TableStream.from(source).map(async (table) => table.withColumn('c', [1]));
  const iterator = doubled[Symbol.asyncIterator]();
  await iterator.next();
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(log, ['batch 0']);
  await iterator.return!();
  assert.equal(log, ['batch 0', 'closed']);
});

test('a consumer that breaks off or throws closes the source, through map too', async () => {
  for (const way of ['break', 'throw'] as const) {
    const { source, log } = watched();
    const stream = TableStream.from(source).map((table) => table);
    try {
      for await (const _ of stream) {
        if (way === 'break') break;
        throw new Error('mine');
      }
    } catch (error) {
      assert.is((error as Error).message, 'mine');
    }
    assert.equal(log, ['batch 0', 'closed']);
  }
  const { source, log } = watched();
  const failing = TableStream.from(source).map(() => {
    throw new Error('in map');
  });
  await failing.collect().then(
    () => assert.unreachable('the error of map is lost'),
    (error) => assert.is(error.message, 'in map'),
  );
  assert.equal(log, ['batch 0', 'closed']);
});

test('map checks its results against the schema that it was given', async () => {
  const stream = TableStream.from([Table.fromRows([{ a: 1 }])]);
  const right = stream.map((t) => t.withColumn('b', ['x']), { a: 'float64', b: 'string' });
  assert.equal(await right.schema(), { a: 'float64', b: 'string' });
  assert.equal((await right.collect()).toRows(), [{ a: 1, b: 'x' }]);
  await rejectsError(
    stream.map((t) => t, { b: 'string' }).collect(),
    'ERR_GYRE_SCHEMA',
    /batch 0 must have/,
  );
  await rejectsError(
    stream.map(() => 1 as never).collect(),
    'ERR_GYRE_SCHEMA',
    /batch 0 must be a Table, got 1/,
  );
});

test('a stream over an array is replayed, one over a generator is read once', async () => {
  const replayed = TableStream.from(rows(3)).map((table) => table);
  assert.ok(replayed.replayable);
  assert.equal(await sizes(replayed), [3]);
  assert.equal(await sizes(replayed), [3]);
  const once = TableStream.from(watched(1).source);
  assert.not.ok(once.replayable);
  assert.equal(await sizes(once), [1]);
  await rejectsError(sizes(once), 'ERR_GYRE_CLOSED', /can be read once, and has been/);
});

test('a Web stream of the batches pulls one by one and cancels the source', async () => {
  const { source, log } = watched();
  const reader = TableStream.from(source).toReadableStream().getReader();
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(log, []);
  assert.equal((await reader.read()).value!.toRows(), [{ b: 0 }]);
  assert.equal(log, ['batch 0']);
  await reader.cancel();
  assert.equal(log, ['batch 0', 'closed']);
  const counts: number[] = [];
  for await (const table of TableStream.from(rows(5), { batchSize: 2 }).toReadableStream()) {
    counts.push(table.numRows);
  }
  assert.equal(counts, [2, 2, 1]);
});

test('an aborted signal stops the stream, also while the source does not answer', async () => {
  const stop = new AbortController();
  const { source, log } = watched();
  const stream = TableStream.from(source, { signal: stop.signal });
  const stopping = stream.map((table) => {
    stop.abort();
    return table;
  });
  const seen = sizes(stopping);
  await rejectsError(seen, 'ERR_GYRE_ABORTED', /TableStream was aborted/);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(log, ['batch 0', 'closed']);
  const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
  const later = new AbortController();
  const waiting = TableStream.from(silent, { signal: later.signal }).collect();
  later.abort(new Error('enough'));
  const error = await rejectsError(waiting, 'ERR_GYRE_ABORTED', /aborted/);
  assert.is((error.cause as Error).message, 'enough');
});

test('the event-time column has to be there and be a time', async () => {
  const events = [{ at: new Date(1), name: 'x' }];
  const stream = TableStream.from(events, { timestampCol: 'at', watermarkDelayMs: 50 });
  assert.is(stream.map((t) => t).timestampCol, 'at');
  assert.is(stream.map((t) => t).watermarkDelayMs, 50);
  assert.is((await stream.collect()).numRows, 1);
  await rejectsError(
    TableStream.from(events, { timestampCol: 'name' }).collect(),
    'ERR_GYRE_SCHEMA',
    /TableStream: column "name" must be timestamp, int64 or float64, got string/,
  );
  throwsError(
    () => TableStream.from(events, { schema: { name: 'string' }, timestampCol: 'at' }),
    'ERR_GYRE_SCHEMA',
    /no column "at"/,
  );
});

test('wrong options are refused at once', () => {
  throwsError(
    () => TableStream.from([], { batchSize: 0 }),
    'ERR_GYRE_INVALID_PARAM',
    /batchSize.*got 0/,
  );
  throwsError(
    () => TableStream.from([], { watermarkDelayMs: -1 }),
    'ERR_GYRE_INVALID_PARAM',
    /got -1/,
  );
  throwsError(
    () => TableStream.from([], { schema: { a: 'x' as 'string' } }),
    'ERR_GYRE_SCHEMA',
    /unknown type "x"/,
  );
  throwsError(
    () => TableStream.from(5 as never),
    'ERR_GYRE_INVALID_PARAM',
    /must be an iterable.*got 5/,
  );
});

test.run();
