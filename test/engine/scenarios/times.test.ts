/** Epochs and event times of records where an iteration begins and ends. */
import { test } from 'uvu';
import { once, replay } from '../../../src/engine/iterate.js';
import { Trace } from '../operators.js';
import { assertSame, closeSessions } from '../support.js';
import { maxRounds, nothing, paced } from './bodies.js';
import { At, EventTimes, InBothWays, JoinAtEnd, Stamped } from './operators.js';
import { jobOn, SETUPS, soon, sortedLines, upTo, where } from './support.js';

test.after(closeSessions);

for (const setup of SETUPS) {
  const on = where(setup);

  test(`records enter with epoch 0 and keep their event time ${on}`, async () => {
    const job = jobOn(setup, 'enter');
    const timed = () => job.of(upTo(5)).flatMap(At, 1000);
    const { variable, data, replayed } = job.iterate({
      variables: [timed()],
      data: [once(timed()), replay(timed())],
      body: ([v], [d, r]) => ({
        feedback: [nothing(v)],
        outputs: {
          variable: v.process(Stamped),
          data: d.process(Stamped),
          replayed: r.process(Stamped),
        },
      }),
    });
    const expected = upTo(5).map((value) => [value, 0, 1000]);
    const outputs = [variable, data, replayed].map((stream) => stream.output().toArray());
    assertSame(await soon(Promise.all(outputs)), [expected, expected, expected]);
  });

  test(`feedback keeps its event time, a replay only in epoch 0 ${on}`, async () => {
    const job = jobOn(setup, 'replayed times');
    const { data, variable } = job.iterate({
      variables: [job.of([7]).flatMap(At, 70)],
      data: [replay(job.of(['a']).flatMap(At, 1000))],
      body: ([v], [d]) => ({
        feedback: [v],
        outputs: { data: d.process(Stamped), variable: v.process(Stamped) },
        criteria: maxRounds(v, 3),
      }),
    });
    const seen = await soon(Promise.all([data.output().toArray(), variable.output().toArray()]));
    assertSame(seen, [
      [
        ['a', 0, 1000],
        ['a', 1, null],
        ['a', 2, null],
      ],
      upTo(4).map((epoch) => [7, epoch, 70]),
    ]);
  });

  test(`what a callback emits has no event time ${on}`, async () => {
    const job = jobOn(setup, 'callback');
    const { out } = job.iterate({
      variables: [job.of([7]).flatMap(At, 70)],
      body: ([v]) => ({
        feedback: [nothing(v)],
        outputs: { out: v.process(InBothWays).process(Stamped) },
      }),
    });
    assertSame(await soon(out.output().toArray()), [
      ['of a record', 0, 70],
      ['of a callback', 0, null],
    ]);
  });

  test(`records leave without an epoch and with their event time ${on}`, async () => {
    const job = jobOn(setup, 'leave');
    const { out } = job.iterate({
      variables: [job.of([1]).flatMap(At, 10)],
      body: ([v]) => ({ feedback: [v], outputs: { out: v }, criteria: maxRounds(v, 2) }),
    });
    const stamped = out.process(Stamped).output().toArray();
    const trace = out.process(Trace).output().toArray();
    assertSame(await soon(Promise.all([stamped, trace])), [
      upTo(3).map(() => [1, 0, 10]),
      // No callback of an epoch, nor of the iteration's end.
      [...upTo(3).map(() => 'r1@0'), 'in0'],
    ]);
  });

  test(`each subtask after an iteration hears of the end of time once ${on}`, async () => {
    const job = jobOn(setup, 'end of time');
    const { joined } = job.iterate({
      variables: [job.of([[1, 1]])],
      data: [replay(job.of([[1, 2]]))],
      lifecycle: 'perRound',
      body: ([left], [right]) => ({
        feedback: [left],
        outputs: { joined: left.connect(right).process(JoinAtEnd) },
        criteria: maxRounds(left, 1),
      }),
    });
    const pairs = joined.output().toArray();
    const times = joined.rebalance().process(EventTimes).gather().output().toArray();
    const [pairsSeen, timesSeen] = await soon(Promise.all([pairs, times]));
    assertSame(pairsSeen, [[1, 2]]);
    const expected = upTo(setup.subtasks).map((subtask) => `${subtask}: Infinity`);
    assertSame(sortedLines(timesSeen), expected);
  });

  test(`event time does not come into a body ${on}`, async () => {
    const job = jobOn(setup, 'no event time');
    const { out } = job.iterate({
      variables: [job.of([7]).flatMap(At, 70)],
      data: [once(job.of([1]).flatMap(At, 10))],
      body: ([v], [d]) => ({
        feedback: [paced(v, 2)],
        outputs: { out: v.connect(d).process(EventTimes) },
      }),
    });
    assertSame(await soon(out.output().toArray()), []);
  });
}

test.run();
