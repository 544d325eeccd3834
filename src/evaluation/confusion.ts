/** Which label was predicted as what, how often: what metrics of a classifier are made of. */
import type { Aggregation } from '../algorithm/training.js';
import { DataError } from '../core/errors.js';
import { compareNumbers } from '../stats/classes.js';
import type { Column } from '../table/column.js';
import { weightsOf } from './evaluation.js';

export interface ConfusionParams {
  /** The call and the columns, for messages. */
  readonly who: string;
  readonly labelCol: string;
  readonly probabilityCol: string;
  /** Probabilities are taken to lie in [eps, 1 - eps]. */
  readonly eps: number;
}

/** The cells of the confusion matrix that are not empty, ascending by label, then prediction. */
export interface Confusion {
  readonly labels: Float64Array;
  readonly predictions: Float64Array;
  readonly weights: Float64Array;
  /** The weighted sum of -ln(probability of the label); 0 where no probabilities are read. */
  readonly logLoss: number;
}

/** The aggregation of columns `label`, `prediction`, perhaps `weight` and `probability`. */
export function confusion(params: ConfusionParams): Aggregation<Confusion, Confusion> {
  return {
    partial({ table, rowStart }) {
      const labels = table.column('label', 'float64').values;
      const weights = weightsOf(table);
      const logLoss = table.has('probability')
        ? logLossOf(table.column('probability'), labels, weights, rowStart, params)
        : 0;
      const cells = countCells(labels, table.column('prediction', 'float64').values, weights);
      return { ...cells, logLoss };
    },
    combine(a, b) {
      const cells = mergeCells(a, b);
      return { ...cells, logLoss: a.logLoss + b.logLoss };
    },
    result: (total) => total,
  };
}

type Cells = Omit<Confusion, 'logLoss'>;

function countCells(
  labels: Float64Array,
  predictions: Float64Array,
  weights: Float64Array | null,
): Cells {
  const byLabel = new Map<number, Map<number, number>>();
  for (let row = 0; row < labels.length; row++) {
    let cells = byLabel.get(labels[row]!);
    if (cells === undefined) {
      cells = new Map();
      byLabel.set(labels[row]!, cells);
    }
    const weight = weights === null ? 1 : weights[row]!;
    cells.set(predictions[row]!, (cells.get(predictions[row]!) ?? 0) + weight);
  }
  const cells = [...byLabel].flatMap(([label, ofLabel]) =>
    Array.from(ofLabel, ([prediction, weight]) => ({ label, prediction, weight })),
  );
  cells.sort(
    (a, b) => compareNumbers(a.label, b.label) || compareNumbers(a.prediction, b.prediction),
  );
  return {
    labels: Float64Array.from(cells, ({ label }) => label),
    predictions: Float64Array.from(cells, ({ prediction }) => prediction),
    weights: Float64Array.from(cells, ({ weight }) => weight),
  };
}

function mergeCells(a: Cells, b: Cells): Cells {
  const [n, m] = [a.labels.length, b.labels.length];
  const labels = new Float64Array(n + m);
  const predictions = new Float64Array(n + m);
  const weights = new Float64Array(n + m);
  let at = 0;
  for (let i = 0, j = 0; i < n || j < m; at++) {
    const order =
      i === n
        ? 1
        : j === m
          ? -1
          : compareNumbers(a.labels[i]!, b.labels[j]!) ||
            compareNumbers(a.predictions[i]!, b.predictions[j]!);
    const [from, k] = order <= 0 ? [a, i] : [b, j];
    labels[at] = from.labels[k]!;
    predictions[at] = from.predictions[k]!;
    if (order <= 0) weights[at]! += a.weights[i++]!;
    if (order >= 0) weights[at]! += b.weights[j++]!;
  }
  return {
    labels: labels.slice(0, at),
    predictions: predictions.slice(0, at),
    weights: weights.slice(0, at),
  };
}

function logLossOf(
  column: Column,
  labels: Float64Array,
  weights: Float64Array | null,
  rowStart: number,
  { who, labelCol, probabilityCol, eps }: ConfusionParams,
): number {
  if (column.layout !== 'dense' && column.layout !== 'sparse') return 0;
  const size = column.layout === 'dense' ? column.dim : column.size;
  let sum = 0;
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    if (!(Number.isInteger(label) && label >= 0 && label < size)) {
      throw new DataError(
        `${who}: column "${labelCol}" must have integers in [0, ${size}), which are entries of ` +
          `"${probabilityCol}", got ${label} in row ${rowStart + row}.`,
        { details: { who, column: labelCol, row: rowStart + row, got: label, size } },
      );
    }
    const probability =
      column.layout === 'dense' ? column.values[row * size + label]! : column.get(row)!.get(label);
    const clipped = Math.min(Math.max(probability, eps), 1 - eps);
    sum -= (weights === null ? 1 : weights[row]!) * Math.log(clipped);
  }
  return sum;
}
