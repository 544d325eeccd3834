/** Tables of vectors for the battery: from a seed, the same every time. */
import { Column, Table } from '../../src/index.js';
import { seeded } from '../reference/random.js';
import type { StageCase } from './check.js';

/** Entries of each vector. */
export const DIM = 16;

function id(rows: number): Int32Array {
  return Int32Array.from({ length: rows }, (_, i) => i);
}

export function dense(rows: number, seed: number): Table {
  const values = seeded(seed).f64(rows * DIM);
  return Table.fromColumns({ id: id(rows), input: Column.dense(values, DIM) });
}

/** Half of the entries are stored, the same number in each row. */
export function sparse(rows: number, seed: number): Table {
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
export function withVector(vector: readonly number[] | null): Table {
  const cells = dense(200, 1).column('input').toArray() as unknown[];
  cells[3] = vector;
  return Table.fromColumns({ id: id(200), input: cells }, { input: 'vector' });
}

/** What stages of vectors refuse, and that they take NaN. */
export const VECTOR_INPUTS: Pick<
  StageCase,
  'wrong' | 'withNull' | 'nan' | 'otherSize' | 'fewestRows'
> = {
  wrong: { input: ['a', 'b'] },
  withNull: withVector(null),
  nan: { table: withVector(new Array(DIM).fill(Number.NaN)), refused: false },
  otherSize: Table.fromColumns({ input: [[1, 2]] }, { input: 'vector' }),
  fewestRows: 1,
};
