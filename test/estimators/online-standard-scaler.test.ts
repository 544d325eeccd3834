// @timeout 300
import { test } from 'uvu';
import { Column, OnlineStandardScaler, OnlineStandardScalerModel, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkStage, type StageCase } from './check.js';

const DIM = 16;

function withIds(rows: number, input: Column): Table {
  return Table.fromColumns({ id: Int32Array.from({ length: rows }, (_, i) => i), input });
}

function dense(rows: number, seed: number): Table {
  return withIds(rows, Column.dense(seeded(seed).f64(rows * DIM), DIM));
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
  const cells = dense(20, 1).column('input').toArray() as unknown[];
  cells[3] = row;
  return Table.fromColumns({ input: cells }, { input: 'vector' });
}

/** It learns on the calling thread whatever the rows. */
const base: Omit<StageCase, 'name' | 'table' | 'manyRows'> = {
  Class: OnlineStandardScaler as unknown as AnyStageClass,
  ModelClass: OnlineStandardScalerModel as unknown as AnyStageClass,
  source: 'src/feature/online-standard-scaler.ts',
  params: { withMean: true },
  wrong: { input: ['a', 'b'] },
  withNull: withRow(null),
  otherSize: Table.fromColumns({ input: [[1, 2]] }, { input: 'vector' }),
  nan: { table: withRow(Array.from({ length: DIM }, () => Number.NaN)), refused: false },
  fewestRows: 1,
};

checkStage({
  ...base,
  name: 'OnlineStandardScaler',
  table: dense,
  manyRows: 0,
  script: `
    const input = Column.dense(Float64Array.from({ length: 400000 }, (_, i) => Math.sin(i)), 8);
    await new OnlineStandardScaler().fit(Table.fromColumns({ input }));
    console.log('done');`,
});
checkStage({
  ...base,
  name: 'OnlineStandardScaler, sparse',
  table: sparse,
  manyRows: 0,
  params: { windows: { kind: 'CountTumblingWindows', size: 7, partial: 'emit' } },
});

test.run();
