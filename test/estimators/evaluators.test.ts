// @timeout 300
import { test } from 'uvu';
import {
  BinaryClassificationEvaluator,
  ClusteringEvaluator,
  Column,
  MulticlassClassificationEvaluator,
  RankingEvaluator,
  RegressionEvaluator,
  Table,
} from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkOperator, type OperatorCase } from './check-operator.js';

const MANY_ROWS = 10_000;

/** Labels, predictions that mostly agree, scores with ties, weights, probabilities, points. */
function rows(count: number, seed: number): Table {
  const random = seeded(seed);
  const label = Int32Array.from({ length: count }, (_, i) => (i < 2 ? i : random.below(3)));
  const prediction = label.map((value) => (random.unit() < 0.7 ? value : random.below(3)));
  prediction.set(label.subarray(0, 2));
  const rawPrediction = Float64Array.from(label, (value) => value + random.below(200) / 50);
  const weight = Float64Array.from({ length: count }, () => random.unit());
  const probability = Column.dense(
    Float64Array.from({ length: count * 3 }, () => random.unit()),
    3,
  );
  const features = Column.dense(
    Float64Array.from({ length: count * 2 }, (_, at) => label[at >> 1]! + random.unit() + 0.1),
    2,
  );
  return Table.fromColumns({
    label,
    prediction,
    rawPrediction,
    weight,
    probability,
    features,
  });
}

/** The table with something else in row 3 of a column. */
function withCell(name: string, cell: unknown): Table {
  const table = rows(200, 1);
  const cells = table.column(name).toArray() as unknown[];
  cells[3] = cell;
  const type = typeof cell === 'number' ? 'float64' : table.schema[name];
  return table.withColumn(name, cells as never, type);
}

/** Lists of items, ranked and relevant. */
function lists(count: number, seed: number): Table {
  const random = seeded(seed);
  const list = () => Array.from({ length: 1 + random.below(12) }, () => random.below(20));
  const cells = Array.from({ length: count }, () => ({ prediction: list(), label: list() }));
  return Table.fromRows(cells, { prediction: 'int32[]', label: 'int32[]' });
}

/** What nearly all cases share. */
function evaluator(
  Class: { readonly className: string },
  file: string,
  params: object,
  columns: readonly string[],
): OperatorCase {
  const isNumber = (name: string) => !['features', 'probability'].includes(name);
  return {
    name: Class.className,
    Class: Class as unknown as AnyStageClass,
    source: `src/evaluation/${file}.ts`,
    params,
    table: rows,
    manyRows: MANY_ROWS,
    wrong: Object.fromEntries(columns.map((name) => [name, isNumber(name) ? ['a'] : [1]])),
    withNull: Object.fromEntries(columns.map((name) => [name, withCell(name, null)])),
    nan: { table: withCell(columns[0]!, Number.NaN), refused: true },
    fewestRows: 1,
  };
}

checkOperator({
  ...evaluator(
    BinaryClassificationEvaluator,
    'binary-classification-evaluator',
    {
      weightCol: 'weight',
      metricsNames: ['areaUnderROC', 'areaUnderPR', 'ks', 'areaUnderLorenz'],
    },
    ['rawPrediction', 'label', 'weight'],
  ),
  script: `
    const label = Int32Array.from({ length: 300000 }, (_, i) => i % 2);
    const rawPrediction = Float64Array.from(label, (value, i) => value + Math.sin(i));
    await new BinaryClassificationEvaluator().transform(Table.fromColumns({ label, rawPrediction }));
    console.log('done');`,
});

checkOperator(
  evaluator(
    MulticlassClassificationEvaluator,
    'multiclass-classification-evaluator',
    { weightCol: 'weight', metricsNames: ['f1', 'macroRecall', 'precisionByLabel', 'logLoss'] },
    ['prediction', 'label', 'weight', 'probability'],
  ),
);

checkOperator(
  evaluator(
    RegressionEvaluator,
    'regression-evaluator',
    {
      predictionCol: 'rawPrediction',
      weightCol: 'weight',
      metricsNames: ['rmse', 'mse', 'r2', 'mae', 'var'],
    },
    ['rawPrediction', 'label', 'weight'],
  ),
);

checkOperator({
  ...evaluator(ClusteringEvaluator, 'clustering-evaluator', { weightCol: 'weight' }, [
    'prediction',
    'features',
    'weight',
  ]),
  fewestRows: 2,
});

checkOperator({
  ...evaluator(
    RankingEvaluator,
    'ranking-evaluator',
    { metricsNames: ['meanAveragePrecision', 'ndcgAtK', 'recallAtK'], k: 5 },
    ['prediction', 'label'],
  ),
  table: lists,
  wrong: { prediction: [1], label: [1] },
  withNull: {
    prediction: lists(4, 1).withColumn('prediction', [[1], null, [2], [3]], 'int32[]'),
    label: lists(2, 1).withColumn('label', [[1], [2, null]], 'int32[]'),
  },
  nan: {
    table: Table.fromColumns({ prediction: [[Number.NaN, 1]], label: [[1, Number.NaN]] }),
    refused: false,
  },
});

test.run();
