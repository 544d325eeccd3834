import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  checkWindows,
  countWindow,
  eventTimeSession,
  eventTimeTumbling,
  globalWindow,
  processingTimeSession,
  processingTimeTumbling,
} from '../../../src/engine/operators/windows.js';
import { assertSame, throws } from '../support.js';

test('windows are plain data with the names of Flink ML', () => {
  assertSame(
    [
      globalWindow(),
      countWindow(3),
      countWindow(3, { partial: 'emit' }),
      eventTimeTumbling(14),
      processingTimeTumbling(100),
      eventTimeSession(14),
      processingTimeSession(100),
    ],
    [
      { kind: 'GlobalWindows' },
      { kind: 'CountTumblingWindows', size: 3, partial: 'drop' },
      { kind: 'CountTumblingWindows', size: 3, partial: 'emit' },
      { kind: 'EventTimeTumblingWindows', sizeMs: 14 },
      { kind: 'ProcessingTimeTumblingWindows', sizeMs: 100 },
      { kind: 'EventTimeSessionWindows', gapMs: 14 },
      { kind: 'ProcessingTimeSessionWindows', gapMs: 100 },
    ],
  );
});

for (const size of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '3', null]) {
  test(`a size or gap of ${JSON.stringify(size)} is refused, naming the windows`, () => {
    const wrong = size as number;
    const code = 'ERR_GYRE_INVALID_PARAM';
    throws(() => countWindow(wrong), code, /^CountTumblingWindows.size must be an integer >= 1/);
    throws(() => eventTimeTumbling(wrong), code, /^EventTimeTumblingWindows.sizeMs must/);
    throws(() => processingTimeTumbling(wrong), code, /^ProcessingTimeTumblingWindows.sizeMs/);
    throws(() => eventTimeSession(wrong), code, /^EventTimeSessionWindows.gapMs must/);
    throws(() => processingTimeSession(wrong), code, /^ProcessingTimeSessionWindows.gapMs/);
  });
}

test('windows that come from elsewhere are checked, and get their defaults', () => {
  const saved: unknown = JSON.parse(JSON.stringify(eventTimeSession(7)));
  assertSame(checkWindows(saved), eventTimeSession(7));
  assertSame(checkWindows({ kind: 'CountTumblingWindows', size: 2 }), countWindow(2));
  const code = 'ERR_GYRE_INVALID_PARAM';
  for (const wrong of [null, undefined, 3, 'GlobalWindows', {}, { kind: 'toString' }]) {
    throws(() => checkWindows(wrong), code, /^Windows must have a kind that is one of GlobalWind/);
  }
  throws(() => checkWindows({ kind: 'GlobalWindows', size: 3 }), code, /has no param "size"/);
  throws(() => countWindow(3, { partial: 'keep' as 'drop' }), code, /partial must be one of 'dro/);
});

test('windows cannot be changed once made', () => {
  assert.throws(() => {
    (countWindow(3) as { size: number }).size = 4;
  }, TypeError);
});

test.run();
