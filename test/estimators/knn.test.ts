// @timeout 300
import { test } from 'uvu';
import {
  Column,
  Knn,
  KnnModel,
  KnnRegression,
  KnnRegressionModel,
  Table,
} from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkStage, type StageCase } from './check.js';

const DIM = 5;

function points(rows: number, seed: number): Table {
  const random = seeded(seed);
  return Table.fromColumns({
    id: Int32Array.from({ length: rows }, (_, i) => i),
    features: Column.dense(random.f64(rows * DIM), DIM),
    label: Float64Array.from({ length: rows }, () => random.below(3)),
  });
}

/** The table with another vector in row 3. */
function withVector(vector: readonly number[] | null): Table {
  const table = points(200, 1);
  const cells = table.column('features').toArray() as unknown[];
  cells[3] = vector;
  return table.withColumn('features', cells, 'vector');
}

const base: Omit<StageCase, 'name' | 'params' | 'Class' | 'ModelClass' | 'source'> = {
  table: points,
  manyRows: 3000,
  wrong: { features: ['a', 'b'], label: ['a', 'b'] },
  onlyFit: ['label'],
  withNull: withVector(null),
  nan: { table: withVector(new Array(DIM).fill(Number.NaN)), refused: true },
  otherSize: Table.fromColumns({ features: [[1, 2]] }, { features: 'vector' }),
  fewestRows: 1,
};

const knn = {
  ...base,
  Class: Knn as unknown as AnyStageClass,
  ModelClass: KnnModel as unknown as AnyStageClass,
  source: 'src/classification/knn.ts',
};

checkStage({
  ...knn,
  name: 'Knn',
  params: {},
  script: `
    const values = Float64Array.from({ length: 40000 }, (_, i) => Math.sin(i * i));
    const label = Float64Array.from({ length: 10000 }, (_, i) => i % 3);
    const table = Table.fromColumns({ features: Column.dense(values, 4), label });
    const model = await new Knn().fit(table);
    await model.transform(table);
    console.log('done');`,
});

checkStage({
  ...knn,
  name: 'Knn, cosine, weighted',
  params: { distanceMeasure: 'cosine', weighting: 'distance', rawPredictionCol: 'raw' },
  manyRows: 0,
});

checkStage({
  ...base,
  Class: KnnRegression as unknown as AnyStageClass,
  ModelClass: KnnRegressionModel as unknown as AnyStageClass,
  source: 'src/regression/knn-regression.ts',
  name: 'KnnRegression, manhattan',
  params: { distanceMeasure: 'manhattan', k: 7 },
});

test.run();
