// @timeout 300
import { test } from 'uvu';
import { LogisticRegression, LogisticRegressionModel } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { checkStage, type StageCase } from './check.js';
import { BATCHES, dense, float32, linearCase, sparse } from './linear-tables.js';

const base: Omit<StageCase, 'name' | 'params' | 'table'> = {
  ...linearCase,
  Class: LogisticRegression as unknown as AnyStageClass,
  ModelClass: LogisticRegressionModel as unknown as AnyStageClass,
  source: 'src/classification/logistic-regression.ts',
};

checkStage({
  ...base,
  name: 'LogisticRegression',
  params: { ...BATCHES, reg: 0.01, elasticNet: 0.5 },
  table: dense,
  script: `
    const values = Float64Array.from({ length: 800000 }, (_, i) => Math.sin(i));
    const label = Float64Array.from({ length: 100000 }, (_, i) => i % 2);
    const table = Table.fromColumns({ features: Column.dense(values, 8), label });
    await new LogisticRegression({ globalBatchSize: 50000, maxIter: 50 }).fit(table);
    console.log('done');`,
});

checkStage({
  ...base,
  name: 'LogisticRegression, sparse, small batches',
  params: { globalBatchSize: 100, maxIter: 60, fitIntercept: true, classWeight: { 1: 2 } },
  table: sparse,
});

checkStage({
  ...base,
  name: 'LogisticRegression, multinomial, to the minimum',
  params: { solver: 'lbfgs', multiClass: 'multinomial', fitIntercept: true, reg: 0.01 },
  table: (rows, seed) => float32(rows, seed, (_, row) => row % 3),
  fewestRows: 2,
});

test.run();
