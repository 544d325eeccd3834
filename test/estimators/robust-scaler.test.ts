// @timeout 300
import { test } from 'uvu';
import { RobustScaler, RobustScalerModel } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { checkStage, type StageCase } from './check.js';
import { dense, sparse, VECTOR_INPUTS } from './vector-tables.js';

const base: Omit<StageCase, 'name' | 'params' | 'table' | 'manyRows'> = {
  Class: RobustScaler as unknown as AnyStageClass,
  ModelClass: RobustScalerModel as unknown as AnyStageClass,
  source: 'src/feature/robust-scaler.ts',
  ...VECTOR_INPUTS,
};

checkStage({
  ...base,
  name: 'RobustScaler',
  params: { withCentering: true, lower: 0.1 },
  table: dense,
  manyRows: 20_000,
  script: `
    const values = Float64Array.from({ length: 2000000 }, (_, i) => Math.sin(i));
    const table = Table.fromColumns({ input: Column.dense(values, 8) });
    await new RobustScaler().fit(table);
    console.log('done');`,
});

checkStage({
  ...base,
  name: 'RobustScaler, sparse',
  params: {},
  table: sparse,
  manyRows: 20_000,
});

test.run();
