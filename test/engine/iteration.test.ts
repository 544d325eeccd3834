import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { once, replay } from '../../src/engine/iterate.js';
import type { Job } from '../../src/engine/job.js';
import {
  Add,
  AtEpochEnd,
  CountDown,
  CountDownFirst,
  IsEven,
  Never,
  SplitAt,
  Sum,
  TakesTurns,
  TerminateOnMaxIter,
  Trace,
} from './operators.js';
import { assertSame, closeSessions, range, sessionOf, sorted, THREADS, within } from './support.js';

test.after(closeSessions);

/** Callbacks of an operator in an iteration of so many rounds, and its end. */
const callbacks = (rounds: number): string[] => [...range(rounds).map((e) => `e${e}`), 'end'];

const withoutRecords = (trace: readonly string[]): string[] =>
  trace.filter((text) => !/^[rd]\d/.test(text));

for (const threads of THREADS) {
  const on = `${threads} threads`;
  const newJob = (): Job => sessionOf(threads).job('iteration');
  const read = <T>(values: Promise<T>): Promise<T> => within(20_000, values);

  for (const [rounds, expected] of [
    [0, 1],
    [1, 1],
    [2, 2],
    [7, 7],
  ] as const) {
    test(`TerminateOnMaxIter(${rounds}) makes ${expected} rounds on ${on}`, async () => {
      const job = newJob();
      const { trace } = job.iterate({
        variables: [job.of([7])],
        body: ([state]) => {
          const paced = state.process(AtEpochEnd);
          return {
            feedback: [paced],
            outputs: { trace: paced.process(Trace) },
            criteria: paced.process(TerminateOnMaxIter, rounds),
          };
        },
      });
      const seen = await read(trace.output().toArray());
      assertSame(withoutRecords(seen), [...callbacks(expected), 'in0']);
      assertSame(
        seen.filter((text) => text.startsWith('r')),
        range(expected).map((epoch) => `r7@${epoch}`),
      );
    });
  }

  test(`a free-running map sees exactly the gated records on ${on}`, async () => {
    const job = newJob();
    const { trace } = job.iterate({
      variables: [job.of([0])],
      body: ([state]) => {
        const next = state.map(Add, 1);
        const criteria = next.process(TerminateOnMaxIter, 3);
        return { feedback: [next], outputs: { trace: state.process(Trace) }, criteria };
      },
    });
    // The record of the terminated epoch, 3, still comes, before the end.
    const expected = ['r0@0', 'e0', 'r1@1', 'e1', 'r2@2', 'e2', 'r3@3', 'end', 'in0'];
    assertSame(await read(trace.output().toArray()), expected);
  });

  test(`feedback that dries up ends the iteration on ${on}`, async () => {
    const job = newJob();
    const { trace } = job.iterate({
      variables: [job.of([3, 2])],
      body: ([state]) => {
        const next = state.process(AtEpochEnd).flatMap(CountDown as never);
        return { feedback: [next], outputs: { trace: state.process(Trace) } };
      },
    });
    const seen = await read(trace.output().toArray());
    // Feedback is made in epochs 0 and 1, so epoch 3 finds none.
    assertSame(withoutRecords(seen), [...callbacks(3), 'in0']);
    assertSame(
      seen.filter((text) => text.startsWith('r')),
      ['r3@0', 'r2@0', 'r2@1', 'r1@1', 'r1@2'],
    );
  });

  test(`an empty criteria stream stops though feedback goes on, on ${on}`, async () => {
    const job = newJob();
    const { trace } = job.iterate({
      variables: [job.of([1])],
      body: ([state]) => {
        const paced = state.process(AtEpochEnd);
        // Odd for ever: never a criteria record.
        const criteria = paced.filter(IsEven as never);
        return { feedback: [paced], outputs: { trace: state.process(Trace) }, criteria };
      },
    });
    assertSame(withoutRecords(await read(trace.output().toArray())), [...callbacks(1), 'in0']);
  });

  test(`criteria without feedback keep the iteration going on ${on}`, async () => {
    const job = newJob();
    const { trace } = job.iterate({
      variables: [job.of<number>([])],
      body: ([state]) => {
        const criteria = state.process(TerminateOnMaxIter, 4);
        return { feedback: [state], outputs: { trace: state.process(Trace) }, criteria };
      },
    });
    assertSame(await read(trace.output().toArray()), [...callbacks(4), 'in0']);
  });

  test(`an iteration over nothing runs one round on ${on}`, async () => {
    const job = newJob();
    const { trace, data } = job.iterate({
      variables: [job.of<number>([])],
      data: [replay(job.of<number>([]))],
      body: ([state], [values]) => ({
        feedback: [state],
        outputs: { trace: state.process(Trace), data: values.process(Trace) },
      }),
    });
    const seen = await read(Promise.all([trace.output().toArray(), data.output().toArray()]));
    assertSame(seen, [
      [...callbacks(1), 'in0'],
      [...callbacks(1), 'in0'],
    ]);
  });

  test(`replayed data comes in every round, in the same order, on ${on}`, async () => {
    const job = newJob();
    const values = [5, 3, 9, 1];
    const { trace } = job.iterate({
      variables: [job.of([0])],
      data: [replay(job.of(values))],
      body: ([state], [data]) => {
        const paced = state.process(AtEpochEnd);
        return {
          feedback: [paced],
          outputs: { trace: data.process(Trace) },
          criteria: paced.process(TerminateOnMaxIter, 3),
        };
      },
    });
    const round = (epoch: number) => [...values.map((value) => `r${value}@${epoch}`), `e${epoch}`];
    assertSame(await read(trace.output().toArray()), [
      ...round(0),
      ...round(1),
      ...round(2),
      'end',
      'in0',
    ]);
  });

  test(`data that comes once belongs to epoch 0 and holds it open on ${on}`, async () => {
    const job = newJob();
    const { trace } = job.iterate({
      variables: [job.of([0])],
      data: [once(job.of([1, 2, 3]))],
      body: ([state], [data]) => {
        const paced = state.process(AtEpochEnd);
        return {
          feedback: [paced],
          outputs: { trace: paced.connect(data).process(Trace) },
          criteria: paced.process(TerminateOnMaxIter, 2),
        };
      },
    });
    const seen = await read(trace.output().toArray());
    const first = seen.indexOf('e0');
    assertSame(
      seen.slice(0, first).filter((text) => text.startsWith('d')),
      ['d1@0', 'd2@0', 'd3@0'],
    );
    assertSame(
      withoutRecords(seen).filter((text) => text !== 'in1'),
      [...callbacks(2), 'in0'],
    );
  });

  test(`criteria fed by once-only data alone stop after one round on ${on}`, async () => {
    const job = newJob();
    const { trace, alone } = job.iterate({
      variables: [job.of([1])],
      data: [once(job.of([1, 2, 3]))],
      body: ([state], [data]) => {
        const criteria = data.process(TerminateOnMaxIter, 10);
        const paced = state.process(AtEpochEnd);
        const outputs = { trace: paced.process(Trace), alone: data.process(Trace) };
        return { feedback: [paced], outputs, criteria };
      },
    });
    const seen = await read(Promise.all([trace.output().toArray(), alone.output().toArray()]));
    assertSame(withoutRecords(seen[0]), [...callbacks(1), 'in0']);
    // What only has data without epochs hears of none.
    assertSame(seen[1], ['r1@0', 'r2@0', 'r3@0', 'in0']);
  });

  test(`several variable streams end together, when all are dry, on ${on}`, async () => {
    const job = newJob();
    const { a, b } = job.iterate({
      variables: [job.of([2]), job.of([5])],
      body: ([first, second]) => ({
        feedback: [
          first.process(AtEpochEnd).flatMap(CountDown as never),
          second.process(AtEpochEnd).flatMap(CountDown as never),
        ],
        outputs: { a: first.process(Trace), b: second.process(Trace) },
      }),
    });
    const seen = await read(Promise.all([a.output().toArray(), b.output().toArray()]));
    for (const trace of seen) assertSame(withoutRecords(trace), [...callbacks(5), 'in0']);
    assertSame(
      seen[0].filter((text) => text.startsWith('r')),
      ['r2@0', 'r1@1'],
    );
  });

  test(`the body's subtasks all see every epoch once, in order, on ${on}`, async () => {
    const job = newJob();
    const { trace } = job.iterate({
      variables: [job.of([1]).rebalance()],
      body: ([state]) => {
        const paced = state.process(AtEpochEnd);
        const criteria = paced.gather().process(TerminateOnMaxIter, 50);
        return { feedback: [paced], outputs: { trace: paced.process(Trace) }, criteria };
      },
    });
    const seen = withoutRecords(await read(trace.gather().output().toArray()));
    const subtasks = Math.max(threads, 1);
    for (const what of [...callbacks(50), 'in0']) {
      assert.is(seen.filter((text) => text === what).length, subtasks, what);
    }
  });

  test(`a head that is fed by several subtasks waits for all of them on ${on}`, async () => {
    const job = newJob();
    const { trace } = job.iterate({
      variables: [job.of(range(3000)).rebalance().map(Add, 0).gather()],
      body: ([state]) => ({
        feedback: [state.filter(Never)],
        outputs: { trace: state.process(Trace) },
      }),
    });
    const seen = await read(trace.output().toArray());
    assert.is(seen.indexOf('e0'), 3000, 'all records come before the end of their epoch');
    assertSame(seen.slice(3000), ['e0', 'end', 'in0']);
  });

  test(`no record overtakes the end of the epoch before it on ${on}`, async () => {
    const job = newJob();
    async function* late() {
      await sleep(30);
      yield 1;
      await sleep(30);
      yield 2;
    }
    const { trace } = job.iterate({
      variables: [job.of([7])],
      data: [once(job.from(late()))],
      body: ([state], [data]) => {
        const paced = state.process(AtEpochEnd);
        return {
          feedback: [paced],
          // Nothing in the loop waits for the data: its epochs run ahead.
          outputs: { trace: state.connect(data).process(Trace) },
          criteria: paced.process(TerminateOnMaxIter, 4),
        };
      },
    });
    const seen = await read(trace.output().toArray());
    const rest = ['e0', 'r7@1', 'e1', 'r7@2', 'e2', 'r7@3', 'e3', 'r7@4', 'end', 'in0'];
    const both = seen.filter((text) => text !== 'in1');
    // Between the two inputs there is no order.
    assertSame([...both.slice(0, 3).sort(), ...both.slice(3)], ['d1@0', 'd2@0', 'r7@0', ...rest]);
  });

  test(`reduceAll in an iteration gives one record per round on ${on}`, async () => {
    const job = newJob();
    const { sums } = job.iterate({
      variables: [job.of([0])],
      data: [replay(job.of(range(10)).rebalance())],
      body: ([state], [data]) => {
        const paced = state.process(AtEpochEnd);
        return {
          feedback: [paced],
          outputs: { sums: data.reduceAll(Sum) },
          criteria: paced.process(TerminateOnMaxIter, 3),
        };
      },
    });
    assertSame(await read(sums.output().toArray()), [45, 45, 45]);
  });

  test(`an unbounded iteration does not hold feedback, and ends with its data, on ${on}`, async () => {
    const job = newJob();
    const { done } = job.iterateUnbounded({
      variables: [job.of([1000, 10])],
      data: [once(job.of([1, 2, 3]))],
      body: ([state], [data]) => {
        // Counts down without waiting for any epoch: 1000 turns of the loop, then none.
        const next = state.connect(data).process(CountDownFirst);
        return { feedback: [next], outputs: { done: next.side<number>('zero') } };
      },
    });
    assertSame(sorted(await read(done.output().toArray())), [10, 1000]);
  });

  test(`an unbounded iteration answers while its data has not ended on ${on}`, async () => {
    const job = newJob();
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    async function* questions() {
      yield* [1, 2, 3];
      await finished;
    }
    const { large } = job.iterateUnbounded({
      variables: [job.of<number>([])],
      data: [once(job.from(questions()))],
      body: ([state], [data]) => {
        const split = data.connect(state).process(SplitAt, 9);
        return { feedback: [split.map(Add, 9)], outputs: { large: split.side<number>('large') } };
      },
    });
    const seen: number[] = [];
    const reading = (async () => {
      for await (const value of large.output()) {
        seen.push(value);
        if (seen.length === 3) finish();
      }
    })();
    await read(reading);
    assertSame(sorted(seen), [10, 11, 12]);
  });

  test(`an operator that refuses an input gets its frames later, in order, on ${on}`, async () => {
    const job = newJob();
    const { log } = job.iterateUnbounded({
      variables: [job.of<number>([])],
      data: [once(job.of(range(2000)))],
      body: ([answers], [batches]) => {
        const turns = batches.connect(answers).process(TakesTurns);
        const question = turns.side<number>('question').rebalance().map(Add, 1).gather();
        return { feedback: [question.map(Add, -1)], outputs: { log: turns } };
      },
    });
    const seen = await read(log.output().toArray());
    const turns = range(2000).flatMap((i) => [`batch ${i}`, `answer ${i}`]);
    assertSame(
      seen.filter((text) => !text.startsWith('end')),
      turns,
    );
    assertSame(seen.slice(-2).sort(), ['end 0', 'end 1']);
  });
}

test.run();
