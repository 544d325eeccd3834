/** Built-in operators inside the body of an iteration, and right behind one. */
import { test } from 'uvu';
import { forEachRound, once, replay } from '../../../src/engine/iterate.js';
import { countWindow, globalWindow } from '../../../src/engine/operators/windows.js';
import { assertSame, closeSessions, rejects, THREADS } from '../support.js';
import { Add, Concat, First, Groups, Modulo, ToArray, ToText, Where } from './operators.js';
import { CountDown } from './round-operators.js';
import { newJob, read, sortedRows } from './support.js';
import { OwnTime, Windowed, Witness } from './timed-operators.js';

test.after(closeSessions);

for (const threads of THREADS) {
  const on = `on ${threads} threads`;

  test(`reduceAll combines the records of each round in order of the subtasks ${on}`, async () => {
    const job = newJob(threads);
    const { texts } = job.iterate({
      variables: [job.of([3, 1, 2]).rebalance(3)],
      body: ([numbers]) => {
        const texts = numbers.map(ToText).reduceAll(Concat).process(Where);
        return { feedback: [numbers.process(CountDown)], outputs: { texts } };
      },
    });
    assertSame(await read(texts), [
      [0, '((31)2)', 0],
      [0, '(21)', 1],
      [0, '1', 2],
    ]);
  });

  test(`keyed reduce gives one record for each key of a round ${on}`, async () => {
    const job = newJob(threads);
    const { sums } = job.iterate({
      variables: [job.of([3, 4, 5]).rebalance(2)],
      body: ([numbers]) => {
        const sums = numbers.keyBy(Modulo, 2).reduce(Add).process(Where);
        return { feedback: [numbers.process(CountDown)], outputs: { sums } };
      },
    });
    const seen = (await read(sums)).map(([, sum, epoch]) => [epoch, sum]);
    // Rounds: 3 4 5, 2 3 4, 1 2 3, 1 2, 1.
    assertSame(sortedRows(seen), [
      [0, 4],
      [0, 8],
      [1, 3],
      [1, 6],
      [2, 2],
      [2, 4],
      [3, 1],
      [3, 2],
      [4, 1],
    ]);
  });

  test(`allReduceSum adds once, or once each round in forEachRound ${on}`, async () => {
    const job = newJob(threads);
    const { sums, plain } = job.iterate({
      variables: [job.of([3, 3]).rebalance(2)],
      data: [once(job.of([5, 7]).rebalance(2))],
      body: ([numbers], [data]) => {
        const sums = forEachRound([numbers], ([each]) => each.map(ToArray, 1).allReduceSum());
        const plain = data.map(ToArray, 1).allReduceSum();
        return {
          feedback: [numbers.process(CountDown)],
          outputs: { sums: sums.map(First).process(Where), plain: plain.map(First) },
        };
      },
    });
    const [seen, once_] = await Promise.all([read(sums), read(plain)]);
    const expected = [6, 4, 2].flatMap((sum, epoch) => [0, 1].map((at) => [at, sum, epoch]));
    assertSame(sortedRows(seen), sortedRows(expected));
    assertSame(once_, [12, 12]);
  });

  test(`a second round without forEachRound is one array too many ${on}`, async () => {
    const job = newJob(threads);
    const { sums } = job.iterate({
      variables: [job.of([2])],
      body: ([numbers]) => {
        const sums = numbers.map(ToArray, 1).allReduceSum();
        return { feedback: [numbers.process(CountDown)], outputs: { sums } };
      },
    });
    await rejects(read(sums), 'ERR_GYRE_DATA', /inside an iteration use it in forEachRound/);
  });

  test(`windows and coGroup of a round, and of the whole loop ${on}`, async () => {
    const job = newJob(threads);
    const { rounds, whole, pairs, groups } = job.iterate({
      variables: [job.of([2, 3])],
      data: [replay(job.of([10, 11]))],
      body: ([numbers], [data]) => {
        const [rounds, groups] = forEachRound([numbers, data], ([each, again]) => [
          each.windowAll(globalWindow(), Windowed).process(Where),
          each.keyBy(Modulo, 2).connect(again.keyBy(Modulo, 2)).coGroup(Groups).process(Where),
        ]);
        return {
          feedback: [numbers.process(CountDown)],
          outputs: {
            rounds: rounds!,
            groups: groups!,
            whole: numbers.windowAll(globalWindow(), Windowed),
            pairs: numbers.windowAll(countWindow(2), Windowed).process(Where),
          },
        };
      },
    });
    const seen = await Promise.all(
      [rounds, whole, pairs, groups].map((stream) => read(stream as never)),
    );
    assertSame(seen[0], [
      [0, [0, 0, 2, [2, 3]], 0],
      [0, [0, 0, 2, [1, 2]], 1],
      [0, [0, 0, 1, [1]], 2],
    ]);
    assertSame(seen[1], [[0, 0, 5, [2, 3, 1, 2, 1]]]);
    assertSame(seen[2], [
      [0, [0, 0, 2, [2, 3]], 0],
      [0, [1, 2, 4, [1, 2]], 1],
    ]);
    const found = (seen[3] as [number, unknown, number][]).map(([, group, epoch]) => [
      epoch,
      group,
    ]);
    assertSame(sortedRows(found), [
      [0, [0, [2], [10]]],
      [0, [1, [3], [11]]],
      [1, [0, [2], [10]]],
      [1, [1, [1], [11]]],
      [2, [0, [], [10]]],
      [2, [1, [1], [11]]],
    ]);
  });

  test(`a window behind an iteration fires once, when it is over ${on}`, async () => {
    const job = newJob(threads);
    const { numbers } = job.iterate({
      variables: [job.of([4])],
      body: ([numbers]) => ({ feedback: [numbers.process(CountDown)], outputs: { numbers } }),
    });
    assertSame(await read(numbers.windowAll(globalWindow(), Windowed)), [[0, 0, 4, [4, 3, 2, 1]]]);
  });

  test(`event time stays outside, and is there again behind ${on}`, async () => {
    const job = newJob(threads);
    const { inside, left } = job.iterate({
      variables: [job.of([1, 2]).assignTimestamps(OwnTime)],
      body: ([numbers]) => ({
        feedback: [numbers.process(CountDown)],
        outputs: { inside: numbers.gather().process(Witness), left: numbers },
      }),
    });
    const [seen, behind] = await Promise.all([read(inside), read(left.gather().process(Witness))]);
    // What CountDown feeds back comes from a callback and has no time.
    const records = [
      ['record', 0, 1, 1],
      ['record', 0, 2, 2],
      ['record', 0, 1, null],
    ];
    assertSame(seen, records);
    assertSame(behind, [...records, ['time', 0, null]]);
  });
}

test.run();
