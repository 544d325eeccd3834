// @timeout 300
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LivePlot } from '../../src/cli/plot/live-plot.js';
import { Terminal } from '../../src/cli/terminal.js';
import { gyre, withFolder } from './gyre.js';

function figures(...args: string[]): Record<string, number> {
  const { status, stdout, stderr } = gyre(['demo', ...args, '--json']);
  assert.is(stderr, '');
  assert.is(status, 0);
  const { seconds: _, page: __, ...rest } = JSON.parse(stdout) as Record<string, number>;
  return rest;
}

/** A page that needs nothing but itself. */
function assertSelfContained(html: string): void {
  assert.match(html, /^<!doctype html>/);
  assert.not.match(html, /\b(src|href|srcset|action|data)\s*=/i);
  assert.not.match(html, /<(script|link|iframe|img|object|embed|base)\b/i);
  assert.not.match(html, /@import|url\(|NaN|Infinity|undefined/);
}

test('centroids follow the clouds, equally on any number of threads', () => {
  const args = ['online-kmeans', '--rows', '40000', '--k', '4', '--batch-size', '200'];
  const [none, two] = ['0', '2'].map((threads) => figures(...args, '--threads', threads));
  assert.equal(none, two);
  assert.is(none!.versions, 201);
  assert.ok(none!.distance! < 0.8, `distance ${none!.distance}`);
});

test('centroids that keep all of the past do not follow', () => {
  const args = ['online-kmeans', '--rows', '40000', '--k', '4', '--batch-size', '200'];
  const { distance } = figures(...args, '--decay', '1', '--threads', '0');
  assert.ok(distance! > 3, `distance ${distance}`);
});

test('a classifier recovers from new weights, equally on any number of threads', () => {
  const args = ['online-logistic-regression', '--rows', '60000'];
  const [none, two] = ['0', '2'].map((threads) => figures(...args, '--threads', threads));
  assert.equal(none, two);
  assert.is(none!.versions, 120);
  assert.ok(none!.lastAccuracy! > 0.75, `accuracy ${none!.lastAccuracy}`);
  assert.ok(none!.logLoss! < Math.LN2, `log-loss ${none!.logLoss}`);
});

test('where nobody watches there are ten lines and a table; the page is self-contained', () => {
  withFolder((folder) => {
    for (const [demo, rows, polylines] of [
      ['online-kmeans', 20_000, 5 + 2],
      ['online-logistic-regression', 20_000, 2],
    ] as const) {
      const page = join(folder, 'new', `${demo}.html`);
      const args = ['demo', demo, '--rows', String(rows), '--threads', '0', '--html', page];
      const { status, stdout, stderr } = gyre(args);
      assert.is(status, 0, stderr);
      assert.is(stderr, '');
      const lines = stdout.split('\n').filter((line) => /^[\d,]+ (points|rows) {2}/.test(line));
      assert.is(lines.length, 10);
      assert.match(lines.at(-1)!, /^20,000 /);
      assert.match(stdout, /^model versions +\d+$/m);
      assert.ok(stdout.includes(page));
      const html = readFileSync(page, 'utf8');
      assertSelfContained(html);
      assert.is(html.match(/<polyline/g)!.length, polylines);
    }
  });
});

/** A stream that keeps what is written. */
function recorder(isTTY: boolean): NodeJS.WriteStream & { text: string } {
  const stream = {
    isTTY,
    text: '',
    write(chunk: string) {
      stream.text += chunk;
      return true;
    },
  };
  return stream as unknown as NodeJS.WriteStream & { text: string };
}

test('where somebody watches the plot is drawn in place, and taken away at the end', () => {
  const [stdout, stderr] = [recorder(true), recorder(true)];
  const plot = new LivePlot(new Terminal(stdout, stderr, {}), true);
  const frame = { plot: () => ['one', 'two'], line: () => 'a line' };
  plot.draw(0.1, frame);
  plot.draw(0.2, { ...frame, plot: () => assert.unreachable('not as often as that') as never });
  plot.stop();
  plot.stop();
  const [esc, drawn] = ['\x1b[', stderr.text];
  assert.is(drawn, `${esc}?25l${esc}2Kone\n${esc}2Ktwo\n${esc}2A${esc}J${esc}?25h`);
  assert.is(stdout.text, '');
});

test('options are checked', () => {
  for (const args of [
    ['online-kmeans', '--decay', '1.5'],
    ['online-kmeans', '--k', '1'],
    ['online-logistic-regression', '--alpha', '0'],
  ]) {
    const { status, stderr } = gyre(['demo', ...args]);
    assert.is(status, 1);
    assert.match(stderr, /^gyre: .*It must be /);
  }
});

test.run();
