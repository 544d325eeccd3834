// @timeout 300
import { test } from 'uvu';
import { Column, Table, VectorIndexer, VectorIndexerModel } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkStage, type StageCase } from './check.js';

const DIM = 6;

function id(rows: number): Int32Array {
  return Int32Array.from({ length: rows }, (_, i) => i);
}

/** Entries with 1, 3, 5, ... values, and the last with as many as there are rows. */
function value(random: ReturnType<typeof seeded>, entry: number): number {
  return entry === DIM - 1 ? random.unit() : random.below(2 * entry + 1) - entry;
}

function dense(rows: number, seed: number): Table {
  const random = seeded(seed);
  const values = Float64Array.from({ length: rows * DIM }, (_, i) => value(random, i % DIM));
  return Table.fromColumns({ id: id(rows), input: Column.dense(values, DIM) });
}

/** Every other entry is stored. */
function sparse(rows: number, seed: number): Table {
  const random = seeded(seed);
  const stored = DIM / 2;
  const offsets = Int32Array.from({ length: rows + 1 }, (_, i) => i * stored);
  const indices = Int32Array.from(
    { length: rows * stored },
    (_, e) => 2 * (e % stored) + random.below(2),
  );
  const values = Float64Array.from(indices, (entry) => value(random, entry));
  return Table.fromColumns({ id: id(rows), input: Column.sparse(DIM, offsets, indices, values) });
}

/** A dense table with another vector in row 3. */
function withVector(vector: readonly number[] | null): Table {
  const cells = dense(200, 1).column('input').toArray() as unknown[];
  cells[3] = vector;
  return Table.fromColumns({ id: id(200), input: cells }, { input: 'vector' });
}

const base: Omit<StageCase, 'name' | 'table'> = {
  Class: VectorIndexer as unknown as AnyStageClass,
  ModelClass: VectorIndexerModel as unknown as AnyStageClass,
  source: 'src/feature/vector-indexer.ts',
  params: { maxCategories: 8, handleInvalid: 'keep' },
  manyRows: 9_000,
  wrong: { input: ['a', 'b'] },
  withNull: withVector(null),
  nan: { table: withVector(new Array(DIM).fill(Number.NaN)), refused: false },
  fewestRows: 1,
};

checkStage({
  ...base,
  name: 'VectorIndexer',
  table: dense,
  script: `
    const values = Float64Array.from({ length: 4000000 }, (_, i) => i % 7);
    const table = Table.fromColumns({ input: Column.dense(values, 8) });
    await new VectorIndexer().fit(table);
    console.log('done');`,
});

checkStage({ ...base, name: 'VectorIndexer, sparse', table: sparse });

test.run();
