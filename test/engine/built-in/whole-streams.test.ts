/** Operators over whole streams: one result, or one for each subtask or key, when it has ended. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assertSame, closeSessions, range, rejects, THREADS } from '../support.js';
import {
  Add,
  Concat,
  Fails,
  Groups,
  Lists,
  Modulo,
  Offset,
  OffsetReduce,
  ToArray,
  ToText,
  Where,
  Whole,
} from './operators.js';
import { newJob, read, sortedRows } from './support.js';

test.after(closeSessions);

/** What of the numbers 0, 1, ... goes to a subtask by turns. */
const dealt = (n: number, subtasks: number, subtask: number): number[] =>
  range(n).filter((i) => i % subtasks === subtask);

for (const threads of THREADS) {
  const on = `on ${threads} threads`;

  test(`mapPartition is called once for each subtask, also for an empty one ${on}`, async () => {
    const job = newJob(threads);
    const seen = await read(job.of(range(40)).rebalance(3).mapPartition(Whole));
    assertSame(
      sortedRows(seen),
      range(3).map((subtask) => [subtask, dealt(40, 3, subtask)]),
    );
    const few = await read(newJob(threads).of([7]).rebalance(3).mapPartition(Whole));
    assertSame(sortedRows(few), [
      [0, [7]],
      [1, []],
      [2, []],
    ]);
  });

  test(`aggregate merges in order of the subtasks ${on}`, async () => {
    const lists = (values: readonly number[], subtasks: number) =>
      read(newJob(threads).of(values).rebalance(subtasks).aggregate(Lists));
    const [one, three, none] = [
      await lists(range(7), 1),
      await lists(range(7), 3),
      await lists([], 2),
    ];
    assertSame(one, ['0 1 2 3 4 5 6']);
    assertSame(three, ['0 3 6 | 1 4 | 2 5']);
    assertSame(none, ['|'], 'of each subtask one, that may be empty');
  });

  test(`reduceAll combines each subtask, then these in order ${on}`, async () => {
    const reduced = (n: number, subtasks: number) =>
      read(newJob(threads).of(range(n)).rebalance(subtasks).map(ToText).reduceAll(Concat));
    assertSame(await reduced(6, 1), ['(((((01)2)3)4)5)']);
    assertSame(await reduced(6, 3), ['(((03)(14))(25))']);
    assertSame(await reduced(2, 3), ['(01)'], 'a subtask without records has none to give');
    assertSame(await reduced(0, 3), []);
  });

  test(`keyed reduce gives one record for each key ${on}`, async () => {
    const job = newJob(threads);
    const sums = job.of(range(100)).keyBy(Modulo, 7).reduce(Add, undefined, { parallelism: 3 });
    const expected = range(7).map((key) =>
      range(100)
        .filter((i) => i % 7 === key)
        .reduce((a, b) => a + b),
    );
    assertSame(sortedRows(await read(sums)), sortedRows(expected));
    assertSame(await read(newJob(threads).of<number>([]).keyBy(Modulo, 7).reduce(Add)), []);
  });

  test(`sample gives the same records on any number of subtasks ${on}`, async () => {
    const sample = (n: number, seed: number, subtasks: number) =>
      read(newJob(threads).of(range(1000)).rebalance(subtasks).sample(n, seed));
    const first = await sample(20, 1, 1);
    assert.is(new Set(first).size, 20);
    assertSame(
      first,
      first.toSorted((a, b) => a - b),
    );
    assertSame(await sample(20, 1, 3), first);
    assert.is.not((await sample(20, 2, 3)).join(' '), first.join(' '), 'another seed');
    assertSame(await sample(2000, 1, 3), range(1000), 'all, when there are fewer');
  });

  test(`generateBatchData deals each batch out to the subtasks ${on}`, async () => {
    const job = newJob(threads);
    const batches = job.of(range(14)).rebalance(2).gather().generateBatchData(5, 3);
    const seen = sortedRows(await read(batches.process(Where)));
    assert.is(seen.length, 2 * 3, 'the four records at the end fill no batch');
    const lengths = seen.map(([subtask, batch]) => [subtask, (batch as number[]).length]);
    assertSame(sortedRows(lengths), [
      [0, 2],
      [0, 2],
      [1, 2],
      [1, 2],
      [2, 1],
      [2, 1],
    ]);
    const inOrder = await read(newJob(threads).of(range(5)).generateBatchData(5, 3).process(Where));
    assertSame(sortedRows(inOrder), [
      [0, [0, 1], 0],
      [1, [2, 3], 0],
      [2, [4], 0],
    ]);
  });

  test(`allReduceSum gives every subtask the sum, with the same bits ${on}`, async () => {
    const length = 10_000;
    const parts = [0.1, 0.7, 1.3];
    const expected = Float64Array.from({ length }, (_, i) =>
      parts.map((x) => x / (i + 1)).reduce((a, b) => a + b),
    );
    const job = newJob(threads);
    const arrays = job.of(parts).rebalance(3).map(ToArray, length);
    const seen = await read(arrays.allReduceSum());
    assert.is(seen.length, 3);
    for (const sum of seen) assert.equal(sum, expected);
    const [few, none] = [newJob(threads), newJob(threads)];
    const sums = await read(few.of([2]).rebalance(3).map(ToArray, 2).allReduceSum());
    assertSame(
      sums.map((sum) => [...sum]),
      [
        [2, 1],
        [2, 1],
        [2, 1],
      ],
    );
    assertSame(await read(none.of<number>([]).map(ToArray, 2).allReduceSum()), []);
  });

  test(`allReduceSum refuses a second array of a subtask ${on}`, async () => {
    const arrays = newJob(threads).of([1, 2]).map(ToArray, 3).allReduceSum();
    await rejects(read(arrays), 'ERR_GYRE_DATA', /at most one array of each subtask, got a second/);
  });

  test(`coGroup brings the records of both sides together by key ${on}`, async () => {
    for (const parallelism of [1, 3]) {
      const job = newJob(threads);
      const left = job.of([1, 5, 2, 9, 13]).keyBy(Modulo, 4);
      const right = job.of([3, 6, 5, 7]).keyBy(Modulo, 4);
      const groups = left.connect(right).coGroup(Groups, undefined, { parallelism });
      const seen = await read(groups);
      const expected = [
        [1, [1, 5, 9, 13], [5]],
        [2, [2], [6]],
        [3, [], [3, 7]],
      ];
      assertSame(sortedRows(seen), expected);
      if (parallelism === 1) assertSame(seen, expected, 'in order of the keys');
    }
  });

  test(`both halves of an operator have its broadcast variables ${on}`, async () => {
    const job = newJob(threads);
    const numbers = job
      .of([1, 2, 3, 4])
      .rebalance(2)
      .withBroadcast({ offset: job.of([10, 90]) });
    const seen = await Promise.all([
      read(numbers.aggregate(Offset)),
      read(numbers.reduceAll(OffsetReduce)),
      read(numbers.sample(4)),
    ]);
    // 100 (1 + 2 + 3 + 4) + 100, and 1 + 3 + 100, 2 + 4 + 100, and both + 100.
    assertSame(seen, [[1100], [310], [1, 2, 3, 4]]);
  });

  test(`what fails around a built-in operator fails the job ${on}`, async () => {
    const job = newJob(threads);
    await rejects(
      read(job.of(range(20)).map(Fails).reduceAll(Add)),
      'ERR_GYRE_OPERATOR',
      /^Fails \(subtask \d of \d\) threw: thirteen/,
    );
  });
}

test.run();
