import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MulticlassClassificationEvaluator, Table } from '../../src/index.js';
import { rejectsError } from '../table/expect-error.js';

type Params = ConstructorParameters<typeof MulticlassClassificationEvaluator>[0];

async function evaluate(
  columns: Parameters<typeof Table.fromColumns>[0],
  params: Params,
): Promise<Record<string, number>> {
  const table = Table.fromColumns(
    columns,
    'probability' in columns ? { probability: 'vector' } : {},
  );
  const output = await new MulticlassClassificationEvaluator(params).transform(table);
  return output.row(0) as Record<string, number>;
}

test('a label that is neither known nor predicted has ratios of 0', async () => {
  const metricsNames = ['precisionByLabel', 'recallByLabel', 'falsePositiveRateByLabel'] as const;
  const columns = { label: [0, 1], prediction: [0, 1] };
  assert.equal(await evaluate(columns, { metricsNames, metricLabel: 7 }), {
    precisionByLabel: 0,
    recallByLabel: 0,
    falsePositiveRateByLabel: 0,
  });
});

test('labels may be any numbers; 0 and -0 are one', async () => {
  const label = [-1.5, 1e300, -0, 0];
  const params = { metricsNames: ['accuracy', 'macroF1'] } as const;
  assert.equal(await evaluate({ label, prediction: [-1.5, 1e300, 0, -0] }, params), {
    accuracy: 1,
    macroF1: 1,
  });
});

test('a class that is only predicted counts in macro averages, and not in weighted ones', async () => {
  const metricsNames = ['macroRecall', 'weightedRecall'] as const;
  const got = await evaluate({ label: [0, 0], prediction: [0, 5] }, { metricsNames });
  assert.equal(got, { macroRecall: 0.25, weightedRecall: 0.5 });
});

test('probabilities are clipped to eps, so that a sure mistake costs a finite loss', async () => {
  const columns = {
    label: [0, 1],
    prediction: [0, 0],
    probability: [
      [1, 0],
      [1, 0],
    ],
  };
  const { logLoss } = await evaluate(columns, { metricsNames: ['logLoss'], eps: 0.01 });
  assert.is(logLoss, (-Math.log(0.99) - Math.log(0.01)) / 2);
});

test('probabilities are read for the log-loss alone, and must have an entry for each label', async () => {
  const columns = {
    label: [0, 2],
    prediction: [0, 0],
    probability: [
      [1, 0],
      [1, 0],
    ],
  };
  assert.is((await evaluate(columns, { metricsNames: ['accuracy'] })).accuracy, 0.5);
  for (const [label, got] of [
    [[0, 2], 2],
    [[1, 0.5], 0.5],
    [[1, -1], -1],
  ] as const) {
    const call = evaluate({ ...columns, label }, { metricsNames: ['logLoss'] });
    const message = new RegExp(`must have integers in \\[0, 2\\), .* got ${got} in row 1\\.$`);
    await rejectsError(call, 'ERR_GYRE_DATA', message);
  }
});

test('weights of 0 make averages NaN, as there is nothing to average', async () => {
  const columns = { label: [0, 1], prediction: [0, 1], weight: [0, 0] };
  const params = { weightCol: 'weight', metricsNames: ['accuracy', 'f1'] } as const;
  assert.equal(await evaluate(columns, params), { accuracy: NaN, f1: NaN });
});

test.run();
