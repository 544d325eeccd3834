// @timeout 300
import { test } from 'uvu';
import { Column, StandardScaler, StandardScalerModel, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkStage, type StageCase } from './check.js';

const DIM = 16;

function id(rows: number): Int32Array {
  return Int32Array.from({ length: rows }, (_, i) => i);
}

function dense(rows: number, seed: number): Table {
  const values = seeded(seed).f64(rows * DIM);
  return Table.fromColumns({ id: id(rows), input: Column.dense(values, DIM) });
}

/** Half of the entries are stored, the same number in each row. */
function sparse(rows: number, seed: number): Table {
  const random = seeded(seed);
  const stored = DIM / 2;
  const offsets = Int32Array.from({ length: rows + 1 }, (_, i) => i * stored);
  const indices = Int32Array.from(
    { length: rows * stored },
    (_, e) => 2 * (e % stored) + random.below(2),
  );
  const values = random.f64(rows * stored);
  return Table.fromColumns({
    id: id(rows),
    input: Column.sparse(DIM, offsets, indices, values),
  });
}

/** A dense table with another vector in row 3. */
function withVector(vector: readonly number[] | null): Table {
  const cells = dense(200, 1).column('input').toArray() as unknown[];
  cells[3] = vector;
  return Table.fromColumns({ id: id(200), input: cells }, { input: 'vector' });
}

const base: Omit<StageCase, 'name' | 'params' | 'table' | 'manyRows'> = {
  Class: StandardScaler as unknown as AnyStageClass,
  ModelClass: StandardScalerModel as unknown as AnyStageClass,
  source: 'src/feature/standard-scaler.ts',
  wrong: { input: ['a', 'b'] },
  withNull: withVector(null),
  nan: { table: withVector(new Array(DIM).fill(Number.NaN)), refused: false },
  otherSize: Table.fromColumns({ input: [[1, 2]] }, { input: 'vector' }),
  fewestRows: 1,
};

checkStage({
  ...base,
  name: 'StandardScaler',
  params: { withMean: true },
  table: dense,
  manyRows: 20_000,
  script: `
    const values = Float64Array.from({ length: 4000000 }, (_, i) => Math.sin(i));
    const table = Table.fromColumns({ input: Column.dense(values, 8) });
    await new StandardScaler().fit(table);
    console.log('done');`,
});

checkStage({
  ...base,
  name: 'StandardScaler, sparse',
  params: {},
  table: sparse,
  manyRows: 20_000,
});

checkStage({
  ...base,
  name: 'StandardScaler, sparse made dense',
  params: { withMean: true },
  table: sparse,
  manyRows: 20_000,
});

test.run();
