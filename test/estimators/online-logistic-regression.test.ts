// @timeout 300
import { test } from 'uvu';
import {
  Column,
  OnlineLogisticRegression,
  OnlineLogisticRegressionModel,
  Table,
} from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkStage, type StageCase } from './check.js';

const DIM = 128;

function withLabels(rows: number, seed: number, features: Column): Table {
  const random = seeded(seed + 1000);
  return Table.fromColumns({
    id: Int32Array.from({ length: rows }, (_, i) => i),
    features,
    label: Float64Array.from({ length: rows }, () => random.below(2)),
  });
}

function dense(rows: number, seed: number): Table {
  return withLabels(rows, seed, Column.dense(seeded(seed).f64(rows * DIM), DIM));
}

/** Half of the entries are stored. */
function sparse(rows: number, seed: number): Table {
  const random = seeded(seed);
  const stored = DIM / 2;
  const offsets = Int32Array.from({ length: rows + 1 }, (_, i) => i * stored);
  const indices = Int32Array.from(
    { length: rows * stored },
    (_, e) => 2 * (e % stored) + random.below(2),
  );
  return withLabels(rows, seed, Column.sparse(DIM, offsets, indices, random.f64(rows * stored)));
}

/** A dense table with another vector in row 3. */
function withVector(vector: readonly number[] | null): Table {
  const table = dense(200, 1);
  const cells = table.column('features').toArray() as unknown[];
  cells[3] = vector;
  return table.withColumn('features', cells, 'vector');
}

const base: Omit<StageCase, 'name' | 'table' | 'manyRows'> = {
  Class: OnlineLogisticRegression as unknown as AnyStageClass,
  ModelClass: OnlineLogisticRegressionModel as unknown as AnyStageClass,
  source: 'src/classification/online-logistic-regression.ts',
  params: { globalBatchSize: 50, reg: 0.01, elasticNet: 0.5 },
  wrong: { features: ['a', 'b'], label: ['a', 'b'] },
  onlyFit: ['label'],
  withNull: withVector(null),
  otherSize: Table.fromColumns({ features: [[1, 2]] }, { features: 'vector' }),
  fewestRows: 50,
};

checkStage({
  ...base,
  name: 'OnlineLogisticRegression',
  table: dense,
  manyRows: 16_000,
  script: `
    const features = Column.dense(Float64Array.from({ length: 400000 }, (_, i) => Math.sin(i)), 8);
    const label = Float64Array.from({ length: 50000 }, (_, i) => i % 2);
    const table = Table.fromColumns({ features, label });
    await new OnlineLogisticRegression().fit(table);
    console.log('done');`,
});

checkStage({
  ...base,
  name: 'OnlineLogisticRegression, sparse',
  table: sparse,
  manyRows: 0,
});

test.run();
