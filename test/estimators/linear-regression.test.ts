// @timeout 300
import { test } from 'uvu';
import { LinearRegression, LinearRegressionModel } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { checkStage, type StageCase } from './check.js';
import { BATCHES, dense, float32, type Label, linearCase } from './linear-tables.js';

const itself: Label = (score) => score;

const base: Omit<StageCase, 'name' | 'params' | 'table'> = {
  ...linearCase,
  Class: LinearRegression as unknown as AnyStageClass,
  ModelClass: LinearRegressionModel as unknown as AnyStageClass,
  source: 'src/regression/linear-regression.ts',
};

checkStage({
  ...base,
  name: 'LinearRegression',
  params: { ...BATCHES, fitIntercept: true },
  table: (rows, seed) => float32(rows, seed, itself),
});

checkStage({
  ...base,
  name: 'LinearRegression, to the minimum',
  params: { solver: 'lbfgs', reg: 0.1, elasticNet: 0.5, standardization: true },
  table: (rows, seed) => dense(rows, seed, itself),
});

test.run();
