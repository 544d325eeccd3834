import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { areaUnderROC } from '../../src/evaluation/area-under-curve.js';
import { binaryMetrics } from '../../src/evaluation/binary-classification-metrics.js';
import { groupScores } from '../../src/evaluation/score-groups.js';
import { BinaryClassificationEvaluator, Column, Session, Table, Vectors } from '../../src/index.js';
import { seeded } from '../reference/random.js';
import { rejectsError } from '../table/expect-error.js';

const ALL = ['areaUnderROC', 'areaUnderPR', 'ks', 'areaUnderLorenz'] as const;
const evaluator = new BinaryClassificationEvaluator({ metricsNames: ALL });

async function evaluate(columns: Parameters<typeof Table.fromColumns>[0]) {
  return (await evaluator.transform(Table.fromColumns(columns))).row(0) as Record<string, number>;
}

test('the area under ROC is that of all pairs, to the last half pair, with many ties', () => {
  const rows = fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.boolean()), { maxLength: 60 });
  fc.assert(
    fc.property(rows, (drawn) => {
      const scores = Float64Array.from(drawn, ([score]) => score / 3);
      const labels = Float64Array.from(drawn, ([, positive]) => Number(positive));
      const got = binaryMetrics(groupScores(scores, labels, null)).areaUnderROC;
      assert.ok(Object.is(got, areaUnderROC(scores, labels)));
    }),
    { numRuns: 300 },
  );
});

test('an integer weight is as many rows', () => {
  const rows = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 9 }), fc.boolean(), fc.integer({ min: 0, max: 3 })),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(rows, (drawn) => {
      const of = (list: readonly (readonly [number, boolean, number])[]) => ({
        scores: Float64Array.from(list, ([score]) => score),
        labels: Float64Array.from(list, ([, positive]) => Number(positive)),
      });
      const { scores, labels } = of(drawn);
      const repeated = of(drawn.flatMap((row) => new Array<typeof row>(row[2]).fill(row)));
      const weights = Float64Array.from(drawn, ([, , weight]) => weight);
      assert.equal(
        binaryMetrics(groupScores(scores, labels, weights)),
        binaryMetrics(groupScores(repeated.scores, repeated.labels, null)),
      );
    }),
    { numRuns: 300 },
  );
});

test('the order of rows with one score does not matter, nor where shards are cut', async () => {
  const rows = 20_000;
  const random = seeded(7);
  const label = Int32Array.from({ length: rows }, () => random.below(2));
  const rawPrediction = Float64Array.from(label, (y) => y + random.below(30));
  const expected = areaUnderROC(rawPrediction, label);
  const session = new Session({ threads: 2, inlineWork: 0 });
  const table = Table.fromColumns({ label, rawPrediction });
  const backwards = table.take(Int32Array.from({ length: rows }, (_, i) => rows - 1 - i));
  for (const input of [table, backwards]) {
    const output = await evaluator.transform(input, { session });
    assert.is(output.row(0).areaUnderROC, expected);
  }
  await session.close();
});

test('scores may be numbers of any type, or entry 1 of dense and sparse vectors', async () => {
  const label = [1, 0, 1, 0];
  const scores = [3, 1, 2, 2];
  const expected = await evaluate({ label, rawPrediction: scores });
  for (const rawPrediction of [
    Int32Array.from(scores),
    Float32Array.from(scores),
    BigInt64Array.from(scores, BigInt),
    Column.dense(
      scores.flatMap((score) => [9, score, 9]),
      3,
    ),
    Column.dense(Float32Array.from(scores.flatMap((score) => [9, score])), 2),
    Column.from(scores.map((score) => Vectors.sparse(2, [1], [score]))),
  ]) {
    assert.equal(await evaluate({ label, rawPrediction }), expected);
  }
});

test('a label is positive when it is 1, and negative whatever else it is', async () => {
  const rawPrediction = [3, 1, 2, 2];
  const expected = await evaluate({ label: [1, 0, 1, 0], rawPrediction });
  assert.equal(await evaluate({ label: [1, -1, 1, 0.5], rawPrediction }), expected);
});

test('a class that is missing makes NaN of what cannot be counted', async () => {
  const rawPrediction = [3, 1];
  assert.equal(await evaluate({ label: [0, 0], rawPrediction }), {
    areaUnderROC: NaN,
    areaUnderPR: NaN,
    ks: NaN,
    areaUnderLorenz: NaN,
  });
  assert.equal(await evaluate({ label: [1, 1], rawPrediction }), {
    areaUnderROC: NaN,
    areaUnderPR: 1,
    ks: NaN,
    areaUnderLorenz: 0.5,
  });
});

test('infinite scores have their place', async () => {
  const { areaUnderROC } = await evaluate({
    label: [1, 0, 0, 1],
    rawPrediction: [Infinity, -Infinity, 1, Infinity],
  });
  assert.is(areaUnderROC, 1);
});

test('vectors of one entry, NaN and weights below 0 are refused, naming where', async () => {
  const one = Table.fromColumns({ label: [1], rawPrediction: Column.dense([1], 1) });
  const size = /"rawPrediction" must have vectors of size 2 or more, got 1\.$/;
  await rejectsError(evaluator.transform(one), 'ERR_GYRE_DIMENSION', size);
  const nan = evaluate({ label: [1, 0], rawPrediction: [1, NaN] });
  await rejectsError(
    nan,
    'ERR_GYRE_DATA',
    /"rawPrediction" must not have NaN, got NaN in row 1\.$/,
  );
  const weighted = new BinaryClassificationEvaluator({ weightCol: 'weight' });
  for (const weight of [-1, Infinity, NaN]) {
    const columns = { label: [1, 0], rawPrediction: [1, 2], weight: [1, weight] };
    const call = weighted.transform(Table.fromColumns(columns));
    const message = new RegExp(`"weight" must have finite weights >= 0, got ${weight} in row 1`);
    await rejectsError(call, 'ERR_GYRE_DATA', message);
  }
});

test('no metrics give a table without columns', async () => {
  const none = new BinaryClassificationEvaluator({ metricsNames: [] });
  const output = await none.transform(Table.fromColumns({ label: [1], rawPrediction: [1] }));
  assert.equal(output.columnNames, []);
});

test.run();
