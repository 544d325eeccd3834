import { test } from 'uvu';
import { Column, Normalizer, Table, Vectors } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { checkStage } from './check.js';
import { dense, sparse } from './vector-columns.js';

const ids = (rows: number) => Int32Array.from({ length: rows }, (_, i) => i);

checkStage({
  name: 'Normalizer of dense vectors',
  Class: Normalizer as unknown as AnyStageClass,
  source: 'src/feature/normalizer.ts',
  params: { inputCol: 'x', p: 2 },
  table: (rows, seed) => Table.fromColumns({ x: dense(rows, 7, seed), id: ids(rows) }),
  manyRows: 9000,
  wrong: { x: [1, 2] },
  withNull: Table.fromColumns({ x: [Vectors.dense(new Array(7).fill(1)), null] }),
  nan: {
    table: Table.fromColumns({ x: Column.dense(new Float64Array(63).fill(Number.NaN), 7) }),
    refused: false,
  },
  fewestRows: 0,
});

checkStage({
  name: 'Normalizer of sparse vectors',
  Class: Normalizer as unknown as AnyStageClass,
  source: 'src/feature/normalizer.ts',
  params: { inputCol: 'x', p: 2 },
  table: (rows, seed) => Table.fromColumns({ x: sparse(rows, 7, seed), id: ids(rows) }),
  manyRows: 9000,
  wrong: { x: [1, 2] },
  withNull: Table.fromColumns({ x: [Vectors.sparse(7, [1], [1]), null] }),
  fewestRows: 0,
});

test.run();
