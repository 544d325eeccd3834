/** Operators that live for one round: `lifecycle: 'perRound'` and `forEachRound`. */
import { test } from 'uvu';
import { forEachRound, once, replay } from '../../../src/engine/iterate.js';
import { assertSame, closeSessions, THREADS } from '../support.js';
import { Modulo, Where } from './operators.js';
import { CountDown, CountKeys, Diary } from './round-operators.js';
import { newJob, read, sortedRows } from './support.js';

test.after(closeSessions);

/** What an operator of one round says in a round with these records. */
const round = (epoch: number, ...values: readonly number[]): string[] => [
  ...values.map((value, i) => `${value}@${epoch} in0 #${i + 1}`),
  `e${epoch} of ${values.length}`,
  `in0 ended@${epoch}`,
  `time Infinity@${epoch}`,
];

for (const threads of THREADS) {
  const on = `on ${threads} threads`;

  test(`each round has an operator of its own, with all callbacks in order ${on}`, async () => {
    const job = newJob(threads);
    const { said } = job.iterate({
      variables: [job.of([2, 3])],
      body: ([numbers]) => ({
        feedback: [numbers.process(CountDown)],
        outputs: { said: forEachRound([numbers], ([each]) => each.process(Diary)) },
      }),
    });
    assertSame(await read(said), [...round(0, 2, 3), ...round(1, 1, 2), ...round(2, 1)]);
  });

  test(`an operator for all rounds keeps its state, and hears of no round's input end ${on}`, async () => {
    const job = newJob(threads);
    const { said } = job.iterate({
      variables: [job.of([2])],
      body: ([numbers]) => ({
        feedback: [numbers.process(CountDown)],
        outputs: { said: numbers.process(Diary) },
      }),
    });
    const seen = (await read(said)).map((line) => line.replace(/@\d{9,}/, '@end'));
    assertSame(seen, [
      '2@0 in0 #1',
      'e0 of 1',
      '1@1 in0 #2',
      'e1 of 2',
      'over@end of 2',
      'in0 ended@end',
    ]);
  });

  test(`lifecycle perRound is that of the whole body ${on}`, async () => {
    const job = newJob(threads);
    const { said, both } = job.iterate({
      variables: [job.of([2, 3])],
      data: [replay(job.of([7]))],
      lifecycle: 'perRound',
      body: ([numbers], [data]) => ({
        feedback: [numbers.process(CountDown)],
        outputs: { said: numbers.process(Diary), both: numbers.connect(data).process(Diary) },
      }),
    });
    const [one, two] = await Promise.all([read(said), read(both)]);
    assertSame(one, [...round(0, 2, 3), ...round(1, 1, 2), ...round(2, 1)]);
    const ends = two.filter((line) => !line.includes('#'));
    assertSame(
      ends,
      [3, 3, 2].flatMap((records, epoch) => [
        `e${epoch} of ${records}`,
        `in0 ended@${epoch}`,
        `in1 ended@${epoch}`,
        `time Infinity@${epoch}`,
      ]),
    );
  });

  test(`a subtask without a record in a round has no operator in it ${on}`, async () => {
    const job = newJob(threads);
    const { said } = job.iterate({
      variables: [job.of([1, 2]).rebalance(2)],
      body: ([numbers]) => ({
        feedback: [numbers.process(CountDown)],
        outputs: { said: forEachRound([numbers], ([each]) => each.process(Diary)) },
      }),
    });
    assertSame(
      sortedRows(await read(said)),
      sortedRows([...round(0, 1), ...round(0, 2), ...round(1, 1)]),
    );
  });

  test(`what is emitted in a round belongs to it, and comes behind in order ${on}`, async () => {
    const job = newJob(threads);
    const { where } = job.iterate({
      variables: [job.of([2])],
      body: ([numbers]) => {
        const said = forEachRound([numbers], ([each]) => each.process(Diary));
        return { feedback: [numbers.process(CountDown)], outputs: { where: said.process(Where) } };
      },
    });
    assertSame(
      await read(where),
      [...round(0, 2), ...round(1, 1)].map((line) => [0, line, Number(/[@e](\d)/.exec(line)![1])]),
    );
  });

  test(`keyed state is that of the round ${on}`, async () => {
    const job = newJob(threads);
    const { counts } = job.iterate({
      variables: [job.of([3, 5, 5])],
      body: ([numbers]) => {
        const counts = forEachRound([numbers], ([each]) =>
          each.keyBy(Modulo, 2).process(CountKeys, undefined, { parallelism: 1 }),
        );
        return { feedback: [numbers.process(CountDown)], outputs: { counts } };
      },
    });
    const seen = await read(counts);
    // 3 5 5, 2 4 4, 1 3 3, 2 2, 1 1: every round counts from one.
    assertSame(seen, ['1:3', '0:3', '1:3', '0:2', '1:2']);
  });

  test(`data of a stream that is seen once is in the first round only ${on}`, async () => {
    const job = newJob(threads);
    const { said } = job.iterate({
      variables: [job.of([2])],
      data: [once(job.of([8]))],
      body: ([numbers], [data]) => ({
        feedback: [numbers.process(CountDown)],
        outputs: { said: forEachRound([data], ([each]) => each.process(Diary)) },
      }),
    });
    // Its stream ends with the round and knows no epochs: for it the iteration is over.
    const expected = ['8@0 in0 #1', 'over@0 of 1', 'in0 ended@0', 'time Infinity@0'];
    assertSame(await read(said), expected);
  });
}

test.run();
