import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { benchmarksPage } from '../../bench/peers/report/markdown.js';
import type { Ratio } from '../../bench/peers/report/pairs.js';
import type { Comparison, Results } from '../../bench/peers/report/results.js';

const ratio: Ratio = {
  ...{ pairs: 10, gyreSeconds: 0.5, otherSeconds: 20.04 },
  ...{ ratio: 40.08, low: 38.2, high: 41.96, confidence: 0.98 },
};

const comparison: Comparison = {
  ...{ case: 'KMeans', rows: 1_000_000, peer: 'Flink ML', check: { equalRows: 100_000 } },
  endToEnd: ratio,
  steady: { ...ratio, otherSeconds: 0.6, ratio: 1.2, low: 1.1, high: 1.3 },
};

const results: Results = {
  date: '2026-02-03T04:05:06.000Z',
  machine: {
    ...{ cpu: 'A CPU', cores: 2, memoryBytes: 24 * 2 ** 30, platform: 'linux x64' },
    ...{ node: 'v20.20.2', v8: '11.3', commit: 'abc', kernels: 'relaxed' },
  },
  ...{ load: [0.1, 1.9], stolen: 0.012, seconds: 3600, threads: 2, scale: 1, pairs: 10 },
  ...{ versions: ['Gyre 0.1.0', 'Flink ML 2.3.0'], skipped: [], comparisons: [comparison] },
};

const lineWith = (page: string, text: string): string =>
  page.split('\n').find((line) => line.includes(text)) ?? '';

test('each kind has a table of its own, with the verdict on its own goal', () => {
  const [, endToEnd, steady] = benchmarksPage(results).split('\n## ');
  assert.match(endToEnd!, /^End to end\n/);
  assert.is(
    lineWith(endToEnd!, '| KMeans'),
    '| KMeans | 1,000,000 | Flink ML | 500 ms | 20 s | **40.1 x** | 38.2 x .. 42 x | 10 | reached |',
  );
  assert.match(steady!, /^Steady state\n/);
  assert.is(
    lineWith(steady!, '| KMeans'),
    '| KMeans | 1,000,000 | Flink ML | 500 ms | 600 ms | **1.2 x** | 1.1 x .. 1.3 x | 10 | MISSED |',
  );
});

test('the page says on what it was measured', () => {
  const page = benchmarksPage(results);
  assert.match(page, 'A CPU, 2 cores, 24.0 GiB, linux x64; load 0.10 before, 1.90 after, 1.2 %');
  assert.match(page, '- commit abc, relaxed kernels\n- Gyre 0.1.0\n- Flink ML 2.3.0\n- 60 minutes');
  assert.match(page, 'the model of Flink ML is equal, on 100,000 of the same rows');
});

test('a failure, a peer that is left out and a model that differs are said loudly', () => {
  const page = benchmarksPage({
    ...results,
    skipped: [{ peer: 'Spark ML', reason: 'no java\nat some line' }],
    comparisons: [
      {
        ...comparison,
        check: { failed: 'centroids[3]: Gyre has 1, the other 2' },
        steady: { failed: 'Flink ML took longer than 60 s' },
      },
    ],
  });
  assert.match(page, '| Flink ML |  |  | FAILED |  |  |  |');
  assert.match(page, '**KMeans of Flink ML FAILED**: Flink ML took longer than 60 s');
  assert.match(page, 'NOT CHECKED EQUAL**: centroids[3]: Gyre has 1, the other 2');
  assert.is(lineWith(page, 'Spark ML was'), '- **Spark ML was SKIPPED**: no java');
});

test('fewer pairs than were wanted are noted with their confidence', () => {
  const few = { ...ratio, pairs: 2, confidence: 0.5 };
  const page = benchmarksPage({ ...results, comparisons: [{ ...comparison, endToEnd: few }] });
  const line = lineWith(page, 'Only');
  assert.is(
    line,
    '- **Only 2 pairs** of KMeans and Flink ML, at a confidence of 50 %: a run takes 20 s.',
  );
});

test('a trial says that it is one', () => {
  assert.match(benchmarksPage({ ...results, scale: 0.01 }), '0.01 of the full sizes: A TRIAL');
  assert.not.match(benchmarksPage(results), 'TRIAL');
});

test.run();
