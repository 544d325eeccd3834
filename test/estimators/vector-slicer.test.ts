import { test } from 'uvu';
import { Column, Table, VectorSlicer, Vectors } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { checkStage } from './check.js';
import { dense, sparse } from './vector-columns.js';

const ids = (rows: number) => Int32Array.from({ length: rows }, (_, i) => i);

checkStage({
  name: 'VectorSlicer of dense vectors',
  Class: VectorSlicer as unknown as AnyStageClass,
  source: 'src/feature/vector-slicer.ts',
  params: { inputCol: 'x', indices: [4, 0, 2] },
  table: (rows, seed) => Table.fromColumns({ x: dense(rows, 6, seed), id: ids(rows) }),
  manyRows: 9000,
  wrong: { x: [1, 2] },
  withNull: Table.fromColumns({ x: [Vectors.dense(new Array(6).fill(1)), null] }),
  nan: {
    table: Table.fromColumns({ x: Column.dense(new Float64Array(54).fill(Number.NaN), 6) }),
    refused: false,
  },
  fewestRows: 0,
});

checkStage({
  name: 'VectorSlicer of sparse vectors',
  Class: VectorSlicer as unknown as AnyStageClass,
  source: 'src/feature/vector-slicer.ts',
  params: { inputCol: 'x', indices: [4, 0, 2] },
  table: (rows, seed) => Table.fromColumns({ x: sparse(rows, 6, seed), id: ids(rows) }),
  manyRows: 9000,
  wrong: { x: [1, 2] },
  withNull: Table.fromColumns({ x: [Vectors.sparse(6, [1], [1]), null] }),
  fewestRows: 0,
});

test.run();
