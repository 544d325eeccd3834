// @timeout 300
import { test } from 'uvu';
import {
  Column,
  Table,
  UnivariateFeatureSelector,
  UnivariateFeatureSelectorModel,
} from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkStage, type StageCase } from './check.js';

const DIM = 8;

/** Feature t is the label times a strength that depends on the seed, and noise. */
function dense(rows: number, seed: number): Table {
  const random = seeded(seed);
  const label = Int32Array.from({ length: rows }, (_, row) =>
    row < 3 ? row % 2 : random.below(3),
  );
  const values = new Float64Array(rows * DIM);
  for (let at = 0; at < values.length; at++) {
    const strength = ((at + seed) % DIM) / 4;
    values[at] = label[Math.floor(at / DIM)]! * strength + random.unit() * 4;
  }
  return Table.fromColumns({ features: Column.dense(values, DIM), label });
}

function sparse(rows: number, seed: number): Table {
  const table = dense(rows, seed);
  const cells = table.column('features', 'vector').toArray();
  const rounded = cells.map((vector) => {
    vector!.values.forEach((value, t) => {
      vector!.values[t] = Math.floor(value);
    });
    return vector!.toSparse();
  });
  return table.withColumn('features', rounded);
}

function withVector(vector: readonly number[] | null): Table {
  const table = dense(200, 1);
  const cells = table.column('features').toArray() as unknown[];
  cells[3] = vector;
  return table.withColumn('features', cells as never, 'vector');
}

const base: Omit<StageCase, 'name' | 'params' | 'table'> = {
  Class: UnivariateFeatureSelector as unknown as AnyStageClass,
  ModelClass: UnivariateFeatureSelectorModel as unknown as AnyStageClass,
  source: 'src/feature/univariate-feature-selector.ts',
  manyRows: 10_000,
  wrong: { features: [1, 2], label: ['a', 'b'] },
  onlyFit: ['label'],
  withNull: withVector(null),
  nan: { table: withVector(new Array(DIM).fill(Number.NaN)), refused: false },
  fewestRows: 3,
};

checkStage({
  ...base,
  name: 'UnivariateFeatureSelector',
  params: { featureType: 'continuous', labelType: 'categorical', selectionThreshold: 3 },
  table: dense,
});

checkStage({
  ...base,
  name: 'UnivariateFeatureSelector, sparse categories',
  params: {
    featureType: 'categorical',
    labelType: 'categorical',
    selectionMode: 'percentile',
    selectionThreshold: 0.5,
  },
  table: sparse,
  fewestRows: 1,
});

test.run();
