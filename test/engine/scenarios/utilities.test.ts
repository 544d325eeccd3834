/** Operators of the engine's own over bounded streams, as jobs see them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  countWindow,
  eventTimeSession,
  eventTimeTumbling,
  globalWindow,
  processingTimeSession,
  processingTimeTumbling,
} from '../../../src/engine/operators/windows.js';
import type { DataStream } from '../../../src/engine/stream.js';
import { Sum } from '../operators.js';
import { assertSame, closeSessions, rejects, sorted } from '../support.js';
import { maxRounds, paced } from './bodies.js';
import { ArrayOf, Batch, ByHalf, IsTime, SumAsText, SumOfSeconds } from './keyed-operators.js';
import { ByFirst, Identity } from './operators.js';
import { empty, jobOn, SETUPS, soon, upTo, where } from './support.js';

test.after(closeSessions);

const read = <T>(stream: DataStream<T>): Promise<T[]> => soon(stream.gather().output().toArray());

for (const setup of SETUPS) {
  const on = where(setup);
  const { subtasks } = setup;

  for (const length of [0, 2048, 8192, 24_576]) {
    test(`arrays of ${length} numbers are added on every subtask ${on}`, async () => {
      const job = jobOn(setup, 'all-reduce');
      const arrays = job.of([length]).broadcast(subtasks).map(ArrayOf);
      const sums = await read(arrays.allReduceSum());
      assert.is(sums.length, length === 0 ? 0 : subtasks);
      for (const sum of sums) {
        assert.is(sum.length, length);
        for (let i = 0; i < length; i++) assert.is(sum[i], subtasks * i);
      }
    });
  }

  test(`a second array on a subtask is refused ${on}`, async () => {
    const job = jobOn(setup, 'two arrays');
    const arrays = job.of([100, 100]).broadcast(subtasks).map(ArrayOf);
    const sums = arrays.allReduceSum().gather().output().toArray();
    await rejects(sums, 'ERR_GYRE_DATA', /at most one array of each subtask/);
  });

  test(`no arrays have no sum ${on}`, async () => {
    const job = jobOn(setup, 'no arrays');
    assertSame(await read(empty<number>(job, subtasks).map(ArrayOf).allReduceSum()), []);
  });

  test(`groups of one subtask come in order of their keys ${on}`, async () => {
    const job = jobOn(setup, 'groups');
    const a = job
      .of([
        [1, 1],
        [2, 2],
        [3, 3],
      ] as number[][])
      .keyBy(ByFirst);
    const b = job
      .of([
        [1, 1.5],
        [5, 5.5],
        [3, 3.5],
        [1, 2.5],
      ] as number[][])
      .keyBy(ByFirst);
    const sums = a.connect(b).coGroup(SumOfSeconds, undefined, { parallelism: 1 });
    assertSame(await read(sums), [5, 2, 6.5, 5.5]);
  });

  test(`groups of many subtasks have both sides of their keys ${on}`, async () => {
    const job = jobOn(setup, 'many groups');
    const pairs = (from: number, to: number) =>
      upTo(to + 1)
        .slice(from)
        .map((v) => [v, v]);
    const a = job.of(pairs(0, 10)).rebalance().map(Identity) as DataStream<number[]>;
    const b = job.of(pairs(6, 16)).rebalance().map(Identity) as DataStream<number[]>;
    const sums = a.keyBy(ByHalf).connect(b.keyBy(ByHalf)).coGroup(SumOfSeconds);
    assertSame(sorted(await read(sums)), [1, 5, 9, 16, 25, 26, 29, 31, 34]);
  });

  test(`0 to 19 are reduced to 190 ${on}`, async () => {
    const job = jobOn(setup, 'reduce');
    assertSame(await read(job.of(upTo(20)).rebalance().reduceAll(Sum)), [190]);
  });

  for (const [start, p] of [
    [0, 4],
    [1, 4],
    [1, 5],
  ] as const) {
    test(`an accumulator that starts at ${start} counts ${p} times ${on}`, async () => {
      const job = jobOn(setup, 'aggregate');
      const sums = job.of(upTo(20)).rebalance(p).aggregate(SumAsText, start);
      assertSame(await read(sums), [String(190 + start * p)]);
    });
  }

  test(`a sample of 10 has no record twice, and all when there are fewer ${on}`, async () => {
    const counts: number[] = [];
    for (const last of [0, 5, 9, 10, 11, 20, 30, 40, 200]) {
      const job = jobOn(setup, 'sample');
      const sample = await read(
        job
          .of(upTo(last + 1))
          .rebalance()
          .sample(10, 0),
      );
      assert.is(new Set(sample).size, sample.length);
      assert.ok(sample.every((value) => Number.isInteger(value) && value >= 0 && value <= last));
      counts.push(sample.length);
    }
    assertSame(counts, [1, 6, 10, 10, 10, 10, 10, 10, 10]);
  });

  test(`20 records make 10 local batches of 2 ${on}`, async () => {
    const job = jobOn(setup, 'batches');
    const batches = await read(job.of(upTo(20)).generateBatchData(4, 2).map(Identity));
    assertSame(
      batches.map((batch) => (batch as number[]).length),
      upTo(10).map(() => 2),
    );
    assertSame(sorted(batches.flat() as number[]), upTo(20));
  });

  const timed = (name: string) => jobOn(setup, name).of(upTo(100)).assignTimestamps(IsTime);

  test(`windows of 14 ms by event time cut 100 records into 8 ${on}`, async () => {
    const batches = await read(timed('tumbling').windowAll(eventTimeTumbling(14), Batch));
    assertSame(
      batches.map((batch) => batch.length),
      [14, 14, 14, 14, 14, 14, 14, 2],
    );
    assertSame(batches.flat(), upTo(100));
  });

  test(`records that follow each other within the gap are one session ${on}`, async () => {
    const batches = await read(timed('session').windowAll(eventTimeSession(14), Batch));
    assertSame(batches, [upTo(100)]);
  });

  test(`windows by processing time fire in a pause, and none is lost ${on}`, async () => {
    async function* paused() {
      for (const i of upTo(100)) {
        if (i === 49 || i === 99) await sleep(250);
        yield i;
      }
    }
    for (const windows of [processingTimeTumbling(100), processingTimeSession(100)]) {
      const job = jobOn(setup, windows.kind);
      const batches = await read(job.from(paused()).windowAll(windows, Batch));
      assert.ok(batches.length > 1, `${batches.length} windows`);
      assertSame(batches.flat(), upTo(100));
    }
  });

  test(`the window after an iteration fires once ${on}`, async () => {
    const job = jobOn(setup, 'after');
    const { numbers } = job.iterate({
      variables: [job.of([1, 2])],
      body: ([v]) => {
        const next = paced(v);
        return { feedback: [next], outputs: { numbers: next }, criteria: maxRounds(next, 3) };
      },
    });
    assertSame(await read(numbers.windowAll(globalWindow(), Batch)), [[1, 2, 1, 2, 1, 2]]);
  });

  test(`count windows in a body reach over rounds ${on}`, async () => {
    const job = jobOn(setup, 'count');
    const { windows } = job.iterate({
      variables: [job.of([1, 2, 3])],
      body: ([v]) => {
        const next = paced(v);
        const outputs = { windows: next.windowAll(countWindow(2), Batch) };
        return { feedback: [next], outputs, criteria: maxRounds(next, 3) };
      },
    });
    assertSame(await read(windows), [
      [1, 2],
      [3, 1],
      [2, 3],
      [1, 2],
    ]);
  });
}

for (const threads of [0, 2]) {
  test(`arrays of several lengths are refused on ${threads} threads`, async () => {
    const job = jobOn({ threads, subtasks: 4 }, 'lengths');
    const arrays = job.of([1, 2, 3, 4]).rebalance(4).map(ArrayOf);
    const sums = arrays.allReduceSum().gather().output().toArray();
    await rejects(sums, 'ERR_GYRE_DIMENSION', /adds arrays of the same length/);
  });
}

test.run();
