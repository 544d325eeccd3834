/** Situations at the edge: what an iteration does when streams are empty, late or fail; and one trace. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { forEachRound, once, replay } from '../../../src/engine/iterate.js';
import { Trace } from '../operators.js';
import { assertSame, closeSessions, rejects } from '../support.js';
import { maxRounds, nothing, paced } from './bodies.js';
import { ThrowsInCallback, Ticks, TraceOfSubtask } from './operators.js';
import { countOf, heldUntil, jobOn, SETUPS, soon, upTo, where } from './support.js';

test.after(closeSessions);

for (const setup of SETUPS) {
  const on = where(setup);
  const { subtasks } = setup;

  test(`one variable, paced, criteria of two rounds: the whole trace ${on}`, async () => {
    const job = jobOn(setup, 'trace');
    const { variable, next, criteria } = job.iterate({
      variables: [job.of([7])],
      body: ([v]) => {
        const x = paced(v);
        const tick = maxRounds(x, 2);
        const outputs = {
          variable: v.process(Trace),
          next: x.process(Trace),
          criteria: tick.process(Trace),
        };
        return { feedback: [x], outputs, criteria: tick };
      },
    });
    const outputs = [variable, next, criteria].map((stream) => stream.output().toArray());
    assertSame(await soon(Promise.all(outputs)), [
      ['r7@0', 'e0', 'r7@1', 'e1', 'r7@2', 'end', 'in0'],
      ['r7@0', 'e0', 'r7@1', 'e1', 'end', 'in0'],
      ['r0@0', 'e0', 'e1', 'end', 'in0'],
    ]);
  });

  test(`data without a variable is handled in epoch 0, in one round ${on}`, async () => {
    const job = jobOn(setup, 'data alone');
    const { trace } = job.iterate({
      variables: [job.of<number>([])],
      data: [once(job.of(upTo(100)))],
      body: ([v], [d]) => ({
        feedback: [nothing(v)],
        outputs: { trace: v.connect(d).process(Trace) },
      }),
    });
    const seen = await soon(trace.output().toArray());
    const records = seen.filter((text) => text.startsWith('d'));
    assertSame(
      records,
      upTo(100).map((i) => `d${i}@0`),
    );
    assertSame(
      seen.filter((text) => text.startsWith('e')),
      ['e0', 'end'],
    );
    assert.ok(seen.indexOf('e0') > seen.lastIndexOf('d99@0'));
  });

  test(`a variable that is not fed back makes one round ${on}`, async () => {
    const job = jobOn(setup, 'no feedback');
    const { trace } = job.iterate({
      variables: [job.of([1, 2])],
      body: ([v]) => ({ feedback: [nothing(v)], outputs: { trace: v.process(Trace) } }),
    });
    assertSame(await soon(trace.output().toArray()), ['r1@0', 'r2@0', 'e0', 'end', 'in0']);
  });

  test(`criteria that are empty from the start end after one round ${on}`, async () => {
    const job = jobOn(setup, 'empty criteria');
    const { trace } = job.iterate({
      variables: [job.of([1])],
      body: ([v]) => ({
        feedback: [paced(v)],
        outputs: { trace: v.process(Trace) },
        criteria: nothing(v),
      }),
    });
    assertSame(await soon(trace.output().toArray()), ['r1@0', 'e0', 'r1@1', 'end', 'in0']);
  });

  test(`without feedback it is for the criteria to stop ${on}`, async () => {
    const job = jobOn(setup, 'criteria decide');
    const { trace } = job.iterate({
      variables: [job.of<number>([])],
      body: ([v]) => ({
        feedback: [v],
        outputs: { trace: v.process(Trace) },
        criteria: v.process(Ticks, 200),
      }),
    });
    const callbacks = upTo(201).map((epoch) => `e${epoch}`);
    assertSame(await soon(trace.output().toArray()), [...callbacks, 'end', 'in0']);
  });

  test(`a replay of nothing only tells of epochs; for a round there is nothing ${on}`, async () => {
    const job = jobOn(setup, 'empty replay');
    const { all, each } = job.iterate({
      variables: [job.of([1])],
      data: [replay(job.of<number>([]))],
      body: ([v], [d]) => ({
        feedback: [paced(v, 2)],
        outputs: {
          all: d.process(Trace),
          each: forEachRound([d], ([inRound]) => inRound.process(Trace)),
        },
      }),
    });
    const seen = await soon(Promise.all([all.output().toArray(), each.output().toArray()]));
    assertSame(seen, [['e0', 'e1', 'e2', 'end', 'in0'], []]);
  });

  test(`heads that get no record have rounds like the others ${on}`, async () => {
    const job = jobOn(setup, 'idle heads');
    const { trace } = job.iterate({
      // One record for all the subtasks.
      variables: [job.of([1]).rebalance(subtasks)],
      body: ([v]) => ({
        feedback: [paced(v, 5)],
        outputs: { trace: v.process(TraceOfSubtask) },
      }),
    });
    const seen = await soon(trace.gather().output().toArray());
    for (const subtask of upTo(subtasks)) {
      const own = seen.filter((text) => text.startsWith(`${subtask}: `)).map((t) => t.slice(3));
      const callbacks = own.filter((text) => !text.startsWith('r'));
      assertSame(callbacks, ['e0', 'e1', 'e2', 'e3', 'e4', 'e5', 'end']);
    }
    assert.is(
      countOf(
        seen.map((t) => t.slice(3, 5)),
        'r1',
      ),
      6,
      'epochs 0 to 5',
    );
  });

  test(`data that ends late holds epoch 0 open for all its readers ${on}`, async () => {
    const job = jobOn(setup, 'late data');
    const late = heldUntil([2]);
    const { trace } = job.iterate({
      variables: [job.of([1])],
      data: [once(job.of([1]).union(job.from(late.source)))],
      body: ([v], [d]) => ({
        feedback: [paced(v, 1)],
        outputs: { trace: v.connect(d).process(Trace) },
      }),
    });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const text of trace.output()) {
        seen.push(text);
        // All that can come before the end of the data.
        if (seen.length === 3) late.release();
      }
    })();
    await soon(reading);
    assertSame([...seen.slice(0, 3)].sort(), ['d1@0', 'd2@0', 'r1@0']);
    assertSame(
      seen.slice(3).filter((text) => text !== 'in1'),
      ['e0', 'r1@1', 'e1', 'end', 'in0'],
    );
  });

  test(`what a callback throws fails the job, and names the operator ${on}`, async () => {
    const job = jobOn(setup, 'callback throws');
    const { out } = job.iterate({
      variables: [job.of([1])],
      body: ([v]) => {
        const next = v.process(ThrowsInCallback, 2) as typeof v;
        return { feedback: [next], outputs: { out: next }, criteria: maxRounds(v, 9) };
      },
    });
    const failure = await rejects(
      out.output().toArray(),
      'ERR_GYRE_OPERATOR',
      /^ThrowsInCallback \(subtask 0 of 1\) threw: planned in callback 2$/,
    );
    assertSame(failure.details, { operator: 'ThrowsInCallback', subtask: 0 });
  });

  test(`outputs that nobody reads hold nothing up ${on}`, async () => {
    const job = jobOn(setup, 'unread');
    const { read, unread } = job.iterate({
      variables: [job.of(upTo(50))],
      body: ([v]) => ({
        feedback: [paced(v, 20)],
        outputs: { read: v.process(Trace), unread: v },
      }),
    });
    unread.output();
    const seen = await soon(read.output().toArray());
    assert.is(seen.length, 50 * 21 + 21 + 2);
  });
}

test.run();
