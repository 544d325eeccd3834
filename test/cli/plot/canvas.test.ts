import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Canvas } from '../../../src/cli/plot/canvas.js';
import { rangeOf, textChart, thinned } from '../../../src/cli/plot/chart.js';

test('dots are where they belong: y goes up, and the edges are inside', () => {
  const canvas = new Canvas(2, 1, { x: [0, 1], y: [0, 1] });
  canvas.dot(0, 0);
  canvas.dot(1, 1);
  canvas.dot(1.01, 0.5);
  canvas.dot(0.5, Number.NaN);
  assert.equal(canvas.lines(), ['\u2840\u2808']);
});

test('a line has no gaps, and a mark covers the dots', () => {
  const canvas = new Canvas(3, 1, { x: [0, 3], y: [0, 1] });
  canvas.line([
    [0, 0],
    [3, 0],
  ]);
  assert.equal(canvas.lines(), ['\u28c0\u28c0\u28c0']);
  canvas.mark(1.5, 0.5, 'o');
  assert.equal(canvas.lines(), ['\u28c0o\u28c0']);
});

test('a chart names its range, of one value and of none as well', () => {
  const chart = textChart({ label: 'loss', values: [1, 2, 3], digits: 1 }, 3, 4, 2);
  assert.is(chart.length, 3);
  assert.is(chart[0], 'loss');
  assert.match(chart[1]!, /^3\.1 .{4}$/u);
  assert.match(chart[2]!, /^0\.9 .{4}$/u);
  assert.equal(rangeOf([]), [0, 1]);
  assert.equal(rangeOf([0]), [-0.05, 0.05]);
  assert.is(textChart({ label: 'none', values: [], digits: 0 }, 10, 4, 2).length, 3);
});

test('many values are averaged in groups', () => {
  assert.equal(thinned([1, 2, 3]), [1, 2, 3]);
  const values = Array.from({ length: 1000 }, (_, i) => i);
  const few = thinned(values);
  assert.is(few.length, 400);
  assert.is(few.reduce((sum, value) => sum + value, 0) / 400 > 490, true);
  assert.ok(few.every((value, i) => i === 0 || value > few[i - 1]!));
});

test.run();
