/** How good predictions are, by the definitions of the measures; and whether they are those of another library. */
import * as assert from 'uvu/assert';
import { areaUnderROC } from '../../src/evaluation/area-under-curve.js';
import type { Table } from '../../src/index.js';

/** What scikit-learn reached on the same rows. */
export interface Answer {
  /** Rows in all. */
  readonly of: number;
  /** Rows whose label is predicted. */
  readonly right?: number;
  /** Rows whose label is left open by a tie. */
  readonly open?: number;
  readonly logLoss?: number;
  /** Of the column `shares`. */
  readonly brier?: number;
  readonly auc?: number;
  readonly r2?: number;
}

const numbers = (table: Table, name: string): Float64Array =>
  Float64Array.from(table.column(name), Number);

/** How many predictions are the label. */
export function rightOf(table: Table): number {
  const labels = numbers(table, 'label');
  return numbers(table, 'prediction').filter((label, i) => label === labels[i]).length;
}

/** The share of the variance of the labels that predictions explain. */
export function r2Of(table: Table): number {
  const [labels, predictions] = [numbers(table, 'label'), numbers(table, 'prediction')];
  const mean = labels.reduce((a, b) => a + b) / labels.length;
  const left = labels.reduce((sum, y, i) => sum + (y - predictions[i]!) ** 2, 0);
  return 1 - left / labels.reduce((sum, y) => sum + (y - mean) ** 2, 0);
}

/**
 * Log-probabilities of the classes of each row: of the column `scores` when there is one, whatever
 * was added to all scores of a row; else of the probabilities in `rawPrediction`.
 */
function logsOf(table: Table): Float64Array[] {
  const isScores = table.columnNames.includes('scores');
  const rows = table.column(isScores ? 'scores' : 'rawPrediction', 'vector').toArray();
  return rows.map((row) => {
    const { values } = row!;
    if (!isScores) return values.map(Math.log);
    const most = values.reduce((a, b) => Math.max(a, b));
    const total = most + Math.log(values.reduce((sum, v) => sum + Math.exp(v - most), 0));
    return values.map((value) => value - total);
  });
}

/** The mean of -ln P(label). */
function logLossOf(table: Table, classes: readonly number[]): number {
  const labels = numbers(table, 'label');
  const logs = logsOf(table);
  return labels.reduce((sum, y, i) => sum - logs[i]![classes.indexOf(y)]!, 0) / labels.length;
}

/** The mean squared distance of the shares of the classes from 1 for the label and 0 for the others. */
function brierOf(table: Table, classes: readonly number[]): number {
  const labels = numbers(table, 'label');
  const rows = table.column('shares', 'vector').toArray();
  let sum = 0;
  for (const [i, row] of rows.entries()) {
    for (const [c, share] of row!.values.entries()) {
      sum += (share - Number(classes[c] === labels[i])) ** 2;
    }
  }
  return sum / rows.length;
}

function aucOf(table: Table): number {
  const scores = Float64Array.from(logsOf(table), ([no, yes]) => yes! - no!);
  return areaUnderROC(scores, numbers(table, 'label'));
}

/** Asserts |got - wanted| <= tolerance · |wanted|. */
export function assertWithin(got: number, wanted: number, tolerance: number, what: string): void {
  const close = Math.abs(got - wanted) <= tolerance * Math.abs(wanted);
  assert.ok(close, `${what}: got ${got}, scikit-learn ${wanted}, tolerance ${tolerance}`);
}

/** Asserts that predictions are as good as scikit-learn's, no worse and no better. */
export function assertAnswer(table: Table, answer: Answer, tolerance: number): void {
  const { of, right, open = 0, logLoss, brier, auc, r2 } = answer;
  assert.is(table.numRows, of);
  if (right !== undefined) {
    const got = rightOf(table);
    const message = `right: got ${got}, scikit-learn ${right} of ${of}, ${open} open`;
    assert.ok(Math.abs(got - right) <= open, message);
  }
  const classes = [...new Set(numbers(table, 'label'))].sort((a, b) => a - b);
  if (logLoss !== undefined) {
    assertWithin(logLossOf(table, classes), logLoss, tolerance, 'log-loss');
  }
  if (brier !== undefined) assertWithin(brierOf(table, classes), brier, tolerance, 'Brier score');
  if (auc !== undefined) assertWithin(aucOf(table), auc, tolerance, 'AUC');
  if (r2 !== undefined) assertWithin(r2Of(table), r2, tolerance, 'R²');
}

/** How many rows have the most frequent label of their cluster. */
export function pureRows(table: Table): number {
  const counts = new Map<number, Map<number, number>>();
  const labels = numbers(table, 'label');
  for (const [i, cluster] of numbers(table, 'prediction').entries()) {
    const ofCluster = counts.get(cluster) ?? new Map<number, number>();
    counts.set(cluster, ofCluster.set(labels[i]!, (ofCluster.get(labels[i]!) ?? 0) + 1));
  }
  return [...counts.values()].reduce((sum, of) => sum + Math.max(...of.values()), 0);
}
