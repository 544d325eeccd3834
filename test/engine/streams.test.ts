import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Job } from '../../src/engine/job.js';
import { Table } from '../../src/table/table.js';
import {
  Add,
  Deflate,
  Inflate,
  IsEven,
  Mark,
  Repeat,
  ShardFacts,
  SplitAt,
  Sum,
  SumInPlace,
  Tag,
  type Tagged,
  Trace,
} from './operators.js';
import { assertSame, closeSessions, range, sessionOf, sorted, THREADS, within } from './support.js';

test.after(closeSessions);

for (const threads of THREADS) {
  const on = `${threads} threads`;
  const newJob = (): Job => sessionOf(threads).job('streams');
  const parallelism = Math.max(threads, 1);

  test(`map, flatMap and filter keep the order of a stream on ${on}`, async () => {
    const job = newJob();
    const out = job.of([0, 1, 2, 3, 4, 5]).filter(IsEven).flatMap(Repeat).map(Add, 10).output();
    assertSame(await within(10_000, out.toArray()), [12, 12, 14, 14, 14, 14]);
  });

  test(`every output of an operator gets all records, side outputs theirs, on ${on}`, async () => {
    const split = newJob().of(range(100)).process(SplitAt, 59);
    const outs = [split.output(), split.map(Add, 1).output(), split.side<number>('large').output()];
    const [small, added, large] = await Promise.all(outs.map((out) => out.toArray()));
    assertSame(small, range(60));
    assertSame(added, range(61).slice(1));
    assertSame(large, range(100).slice(60));
  });

  test(`rebalance deals by turns, broadcast gives all to all, on ${on}`, async () => {
    const job = newJob();
    const source = job.of(range(30));
    const dealt = source.rebalance().process(Tag).gather().output();
    const copied = source.broadcast().process(Tag).gather().output();
    const seen = await Promise.all([dealt.toArray(), copied.toArray()]);
    const of = (rows: readonly Tagged[], subtask: number) =>
      rows.filter((row) => row.subtask === subtask).map(({ value }) => value as number);
    assert.is(seen[0].length, 30);
    assert.is(seen[1].length, 30 * parallelism);
    for (let subtask = 0; subtask < parallelism; subtask++) {
      assertSame(
        of(seen[0], subtask),
        range(30).filter((i) => i % parallelism === subtask),
      );
      assertSame(of(seen[1], subtask), range(30), 'in order on each channel');
    }
  });

  test(`connect tells the inputs apart and ends each, on ${on}`, async () => {
    const job = newJob();
    const one = job.of([1, 2]);
    const other = job.of([3, 4]);
    const seen = await one.connect(other).process(Trace).output().toArray();
    assertSame(
      seen.filter((text) => text !== 'd3@0' && text !== 'd4@0' && text !== 'in1'),
      ['r1@0', 'r2@0', 'in0'],
    );
    assertSame(
      seen.filter((text) => text !== 'r1@0' && text !== 'r2@0' && text !== 'in0'),
      ['d3@0', 'd4@0', 'in1'],
    );
  });

  test(`the same stream may enter both inputs of an operator on ${on}`, async () => {
    const source = newJob().of([1, 2]);
    const seen = await source.connect(source).process(Trace).output().toArray();
    assertSame(seen.sort(), ['d1@0', 'd2@0', 'in0', 'in1', 'r1@0', 'r2@0']);
  });

  test(`reduceAll gives one record, and none for none, on ${on}`, async () => {
    const job = newJob();
    const sum = job.of(range(1000)).rebalance().map(Add, 1).reduceAll(Sum).output();
    const none = job.of<number>([]).rebalance().reduceAll(Sum).output();
    assertSame(await Promise.all([sum.toArray(), none.toArray()]), [[500_500], []]);
  });

  test(`a table arrives in shards of fixed cuts, each once, on ${on}`, async () => {
    const rows = 40_000;
    const table = Table.fromColumns({ x: Float64Array.from(range(rows)) });
    const shards = await newJob().table(table).map(ShardFacts).gather().output().toArray();
    const byIndex = shards.sort((a, b) => a.index - b.index);
    assertSame(
      byIndex.map(({ index, count, rowStart, first }) => [index, count, rowStart, first]),
      range(8).map((i) => [i, 8, i * 5000, i * 5000]),
    );
  });

  test(`payloads of any size arrive whole on ${on}`, async () => {
    for (const length of [0, 1, 128, 129, 8188, 8189, 70_000]) {
      const job = newJob();
      const inflated = job.of(range(20)).map(Inflate, length);
      const out = inflated.rebalance().map(Deflate).gather().output();
      const values = await within(10_000, out.toArray());
      assertSame(
        length === 0 ? values : sorted(values),
        length === 0 ? values.map(() => undefined) : range(20),
        `arrays of ${length}`,
      );
    }
  });

  test(`an operator that reads in place sees the same values on ${on}`, async () => {
    const job = newJob();
    const sums = job.of(range(500)).map(Inflate, 100).rebalance().map(SumInPlace).gather();
    assertSame(
      sorted(await sums.output().toArray()),
      range(500).map((i) => i * 100),
    );
  });

  test(`a job without outputs runs to its end on ${on}`, async () => {
    const job = newJob();
    const marks = new SharedArrayBuffer(64);
    job.buffer('marks', marks);
    job.of(range(50)).rebalance().process(Mark);
    await within(10_000, job.run());
    const seen = new Int32Array(marks);
    assert.is(
      seen.reduce((a, b) => a + b, 0),
      50,
    );
  });
}

test('closures and plain classes run where there are no workers', async () => {
  class Local {
    readonly #by: number;
    constructor(by: number) {
      this.#by = by;
    }
    map(value: number): number {
      return value * this.#by;
    }
  }
  const job = sessionOf(0).job('inline');
  const out = job
    .of([1, 2, 3])
    .map((x) => x + 1)
    .map(Local as never, 10 as never)
    .output();
  assertSame(await out.toArray(), [20, 30, 40]);
});

test('two jobs on one session, and several inline, all finish', async () => {
  for (const threads of [0, 2]) {
    const jobs = range(4).map((i) =>
      sessionOf(threads).job(`job ${i}`).of(range(100)).rebalance().map(Add, i).reduceAll(Sum),
    );
    const sums = await within(20_000, Promise.all(jobs.map((sum) => sum.output().last())));
    assertSame(
      sums,
      range(4).map((i) => 4950 + 100 * i),
    );
  }
});

test.run();
