// @timeout 300
import { test } from 'uvu';
import { KBinsDiscretizer, KBinsDiscretizerModel } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { checkStage, type StageCase } from './check.js';
import { dense, sparse, VECTOR_INPUTS } from './vector-tables.js';

const base: Omit<StageCase, 'name' | 'params' | 'table' | 'manyRows'> = {
  Class: KBinsDiscretizer as unknown as AnyStageClass,
  ModelClass: KBinsDiscretizerModel as unknown as AnyStageClass,
  source: 'src/feature/k-bins-discretizer.ts',
  ...VECTOR_INPUTS,
};

checkStage({
  ...base,
  name: 'KBinsDiscretizer',
  params: {},
  table: dense,
  manyRows: 20_000,
  script: `
    const values = Float64Array.from({ length: 2000000 }, (_, i) => Math.sin(i));
    const table = Table.fromColumns({ input: Column.dense(values, 8) });
    await new KBinsDiscretizer().fit(table);
    console.log('done');`,
});

checkStage({
  ...base,
  name: 'KBinsDiscretizer, uniform',
  params: { strategy: 'uniform', numBins: 12 },
  table: sparse,
  manyRows: 20_000,
});

checkStage({
  ...base,
  name: 'KBinsDiscretizer, kmeans',
  params: { strategy: 'kmeans', subSamples: 18_000 },
  table: dense,
  manyRows: 20_000,
});

test.run();
