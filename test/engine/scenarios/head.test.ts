/** Heads: what they forward, report and broadcast, also when another one goes on from a checkpoint. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FINAL_EPOCH, RECORD, WATERMARK } from '../../../src/engine/frame.js';
import {
  HEAD_ANSWERS,
  HEAD_FEEDBACK,
  HEAD_INITIAL,
  HeadSubtask,
} from '../../../src/engine/iteration.js';
import { openSpace } from '../cache/support.js';
import { assertSame, throws } from '../support.js';
import { Harness, NODE, type Saved } from './harness.js';

// Channels of the driven head, by number.
const INITIAL = 0;
const FEEDBACK = 1;
const ANSWERS = 2;

const opened = openSpace();
test.after(() => opened.end());

function newHead(
  bounded: boolean,
  inputs: readonly number[] = [HEAD_INITIAL],
): Harness<HeadSubtask> {
  const loop = { id: 0, bounded, headParallelism: 1, criteriaHead: null };
  const node = { ...NODE, kind: 'head' as const, name: 'head 0', feedback: 0 };
  return new Harness(
    (scheduler) => new HeadSubtask(node, 0, scheduler, loop, opened.space),
    [
      ...inputs.map((input) => ({ input })),
      { input: HEAD_FEEDBACK, kind: 'feedback' as const },
      { input: HEAD_ANSWERS, kind: 'align' as const },
    ],
    ['data', 'align'],
  );
}

/** Another head goes on from where this one is. */
const restored = (bounded: boolean, saved: Saved): Harness<HeadSubtask> =>
  newHead(bounded).restore(saved);

const answer = (head: Harness<HeadSubtask>, epoch: number, over: boolean) =>
  head.record(ANSWERS, over, epoch);

for (const bounded of [true, false]) {
  const kind = bounded ? 'a bounded' : 'an unbounded';

  test(`records, reports and watermarks alternate in ${kind} iteration`, () => {
    const head = newHead(bounded).start();
    head.record(INITIAL, 1, 0, 2);
    assertSame(head.sent(), ['rec(1,e0,t2)']);
    head.end(INITIAL);
    assertSame(head.sent(), ['report(0,0)']);
    answer(head, 0, false);
    assertSame(head.sent(), ['wm(0)']);
    head.record(FEEDBACK, 4, 1, 4).watermark(FEEDBACK, 1);
    assertSame(head.sent(), ['rec(4,e1,t4)', 'report(1,1)']);
    answer(head, 1, true);
    assertSame(head.sent(), ['wm(END)']);
    assert.not(head.subtask.finished);
    // What is fed back after the end was announced is lost.
    head.record(FEEDBACK, 5, 2).watermark(FEEDBACK, FINAL_EPOCH);
    assert.ok(head.subtask.finished);
    assertSame(head.sent(), ['end', 'end'], 'on both outputs');
  });

  test(`an answer that was handled before a cut of ${kind} iteration is not handled again`, () => {
    const head = newHead(bounded).start().end(INITIAL);
    answer(head, 0, false);
    assertSame(head.sent(), ['report(0,0)', 'wm(0)']);
    assertSame(restored(bounded, head.save()).run().sent(), []);
  });

  test(`an answer that waits at a cut of ${kind} iteration is handled after it, once`, () => {
    const head = newHead(bounded).start().end(INITIAL);
    head.sent();
    head.arrive(ANSWERS, RECORD, false, 0);
    const saved = head.save();
    assertSame(head.run().sent(), ['wm(0)'], 'the cut holds nothing up');
    const next = restored(bounded, saved).run();
    assertSame(next.sent(), ['wm(0)']);
    assertSame(next.run().sent(), []);
  });

  test(`what was reported of epoch 0 is not reported again in ${kind} iteration`, () => {
    const head = newHead(bounded).start().record(INITIAL, 100, 0).end(INITIAL);
    assertSame(head.sent(), ['rec(100,e0)', 'report(0,0)']);
    const next = restored(bounded, head.save()).run();
    // The report is in the aligner's state, or on its way to it.
    assertSame(next.sent(), []);
    answer(next, 0, false);
    assertSame(next.sent(), ['wm(0)']);
  });

  test(`feedback that was handled is not sent again in ${kind} iteration`, () => {
    const head = newHead(bounded).start().record(INITIAL, 100, 0).end(INITIAL);
    answer(head, 0, false);
    head.record(FEEDBACK, 100, 1).watermark(FEEDBACK, 1);
    assertSame(head.sent().slice(-2), ['rec(100,e1)', 'report(1,1)']);
    const next = restored(bounded, head.save()).run();
    assertSame(next.sent(), []);
    answer(next, 1, false);
    assertSame(next.sent(), ['wm(1)']);
  });

  test(`feedback counts from before and after a cut in ${kind} iteration`, () => {
    const head = newHead(bounded).start().end(INITIAL);
    answer(head, 0, false);
    head.record(FEEDBACK, 1, 1).record(FEEDBACK, 2, 1);
    head.sent();
    const next = restored(bounded, head.save());
    next.record(FEEDBACK, 3, 1).watermark(FEEDBACK, 1);
    // In an unbounded iteration 1 stands for any number.
    assertSame(next.sent(), ['rec(3,e1)', `report(1,${bounded ? 3 : 1})`]);
  });

  test(`feedback that waits at a cut comes after it, in order, in ${kind} iteration`, () => {
    const head = newHead(bounded).start().end(INITIAL);
    answer(head, 0, false);
    head.sent();
    for (const value of [1, 2, 3]) head.arrive(FEEDBACK, RECORD, value, 1, value * 10);
    head.arrive(FEEDBACK, WATERMARK, undefined, 1);
    const next = restored(bounded, head.save()).run();
    const expected = ['rec(1,e1,t10)', 'rec(2,e1,t20)', 'rec(3,e1,t30)'];
    assertSame(next.sent(), [...expected, `report(1,${bounded ? 3 : 1})`]);
  });

  test(`an end that is decided after a cut is decided again in ${kind} iteration`, () => {
    const head = newHead(bounded).start();
    head.watermark(FEEDBACK, 4);
    answer(head, 4, false);
    head.watermark(FEEDBACK, 5);
    assertSame(head.sent(), ['report(4,0)', 'wm(4)', 'report(5,0)']);
    const saved = head.save();
    answer(head, 5, true);
    assertSame(head.sent(), ['wm(END)']);
    const next = restored(bounded, saved).run();
    assertSame(next.sent(), []);
    answer(next, 5, true);
    assertSame(next.sent(), ['wm(END)']);
  });

  test(`a head of ${kind} iteration goes on while it terminates`, () => {
    const head = newHead(bounded).start();
    head.watermark(FEEDBACK, 5);
    answer(head, 5, true);
    assertSame(head.sent(), ['report(5,0)', 'wm(END)']);
    const next = restored(bounded, head.save()).run();
    // Who is behind it has the end of the iteration in its state, or on its way.
    assertSame(next.sent(), []);
    next.watermark(FEEDBACK, FINAL_EPOCH);
    assert.ok(next.subtask.finished);
    assertSame(next.sent(), ['end', 'end']);
  });

  test(`the way back may bring a watermark once in ${kind} iteration`, () => {
    const head = newHead(bounded).start().end(INITIAL);
    answer(head, 0, false);
    head.watermark(FEEDBACK, 1);
    const message = /unexpected epoch watermark 1, epoch 1 is over/;
    throws(() => head.watermark(FEEDBACK, 1), 'ERR_GYRE_ITERATION', message);
  });

  test(`what belongs to no round is not fed back in ${kind} iteration`, () => {
    const head = newHead(bounded).start().end(INITIAL);
    answer(head, 0, false);
    head.sent();
    head.record(FEEDBACK, 7, FINAL_EPOCH);
    assertSame(head.sent(), bounded ? [] : ['rec(7,eMAX)']);
    head.watermark(FEEDBACK, 1);
    assertSame(head.sent(), ['report(1,0)'], 'and does not count');
  });
}

test('a bounded head holds feedback of an epoch until the one before is over, over a cut too', () => {
  const head = newHead(true).start().record(INITIAL, 1, 0);
  head.record(FEEDBACK, 2, 1);
  assertSame(head.sent(), ['rec(1,e0)']);
  const next = restored(true, head.save()).run();
  assertSame(next.sent(), []);
  next.end(INITIAL);
  answer(next, 0, false);
  assertSame(next.run().sent(), ['report(0,0)', 'wm(0)', 'rec(2,e1)']);
});

test('an unbounded head forwards feedback of any epoch at once', () => {
  const head = newHead(false).start().record(INITIAL, 1, 0);
  head.record(FEEDBACK, 2, 1).record(FEEDBACK, 3, 2).record(FEEDBACK, 4, 3);
  assertSame(head.sent(), ['rec(1,e0)', 'rec(2,e1)', 'rec(3,e2)', 'rec(4,e3)']);
});

test('feedback goes before fresh records', () => {
  const head = newHead(false).start();
  head.arrive(INITIAL, RECORD, 1, 0).arrive(INITIAL, RECORD, 2, 0).arrive(FEEDBACK, RECORD, 9, 1);
  assertSame(head.run().sent(), ['rec(9,e1)', 'rec(1,e0)', 'rec(2,e0)']);
});

test('a head that several subtasks feed reports when all of them have ended', () => {
  const head = newHead(true, [HEAD_INITIAL, HEAD_INITIAL]).start();
  assertSame(head.end(0).sent(), []);
  assertSame(head.end(1).sent(), ['report(0,0)']);
});

test('a head of criteria is at the end of its input from the start', () => {
  assertSame(newHead(true, []).start().sent(), ['report(0,0)']);
});

test('200000 records that wait in a head spill, and come out in order', () => {
  const small = openSpace({ blockBytes: 4096, memoryBytes: 16_384 });
  const loop = { id: 0, bounded: true, headParallelism: 1, criteriaHead: null };
  const node = { ...NODE, kind: 'head' as const };
  const head = new Harness(
    (scheduler) => new HeadSubtask(node, 0, scheduler, loop, small.space),
    [{ input: HEAD_INITIAL }, { input: HEAD_FEEDBACK }, { input: HEAD_ANSWERS }],
    ['data', 'align'],
  );
  head.start();
  const count = 200_000;
  // Epoch 0 is not over: all of it has to wait.
  for (let i = 0; i < count; i++) head.arrive(FEEDBACK, RECORD, i, 1);
  assertSame(head.run().sent(), []);
  assert.ok(small.files().length > 0, 'a file was written');
  head.end(INITIAL);
  assertSame(head.sent(), ['report(0,0)']);
  answer(head, 0, false);
  const sent = head.run().sent();
  assert.is(sent.length, count + 1);
  assert.is(sent[0], 'wm(0)');
  for (let i = 0; i < count; i++) assert.is(sent[i + 1], `rec(${i},e1)`);
  head.watermark(FEEDBACK, 1);
  assertSame(head.sent(), [`report(1,${count})`]);
  head.subtask.close();
  small.end();
});

test.run();
