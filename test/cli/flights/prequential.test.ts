import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PrequentialEvaluation } from '../../../src/cli/flights/prequential.js';
import {
  areaUnderROC,
  baseRateLogLoss,
  logLoss,
} from '../../../src/evaluation/area-under-curve.js';
import { seeded } from '../../reference/random.js';

const ROWS = 2600;
const WINDOW = 1000;

/** Labels that come true with the probabilities that are predicted, about. */
function predictions(rows: number): { probabilities: Float64Array; labels: Float64Array } {
  const random = seeded(11);
  const probabilities = Float64Array.from({ length: rows }, () => 0.01 + 0.98 * random.unit());
  return { probabilities, labels: probabilities.map((p) => Number(random.unit() < p)) };
}

/** Adds rows in batches of `batch`, as versions 0, 1, ... */
function evaluate(batch: number, rows: number = ROWS): PrequentialEvaluation {
  const { probabilities, labels } = predictions(rows);
  const evaluation = new PrequentialEvaluation(rows, WINDOW);
  for (let start = 0, version = 0; start < rows; start += batch, version++) {
    const end = start + batch;
    evaluation.add(version, probabilities.subarray(start, end), labels.subarray(start, end));
  }
  return evaluation;
}

function near(got: number, expected: number, atol: number): void {
  assert.ok(Math.abs(got - expected) <= atol, `got ${got}, expected ${expected} within ${atol}`);
}

test('windows do not depend on how the rows were batched', () => {
  const { probabilities, labels } = predictions(ROWS);
  for (const batch of [64, 1000, 1500, 2600]) {
    const evaluation = evaluate(batch);
    const totals = evaluation.finish(99);
    const { windows } = evaluation;
    assert.equal(
      windows.map(({ rows }) => rows),
      [1000, 2000, 2600],
    );
    for (const [w, window] of windows.entries()) {
      const [from, to] = [w * WINDOW, window.rows];
      const [p, y] = [probabilities.subarray(from, to), labels.subarray(from, to)];
      near(window.windowLogLoss, logLoss(p, y), 1e-12);
      assert.is(window.windowAuc, areaUnderROC(p, y));
      near(window.logLoss, logLoss(probabilities.subarray(0, to), labels.subarray(0, to)), 1e-12);
      near(window.auc, areaUnderROC(probabilities.subarray(0, to), labels.subarray(0, to)), 1e-4);
      near(window.positiveShare, y.reduce((a, b) => a + b, 0) / y.length, 1e-15);
      near(window.meanProbability, p.reduce((a, b) => a + b, 0) / p.length, 1e-12);
    }
    near(totals.logLoss, logLoss(probabilities, labels), 1e-12);
    assert.is(totals.auc, areaUnderROC(probabilities, labels));
    assert.is(totals.baseLogLoss, baseRateLogLoss(totals.positives, ROWS));
  }
});

test('a window has the version that predicted its last row', () => {
  const evaluation = evaluate(400);
  evaluation.finish(99);
  assert.equal(
    evaluation.windows.map(({ modelVersion }) => modelVersion),
    [2, 4, 99],
  );
});

test('a short window at the end counts from half its size on, or when it is the only one', () => {
  for (const [rows, windows] of [
    [1499, 1],
    [1500, 2],
    [3, 1],
  ] as const) {
    const evaluation = evaluate(100, rows);
    evaluation.finish(0);
    assert.is(evaluation.windows.length, windows, `${rows} rows`);
  }
});

test('probabilities of 0 and 1 have their bins', () => {
  const evaluation = new PrequentialEvaluation(4, 4);
  evaluation.add(0, Float64Array.of(0, 1, 0, 1), Float64Array.of(0, 1, 0, 1));
  assert.is(evaluation.approximateAuc, 1);
  assert.is(evaluation.logLoss, 0);
});

test.run();
