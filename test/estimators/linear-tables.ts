/** Tables that linear models learn from, and the battery's case of each stage. */
import { Column, Table } from '../../src/index.js';
import { seeded } from '../reference/random.js';
import type { StageCase } from './check.js';

export const DIM = 8;

/** Some label for the linear function of a row. */
export type Label = (score: number, row: number) => number;

const sign: Label = (score) => (score > 0 ? 1 : 0);

function withLabels(rows: number, features: Column, label: Label): Table {
  const numbers = features.toArray() as { toDense(): { values: Float64Array } }[];
  const scores = numbers.map((vector) =>
    vector.toDense().values.reduce((sum, x, t) => sum + x * (t - 3), 0),
  );
  return Table.fromColumns({
    id: Int32Array.from({ length: rows }, (_, i) => i),
    features,
    label: Float64Array.from(scores, label),
    weight: Int32Array.from({ length: rows }, (_, i) => i % 4),
  }).slice(0, rows);
}

/** Dense features; of the weights, those of rows 0, 4, 8, ... are 0. */
export function dense(rows: number, seed: number, label: Label = sign): Table {
  return withLabels(rows, Column.dense(seeded(seed).f64(rows * DIM), DIM), label);
}

export function float32(rows: number, seed: number, label: Label = sign): Table {
  const values = Float32Array.from(seeded(seed).f64(rows * DIM));
  return withLabels(rows, Column.dense(values, DIM), label);
}

/** Half of the entries are stored. */
export function sparse(rows: number, seed: number, label: Label = sign): Table {
  const random = seeded(seed);
  const stored = DIM / 2;
  const offsets = Int32Array.from({ length: rows + 1 }, (_, i) => i * stored);
  const indices = Int32Array.from(
    { length: rows * stored },
    (_, e) => 2 * (e % stored) + random.below(2),
  );
  const features = Column.sparse(DIM, offsets, indices, random.f64(rows * stored));
  return withLabels(rows, features, label);
}

/** A dense table with another vector in row 3. */
export function withVector(vector: readonly number[] | null, rows = 200): Table {
  const table = dense(rows, 1);
  const cells = table.column('features').toArray() as unknown[];
  cells[3] = vector;
  return table.withColumn('features', cells, 'vector');
}

/** What the battery knows of every linear stage. Without NaN, which only `fit` refuses. */
export const linearCase: Pick<
  StageCase,
  'wrong' | 'onlyFit' | 'withNull' | 'otherSize' | 'fewestRows' | 'manyRows'
> = {
  manyRows: 20_000,
  wrong: { features: ['a', 'b'], label: ['a', 'b'] },
  onlyFit: ['label'],
  withNull: withVector(null),
  otherSize: Table.fromColumns({ features: [[1, 2]] }, { features: 'vector' }),
  fewestRows: 1,
};

/** Batches that several shards of many rows have a part in. */
export const BATCHES = { globalBatchSize: 6000, maxIter: 7, learningRate: 0.5 } as const;
