// @timeout 300
import { test } from 'uvu';
import { LinearSVC, LinearSVCModel } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { checkStage, type StageCase } from './check.js';
import { BATCHES, dense, linearCase, sparse } from './linear-tables.js';

const base: Omit<StageCase, 'name' | 'params' | 'table'> = {
  ...linearCase,
  Class: LinearSVC as unknown as AnyStageClass,
  ModelClass: LinearSVCModel as unknown as AnyStageClass,
  source: 'src/classification/linear-svc.ts',
};

checkStage({
  ...base,
  name: 'LinearSVC',
  params: { ...BATCHES, classWeight: 'balanced', threshold: 0.1 },
  table: dense,
});

checkStage({
  ...base,
  name: 'LinearSVC, sparse, to the minimum',
  params: { solver: 'lbfgs', loss: 'squaredHinge', fitIntercept: true, reg: 0.1 },
  table: sparse,
});

test.run();
