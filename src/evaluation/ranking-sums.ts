/** Sums of the metrics of ranked lists. */
import type { Aggregation } from '../algorithm/training.js';
import type { ListColumn } from '../table/list-column.js';

/** The metrics of {@link RankingEvaluator}. */
export const RANKING_METRICS = [
  'meanAveragePrecision',
  'meanAveragePrecisionAtK',
  'precisionAtK',
  'ndcgAtK',
  'recallAtK',
] as const;

export type RankingMetric = (typeof RANKING_METRICS)[number];

/** A value of each metric. */
export type RankingMetrics = Readonly<Record<RankingMetric, number>>;

export interface RankingSumsParams {
  readonly k: number;
}

/** Of some rows. */
export interface RankingSums {
  readonly rows: number;
  readonly sums: RankingMetrics;
}

/** The aggregation of the lists `prediction` and `label`; the result are means over the rows. */
export function rankingSums({ k }: RankingSumsParams): Aggregation<RankingSums, RankingMetrics> {
  return {
    partial({ table }) {
      const predictions = listsOf(table.column('prediction') as ListColumn);
      const labels = listsOf(table.column('label') as ListColumn);
      let sums = each(() => 0);
      for (let row = 0; row < table.numRows; row++) {
        const ofRow = metricsOfRow(predictions(row), labels(row), k);
        sums = each((name) => sums[name] + ofRow[name]);
      }
      return { rows: table.numRows, sums };
    },
    combine: (a, b) => ({
      rows: a.rows + b.rows,
      sums: each((name) => a.sums[name] + b.sums[name]),
    }),
    result: ({ rows, sums }) => each((name) => sums[name] / rows),
  };
}

function each(valueOfName: (name: RankingMetric) => number): RankingMetrics {
  const entries = RANKING_METRICS.map((name) => [name, valueOfName(name)]);
  return Object.fromEntries(entries) as RankingMetrics;
}

/** The items of the rows of a column, which are made once. */
function listsOf({ offsets, child }: ListColumn): (row: number) => readonly unknown[] {
  const first = offsets[0]!;
  const items: readonly unknown[] = child.slice(first, offsets.at(-1)!).toArray();
  return (row) => items.slice(offsets[row]! - first, offsets[row + 1]! - first);
}

/** The metrics of one ranked list; all are 0 where nothing is relevant. */
function metricsOfRow(
  predictions: readonly unknown[],
  labels: readonly unknown[],
  k: number,
): RankingMetrics {
  const relevant = new Set(labels);
  const count = relevant.size;
  if (count === 0) return each(() => 0);
  let [hits, hitsAtK, precisions, precisionsAtK, gain] = [0, 0, 0, 0, 0];
  predictions.forEach((item, rank) => {
    // An item that comes again is no second hit.
    if (!relevant.delete(item)) return;
    hits++;
    precisions += hits / (rank + 1);
    if (rank >= k) return;
    hitsAtK++;
    precisionsAtK += hits / (rank + 1);
    gain += discount(rank);
  });
  let bestGain = 0;
  for (let rank = 0; rank < Math.min(count, k); rank++) bestGain += discount(rank);
  return {
    meanAveragePrecision: precisions / count,
    meanAveragePrecisionAtK: precisionsAtK / Math.min(count, k),
    precisionAtK: hitsAtK / k,
    ndcgAtK: gain / bestGain,
    recallAtK: hitsAtK / count,
  };
}

function discount(rank: number): number {
  return 1 / Math.log2(rank + 2);
}
