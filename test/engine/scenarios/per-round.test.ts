/** Operators that live for one round, as jobs see them. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { forEachRound, once, replay } from '../../../src/engine/iterate.js';
import type { DataStream } from '../../../src/engine/stream.js';
import { Trace } from '../operators.js';
import { assertSame, closeSessions } from '../support.js';
import { maxRounds, nothing, paced } from './bodies.js';
import {
  AtMost,
  type EpochRecord,
  Identity,
  LivesOf,
  NextEpoch,
  ReduceAllRounds,
  ReduceOneRound,
  type RoundEvent,
  StatefulKeyed,
  ToText,
  ValueModulo,
  ValueOf,
} from './operators.js';
import {
  empty,
  jobOn,
  SETUPS,
  type Setup,
  sequence,
  soon,
  totalOf,
  upTo,
  where,
} from './support.js';

test.after(closeSessions);

/** Back over keys, to one subtask, as long as the round is at most that. */
function countedBack(rounds: DataStream<number>, { subtasks }: Setup, most: number) {
  const options = { parallelism: subtasks };
  const dealt = rounds.keyBy(ValueModulo, subtasks).map(Identity, undefined, options);
  const keyed = (dealt as DataStream<number>).keyBy(ValueModulo, 1_000_000);
  const counted = keyed.process(StatefulKeyed, undefined, options) as DataStream<number>;
  return counted.filter(AtMost, most, { parallelism: 1 });
}

const endsOf = (rounds: number, value: number): RoundEvent[] =>
  upTo(rounds).map((round) => ({ event: 'end', round, value }));

for (const setup of SETUPS) {
  const on = where(setup);
  const value = totalOf(setup.subtasks);

  test(`each round has an operator of its own, with all of the replayed data ${on}`, async () => {
    const job = jobOn(setup, 'per round');
    const { events } = job.iterate({
      variables: [job.of([0])],
      data: [replay(sequence(job, setup.subtasks).map(ValueOf))],
      lifecycle: 'perRound',
      body: ([round], [data]) => {
        const reduced = round.connect(data.gather()).process(ReduceOneRound);
        return {
          feedback: [countedBack(reduced, setup, 4)],
          outputs: { events: reduced.side<RoundEvent>('events') },
          // Criteria may be of any type.
          criteria: reduced.filter(AtMost, 4).map(ToText),
        };
      },
    });
    assertSame(await soon(events.output().toArray()), endsOf(5, value));
  });

  test(`operators of one round and of all rounds live in one body ${on}`, async () => {
    const job = jobOn(setup, 'mixed');
    const data = () =>
      sequence(job, setup.subtasks).gather().map(Identity) as DataStream<EpochRecord>;
    const { each, all } = job.iterate({
      variables: [job.of([0]), empty<EpochRecord>(job, setup.subtasks)],
      data: [replay(data()), once(data())],
      body: ([round, records], [replayed, seenOnce]) => {
        const perRound = forEachRound([round, replayed] as const, ([r, d]) =>
          r.connect(d.map(ValueOf)).process(ReduceOneRound),
        );
        const both = records.gather().connect(seenOnce);
        const allRound = both.process(ReduceAllRounds, { sync: true, maxRound: 5 });
        return {
          feedback: [
            countedBack(perRound, setup, 5),
            allRound.rebalance(setup.subtasks).map(NextEpoch),
          ],
          outputs: {
            each: perRound.side<RoundEvent>('events'),
            all: allRound.side<RoundEvent>('events'),
          },
        };
      },
    });
    const seen = await soon(Promise.all([each.output().toArray(), all.output().toArray()]));
    assertSame(seen[0], endsOf(6, value));
    const callbacks = upTo(6).map((round) => ({ event: 'epochEnd', round, value }));
    assertSame(seen[1], [...callbacks, { event: 'end', round: -1, value: -1 }]);
  });

  test(`criteria of one round without a record end the iteration ${on}`, async () => {
    const job = jobOn(setup, 'starved');
    const { trace } = job.iterate({
      variables: [job.of([7])],
      lifecycle: 'perRound',
      body: ([v]) => ({
        feedback: [v],
        outputs: { trace: v.process(Trace) },
        criteria: maxRounds(nothing(v), 10),
      }),
    });
    // One round, and the record of the next, which is cut short.
    const seen = await soon(trace.output().toArray());
    assertSame(seen, ['r7@0', 'e0', 'in0', 'r7@1', 'end', 'in0']);
  });

  test(`a round is opened with its first record and closed with its end ${on}`, async () => {
    const job = jobOn(setup, 'lives');
    const { lives } = job.iterate({
      variables: [job.of([1])],
      data: [replay(job.of([10, 11]))],
      body: ([v], [d]) => ({
        feedback: [paced(v, 2)],
        outputs: {
          lives: forEachRound([v, d] as const, ([a, b]) => a.connect(b).process(LivesOf)),
        },
      }),
    });
    const seen = await soon(lives.output().toArray());
    const instances = [...new Set(seen.map(([instance]) => instance))];
    assert.is(instances.length, 3, 'as many as rounds');
    instances.forEach((instance, epoch) => {
      const life = seen.filter(([other]) => other === instance).map(([, what]) => what);
      assertSame(life.slice(0, 3).sort(), [`r10@${epoch}`, `r11@${epoch}`, `r1@${epoch}`].sort());
      assertSame(life.slice(3), [`e${epoch}`, 'in0', 'in1', 'time Infinity']);
    });
  });

  test(`only what is built inside forEachRound lives for one round ${on}`, async () => {
    const job = jobOn(setup, 'switch');
    const { all, again, each } = job.iterate({
      variables: [job.of([1])],
      body: ([v]) => {
        const before = v.process(Trace, undefined, { name: 'before' });
        const inside = forEachRound([v], ([inRound]) =>
          inRound.keyBy(ValueModulo, 2).process(Trace, undefined, { name: 'inside' }),
        );
        const after = v.process(Trace, undefined, { name: 'after' });
        return { feedback: [nothing(v)], outputs: { all: before, each: inside, again: after } };
      },
    });
    const lifecycle = (name: string) =>
      job.graph.plan().nodes.find((node) => node.name === name)!.lifecycle;
    assertSame(['before', 'inside', 'after'].map(lifecycle), ['allRound', 'perRound', 'allRound']);
    const outputs = [all, again, each].map((stream) => stream.gather().output().toArray());
    const seen = await soon(Promise.all(outputs));
    const whole = ['r1@0', 'e0', 'end', 'in0'];
    assertSame(seen, [whole, whole, ['r1@0', 'e0', 'in0']]);
  });
}

test.run();
