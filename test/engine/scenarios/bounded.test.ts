/** Bounded iterations with one operator for all rounds: what ends them, and what operators see. */
import { test } from 'uvu';
import { once, replay } from '../../../src/engine/iterate.js';
import { ForwardInputsOfLastRound } from '../../../src/engine/operators/forward-inputs-of-last-round.js';
import { TerminateOnMaxIterOrTol } from '../../../src/engine/operators/terminate.js';
import { Add, Sum, Trace } from '../operators.js';
import { assertSame, closeSessions, rejects } from '../support.js';
import { keyedTail, maxRounds, nothing, paced } from './bodies.js';
import {
  CountAtInputEnd,
  type EpochRecord,
  LatestAtEnd,
  LossOfRound,
  ReduceAllRounds,
  type RoundEvent,
  Stamped,
  Ticks,
  Twice,
} from './operators.js';
import { empty, jobOn, SETUPS, sequence, soon, totalOf, where } from './support.js';

test.after(closeSessions);

const isCallback = (text: string): boolean => /^e\d|^end/.test(text);

for (const setup of SETUPS) {
  const on = where(setup);
  const { subtasks } = setup;

  test(`criteria on the variable end after 4 of 40 rounds ${on}`, async () => {
    const job = jobOn(setup, 'criteria');
    const { events } = job.iterate({
      variables: [empty<EpochRecord>(job, subtasks)],
      data: [once(sequence(job, subtasks))],
      body: ([variable], [data]) => {
        const both = variable.gather().connect(data.gather());
        const reduced = both.process(ReduceAllRounds, { sync: true, maxRound: 40 });
        return {
          feedback: [keyedTail(reduced, subtasks)],
          outputs: { events: reduced.side<RoundEvent>('events') },
          criteria: maxRounds(reduced, 4),
        };
      },
    });
    const value = totalOf(subtasks);
    const rounds = [0, 1, 2, 3].map((round) => ({ event: 'epochEnd', round, value }));
    const last = { event: 'end', round: -1, value: -1 };
    assertSame(await soon(events.output().toArray()), [...rounds, last]);
  });

  test(`an iteration over nothing makes one round ${on}`, async () => {
    const job = jobOn(setup, 'nothing');
    const { trace } = job.iterate({
      variables: [job.of<number>([])],
      body: ([variable]) => {
        const quiet = nothing(variable);
        return { feedback: [quiet], outputs: { trace: variable.process(Trace) } };
      },
    });
    assertSame(await soon(trace.output().toArray()), ['e0', 'end', 'in0']);
  });

  for (const [maxIter, count] of [
    [0, 1],
    [2, 2],
  ] as const) {
    test(`the record of the round that is cut short is seen, for maxIter ${maxIter} ${on}`, async () => {
      const job = jobOn(setup, 'paced');
      const { trace } = job.iterate({
        variables: [job.of([7])],
        body: ([variable]) => {
          const next = paced(variable);
          return {
            feedback: [next],
            outputs: { trace: variable.process(Trace) },
            criteria: maxRounds(next, maxIter),
          };
        },
      });
      const seen = ['r7@0'];
      for (let epoch = 0; epoch < count; epoch++) seen.push(`e${epoch}`, `r7@${epoch + 1}`);
      assertSame(await soon(trace.output().toArray()), [...seen, 'end', 'in0']);
    });
  }

  test(`criteria alone keep an iteration going ${on}`, async () => {
    const job = jobOn(setup, 'criteria alone');
    const { trace } = job.iterate({
      variables: [job.of([1])],
      body: ([variable]) => ({
        feedback: [nothing(variable)],
        outputs: { trace: variable.process(Trace) },
        criteria: variable.process(Ticks, 4),
      }),
    });
    const expected = ['r1@0', 'e0', 'e1', 'e2', 'e3', 'e4', 'end', 'in0'];
    assertSame(await soon(trace.output().toArray()), expected);
  });

  test(`of two variables it is the sum of feedback that counts ${on}`, async () => {
    const job = jobOn(setup, 'two variables');
    const { first, second } = job.iterate({
      variables: [job.of([1]), job.of<number>([])],
      body: ([a, b]) => ({
        feedback: [paced(a, 3), nothing(b)],
        outputs: { first: a.process(Trace), second: b.process(Trace) },
      }),
    });
    const outputs = [first.output().toArray(), second.output().toArray()];
    for (const trace of await soon(Promise.all(outputs))) {
      assertSame(trace.filter(isCallback), ['e0', 'e1', 'e2', 'e3', 'end']);
    }
  });

  test(`what is emitted when the iteration ends comes to its output ${on}`, async () => {
    const job = jobOn(setup, 'last words');
    const { last, seen } = job.iterate({
      variables: [job.of([1])],
      body: ([variable]) => {
        const next = variable.process(LatestAtEnd);
        const outputs = { last: next.side<number>('last'), seen: next.side<number>('seen') };
        return { feedback: [next], outputs };
      },
    });
    const values = Promise.all([last.output().toArray(), seen.output().toArray()]);
    assertSame(await soon(values), [[4], [1, 2, 3, 4]]);
  });

  test(`what is emitted when a data stream ends belongs to no round ${on}`, async () => {
    const job = jobOn(setup, 'end of data');
    const { stamped, trace } = job.iterate({
      variables: [job.of<number>([])],
      data: [once(job.of([5, 6, 7]))],
      body: ([variable], [data]) => {
        const count = data.process(CountAtInputEnd);
        return {
          // In a bounded iteration it makes no round either.
          feedback: [count],
          outputs: { stamped: count.process(Stamped), trace: variable.process(Trace) },
        };
      },
    });
    const values = Promise.all([stamped.output().toArray(), trace.output().toArray()]);
    assertSame(await soon(values), [[[3, 2147483646, null]], ['e0', 'end', 'in0']]);
  });

  test(`replayed data comes once a round, in order, and not in the last ${on}`, async () => {
    const job = jobOn(setup, 'replay');
    const { stamped, trace } = job.iterate({
      variables: [job.of([7])],
      data: [replay(job.of(['a', 'b', 'c']))],
      body: ([variable], [data]) => {
        const next = paced(variable);
        return {
          feedback: [next],
          outputs: { stamped: data.process(Stamped), trace: data.process(Trace) },
          criteria: maxRounds(next, 3),
        };
      },
    });
    const values = Promise.all([stamped.output().toArray(), trace.output().toArray()]);
    const rounds = [0, 1, 2];
    assertSame(await soon(values), [
      rounds.flatMap((epoch) => ['a', 'b', 'c'].map((value) => [value, epoch, null])),
      [...rounds.flatMap((e) => [`ra@${e}`, `rb@${e}`, `rc@${e}`, `e${e}`]), 'end', 'in0'],
    ]);
  });

  test(`data streams are in the body in the order in which they were given ${on}`, async () => {
    const job = jobOn(setup, 'order of data');
    const { first, second } = job.iterate({
      variables: [job.of([1])],
      data: [once(job.of(['once'])), replay(job.of(['replayed']))],
      body: ([variable], [a, b]) => ({
        feedback: [paced(variable, 1)],
        outputs: { first: a.process(Stamped), second: b.process(Stamped) },
      }),
    });
    const values = Promise.all([first.output().toArray(), second.output().toArray()]);
    assertSame(await soon(values), [
      [['once', 0, null]],
      [
        ['replayed', 0, null],
        ['replayed', 1, null],
      ],
    ]);
  });

  for (const [what, losses, count] of [
    ['reaches tol', [0.5, 0.3, 0.1, 0.5, 0.5], 3],
    ['is NaN', [0.5, Number.NaN, 0.5], 2],
    ['is missing once', [0.5, null, 0.05, 0.5], 3],
  ] as const) {
    test(`an iteration ends with the round whose loss ${what} ${on}`, async () => {
      const job = jobOn(setup, 'losses');
      const { trace } = job.iterate({
        variables: [job.of([0])],
        body: ([variable]) => {
          const loss = variable.flatMap(LossOfRound, losses);
          return {
            feedback: [variable],
            outputs: { trace: variable.process(Trace) },
            criteria: loss.flatMap(TerminateOnMaxIterOrTol, { maxIter: 10, tol: 0.1 }),
          };
        },
      });
      const callbacks = (await soon(trace.output().toArray())).filter(isCallback);
      assertSame(callbacks, ['e0', 'e1', 'e2'].slice(0, count).concat('end'));
    });
  }

  test(`two losses in one round fail the job ${on}`, async () => {
    const job = jobOn(setup, 'two losses');
    const { out } = job.iterate({
      variables: [job.of([0.3, 0.2])],
      body: ([variable]) => ({
        feedback: [variable],
        outputs: { out: variable },
        criteria: variable.flatMap(TerminateOnMaxIterOrTol, { maxIter: 10, tol: 0.1 }),
      }),
    });
    await rejects(out.output().toArray(), 'ERR_GYRE_ITERATION', /0.3 and 0.2/);
  });

  test(`the last complete round's values are forwarded ${on}`, async () => {
    const job = jobOn(setup, 'last round');
    const { last } = job.iterate({
      variables: [job.of([10])],
      body: ([variable]) => {
        const next = paced(variable.map(Add, 1));
        const outputs = { last: next.flatMap(ForwardInputsOfLastRound) };
        return { feedback: [next], outputs, criteria: maxRounds(next, 4) };
      },
    });
    // The rounds give 11, 12, 13 and 14; there is no callback of epoch 4.
    assertSame(await soon(last.output().toArray()), [14]);
  });

  test(`a value of a round that is cut short is no last round's ${on}`, async () => {
    const job = jobOn(setup, 'cut short');
    const { last } = job.iterate({
      variables: [job.of([10])],
      body: ([variable]) => {
        const next = variable.map(Add, 1);
        return {
          feedback: [next],
          outputs: { last: variable.flatMap(ForwardInputsOfLastRound) },
          criteria: maxRounds(next, 4),
        };
      },
    });
    const message = /ForwardInputsOfLastRound has 1 records of a round that is not complete/;
    await rejects(last.output().toArray(), 'ERR_GYRE_ITERATION', message);
  });

  test(`a reduction after an iteration fires once ${on}`, async () => {
    const job = jobOn(setup, 'after');
    const { numbers } = job.iterate({
      variables: [job.of([1]).rebalance()],
      body: ([variable]) => {
        const next = variable.map(Add, 1);
        const criteria = maxRounds(next.gather(), 4);
        return { feedback: [next], outputs: { numbers: variable }, criteria };
      },
    });
    // Epoch 4 is cut short, but its record is seen.
    assertSame(await soon(numbers.reduceAll(Sum).output().toArray()), [1 + 2 + 3 + 4 + 5]);
  });

  test(`a stream and its own side output may meet in a body ${on}`, async () => {
    const job = jobOn(setup, 'twice');
    const { trace } = job.iterate({
      variables: [job.of([7])],
      body: ([variable]) => {
        const both = variable.process(Twice);
        const met = both.union(both.side('again'));
        return {
          feedback: [paced(variable, 2)],
          outputs: { trace: met.process(Trace) },
        };
      },
    });
    const round = (e: number) => [`r7@${e}`, `r7@${e}`, `e${e}`];
    const expected = [...round(0), ...round(1), ...round(2), 'end', 'in0'];
    assertSame(await soon(trace.output().toArray()), expected);
  });
}

test.run();
