// @timeout 300
import { test } from 'uvu';
import { Column, KMeans, KMeansModel, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkStage, type StageCase } from './check.js';

const DIM = 8;

function points(rows: number, seed: number): Table {
  const random = seeded(seed);
  const values = random.f64(rows * DIM);
  return Table.fromColumns({
    id: Int32Array.from({ length: rows }, (_, i) => i),
    features: Column.dense(values, DIM),
  });
}

/** The table with another vector in row 3. */
function withVector(vector: readonly number[] | null): Table {
  const cells = points(200, 1).column('features').toArray() as unknown[];
  cells[3] = vector;
  return Table.fromColumns({ id: new Int32Array(200), features: cells }, { features: 'vector' });
}

const base: Omit<StageCase, 'name' | 'params'> = {
  Class: KMeans as unknown as AnyStageClass,
  ModelClass: KMeansModel as unknown as AnyStageClass,
  source: 'src/clustering/kmeans.ts',
  table: points,
  manyRows: 20_000,
  wrong: { features: ['a', 'b'] },
  withNull: withVector(null),
  nan: { table: withVector(new Array(DIM).fill(Number.NaN)), refused: true },
  otherSize: Table.fromColumns({ features: [[1, 2]] }, { features: 'vector' }),
  fewestRows: 5,
};

checkStage({
  ...base,
  name: 'KMeans',
  params: { k: 5, maxIter: 5, seed: 3 },
  script: `
    const values = Float64Array.from({ length: 800000 }, (_, i) => Math.sin(i));
    const table = Table.fromColumns({ features: Column.dense(values, 8) });
    await new KMeans({ k: 5, maxIter: 5 }).fit(table);
    console.log('done');`,
});

for (const distanceMeasure of ['manhattan', 'cosine']) {
  checkStage({
    ...base,
    name: `KMeans, ${distanceMeasure}`,
    params: { k: 5, maxIter: 5, seed: 3, distanceMeasure },
  });
}

/** The table with a column of weights. */
function weighed(table: Table, seed: number): Table {
  const random = seeded(seed);
  const weights = Float64Array.from({ length: table.numRows }, () => random.unit());
  return table.withColumn('w', Column.numeric(weights));
}

checkStage({
  ...base,
  name: 'KMeans, k-means||, with weights',
  params: { k: 9, maxIter: 5, seed: 3, tol: 1e-3, initMode: 'k-means||', weightCol: 'w' },
  table: (rows, seed) => weighed(points(rows, seed), seed + 1),
  wrong: { ...base.wrong, w: ['a', 'b'] },
  onlyFit: ['w'],
  withNull: weighed(withVector(null), 1),
  nan: { table: weighed(withVector(new Array(DIM).fill(Number.NaN)), 1), refused: true },
  fewestRows: 9,
});

test.run();
