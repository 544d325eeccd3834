/** Aligners: when an epoch is over, and whether the iteration is. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { once } from '../../../src/engine/iterate.js';
import { AlignerSubtask } from '../../../src/engine/iteration.js';
import { Trace } from '../operators.js';
import { assertSame, closeSessions } from '../support.js';
import { maxRounds, paced } from './bodies.js';
import { Harness, NODE } from './harness.js';
import { jobOn, SETUPS, soon, upTo, where } from './support.js';

test.after(closeSessions);

// Two heads of 2 and of 3 subtasks, each with a channel to the aligner; answers go to both.
const A = 1;
const B = 2;
const A_CHANNELS = [0, 1];
const B_CHANNELS = [2, 3, 4];

function newAligner(criteriaHead: number | null = null): Harness<AlignerSubtask> {
  const loop = { id: 0, bounded: true, headParallelism: 5, criteriaHead };
  const node = { ...NODE, kind: 'aligner' as const, name: 'aligner' };
  const from = [A, A, B, B, B].map((head) => ({ input: 0, from: head, kind: 'align' as const }));
  return new Harness((scheduler) => new AlignerSubtask(node, 0, scheduler, loop), from, [
    'align',
    'align',
  ]);
}

/** All subtasks report; `records` says how many, by head and subtask. */
function reportAll(
  aligner: Harness<AlignerSubtask>,
  epoch: number,
  records: (head: number, subtask: number) => number,
): string[] {
  A_CHANNELS.forEach((channel, j) => {
    aligner.record(channel, records(0, j), epoch);
  });
  B_CHANNELS.forEach((channel, j) => {
    aligner.record(channel, records(1, j), epoch);
  });
  return aligner.sent();
}

const toBoth = (text: string): string[] => [text, text];

test('an epoch with records goes on, one without any ends the iteration', () => {
  const aligner = newAligner();
  assertSame(
    reportAll(aligner, 2, (_head, subtask) => subtask),
    toBoth('answer(2,go)'),
  );
  assertSame(
    reportAll(aligner, 3, () => 0),
    toBoth('answer(3,over)'),
  );
});

test('nobody is answered before the last report is in', () => {
  const aligner = newAligner();
  for (const channel of [...A_CHANNELS, ...B_CHANNELS].slice(0, -1)) aligner.record(channel, 1, 2);
  assertSame(aligner.sent(), []);
  aligner.record(4, 0, 2);
  assertSame(aligner.sent(), toBoth('answer(2,go)'));
});

test('one record anywhere is enough to go on', () => {
  const aligner = newAligner();
  const answers = reportAll(aligner, 2, (head, subtask) => (head === 1 && subtask === 2 ? 1 : 0));
  assertSame(answers, toBoth('answer(2,go)'));
});

test('epoch 0 never ends an iteration', () => {
  assertSame(
    reportAll(newAligner(), 0, () => 0),
    toBoth('answer(0,go)'),
  );
  assertSame(
    reportAll(newAligner(A), 0, () => 0),
    toBoth('answer(0,go)'),
    'nor with criteria',
  );
});

test('empty criteria end an iteration though there is feedback', () => {
  const answers = reportAll(newAligner(A), 2, (head, subtask) => (head === 0 ? 0 : subtask));
  assertSame(answers, toBoth('answer(2,over)'));
});

test('criteria alone go on', () => {
  const answers = reportAll(newAligner(A), 2, (head, subtask) => (head === 0 ? subtask : 0));
  assertSame(answers, toBoth('answer(2,go)'));
});

test('reports from before a cut count after it', () => {
  const aligner = newAligner();
  aligner.record(0, 0, 1).record(1, 2, 1).record(2, 0, 1);
  assertSame(aligner.sent(), []);
  const next = newAligner().restore(aligner.save()).run();
  assertSame(next.sent(), []);
  next.record(3, 0, 1).record(4, 0, 1);
  assertSame(next.sent(), toBoth('answer(1,go)'));
  // The epoch is forgotten: the next begins from nothing.
  assertSame(
    reportAll(next, 2, () => 0),
    toBoth('answer(2,over)'),
  );
});

test('reports that wait at a cut count after it', () => {
  const aligner = newAligner();
  for (const channel of [0, 1, 2, 3]) aligner.record(channel, 0, 1);
  const last = newAligner().restore(aligner.save());
  last.arrive(4, 1, 0, 1);
  const next = newAligner().restore(last.save());
  assertSame(next.run().sent(), toBoth('answer(1,over)'));
});

for (const setup of SETUPS) {
  test(`two iterations of a job have each their own epochs ${where(setup)}`, async () => {
    const job = jobOn(setup, 'two iterations');
    const loop = (rounds: number, tag: number) =>
      job.iterate({
        variables: [job.of([tag])],
        data: [once(job.of([tag]))],
        body: ([v]) => ({
          feedback: [paced(v)],
          outputs: { trace: v.process(Trace) },
          criteria: maxRounds(v, rounds),
        }),
      });
    const aligners = () => job.graph.plan().nodes.filter(({ kind }) => kind === 'aligner').length;
    const first = loop(3, 1);
    assert.is(aligners(), 1);
    const second = loop(7, 2);
    assert.is(aligners(), 2);
    const traces = [first.trace, second.trace].map((stream) => stream.output().toArray());
    const callbacks = (rounds: number) => [...upTo(rounds).map((e) => `e${e}`), 'end'];
    const seen = await soon(Promise.all(traces));
    assertSame(
      seen.map((trace) => trace.filter((text) => text.startsWith('e'))),
      [callbacks(3), callbacks(7)],
    );
  });
}

test.run();
