// @timeout 300
import { test } from 'uvu';
import { Column, IDF, IDFModel, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkStage, type StageCase } from './check.js';

const DIM = 16;

function counts(rows: number, seed: number): Float64Array {
  const random = seeded(seed);
  return Float64Array.from({ length: rows * DIM }, (_, at) =>
    random.below(DIM) < at % DIM ? random.below(5) : 0,
  );
}

function dense(rows: number, seed: number): Table {
  return Table.fromColumns({ input: Column.dense(counts(rows, seed), DIM) });
}

/** Every second entry is stored, also where it is 0. */
function sparse(rows: number, seed: number): Table {
  const stored = DIM / 2;
  const offsets = Int32Array.from({ length: rows + 1 }, (_, i) => i * stored);
  const indices = Int32Array.from({ length: rows * stored }, (_, e) => 2 * (e % stored));
  const values = counts(rows, seed).subarray(0, rows * stored);
  return Table.fromColumns({ input: Column.sparse(DIM, offsets, indices, values) });
}

function withVector(vector: readonly number[] | null): Table {
  const cells = dense(200, 1).column('input').toArray() as unknown[];
  cells[3] = vector;
  return Table.fromColumns({ input: cells }, { input: 'vector' });
}

const base: Omit<StageCase, 'name' | 'table'> = {
  Class: IDF as unknown as AnyStageClass,
  ModelClass: IDFModel as unknown as AnyStageClass,
  source: 'src/feature/idf.ts',
  params: { minDocFreq: 2 },
  manyRows: 20_000,
  wrong: { input: ['a', 'b'] },
  withNull: withVector(null),
  nan: { table: withVector(new Array(DIM).fill(Number.NaN)), refused: false },
  otherSize: Table.fromColumns({ input: [[1, 2]] }, { input: 'vector' }),
  fewestRows: 1,
};

checkStage({
  ...base,
  name: 'IDF',
  table: dense,
  script: `
    const values = Float64Array.from({ length: 4000000 }, (_, i) => i % 3);
    await new IDF().fit(Table.fromColumns({ input: Column.dense(values, 8) }));
    console.log('done');`,
});

checkStage({ ...base, name: 'IDF, sparse', table: sparse });

test.run();
