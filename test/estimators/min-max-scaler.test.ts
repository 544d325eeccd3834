// @timeout 300
import { test } from 'uvu';
import { MinMaxScaler, MinMaxScalerModel } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { checkStage, type StageCase } from './check.js';
import { dense, sparse, VECTOR_INPUTS } from './vector-tables.js';

const base: Omit<StageCase, 'name' | 'params' | 'table' | 'manyRows'> = {
  Class: MinMaxScaler as unknown as AnyStageClass,
  ModelClass: MinMaxScalerModel as unknown as AnyStageClass,
  source: 'src/feature/min-max-scaler.ts',
  ...VECTOR_INPUTS,
};

checkStage({
  ...base,
  name: 'MinMaxScaler',
  params: { min: -1, max: 3 },
  table: dense,
  manyRows: 20_000,
  script: `
    const values = Float64Array.from({ length: 2000000 }, (_, i) => Math.sin(i));
    const table = Table.fromColumns({ input: Column.dense(values, 8) });
    await new MinMaxScaler().fit(table);
    console.log('done');`,
});

checkStage({
  ...base,
  name: 'MinMaxScaler, sparse',
  params: {},
  table: sparse,
  manyRows: 20_000,
});

test.run();
