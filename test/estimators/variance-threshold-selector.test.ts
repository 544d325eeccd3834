// @timeout 300
import { test } from 'uvu';
import { VarianceThresholdSelector, VarianceThresholdSelectorModel } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { checkStage, type StageCase } from './check.js';
import { dense, sparse, VECTOR_INPUTS } from './vector-tables.js';

const base: Omit<StageCase, 'name' | 'params' | 'table' | 'manyRows'> = {
  Class: VarianceThresholdSelector as unknown as AnyStageClass,
  ModelClass: VarianceThresholdSelectorModel as unknown as AnyStageClass,
  source: 'src/feature/variance-threshold-selector.ts',
  ...VECTOR_INPUTS,
};

checkStage({
  ...base,
  name: 'VarianceThresholdSelector',
  params: { varianceThreshold: 0.333 },
  table: dense,
  manyRows: 20_000,
  script: `
    const values = Float64Array.from({ length: 2000000 }, (_, i) => Math.sin(i));
    const table = Table.fromColumns({ input: Column.dense(values, 8) });
    await new VarianceThresholdSelector().fit(table);
    console.log('done');`,
});

checkStage({
  ...base,
  name: 'VarianceThresholdSelector, sparse',
  params: { varianceThreshold: 0.2 },
  table: sparse,
  manyRows: 20_000,
});

test.run();
