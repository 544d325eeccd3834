import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { complaints, holds, judge, LEAST_SHARE } from '../../bench/harness/verdicts.js';

test('a ratio holds down to its share of the floor', () => {
  assert.ok(holds(10, 10));
  assert.ok(holds(25, 10));
  assert.ok(holds(LEAST_SHARE * 10, 10));
  assert.not(holds(LEAST_SHARE * 10 - 1e-9, 10));
});

test('a ratio that is no number does not hold', () => {
  assert.not(holds(Number.NaN, 10));
  assert.is(judge({ dot: Number.NaN }, { dot: 1 })[0]!.is, 'fell');
});

test('every ratio and every floor has a verdict, ratios first', () => {
  const verdicts = judge({ dot: 12, fused: 1, sparse: 3 }, { map: 2, dot: 13, fused: 1.5 });
  assert.equal(verdicts, [
    { name: 'dot', ratio: 12, floor: 13, is: 'held' },
    { name: 'fused', ratio: 1, floor: 1.5, is: 'fell' },
    { name: 'sparse', ratio: 3, floor: null, is: 'unrecorded' },
    { name: 'map', ratio: null, floor: 2, is: 'unmeasured' },
  ]);
});

test('a name that every object has is a name like any other', () => {
  assert.is(judge({ toString: 1 }, {})[0]!.is, 'unrecorded');
  assert.is(judge({}, { constructor: 1 } as never)[0]!.is, 'unmeasured');
});

test('what fell, has no floor or has no case is complained of by name, and nothing else', () => {
  const verdicts = judge({ dot: 12, fused: 0.75, sparse: 3 }, { map: 2, dot: 13, fused: 1.5 });
  assert.equal(complaints(verdicts), [
    'fused: 0.75x, 50 % below its floor of 1.50x',
    'sparse: has no floor; --record writes one',
    'map: has a floor, and there is no such case',
  ]);
  assert.equal(complaints(judge({ dot: 12 }, { dot: 12 })), []);
});

test.run();
