// @timeout 300
import { test } from 'uvu';
import { MaxAbsScaler, MaxAbsScalerModel } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { checkStage, type StageCase } from './check.js';
import { dense, sparse, VECTOR_INPUTS } from './vector-tables.js';

const base: Omit<StageCase, 'name' | 'params' | 'table' | 'manyRows'> = {
  Class: MaxAbsScaler as unknown as AnyStageClass,
  ModelClass: MaxAbsScalerModel as unknown as AnyStageClass,
  source: 'src/feature/max-abs-scaler.ts',
  ...VECTOR_INPUTS,
};

checkStage({
  ...base,
  name: 'MaxAbsScaler',
  params: {},
  table: dense,
  manyRows: 20_000,
  script: `
    const values = Float64Array.from({ length: 2000000 }, (_, i) => Math.sin(i));
    const table = Table.fromColumns({ input: Column.dense(values, 8) });
    await new MaxAbsScaler().fit(table);
    console.log('done');`,
});

checkStage({
  ...base,
  name: 'MaxAbsScaler, sparse',
  params: {},
  table: sparse,
  manyRows: 20_000,
});

test.run();
