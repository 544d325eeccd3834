import { test } from 'uvu';
import { Column, ElementwiseProduct, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { checkStage } from './check.js';
import { dense, sparse } from './vector-columns.js';

const ids = (rows: number) => Int32Array.from({ length: rows }, (_, i) => i);

checkStage({
  name: 'ElementwiseProduct of dense vectors',
  Class: ElementwiseProduct as unknown as AnyStageClass,
  source: 'src/feature/elementwise-product.ts',
  params: { inputCol: 'x', scalingVec: [1.5, 0, -2, 3, 0.1] },
  table: (rows, seed) => Table.fromColumns({ x: dense(rows, 5, seed), id: ids(rows) }),
  manyRows: 9000,
  wrong: { x: [1, 2] },
  otherSize: Table.fromColumns({ x: dense(5, 6, 1) }),
  nan: {
    table: Table.fromColumns({ x: Column.dense(new Float64Array(45).fill(Number.NaN), 5) }),
    refused: false,
  },
  fewestRows: 0,
});

checkStage({
  name: 'ElementwiseProduct of sparse vectors',
  Class: ElementwiseProduct as unknown as AnyStageClass,
  source: 'src/feature/elementwise-product.ts',
  params: { inputCol: 'x', scalingVec: [1.5, 0, -2, 3, 0.1] },
  table: (rows, seed) => Table.fromColumns({ x: sparse(rows, 5, seed), id: ids(rows) }),
  manyRows: 9000,
  wrong: { x: [1, 2] },
  otherSize: Table.fromColumns({ x: sparse(5, 6, 1) }),
  fewestRows: 0,
});

test.run();
