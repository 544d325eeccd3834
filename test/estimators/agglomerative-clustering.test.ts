// @timeout 300
import { test } from 'uvu';
import { AgglomerativeClustering, Column, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkOperator } from './check-operator.js';
import * as vectors from './vector-columns.js';

const DIM = 6;
const MANY_ROWS = 700;

function withIds(features: Column): Table {
  return Table.fromColumns({
    id: Int32Array.from({ length: features.length }, (_, i) => i),
    features,
  });
}

const dense = (rows: number, seed: number): Table => withIds(vectors.dense(rows, DIM, seed));
const sparse = (rows: number, seed: number): Table => withIds(vectors.sparse(rows, DIM, seed));

/** Points of a small grid, many of them twice. */
function tied(rows: number, seed: number): Table {
  const random = seeded(seed);
  const values = Float64Array.from({ length: rows * 2 }, () => 1 + random.below(9));
  return withIds(Column.dense(values, 2));
}

/** A dense table with another vector in row 3. */
function withVector(vector: readonly number[] | null): Table {
  const table = dense(200, 1);
  const cells = table.column('features').toArray() as unknown[];
  cells[3] = vector;
  return table.withColumn('features', cells as never, 'vector');
}

const base = {
  Class: AgglomerativeClustering as unknown as AnyStageClass,
  source: 'src/clustering/agglomerative-clustering.ts',
  manyRows: MANY_ROWS,
  wrong: { features: ['a', 'b'] },
  withNull: { features: withVector(null) },
  nan: { table: withVector(new Array(DIM).fill(Number.NaN)), refused: true },
  fewestRows: 0,
};

checkOperator({
  ...base,
  name: 'AgglomerativeClustering, ward',
  params: { numClusters: 5, computeFullTree: true },
  table: dense,
  script: `
    const values = Float64Array.from({ length: 24000 }, (_, i) => Math.sin(i * i));
    const table = Table.fromColumns({ features: Column.dense(values, 8) });
    await new AgglomerativeClustering().transform(table);
    console.log('done');`,
});
checkOperator({
  ...base,
  name: 'AgglomerativeClustering, average of manhattan distances with ties, by windows',
  params: {
    ...{ linkage: 'average', distanceMeasure: 'manhattan', numClusters: null },
    ...{
      distanceThreshold: 4,
      windows: { kind: 'CountTumblingWindows', size: 60, partial: 'emit' },
    },
  },
  table: tied,
});
checkOperator({
  ...base,
  name: 'AgglomerativeClustering, single, sparse',
  params: { linkage: 'single', numClusters: 4, computeFullTree: true },
  table: sparse,
});

test.run();
