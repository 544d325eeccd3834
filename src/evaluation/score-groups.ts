/** Rows grouped by score: what the curves of a binary classifier are drawn from. */
import type { Aggregation } from '../algorithm/training.js';
import { weightsOf } from './evaluation.js';

/** The distinct scores of some rows, descending, with the weight of each class. */
export interface ScoreGroups {
  readonly scores: Float64Array;
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
}

/** The aggregation of columns `score`, `label` and perhaps `weight`. */
export function scoreGroups(): Aggregation<ScoreGroups, ScoreGroups> {
  return {
    partial({ table }) {
      const scores = table.column('score', 'float64').values;
      return groupScores(scores, table.column('label', 'float64').values, weightsOf(table));
    },
    combine: mergeGroups,
    result: (total) => total,
  };
}

/** Groups rows by score. A label of 1 is positive, anything else negative. */
export function groupScores(
  scores: Float64Array,
  labels: Float64Array,
  weights: Float64Array | null,
): ScoreGroups {
  const n = scores.length;
  const order = Uint32Array.from({ length: n }, (_, row) => row);
  // Equal scores stay in row order, so that their weights add up in that order.
  order.sort((a, b) => scores[b]! - scores[a]! || a - b);
  const grouped = new Float64Array(n);
  const positives = new Float64Array(n);
  const negatives = new Float64Array(n);
  let at = -1;
  for (const row of order) {
    const score = scores[row]!;
    if (at < 0 || grouped[at] !== score) grouped[++at] = score;
    const side = labels[row] === 1 ? positives : negatives;
    side[at]! += weights === null ? 1 : weights[row]!;
  }
  return cut({ scores: grouped, positives, negatives }, at + 1);
}

function mergeGroups(a: ScoreGroups, b: ScoreGroups): ScoreGroups {
  const [n, m] = [a.scores.length, b.scores.length];
  const scores = new Float64Array(n + m);
  const positives = new Float64Array(n + m);
  const negatives = new Float64Array(n + m);
  let at = 0;
  for (let i = 0, j = 0; i < n || j < m; at++) {
    const ofA = j === m || (i < n && a.scores[i]! >= b.scores[j]!);
    const ofB = i === n || (j < m && b.scores[j]! >= a.scores[i]!);
    scores[at] = ofA ? a.scores[i]! : b.scores[j]!;
    if (ofA) {
      positives[at] = a.positives[i]!;
      negatives[at] = a.negatives[i]!;
      i++;
    }
    if (ofB) {
      positives[at]! += b.positives[j]!;
      negatives[at]! += b.negatives[j]!;
      j++;
    }
  }
  return cut({ scores, positives, negatives }, at);
}

function cut({ scores, positives, negatives }: ScoreGroups, length: number): ScoreGroups {
  return {
    scores: scores.slice(0, length),
    positives: positives.slice(0, length),
    negatives: negatives.slice(0, length),
  };
}
