// @timeout 300
import { test } from 'uvu';
import { Column, MinHashLSH, MinHashLSHModel, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkStage, type StageCase } from './check.js';

const DIM = 40;

function withIds(rows: number, input: Column): Table {
  return Table.fromColumns({ id: Int32Array.from({ length: rows }, (_, i) => i), input });
}

/** Half of the entries are zero, but never the first. */
function dense(rows: number, seed: number): Table {
  const random = seeded(seed);
  const values = random.f64(rows * DIM).map((value, at) => (at % DIM > 0 && value < 0 ? 0 : value));
  return withIds(rows, Column.dense(values, DIM));
}

/** Between one and eight items of a large space. */
function sparse(rows: number, seed: number): Table {
  const random = seeded(seed);
  const offsets = new Int32Array(rows + 1);
  const indices: number[] = [];
  for (let row = 0; row < rows; row++) {
    const items = new Set(Array.from({ length: 8 }, () => random.below(100_000)));
    indices.push(...[...items].sort((a, b) => a - b));
    offsets[row + 1] = indices.length;
  }
  const values = new Float64Array(indices.length).fill(1);
  return withIds(rows, Column.sparse(100_000, offsets, Int32Array.from(indices), values));
}

function withRow(row: readonly number[] | null): Table {
  const cells = dense(20, 1).column('input').toArray() as unknown[];
  cells[3] = row;
  return Table.fromColumns({ input: cells }, { input: 'vector' });
}

const base: Omit<StageCase, 'name' | 'table' | 'manyRows'> = {
  Class: MinHashLSH as unknown as AnyStageClass,
  ModelClass: MinHashLSHModel as unknown as AnyStageClass,
  source: 'src/feature/min-hash-lsh.ts',
  params: { seed: 5, numHashTables: 3, numHashFunctionsPerTable: 2 },
  wrong: { input: ['a', 'b'] },
  withNull: withRow(null),
  nan: { table: withRow(Array.from({ length: DIM }, () => Number.NaN)), refused: false },
  fewestRows: 1,
};

checkStage({ ...base, name: 'MinHashLSH', table: dense, manyRows: 20_000 });
checkStage({ ...base, name: 'MinHashLSH, sparse', table: sparse, manyRows: 20_000 });

test.run();
