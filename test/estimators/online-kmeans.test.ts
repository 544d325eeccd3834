// @timeout 300
import { test } from 'uvu';
import { Column, OnlineKMeans, OnlineKMeansModel, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkStage, type StageCase } from './check.js';

const DIM = 16;

function withIds(rows: number, features: Column): Table {
  return Table.fromColumns({ id: Int32Array.from({ length: rows }, (_, i) => i), features });
}

/** Points around 8 corners. */
function dense(rows: number, seed: number): Table {
  const random = seeded(seed);
  const values = random.f64(rows * DIM);
  for (let row = 0; row < rows; row++) {
    const corner = random.below(8);
    for (let bit = 0; bit < 3; bit++) values[row * DIM + bit]! += ((corner >> bit) & 1) * 8;
  }
  return withIds(rows, Column.dense(values, DIM));
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
  return withIds(rows, Column.sparse(DIM, offsets, indices, random.f64(rows * stored)));
}

function withRow(row: readonly number[] | null): Table {
  const cells = dense(200, 1).column('features').toArray() as unknown[];
  cells[3] = row;
  return Table.fromColumns({ features: cells }, { features: 'vector' });
}

const base: Omit<StageCase, 'name' | 'table' | 'manyRows'> = {
  Class: OnlineKMeans as unknown as AnyStageClass,
  ModelClass: OnlineKMeansModel as unknown as AnyStageClass,
  source: 'src/clustering/online-kmeans.ts',
  params: { k: 8, globalBatchSize: 50, decayFactor: 0.75, modelVersionCol: 'version' },
  wrong: { features: ['a', 'b'] },
  withNull: withRow(null),
  otherSize: Table.fromColumns({ features: [[1, 2]] }, { features: 'vector' }),
  nan: { table: withRow(Array.from({ length: DIM }, () => Number.NaN)), refused: true },
  fewestRows: 50,
};

checkStage({
  ...base,
  name: 'OnlineKMeans',
  table: dense,
  manyRows: 20_000,
  script: `
    const features = Column.dense(Float64Array.from({ length: 400000 }, (_, i) => Math.sin(i)), 8);
    await new OnlineKMeans({ k: 3 }).fit(Table.fromColumns({ features }));
    console.log('done');`,
});
checkStage({
  ...base,
  name: 'OnlineKMeans, sparse, cosine',
  table: sparse,
  manyRows: 0,
  params: { k: 4, globalBatchSize: 50, distanceMeasure: 'cosine' },
});

test.run();
