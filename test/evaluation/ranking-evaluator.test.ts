import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RankingEvaluator, Table } from '../../src/index.js';
import { rejectsError } from '../table/expect-error.js';

const ALL = [
  'meanAveragePrecision',
  'meanAveragePrecisionAtK',
  'precisionAtK',
  'ndcgAtK',
  'recallAtK',
] as const;

async function evaluate(prediction: unknown[], label: unknown[], k: number, type?: string) {
  const schema = type === undefined ? {} : { prediction: type, label: type };
  const table = Table.fromColumns({ prediction, label } as never, schema as never);
  const output = await new RankingEvaluator({ metricsNames: ALL, k }).transform(table);
  return output.row(0) as Record<string, number>;
}

function assertMetrics(got: Record<string, number>, expected: readonly number[]): void {
  ALL.forEach((name, i) => {
    assert.ok(Math.abs(got[name]! - expected[i]!) < 1e-15, `${name}: ${got[name]}, ${expected[i]}`);
  });
}

test('the metrics of one list are those counted by hand', async () => {
  // Hits at ranks 1, 3 and 5 of four relevant items; k = 3 sees two of them.
  const got = await evaluate([['a', 'x', 'b', 'y', 'c']], [['a', 'b', 'c', 'd']], 3);
  const best = 1 + 1 / Math.log2(3) + 1 / 2;
  assertMetrics(got, [(1 + 2 / 3 + 3 / 5) / 4, (1 + 2 / 3) / 3, 2 / 3, 1.5 / best, 2 / 4]);
});

test('fewer predictions than k count against precision, and a perfect list is perfect', async () => {
  const got = await evaluate([[1, 2]], [[2, 1]], 10);
  assertMetrics(got, [1, 1, 0.2, 1, 1]);
});

test('an item counts once, however often it is predicted or relevant', async () => {
  const got = await evaluate([[7, 7, 8]], [[7, 7]], 3);
  assertMetrics(got, [1, 1, 1 / 3, 1, 1]);
});

test('rows where nothing is relevant, or nothing predicted, count as 0', async () => {
  const got = await evaluate([[1], [], [5]], [[], [1], [5]], 1, 'float64[]');
  assertMetrics(got, [1 / 3, 1 / 3, 1 / 3, 1 / 3, 1 / 3]);
});

test('items may be of different number types, and longs beyond 2^53 are told apart', async () => {
  const prediction = [[2n ** 53n + 1n, 3n]];
  const label = [[2n ** 53n, 3n]];
  const got = await evaluate(prediction, label, 2, 'int64[]');
  assertMetrics(got, [0.25, 0.25, 0.5, 1 / Math.log2(3) / (1 + 1 / Math.log2(3)), 0.5]);
  const mixed = Table.fromColumns(
    { prediction: [[3, 4]], label: [[4]] },
    { prediction: 'int32[]', label: 'float64[]' },
  );
  const output = await new RankingEvaluator().transform(mixed);
  assert.is(output.row(0).meanAveragePrecision, 0.5);
});

test('lists of strings against lists of numbers are refused', async () => {
  const message = /must both have strings or both numbers, got float64\[\] and string\[\]\.$/;
  await rejectsError(evaluate([['a']], [[1]], 1), 'ERR_GYRE_SCHEMA', message);
});

test.run();
