/** Small tables of vectors, dense and sparse, and what comes of them. */
import { Column, Table, type Vector, Vectors } from '../../src/index.js';

export type Rows = readonly (readonly number[])[];

export function denseTable(rows: Rows): Table {
  return Table.fromColumns({ input: rows }, { input: 'vector' });
}

/** The rows as sparse vectors, zeros not stored. */
export function sparseTable(rows: Rows): Table {
  return Table.fromColumns({ input: rows.map((row) => Vectors.dense(row).toSparse()) });
}

/** One entry a row. */
export function columnTable(values: ArrayLike<number>): Table {
  return Table.fromColumns({ input: Column.dense(Float64Array.from(values), 1) });
}

interface Stage {
  transform(table: Table): Promise<Table>;
}

/** The vectors of the output, as arrays. */
export async function outputOf(stage: Stage, table: Table): Promise<number[][]> {
  const output = (await stage.transform(table)).column('output');
  return output.toArray().map((vector) => [...(vector as Vector).toDense().values]);
}

/** Matches a message as it stands. */
export function exactly(message: string): RegExp {
  return new RegExp(`^${message.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
}
