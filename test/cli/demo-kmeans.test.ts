// @timeout 300
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gyre } from './gyre.js';

test('airports are clustered, each in one cluster, with their busiest members', () => {
  const { status, stdout, stderr } = gyre(['demo', 'kmeans', '--data', 'airports', '--k', '4']);
  assert.is(status, 0);
  assert.is(stderr, '');
  const [, airports] = stdout.match(/^(\d+) airports by /)!;
  const sizes = [...stdout.matchAll(/^ +(\d+) +[\d,]+ +[\d,]+ +[\d.]+ % +[A-Z]{3} /gm)];
  assert.is(sizes.length, 4);
  assert.is(
    sizes.reduce((sum, [, size]) => sum + Number(size), 0),
    Number(airports),
  );
  assert.match(stdout, /ORD Chicago/);
  assert.match(stdout, /20 rounds in .* points\/s/);
});

test('all digits are clustered, and purity is far above chance', () => {
  const { status, stdout } = gyre(['demo', 'kmeans', '--k', '12', '--max-iter', '5']);
  assert.is(status, 0);
  assert.match(stdout, /^60,000 handwritten digits of 28 × 28 pixels/);
  const sizes = [...stdout.matchAll(/^ +\d +([\d,]+) +[\d.]+ % +\d: /gm)];
  assert.is(sizes.length, 12);
  assert.is(
    sizes.reduce((sum, [, size]) => sum + Number(size!.replace(',', '')), 0),
    60_000,
  );
  assert.ok(Number(stdout.match(/Purity ([\d.]+) %/)![1]) > 45);
  assert.match(stdout, /\u28ff/, 'the centroids are drawn');
});

test('more clusters than airports is an error of the library, in one line', () => {
  const { status, stderr } = gyre(['demo', 'kmeans', '--data', 'airports', '--k', '500']);
  assert.is(status, 1);
  assert.match(stderr, /^gyre: KMeans\.fit: there must be at least k = 500 rows, got \d+\.\n$/);
});

test.run();
