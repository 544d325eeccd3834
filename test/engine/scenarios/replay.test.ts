/** Replays: their records come in every round, also when another one goes on from a checkpoint. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { END_EPOCH, RECORD, WATERMARK } from '../../../src/engine/frame.js';
import { REPLAY_DATA, REPLAY_MARKS, ReplaySubtask } from '../../../src/engine/iteration.js';
import { openSpace } from '../cache/support.js';
import { assertSame } from '../support.js';
import { Harness, NODE } from './harness.js';
import { upTo } from './support.js';

const DATA = 0;
const MARKS = 1;
const RECORDS = 10;

// Memory for some of the records only, so that rounds are read from a file too.
const opened = openSpace({ blockBytes: 64, memoryBytes: 256 });
test.after(() => opened.end());

const made: ReplaySubtask[] = [];
test.after.each(() => {
  for (const replay of made.splice(0)) replay.close();
});

function newReplay(): Harness<ReplaySubtask> {
  const node = { ...NODE, kind: 'replay' as const, name: 'replay' };
  const driven = new Harness(
    (scheduler) => new ReplaySubtask(node, 0, scheduler, true, opened.space),
    [{ input: REPLAY_DATA }, { input: REPLAY_MARKS, kind: 'watermarks' }],
  );
  made.push(driven.subtask);
  return driven;
}

const round = (epoch: number): string[] => [
  ...upTo(RECORDS).map((value) => `rec(${value},e${epoch})`),
  `wm(${epoch})`,
];

test('the records of epoch 0 come again in every round, and not at the end', () => {
  const replay = newReplay();
  for (const value of upTo(RECORDS)) replay.record(DATA, value, 0);
  replay.end(DATA).watermark(MARKS, 0);
  assertSame(replay.sent(), round(0));
  for (const epoch of [1, 2, 3]) assertSame(replay.watermark(MARKS, epoch).sent(), round(epoch));
  assertSame(replay.watermark(MARKS, END_EPOCH).sent(), ['wm(END)']);
  replay.end(MARKS);
  assert.ok(replay.subtask.finished);
});

test('epoch 0 is over when the data has ended and its head says so, whatever is first', () => {
  const first = newReplay().record(DATA, 1, 0).watermark(MARKS, 0);
  assertSame(first.sent(), ['rec(1,e0)']);
  assertSame(first.end(DATA).sent(), ['wm(0)']);
  const last = newReplay().record(DATA, 1, 0).end(DATA);
  assertSame(last.sent(), ['rec(1,e0)']);
  assertSame(last.watermark(MARKS, 0).sent(), ['wm(0)']);
});

test('event times come in epoch 0 only', () => {
  const replay = newReplay().record(DATA, 1, 0, 50).end(DATA).watermark(MARKS, 0);
  assertSame(replay.sent(), ['rec(1,e0,t50)', 'wm(0)']);
  assertSame(replay.watermark(MARKS, 1).sent(), ['rec(1,e1)', 'wm(1)']);
});

for (const cut of upTo(RECORDS + 1)) {
  test(`a cut after ${cut} records of epoch 0 loses none and doubles none`, () => {
    const before = newReplay();
    for (const value of upTo(cut)) before.record(DATA, value, 0);
    const after = newReplay().restore(before.save()).run();
    for (const value of upTo(RECORDS).slice(cut)) after.record(DATA, value, 0);
    after.end(DATA).watermark(MARKS, 0);
    assertSame([...before.sent(), ...after.sent()], round(0));
    assertSame(after.watermark(MARKS, 1).sent(), round(1));
  });

  test(`a cut after ${cut} records of a round goes on with the next`, () => {
    const before = newReplay();
    for (const value of upTo(RECORDS)) before.record(DATA, value, 0);
    before.end(DATA).watermark(MARKS, 0);
    before.sent();
    before.room = cut;
    before.arrive(MARKS, WATERMARK, undefined, 1).run();
    const sent = before.sent();
    assert.is(sent.length, cut);
    const after = newReplay().restore(before.save()).run();
    assertSame([...sent, ...after.sent()], round(1));
    assertSame(after.watermark(MARKS, 2).sent(), round(2), 'the round after it is whole');
    after.end(MARKS);
    assert.ok(after.subtask.finished);
  });
}

test('what waits for a replay at a cut comes after it', () => {
  const before = newReplay().record(DATA, 0, 0);
  before.arrive(DATA, RECORD, 1, 0).arrive(DATA, RECORD, 2, 0);
  const after = newReplay().restore(before.save()).run();
  after.end(DATA).watermark(MARKS, 0);
  assertSame([...before.sent(), ...after.sent()], ['rec(0,e0)', 'rec(1,e0)', 'rec(2,e0)', 'wm(0)']);
});

test.run();
