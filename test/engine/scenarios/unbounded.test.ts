/** Iterations over streams that may have no end. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { once } from '../../../src/engine/iterate.js';
import { CountDown } from '../operators.js';
import { assertSame, closeSessions } from '../support.js';
import { keyedTail } from './bodies.js';
import { type EpochRecord, ReduceAllRounds, type RoundEvent, ToSide } from './operators.js';
import {
  empty,
  heldOpen,
  jobOn,
  PER_SUBTASK,
  SETUPS,
  sequence,
  soon,
  totalOf,
  upTo,
  where,
} from './support.js';

test.after(closeSessions);

/** Of the events of records: how many each round has, and the sum after its last. */
function statOf(events: readonly RoundEvent[]): Record<number, [number, number]> {
  const stat: Record<number, [number, number]> = {};
  for (const { round, value } of events) stat[round] = [(stat[round]?.[0] ?? 0) + 1, value];
  return stat;
}

for (const setup of SETUPS) {
  const on = where(setup);
  const { subtasks } = setup;
  const each = subtasks * PER_SUBTASK;
  const expected = { 0: [each, totalOf(subtasks)], 1: [each, totalOf(subtasks)] };
  const params = { sync: false, maxRound: 1 };

  for (const how of ['broadcast', 'gather'] as const) {
    test(`two rounds over a variable stream sum up, over a ${how} edge, ${on}`, async () => {
      const job = jobOn(setup, 'variable only');
      const { events } = job.iterateUnbounded({
        variables: [sequence(job, subtasks)],
        body: ([records]) => {
          const gathered = how === 'broadcast' ? records.broadcast(1) : records.gather();
          const reduced = gathered.process(ReduceAllRounds, params);
          const outputs = { events: reduced.side<RoundEvent>('events') };
          return { feedback: [keyedTail(reduced, subtasks)], outputs };
        },
      });
      const seen = await soon(events.output().toArray());
      assert.is(seen.length, 2 * each + 1);
      assertSame(seen.at(-1), { event: 'end', round: -1, value: -1 });
      assert.ok(seen.slice(0, -1).every(({ event }) => event === 'record'));
      assertSame(statOf(seen.slice(0, -1)), expected);
    });
  }

  test(`two rounds over data that never ends sum up, without an epoch's end, ${on}`, async () => {
    const job = jobOn(setup, 'data without end');
    const { events } = job.iterateUnbounded({
      variables: [empty<EpochRecord>(job, subtasks)],
      data: [once(sequence(job, subtasks, heldOpen(upTo(PER_SUBTASK))))],
      body: ([variable], [data]) => {
        const reduced = variable.gather().connect(data.gather()).process(ReduceAllRounds, params);
        const outputs = { events: reduced.side<RoundEvent>('events') };
        return { feedback: [keyedTail(reduced, subtasks)], outputs };
      },
    });
    const seen: RoundEvent[] = [];
    const reading = (async () => {
      for await (const event of events.output()) {
        seen.push(event);
        if (seen.length === 2 * each) break;
      }
    })();
    await soon(reading);
    assert.ok(seen.every(({ event }) => event === 'record'));
    assertSame(statOf(seen), expected);
  });

  test(`a side output leaves an iteration that has nothing to feed back, ${on}`, async () => {
    const job = jobOn(setup, 'side output');
    const { side } = job.iterateUnbounded({
      variables: [job.of<number>([])],
      data: [once(job.of([1, 2, 3]))],
      body: ([variable], [data]) => {
        const sent = data.process(ToSide, '0');
        return { feedback: [variable], outputs: { side: sent.side<number>('0') } };
      },
    });
    assertSame(await soon(side.output().toArray()), [1, 2, 3]);
  });

  test(`a variable stream as output begins with the initial record, ${on}`, async () => {
    const job = jobOn(setup, 'models');
    const { models } = job.iterateUnbounded({
      variables: [job.of([3])],
      body: ([model]) => {
        const next = model.flatMap(CountDown);
        return { feedback: [next], outputs: { models: model } };
      },
    });
    assertSame(await soon(models.output().toArray()), [3, 2, 1]);
  });
}

test.run();
