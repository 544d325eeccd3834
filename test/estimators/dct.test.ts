import { test } from 'uvu';
import { Column, DCT, Table, Vectors } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { checkStage } from './check.js';
import { dense, sparse } from './vector-columns.js';

const ids = (rows: number) => Int32Array.from({ length: rows }, (_, i) => i);

checkStage({
  name: 'DCT of dense vectors',
  Class: DCT as unknown as AnyStageClass,
  source: 'src/feature/dct.ts',
  params: { inputCol: 'x' },
  table: (rows, seed) => Table.fromColumns({ x: dense(rows, 12, seed), id: ids(rows) }),
  manyRows: 9000,
  wrong: { x: [1, 2] },
  withNull: Table.fromColumns({ x: [Vectors.dense(new Array(12).fill(1)), null] }),
  nan: {
    table: Table.fromColumns({ x: Column.dense(new Float64Array(108).fill(Number.NaN), 12) }),
    refused: false,
  },
  fewestRows: 0,
});

checkStage({
  name: 'DCT of sparse vectors',
  Class: DCT as unknown as AnyStageClass,
  source: 'src/feature/dct.ts',
  params: { inputCol: 'x' },
  table: (rows, seed) => Table.fromColumns({ x: sparse(rows, 12, seed), id: ids(rows) }),
  manyRows: 9000,
  wrong: { x: [1, 2] },
  withNull: Table.fromColumns({ x: [Vectors.sparse(12, [1], [1]), null] }),
  fewestRows: 0,
});

test.run();
